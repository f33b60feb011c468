"""The group of commands; each lives in a module of its own and is loaded when it is asked for."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

# name -> (module, what `chengdan --help` says)
COMMANDS = {
    "init": ("setup", "Prepare the database and the company; make the first administrator."),
    "demo": ("demo", "Fill an empty database with a made-up company."),
    "serve": ("serve", "Serve the site: web and worker in one command."),
    "web": ("serve", "Serve the site without a worker."),
    "worker": ("worker", "Run deferred work, sweeps, imports and exports."),
    "import": ("importing", "Import a file of customers, products, orders …"),
    "verify": ("verify", "Recompute every invariant; silent when all is right."),
    "bench": ("bench", "Measure and print the published figures."),
    "backup": ("backup", "Write database, attachments and anchors into one file."),
    "restore": ("backup", "Bring a backup back and verify it."),
    "token": ("token", "Make an API token for a person."),
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
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_module, text) in COMMANDS.items()])
        with formatter.section("Django's commands"):
            formatter.write_text("migrate, makemigrations, collectstatic, shell … work as well.")


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="chengdan")
def group() -> None:
    """Run a Chengdan site. Every command works on the database that DATABASE_URL names."""


def django_start() -> None:
    """Make the site's settings and applications available."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengdan.config.settings")
    django.setup()


def main(arguments: list[str] | None = None) -> Any:
    """Run the command that the arguments name."""
    given = sys.argv[1:] if arguments is None else arguments
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengdan.config.settings")
    is_ours = not given or given[0] in COMMANDS or given[0].startswith("-")
    if is_ours:
        return group(args=given, prog_name="chengdan")
    from django.core.management import execute_from_command_line

    return execute_from_command_line(["chengdan", *given])


def terminal_language() -> str:
    """Return the language of the terminal: Chinese where it is set so, otherwise English."""
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    found = next((name for name in names if name), "").lower()
    if not found.startswith("zh"):
        return "en"
    return "zh-hant" if found.startswith(("zh_tw", "zh_hk", "zh_mo")) else "zh-hans"
