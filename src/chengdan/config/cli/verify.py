"""`chengdan verify`."""

from __future__ import annotations

import sys

import click

from chengdan.config.cli.group import django_start
from chengdan.config.cli.texts import gettext as _


@click.command(
    help=_(
        "Recompute every invariant from the documents.\n\nSilent with exit code 0 when all is "
        "right; else one line per difference and exit code 1."
    )
)
def verify_command() -> None:
    """Print what does not add up; the lines are for a report and stay English."""
    django_start()
    from chengdan.kernel.verification import verify_all

    count = 0
    for difference in verify_all():
        count += 1
        click.echo(str(difference))
    sys.exit(1 if count else 0)
