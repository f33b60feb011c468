"""The permission function: scopes, grants, deputies, tokens; and its independent twin."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Q

from chengdan.kernel import clock
from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from chengdan.kernel.transactions import unguarded
from chengdan.modules.people.access import (
    authorise,
    can,
    require_visible,
    scope_branches,
    visible,
)
from chengdan.modules.people.errors import LastAdministratorError, OwnRightsError
from chengdan.modules.people.models import Grant, OrgClosure, Role, RolePermission, User
from chengdan.modules.people.selectors import companies_of, deputies_for
from chengdan.modules.people.selectors.explain import rights_explained
from chengdan.modules.people.selectors.rights import rights_sources, subordinates_of
from chengdan.modules.people.services import (
    deputy_name,
    deputy_revoke,
    grant_end,
    grant_give,
    role_create,
    role_edit,
    role_permissions_set,
)
from chengdan.modules.people.verification import closure_differences, rights_differences
from tests.fixtures.people import SYSTEM, People, people_make

VIEW = "people.user:view"


def _seen(people: People, role: str) -> set[str]:
    rows = visible(people.actor(role), VIEW, User.objects.all())
    return {user.username for user in rows}


def test_scopes_open_own_below_or_all(people: People) -> None:
    region = {"region_manager", "key_account_manager", "sales_rep", "order_clerk"}
    assert _seen(people, "market_manager") == region | {"market_manager"}
    assert _seen(people, "region_manager") == region
    assert _seen(people, "sales_rep") == {"sales_rep"}
    assert len(_seen(people, "ssg_leader")) == len(people.users)


def test_lines_and_units_below_make_subordinates(people: People) -> None:
    on, company = clock.today(), people.company.pk
    users = people.users
    deputy = subordinates_of(users["deputy_sales_director"].pk, company, on)
    assert {users["market_manager"].pk, users["sales_rep"].pk, users["csr"].pk} <= deputy
    assert users["sales_director"].pk not in deputy
    assert subordinates_of(users["sales_rep"].pk, company, on) == frozenset()


def test_every_branch_is_one_index_and_together_they_are_the_filter(people: People) -> None:
    actor = people.actor("market_manager")
    branches = scope_branches(actor, VIEW, User)
    assert len(branches) == 2
    joined = Q()
    for branch in branches:
        joined |= branch
    rows = User.objects.filter(joined)
    assert set(rows) == set(visible(actor, VIEW, User.objects.all()))
    assert scope_branches(people.actor("sales_rep"), "people.user:edit", User) == []


def test_the_other_company_is_closed(people: People) -> None:
    other = people_make("EF", "另一家")
    admin, stranger = people.actor("administrator"), other.users["sales_rep"]
    assert not can(admin, VIEW, stranger)
    with pytest.raises(NotFoundError):
        require_visible(admin, VIEW, stranger)
    assert stranger not in visible(admin, VIEW, User.objects.all())
    assert companies_of(admin) == [people.company]
    grant_give(
        actor=SYSTEM, company_id=other.company.pk, user_id=admin.user_id or 0,
        permission=VIEW, scope="all", starts_on=clock.today(), reason="审计支持",
    )  # fmt: skip
    assert companies_of(admin) == [people.company, other.company]
    assert can(admin.at_company(other.company.pk), VIEW, stranger)


def test_a_grant_counts_from_its_first_to_its_last_day(people: People) -> None:
    rep, today = people.users["sales_rep"], clock.today()
    grant = grant_give(
        actor=people.actor("administrator"), company_id=people.company.pk, user_id=rep.pk,
        permission="people.company:view", scope="all", starts_on=today + timedelta(days=1),
        ends_on=today + timedelta(days=2), reason="盘点",
    )  # fmt: skip
    held = []
    for days in range(4):
        with clock.at(clock.now() + timedelta(days=days)):
            held.append(can(people.actor("sales_rep"), "people.company:view"))
    assert held == [False, True, True, False]
    with clock.at(clock.now() + timedelta(days=1)):
        grant_end(actor=people.actor("administrator"), grant_id=grant.pk, reason="完成")
        assert not can(people.actor("sales_rep"), "people.company:view")
    assert audit_history(grant)[0].reason == "完成"


def test_a_role_can_be_granted_at_another_unit(people: People) -> None:
    grant_give(
        actor=people.actor("administrator"), company_id=people.company.pk,
        user_id=people.users["sales_rep"].pk, role_id=Role.objects.get(code="order_clerk").pk,
        unit_id=people.units["SSG"].pk, starts_on=clock.today(), reason="代班",
    )  # fmt: skip
    assert {"ssg_leader", "csr", "csr_billing"} <= _seen(people, "sales_rep")


def test_nobody_raises_their_own_rights(people: People) -> None:
    admin = people.actor("administrator")
    with pytest.raises(OwnRightsError):
        grant_give(
            actor=admin, company_id=people.company.pk, user_id=admin.user_id or 0,
            permission="people.company:edit", scope="all", starts_on=clock.today(), reason="x",
        )  # fmt: skip
    role = Role.objects.get(code="administrator")
    scopes = dict(RolePermission.objects.filter(role=role).values_list("permission", "scope"))
    with pytest.raises(OwnRightsError):
        role_permissions_set(
            actor=admin, role_id=role.pk, scopes={**scopes, "people.deputy:name": "all"}
        )
    with pytest.raises(LastAdministratorError):
        role_permissions_set(
            actor=SYSTEM, role_id=role.pk,
            scopes={code: scope for code, scope in scopes.items() if "grant" not in code},
        )  # fmt: skip


def test_a_grant_needs_one_right_dates_and_a_reason(people: People) -> None:
    admin, today = people.actor("administrator"), clock.today()
    user_id = people.users["sales_rep"].pk
    with pytest.raises(InvalidError) as refused:
        grant_give(
            actor=admin, company_id=people.company.pk, user_id=user_id, reason="x",
            starts_on=today, ends_on=today - timedelta(days=1), scope="galaxy",
        )  # fmt: skip
    assert {item.field for item in refused.value.items} == {"role", "scope", "ends_on"}
    with pytest.raises(InvalidError):
        grant_give(
            actor=admin, company_id=people.company.pk, user_id=user_id, reason=" ",
            permission=VIEW, scope="all", starts_on=today,
        )  # fmt: skip
    with pytest.raises(ForbiddenError):
        grant_give(
            actor=people.actor("auditor"), company_id=people.company.pk, user_id=user_id,
            permission=VIEW, scope="all", starts_on=today, reason="x",
        )  # fmt: skip


def test_roles_change_with_history(people: People) -> None:
    admin = people.actor("administrator")
    titles = {"zh-hans": "督导", "zh-hant": "督導", "en": "Supervisor"}
    role = role_create(actor=admin, code="supervisor", titles=titles)
    role_permissions_set(actor=admin, role_id=role.pk, scopes={VIEW: "unit"}, reason="试用")
    entry = audit_history(role)[0]
    assert (entry.after, entry.reason) == ({VIEW: "unit"}, "试用")
    role_edit(actor=admin, role_id=role.pk, titles=titles, is_central=False, is_active=False)
    assert not Role.objects.get(pk=role.pk).is_active
    with pytest.raises(InvalidError):
        role_permissions_set(actor=admin, role_id=role.pk, scopes={"people.user:fly": "all"})


@pytest.mark.requirement("ORG-20", partly="the signature itself is in the process engine")
def test_a_deputy_is_named_on_recorded_consent(people: People) -> None:
    today, users = clock.today(), people.users
    deputy = deputy_name(
        actor=people.actor("ssg_leader"), principal_id=users["sales_director"].pk,
        deputy_id=users["csr"].pk, starts_on=today, ends_on=today,
        document_types=["orders.order"], max_amount=Decimal(50000), consent_text="电话同意 09:12",
    )  # fmt: skip
    assert deputy.recorded_by_id == users["ssg_leader"].pk
    named = deputies_for(users["sales_director"].pk, today, "orders.order")
    assert [row.deputy_id for row in named] == [users["csr"].pk]
    assert deputies_for(users["sales_director"].pk, today, "billing.invoice") == []
    assert deputies_for(users["sales_director"].pk, today + timedelta(days=1)) == []
    assert "orders.order:view" in {
        source.permission
        for source in rights_sources(users["csr"].pk, people.company.pk, today)
        if source.kind == "deputy"
    }
    deputy_revoke(actor=people.actor("sales_director"), deputy_id=deputy.pk)
    assert deputies_for(users["sales_director"].pk, today, "orders.order") == []


def test_deputies_need_consent_and_another_person(people: People) -> None:
    today, users = clock.today(), people.users
    boss = people.actor("general_manager")
    for deputy, consent in ((users["csr"].pk, "  "), (boss.user_id or 0, "同意")):
        with pytest.raises(InvalidError):
            deputy_name(
                actor=boss, principal_id=boss.user_id or 0, deputy_id=deputy, starts_on=today,
                ends_on=today, consent_text=consent,
            )  # fmt: skip
    with pytest.raises(ForbiddenError):
        deputy_name(
            actor=people.actor("sales_rep"), principal_id=boss.user_id or 0,
            deputy_id=users["csr"].pk, starts_on=today, ends_on=today, consent_text="x",
        )  # fmt: skip
    with pytest.raises(OwnRightsError):
        deputy_name(
            actor=people.actor("ssg_leader"), principal_id=boss.user_id or 0,
            deputy_id=users["ssg_leader"].pk, starts_on=today, ends_on=today, consent_text="x",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "types", "wrong"),
    [
        (-9, -1, [], "ends_on"), (3, 2, [], "ends_on"), (0, 366, [], "ends_on"),
        (0, 9, ["orders.x"], "document_types"), (9, 20, ["orders.order"], "starts_on"),
        (10, 20, [], "starts_on"), (10, 20, ["billing.invoice"], ""),
        (11, 20, ["orders.order"], ""), (-9, 0, [], ""),
    ],
)  # fmt: skip
def test_a_deputy_is_named_for_a_time_ahead_and_once(
    people: People, first: int, last: int, types: list[str], wrong: str
) -> None:
    today, boss = clock.today(), people.actor("general_manager")
    given: dict[str, Any] = {
        "actor": boss, "principal_id": boss.user_id or 0, "deputy_id": people.users["csr"].pk,
        "consent_text": "同意",
    }  # fmt: skip
    days = {"starts_on": today + timedelta(days=1), "ends_on": today + timedelta(days=10)}
    deputy_name(document_types=["orders.order"], **days, **given)
    days = {"starts_on": today + timedelta(days=first), "ends_on": today + timedelta(days=last)}
    if not wrong:
        assert deputy_name(document_types=types, **days, **given).pk
        return
    with pytest.raises(InvalidError) as refused:
        deputy_name(document_types=types, **days, **given)
    assert [item.field for item in refused.value.items] == [wrong]


def test_a_deputy_for_amendments_sees_the_order_to_be_changed(people: People) -> None:
    boss, csr = people.actor("general_manager"), people.users["sales_rep"].pk
    today = clock.today()
    deputy_name(
        actor=boss, principal_id=boss.user_id or 0, deputy_id=csr, starts_on=today,
        ends_on=today, document_types=["orders.amendment"], consent_text="同意",
    )  # fmt: skip
    lent = {
        source.permission
        for source in rights_sources(csr, people.company.pk, today)
        if source.kind == "deputy"
    }
    assert "orders.order:view" in lent
    assert "billing.invoice:view" not in lent


def test_a_token_narrows_and_a_job_may_everything(people: People) -> None:
    narrow = people.actor("administrator", abilities=frozenset({VIEW}))
    assert can(narrow, VIEW)
    assert not can(narrow, "people.user:edit")
    authorise(SYSTEM, "people.user:edit", people.users["csr"])
    with pytest.raises(KeyError):
        can(narrow.at_company(1), "people.user:teleport")


@pytest.mark.requirement("ADM-04", partly="reports come later")
def test_every_right_is_explained(people: People) -> None:
    grant_give(
        actor=SYSTEM, company_id=people.company.pk, user_id=people.users["sales_rep"].pk,
        permission=VIEW, scope="all", starts_on=clock.today(), reason="盘点支持",
    )  # fmt: skip
    lines = rights_explained(people.users["sales_rep"].pk, people.company.pk, clock.today())
    whys = [line.why for line in lines if line.permission == VIEW]
    assert any("盘点支持" in why for why in whys)
    assert any("上海区域" in why for why in whys)
    assert all(line.reach.is_all for line in lines if line.permission == VIEW)


def test_the_twin_agrees_and_finds_what_is_bent(people: People) -> None:
    assert list(rights_differences()) == []
    with unguarded():
        row = OrgClosure.objects.filter(
            ancestor=people.units["FSF-E"], descendant=people.units["FSF-E-SH"]
        )
        row.delete()
    assert list(closure_differences())
    assert list(rights_differences())


def test_grants_are_read_by_everything_that_lists_them(people: People) -> None:
    assert Grant.objects.count() == 0
    assert visible(people.actor("sales_rep"), "people.grant:view", Grant.objects.all()).count() == 0
