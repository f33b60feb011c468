"""The API object: authentication, strict parsing, problems, OpenAPI 3.1."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from chengdan.kernel.http.bodies import StrictParser
from chengdan.kernel.http.problems import CONTENT_TYPE, handlers_add
from chengdan.kernel.http.routing import api_routers
from chengdan.kernel.http.security import SessionAuth, TokenAuth

DESCRIPTION = """Everything a person can do with documents, for programs.

Exact numbers are texts. Lists are read page by page with `cursor` and `limit`. Acts take an
`Idempotency-Key`, so that a repeated request does its work once, and the version of the document
as `expected_version` or `If-Match`. Refusals are problem+json with a stable `code`.
"""


class ChengdanAPI(NinjaAPI):
    """ninja's API, whose description says that refusals are problem+json."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> OpenAPISchema:
        """Return the description with the content type of refusals put right."""
        schema = super().get_openapi_schema(*args, **kwargs)
        for operations in schema.get("paths", {}).values():
            for operation in operations.values():
                _refusals_mark(operation.get("responses", {}))
        return schema


def _refusals_mark(responses: dict[Any, Any]) -> None:
    for status, answer in responses.items():
        content = answer.get("content", {})
        if str(status).startswith("4") and "application/json" in content:
            content[CONTENT_TYPE] = content.pop("application/json")


def _description_offer(api: NinjaAPI) -> None:
    """Describe the API to its callers alone: the description is dear to make."""

    def description(request: HttpRequest) -> Any:
        return api.get_openapi_schema()

    description.permission = ""  # type: ignore[attr-defined]
    api.get("/openapi.json", include_in_schema=False)(description)


def api_make(namespace: str = "api-v1") -> NinjaAPI:
    """Return the API with every registered router mounted."""
    api = ChengdanAPI(
        title="Chengdan",
        version="1",
        description=DESCRIPTION,
        auth=[TokenAuth(), SessionAuth()],
        parser=StrictParser(),
        docs_url=None,
        openapi_url=None,
        urls_namespace=namespace,
    )
    handlers_add(api)
    _description_offer(api)
    for room, router in api_routers():
        api.add_router(f"/{room}", router)
    return api
