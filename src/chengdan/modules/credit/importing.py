"""Credit limits from files: a column of the customers, and a kind of its own for later loads."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import ForbiddenError
from chengdan.kernel.importing import (
    Column,
    ImportKind,
    ImportRow,
    RowResult,
    RowState,
    import_kind_register,
)
from chengdan.kernel.importing.bulk import unknown_issue
from chengdan.modules.credit.models import Account
from chengdan.modules.credit.services import LimitRow, credit_limits_load
from chengdan.modules.credit.vocabulary import LOAD
from chengdan.modules.customers.importing import ImportPart, customer_import_part_register
from chengdan.modules.customers.selectors import customer_ids_by_codes
from chengdan.modules.people.access import can

LIMIT = Column(
    "credit_limit",
    gettext_lazy("Credit limit"),
    "decimal",
    places=2,
    minimum=Decimal(0),
    maximum=Decimal(10) ** 12,
    example="100000",
    control=True,
    help=gettext_lazy(
        "Gross, in the company's currency; empty means “pay first” for a new customer and leaves "
        "the limit of a known one."
    ),
)


def limits_of_customers(actor: Actor, rows: Sequence[tuple[int, ImportRow]]) -> None:
    """Load the limits that customers bring along; those without stay as they are.

    Raises:
        ForbiddenError: the actor may not load limits.
    """
    wanted = {pk: row.values["credit_limit"] for pk, row in rows if row.is_given("credit_limit")}
    if wanted and not can(actor, LOAD):
        raise ForbiddenError(_("The row has a credit limit, which you have no right to load."))
    _load(actor, wanted, _("Import"))


def _load(actor: Actor, wanted: dict[int, Decimal | None], reason: str) -> set[int]:
    """Load the limits that differ; return whose."""
    accounts = Account.objects.filter(pk__in=wanted)
    known = dict(accounts.values_list("pk", "limit"))
    changed = [
        LimitRow(pk, limit) for pk, limit in wanted.items() if pk not in known or known[pk] != limit
    ]
    if changed:
        credit_limits_load(actor=actor, rows=changed, reason=reason)
    return {row.customer_id for row in changed}


def limits_apply(actor: Actor, rows: list[ImportRow]) -> list[RowResult]:
    """Load the limits of a chunk; an empty one opens an account that pays first."""
    ids = customer_ids_by_codes(actor.company_id or 0, [row.values["customer"] for row in rows])
    wanted = {ids[row.values["customer"]]: row for row in rows if row.values["customer"] in ids}
    known_ids = set(Account.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    changed: set[int] = set()
    reasons: dict[str, dict[int, Decimal | None]] = {}
    for pk, row in wanted.items():
        if pk in known_ids and not row.is_given("credit_limit"):
            continue
        reasons.setdefault(row.values["reason"] or _("Import"), {})[pk] = row.values["credit_limit"]
    for reason, limits in reasons.items():
        changed |= _load(actor, limits, reason)
    results = []
    for row in rows:
        known = ids.get(row.values["customer"])
        if known is None:
            issue = unknown_issue(row, "customer", row.values["customer"])
            results.append(RowResult.rejected(issue, key=row.key))
            continue
        state = RowState.UPDATED if known in changed else RowState.SKIPPED
        results.append(RowResult(state, row.key, target_id=known))
    return results


customer_import_part_register(ImportPart("credit", [LIMIT], limits_of_customers))
import_kind_register(
    ImportKind(
        code="credit_limits",
        title=gettext_lazy("Credit limits"),
        permission=LOAD,
        columns=[
            Column("customer", gettext_lazy("Customer"), "reference", required=True,
                   example="C0001", max_length=40, help=gettext_lazy("Code of the customer.")),
            LIMIT,
            Column("reason", gettext_lazy("Reason"), max_length=300),
        ],
        key_columns=["customer"],
        apply=limits_apply,
        targets=["credit.account"],
        order=20,
        help=gettext_lazy("Opening limits, put in force at once. Changes later are proposed."),
    )
)  # fmt: skip
