"""The shipped organisation, the tree with its closure, seats and their routing."""

from datetime import date, timedelta
from typing import Any

import pytest

from chengdan.kernel import clock
from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from chengdan.kernel.transactions import unguarded
from chengdan.kernel.verification import Difference
from chengdan.kernel.workcalendar.services import calendar_save
from chengdan.modules.people.errors import (
    CycleError,
    FixedSeatsError,
    InUseError,
    LastAdministratorError,
    OwnRightsError,
    SeatTakenError,
)
from chengdan.modules.people.models import (
    Assignment,
    OrgUnit,
    Position,
    Role,
    RolePermission,
    Territory,
)
from chengdan.modules.people.selectors import (
    descendants_of,
    holders_of,
    market_of,
    order_seats,
    slt_member_of_market,
    slt_members,
    superiors_of,
    territory_ids_below,
    unit_calendar,
    unit_head,
)
from chengdan.modules.people.services import (
    assignment_end,
    assignment_start,
    market_route,
    org_ship,
    org_unit_close,
    org_unit_create,
    org_unit_move,
    org_unit_rename,
    parameter_change,
    position_close,
    position_create,
    position_edit,
    roles_ship,
    territory_create,
    territory_edit,
)
from chengdan.modules.people.verification import closure_differences, seat_differences
from chengdan.modules.people.vocabulary import UNIT_KINDS
from tests.fixtures.people import SYSTEM, People


def _differences() -> list[Difference]:
    return [*closure_differences(), *seat_differences()]


@pytest.mark.requirement("ORG-02")
@pytest.mark.requirement("ORG-03")
def test_leadership_and_secretaries_have_exactly_three_seats(people: People) -> None:
    for code, roles in (
        ("SLT", ["general_manager", "sales_director", "deputy_sales_director"]),
        ("SSG", ["ssg_leader", "csr", "csr_billing"]),
    ):
        unit = people.units[code]
        seats = Position.objects.filter(unit=unit).order_by("seat_number")
        assert [seat.role.code for seat in seats] == roles
        with pytest.raises(FixedSeatsError):
            position_create(actor=SYSTEM, unit_id=unit.pk, role_id=seats[0].role_id)
        with pytest.raises(FixedSeatsError):
            position_close(actor=SYSTEM, position_id=seats[2].pk)
    expected = ["general_manager", "sales_director", "deputy_sales_director"]
    assert slt_members(people.company.pk) == [people.users[role].pk for role in expected]
    assert _differences() == []


@pytest.mark.requirement("ORG-01")
def test_three_bodies_and_three_systems_are_there_and_own_kinds_are_configured(
    people: People,
) -> None:
    kinds = {people.units[code].kind for code in ("SLT", "SSG", "FSF", "TSD", "SOS", "PAE")}
    assert kinds == {"slt", "ssg", "fsf", "tsd", "sos", "pae"}
    company, sales = people.company.pk, people.units["SALES"].pk
    act = {"actor": SYSTEM, "company_id": company, "parent_id": sales, "name": "项目组"}
    with pytest.raises(InvalidError):
        org_unit_create(code="P1", kind="项目", **act)
    for code in ("a b", "a/b", " "):
        with pytest.raises(InvalidError):
            org_unit_create(code=code, kind="team", **act)
    figure: dict[str, Any] = {"actor": SYSTEM, "company_id": company, "code": UNIT_KINDS}
    for text in ("项目, 项目", "项" * 21):
        with pytest.raises(InvalidError):
            parameter_change(**figure, text=text, reason="新组织")
    parameter_change(**figure, text="项目, 事业部", reason="新组织")
    unit = org_unit_create(code="P1", kind="项目", **act)
    assert (unit.kind, unit.get_kind_display()) == ("项目", "项目")
    org_unit_rename(actor=SYSTEM, unit_id=unit.pk, name="项目一组")
    # Every body and system is a unit like any other: more of its kind are made and renamed.
    second = org_unit_create(code="SOS-2", kind="sos", **act)
    assert org_unit_rename(actor=SYSTEM, unit_id=second.pk, name="运作系统二").name == "运作系统二"
    assert _differences() == []


@pytest.mark.requirement("ORG-05")
@pytest.mark.requirement("ORG-06", partly="approvals follow it in the steps of OP")
@pytest.mark.requirement("ORG-07", partly="approvals follow it in the steps of OP")
def test_eight_markets_route_to_director_and_deputy(people: People) -> None:
    markets = Territory.objects.filter(company=people.company, level="market").order_by("sort")
    assert [row.name for row in markets] == list(
        ("东北", "华北", "西北", "华中", "山东", "华东", "华南", "西南")
    )
    director, deputy = people.users["sales_director"].pk, people.users["deputy_sales_director"].pk
    routed = [slt_member_of_market(row.pk) for row in markets]
    assert routed == [director] * 4 + [deputy] * 4
    city = people.territories["SHA"]
    assert market_of(city.pk) == people.territories["E"]
    assert slt_member_of_market(city.pk) == deputy
    assert Territory.objects.filter(parent=people.territories["E"], level="region").exists()


