"""Reading JSON from strangers: exact numbers, no doubles, bounded depth, clean text."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.errors import HttpError
from ninja.parser import Parser
from ninja.types import DictStrAny

DEPTH_MAX = 32
DIGITS_MAX = 40
_TEXTS = re.compile(r'"(?:[^"\\]|\\.)*+"')


class BodyError(ValueError):
    """The body is no JSON that we take."""


def json_read(data: bytes) -> Any:
    """Return the value of a JSON text; numbers with a point become Decimal.

    Raises:
        BodyError: not UTF-8, NaN or Infinity, a name twice, too deep, numbers without end, NUL
            characters or halves of characters.
    """
    try:
        text = data.decode("utf-8")
        _depth_check(text)
        value = json.loads(
            text,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as error:
        raise BodyError(str(error)[:200]) from None
    _text_check(value)
    return value


def _depth_check(text: str) -> None:
    """Refuse deep nesting before the parser meets it; those inside texts are none."""
    if text.count("[") + text.count("{") <= DEPTH_MAX:
        return
    depth = 0
    for mark in re.findall(r"[\[{\]}]", _TEXTS.sub("", text)):
        depth += 1 if mark in "[{" else -1
        if depth > DEPTH_MAX:
            raise BodyError("nested too deeply")


def _decimal(text: str) -> Decimal:
    if len(text) > DIGITS_MAX:
        raise BodyError("a number is too long")
    number = Decimal(text)
    if number and abs(number.adjusted()) > DIGITS_MAX:
        raise BodyError("a number is out of range")
    return number


def _integer(text: str) -> int:
    if len(text) > DIGITS_MAX:
        raise BodyError("a number is too long")
    return int(text)


def _constant(text: str) -> float:
    raise BodyError(f"{text} is not a number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise BodyError("a name stands twice")
    return made


def text_is_clean(text: str) -> bool:
    """True without NUL and without halves of characters, which no database stores alike."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _text_check(value: Any) -> None:
    if isinstance(value, str):
        if not text_is_clean(value):
            raise BodyError("a text holds forbidden characters")
    elif isinstance(value, dict):
        for name, item in value.items():
            _text_check(name)
            _text_check(item)
    elif isinstance(value, list):
        for item in value:
            _text_check(item)


class StrictParser(Parser):
    """ninja's parser with our JSON; queries with forbidden characters are refused, too."""

    def parse_querydict(
        self, data: MultiValueDict[str, str], list_fields: list[str], request: HttpRequest
    ) -> DictStrAny:
        """Return the values of the query."""
        if not all(text_is_clean(text) for name in data for text in (name, *data.getlist(name))):
            raise HttpError(400, "the query holds forbidden characters")
        return super().parse_querydict(data, list_fields, request)

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the value of the body."""
        try:
            return json_read(request.body)
        except BodyError as error:
            raise HttpError(400, str(error)) from None
