"""Pages of the credit room: success and refusal from one set-up."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.modules.credit.models import Account, LimitChange
from chengdan.modules.credit.selectors import exposure_documents
from chengdan.modules.credit.services import (
    Bucket,
    Move,
    Release,
    Source,
    credit_post,
    credit_reserve,
)
from chengdan.modules.people.services import deputy_name
from tests.fixtures.credit import INVOICE, ORDER, RECEIPT, credit_customer

D = Decimal


@pytest.fixture
def customer(people):
    unit = people.units["FSF-E-SH"].pk
    owner = people.users["key_account_manager"].pk
    return credit_customer(people.company.pk, unit, owner, "K1", limit=800_000)


@pytest.fixture
def used(people, customer):
    who = {"actor": Actor.system("tests", people.company.pk), "customer_id": customer}
    moves = [
        Move(Bucket.RECEIVABLE, D("421300"), Source(INVOICE, 1)),
        Move(Bucket.TO_INVOICE, D("96480"), Source(ORDER, 2)),
        Move(Bucket.UNAPPLIED, D("20000"), Source(RECEIPT, 3)),
    ]
    credit_post(**who, moves=moves, reason="opening")
    release = Release(
        people.users["deputy_sales_director"].pk, D("26620"), date(2026, 12, 31), "season"
    )
    credit_reserve(**who, source=Source(ORDER, 4), amount=D("328840"), release=release)
    return customer


@pytest.fixture
def sign_in(client, people):
    def enter(role):
        client.force_login(people.users[role])
        return client

    return enter


@pytest.mark.requirement("CRD-09", partly="documents are named by the rooms that own them")
def test_the_account_shows_every_bucket_with_documents_adding_up(sign_in, used):
    page = sign_in("deputy_sales_director").get(reverse("credit:show", args=[used]))
    text = page.content.decode()
    assert page.status_code == 200
    for figure in ("826,620.00", "421,300.00", "96,480.00", "328,840.00", "−20,000.00"):
        assert figure in text
    groups = page.context["groups"]
    assert sum(group.total for group in groups) == D("826620")
    assert all(sum(row[1] for row in g.rows) == g.total for g in groups)
    assert "style=" not in text.split("<main")[1]


def test_every_figure_of_the_account_has_documents_with_its_sum(used):
    account = Account.objects.get(pk=used)
    for bucket in Bucket:
        total = sum((item.amount for item in exposure_documents(used, bucket)), D(0))
        assert total == getattr(account, bucket)


@pytest.mark.parametrize(
    ("amount", "rule"), [("0", "CC-3"), ("133,380", "CC-3"), ("133380.01", "CC-4")]
)
def test_the_what_if_box_names_band_and_rule_and_reserves_nothing(sign_in, used, amount, rule):
    url = reverse("credit:whatif", args=[used])
    page = sign_in("deputy_sales_director").get(url, {"amount": amount})
    assert page.status_code == 200
    assert f"[{rule}]" in page.content.decode()
    assert Account.objects.get(pk=used).open == D("328840")


def test_money_received_with_the_order_counts_in_the_what_if_box(sign_in, used):
    url = reverse("credit:whatif", args=[used])
    values = {"amount": "60000", "received": "86620"}
    page = sign_in("deputy_sales_director").get(url, values)
    assert "[CC-2]" in page.content.decode()


def test_a_wrong_number_in_the_what_if_box_is_said(sign_in, used):
    url = reverse("credit:whatif", args=[used])
    page = sign_in("deputy_sales_director").get(url, {"amount": "1,5"})
    assert 'role="alert"' in page.content.decode()


@pytest.mark.parametrize("name", ["list", "entries"])
def test_list_and_ledger_open(sign_in, used, name):
    arguments = [used] if name == "entries" else []
    page = sign_in("deputy_sales_director").get(reverse(f"credit:{name}", args=arguments))
    assert page.status_code == 200
    assert "826,620.00" in page.content.decode()


def test_a_limit_is_proposed_by_one_and_approved_by_another(sign_in, people, customer):
    url = reverse("credit:propose", args=[customer])
    values = {"limit": "900,000", "reason": "season", "evidence": "guarantee of the bank"}
    page = sign_in("sales_director").post(url, values)
    change = LimitChange.objects.get(status="proposed")
    assert page.url == reverse("credit:change", args=[change.pk])
    shown = sign_in("sales_director").get(page.url)
    assert shown.status_code == 200

    approve = reverse("credit:approve", args=[change.pk])
    version = {"expected_version": change.version}
    own = sign_in("sales_director").post(approve, {**version, "comment": "mine"})
    assert own.status_code == 422
    assert Account.objects.get(pk=customer).limit == 800_000

    other = sign_in("deputy_sales_director").post(approve, {**version, "comment": "agreed"})
    assert other.status_code == 302
    assert Account.objects.get(pk=customer).limit == 900_000


def test_a_deputy_finds_a_waiting_limit_and_signs_it_for_the_principal(sign_in, people, customer):
    url = reverse("credit:propose", args=[customer])
    sign_in("sales_director").post(url, {"limit": "1", "reason": "careful"})
    change = LimitChange.objects.get(status="proposed")
    show = reverse("credit:change", args=[change.pk])
    approve = reverse("credit:approve_lent", args=[change.pk])
    today = clock.today()
    deputy_name(
        actor=people.actor("deputy_sales_director"), consent_text="电话同意",
        principal_id=people.users["deputy_sales_director"].pk, starts_on=today, ends_on=today,
        deputy_id=people.users["market_department"].pk, document_types=["credit.limitchange"],
    )  # fmt: skip
    # Who sees credit accounts alone decides nothing.
    assert approve not in sign_in("csr").get(show).content.decode()
    assert sign_in("csr").get(approve).status_code == 403
    client = sign_in("market_department")
    assert "?proposal=mine" in client.get("/").content.decode()
    assert approve in client.get(show).content.decode()
    assert client.post(approve, {"comment": "代签"}).status_code == 302
    text = client.get(show).content.decode()
    signers = ("market_department", "deputy_sales_director")
    names = (people.users[role].display_name for role in signers)
    assert "{} 代 {}".format(*names) in text
    assert "电话同意" in text


def test_a_proposal_without_reason_comes_back_with_the_field(sign_in, customer):
    url = reverse("credit:propose", args=[customer])
    page = sign_in("sales_director").post(url, {"limit": "900,000", "reason": ""})
    assert page.status_code == 422
    assert not LimitChange.objects.filter(status="proposed").exists()


def test_a_refusal_needs_a_comment_and_a_proposal_can_be_withdrawn(sign_in, customer):
    url = reverse("credit:propose", args=[customer])
    values = {"limit": "1", "reason": "careful"}
    sign_in("sales_director").post(url, values)
    change = LimitChange.objects.get(status="proposed")
    refuse = reverse("credit:refuse", args=[change.pk])
    assert sign_in("deputy_sales_director").get(refuse).status_code == 200
    assert sign_in("deputy_sales_director").post(refuse, {"comment": ""}).status_code == 422
    withdraw = reverse("credit:withdraw", args=[change.pk])
    assert sign_in("deputy_sales_director").post(withdraw).status_code == 404
    assert sign_in("sales_director").post(withdraw).status_code == 302
    change.refresh_from_db()
    assert change.status == "withdrawn"


def test_a_person_without_the_right_is_refused(sign_in, used):
    client = sign_in("warehouse_keeper")
    for name in ("show", "entries", "whatif", "propose"):
        assert client.get(reverse(f"credit:{name}", args=[used])).status_code == 403


def test_an_account_out_of_scope_is_like_a_missing_one(sign_in, people, used):
    from chengdan.kernel.transactions import unguarded

    other = credit_customer(
        people.company.pk, people.units["FSF"].pk, people.users["general_manager"].pk, "K2"
    )
    with unguarded():
        found = sign_in("key_account_manager").get(reverse("credit:show", args=[other]))
    assert found.status_code == 404
    assert (
        found.status_code
        == sign_in("key_account_manager").get(reverse("credit:show", args=[10**6])).status_code
    )


def test_a_waiting_proposal_is_found_in_the_list_and_on_the_workbench(sign_in, customer):
    url = reverse("credit:propose", args=[customer])
    sign_in("sales_director").post(url, {"limit": "123,456", "reason": "x", "evidence": "y"})
    change = reverse("credit:change", args=[LimitChange.objects.get(status="proposed").pk])
    mine = f"{reverse('credit:list')}?proposal=mine"

    other = sign_in("deputy_sales_director")
    listed = other.get(mine).content.decode()
    assert "123,456.00" in listed
    assert f'href="{change}"' in listed
    assert f'href="{mine}"' in other.get("/").content.decode()

    own = sign_in("sales_director")
    assert change not in own.get(mine).content.decode()
    assert change in own.get(f"{reverse('credit:list')}?proposal=any").content.decode()
    assert f'href="{mine}"' not in own.get("/").content.decode()
