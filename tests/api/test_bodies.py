"""What bodies may hold: texts that their columns take, days that are days, parts that are drafts.

A text wider than its column is cut off by SQLite's silence or refused by PostgreSQL as a fault.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from pydantic import ValidationError

from chengdan.kernel.http.schemas import Day, Instant, StrictSchema

ROOMS = ("customers", "catalog", "credit", "quota", "process", "orders", "shipping", "billing")
# What a body keeps under another name, or in another room.
ELSEWHERE = {
    ("customers", "CustomerIn", "duplicate_reason"): "kernel.AuditEntry.reason",
    ("customers", "CustomerChange", "duplicate_reason"): "kernel.AuditEntry.reason",
    ("customers", "AddressIn", "division_code"): "customers.Address.area_code",
    ("customers", "ReasonIn", "reason"): "customers.Customer.status_reason",
    ("customers", "CustomerValues", "name"): "customers.Customer.name",
    ("customers", "CustomerValues", "note"): "customers.Customer.note",
    ("customers", "ContactIn", "note"): "customers.Contact.note",
    ("catalog", "UnitIn", "code"): "catalog.UnitOfMeasure.code",
    ("catalog", "UnitIn", "name"): "catalog.UnitOfMeasure.name",
    ("catalog", "CategoryIn", "code"): "catalog.Category.code",
    ("catalog", "CategoryIn", "name"): "catalog.Category.name",
    ("catalog", "CategoryIn", "parent_code"): "catalog.Category.code",
    ("catalog", "CategoryChange", "name"): "catalog.Category.name",
    ("catalog", "PriceListIn", "code"): "catalog.PriceList.code",
    ("catalog", "PriceListIn", "name"): "catalog.PriceList.name",
    ("catalog", "ProductIn", "code"): "catalog.Product.code",
    ("catalog", "ProductIn", "name"): "catalog.Product.name",
    ("catalog", "ProductPatch", "name"): "catalog.Product.name",
    ("credit", "ProposalIn", "reason"): "credit.LimitChange.reason",
    ("credit", "ApprovalIn", "comment"): "credit.LimitChange.comment",
    ("credit", "RefusalIn", "comment"): "credit.LimitChange.comment",
    ("process", "HandOverIn", "reason"): "kernel.AuditEntry.reason",
    ("process", "ReopenIn", "reason"): "kernel.AuditEntry.reason",
    ("process", "WithdrawIn", "reason"): "kernel.AuditEntry.reason",
    ("process", "DecisionIn", "return_to"): "kernel.AuditEntry.reason",
    ("orders", "AcceptIn", "memo"): "orders.OrderMemo.text",
    ("orders", "OrderIn", "note"): "orders.Order.note",
    ("orders", "ReasonIn", "reason"): "orders.Order.hold_reason",
    ("orders", "AmendIn", "reason"): "orders.Amendment.reason",
    ("orders", "SpecialIn", "reason"): "orders.SpecialTreatment.reason",
    ("orders", "ShortfallIn", "reason"): "credit.CreditEntry.release_reason",
    ("shipping", "CheckIn", "comment"): "kernel.AuditEntry.reason",
    ("billing", "DeliverIn", "how"): "billing.Invoice.delivered_how",
    ("billing", "ReceiptIn", "account"): "billing.Receipt.account",
}


def texts_of(room: str) -> Iterator[tuple[type[StrictSchema], str, int]]:
    """Yield (body, field, characters taken) of the room's own texts."""
    for schema in sorted(_below(StrictSchema), key=lambda found: found.__name__):
        if not schema.__module__.startswith(f"chengdan.modules.{room}."):
            continue
        described = schema.model_json_schema()["properties"]
        for name in set(schema.__annotations__) & set(described):
            kinds = described[name].get("anyOf", [described[name]])
            for kind in kinds:
                is_free = kind.get("type") == "string" and not {"enum", "format", "pattern",
                                                                "const"} & set(kind)  # fmt: skip
                if is_free:
                    yield schema, name, kind.get("maxLength", 10**9)


def _below(schema: type[StrictSchema]) -> Iterator[type[StrictSchema]]:
    for found in schema.__subclasses__():
        yield found
        yield from _below(found)


def width_of(room: str, schema: str, name: str) -> int | None:
    """Return how many characters the narrowest column of the name takes; None for any number."""
    where = ELSEWHERE.get((room, schema, name))
    if where is not None:
        label, _dot, column = where.rpartition(".")
        return _width(apps.get_model(label)._meta.get_field(column))
    found = [
        _width(field)
        for model in apps.get_app_config(room).get_models()
        for field in model._meta.concrete_fields
        if field.name == name and isinstance(field, models.CharField | models.TextField)
    ]
    assert found, f"{schema}.{name} of {room}: say in ELSEWHERE where it is kept"
    return min((width for width in found if width is not None), default=None)


def _width(field: Any) -> int | None:
    return None if isinstance(field, models.TextField) else field.max_length


@pytest.mark.parametrize("room", ROOMS)
def test_no_text_of_a_body_is_wider_than_its_column(room: str) -> None:
    from chengdan.config import api  # noqa: F401  it loads the bodies of every room

    found = list(texts_of(room))
    wide = [
        f"{schema.__name__}.{name}: {most} > {width}"
        for schema, name, most in found
        if (width := width_of(room, schema.__name__, name)) is not None and most > width
    ]
    assert wide == []
    assert len(found) > 1


class Body(StrictSchema):
    day: Day | None = None
    at: Instant | None = None


@pytest.mark.parametrize(
    "values",
    [
        {"day": 0}, {"day": 20261130}, {"day": "0"}, {"day": "20261130"}, {"day": True},
        {"day": "2026-11-30T00:00:00"}, {"day": "0001-01-01"}, {"day": "9999-12-31"},
        {"at": 0}, {"at": 1e10}, {"at": "2026-11-30T08:00:00"},
        {"at": "0001-01-01T00:00:00+14:00"}, {"at": "9999-12-31T23:59:59-12:00"},
    ],
)  # fmt: skip
def test_a_number_is_no_day_and_no_instant_lies_beyond_the_calendar(values: Any) -> None:
    with pytest.raises(ValidationError):
        Body.model_validate(values)
    good = Body.model_validate({"day": "2026-11-30", "at": "2026-11-30T08:00:00+08:00"})
    assert str(good.day) == "2026-11-30"
    assert good.at is not None
