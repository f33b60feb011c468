"""`chengdan verify`."""

from __future__ import annotations

import sys

import click

from chengdan.config.cli.group import django_start


@click.command()
def verify_command() -> None:
    """Recompute every invariant from the documents.

    Silent with exit code 0 when all is right; else one line per difference and exit code 1.
    """
    django_start()
    from chengdan.kernel.verification import verify_all

    count = 0
    for difference in verify_all():
        count += 1
        click.echo(str(difference))
    sys.exit(1 if count else 0)
