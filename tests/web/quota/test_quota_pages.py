"""Pages of the quota room: success and refusal from one set-up."""

from datetime import date
from decimal import Decimal

import pytest
from django.conf import settings
from django.urls import reverse

from chengdan.kernel.actor import Actor
from chengdan.kernel.registry import Registry
from chengdan.modules.quota.models import Cell
from chengdan.modules.quota.services import (
    CellDraft,
    Demand,
    Source,
    quota_cells_set,
    quota_consume,
    quota_reserve,
)
from tests.fixtures.quota import _goods

D = Decimal
PERIOD = {"starts_on": date(2026, 11, 1), "ends_on": date(2026, 11, 30)}


@pytest.fixture
def goods(people):
    return _goods(people.company.pk)


@pytest.fixture
def cell(people, goods):
    actor = Actor.system("tests", people.company.pk)
    draft = CellDraft(
        limit=D(100), product_id=goods[1], territory_id=people.territories["E-SH"].pk, **PERIOD
    )
    made = quota_cells_set(actor=actor, company_id=people.company.pk, drafts=[draft])[0]
    demand = Demand(
        product_id=goods[1],
        category_ids=goods[0],
        customer_id=1,
        territory_id=people.territories["SHA"].pk,
        on=date(2026, 11, 20),
        quantity=D(30),
        amount=D(300),
        line_ref=1,
    )
    quota_reserve(actor=actor, source=Source("tests.order", 8), demands=[demand])
    return made.pk


@pytest.fixture
def sign_in(client, people):
    def enter(role):
        client.force_login(people.users[role])
        return client

    return enter


def test_the_grid_shows_what_is_left_of_each_cell(sign_in, cell, frozen_clock):
    page = sign_in("sales_director").get(reverse("quota:grid"))
    text = page.content.decode()
    assert page.status_code == 200
    assert reverse("quota:cell", args=[cell]) in text
    assert "凉茶" in text
    assert ">70</a>" in text


def test_an_empty_grid_says_what_belongs_there(sign_in, people):
    page = sign_in("sales_director").get(reverse("quota:grid"))
    assert page.status_code == 200
    assert reverse("quota:paste") in page.content.decode()


def test_a_cell_explains_its_remainder_with_documents(sign_in, cell, monkeypatch):
    url = reverse("quota:cell", args=[cell])
    others = "更早的单据和你无权查看的单据"
    page = sign_in("sales_director").get(url).content.decode()
    assert others in page
    assert "tests.order 8" not in page
    filters = Registry("filters")
    filters.add("tests.order", lambda actor, ids: set(ids))
    monkeypatch.setattr("chengdan.modules.quota.selectors._filters", filters)
    page = sign_in("sales_director").get(url)
    assert page.status_code == 200
    text = page.content.decode()
    assert others not in text
    assert "tests.order 8" in text
    assert ">70<" in text


@pytest.mark.parametrize(("language", "words"), [("en", "Over-delivery"), ("zh-hans", "超量发货")])
def test_the_ledger_says_in_the_readers_words_that_more_went_out(sign_in, cell, language, words):
    source = Source("tests.order", 8)
    quota_consume(actor=Actor.system("tests"), source=source, shipped={1: D(101)})
    client = sign_in("sales_director")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    text = client.get(reverse("quota:cell", args=[cell])).content.decode()
    assert f">{words}<" in text


def test_a_limit_is_changed_once_per_version(sign_in, cell):
    url = reverse("quota:edit", args=[cell])
    client = sign_in("sales_director")
    assert client.get(url).status_code == 200
    version = Cell.objects.get(pk=cell).version
    values = {"limit": "90", "reason": "less", "expected_version": version}
    assert client.post(url, values).status_code == 302
    assert Cell.objects.get(pk=cell).limit == 90
    assert client.post(url, {**values, "limit": "80"}).status_code == 409