@pytest.mark.requirement("ORG-18")
@pytest.mark.requirement("ORG-65")
def test_an_order_gets_exactly_one_of_each_seat(people: People) -> None:
    east = order_seats(people.territories["SHA"].pk)
    north = order_seats(people.territories["N"].pk)
    users = people.users
    assert east == (
        users["csr"].pk, users["shipping_coordinator"].pk, users["ssg_leader"].pk
    )  # fmt: skip
    assert north.bcr_id == users["csr_billing"].pk
    held = Assignment.objects.get(position=people.seats["csr"])
    assignment_end(actor=SYSTEM, assignment_id=held.pk, ends_on=clock.today() - timedelta(days=1))
    with pytest.raises(InvalidError) as refused:
        order_seats(people.territories["N"].pk)
    assert [(item.field, item.code) for item in refused.value.items] == [("csr", "seat_empty")]


@pytest.mark.requirement("ORG-62")
def test_territories_have_four_levels(people: People) -> None:
    levels = [people.territories[code].level for code in ("CN", "E", "E-SH", "SHA")]
    assert levels == ["country", "market", "region", "city"]
    with pytest.raises(InvalidError):
        territory_create(
            actor=SYSTEM, company_id=people.company.pk, parent_id=people.territories["SHA"].pk,
            code="X", name="x",
        )  # fmt: skip
    inside = {people.territories[code].pk for code in ("E", "E-SH", "SHA")}
    assert territory_ids_below(people.territories["E"].pk) == inside
    kam = people.users["key_account_manager"].pk
    sha = people.territories["SHA"].pk
    assert holders_of("key_account_manager", people.company.pk, territory_id=sha) == [kam]


def test_shipping_twice_changes_nothing(people: People) -> None:
    before = (OrgUnit.objects.count(), Position.objects.count(), Territory.objects.count())
    org_ship(SYSTEM, people.company)
    assert (
        OrgUnit.objects.count(), Position.objects.count(), Territory.objects.count()
    ) == before  # fmt: skip


def test_permissions_of_a_new_room_reach_the_cards_that_are_there(people: People) -> None:
    role = Role.objects.get(code="csr")
    with unguarded():
        RolePermission.objects.filter(permission="people.deputy:edit").delete()
        RolePermission.objects.filter(role=role, permission="people.user:view").delete()
    roles_ship(SYSTEM)
    held = set(role.permissions.values_list("permission", flat=True))
    assert "people.deputy:edit" in held
    assert "people.user:view" not in held


@pytest.mark.requirement("ORG-04")
@pytest.mark.requirement("ORG-63")
def test_reporting_lines_may_skip_levels(people: People) -> None:
    users, company = people.users, people.company.pk
    chain = superiors_of(users["sales_rep"].pk, company)
    roles = ["region_manager", "market_manager", "deputy_sales_director", "general_manager"]
    assert chain == [users[role].pk for role in roles]
    seat = people.seats["key_account_manager"]
    position_edit(
        actor=SYSTEM, position_id=seat.pk, title="", is_head=False, role_id=seat.role_id,
        reports_to_id=people.seats["market_manager"].pk,
        territory_ids=[people.territories["SHA"].pk],
    )  # fmt: skip
    skipped = superiors_of(users["key_account_manager"].pk, company)
    assert skipped == [users[role].pk for role in roles[1:]]
    assert unit_head(people.units["FSF-E-SH"].pk) == users["region_manager"].pk


def test_a_moved_branch_takes_its_closure_along(people: People) -> None:
    region, south = people.units["FSF-E-SH"], people.units["FSF-S"]
    team = org_unit_create(
        actor=SYSTEM, company_id=people.company.pk, parent_id=region.pk, code="T1", name="一组",
        kind="team",
    )  # fmt: skip
    org_unit_move(actor=SYSTEM, unit_id=region.pk, parent_id=south.pk)
    assert {region.pk, team.pk} <= descendants_of(south.pk)
    assert not {region.pk, team.pk} & descendants_of(people.units["FSF-E"].pk)
    assert _differences() == []
    with pytest.raises(CycleError):
        org_unit_move(actor=SYSTEM, unit_id=south.pk, parent_id=team.pk)
    with pytest.raises(InvalidError) as refused:
        org_unit_move(actor=SYSTEM, unit_id=region.pk, parent_id=south.pk)
    assert [(item.field, item.code) for item in refused.value.items] == [("parent", "same")]
    region.refresh_from_db()
    moved = audit_history(region)[0]
    assert (moved.code, moved.after) == ("people.unit.moved", {"parent_id": south.pk})


