"""`chengdan token`."""

from __future__ import annotations

import click

from chengdan.config.cli.group import django_start
from chengdan.config.cli.texts import gettext as _
from chengdan.config.cli.texts import terminal_language


@click.command(help=_("Make an API token for a person and print it; it is shown only this once."))
@click.option("--as", "login", required=True, help=_("Login name of the person."))
@click.option("--name", required=True, help=_("What the token is for."))
@click.option("--scope", "scopes", multiple=True, default=("*",), show_default=True,
              help=_("A right (orders.order:view), a room (orders.*) or *; repeatable.")
              )  # fmt: skip
@click.option("--days", default=90, show_default=True, help=_("Life of the token in days."))
def token_command(login: str, name: str, scopes: tuple[str, ...], days: int) -> None:
    """Make an API token and print it."""
    django_start()
    from django.utils.translation import override

    from chengdan.config.cli.importing import caller
    from chengdan.kernel.errors import DomainError
    from chengdan.kernel.http.tokens import token_issue

    actor = caller(login)
    with override(terminal_language()):
        try:
            _token, secret = token_issue(actor=actor, name=name, scopes=scopes, days=days)
        except DomainError as error:
            raise click.ClickException(str(error)) from None
    click.echo(secret)
