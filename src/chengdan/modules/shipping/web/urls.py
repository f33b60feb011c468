"""Addresses of the room, below /shipping/."""

from django.urls import path

from chengdan.modules.shipping.web import acts, backlog, picking, show, stock, warehouses
from chengdan.modules.shipping.web.listing import NoteList

app_name = "shipping"

urlpatterns = [
    path("notes/", NoteList.as_view(), name="list"),
    path("notes/direct/", backlog.direct, name="direct"),
    path("notes/<int:pk>/", show.show, name="show"),
    path("notes/<int:pk>/carrier/", acts.carrier, name="carrier"),
    path("notes/<int:pk>/pick/", picking.pick, name="pick"),
    path("notes/<int:pk>/check/", acts.check, name="check"),
    path("notes/<int:pk>/check/refuse/", acts.check_refuse, name="check_refuse"),
    path("notes/<int:pk>/dispatch/", acts.dispatch, name="dispatch"),
    path("notes/<int:pk>/feedback/", acts.feedback, name="feedback"),
    path("notes/<int:pk>/confirm/", acts.confirm, name="confirm"),
    path("notes/<int:pk>/cancel/", acts.cancel, name="cancel"),
    path("notes/<int:pk>/reverse/", acts.reverse_note, name="reverse"),
    path("notes/<int:pk>/print/", backlog.print_note, name="print"),
    path("backlog/", backlog.backlog, name="backlog"),
    path("backlog/make/", backlog.make, name="make"),
    path("pick/products/", backlog.product_pick, name="product_pick"),
    path("stock/", stock.StockList.as_view(), name="stock"),
    path("stock/lots/<int:pk>/", stock.lot, name="lot"),
    path("stock/documents/", stock.StockDocumentList.as_view(), name="stock_documents"),
    path("stock/documents/new/", stock.stock_new, name="stock_new"),
    path("stock/documents/<int:pk>/", stock.stock_document, name="stock_document"),
    path("stock/documents/<int:pk>/post/", stock.stock_post, name="stock_post"),
    path("stock/documents/<int:pk>/reverse/", stock.stock_reverse, name="stock_reverse"),
    path("warehouses/", warehouses.warehouses, name="warehouses"),
    path("warehouses/new/", warehouses.warehouse_new, name="warehouse_new"),
    path("warehouses/<int:pk>/", warehouses.warehouse, name="warehouse"),
]
