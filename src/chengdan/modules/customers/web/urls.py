"""Addresses below /customers/."""

from django.urls import path

from chengdan.modules.customers.web import acts, belongings, edit, lists, pickers, show

app_name = "customers"
urlpatterns = [
    path("", lists.CustomerList.as_view(), name="list"),
    path("new/", edit.create, name="create"),
    path("preview/", edit.preview, name="preview"),
    path("pick/", pickers.pick, name="pick"),
    path("divisions/<int:level>/", pickers.division_pick, name="divisions"),
    path("shipping-check/", lists.StaleShippingList.as_view(), name="shipping_stale"),
    path("shipping-check/confirm/", lists.shipping_confirm_many, name="shipping_confirm_many"),
    path("activate/", lists.activate_many, name="activate_many"),
    path("hand-over/", lists.hand_over_many, name="hand_over_many"),
    path("<int:pk>/", show.show, name="show"),
    path("<int:pk>/edit/", edit.edit, name="edit"),
    path("<int:pk>/activate/", acts.activate, name="activate"),
    path("<int:pk>/resume/", acts.resume, name="resume"),
    path("<int:pk>/suspend/", acts.suspend, name="suspend"),
    path("<int:pk>/close/", acts.close, name="close"),
    path("<int:pk>/reopen/", acts.reopen, name="reopen"),
    path("<int:pk>/hand-over/", acts.hand_over, name="hand_over"),
    path("<int:pk>/shipping/", belongings.shipping, name="shipping"),
    path("<int:pk>/shipping/confirm/", belongings.shipping_confirm, name="shipping_confirm"),
    path("<int:pk>/invoicing/", belongings.tax_title, name="tax_title"),
    path("<int:pk>/contacts/new/", belongings.contact_add, name="contact_add"),
    path("<int:pk>/addresses/new/", belongings.address_add, name="address_add"),
    path("contacts/<int:pk>/", belongings.contact_edit, name="contact_edit"),
    path("contacts/<int:pk>/remove/", belongings.contact_remove, name="contact_remove"),
    path("contacts/<int:pk>/reveal/", belongings.contact_reveal, name="contact_reveal"),
    path("addresses/<int:pk>/", belongings.address_edit, name="address_edit"),
    path("addresses/<int:pk>/default/", belongings.address_default, name="address_default"),
    path("addresses/<int:pk>/remove/", belongings.address_remove, name="address_remove"),
    path("addresses/<int:pk>/reveal/", belongings.address_reveal, name="address_reveal"),
]
