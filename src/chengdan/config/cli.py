"""The `chengdan` command: the site's own commands first, then Django's."""

import os
import sys


def main() -> None:
    """Run the command that the arguments name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengdan.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
