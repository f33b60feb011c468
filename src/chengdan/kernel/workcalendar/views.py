"""Pages where administrators see and edit working calendars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.requests import actor_of
from chengdan.kernel.rights import right_held
from chengdan.kernel.ui import Act, Chip, FormPage, PageHead, Toast, done, page, render_page
from chengdan.kernel.ui.forms import refusals_on
from chengdan.kernel.workcalendar import services
from chengdan.kernel.workcalendar import vocabulary as words
from chengdan.kernel.workcalendar.forms import DayForm, HoursForm, YearForm
from chengdan.kernel.workcalendar.models import CalendarDay, WorkCalendar
from chengdan.kernel.workcalendar.selectors import DEFAULT_CALENDAR
from chengdan.kernel.workcalendar.services import YEARS, PlannedDay
from chengdan.kernel.workcalendar.shipped import shipped_days, shipped_years
from chengdan.kernel.workcalendar.vocabulary import DayKind


@dataclass(frozen=True, slots=True)
class ShownDay:
    """One row of the page."""

    day: date
    kind: str
    title: str
    origin: Chip
    shift: str
    remove: Act | None


def _actor(request: HttpRequest) -> Actor:
    return actor_of(request)


def _row(actor: Actor) -> WorkCalendar:
    """Return the company's calendar; an unsaved one while it has none of its own."""
    found = WorkCalendar.objects.filter(code=DEFAULT_CALENDAR, company_id=actor.company_id).first()
    return found or WorkCalendar(code=DEFAULT_CALENDAR, company_id=actor.company_id)


def _row_saved(actor: Actor) -> WorkCalendar:
    row = _row(actor)
    if row.pk is not None:
        return row
    return services.calendar_save(actor=actor, code=row.code, company_id=row.company_id, values={})


def _address(year: int) -> str:
    return reverse("workcalendar:year", args=[year])


def _days(row: WorkCalendar, year: int, *, may_edit: bool) -> list[ShownDay]:
    shown: dict[date, ShownDay] = {}
    if row.starts_from_shipped and year not in row.settled_years:
        for item in shipped_days().values():
            if item.day.year != year:
                continue
            kind = DayKind.MAKE_UP if item.is_working else DayKind.HOLIDAY
            chip = Chip(_("from the software"), "idle")
            if item.is_provisional:
                chip = Chip(_("provisional"), "soon")
            text = gettext("moved rest day") if item.is_moved else ""
            title = f"{item.title} ({text})" if text else item.title
            shown[item.day] = ShownDay(item.day, str(kind.label), title, chip, "", None)
    own = CalendarDay.objects.filter(calendar_id=row.pk, day__year=year) if row.pk else ()
    for entry in own:
        act = Act(
            "remove",
            _("Remove"),
            reverse("workcalendar:day_remove", args=[entry.day.isoformat()]),
            method="post",
            icon="trash",
        )
        shown[entry.day] = ShownDay(
            entry.day,
            str(DayKind(entry.kind).label),
            entry.title,
            Chip(_("set here"), "acc"),
            entry.shift,
            act if may_edit else None,
        )
    return [shown[day] for day in sorted(shown)]


@page(permission=words.CALENDAR_VIEW)
def calendar_year(request: HttpRequest, year: int | None = None) -> HttpResponseBase:
    """Show the days of a year that differ from the weekly pattern."""
    year = year or clock.today().year
    if not YEARS[0] <= year <= YEARS[1]:
        raise Http404
    actor = _actor(request)
    row = _row(actor)
    may_edit = right_held(actor, words.CALENDAR_EDIT)
    edit = words.CALENDAR_EDIT
    acts = [
        Act("day", _("Set a day"), reverse("workcalendar:day"), icon="plus", permission=edit,
            primary=True),
        Act("import", _("Paste a year"), reverse("workcalendar:year_import", args=[year]),
            icon="upload", permission=edit),
        Act("hours", _("Working hours"), reverse("workcalendar:hours"), icon="clock",
            permission=edit),
    ]  # fmt: skip
    known = shipped_years()
    is_settled = year in row.settled_years
    return render_page(
        request,
        "workcalendar/year.html",
        head=PageHead(_("Working calendar"), str(year), acts=acts),
        calendar=row,
        year=year,
        days=_days(row, year, may_edit=may_edit),
        is_provisional=known.get(year, False) and not is_settled,
        is_unknown=year > max(known) and not is_settled,
        previous_url=_address(year - 1) if year > YEARS[0] else "",
        next_url=_address(year + 1) if year < YEARS[1] else "",
    )


@page(permission=words.CALENDAR_EDIT, methods=("GET", "POST"))
def calendar_hours(request: HttpRequest) -> HttpResponseBase:
    """Edit the working hours."""
    actor = _actor(request)
    row = _row(actor)
    form = HoursForm(request.POST or None, initial=HoursForm.values_of(row))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            services.calendar_save(
                actor=actor, code=row.code, company_id=row.company_id, values=form.values()
            )
        if form.is_valid():
            return done(request, _address(clock.today().year), Toast(_("Saved.")))
    return FormPage(
        form, PageHead(_("Working hours")), cancel_url=_address(clock.today().year)
    ).render(request)


@page(permission=words.CALENDAR_EDIT, methods=("GET", "POST"))
def calendar_day(request: HttpRequest) -> HttpResponseBase:
    """Set one day."""
    form = DayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        planned = PlannedDay(data["day"], DayKind(data["kind"]), data["title"])
        with refusals_on(form):
            actor = _actor(request)
            services.calendar_day_set(
                actor=actor,
                calendar_id=_row_saved(actor).pk,
                planned=planned,
                shift=data["shift"],
            )
        if form.is_valid():
            return done(request, _address(planned.day.year), Toast(_("Saved.")))
    return FormPage(form, PageHead(_("Set a day")), cancel_url=_address(clock.today().year)).render(
        request
    )


@page(permission=words.CALENDAR_EDIT, methods=("POST",))
def calendar_day_remove(request: HttpRequest, day: str) -> HttpResponseBase:
    """Take an own entry away."""
    try:
        found = date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    actor = _actor(request)
    row = _row(actor)
    if row.pk is None:
        raise Http404
    services.calendar_day_remove(actor=actor, calendar_id=row.pk, day=found)
    return done(request, _address(found.year), Toast(_("Removed.")))


@page(permission=words.CALENDAR_EDIT, methods=("GET", "POST"))
def calendar_year_import(request: HttpRequest, year: int) -> HttpResponseBase:
    """Paste the published plan of a year."""
    form = YearForm(request.POST or None, initial={"year": year})
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data["year"]
        with refusals_on(form):
            days = services.year_parse(form.cleaned_data["text"], wanted)
            actor = _actor(request)
            services.calendar_year_import(
                actor=actor, calendar_id=_row_saved(actor).pk, year=wanted, days=days
            )
        if form.is_valid():
            return done(request, _address(wanted), Toast(_("The plan is imported.")))
    return FormPage(
        form, PageHead(_("Paste a year")), cancel_url=_address(clock.today().year)
    ).render(request)
