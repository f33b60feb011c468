"""Lists of many orders for narrow, wide and empty scopes; exposure with a long past."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from chengdan.config.bench.figures import Figure, Report, captured, timed
from chengdan.config.bench.world import BenchWorld
from chengdan.kernel import clock
from chengdan.kernel.transactions import unguarded
from chengdan.modules.credit.models import SourceBalance
from chengdan.modules.credit.selectors import exposure
from chengdan.modules.orders.models import Order

CHUNK = 5_000
RUNS = 15
OK = 200
PAST_DOCUMENTS = 10_000
# Who looks: one market's account manager, the whole company, somebody without the right.
VIEWERS = {"narrow": "key_account_manager", "wide": "ssg_leader", "empty": "warehouse_keeper"}
QUERIES = {"": "newest first", "sort=-gross": "by amount", "status=closed": "closed only"}


def orders_fill(world: BenchWorld, size: int) -> None:
    """Store closed history orders until there are `size`; every fourth is the manager's own."""
    owners = [world.people["key_account_manager"], world.people["region_manager"]]
    today, at = clock.today(), clock.now()
    first = Order.objects.count()
    with unguarded():
        for start in range(first, size, CHUNK):
            Order.objects.bulk_create(
                Order(
                    company_id=world.company.pk,
                    number=f"OLD-{number:07}",
                    status="closed",
                    origin="imported",
                    customer_id=world.customers[number % len(world.customers)],
                    owner_id=owners[number % 4 != 0],
                    unit_id=world.unit_id,
                    ordered_on=today - timedelta(days=number % 700),
                    currency="CNY",
                    gross=Decimal(number % 9_973),
                    created_at=at,
                )
                for number in range(start, min(start + CHUNK, size))
            )


def measure_lists(report: Report, world: BenchWorld, sizes: list[int]) -> None:
    """Time the list's own page of 50 rows, as the server renders it."""
    _analyse()
    medians: dict[str, float] = {}
    for size in sizes:
        orders_fill(world, size)
        _analyse()
        for scope, role in VIEWERS.items():
            for query, words in QUERIES.items():
                figure = _list_figure(world, role, query)
                figure.name = f"list of {size:,}, {scope}, {words}"
                figure.rows = size
                key = f"{scope} {query}"
                if key in medians:
                    ratio = sorted(figure.values)[len(figure.values) // 2] / medians[key]
                    figure.note += f" {ratio:.2f} × the smaller list"
                medians[key] = sorted(figure.values)[len(figure.values) // 2]
                report.figures.append(figure)


def _list_figure(world: BenchWorld, role: str, query: str) -> Figure:
    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(pk=world.people[role]))
    address = f"{reverse('orders:list')}?{query}"

    def show() -> int:
        return client.get(address, secure=True).status_code

    status = show()
    with captured() as statements:
        show()
    note = "" if status == OK else f"answer {status}"
    return Figure("", timed(show, RUNS), queries=len(statements), target="≤ 60 ms", note=note)


def _analyse() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measure_exposure(report: Report, world: BenchWorld, quick: bool) -> None:
    """Time the exposure of a customer with many documents behind it."""
    customer = world.customer("PAST")
    count = 200 if quick else PAST_DOCUMENTS
    with unguarded():
        SourceBalance.objects.bulk_create(
            [
                SourceBalance(
                    account_id=customer, bucket="open", source_type="orders.order",
                    source_id=number, serves_type="orders.order", serves_id=number,
                    since=clock.now(), amount=Decimal(0),
                )
                for number in range(10**9, 10**9 + count)
            ],
            batch_size=2_000,
        )  # fmt: skip
    values = timed(lambda: exposure(customer), 50)
    report.figures.append(
        Figure("exposure of a customer", values, rows=count, queries=1, target="≤ 5 ms")
    )
