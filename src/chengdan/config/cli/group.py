"""The group of commands; each lives in a module of its own and is loaded when it is asked for."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from chengdan.config.cli.texts import click_speaks, streams_forgive
from chengdan.config.cli.texts import gettext as _

# name -> (module, what `chengdan --help` says)
COMMANDS = {
    "init": ("setup", _("Prepare the database and the company; make the first administrator.")),
    "demo": ("demo", _("Fill an empty database with a made-up company.")),
    "serve": ("serve", _("Serve the site: web and worker in one command.")),
    "web": ("serve", _("Serve the site without a worker.")),
    "worker": ("worker", _("Run deferred work, sweeps, imports and exports.")),
    "import": ("importing", _("Import a file of customers, products, orders …")),
    "verify": ("verify", _("Recompute every invariant; silent when all is right.")),
    "reindex": ("reindex", _("Make the entries of the search anew.")),
    "bench": ("bench", _("Measure and print the published figures.")),
    "backup": ("backup", _("Write database, attachments and anchors into one file.")),
    "restore": ("backup", _("Bring a backup back and verify it.")),
    "token": ("token", _("Make an API token for a person.")),
}


class LazyGroup(click.Group):
    """Commands by name, so that `chengdan verify` does not load the server."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of a site's life."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, loading its module; None when it is not ours."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"chengdan.config.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, text) for name, (_module, text) in COMMANDS.items()])
        with formatter.section(_("Django's commands")):
            formatter.write_text(_("migrate, makemigrations, collectstatic, shell … work as well."))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_("Run a Chengdan site. Every command works on the database that DATABASE_URL names."),
)
@click.version_option(
    package_name="chengdan",
    message=_("%(prog)s, version %(version)s"),
    help=_("Show the version and exit."),
)
def group() -> None:
    """Run a Chengdan site."""


def django_start() -> None:
    """Make the site's settings and applications available.

    Raises:
        click.ClickException: the environment asks for a site that cannot be served.
    """
    import django

    from chengdan.config.environment import ConfigurationError

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengdan.config.settings")
    try:
        django.setup()
    except ConfigurationError as error:
        raise click.ClickException(_(error.message) % error.params) from None


def main(arguments: list[str] | None = None) -> Any:
    """Run the command that the arguments name."""
    given = sys.argv[1:] if arguments is None else arguments
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengdan.config.settings")
    is_ours = not given or given[0] in COMMANDS or given[0].startswith("-")
    if is_ours:
        streams_forgive()
        click_speaks()
        return group(args=given, prog_name="chengdan")
    from django.core.management import execute_from_command_line

    return execute_from_command_line(["chengdan", *given])
