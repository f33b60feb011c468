"""Addresses of the room, below /credit/."""

from django.urls import path

from chengdan.modules.credit.web import limits, pages

app_name = "credit"

urlpatterns = [
    path("", pages.AccountList.as_view(), name="list"),
    path("<int:customer_id>/", pages.account_show, name="show"),
    path("<int:customer_id>/entries/", pages.EntryList.as_view(), name="entries"),
    path("<int:customer_id>/what-if/", pages.account_whatif, name="whatif"),
    path("<int:customer_id>/limit/", limits.limit_propose, name="propose"),
    path("limits/<int:pk>/", limits.change_show, name="change"),
    path("limits/<int:pk>/approve/", limits.limit_approve, name="approve"),
    path("limits/<int:pk>/refuse/", limits.limit_refuse, name="refuse"),
    path("limits/<int:pk>/approve/lent/", limits.limit_approve_lent, name="approve_lent"),
    path("limits/<int:pk>/refuse/lent/", limits.limit_refuse_lent, name="refuse_lent"),
    path("limits/<int:pk>/withdraw/", limits.limit_withdraw, name="withdraw"),
]
