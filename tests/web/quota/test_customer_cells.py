"""The quota of a customer is open to whom the customer is open."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from chengdan.modules.people.models import OrgUnit, Role
from chengdan.modules.people.services import assignment_start, position_create, user_create
from chengdan.modules.quota.services import CellDraft, quota_cells_set, quota_transfer

pytestmark = pytest.mark.django_db


def stranger_of(house: Any, role_code: str = "sales_rep") -> int:
    """Seat somebody in another market; return the person."""
    unit = OrgUnit.objects.get(company=house.company, code="FSF-N")
    role = Role.objects.get(code=role_code)
    seat = position_create(actor=house.system, unit_id=unit.pk, role_id=role.pk)
    user = user_create(
        actor=house.system, company_id=house.company.pk, username=f"north.{role_code}",
        display_name="北方代表", unit_id=unit.pk,
    )  # fmt: skip
    assignment_start(
        actor=house.system, position_id=seat.pk, user_id=user.pk, starts_on=date(2024, 1, 1)
    )
    return int(user.pk)


@pytest.mark.requirement("QTA-01")
def test_the_quota_of_a_customer_is_not_shown_to_other_markets(depot: Any) -> None:
    house = depot.house
    depot.order("和兴", {"HY-0712": 1})
    month = {"starts_on": date(2026, 11, 1), "ends_on": date(2026, 11, 30)}
    product = house.products["HY-0712"]
    drafts = [
        CellDraft(
            limit=Decimal(12_345), product_id=product, customer_id=house.customers["和兴"], **month
        ),
        CellDraft(limit=Decimal(67_890), product_id=product, **month),
    ]
    own, common = quota_cells_set(actor=house.system, company_id=house.company.pk, drafts=drafts)

    def seen(person: int) -> list[bool]:
        client = Client()
        client.force_login(get_user_model().objects.get(pk=person))
        listed = client.get("/api/v1/quota/cells").json()["items"]
        grid = client.get(reverse("quota:grid")).content.decode()
        page = client.get(reverse("quota:cell", args=[own.pk])).status_code
        assert common.pk in {row["id"] for row in listed}
        assert "67,890" in grid
        return [own.pk in {row["id"] for row in listed}, "12,345" in grid, page == 200]

    assert seen(house.people["csr"]) == [True, True, True]
    stranger = stranger_of(house)
    assert seen(stranger) == [False, False, False]
    quota_transfer(
        actor=house.system, giving_id=own.pk, receiving_id=common.pk, quantity=Decimal(5),
        consent_by_id=house.people["market_manager"], reason="调剂",
    )  # fmt: skip

    def read(person: int, name: str) -> str:
        client = Client()
        client.force_login(get_user_model().objects.get(pk=person))
        return client.get(reverse(f"quota:{name}", args=[common.pk])).content.decode()

    url = reverse("quota:cell", args=[own.pk])
    assert url in read(house.people["csr"], "cell")
    closed = read(stranger, "cell")
    assert "未对您开放的配额" in closed
    assert url not in closed
    manager = stranger_of(house, "market_manager")
    assert f'value="{own.pk}"' in read(house.people["market_manager"], "transfer")
    assert f'value="{own.pk}"' not in read(manager, "transfer")
