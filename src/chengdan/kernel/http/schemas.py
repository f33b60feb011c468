"""Types that schemas of rooms are made of: strict input, exact numbers as text, pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import AfterValidator as After
from pydantic import AwareDatetime, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic import BeforeValidator as Before

from chengdan.kernel.days import YEAR_FIRST, YEAR_LAST, day_is_usual, day_read

T = TypeVar("T")
ID_MAX = 2**63 - 1
_YEARS = {"first": YEAR_FIRST, "last": YEAR_LAST}
_DECIMAL_PATTERN = r"^-?[0-9]{1,18}(\.[0-9]{1,9})?$"


class StrictSchema(Schema):
    """Input: an unknown field is refused. Texts are clean, for the body was read by `json_read`."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class OutSchema(Schema):
    """Output, read from attributes of models."""

    model_config = ConfigDict(from_attributes=True)


def _decimal_in(value: Any) -> Any:
    if isinstance(value, bool | float):
        raise ValueError(_("Send an exact number, as text."))  # noqa: TRY004  pydantic expects it
    if isinstance(value, str) and not (value.isascii() and len(value) <= 40 and "_" not in value):
        raise ValueError(_("Send an exact number, as text."))
    return value


def _decimal_text(value: Decimal) -> str:
    return format(value, "f")


def _day_in(value: Any) -> Any:
    """Take days as texts alone; pydantic would read a number as seconds since 1970."""
    found = day_read(value) if isinstance(value, str) else value
    if type(found) is not date:
        raise ValueError(_("Send a day as YYYY-MM-DD, from %(first)s to %(last)s.") % _YEARS)
    return found


def _instant_in(value: Any) -> Any:
    if not isinstance(value, str | datetime):
        raise ValueError(_("Send an instant as text, with its offset."))  # noqa: TRY004  as above
    return value


def _instant_usual(value: datetime) -> datetime:
    if not day_is_usual(value.date()):
        raise ValueError(_("The year lies between %(first)s and %(last)s.") % _YEARS)
    return value


def exact(places: int, *, example: str, **bounds: Any) -> Any:
    """Return the type of an exact number, text in JSON.

    Args:
        places: decimals accepted.
        bounds: `ge`, `gt`, `le`, `lt`.
    """
    schema = {"type": "string", "pattern": _DECIMAL_PATTERN, "examples": [example]}
    return Annotated[
        Decimal,
        Before(_decimal_in),
        Field(max_digits=18, decimal_places=places, allow_inf_nan=False, **bounds),
        PlainSerializer(_decimal_text, return_type=str),
        WithJsonSchema(schema),
    ]


Amount = exact(4, example="1250.00")
Price = exact(6, example="12.5", ge=0)
Quantity = exact(6, example="10")
Rate = exact(6, example="0.13")
Share = exact(6, example="0.13", ge=0, le=1)
Percent = exact(4, example="5", ge=0, le=100)
Id = Annotated[int, Field(ge=1, le=ID_MAX, examples=[1])]
Version = Annotated[int, Field(ge=0, le=ID_MAX, description="Refused with 409 when outdated.")]
Day = Annotated[date, Before(_day_in)]
Instant = Annotated[AwareDatetime, Before(_instant_in), After(_instant_usual)]
# A shorter text is an annotation of its own: what `= Field(max_length=…)` says of a `Line` is
# not heard, for the annotation has said it before.
Text = Annotated[str, Field(max_length=2000)]
Line = Annotated[str, Field(max_length=200)]
Reason = Annotated[str, Field(max_length=300)]


class VersionIn(StrictSchema):
    """The version that the caller saw."""

    expected_version: Version | None = None


def fields_of(payload: Schema) -> dict[str, Any]:
    """Return the values of an input; `model_dump` would turn exact numbers into texts."""
    return {name: getattr(payload, name) for name in type(payload).model_fields}


def made_into(draft: Callable[..., Any]) -> After:
    """Let a schema arrive as the draft that services take; for `Annotated[PickIn, …]`."""
    return After(lambda payload: draft(**fields_of(payload)))


class Page(OutSchema, Generic[T]):
    """One page of a list; follow `next` until it is null."""

    items: list[T]
    next: str | None = Field(default=None, description="Cursor of the next page.")
