"""The order in which the demo company is made, with its progress on the screen."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import click
from django.db import connection
from django.utils.translation import override

from chengdan.config.cli.texts import gettext as _
from chengdan.config.cli.texts import padded, terminal_language
from chengdan.config.demo import customers, evidence, extras, goods, live, past, people
from chengdan.config.demo.world import LIVE_DAYS, World, working_days_back
from chengdan.kernel import clock
from chengdan.kernel.outbox import outbox_drain
from chengdan.modules.people.models import Company, Role, User
from chengdan.modules.process.services import definitions_publish

Part = Callable[[World], None]


def load(*, seed: int = 1, scale: float = 1.0) -> None:
    """Fill an empty database; a database with a company stays as it is.

    Args:
        scale: 0.05 makes a twentieth of the customers and documents; people and products stay.
    """
    if Company.objects.exists():
        click.echo(_("There is a company already; nothing to load."))
        logins_show()
        return
    world = World(random.Random(seed), scale, clock.now())  # noqa: S311  chance, no secret
    began = time.monotonic()
    with override("zh-hans"):
        for title, part in PARTS:
            since = time.monotonic()
            part(world)
            click.echo(f"  {padded(title, 42)} {time.monotonic() - since:6.1f} s")
    whole = _("all")
    click.echo(f"  {padded(whole, 42)} {time.monotonic() - began:6.1f} s")
    logins_show()


def logins_show() -> None:
    """Print one login per role; all share the password, until people change theirs."""
    text = _("Everybody's password is %(password)s. One person per role:")
    click.echo("\n" + text % {"password": people.PASSWORD})
    for role in Role.objects.order_by("sort"):
        held = User.objects.filter(is_active=True, assignments__position__role=role)
        user = held.order_by("assignments__position_id").first()
        if user is not None:
            with override(terminal_language()):
                title = padded(role.title, 44)
            click.echo(f"  {title} {user.username:<16} {user.display_name}")


def _at_start(part: Part) -> Part:
    def run(world: World) -> None:
        with clock.at(world.start):
            part(world)

    return run


def _before_live(part: Part) -> Part:
    def run(world: World) -> None:
        first = working_days_back(world.today, LIVE_DAYS)[0]
        with clock.at(world.morning(first)):
            part(world)

    return run


def _definitions(world: World) -> None:
    definitions_publish(world.system)


def _masters_more(world: World) -> None:
    goods.key_prices_make(world)
    goods.stock_make(world)
    goods.quotas_make(world)
    outbox_drain(100_000)


def _statistics(world: World) -> None:
    """Let the database plan its queries by what it holds now."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


PARTS: list[tuple[str, Part]] = [
    (_("company, offices, people"), _at_start(people.people_make)),
    (_("process library"), _at_start(_definitions)),
    (_("products and prices"), _at_start(goods.goods_make)),
    (_("customers and credit limits"), customers.customers_make),
    (_("prices of key customers, stock, quota"), _before_live(_masters_more)),
    (_("closed orders taken over"), past.past_make),
    (_("settled orders with their evidence"), evidence.evidence_make),
    (_("orders of the last weeks, step by step"), live.live_make),
    (_("remarks, deputies, money of today"), extras.extras_make),
    (_("statistics of the database"), _statistics),
]
