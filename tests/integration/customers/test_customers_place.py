"""Creating, changing and finding customers."""

import time
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from chengdan.kernel.outbox.models import OutboxMessage
from chengdan.kernel.search import search
from chengdan.kernel.transactions import unguarded
from tests.fixtures.customers import Buyers
from tests.fixtures.people import People

pytestmark = pytest.mark.django_db
USCC = "91110000600037341L"


def _draft(name: str, **values: Any) -> Any:
    from chengdan.modules.customers.services import CustomerDraft

    return CustomerDraft(name=name, **values)


def _events(code: str) -> int:
    return OutboxMessage.objects.filter(topic=code).count()


def test_a_new_customer_has_code_owner_market_member_entry_and_event(people: People) -> None:
    from chengdan.modules.customers.services import customer_create

    actor = people.actor("key_account_manager")
    draft = _draft("和兴食品有限公司", territory_id=people.territories["SHA"].pk, uscc=USCC)
    customer = customer_create(actor=actor, draft=draft)
    assert customer.code == "C00001"
    assert customer.owner_id == actor.user_id
    assert customer.unit_id == people.units["FSF-E-SH"].pk
    assert customer.market_id == people.territories["E"].pk
    assert customer.slt_member_id == people.users["deputy_sales_director"].pk
    assert customer.status == "draft"
    (entry,) = audit_history(customer)
    assert (entry.code, entry.actor_id) == ("customers.customer.created", actor.user_id)
    assert entry.after["uscc"] == USCC
    assert _events("customers.CustomerCreated") == 1


def test_every_fault_of_every_row_is_named_at_once_and_nothing_is_saved(people: People) -> None:
    from chengdan.modules.customers.models import Customer
    from chengdan.modules.customers.services import ContactDraft, customers_place

    drafts = [
        _draft("", phone="12", value_class="Z"),
        _draft("甲", code="X1", uscc="123", payment_term_days=9999, currency="yuan"),
        _draft("乙", code="X1", contacts=(ContactDraft("", email="nobody"),), country="China"),
    ]
    with pytest.raises(InvalidError) as refused:
        customers_place(actor=people.actor("key_account_manager"), drafts=drafts)
    found = {(item.row, item.field) for item in refused.value.items}
    assert found == {
        (1, "name"), (1, "phone"), (1, "value_class"),
        (2, "code"), (2, "uscc"), (2, "payment_term_days"), (2, "currency"),
        (3, "code"), (3, "contact_name"), (3, "contact_email"), (3, "country"),
    }  # fmt: skip
    assert not Customer.objects.exists()


@pytest.mark.parametrize("country", ["ZZ", "中国", "EU"])
def test_an_unknown_country_is_named_and_its_phones_are_not_blamed(
    people: People, country: str
) -> None:
    from chengdan.modules.customers.services import AddressDraft, ContactDraft, customer_create

    draft = _draft(
        "甲", country=country, phone="010 6554 2233", currency="QQQ",
        contacts=(ContactDraft("罗先生", phone="010 6554 2233"),),
        addresses=(AddressDraft("ship_to", "天河路 1 号", country=country, phone="02012345678"),),
    )  # fmt: skip
    with pytest.raises(InvalidError) as refused:
        customer_create(actor=people.actor("sales_rep"), draft=draft)
    found = [item.field for item in refused.value.items]
    assert sorted(found) == ["address_country", "country", "currency"]


def test_a_foreign_customer_needs_no_chinese_code(people: People) -> None:
    from chengdan.modules.customers.services import customer_create

    draft = _draft("Acme Ltd", country="us", uscc="12-345", phone="+1 212 555 0100")
    customer = customer_create(actor=people.actor("sales_rep"), draft=draft)
    assert (customer.country, customer.uscc, customer.phone) == ("US", "12345", "+12125550100")


