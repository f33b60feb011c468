"""Decisions about customers on plain values: normal forms, due dates, duplicates, masking."""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

import phonenumbers
from stdnum.cn import uscc as stdnum_uscc
from stdnum.exceptions import ValidationError as StdnumError

from chengdan.kernel.pinyin import text_fold

BASIS_INVOICE = "invoice"
BASIS_MONTH_END = "month_end"

# Longest first, so that 股份有限公司 goes before 有限公司.
_LEGAL_FORMS = (
    "有限责任公司", "股份有限公司", "有限公司", "责任公司", "股份公司", "集团公司",
    "总公司", "分公司", "公司", "股份", "集团",
)  # fmt: skip
_LEGAL_WORDS = re.compile(
    r"\b(co|company|corp|corporation|inc|incorporated|ltd|limited|llc|plc|gmbh|ag|sa|bv|kk)\b"
)
_NOT_WORD = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\D+")
_EXTENSION = re.compile(r"\s*(转|轉|分机|分機)\s*")
_HOST = re.compile(r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")


def name_normalise(name: str) -> str:
    """Return the part of a company name that tells companies apart.

    Width, case, traditional characters, punctuation, brackets, blanks and the legal form are
    dropped. A name that is nothing but a legal form keeps it, so the result is empty only for
    an empty name.

    Source: decisions.md §7 (duplicates by normalised company name).
    """
    folded = text_fold(name)
    packed = _NOT_WORD.sub("", _LEGAL_WORDS.sub(" ", folded))
    core = packed
    for form in _LEGAL_FORMS:
        core = core.replace(form, "")
    return core or packed or _NOT_WORD.sub("", folded) or folded


def code_pack(text: str) -> str:
    """Return a credit code, tax number or account in half-width capitals without separators."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"[\s-]+", "", plain)


def uscc_is_valid(code: str) -> bool:
    """True when length, alphabet, region part and check digit are right (GB 32100-2015)."""
    try:
        stdnum_uscc.validate(code)
    except StdnumError:
        return False
    return True


def is_china(country: str) -> bool:
    """True for a customer of mainland China; no country means there."""
    return country in {"", "CN"}


def country_is_known(country: str) -> bool:
    """True for the two capital letters of a country (ISO 3166-1) that has telephones."""
    return country in phonenumbers.SUPPORTED_REGIONS


def tax_number_is_likely(number: str, country: str) -> bool:
    """True for a packed number of the form that the country's tax offices give.

    In China a company's is its credit code; older ones and those of persons have 15 to 20 places.
    """
    if is_china(country):
        return re.fullmatch(r"[0-9A-Z]{15,20}", number) is not None
    return re.fullmatch(r"[0-9A-Z./]{4,30}", number) is not None


def bank_account_is_likely(account: str) -> bool:
    """True for a packed account: digits in China, up to 34 places as an IBAN has elsewhere."""
    return re.fullmatch(r"[0-9A-Z]{6,34}", account) is not None


def phone_normalise(text: str, region: str = "CN") -> str:
    """Return a phone number as +country and digits, "" for "".

    Args:
        region: two-letter country assumed for numbers without a country code.

    Raises:
        ValueError: no such number can exist.
    """
    plain = _EXTENSION.sub("x", unicodedata.normalize("NFKC", text).strip())
    if not plain:
        return ""
    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException as error:
        raise ValueError(text) from error
    if not phonenumbers.is_possible_number(number):
        raise ValueError(text)
    written = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return f"{written};ext={number.extension}" if number.extension else written


def domain_normalise(text: str) -> str:
    """Return the host of a web or mail address without "www.", "" when there is none.

    Raises:
        ValueError: not a host name.
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if not plain:
        return ""
    host = plain.split("://", 1)[-1].split("/", 1)[0].rsplit("@", 1)[-1].split(":", 1)[0]
    host = host.removeprefix("www.").strip(".")
    ascii_host = host.encode("idna").decode("ascii") if host else ""
    if not _HOST.match(ascii_host):
        raise ValueError(text)
    return host


def due_on(
    start: date, term_days: int, *, basis: str = BASIS_INVOICE, pays_first: bool = False
) -> date:
    """Return the day on which an invoice of `start` falls due.

    Args:
        start: the invoice's date.
        term_days: payment term in calendar days, >= 0.
        basis: "invoice" counts from the invoice's date, "month_end" from the last day of its
            month (月结).
        pays_first: nothing is given on credit, so it is due at once.

    Raises:
        ValueError: a negative term or an unknown basis; a caller bug.

    Source: CRD-14.
    """
    if term_days < 0:
        raise ValueError("a payment term is not negative")
    if basis not in {BASIS_INVOICE, BASIS_MONTH_END}:
        raise ValueError(f"unknown basis {basis!r}")
    if pays_first:
        return start
    if basis == BASIS_MONTH_END:
        start = start.replace(day=calendar.monthrange(start.year, start.month)[1])
    return start + timedelta(days=term_days)


@dataclass(frozen=True, slots=True)
class Identity:
    """What two records of one company have in common, in normal form; "" = unknown."""

    name: str = ""
    uscc: str = ""
    phone: str = ""
    domain: str = ""


def duplicate_grounds(one: Identity, other: Identity) -> list[str]:
    """Return why two records may be the same company: any of name, uscc, phone, domain."""
    return [
        ground
        for ground in ("uscc", "name", "phone", "domain")
        if getattr(one, ground) and getattr(one, ground) == getattr(other, ground)
    ]


def activation_missing(
    *,
    payment_term_days: int | None,
    owner_id: int | None,
    territory_member_id: int | None,
    slt_member_id: int | None,
) -> list[str]:
    """Return what a customer still lacks of the single values it must carry.

    The credit limit is the fourth; the credit room registers that check itself.

    Args:
        territory_member_id: who of the leadership team answers for the market of its territory;
            from the market come the people of its orders, too.

    Source: ORG-17, ORG-18.
    """
    asked = {
        "payment_term": payment_term_days,
        "responsible": owner_id,
        "territory": territory_member_id,
        "slt_member": slt_member_id,
    }
    return [name for name, value in asked.items() if value is None]


def is_stale(checked_on: date | None, today: date, interval_months: int) -> bool:
    """True when shipping data were last checked before the present period of months.

    Args:
        checked_on: last check; None = never.
        interval_months: 1 means once in every calendar month.

    Source: SHP-05 (kept and updated monthly).
    """
    if checked_on is None:
        return True
    months = (today.year - checked_on.year) * 12 + today.month - checked_on.month
    return months >= interval_months


def mask_phone(phone: str) -> str:
    """Return a phone number with all but its first digits and the last two hidden."""
    if not phone:
        return ""
    digits = _DIGITS.sub("", phone)
    if len(digits) < 7:
        return "*" * len(digits)
    head = 5 if phone.startswith("+") else 3
    return f"{'+' if phone.startswith('+') else ''}{digits[:head]}****{digits[-2:]}"


def mask_email(email: str) -> str:
    """Return a mail address with all but the first letter of its name hidden."""
    if not email:
        return ""
    name, _at, host = email.partition("@")
    return f"{name[:1]}***@{host}" if host else f"{name[:1]}***"


def mask_text(text: str) -> str:
    """Return a text such as a street line with all but its first three characters hidden."""
    return f"{text[:3]}***" if text else ""


def phone_display(phone: str) -> str:
    """Return a stored number as people write it: Chinese ones without the country code."""
    if not phone:
        return ""
    number, _semicolon, extension = phone.partition(";ext=")
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return phone
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if parsed.country_code == 86
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    written = str(phonenumbers.format_number(parsed, style))
    return f"{written}-{extension}" if extension else written
