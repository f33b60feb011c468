"""What histories call the fields of credit accounts and limits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_fields_register, audit_names_register
from chengdan.modules.credit.models import Account, LimitChange


def _account_names(ids: Collection[Any]) -> Mapping[Any, str]:
    rows = Account.objects.filter(pk__in=ids).select_related("customer")
    return {row.pk: str(row.customer) for row in rows}


def _change_names(ids: Collection[Any]) -> Mapping[Any, str]:
    rows = LimitChange.objects.filter(pk__in=ids).select_related("account__customer")
    return {row.pk: str(row.account.customer) for row in rows}


audit_names_register("credit.account", _account_names)
audit_names_register("credit.limitchange", _change_names)
audit_fields_register(
    "credit.account",
    titles={
        "amount": _("amount"), "released_by": _("released by"), "source": _("document"),
        "until": _("counts until"),
    },
    ids={"released_by": "people.user"},
    amounts=("amount",),
)  # fmt: skip
audit_fields_register(
    "credit.limitchange", titles={"customer": _("Customer")}, ids={"customer": "customers.customer"}
)
