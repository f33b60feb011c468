"""The `chengdan` command: the site's own commands first, Django's for the rest."""

from chengdan.config.cli.group import main

__all__ = ["main"]
