"""`chengdan bench`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from chengdan.config.cli.group import django_start
from chengdan.config.cli.texts import gettext as _


@click.command(
    help=_("Measure acts, lists and imports beside the database that DATABASE_URL names.")
)
@click.option("--json", "json_path", metavar="FILE",
              type=click.Path(dir_okay=False, path_type=Path),
              help=_("Write the figures to this file as well."))  # fmt: skip
@click.option("--quick", is_flag=True, help=_("Small sizes, to see that everything runs."))
@click.option("--full", is_flag=True, help=_("Lists of 1,000,000 orders as well."))
def bench_command(json_path: Path | None, *, quick: bool, full: bool) -> None:
    """Measure, on a database beside the site's."""
    django_start()
    import_module("chengdan.config.bench").run(json_path=json_path, quick=quick, full=full)
