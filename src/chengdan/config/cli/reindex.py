"""`chengdan reindex`."""

from __future__ import annotations

import click

from chengdan.config.cli.group import django_start
from chengdan.config.cli.texts import gettext as _


@click.command(
    help=_(
        "Make the entries of the search anew, all or those of the kinds named.\n\nNeeded after an "
        "upgrade that finds things by more words. The site may run meanwhile; doing it twice "
        "changes nothing. Prints each kind with the number of its entries."
    )
)
@click.argument("kinds", metavar=_("[KIND]..."), nargs=-1)
def reindex_command(kinds: tuple[str, ...]) -> None:
    """Rebuild the search; the lines are for a log and stay English."""
    django_start()
    from chengdan.kernel.search import search_rebuild
    from chengdan.kernel.search.registry import search_kinds

    known = [kind.code for kind in search_kinds()]
    unknown = [code for code in kinds if code not in known]
    if unknown:
        text = _("There is no kind %(unknown)s; there are %(known)s.")
        params = {"unknown": ", ".join(unknown), "known": ", ".join(known)}
        raise click.UsageError(text % params)
    for code in known:
        if not kinds or code in kinds:
            click.echo(f"{code} {search_rebuild(code)}")
