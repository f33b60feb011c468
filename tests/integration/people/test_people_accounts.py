"""Accounts: opening, closing, invitations, passwords, growing delays, company figures."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail

from chengdan.kernel import clock
from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ConflictError, ForbiddenError, InvalidError, RuleError
from chengdan.kernel.outbox import outbox_drain
from chengdan.kernel.parameters import parameter_value
from chengdan.modules.people.errors import (
    LastAdministratorError,
    LinkExpiredError,
    LoginRefusedError,
    OwnRightsError,
)
from chengdan.modules.people.models import LoginAttempt, User, UserSession
from chengdan.modules.people.services import (
    company_create,
    company_edit,
    company_lock,
    parameter_change,
    password_change,
    profile_edit,
    user_create,
    user_disable,
    user_edit,
    user_enable,
    user_invite,
    user_set_language,
)
from chengdan.modules.people.services.login import attempts_clear, login_check
from chengdan.modules.people.services.passwords import (
    password_reset_request,
    password_set_by_link,
    token_make,
    token_user,
)
from chengdan.modules.people.services.sessions import session_open, sessions_clear
from tests.fixtures.people import PASSWORD, SYSTEM, People

HOME, AWAY = "10.0.0.1", "10.0.0.2"


def _try(name: str, password: str = "wrong password", address: str = HOME) -> str:  # noqa: S107
    try:
        login_check(username=name, password=password, address=address)
    except LoginRefusedError as error:
        return error.code
    return "in"


def test_an_account_is_found_by_pinyin_and_initials(people: People) -> None:
    user = user_create(
        actor=people.actor("administrator"), company_id=people.company.pk, username="wang.ting",
        display_name="王婷", email="wt@example.com", phone="13800138000",
    )  # fmt: skip
    assert (user.pinyin, user.initials, user.has_usable_password()) == ("wangting", "wt", False)
    entry = audit_history(user)[0]
    assert entry.after["phone"] == "13800138000"
    assert "13800138000" not in str(entry.before) + entry.digest
    with pytest.raises(InvalidError) as refused:
        user_create(
            actor=people.actor("administrator"), company_id=people.company.pk,
            username="WANG.TING", display_name=" ", email="no mail", language="xx",
        )  # fmt: skip
    wrong = {item.field for item in refused.value.items}
    assert wrong == {"username", "display_name", "email", "language"}


def test_only_who_may_changes_people(people: People) -> None:
    rep = people.users["sales_rep"]
    with pytest.raises(ForbiddenError):
        user_edit(
            actor=people.actor("auditor"), user_id=rep.pk, display_name="x", email="", phone="",
            unit_id=None,
        )  # fmt: skip
    admin = people.actor("administrator")
    user_edit(
        actor=admin, user_id=rep.pk, display_name="褚新", email="", phone="",
        unit_id=rep.unit_id, expected_version=1,
    )  # fmt: skip
    assert User.objects.get(pk=rep.pk).pinyin == "chuxin"
    own = User.objects.get(pk=admin.user_id or 0)
    with pytest.raises(OwnRightsError):
        user_edit(actor=admin, user_id=own.pk, display_name="尤", email="", phone="", unit_id=None)


def test_closing_an_account_ends_its_sessions_at_once(people: People) -> None:
    rep, admin = people.users["sales_rep"], people.actor("administrator")
    session_open(user=rep, session_key="k1", address=HOME, device="x")
    assert not user_disable(actor=admin, user_id=rep.pk, reason="离职").is_active
    assert UserSession.objects.get(session_key="k1").ended_at is not None
    assert _try("sales_rep", PASSWORD) == "people.login_refused"
    with pytest.raises(OwnRightsError):
        user_disable(actor=admin, user_id=admin.user_id or 0, reason="x")
    with pytest.raises(LastAdministratorError):
        user_disable(actor=SYSTEM, user_id=admin.user_id or 0, reason="x")
    user_enable(actor=admin, user_id=rep.pk, reason="返聘")
    assert _try("sales_rep", PASSWORD) == "in"


def test_failures_grow_a_delay_for_the_pair_only(people: People, frozen_clock: object) -> None:
    answers = [_try("sales_rep") for _count in range(5)]
    assert answers == ["people.login_refused"] * 5
    assert _try("sales_rep", PASSWORD) == "people.login_wait"
    assert _try("sales_rep", PASSWORD, AWAY) == "in"
    with clock.at(clock.now() + timedelta(seconds=61)):
        assert _try("sales_rep") == "people.login_refused"
        assert _try("sales_rep") == "people.login_wait"
    with clock.at(clock.now() + timedelta(minutes=4)):
        assert _try("sales_rep", PASSWORD) == "in"


def test_unknown_names_get_the_same_answers(people: People, frozen_clock: object) -> None:
    known = [_try("sales_rep") for _count in range(7)]
    unknown = [_try("nobody.here") for _count in range(7)]
    assert known == unknown


def test_one_address_can_not_try_many_names(people: People, frozen_clock: object) -> None:
    answers = [_try(f"name{count}") for count in range(51)]
    assert answers[-1] == "people.login_wait"
    assert _try("sales_rep", PASSWORD, AWAY) == "in"
    with clock.at(clock.now() + timedelta(days=2)):
        attempts_clear()
        assert not LoginAttempt.objects.exists()


def test_a_reset_link_works_once_and_for_an_hour(people: People, frozen_clock: object) -> None:
    rep = people.users["sales_rep"]
    for login in (rep.email, "nobody@example.com"):
        password_reset_request(login=login, address=HOME, base_url="https://cd.example")
    outbox_drain()
    assert [message.to for message in mail.outbox] == [[rep.email]]
    link = next(word for word in mail.outbox[0].body.split() if word.startswith("https://"))
    token = link.rstrip("/").rsplit("/", 1)[1]
    with clock.at(clock.now() + timedelta(minutes=61)), pytest.raises(LinkExpiredError):
        token_user(token, "reset")
    with pytest.raises(LinkExpiredError):
        token_user(token, "invite")
    with pytest.raises(InvalidError):
        password_set_by_link(token=token, purpose="reset", new="short")
    session_open(user=rep, session_key="k2", address=HOME, device="x")
    password_set_by_link(token=token, purpose="reset", new="昨夜星辰昨夜风 2026")
    assert UserSession.objects.get(session_key="k2").ended_at is not None
    with pytest.raises(LinkExpiredError):
        password_set_by_link(token=token, purpose="reset", new="昨夜星辰昨夜风 2027")
    assert _try("sales_rep", "昨夜星辰昨夜风 2026") == "in"


def test_reset_mails_are_limited(people: People, frozen_clock: object) -> None:
    for _count in range(8):
        password_reset_request(login="sales_rep", address=HOME, base_url="https://cd.example")
    outbox_drain()
    assert len(mail.outbox) == 5


def test_an_invitation_needs_an_address(people: People) -> None:
    admin = people.actor("administrator")
    bare = user_create(
        actor=admin, company_id=people.company.pk, username="bare", display_name="无邮"
    )
    with pytest.raises(RuleError):
        user_invite(actor=admin, user_id=bare.pk, base_url="https://cd.example")
    user_invite(actor=admin, user_id=people.users["csr"].pk, base_url="https://cd.example")
    outbox_drain()
    assert "/invite/" in mail.outbox[0].body
    assert token_user(token_make(bare, "invite"), "invite") == bare


def test_changing_the_password_needs_the_current_one(people: People) -> None:
    actor = people.actor("sales_rep")
    with pytest.raises(InvalidError):
        password_change(actor=actor, current="not this one", new="昨夜星辰昨夜风 2026")
    with pytest.raises(InvalidError) as refused:
        password_change(actor=actor, current=PASSWORD, new="成单酒业2026成单酒业")
    assert [item.code for item in refused.value.items] == ["word"]
    password_change(actor=actor, current=PASSWORD, new="昨夜星辰昨夜风 2026")
    assert audit_history(people.users["sales_rep"])[0].code == "people.user.password_changed"


def test_everybody_keeps_their_own_profile(people: People) -> None:
    actor = people.actor("sales_rep")
    profile_edit(actor=actor, email="new@example.com", phone="1", language="en")
    user = user_set_language(actor=actor, language="zh-hant")
    assert (user.email, user.language) == ("new@example.com", "zh-hant")
    with pytest.raises(InvalidError):
        user_set_language(actor=actor, language="tlh")


def test_old_sessions_are_cleared(people: People) -> None:
    session_open(user=people.users["csr"], session_key="old", address=HOME, device="x")
    assert sessions_clear() == 0
    with clock.at(clock.now() + timedelta(days=91)):
        assert sessions_clear() == 1


def test_companies_and_periods(people: People) -> None:
    admin = people.actor("administrator")
    with pytest.raises(InvalidError) as refused:
        company_create(actor=admin, code="US", name="U", currency="usd", exponent=9, timezone="X")
    assert {item.field for item in refused.value.items} == {"currency", "exponent", "timezone"}
    with pytest.raises(InvalidError) as refused:
        company_create(actor=admin, code="US", name="U", currency="QQQ")
    assert [item.field for item in refused.value.items] == ["currency"]
    company = company_edit(
        actor=admin, company_id=people.company.pk, name="成单", timezone="Asia/Shanghai",
        calendar_code="cn", is_tax_inclusive=True,
    )  # fmt: skip
    assert company.version == 2
    with pytest.raises(RuleError):
        company_lock(actor=admin, company_id=company.pk, lock_date=clock.today(), reason="月结")
    locked = company_lock(
        actor=admin, company_id=company.pk, lock_date=date(2026, 10, 31), reason="月结"
    )
    assert locked.lock_date == date(2026, 10, 31)


def test_a_figure_changes_with_history_and_only_by_right(people: People) -> None:
    admin, company = people.actor("administrator"), people.company
    code = "people.login_failures_pair"
    figure: dict[str, Any] = {"company_id": company.pk, "code": code, "reason": "收紧"}
    with pytest.raises(ForbiddenError):
        parameter_change(actor=people.actor("csr"), text="4", **figure)
    for wrong in ({"text": "400"}, {"text": "four"}, {"text": "4", "reason": " "}):
        with pytest.raises(InvalidError):
            parameter_change(actor=admin, **figure | wrong)
    parameter_change(actor=admin, text="4", expected="5", **figure)
    with pytest.raises(ConflictError):
        parameter_change(actor=admin, text="6", expected="5", **figure)
    assert parameter_value(company.pk, code) == Decimal(4)
    entry = audit_history(company)[0]
    assert (entry.before, entry.after) == ({code: 5}, {code: 4})
