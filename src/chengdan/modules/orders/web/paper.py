"""The printed order."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from chengdan.kernel.downloads import disposition
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import page
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.access import access_order_for_view
from chengdan.modules.orders.printing import order_pdf


@page(permission=words.VIEW)
def paper(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Answer the order's delivery note as PDF, shown in the browser."""
    order = access_order_for_view(actor_of(request), pk)
    site = request.build_absolute_uri("/").rstrip("/")
    response = HttpResponse(order_pdf(order, site=site), content_type="application/pdf")
    plain = f"order-{order.pk}.pdf"
    name = f"{order.number}.pdf" if order.number else plain
    response["Content-Disposition"] = disposition(name, plain=plain, is_shown=True)
    return response
