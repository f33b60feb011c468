"""Words of the API: rights, figures, audit codes, refusals."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_declare
from chengdan.kernel.errors import DomainError
from chengdan.kernel.parameters import parameter_declare
from chengdan.kernel.permissions import permission_declare

PERMISSION_TOKEN_OWN = permission_declare("kernel.token:own", _("Make own API tokens"))

AUDIT_TOKEN_ISSUED = audit_declare("kernel.token.issued", _("API token “%(name)s” made"))
AUDIT_TOKEN_REVOKED = audit_declare("kernel.token.revoked", _("API token “%(name)s” withdrawn"))

RATE_PER_MINUTE = parameter_declare(
    "kernel.api_requests_per_minute",
    kind=int,
    default=600,
    title=_("API requests per minute and token"),
    minimum=1,
    maximum=1_000_000,
)
TOKEN_DAYS_MAX = parameter_declare(
    "kernel.api_token_days_max",
    kind=int,
    default=365,
    title=_("Longest life of an API token in days"),
    minimum=1,
    maximum=3650,
)


class TooManyRequestsError(DomainError):
    """The token has used up its requests of this minute."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    default_code = "too_many_requests"
    default_message = _("Too many requests. Try again in a minute.")
