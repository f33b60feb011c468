"""Addresses below /orders/."""

from django.urls import path

from chengdan.modules.orders.web import (
    acts,
    amend,
    autosave,
    entry,
    listing,
    more,
    paper,
    show,
    tower,
)

app_name = "orders"
urlpatterns = [
    path("", listing.OrderList.as_view(), name="list"),
    path("new/", entry.create, name="create"),
    path("autosave/", autosave.autosave, name="autosave"),
    path("preview/", entry.preview, name="preview"),
    path("pick-product/", entry.product_pick, name="product_pick"),
    path("accept/", acts.accept_many, name="accept_many"),
    path("tower/", tower.tower, name="tower"),
    path("amendments/<int:pk>/", amend.amendment, name="amendment"),
    path("<int:pk>/", show.show, name="show"),
    path("<int:pk>/edit/", entry.edit, name="edit"),
    path("<int:pk>/copy/", entry.copy, name="copy"),
    path("<int:pk>/submit/", acts.submit, name="submit"),
    path("<int:pk>/accept/", acts.accept, name="accept"),
    path("<int:pk>/special/", acts.special, name="special"),
    path("<int:pk>/pay-first/", acts.pay_first, name="pay_first"),
    path("<int:pk>/shortfall/", acts.shortfall, name="shortfall"),
    path("<int:pk>/print/", acts.print_bill, name="print_bill"),
    path("<int:pk>/hand-over/", acts.hand_over, name="hand_over"),
    path("<int:pk>/hold/", acts.hold, name="hold"),
    path("<int:pk>/resume/", acts.resume, name="resume"),
    path("<int:pk>/cancel/", acts.cancel, name="cancel"),
    path("<int:pk>/close/", acts.close, name="close"),
    path("<int:pk>/reopen/", acts.reopen, name="reopen"),
    path("<int:pk>/amend/", amend.amend, name="amend"),
    path("<int:pk>/amend/preview/", amend.amend_preview, name="amend_preview"),
    path("<int:pk>/why/", more.why, name="why"),
    path("<int:pk>/paper/", paper.paper, name="paper"),
    path("<int:pk>/history/", more.history, name="history"),
]
