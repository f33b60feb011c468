"""`chengdan init`: from an empty database to a first sign-in."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from chengdan.config.cli.group import django_start
from chengdan.config.cli.texts import gettext as _
from chengdan.config.cli.texts import terminal_language


def _office(value: str) -> tuple[str, str]:
    code, mark, name = value.partition("=")
    if not (mark and code.strip() and name.strip()):
        raise click.BadParameter(_("write CODE=NAME"), param_hint="--office")
    return code.strip(), name.strip()


@click.command(
    help=_(
        "Prepare the database, the company, its organisation and the first administrator.\n\n"
        "Run again it adds what is missing and leaves the rest as it is; with another --code it "
        "adds a further company of the group."
    )
)
@click.option("--company", prompt=_("Name of the company"), help=_("Name of the legal entity."))
@click.option("--code", default="01", show_default=True, help=_("Its short code."))
@click.option("--currency", default="CNY", show_default=True)
@click.option("--exponent", default=2, show_default=True, help=_("Decimal places of the currency."))
@click.option("--time-zone", default="Asia/Shanghai", show_default=True)
@click.option("--calendar", default="cn", show_default=True,
              help=_("Code of the working calendar."))  # fmt: skip
@click.option("--office", "offices", multiple=True, help=_("CODE=NAME of an office; repeatable."))
@click.option("--language", default="zh-hans", show_default=True,
              type=click.Choice(["zh-hans", "zh-hant", "en"]),
              help=_("Language of the names that are made."))  # fmt: skip
@click.option("--tax-exclusive", is_flag=True, help=_("Prices of this company are without tax."))
@click.option("--admin", prompt=_("User name of the administrator"), default="admin")
@click.option("--admin-name", default="", help=_("Name of the administrator as people write it."))
@click.option("--admin-email", default="")
@click.option("--password-stdin", is_flag=True,
              help=_("Read the password from the standard input."))  # fmt: skip
def init_command(**given: Any) -> None:
    """Make what a site needs before anybody can sign in."""
    password = _password(is_piped=given["password_stdin"])
    django_start()
    from django.apps import apps
    from django.core.management import call_command
    from django.utils.translation import override

    from chengdan.kernel.errors import DomainError
    from chengdan.kernel.transactions import write

    offices = [_office(value) for value in given["offices"]]
    call_command("migrate", verbosity=0)
    try:
        with override(terminal_language()), write():
            company_id = _company(given, offices)
            _administrator(given, company_id, password)
        if apps.is_installed("chengdan.modules.process"):
            _processes()
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        _("Ready. Start with `chengdan serve` and sign in as %(login)s.")
        % {"login": given["admin"]}
    )


def _processes() -> None:
    """Publish what ships; say which versions of the company's own stay, and what is wrong."""
    definitions = import_module("chengdan.modules.process.services.definitions")
    definitions.definitions_publish()
    told = set()
    for own in definitions.definitions_own():
        told.add(f"{own.code} v{own.number}")
        if own.is_shipped:
            click.echo(
                _("%(code)s: your version %(number)s stays; this release brings another text.")
                % {"code": own.code, "number": own.number}
            )
        for mistake in own.mistakes:
            click.echo(f"  {mistake}", err=True)
    for lacking in definitions.definitions_lacking():
        for mistake in () if lacking.where in told else lacking.mistakes:
            click.echo(f"  {mistake}", err=True)


def _password(*, is_piped: bool) -> str:
    if is_piped:
        return sys.stdin.readline().rstrip("\r\n")
    text: str = click.prompt(_("Password (12 characters or more)"), hide_input=True,
                             confirmation_prompt=True)  # fmt: skip
    return text


def _company(given: dict[str, Any], offices: list[tuple[str, str]]) -> int:
    """Return the id of the company, made with its organisation when it is new."""
    from django.utils.translation import override

    from chengdan.kernel.actor import Actor
    from chengdan.modules.people.models import Company, OrgUnit
    from chengdan.modules.people.services.companies import company_create
    from chengdan.modules.people.services.shipped import org_ship
    from chengdan.modules.people.services.units import org_unit_create

    company = Company.objects.filter(code=given["code"]).first() or company_create(
        actor=Actor.system("chengdan init"),
        code=given["code"],
        name=given["company"],
        currency=given["currency"],
        exponent=given["exponent"],
        timezone=given["time_zone"],
        calendar_code=given["calendar"],
        is_tax_inclusive=not given["tax_exclusive"],
    )
    actor = Actor.system("chengdan init", company.pk)
    with override(given["language"]):
        org_ship(actor, company)
    root = OrgUnit.objects.get(company=company, parent__isnull=True)
    known = set(OrgUnit.objects.filter(company=company).values_list("code", flat=True))
    for code, name in offices:
        if code not in known:
            org_unit_create(
                actor=actor, company_id=company.pk, parent_id=root.pk, code=code, name=name,
                kind="office",
            )  # fmt: skip
    return int(company.pk)


def _administrator(given: dict[str, Any], company_id: int, password: str) -> None:
    from chengdan.kernel import clock
    from chengdan.kernel.actor import Actor
    from chengdan.kernel.zones import company_time
    from chengdan.modules.people.models import OrgUnit, Role, User
    from chengdan.modules.people.services.grants import grant_give
    from chengdan.modules.people.services.passwords import password_check
    from chengdan.modules.people.services.users import user_create

    actor = Actor.system("chengdan init", company_id)
    user = User.objects.filter(username__iexact=given["admin"]).first()
    role = Role.objects.get(code="administrator")
    root = OrgUnit.objects.get(company_id=company_id, parent__isnull=True)
    if user is None:
        name = given["admin_name"] or given["admin"]
        password_check(
            User(username=given["admin"], display_name=name, email=given["admin_email"]), password
        )
        user = user_create(
            actor=actor, company_id=company_id, username=given["admin"], display_name=name,
            email=given["admin_email"], language=given["language"], unit_id=root.pk,
            password=password,
        )  # fmt: skip
    elif user.grants.filter(company_id=company_id, role=role).exists():
        return
    with company_time(company_id):  # where the right is asked for
        grant_give(
            actor=actor, company_id=company_id, user_id=user.pk, reason="chengdan init",
            starts_on=clock.today(), role_id=role.pk, unit_id=root.pk,
        )  # fmt: skip
