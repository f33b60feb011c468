"""Contacts, addresses, shipping data and invoice details."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from chengdan.kernel import clock
from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from chengdan.kernel.transactions import unguarded
from tests.fixtures.customers import Buyers
from tests.fixtures.people import People

pytestmark = pytest.mark.django_db


def test_contacts_are_masked_and_opening_them_is_logged(people: People, buyers: Buyers) -> None:
    from chengdan.modules.customers import services as s
    from chengdan.modules.customers.selectors import contacts_of

    customer = buyers("和兴食品")
    actor = people.actor("key_account_manager")
    draft = s.ContactDraft("李明", mobile="13800138000", email="liming@hexing.cn")
    contact = s.contact_add(actor=actor, customer_id=customer.pk, draft=draft)
    (shown,) = contacts_of(customer.pk)
    assert shown.is_primary
    assert (shown.mobile, shown.email) == ("+86138****00", "l***@hexing.cn")
    assert s.contact_reveal(actor=actor, contact_id=contact.pk)["mobile"] == "138 0013 8000"
    entry = audit_history(customer)[0]
    assert (entry.code, entry.actor_id) == ("customers.contact.revealed", actor.user_id)


def test_opening_needs_its_own_right(people: People, buyers: Buyers) -> None:
    from chengdan.modules.customers import services as s

    customer = buyers("和兴食品", role="order_clerk",
                      contacts=(s.ContactDraft("李明", mobile="13800138000"),))  # fmt: skip
    contact = customer.contacts.get()
    with pytest.raises((ForbiddenError, NotFoundError)):
        s.contact_reveal(actor=people.actor("warehouse_keeper"), contact_id=contact.pk)
    assert not [e for e in audit_history(customer) if e.code == "customers.contact.revealed"]


def test_one_main_contact_always(people: People, buyers: Buyers) -> None:
    from chengdan.modules.customers import services as s

    customer = buyers("和兴食品", contacts=(s.ContactDraft("甲"), s.ContactDraft("乙")))
    actor = people.actor("key_account_manager")
    first, second = customer.contacts.order_by("id")
    assert first.is_primary
    with pytest.raises(InvalidError):
        s.contact_change(actor=actor, contact_id=first.pk, draft=s.ContactDraft("甲"))
    s.contact_change(actor=actor, contact_id=second.pk, draft=s.ContactDraft("乙", is_primary=True))
    assert list(customer.contacts.filter(is_primary=True)) == [second]
    s.contact_remove(actor=actor, contact_id=second.pk)
    assert list(customer.contacts.filter(is_primary=True)) == [first]
    with pytest.raises(IntegrityError), transaction.atomic(), unguarded():
        customer.contacts.update(is_primary=True, is_active=True)


def test_a_contact_that_cannot_be_names_the_value_as_its_form_does(
    people: People, buyers: Buyers
) -> None:
    from chengdan.modules.customers import services as s

    customer = buyers("和兴食品")
    draft = s.ContactDraft(" ", phone="12", mobile="x", email="mail")
    with pytest.raises(InvalidError) as refused:
        s.contact_add(actor=people.actor("key_account_manager"), customer_id=customer.pk,
                      draft=draft)  # fmt: skip
    assert {item.field for item in refused.value.items} == {"name", "phone", "mobile", "email"}


def test_addresses_take_codes_and_names_of_divisions(people: People, buyers: Buyers) -> None:
    from chengdan.modules.customers import services as s

    customer = buyers("和兴食品")
    actor = people.actor("key_account_manager")
    picked = s.address_add(
        actor=actor, customer_id=customer.pk,
        draft=s.AddressDraft(division_code="440111", detail="太和镇中心仓"),
    )  # fmt: skip
    assert picked.one_line == "广东省广州市白云区太和镇中心仓"
    assert (picked.province_code, picked.city_code, picked.area_code) == (
        "440000", "440100", "440111",
    )  # fmt: skip
    typed = s.address_add(
        actor=actor, customer_id=customer.pk,
        draft=s.AddressDraft(province="北京", area="朝阳", detail="建国路1号"),
    )  # fmt: skip
    assert (typed.area_code, typed.one_line) == ("110105", "北京市朝阳区建国路1号")
    abroad = s.address_add(
        actor=actor, customer_id=customer.pk,
        draft=s.AddressDraft(country="US", city="New York", province="NY", detail="1 Main St"),
    )  # fmt: skip
    assert (abroad.one_line, abroad.city_code) == ("1 Main St, New York, NY, US", "")
    with pytest.raises(InvalidError):
        s.address_add(
            actor=actor, customer_id=customer.pk,
            draft=s.AddressDraft(division_code="999999", detail="x"),
        )  # fmt: skip


def test_each_kind_has_one_default_which_passes_on(people: People, buyers: Buyers) -> None:
    from chengdan.modules.customers import services as s
    from chengdan.modules.customers.selectors import address_default

    customer = buyers("和兴食品", addresses=(
        s.AddressDraft(detail="一仓"), s.AddressDraft(detail="二仓"),
        s.AddressDraft(kind="bill_to", detail="总部"),
    ))  # fmt: skip
    actor = people.actor("key_account_manager")
    one, two = customer.addresses.filter(kind="ship_to").order_by("id")
    assert address_default(customer.pk, "ship_to") == one
    s.address_default_set(actor=actor, address_id=two.pk)
    assert address_default(customer.pk, "ship_to") == two
    s.address_remove(actor=actor, address_id=two.pk)
    assert address_default(customer.pk, "ship_to") == one
    bill_to = address_default(customer.pk, "bill_to")
    assert bill_to is not None
    assert bill_to.detail == "总部"


@pytest.mark.requirement("SHP-05")
def test_shipping_data_are_listed_until_checked_in_each_month(
    people: People, buyers: Buyers, frozen_clock: datetime
) -> None:
    from chengdan.modules.customers import services as s
    from chengdan.modules.customers.selectors import customer_summary, shipping_stale

    customer = buyers("和兴食品", is_active=True)
    actor = people.actor("key_account_manager")
    assert list(shipping_stale(actor)) == [customer]
    draft = s.ShippingDraft("德邦物流", "广州北站", "冯师傅", "13800138000", "先电话")
    s.shipping_save(actor=actor, customer_id=customer.pk, draft=draft)
    found = customer_summary(customer.pk)
    assert (found.carrier, found.station, found.receiver) == ("德邦物流", "广州北站", "冯师傅")
    assert not shipping_stale(actor).exists()
    with clock.at(frozen_clock + timedelta(days=20)):
        assert list(shipping_stale(actor)) == [customer]
        row = s.shipping_confirm(actor=actor, customer_id=customer.pk)
        assert row.checked_on == clock.today()
        assert row.checked_by_id == actor.user_id
        assert not shipping_stale(actor).exists()
    codes = [entry.code for entry in audit_history(customer)][:2]
    assert codes == ["customers.shipping.checked", "customers.shipping.changed"]


def test_a_special_invoice_needs_a_tax_number_or_the_credit_code(
    people: People, buyers: Buyers
) -> None:
    from chengdan.modules.customers import services as s

    actor, special = people.actor("key_account_manager"), s.TaxTitleDraft(bank_name="建设银行")
    without, coded = buyers("和兴食品"), buyers("盛丰粮油", uscc="91110000600037341L")
    with pytest.raises(InvalidError) as refused:
        s.tax_title_save(actor=actor, customer_id=without.pk, draft=special)
    assert [item.field for item in refused.value.items] == ["tax_number"]
    assert s.tax_title_save(actor=actor, customer_id=coded.pk, draft=special).pk
    abroad = buyers("Acme Ltd", country="US")
    assert s.tax_title_save(actor=actor, customer_id=abroad.pk, draft=special).pk


def test_invoice_details_are_kept_with_their_changes(people: People, buyers: Buyers) -> None:
    from chengdan.modules.customers import services as s

    customer = buyers("和兴食品")
    actor = people.actor("key_account_manager")
    draft = s.TaxTitleDraft("ordinary", title="和兴食品有限公司", bank_account="6222 0200 1111")
    row = s.tax_title_save(actor=actor, customer_id=customer.pk, draft=draft)
    assert row.bank_account == "622202001111"
    count = len(audit_history(customer))
    s.tax_title_save(actor=actor, customer_id=customer.pk, draft=draft)
    assert len(audit_history(customer)) == count
    right = s.TaxTitleDraft(tax_number="9144 0101 ma5c abcd x1", bank_account="DE02-1203")
    row = s.tax_title_save(actor=actor, customer_id=customer.pk, draft=right)
    assert (row.tax_number, row.bank_account) == ("91440101MA5CABCDX1", "DE021203")
    for name, value in (
        ("tax_number", "12345"), ("tax_number", "91440101MA5#12345"), ("bank_account", "六二二二"),
        ("bank_account", "12"), ("phone", "12"), ("email", "mail"),
    ):  # fmt: skip
        wrong = s.TaxTitleDraft("ordinary", **{name: value})
        with pytest.raises(InvalidError) as refused:
            s.tax_title_save(actor=actor, customer_id=customer.pk, draft=wrong)
        assert [item.field for item in refused.value.items] == [name]