def test_who_has_no_right_creates_nothing(people: People) -> None:
    from chengdan.modules.customers.services import customer_create

    with pytest.raises(ForbiddenError):
        customer_create(actor=people.actor("warehouse_keeper"), draft=_draft("甲"))
    someone = people.users["finance_clerk"].pk
    with pytest.raises(ForbiddenError):
        customer_create(actor=people.actor("sales_rep"), draft=_draft("甲", owner_id=someone))


def test_bulk_takes_as_many_queries_for_many_as_for_few(people: People) -> None:
    from chengdan.modules.customers.services import customers_place

    actor = Actor.system("bulk", people.company.pk)
    owner = people.users["sales_rep"].pk

    def place(first: int, count: int) -> int:
        drafts = [
            _draft(f"客户{number}贸易行", owner_id=owner, code=f"K{number}")
            for number in range(first, first + count)
        ]
        with CaptureQueriesContext(connection) as queries:
            customers_place(actor=actor, drafts=drafts)
        reads = [q for q in queries.captured_queries if q["sql"].startswith("SELECT")]
        return len(reads)

    place(2000, 1)
    assert place(0, 400) <= place(1000, 5) + 2


@pytest.mark.slow
def test_a_thousand_customers_take_about_a_second_of_processor_time(people: People) -> None:
    """The figure of the bench, with a margin for slow machines; the dictionary is warm."""
    from chengdan.modules.customers.services import customers_place

    owner = people.users["sales_rep"].pk
    drafts = [_draft(f"客户{number}贸易行", owner_id=owner) for number in range(1001)]
    actor = Actor.system("bulk", people.company.pk)
    customers_place(actor=actor, drafts=drafts[:1])
    start = time.process_time()
    customers_place(actor=actor, drafts=drafts[1:])
    assert time.process_time() - start < 2


def test_a_change_bumps_the_version_and_records_before_and_after(
    people: People, buyers: Buyers
) -> None:
    from chengdan.modules.customers.services import customer_update

    customer = buyers("和兴食品有限公司")
    actor = people.actor("key_account_manager")
    values = {"value_class": "A", "note": "  vip "}
    changed = customer_update(
        actor=actor, customer_id=customer.pk, values=values, expected_version=1
    )
    assert (changed.version, changed.note) == (2, "vip")
    entry = audit_history(customer)[0]
    assert entry.code == "customers.customer.updated"
    assert (entry.before["value_class"], entry.after["value_class"]) == ("", "A")
    assert _events("customers.CustomerUpdated") == 1
    with pytest.raises(ConflictError):
        customer_update(
            actor=actor, customer_id=customer.pk, values={"note": ""}, expected_version=1
        )


def test_nothing_changes_without_a_difference(people: People, buyers: Buyers) -> None:
    from chengdan.modules.customers.services import customer_update

    customer = buyers("和兴食品有限公司")
    actor = people.actor("key_account_manager")
    same = customer_update(actor=actor, customer_id=customer.pk, values={"name": customer.name})
    assert same.version == 1
    assert len(audit_history(customer)) == 1


def test_state_owner_and_code_do_not_change_by_editing(people: People, buyers: Buyers) -> None:
    from chengdan.modules.customers.services import customer_update

    customer = buyers("和兴食品有限公司")
    values = {"status": "active", "owner_id": 1, "code": "X"}
    with pytest.raises(InvalidError) as refused:
        customer_update(
            actor=people.actor("key_account_manager"), customer_id=customer.pk, values=values
        )
    assert {item.field for item in refused.value.items} == set(values)


