"""`chengdan demo`."""

from __future__ import annotations

from importlib import import_module

import click

from chengdan.config.cli.group import django_start
from chengdan.config.cli.texts import gettext as _


@click.command(
    help=_(
        "Fill an empty database with a made-up manufacturer, its people and 18 months of orders."
    )
)
@click.option("--seed", default=1, show_default=True,
              help=_("The same seed gives the same company."))  # fmt: skip
@click.option("--scale", default=1.0, show_default=True,
              help=_("0.1 for a tenth of the documents."))  # fmt: skip
def demo_command(seed: int, scale: float) -> None:
    """Fill an empty database with the demonstration company."""
    if not 0 < scale <= 100:
        raise click.BadParameter(_("between 0 and 100"), param_hint="--scale")
    django_start()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    import_module("chengdan.config.demo").load(seed=seed, scale=scale)
