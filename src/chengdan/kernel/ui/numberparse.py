"""Numbers as people type and paste them: full-width digits, thousands separators, minus signs.

Accepted exactly or refused with a reason; nothing is guessed (`1,5` may be 1.5 or 15).
"""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MAX_DIGITS = 18

_TRANSLATED = str.maketrans("０１２３４５６７８９．，＋－−", "0123456789.,+--")
_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


class NumberError(ValueError):
    """A text that is not one exact number; `message` says why in the reader's language."""

    def __init__(self, code: str, message: str | Promise) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


def parse_number(
    text: str,
    *,
    places: int,
    minimum: Decimal | None = None,
    maximum: Decimal | None = None,
) -> Decimal:
    """Return the exact number a person typed.

    Args:
        text: digits (half or full width), optional minus, thousands separators, one point.
        places: decimal places allowed; more is refused, never rounded.
        minimum: smallest accepted value, inclusive.
        maximum: largest accepted value, inclusive.

    Raises:
        NumberError: codes `number`, `places`, `digits`, `minimum`, `maximum`.

    Source: reliability B5.
    """
    cleaned = text.strip().translate(_TRANSLATED)
    if not (_PLAIN.fullmatch(cleaned) or _GROUPED.fullmatch(cleaned)):
        raise NumberError("number", _("Enter a number such as 1,234.5."))
    digits = cleaned.replace(",", "").lstrip("-")
    whole, _point, fraction = digits.partition(".")
    fraction = fraction.rstrip("0")
    if len(fraction) > places:
        raise NumberError("places", _("At most %(places)s decimal places.") % {"places": places})
    if len(whole.lstrip("0")) + places > MAX_DIGITS:
        raise NumberError("digits", _("This number is too long."))
    value = Decimal(f"{whole}.{fraction or '0'}")
    if cleaned.startswith("-"):
        if value == 0:
            raise NumberError("number", _("Enter a number such as 1,234.5."))
        value = -value
    _check_range(value, minimum, maximum)
    return value.quantize(Decimal(1).scaleb(-places)) if places else value.to_integral_value()


def parse_percent(text: str, *, places: int) -> Decimal:
    """Return the share that a person typed as percent: 0.13 for `13`, `13%` and `13 %`.

    A number below 1 needs the sign: `0.13` alone may be 13 % or 0.13 %.

    Args:
        places: decimal places of the percent; more is refused, never rounded.

    Raises:
        NumberError: as `parse_number`, within 0 and 100 percent; `percent` where the sign lacks.
    """
    cleaned = text.strip().replace("％", "%")
    figure = cleaned.removesuffix("%").strip()
    value = parse_number(figure, places=places, minimum=Decimal(0), maximum=Decimal(100))
    if cleaned == figure and 0 < value < 1:
        words = {"typed": figure, "share": f"{(value * 100).normalize():f}"}
        told = _("This can mean %(share)s %% or %(typed)s %%: write it with the percent sign.")
        raise NumberError("percent", told % words)
    return value.scaleb(-2)


def _check_range(value: Decimal, minimum: Decimal | None, maximum: Decimal | None) -> None:
    if minimum is not None and value < minimum:
        raise NumberError("minimum", _("Must be at least %(limit)s.") % {"limit": minimum})
    if maximum is not None and value > maximum:
        raise NumberError("maximum", _("Must be at most %(limit)s.") % {"limit": maximum})
