"""Normal forms, due dates, duplicates and masks of customers, without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengdan.modules.customers import rules, transitions

CODES = st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17)
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize(
    "spelling",
    [
        "广州市和兴食品有限公司",
        "广州市和兴食品股份有限公司",
        "廣州市和興食品有限公司",
        "广州市（和兴）食品 有限公司",
        "广州市(和兴)食品有限责任公司",
        "  广州市和兴食品　有限公司",
    ],
)
def test_spellings_of_one_company_have_one_normal_form(spelling: str) -> None:
    assert rules.name_normalise(spelling) == "广州市和兴食品"


def test_a_latin_name_loses_width_case_points_and_legal_form() -> None:
    assert rules.name_normalise("ＡＣＭＥ Trading Co., Ltd.") == "acmetrading"


@pytest.mark.parametrize("name", ["有限公司", "公司", "Ltd."])
def test_a_name_of_nothing_but_a_legal_form_is_not_emptied(name: str) -> None:
    assert rules.name_normalise(name)


@given(st.text(min_size=1, max_size=60))
def test_a_normal_form_stays_as_it_is(name: str) -> None:
    once = rules.name_normalise(name)
    assert rules.name_normalise(once) == rules.name_normalise(rules.name_normalise(once))


def _check_character(first: str) -> str:
    total = sum(ALPHABET.index(sign) * pow(3, index, 31) for index, sign in enumerate(first))
    return ALPHABET[-total % 31]


@given(st.text("0123456789", min_size=17, max_size=17))
def test_only_one_last_character_makes_a_credit_code_right(digits: str) -> None:
    """The standard's own arithmetic, written apart from the library that the rule uses."""
    body = "91" + digits[2:]
    right = _check_character(body)
    assert rules.uscc_is_valid(body + right)
    wrong = ALPHABET[(ALPHABET.index(right) + 1) % 31]
    assert not rules.uscc_is_valid(body + wrong)


@pytest.mark.parametrize("code", ["", "123", "91440101MA5AKJ0X2I", "91440101MA5AKJ0X2PX"])
def test_other_lengths_and_letters_are_no_credit_code(code: str) -> None:
    assert not rules.uscc_is_valid(code)


def test_a_credit_code_is_read_in_any_width_and_case() -> None:
    assert rules.code_pack(" ９１１１0000-600037341l ") == "91110000600037341L"
    assert rules.uscc_is_valid("91110000600037341L")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("13800138000", "+8613800138000"),
        ("１３８ ００１３ ８０００", "+8613800138000"),
        ("+86 138-0013-8000", "+8613800138000"),
        ("020-8888 8888", "+862088888888"),
        ("010-88888888转801", "+861088888888;ext=801"),
        ("+1 212 555 0100", "+12125550100"),
        ("", ""),
    ],
)
def test_phones_are_kept_in_one_form(typed: str, stored: str) -> None:
    assert rules.phone_normalise(typed) == stored


@pytest.mark.parametrize("typed", ["12", "电话", "1" * 30])
def test_what_is_no_phone_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=typed[:2]):
        rules.phone_normalise(typed)


@given(st.integers(13000000000, 13999999999))
def test_a_mask_hides_the_middle_of_a_phone(number: int) -> None:
    stored = rules.phone_normalise(str(number))
    masked = rules.mask_phone(stored)
    assert "****" in masked
    assert str(number)[3:9] not in masked
    assert masked.endswith(str(number)[-2:])


def test_masks_of_mails_and_texts() -> None:
    assert rules.mask_email("liming@example.com") == "l***@example.com"
    assert rules.mask_email("") == ""
    assert rules.mask_text("天河路一号") == "天河路***"


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("https://www.Hexing.cn/a?b", "hexing.cn"),
        ("sales@hexing.cn", "hexing.cn"),
        ("和兴.中国", "和兴.中国"),
        ("", ""),
    ],
)
def test_domains_are_kept_as_hosts(typed: str, host: str) -> None:
    assert rules.domain_normalise(typed) == host


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 3650))
def test_a_term_from_the_invoice_counts_calendar_days(start: date, days: int) -> None:
    assert rules.due_on(start, days) == start + timedelta(days=days)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 3650))
def test_a_term_from_the_end_of_the_month_is_never_earlier(start: date, days: int) -> None:
    due = rules.due_on(start, days, basis=rules.BASIS_MONTH_END)
    last = due - timedelta(days=days)
    assert (last.year, last.month) == (start.year, start.month)
    assert (last + timedelta(days=1)).day == 1


def test_who_pays_first_owes_at_once() -> None:
    assert rules.due_on(date(2026, 11, 16), 30, pays_first=True) == date(2026, 11, 16)


def test_a_term_of_the_end_of_february_in_a_leap_year() -> None:
    due = rules.due_on(date(2028, 2, 3), 30, basis=rules.BASIS_MONTH_END)
    assert due == date(2028, 3, 30)


@pytest.mark.parametrize(("days", "basis"), [(-1, "invoice"), (1, "moon")])
def test_a_wrong_term_is_a_bug_of_the_caller(days: int, basis: str) -> None:
    with pytest.raises(ValueError, match=r"negative|basis"):
        rules.due_on(date(2026, 1, 1), days, basis=basis)


def test_two_records_agree_only_in_what_both_have() -> None:
    one = rules.Identity(name="a", uscc="", phone="+86", domain="x.cn")
    other = rules.Identity(name="a", uscc="", phone="+87", domain="x.cn")
    assert rules.duplicate_grounds(one, other) == ["name", "domain"]


@pytest.mark.parametrize(
    ("checked", "is_due"),
    [(None, True), (date(2026, 10, 31), True), (date(2026, 11, 1), False)],
)
def test_shipping_data_are_due_once_in_every_month(checked: date | None, is_due: bool) -> None:
    assert rules.is_stale(checked, date(2026, 11, 16), 1) is is_due


def test_every_state_and_permission_of_the_table_exists() -> None:
    from chengdan.modules.customers.vocabulary import CustomerStatus, TermBasis

    assert transitions.CUSTOMER.states() == set(CustomerStatus.values)
    assert set(TermBasis.values) == {rules.BASIS_INVOICE, rules.BASIS_MONTH_END}
    assert not transitions.CUSTOMER.allows("draft", "suspend")
    assert not transitions.CUSTOMER.allows("closed", "activate")