def test_only_members_of_the_leadership_team_answer_for_a_customer(
    people: People, buyers: Buyers
) -> None:
    from chengdan.modules.customers.services import customer_create, customer_update
    from chengdan.modules.people.services import user_disable

    actor, other = people.actor("key_account_manager"), people.users["csr"].pk
    customer = buyers("和兴食品有限公司")
    named = customer.slt_member_id
    with pytest.raises(InvalidError) as refused:
        customer_update(actor=actor, customer_id=customer.pk, values={"slt_member_id": other})
    assert [item.field for item in refused.value.items] == ["slt_member_id"]
    with pytest.raises(InvalidError) as refused:
        customer_create(actor=actor, draft=_draft("盛丰粮油", slt_member_id=other))
    assert [item.field for item in refused.value.items] == ["slt_member_id"]
    leader = people.users["sales_director"].pk
    assert leader != named
    customer_update(actor=actor, customer_id=customer.pk, values={"slt_member_id": leader})
    user_disable(actor=people.actor("administrator"), user_id=leader, reason="离职")
    values = {"slt_member_id": leader, "note": "已离任的成员不妨碍其他修改"}
    customer_update(actor=actor, customer_id=customer.pk, values=values)


def test_an_active_customer_keeps_what_it_must_carry(people: People, buyers: Buyers) -> None:
    from chengdan.modules.customers.services import customer_update

    customer = buyers("和兴食品有限公司", is_active=True)
    values = {"payment_term_days": None, "slt_member_id": None}
    with pytest.raises(InvalidError) as refused:
        customer_update(
            actor=people.actor("key_account_manager"), customer_id=customer.pk, values=values
        )
    assert {item.field for item in refused.value.items} == set(values)
    with pytest.raises(IntegrityError), transaction.atomic(), unguarded():
        type(customer).objects.filter(pk=customer.pk).update(slt_member=None)


def test_a_stranger_neither_sees_nor_changes_it(people: People, buyers: Buyers) -> None:
    from chengdan.modules.customers.selectors import customer_get
    from chengdan.modules.customers.services import customer_update

    customer = buyers("和兴食品有限公司", role="key_account_manager")
    actor = people.actor("sales_rep")
    with pytest.raises(NotFoundError):
        customer_get(actor, customer.pk)
    with pytest.raises(NotFoundError):
        customer_update(actor=actor, customer_id=customer.pk, values={"note": "x"})


def test_the_four_classes_and_the_credit_grade_are_five_fields(buyers: Buyers) -> None:
    """Setting one leaves the others alone, and no label of one reads like another's (N14)."""
    from chengdan.modules.customers import vocabulary as words

    customer = buyers("和兴食品", value_class="A", credit_grade="C", funnel_class="closing")
    assert (customer.importance_class, customer.relation_class) == ("", "")
    assert (customer.value_class, customer.credit_grade) == ("A", "C")
    kinds: list[Any] = [
        words.ValueClass, words.FunnelClass, words.ImportanceClass, words.RelationClass,
        words.CreditGrade,
    ]  # fmt: skip
    with translation.override("en"):
        labels = [str(label) for kind in kinds for label in kind.labels]
        grades = [str(label) for label in words.CreditGrade.labels]
    assert len(set(labels)) == len(labels)
    assert all("redit" in label for label in grades)


@pytest.mark.parametrize("text", ["和兴", "hexing", "hxsp", "C00001", "兴食", "和興"])
def test_found_by_characters_pinyin_initials_and_code(
    people: People, buyers: Buyers, text: str
) -> None:
    from chengdan.modules.customers.selectors import customers_pick

    customer = buyers("和兴食品有限公司", is_active=True)
    buyers("盛丰粮油有限公司", is_active=True)
    actor = people.actor("key_account_manager")
    assert [row.pk for row in customers_pick(actor, text)] == [customer.pk]
    assert customer.name in {hit.title for hit in search(actor, text)}


def test_only_active_customers_are_offered_unless_asked(people: People, buyers: Buyers) -> None:
    from chengdan.modules.customers.selectors import customers_pick

    buyers("和兴食品有限公司")
    actor = people.actor("key_account_manager")
    assert customers_pick(actor, "和兴") == []
    assert len(customers_pick(actor, "和兴", is_active_only=False)) == 1