def test_changing_a_unit_needs_right_version_and_place(people: People) -> None:
    unit = people.units["FSF-E"]
    admin = people.actor("administrator")
    with pytest.raises(ForbiddenError):
        org_unit_rename(actor=people.actor("order_clerk"), unit_id=unit.pk, name="x")
    with pytest.raises(NotFoundError):
        org_unit_rename(actor=admin, unit_id=10**9, name="x")
    with pytest.raises(ConflictError):
        org_unit_rename(actor=admin, unit_id=unit.pk, name="x", expected_version=9)
    rename: dict[str, Any] = {
        "actor": admin, "unit_id": unit.pk, "name": "华东大区", "calendar_code": "sh",
    }  # fmt: skip
    with pytest.raises(InvalidError) as refused:
        org_unit_rename(**rename)
    assert [item.field for item in refused.value.items] == ["calendar_code"]
    calendar_save(actor=SYSTEM, code="sh", company_id=people.company.pk, values={})
    org_unit_rename(**rename)
    assert unit_calendar(people.units["FSF-E-SH"].pk) == "sh"
    assert unit_calendar(people.units["FSF-S"].pk) == "cn"
    with pytest.raises(InUseError):
        org_unit_close(actor=admin, unit_id=unit.pk)


def test_a_unit_closes_when_nothing_is_left(people: People) -> None:
    admin = people.actor("administrator")
    unit = org_unit_create(
        actor=admin, company_id=people.company.pk, parent_id=people.units["FSF"].pk, code="T9",
        name="九组", kind="team",
    )  # fmt: skip
    closed = org_unit_close(actor=admin, unit_id=unit.pk, reason="并入")
    assert closed.closed_on == clock.today()
    assert audit_history(unit)[0].reason == "并入"


def test_a_seat_has_one_holder_at_a_time(people: People) -> None:
    seat, other = people.seats["sales_rep"], people.users["order_clerk"]
    with pytest.raises(SeatTakenError):
        assignment_start(
            actor=SYSTEM, position_id=seat.pk, user_id=other.pk, starts_on=date(2026, 1, 1)
        )
    held = Assignment.objects.get(position=seat)
    assignment_end(actor=SYSTEM, assignment_id=held.pk, ends_on=date(2026, 11, 30))
    assignment_start(
        actor=SYSTEM, position_id=seat.pk, user_id=other.pk, starts_on=date(2026, 12, 1)
    )
    rep, company = people.users["sales_rep"].pk, people.company.pk
    assert holders_of("sales_rep", company, on=date(2026, 11, 30)) == [rep]
    assert holders_of("sales_rep", company, on=date(2026, 12, 1)) == [other.pk]


def test_nobody_gives_a_seat_to_themselves_and_an_administrator_stays(people: People) -> None:
    admin = people.actor("administrator")
    seat = position_create(
        actor=admin, unit_id=people.units["SALES"].pk,
        role_id=Role.objects.get(code="market_department").pk,
    )  # fmt: skip
    with pytest.raises(OwnRightsError):
        assignment_start(
            actor=admin, position_id=seat.pk, user_id=admin.user_id or 0, starts_on=clock.today()
        )
    held = Assignment.objects.get(position=people.seats["administrator"])
    with pytest.raises(LastAdministratorError):
        assignment_end(actor=SYSTEM, assignment_id=held.pk, ends_on=clock.today())


def test_markets_are_routed_only_to_seats_of_the_bodies(people: People) -> None:
    admin, market = people.actor("administrator"), people.territories["N"]
    with pytest.raises(InvalidError):
        market_route(
            actor=admin, territory_id=market.pk, slt_position_id=people.seats["csr"].pk,
            billing_position_id=None,
        )  # fmt: skip
    market_route(
        actor=admin, territory_id=market.pk, slt_position_id=people.seats["general_manager"].pk,
        billing_position_id=people.seats["ssg_leader"].pk, reason="轮换",
    )  # fmt: skip
    assert slt_member_of_market(market.pk) == people.users["general_manager"].pk
    territory_edit(actor=admin, territory_id=market.pk, name="华北二", unit_id=None)
    assert Territory.objects.get(pk=market.pk).name == "华北二"


@pytest.mark.requirement("ORG-08")
@pytest.mark.requirement("ORG-12")
@pytest.mark.requirement("ORG-13")
@pytest.mark.requirement("ORG-14")
def test_role_cards_carry_their_duties_in_three_languages(people: People) -> None:
    for code in ("general_manager", "market_manager", "region_manager", "key_account_manager"):
        role = Role.objects.get(code=code)
        assert set(role.duties) == {"zh-hans", "zh-hant", "en"}
        assert all(role.duties.values())
        assert role.permissions.exists()
