"""`chengdan token`."""

from __future__ import annotations

import click

from chengdan.config.cli.group import django_start


@click.command()
@click.option("--as", "login", required=True, help="Login name of the person.")
@click.option("--name", required=True, help="What the token is for.")
@click.option("--scope", "scopes", multiple=True, default=("*",), show_default=True,
              help="A right (orders.order:view), a room (orders.*) or *; repeatable.")  # fmt: skip
@click.option("--days", default=90, show_default=True, help="Life of the token.")
def token_command(login: str, name: str, scopes: tuple[str, ...], days: int) -> None:
    """Make an API token for a person and print it; it is shown only this once."""
    django_start()
    from chengdan.config.cli.importing import caller
    from chengdan.kernel.errors import DomainError
    from chengdan.kernel.http.tokens import token_issue

    try:
        _token, secret = token_issue(actor=caller(login), name=name, scopes=scopes, days=days)
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    click.echo(secret)
