"""`chengdan import`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chengdan.config.cli.group import django_start
from chengdan.config.cli.texts import gettext as _
from chengdan.config.cli.texts import terminal_language

if TYPE_CHECKING:
    from chengdan.kernel.actor import Actor
    from chengdan.kernel.importing.models import ImportJob

SHOWN_REFUSALS = 50


@click.command(
    help=_(
        "Import KIND from FILE (and the further files its mapping needs).\n\nThe same file again "
        "takes only the rows that were refused before.\n\nExit code 0 when every row was taken or "
        "left as it is, 2 when rows were refused, 1 when the file was not taken at all."
    )
)
@click.argument("kind")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--mapping", default="", help=_("A mapping shipped with the site, or a file (YAML)."))
@click.option("--dry-run", is_flag=True, help=_("Check every row, write nothing but the report."))
@click.option("--as", "login", default="", help=_("Login name of the person who imports."))
@click.option("--company", default="", help=_("Code of the company; default the person's own."))
@click.option("--marked", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
              help=_("Write the refused rows with the reasons to this .xlsx or .csv."))  # fmt: skip
def import_command(
    kind: str,
    files: tuple[Path, ...],
    *,
    mapping: str,
    dry_run: bool,
    login: str,
    company: str,
    marked: Path | None,
) -> None:
    """Import files and tell by the exit code what became of the rows."""
    if marked is not None and marked.suffix.lower() not in (".csv", ".xlsx"):
        raise click.ClickException(_("--marked writes .csv or .xlsx"))
    django_start()
    from django.utils.translation import override

    from chengdan.kernel.errors import DomainError
    from chengdan.kernel.importing.engine import import_run
    from chengdan.kernel.importing.services import import_start

    actor = caller(login, company)
    sources = [(path.name, path.read_bytes()) for path in files]
    with override(terminal_language()):
        try:
            job = import_start(
                actor=actor,
                kind_code=kind,
                files=sources,
                mapping_name=mapping,
                is_dry_run=dry_run,
            )
            job = import_run(job.pk, on_progress=_progress)
        except DomainError as error:
            raise click.ClickException(str(error.message)) from None
        _summary(job)
        if job.state != "done":
            raise click.ClickException(job.error or job.get_state_display())
        if marked is not None:
            _marked_write(job, marked)
    sys.exit(2 if job.rows_rejected else 0)


def caller(login: str, company_code: str = "") -> Actor:
    """Return the person to act for, or the system itself, in the company named.

    Raises:
        click.ClickException: no such company, nobody of that name who works in it, or a company
            has to be named.
    """
    from django.apps import apps

    from chengdan.kernel.actor import Actor
    from chengdan.kernel.callers import caller_by_login, caller_get
    from chengdan.kernel.errors import NotFoundError

    companies = dict(apps.get_model("people", "Company")._default_manager.values_list("code", "pk"))
    if company_code and company_code not in companies:
        raise click.ClickException(_("There is no company %(code)r.") % {"code": company_code})
    if login:
        try:
            actor = caller_by_login(login)
            if company_code:
                actor = caller_get(actor.user_id or 0, companies[company_code]).through("cli")
        except NotFoundError:
            raise click.ClickException(_nobody(login, company_code)) from None
        return actor
    if not company_code and len(companies) != 1:
        raise click.ClickException(_("Name the company with --company, or the person with --as."))
    company_id = companies[company_code] if company_code else next(iter(companies.values()))
    return Actor.system("chengdan import", company_id).through("cli")


def _nobody(login: str, company_code: str) -> str:
    values = {"login": login, "code": company_code}
    if company_code:
        return _("Nobody works as %(login)r in company %(code)r.") % values
    return _("Nobody works as %(login)r.") % values


def _progress(job: ImportJob) -> None:
    if sys.stderr.isatty():
        from chengdan.kernel.importing.summary import progress_line

        click.echo(f"\r{progress_line(job)}   ", err=True, nl=False)


def _summary(job: ImportJob) -> None:
    from chengdan.kernel.importing.summary import refusal_lines, summary_lines

    if sys.stderr.isatty():
        click.echo("", err=True)
    for line in refusal_lines(job, SHOWN_REFUSALS):
        click.echo(line, err=True)
    for line in summary_lines(job):
        click.echo(line)


def _marked_write(job: ImportJob, path: Path) -> None:
    from chengdan.kernel.importing.report import marked_write

    marked_write(job, path, path.suffix.lower().lstrip("."))