def test_a_limit_below_use_comes_back_with_the_reason(sign_in, cell):
    url = reverse("quota:edit", args=[cell])
    page = sign_in("sales_director").post(url, {"limit": "29"})
    assert page.status_code == 422
    assert Cell.objects.get(pk=cell).limit == 100


@pytest.mark.requirement("QTA-03", partly="the request form of the receiving region lacks")
def test_quota_is_transferred_with_consent(sign_in, people, goods, cell):
    actor = Actor.system("tests", people.company.pk)
    other = CellDraft(
        limit=D(10), product_id=goods[1], territory_id=people.territories["E"].pk, **PERIOD
    )
    receiving = quota_cells_set(actor=actor, company_id=people.company.pk, drafts=[other])[0]
    url = reverse("quota:transfer", args=[cell])
    client = sign_in("sales_director")
    assert client.get(url).status_code == 200
    values = {
        "receiving": receiving.pk,
        "quantity": "20",
        "consent_by": people.users["region_manager"].pk,
        "reason": "season",
    }
    assert client.post(url, {**values, "quantity": "71"}).status_code == 422
    assert client.post(url, values).status_code == 302
    limits = Cell.objects.order_by("pk").values_list("limit", flat=True)
    assert list(limits) == [D(80), D(30)]
    for shown, other in ((cell, receiving.pk), (receiving.pk, cell)):
        text = client.get(reverse("quota:cell", args=[shown])).content.decode()
        assert f'href="{reverse("quota:cell", args=[other])}"' in text
        assert str(people.users["region_manager"]) in text


@pytest.mark.parametrize("day", ["9" * 30 + "-1-1", "0001-01-01", "9999-12-31", "2026-2-30", "-1"])
def test_a_pasted_day_that_is_none_is_named(sign_in, people, goods, day):
    rows = f"{day}\t2026-11-30\tP1\t\tE-SH\t\t5\t"
    page = sign_in("sales_director").post(reverse("quota:paste"), {"rows": rows})
    assert page.status_code == 422
    assert not Cell.objects.exists()


def test_pasted_rows_make_cells_and_wrong_ones_are_named(sign_in, people, goods):
    client = sign_in("sales_director")
    url = reverse("quota:paste")
    assert client.get(url).status_code == 200
    good = "From\tTo\n2026-11-01\t2026-11-30\tP1\t\tE-SH\t\t1,200\n"
    bad = good + "2026-11-01\t2026-11-31\tP9\t\t\t\tx\n"
    page = client.post(url, {"rows": bad})
    assert page.status_code == 422
    assert page.context["form_page"].form.errors == {
        "rows": [
            "第 3 行，至：请填写日期，例如 2026-11-01。", "第 3 行，产品编码：“P9”不存在。",
            "第 3 行，配额：请填数字，例如 1,234.5。",
        ]
    }  # fmt: skip
    page = client.post(url, {"rows": good + "\n2026-11-30\t2026-11-01\tP1\t\t\t\t1\n"})
    assert page.context["form_page"].form.errors["rows"][0].startswith("第 4 行，至：")
    assert not Cell.objects.exists()
    money = "2026/12/01\t2026/12/31\t\tF\t\t\t5000\t金额\n"
    assert client.post(url, {"rows": good + money}).status_code == 302
    assert list(Cell.objects.order_by("pk").values_list("limit", "measure")) == [
        (D(1200), "quantity"),
        (D(5000), "amount"),
    ]


def test_the_paste_page_says_what_measures_there_are_and_names_a_lonely_head(sign_in, goods):
    client = sign_in("sales_director")
    url = reverse("quota:paste")
    text = client.get(url).content.decode()
    assert "“金额”" in text
    assert "“数量”" in text
    page = client.post(url, {"rows": "起\t止\t产品编码\n"})
    assert "只有表头" in page.context["form_page"].form.errors["rows"][0]
    rows = "2026-11-01\t2026-11-30\tP1\t\tE-SH\t\t5\t钱\n"
    page = client.post(url, {"rows": rows})
    assert page.context["form_page"].form.errors["rows"][0].startswith("第 1 行，计量方式：")
    assert not Cell.objects.exists()


