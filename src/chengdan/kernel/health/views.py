"""Doors for probes."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from chengdan.kernel.health.checks import checks_run
from chengdan.kernel.ui.pages import public_page


@public_page(reason="probe of the process; says nothing but that it lives")
def health_live(request: HttpRequest) -> HttpResponseBase:
    """Answer while the process serves at all."""
    return _fresh(JsonResponse({"status": "ok"}))


@public_page(reason="probe of the installation; names checks, no data")
def health_ready(request: HttpRequest) -> HttpResponseBase:
    """Answer 200 when everything fatal is right, else 503."""
    results = checks_run()
    is_ready = all(result.is_right or not result.is_fatal for result in results)
    checks = {result.name: {"ok": result.is_right, "detail": result.detail} for result in results}
    body = {"status": "ok" if is_ready else "not ready", "checks": checks}
    return _fresh(JsonResponse(body, status=200 if is_ready else 503))


def _fresh(response: JsonResponse) -> JsonResponse:
    response["Cache-Control"] = "no-store"
    return response
