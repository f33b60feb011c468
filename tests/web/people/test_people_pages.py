"""Administration pages: every page draws, every form does its act or says what is wrong."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from chengdan.kernel import clock
from chengdan.kernel.attachments.vocabulary import TYPES
from chengdan.kernel.parameters import parameter_value
from chengdan.modules.people.models import (
    Assignment,
    Company,
    Deputy,
    Grant,
    OrgUnit,
    Position,
    Role,
    RolePermission,
    Territory,
    User,
)
from chengdan.modules.people.selectors import slt_members
from tests.fixtures.people import People


@pytest.fixture
def admin(client: Client, people: People) -> Client:
    client.force_login(people.users["administrator"])
    return client


def act(client: Client, page: str, /, *args: object, **data: object) -> int:
    return client.post(reverse(f"people:{page}", args=args), data).status_code


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_draws(admin: Client, people: People, language: str) -> None:
    admin.cookies["chengdan_language"] = language
    user, unit = people.users["sales_rep"].pk, people.units["FSF-E"].pk
    seat, market = people.seats["sales_rep"].pk, people.territories["E"].pk
    role, company = Role.objects.get(code="csr").pk, people.company.pk
    pages: list[tuple[str, tuple[object, ...]]] = [
        ("user_list", ()), ("user_new", ()), ("user", (user,)), ("user_edit", (user,)),
        ("user_disable", (user,)), ("user_enable", (user,)), ("user_rights", (user,)),
        ("org", ()), ("unit", (unit,)), ("unit_new", (unit,)), ("unit_edit", (unit,)),
        ("unit_move", (unit,)), ("unit_close", (unit,)), ("position_new", (unit,)),
        ("position", (seat,)), ("position_edit", (seat,)), ("position_close", (seat,)),
        ("assignment_new", (seat,)), ("territories", ()), ("territory", (market,)),
        ("territory_new", (market,)), ("territory_edit", (market,)),
        ("territory_route", (market,)), ("role_list", ()), ("role_new", ()), ("role", (role,)),
        ("role_edit", (role,)), ("grant_list", ()), ("grant_new", ()), ("deputies", ()),
        ("deputy_new", ()), ("deputy_new_other", ()), ("company_list", ()),
        ("company_new", ()), ("company", (company,)), ("company_edit", (company,)),
        ("company_lock", (company,)), ("parameters", ()),
        ("parameter", ("people.login_failures_pair",)), ("user_pick", ()), ("unit_pick", ()),
        ("slt_member_pick", ()), ("position_pick", ()), ("territory_pick", ()),
    ]  # fmt: skip
    answers = {
        name: admin.get(reverse(f"people:{name}", args=args)).status_code for name, args in pages
    }
    assert {name: status for name, status in answers.items() if status != 200} == {}


def test_the_button_of_an_act_says_what_it_does(admin: Client, people: People) -> None:
    user, unit = people.users["csr"], people.units["FSF-E"]

    def button(name: str, pk: int) -> str:
        answer = admin.get(reverse(f"people:{name}", args=[pk]))
        return str(answer.context["form_page"].full_head().acts[-1].title)

    assert button("user_disable", user.pk) == "停用"
    assert button("user_enable", user.pk) == "启用"
    assert button("unit_close", unit.pk) == "关闭"
    assert button("unit_edit", unit.pk) == "保存"


def test_pickers_find_by_initials(admin: Client, people: People) -> None:
    found = admin.get(reverse("people:user_pick"), {"q": "cdb"}).json()["rows"]
    assert [row["name"] for row in found] == ["褚代表"]
    leaders = admin.get(reverse("people:slt_member_pick")).json()["rows"]
    assert {row["id"] for row in leaders} == set(slt_members(people.company.pk))
    assert admin.get(reverse("people:unit_pick"), {"q": "华东"}).json()["rows"]
    assert admin.get(reverse("people:position_pick"), {"q": "csr"}).json()["rows"]


@pytest.mark.parametrize("text", ["sha", "上海", "上", "shanghai", "shangh", "SH", "ＳＨＡ"])
def test_a_territory_is_found_by_code_name_pinyin_and_initials(
    admin: Client, people: People, text: str
) -> None:
    found = admin.get(reverse("people:territory_pick"), {"q": text}).json()["rows"]
    assert people.territories["SHA"].pk in {row["id"] for row in found}
    assert not admin.get(reverse("people:territory_pick"), {"q": "sanghai"}).json()["rows"]


def test_people_are_kept(admin: Client, people: People) -> None:
    new = {"username": "new.one", "display_name": "新人", "language": "zh-hans"}
    assert act(admin, "user_new", **new) == 302
    user = User.objects.get(username="new.one")
    assert act(admin, "user_new", **new) == 422
    edit = {"display_name": "老人", "email": "o@example.com", "expected_version": user.version}
    assert act(admin, "user_edit", user.pk, **edit) == 302
    assert act(admin, "user_edit", user.pk, **edit) == 409
    assert act(admin, "user_invite", user.pk) == 302
    assert act(admin, "user_disable", user.pk, reason="误建") == 302
    assert act(admin, "user_enable", user.pk, reason="恢复") == 302
    page = admin.get(reverse("people:user_list"), {"q": "lr", "view": "active"})
    assert "老人" in page.content.decode()


@pytest.mark.parametrize(
    ("backend", "said"), [("filebased", "未设置邮件服务器"), ("locmem", "邀请已发出")]
)
def test_where_an_invitation_goes_is_said(
    admin: Client, people: People, settings: Any, backend: str, said: str
) -> None:
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    user = people.users["csr"]
    url = reverse("people:user_invite", args=[user.pk])
    answer = admin.post(url)
    assert answer.status_code == 302
    toasts = [json.loads(item.message)["text"] for item in get_messages(answer.wsgi_request)]
    assert said in "".join(toasts)


def test_the_organisation_is_kept(admin: Client, people: People) -> None:
    fsf, south = people.units["FSF"].pk, people.units["FSF-S"].pk
    assert act(admin, "unit_new", fsf, code="T", name="新组", kind="team") == 302
    unit = OrgUnit.objects.get(code="T")
    assert act(admin, "unit_edit", unit.pk, name="新队", sort=5) == 302
    assert act(admin, "unit_move", unit.pk, parent=south) == 302
    role = Role.objects.get(code="sales_rep").pk
    seat_data = {"role": role, "title": "新席", "territories": [people.territories["S"].pk]}
    assert act(admin, "position_new", unit.pk, **seat_data) == 302
    seat = Position.objects.get(unit=unit)
    assert act(admin, "position_edit", seat.pk, role=role, title="改席", is_head="on") == 302
    user = people.users["sales_rep"].pk
    fill = {"user": user, "starts_on": "2026-11-01"}
    assert act(admin, "assignment_new", seat.pk, **fill) == 302
    assert act(admin, "assignment_new", seat.pk, **fill) == 409
    held = Assignment.objects.get(position=seat)
    assert admin.get(reverse("people:assignment_end", args=[held.pk])).status_code == 200
    assert act(admin, "assignment_end", held.pk, ends_on="2026-11-02") == 302
    assert act(admin, "position_close", seat.pk, reason="撤") == 302
    assert act(admin, "unit_close", unit.pk, reason="撤") == 302


def test_roles_and_grants_are_kept(admin: Client, people: People) -> None:
    titles = {"title_zh_hans": "督导", "title_zh_hant": "督導", "title_en": "Supervisor"}
    assert act(admin, "role_new", code="supervisor", **titles) == 302
    role = Role.objects.get(code="supervisor")
    table = {"scope:people.user:view": "unit", "expected_version": role.version}
    assert act(admin, "role_rights", role.pk, **table) == 302
    assert RolePermission.objects.get(role=role).scope == "unit"
    assert act(admin, "role_edit", role.pk, is_active="on", **titles) == 302
    grant = {"user": people.users["csr"].pk, "role": role.pk, "starts_on": "2026-11-01"}
    assert act(admin, "grant_new", reason="代班", **grant) == 302
    row = Grant.objects.get()
    assert "代班" in admin.get(reverse("people:grant_list"), {"force": "1"}).content.decode()
    assert act(admin, "grant_end", row.pk, reason="结束") == 302
    own = {**grant, "user": people.users["administrator"].pk}
    assert act(admin, "grant_new", reason="自己", **own) == 422


def test_deputies_are_named_and_revoked(client: Client, people: People) -> None:
    client.force_login(people.users["ssg_leader"])
    today = clock.today()
    dates = {"starts_on": today, "ends_on": today + timedelta(days=30), "consent_text": "电话同意"}
    deputy = people.users["csr"].pk
    orders = {"deputy": deputy, "max_amount": "10000", "document_types": ["orders.order"]}
    assert act(client, "deputy_new", **orders, **dates) == 302
    assert act(client, "deputy_new", **orders, **dates) == 422
    assert act(client, "deputy_new", **orders | {"document_types": ["orders.x"]}, **dates) == 422
    principal = people.users["general_manager"].pk
    assert act(client, "deputy_new_other", principal=principal, deputy=deputy, **dates) == 302
    page = client.get(reverse("people:deputies")).content.decode()
    assert "郑总" in page
    assert "10,000" in page
    assert "生效中" in page
    assert {"订单", "全部"} <= set(re.findall(r"<td[^>]*>([^<]*)</td>", page))
    row = Deputy.objects.get(principal_id=principal)
    assert act(client, "deputy_end", row.pk) == 302
    assert Deputy.objects.get(pk=row.pk).revoked_at is not None


def test_masters_are_kept(admin: Client, people: People) -> None:
    market, company = people.territories["N"].pk, people.company.pk
    assert act(admin, "territory_new", market, code="N-BJ", name="北京区域") == 302
    row = Territory.objects.get(code="N-BJ")
    assert act(admin, "territory_edit", row.pk, name="北京", is_active="on") == 302
    slt, billing = people.seats["general_manager"].pk, people.seats["csr"].pk
    route = {"slt_position": slt, "billing_position": billing}
    assert act(admin, "territory_route", market, **route) == 302
    assert act(admin, "territory_route", row.pk, **route) == 422
    edit = {"name": "成单集团", "timezone": "Asia/Shanghai", "calendar_code": "cn"}
    assert act(admin, "company_edit", company, **edit) == 302
    assert act(admin, "company_lock", company, lock_date="2026-10-31", reason="月结") == 302
    assert Company.objects.get(pk=company).lock_date == date(2026, 10, 31)
    new = {**edit, "code": "US", "currency": "USD", "exponent": 2, "timezone": "America/New_York"}
    assert act(admin, "company_new", **new) == 302
    code = "people.login_failures_pair"
    reason = {"reason": "收紧"}
    assert act(admin, "parameter", code, value="4", seen="5", **reason) == 302
    assert act(admin, "parameter", code, value="many", seen="4", **reason) == 422
    assert act(admin, "parameter", code, value="6", seen="5", **reason) == 409
    assert act(admin, "parameter", code, value="6", seen="4") == 422
    assert parameter_value(company, code) == 4
    assert act(admin, "parameter", "no.such", value="4", **reason) == 404


@pytest.mark.parametrize(
    ("code", "seen", "wrong", "right", "kept"),
    [
        ("shipping.note_on_release", "True", "perhaps", "False", False),
        ("people.scr_role", "shipping_coordinator", "nobody", "order_clerk", "order_clerk"),
        ("kernel.attachment_types", ", ".join(TYPES), ["pdf", "exe"], ["pdf"], ["pdf"]),
        ("kernel.attachment_types", ", ".join(TYPES), [], ["pdf", "png"], ["pdf", "png"]),
        ("billing.aging_days", "0, 30, 60, 90", "90, 30", "30, 90", ["30", "90"]),
    ],
)
def test_a_setting_offers_what_it_takes_and_refuses_beside_its_field(
    admin: Client, code: str, seen: str, wrong: Any, right: Any, kept: Any
) -> None:
    url, given = reverse("people:parameter", args=[code]), {"seen": seen, "reason": "规定"}
    assert admin.get(url).status_code == 200
    refused = admin.post(url, {"value": wrong, **given})
    assert refused.status_code == 422
    assert list(refused.context["form_page"].form.errors) == ["value"]
    assert admin.post(url, {"value": right, **given}).status_code == 302
    assert parameter_value(Company.objects.get().pk, code) == kept