def test_a_person_without_the_right_is_refused(sign_in, cell):
    client = sign_in("warehouse_keeper")
    for name in ("cell", "edit", "transfer", "end"):
        assert client.get(reverse(f"quota:{name}", args=[cell])).status_code == 403
    url = reverse("quota:end", args=[cell])
    assert client.post(url, {"reason": "x"}).status_code == 403
    assert Cell.objects.get(pk=cell).ended_at is None


def test_a_quota_is_ended_from_its_page_with_a_reason(sign_in, cell, frozen_clock):
    client, shown = sign_in("sales_director"), reverse("quota:cell", args=[cell])
    url = reverse("quota:end", args=[cell])
    assert f'href="{url}"' in client.get(shown).content.decode()
    dialog = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "cd-dialog-body"}
    for headers in ({}, dialog):
        text = client.get(url, **headers).content.decode()
        assert "结束后不能恢复" in text
        assert f'name="expected_version" value="{Cell.objects.get(pk=cell).version}"' in text
        assert client.post(url, {"reason": ""}, **headers).status_code == 422
    assert client.post(url, {"reason": "x", "expected_version": 0}).status_code == 409
    values = {"reason": "产品填错", "expected_version": Cell.objects.get(pk=cell).version}
    answer = client.post(url, values, **dialog)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, shown)
    text = client.get(shown).content.decode()
    assert "配额已结束" in text
    assert "产品填错" in text
    assert f'href="{url}"' not in text
    assert reverse("quota:edit", args=[cell]) not in text
    answer = client.post(url, {"reason": "x"}, **dialog)
    assert answer.status_code == 422
    assert "该配额已结束，不能再修改。" in answer.content.decode()


def test_an_ended_quota_stands_below_the_grid_and_cannot_be_changed(sign_in, cell, people):
    client = sign_in("sales_director")
    client.post(reverse("quota:end", args=[cell]), {"reason": "x"})
    page = client.get(reverse("quota:grid"))
    assert (page.context["rows"], page.status_code) == ([], 200)
    text = page.content.decode()
    assert "已结束的配额" in text
    assert reverse("quota:cell", args=[cell]) in text
    limit = {"limit": "200", "reason": "x"}
    answer = client.post(reverse("quota:edit", args=[cell]), limit)
    assert answer.status_code == 422
    assert "该配额已结束" in answer.content.decode()
    rows = "2026-11-01\t2026-11-30\tP1\t\tE-SH\t\t50\t"
    assert client.post(reverse("quota:paste"), {"rows": rows}).status_code == 302
    new = Cell.objects.get(ended_at__isnull=True)
    page = client.get(reverse("quota:grid"))
    assert [item.pk for row in page.context["rows"] for item in row.cells if item] == [new.pk]
    form = client.get(reverse("quota:transfer", args=[new.pk])).context["form_page"].form
    assert form.fields["receiving"].choices == []


def test_the_grid_opens_at_a_period_in_which_something_binds(sign_in, cell, people, goods):
    later = {"starts_on": date(2027, 1, 1), "ends_on": date(2027, 1, 31)}
    actor = Actor.system("tests", people.company.pk)
    draft = CellDraft(limit=D(10), product_id=goods[1], **later)
    made = quota_cells_set(actor=actor, company_id=people.company.pk, drafts=[draft])[0]
    client = sign_in("sales_director")
    client.post(reverse("quota:end", args=[cell]), {"reason": "x"})
    page = client.get(reverse("quota:grid"))
    assert [row.cells[0].pk for row in page.context["rows"]] == [made.pk]
    page = client.get(reverse("quota:grid"), {"period": "20261101-20261130"})
    assert reverse("quota:cell", args=[cell]) in page.content.decode()
