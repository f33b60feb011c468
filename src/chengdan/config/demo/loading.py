"""The order in which the demo company is made, with its progress on the screen."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import click
from django.utils.translation import override

from chengdan.config.demo import customers, goods, people
from chengdan.config.demo.world import World
from chengdan.kernel import clock
from chengdan.modules.people.models import Company
from chengdan.modules.process.services import definitions_publish


def load(*, seed: int = 1, scale: float = 1.0) -> None:
    """Fill an empty database; a database with a company stays as it is.

    Args:
        scale: 0.05 makes a twentieth of the customers and documents; people and products stay.
    """
    if Company.objects.exists():
        click.echo("There is a company already; nothing to load.")
        return
    world = World(random.Random(seed), scale, clock.now())  # noqa: S311  chance, no secret
    began = time.monotonic()
    with override("zh-hans"):
        for title, part in PARTS:
            since = time.monotonic()
            part(world)
            click.echo(f"  {title:<42} {time.monotonic() - since:6.1f} s")
    click.echo(f"  {'all':<42} {time.monotonic() - began:6.1f} s")


def _at_start(part: Callable[[World], None]) -> Callable[[World], None]:
    def run(world: World) -> None:
        with clock.at(world.start):
            part(world)

    return run


def _definitions(world: World) -> None:
    definitions_publish(world.system)


PARTS: list[tuple[str, Callable[[World], None]]] = [
    ("company, offices, people", _at_start(people.people_make)),
    ("process library", _at_start(_definitions)),
    ("products and prices", _at_start(goods.goods_make)),
    ("customers and credit limits", customers.customers_make),
]
