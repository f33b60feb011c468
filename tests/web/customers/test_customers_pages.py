"""Pages of customers: what they show, what they refuse, what they hide."""

import json
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from chengdan.kernel import clock
from chengdan.kernel.audit import audit_history
from chengdan.kernel.audit.fields import field_title, value_text
from chengdan.kernel.audit.names import Names
from chengdan.modules.customers.models import Customer, ShippingData
from chengdan.modules.customers.services import (
    ContactDraft,
    contact_add,
    contact_change,
    customer_update,
)
from chengdan.modules.customers.vocabulary import rights
from chengdan.modules.people.services import grant_give
from tests.fixtures.customers import Buyers
from tests.fixtures.people import People

pytestmark = pytest.mark.django_db
FORM = {
    "name": "和兴食品有限公司", "country": "CN", "payment_term_days": "30",
    "payment_term_basis": "invoice", "language": "zh-hans",
}  # fmt: skip


@pytest.fixture
def door(people: People) -> Client:
    """A browser of the key-account manager, in English."""
    return _door(people, "key_account_manager")


def _door(people: People, role: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.cookies["chengdan_language"] = "en"
    client.force_login(people.users[role])
    return client


def test_the_list_shows_own_customers_only(people: People, buyers: Buyers, door: Client) -> None:
    buyers("和兴食品", is_active=True)
    buyers("盛丰粮油", role="csr")
    page = door.get(reverse("customers:list"))
    assert page.status_code == 200
    text = page.content.decode()
    assert "和兴食品" in text
    assert "盛丰粮油" not in text
    found = door.get(reverse("customers:list"), {"q": "hxsp", "part": "table"})
    assert "和兴食品" in found.content.decode()


def test_a_stranger_and_a_person_without_the_right_are_refused(
    people: People, buyers: Buyers
) -> None:
    customer = buyers("和兴食品")
    url = reverse("customers:show", args=[customer.pk])
    assert Client().get(url).status_code == 302
    assert _door(people, "sales_rep").get(url).status_code == 404
    refused = _door(people, "key_account_manager").post(
        reverse("customers:suspend", args=[customer.pk]), {"reason": "x"}
    )
    assert refused.status_code == 403


def test_a_customer_is_created_by_form(people: People, door: Client) -> None:
    from chengdan.modules.customers.models import Customer

    assert door.get(reverse("customers:create")).status_code == 200
    wrong = door.post(reverse("customers:create"), FORM | {"uscc": "123"})
    assert wrong.status_code == 422
    assert "valid unified social credit code" in wrong.content.decode()
    made = door.post(reverse("customers:create"), FORM)
    customer = Customer.objects.get()
    assert made.status_code == 302
    assert made["Location"] == reverse("customers:show", args=[customer.pk])
    assert (customer.payment_term_days, customer.owner_id) == (
        30, people.users["key_account_manager"].pk,
    )  # fmt: skip


def test_a_possible_duplicate_is_shown_and_saved_with_a_reason(
    buyers: Buyers, door: Client
) -> None:
    from chengdan.modules.customers.models import Customer

    buyers("和兴食品股份有限公司", role="csr")
    warned = door.post(reverse("customers:create"), FORM)
    assert warned.status_code == 422
    text = warned.content.decode()
    assert "This customer exists already" in text
    assert "股份" not in text
    live = door.post(reverse("customers:preview"), FORM)
    assert "This customer exists already" in json.loads(live.content)["fragments"]["cd-stops"]
    saved = door.post(reverse("customers:create"), FORM | {"duplicate_reason": "另一法人"})
    assert saved.status_code == 302
    assert Customer.objects.count() == 2


def test_a_form_opened_before_a_change_is_refused(buyers: Buyers, door: Client) -> None:
    customer = buyers("和兴食品")
    url = reverse("customers:edit", args=[customer.pk])
    assert door.get(url).status_code == 200
    data = FORM | {"name": "和兴食品", "note": "a", "expected_version": "1"}
    assert door.post(url, data).status_code == 302
    assert door.post(url, data | {"note": "b"}).status_code == 409


def test_the_page_lists_what_activation_lacks_and_masks_people(
    people: People, buyers: Buyers, door: Client
) -> None:
    contact = ContactDraft("李明", mobile="13800138000")
    customer = buyers("和兴食品", payment_term_days=None, contacts=(contact,))
    page = door.get(reverse("customers:show", args=[customer.pk])).content.decode()
    assert "No payment term has been agreed." in page
    assert "+86138****00" in page
    url = reverse("customers:contact_reveal", args=[customer.contacts.get().pk])
    assert "138 0013 8000" in door.post(url).content.decode()
    assert audit_history(customer)[0].code == "customers.contact.revealed"


def test_the_history_names_parts_and_shows_no_personal_value_even_to_who_may_open_it(
    people: People, buyers: Buyers, door: Client
) -> None:
    customer = buyers("和兴食品")
    actor = people.actor("ssg_leader")
    draft = ContactDraft("李明", mobile="13800138000", email="li.ming@hexing.cn", is_primary=True)
    contact = contact_add(actor=actor, customer_id=customer.pk, draft=draft)
    changed = replace(draft, mobile="13900139000")
    contact_change(actor=actor, contact_id=contact.pk, draft=changed)
    page = door.get(reverse("customers:show", args=[customer.pk])).content.decode()
    assert "contact: 李明" in page
    assert f"→ {contact.pk}" not in page
    assert "13900139000" not in page.replace(" ", "")
    assert "13800138000" not in page.replace(" ", "")
    assert "li.ming@" not in page


def test_what_is_missing_leads_only_to_pages_that_the_reader_may_open(
    people: People, buyers: Buyers, door: Client
) -> None:
    customer = buyers("和兴食品", payment_term_days=None)
    url = reverse("customers:show", args=[customer.pk])
    edit, limit = f"/customers/{customer.pk}/edit/", f"/credit/{customer.pk}/limit/"
    page = door.get(url).content.decode()
    assert f'href="{edit}"' in page
    assert f'href="{limit}"' not in page
    assert "Can be added by: General manager, " in page
    page = _door(people, "finance_clerk").get(url).content.decode()
    assert f'href="{limit}"' in page
    assert f'href="{edit}"' not in page


def test_history_hides_personal_values_from_those_who_may_not_open_them(
    people: People, buyers: Buyers
) -> None:
    contact = ContactDraft("李明", mobile="13800138000")
    customer = buyers("和兴食品", role="order_clerk", contacts=(contact,))
    role = "order_clerk"
    page = _door(people, role).get(reverse("customers:show", args=[customer.pk]))
    assert page.status_code == 200
    assert "+8613800138000" not in page.content.decode()


def _hidden(people: People, buyers: Buyers, role: str) -> tuple[Customer, list[str]]:
    """Make a customer whose person, address and shipping data have a phone; return the forms."""
    from chengdan.modules.customers import services as s

    customer = buyers(
        "和兴食品", role=role, is_active=True,
        contacts=(s.ContactDraft("李明", mobile="13800138000", email="li.ming@example.com"),),
        addresses=(s.AddressDraft(detail="太和镇1号", phone="13800138000"),),
        shipping=s.ShippingDraft("德邦", receiver_phone="13800138000"),
    )  # fmt: skip
    return customer, [
        reverse("customers:contact_edit", args=[customer.contacts.get().pk]),
        reverse("customers:address_edit", args=[customer.addresses.get().pk]),
        reverse("customers:shipping", args=[customer.pk]),
    ]


def test_a_form_opens_personal_values_only_to_those_who_may_and_logs_it(
    people: People, buyers: Buyers
) -> None:
    customer, forms = _hidden(people, buyers, "key_account_manager")
    door = _door(people, "key_account_manager")
    for number, url in enumerate(forms, 1):
        assert "138 0013 8000" in door.get(url).content.decode()
        codes = [entry.code for entry in audit_history(customer)]
        assert codes.count("customers.contact.revealed") == number


def test_without_the_right_a_form_is_masked_and_what_is_masked_stays(
    people: People, buyers: Buyers
) -> None:
    customer, forms = _hidden(people, buyers, "order_clerk")
    door = _door(people, "order_clerk")
    contact, address, shipping = forms
    for url in forms:
        page = door.get(url).content.decode()
        assert "+86138****00" in page
        assert "138 0013 8000" not in page
        assert "13800138000" not in page
    values = {"name": "李明", "mobile": "+86138****00", "email": "l***@example.com", "job": "采购",
              "is_primary": "on"}  # fmt: skip
    assert door.post(contact, values).status_code == 302
    values = {"kind": "ship_to", "country": "CN", "detail": "太和镇2号", "phone": "+86138****00"}
    assert door.post(address, values).status_code == 302
    values = {"carrier": "顺达", "receiver_phone": "+86138****00"}
    assert door.post(shipping, values).status_code == 302
    kept = customer.contacts.get()
    assert (kept.job, kept.mobile, kept.email) == ("采购", "+8613800138000", "li.ming@example.com")
    place = customer.addresses.get()
    assert (place.detail, place.phone) == ("太和镇2号", "+8613800138000")
    data = ShippingData.objects.get(customer=customer)
    assert (data.carrier, data.receiver_phone) == ("顺达", "+8613800138000")
    assert door.post(shipping, {"carrier": "顺达", "receiver_phone": ""}).status_code == 302
    data.refresh_from_db()
    assert data.receiver_phone == ""
    codes = [entry.code for entry in audit_history(customer)]
    assert "customers.contact.revealed" not in codes


def test_a_form_of_a_customer_that_may_only_be_seen_is_refused(
    people: People, buyers: Buyers
) -> None:
    customer, forms = _hidden(people, buyers, "key_account_manager")
    for right in (rights.SHIPPING_EDIT, rights.CONTACT_EDIT, rights.CUSTOMER_EDIT):
        grant_give(
            actor=people.actor("administrator"), company_id=people.company.pk,
            user_id=people.users["finance_clerk"].pk, permission=right, scope="own", reason="test",
            starts_on=clock.today(),
        )  # fmt: skip
    door = _door(people, "finance_clerk")
    assert door.get(reverse("customers:show", args=[customer.pk])).status_code == 200
    forms += [reverse(f"customers:{name}", args=[customer.pk])
              for name in ("tax_title", "contact_add", "address_add")]  # fmt: skip
    assert [door.get(url).status_code for url in forms] == [403] * 6


@pytest.mark.parametrize(
    "name",
    ["edit", "hand_over", "suspend", "close", "shipping", "tax_title", "contact_add",
     "address_add"],
)  # fmt: skip
def test_every_form_of_a_customer_opens(people: People, buyers: Buyers, name: str) -> None:
    from chengdan.modules.customers.services import ShippingDraft, TaxTitleDraft

    customer = buyers(
        "和兴食品", is_active=True, shipping=ShippingDraft("德邦"),
        tax_title=TaxTitleDraft("ordinary", phone="020-88888888"),
    )  # fmt: skip
    door = _door(people, "market_manager")
    assert door.get(reverse(f"customers:{name}", args=[customer.pk])).status_code == 200


def test_acts_with_reason_and_hand_over(people: People, buyers: Buyers) -> None:
    customer = buyers("和兴食品", is_active=True)
    door = _door(people, "market_manager")
    url = reverse("customers:suspend", args=[customer.pk])
    refused = door.post(url, {"reason": ""})
    assert refused.status_code == 422
    (button,) = refused.context["form_page"].full_head().acts
    assert str(button.title) == "Suspend customer"
    assert door.post(url, {"reason": "逾期", "expected_version": "1"}).status_code == 302
    customer.refresh_from_db()
    assert (customer.status, customer.status_reason) == ("suspended", "逾期")
    heir = people.users["sales_rep"].pk
    url = reverse("customers:hand_over", args=[customer.pk])
    assert door.post(url, {"owner_id": heir, "reason": "换岗"}).status_code == 302
    customer.refresh_from_db()
    assert customer.owner_id == heir


def test_bulk_hand_over_asks_and_acts(people: People, buyers: Buyers) -> None:
    one, two = buyers("和兴食品"), buyers("盛丰粮油")
    door = _door(people, "market_manager")
    url = reverse("customers:hand_over_many")
    asked = door.post(url, {"ids": [one.pk, two.pk]})
    assert asked.status_code == 200
    heir = people.users["sales_rep"].pk
    data = {"chosen": f"{one.pk},{two.pk}", "owner_id": heir, "reason": "换岗"}
    assert door.post(url, data).status_code == 302
    assert {type(one).objects.get(pk=row.pk).owner_id for row in (one, two)} == {heir}


def test_an_address_is_added_by_division_pickers(buyers: Buyers, door: Client) -> None:
    customer = buyers("和兴食品")
    url = reverse("customers:divisions", args=[1])
    rows = json.loads(door.get(url, {"q": "广东"}).content)["rows"]
    assert rows[0]["name"] == "广东省"
    cities = door.get(reverse("customers:divisions", args=[2]), {"province_code": "440000"})
    assert "广州市" in {row["name"] for row in json.loads(cities.content)["rows"]}
    data = {"kind": "ship_to", "country": "CN", "detail": "太和镇1号",
            "province_code": "440000", "city_code": "440100", "area_code": "440111"}  # fmt: skip
    made = door.post(reverse("customers:address_add", args=[customer.pk]), data)
    assert made.status_code == 302
    address = customer.addresses.get()
    assert address.one_line == "广东省广州市白云区太和镇1号"
    edit = reverse("customers:address_edit", args=[address.pk])
    assert door.get(edit).status_code == 200
    assert door.post(edit, data | {"detail": "太和镇2号"}).status_code == 302
    address.refresh_from_db()
    assert address.detail == "太和镇2号"


def test_stale_shipping_data_are_listed_and_confirmed(buyers: Buyers, door: Client) -> None:
    from chengdan.modules.customers.services import ShippingDraft

    known = ShippingDraft("德邦", is_checked=False)
    customer = buyers("和兴食品", is_active=True, shipping=known)
    url = reverse("customers:shipping_stale")
    assert "和兴食品" in door.get(url).content.decode()
    confirm = reverse("customers:shipping_confirm_many")
    assert door.post(confirm, {"ids": [customer.pk]}).status_code == 302
    assert "和兴食品" not in door.get(url).content.decode()


def test_nothing_is_no_shipping_data_that_were_checked(buyers: Buyers, door: Client) -> None:
    customer = buyers("和兴食品", is_active=True)
    many, key = reverse("customers:shipping_confirm_many"), [customer.pk]
    assert door.post(many, {"ids": key}).status_code == 422
    refused = door.post(reverse("customers:shipping_confirm", args=key))
    assert refused.status_code == 422
    assert "There is nothing to check yet" in refused.content.decode()
    form = reverse("customers:shipping", args=key)
    refused = door.post(form, {"carrier": " "})
    assert refused.status_code == 422
    assert "There is nothing to check yet" in refused.content.decode()
    assert not ShippingData.objects.exists()
    assert door.post(form, {"carrier": "德邦"}).status_code == 302


def test_the_picker_answers_key_facts(buyers: Buyers, door: Client) -> None:
    customer = buyers("和兴食品", is_active=True)
    answer = json.loads(door.get(reverse("customers:pick"), {"q": "hxsp"}).content)
    assert [(row["id"], row["code"]) for row in answer["rows"]] == [(customer.pk, "C00001")]
    assert "上海市" in answer["rows"][0]["facts"]


def test_the_history_calls_fields_and_values_by_their_titles(
    people: People, buyers: Buyers, door: Client
) -> None:
    customer = buyers("和兴食品")
    customer_update(
        actor=people.actor("key_account_manager"), customer_id=customer.pk,
        values={"short_name": "和兴", "payment_term_days": 45},
    )  # fmt: skip
    page = door.get(reverse("customers:show", args=[customer.pk])).content.decode()
    assert "short name: – → 和兴" in page
    assert "short_name:" not in page
    assert "payment_term_days" not in page


@pytest.mark.parametrize(
    ("name", "title"),
    [("slt_member_id", "SLT member"), ("owner_id", "responsible"), ("unit_id", "organisation unit"),
     ("contact 1 phone", "contact 1 phone"), ("address 2 detail", "address 2 street"),
     ("contacts", "contacts"), ("bank_account", "bank account"), ("unknown_thing", "unknown_thing"),
     ("is_primary", "main contact")],
)  # fmt: skip
def test_every_field_of_a_customers_history_has_a_title(name: str, title: str) -> None:
    with override("en"):
        assert field_title("customers.customer", name).startswith(title)


def test_values_of_a_history_are_words() -> None:
    with override("en"):
        assert value_text("customers.customer", "status", "active", Names()) == "In business"
        assert value_text("customers.customer", "pay_first", True, Names()) == "yes"
        assert value_text("customers.customer", "name", "active", Names()) == "active"
