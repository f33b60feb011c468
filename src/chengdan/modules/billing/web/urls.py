"""Addresses of the room, below /billing/."""

from django.urls import path

from chengdan.modules.billing.web import (
    acts,
    invoices,
    listing,
    printing,
    receipts,
    remittances,
    reports,
)

app_name = "billing"

urlpatterns = [
    path("", listing.InvoiceList.as_view(), name="invoices"),
    path("worklist/", listing.WorkList.as_view(), name="worklist"),
    path("none/", acts.none_pick, name="none"),
    path("requests/new/", acts.request_new, name="request"),
    path("requests/new/<int:customer_id>/", acts.request_of, name="request_of"),
    path("invoices/issue/", acts.issue_many, name="issue_many"),
    path("invoices/<int:pk>/", invoices.invoice_show, name="invoice"),
    path("invoices/<int:pk>/print/", printing.invoice_print, name="print"),
    path("invoices/<int:pk>/submit/", acts.invoice_submit, name="submit"),
    path("invoices/<int:pk>/issue/", acts.invoice_issue, name="issue"),
    path("invoices/<int:pk>/deliver/", acts.invoice_deliver, name="deliver"),
    path("invoices/<int:pk>/collect/", acts.invoice_collect, name="collect"),
    path("invoices/<int:pk>/cancel/", acts.invoice_cancel, name="cancel"),
    path("invoices/<int:pk>/reverse/", acts.invoice_reverse, name="reverse"),
    path("receipts/", listing.ReceiptList.as_view(), name="receipts"),
    path("receipts/new/", receipts.receipt_register, name="register"),
    path("receipts/day/", reports.day_show, name="day"),
    path("receipts/confirm/", receipts.confirm_many, name="confirm_many"),
    path("receipts/orders/", receipts.order_pick, name="order_pick"),
    path("receipts/<int:pk>/", receipts.receipt_show, name="receipt"),
    path("receipts/<int:pk>/correct/", receipts.receipt_correct, name="receipt_correct"),
    path("receipts/<int:pk>/confirm/", receipts.receipt_confirm, name="confirm"),
    path("receipts/<int:pk>/reverse/", receipts.receipt_reverse, name="receipt_reverse"),
    path("receipts/<int:pk>/earmark/", receipts.receipt_earmark, name="earmark"),
    path(
        "receipts/<int:pk>/earmark/<int:order_id>/back/",
        receipts.receipt_unearmark,
        name="unearmark",
    ),
    path("receipts/<int:pk>/allocate/", receipts.receipt_allocate, name="allocate"),
    path("receipts/<int:pk>/allocate/preview/", receipts.allocate_preview, name="allocate_preview"),
    path(
        "receipts/<int:pk>/invoices/<int:invoice_id>/back/",
        receipts.receipt_unallocate,
        name="unallocate",
    ),
    path("aging/", reports.aging_show, name="aging"),
    path("aging/file/", reports.aging_file, name="aging_file"),
    path("rate/", reports.rate_show, name="rate"),
    path("remittances/", remittances.RemittanceList.as_view(), name="remittances"),
    path("customers/<int:customer_id>/", reports.customer_show, name="customer"),
]
