"""What the room plugs into the kernel: rights, companies, callers, navigation, verifiers, jobs."""

from __future__ import annotations

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.callers import caller_provider_set
from chengdan.kernel.outbox import work_titles_register
from chengdan.kernel.parameters import choices_register
from chengdan.kernel.reference import reference_tables
from chengdan.kernel.ui import CompanyChoice, NavItem, frame_url_set, hooks_set, nav_register
from chengdan.kernel.zones import zone_provider_set
from chengdan.modules.people import access, audit_codes, histories, jobs, verification
from chengdan.modules.people import vocabulary as words
from chengdan.modules.people.handlers import signed_in, signed_out
from chengdan.modules.people.models import (
    Assignment,
    Company,
    Deputy,
    Grant,
    OrgClosure,
    OrgUnit,
    Position,
    PositionTerritory,
    Role,
    RolePermission,
    Territory,
    User,
)
from chengdan.modules.people.selectors import (
    OpenWork,
    caller_of,
    companies_of,
    open_work_register,
    role_titles,
    seats_held,
)
from chengdan.modules.people.selectors.org import company_zone


def _companies(actor: Actor) -> list[CompanyChoice]:
    return [CompanyChoice(company.pk, company.name) for company in companies_of(actor)]


def _can(actor: Actor, permission: str) -> bool:
    return access.can(actor, permission)


def _empty_seats(user_id: int) -> list[OpenWork]:
    """Tell of the seats that stay empty: steps that ask for them would find nobody."""
    return [
        OpenWork(
            gettext("%(unit)s: nobody is “%(position)s” any more")
            % {"unit": seat.unit, "position": seat.shown_title},
            _("Steps that ask for this position find nobody until somebody else holds it."),
            reverse("people:position", args=[seat.pk]),
            words.UNIT_VIEW,
        )
        for seat in seats_held(user_id)
    ]


reference_tables(
    "people", Assignment, Company, Deputy, Grant, OrgClosure, OrgUnit, Position, PositionTerritory,
    Role, RolePermission, Territory, User,
)  # fmt: skip
hooks_set(can=_can, companies=_companies)
caller_provider_set(caller_of)
zone_provider_set(company_zone)
choices_register("people.roles", role_titles)
open_work_register("people.seats", _empty_seats)
frame_url_set(
    company="people_account:company",
    profile="people_account:profile",
    logout="people_account:logout",
)
user_logged_in.connect(signed_in, dispatch_uid="people-signed-in")
user_logged_out.connect(signed_out, dispatch_uid="people-signed-out")
work_titles_register(
    {
        "people.user_disabled": _("An account was disabled"),
        "people.assignment_changed": _("A position got or lost its holder"),
        "people.mail_link": _("Mail a sign-in link"),
        "people.sessions_clear": _("Clear ended sessions"),
        "people.attempts_clear": _("Clear old sign-in attempts"),
    }
)
nav_register(
    NavItem(
        "people", _("Staff"), "users", "people:user_list", words.USER_VIEW, order=900, group=9
    ),
    NavItem(
        "organisation", _("Organisation"), "sitemap", "people:org", words.UNIT_VIEW,
        order=910, group=9, parent="people",
    ),
    NavItem(
        "territories", _("Territories"), "map-pin", "people:territories", words.TERRITORY_VIEW,
        order=920, group=9, parent="people",
    ),
    NavItem(
        "roles", _("Roles"), "lock", "people:role_list", words.ROLE_VIEW,
        order=930, group=9, parent="people",
    ),
    NavItem(
        "grants", _("Grants"), "key", "people:grant_list", words.GRANT_VIEW,
        order=940, group=9, parent="people",
    ),
    NavItem(
        "deputies", _("Deputies"), "users", "people:deputies", words.DEPUTY_NAME,
        order=950, group=9, parent="people",
    ),
    NavItem(
        "companies", _("Companies"), "building", "people:company_list", words.COMPANY_VIEW,
        order=960, group=9, parent="people",
    ),
    NavItem(
        "parameters", _("Settings"), "settings", "people:parameters", words.PARAMETER_VIEW,
        order=970, group=9,
    ),
)  # fmt: skip

__all__ = ["audit_codes", "histories", "jobs", "verification"]
