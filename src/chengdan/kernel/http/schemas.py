"""Types that schemas of rooms are made of: strict input, exact numbers as text, pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic import BeforeValidator as Before

from chengdan.kernel.http.bodies import text_is_clean

T = TypeVar("T")
ID_MAX = 2**63 - 1
_DECIMAL_PATTERN = r"^-?[0-9]{1,18}(\.[0-9]{1,9})?$"


class StrictSchema(Schema):
    """Input: an unknown field is refused, nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class OutSchema(Schema):
    """Output, read from attributes of models."""

    model_config = ConfigDict(from_attributes=True)


def _decimal_in(value: Any) -> Any:
    if isinstance(value, bool | float):
        raise ValueError("send exact numbers as text")  # noqa: TRY004  pydantic expects it
    if isinstance(value, str) and not (value.isascii() and len(value) <= 40 and "_" not in value):
        raise ValueError("not a number")
    return value


def _decimal_text(value: Decimal) -> str:
    return format(value, "f")


def _clean(value: str) -> str:
    if not text_is_clean(value):
        raise ValueError("forbidden characters")
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
Id = Annotated[int, Field(ge=1, le=ID_MAX, examples=[1])]
Version = Annotated[int, Field(ge=0, le=ID_MAX, description="Refused with 409 when outdated.")]
Text = Annotated[str, AfterValidator(_clean), Field(max_length=2000)]
Line = Annotated[str, AfterValidator(_clean), Field(max_length=200)]


class Page(OutSchema, Generic[T]):
    """One page of a list; follow `next` until it is null."""

    items: list[T]
    next: str | None = Field(default=None, description="Cursor of the next page.")
