"""Possible duplicates: warned about, overridden with a reason, told without leaking."""

from typing import Any

import pytest

from chengdan.kernel.audit import audit_history
from tests.fixtures.customers import Buyers
from tests.fixtures.people import People

pytestmark = pytest.mark.django_db


def _create(people: People, role: str, name: str, **values: Any) -> Any:
    from chengdan.modules.customers.services import CustomerDraft, customer_create

    draft = CustomerDraft(name=name, **values)
    return customer_create(actor=people.actor(role), draft=draft)


@pytest.mark.parametrize(
    ("name", "values", "grounds"),
    [
        ("廣州市和興食品（集团）股份有限公司", {}, ("name",)),
        ("别的名字", {"uscc": "91110000600037341l"}, ("uscc",)),
        ("别的名字", {"phone": "（020）8888-8888"}, ("phone",)),
        ("别的名字", {"phone": "13800138000"}, ("phone",)),
        ("别的名字", {"domain": "http://www.hexing.cn/"}, ("domain",)),
    ],
)
def test_each_ground_is_found_and_named(
    people: People, buyers: Buyers, name: str, values: dict[str, str], grounds: tuple[str, ...]
) -> None:
    from chengdan.modules.customers.services import ContactDraft
    from chengdan.modules.customers.vocabulary import DuplicateError

    known = buyers(
        "广州市和兴食品有限公司", uscc="91110000600037341L", phone="020-88888888",
        domain="hexing.cn", contacts=(ContactDraft("李明", mobile="13800138000"),),
    )  # fmt: skip
    with pytest.raises(DuplicateError) as refused:
        _create(people, "key_account_manager", name, **values)
    ((hint,),) = refused.value.hints.values()
    assert hint.grounds == grounds
    assert (hint.customer_id, hint.code, hint.is_open) == (known.pk, known.code, True)


def test_of_a_hidden_record_only_the_responsible_person_is_told(
    people: People, buyers: Buyers
) -> None:
    from chengdan.modules.customers.vocabulary import DuplicateError

    buyers("和兴食品有限公司", role="key_account_manager")
    with pytest.raises(DuplicateError) as refused:
        _create(people, "sales_rep", "和兴食品股份有限公司")
    ((hint,),) = refused.value.hints.values()
    assert hint.responsible == people.users["key_account_manager"].display_name
    assert (hint.customer_id, hint.code, hint.name) == (None, "", "")


def test_a_reason_overrides_and_is_kept(people: People, buyers: Buyers) -> None:
    buyers("和兴食品有限公司")
    customer = _create(
        people, "key_account_manager", "和兴食品有限公司", duplicate_reason="另一法人"
    )
    codes = {entry.code: entry.reason for entry in audit_history(customer)}
    assert codes["customers.customer.duplicate_overridden"] == "另一法人"


def test_a_renamed_customer_is_compared_too_but_not_with_itself(
    people: People, buyers: Buyers
) -> None:
    from chengdan.modules.customers.services import customer_update
    from chengdan.modules.customers.vocabulary import DuplicateError

    buyers("和兴食品有限公司")
    other = buyers("盛丰粮油有限公司")
    actor = people.actor("key_account_manager")
    renamed = customer_update(
        actor=actor, customer_id=other.pk, values={"name": "盛丰粮油股份有限公司"}
    )
    assert renamed.version == 2
    with pytest.raises(DuplicateError):
        customer_update(actor=actor, customer_id=other.pk, values={"name": "和兴食品"})


def test_a_closed_record_and_one_of_another_company_do_not_warn(
    people: People, buyers: Buyers
) -> None:
    from chengdan.modules.customers.services import customer_close

    old = buyers("和兴食品有限公司")
    manager = people.actor("market_manager")
    customer_close(actor=manager, customer_id=old.pk, reason="停业")
    assert buyers("和兴食品有限公司").pk != old.pk
