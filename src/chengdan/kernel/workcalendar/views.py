"""Pages where administrators see and edit working calendars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.rights import right_held
from chengdan.kernel.ui import (
    Act,
    Chip,
    Crumb,
    FormPage,
    PageHead,
    PastedRows,
    Toast,
    done,
    page,
    refusals_on,
    render_page,
)
from chengdan.kernel.ui.parts import Text
from chengdan.kernel.workcalendar import services
from chengdan.kernel.workcalendar import vocabulary as words
from chengdan.kernel.workcalendar.forms import CalendarForm, DayForm, HoursForm, YearForm
from chengdan.kernel.workcalendar.models import CalendarDay, WorkCalendar
from chengdan.kernel.workcalendar.selectors import DEFAULT_CALENDAR, calendar_choices
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


def _row(request: HttpRequest) -> WorkCalendar:
    """Return the calendar that `?of=` names; an unsaved one while the company has no main one."""
    company_id = actor_of(request).company_id
    code = request.GET.get("of", DEFAULT_CALENDAR)
    found = WorkCalendar.objects.filter(code=code, company_id=company_id).first()
    if found is None and code != DEFAULT_CALENDAR:
        raise Http404
    return found or WorkCalendar(code=DEFAULT_CALENDAR, company_id=company_id)


def _row_saved(request: HttpRequest) -> WorkCalendar:
    row = _row(request)
    if row.pk is not None:
        return row
    return services.calendar_save(
        actor=actor_of(request), code=row.code, company_id=row.company_id, values={}
    )


def _of(code: str) -> str:
    return "" if code == DEFAULT_CALENDAR else f"?of={code}"


def _url(name: str, row: WorkCalendar, *args: object) -> str:
    return reverse(f"workcalendar:{name}", args=args) + _of(row.code)


def _head(title: Text, row: WorkCalendar) -> PageHead:
    """Return the head of a form; it says which calendar where there are several."""
    titles = calendar_choices(row.company_id)
    url = _url("show", row)
    crumbs = [Crumb(_("Working calendar"), url)]
    return PageHead(title, titles.get(row.code, "") if len(titles) > 1 else "", crumbs=crumbs)


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
            _url("day_remove", row, entry.day.isoformat()),
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
    actor, row = actor_of(request), _row(request)
    may_edit = right_held(actor, words.CALENDAR_EDIT)
    edit = words.CALENDAR_EDIT
    acts = [
        Act("day", _("Set a day"), _url("day", row), icon="plus", permission=edit, primary=True),
        Act("import", _("Paste a year"), _url("year_import", row, year), icon="upload",
            permission=edit),
        Act("hours", _("Working hours"), _url("hours", row), icon="clock", permission=edit),
        Act("new", _("New calendar"), reverse("workcalendar:new"), icon="plus", permission=edit),
    ]  # fmt: skip
    known = shipped_years() if row.starts_from_shipped else {}
    is_settled = year in row.settled_years
    return render_page(
        request,
        "workcalendar/year.html",
        head=PageHead(_("Working calendar"), str(year), acts=acts, visible=3),
        calendar=row,
        tabs=_tabs(row, year),
        year=year,
        days=_days(row, year, may_edit=may_edit),
        is_provisional=known.get(year, False) and not is_settled,
        is_unknown=bool(known) and year > max(known) and not is_settled,
        previous_url=_url("year", row, year - 1) if year > YEARS[0] else "",
        next_url=_url("year", row, year + 1) if year < YEARS[1] else "",
    )


def _tabs(row: WorkCalendar, year: int) -> list[dict[str, Any]]:
    """Return links to the company's calendars; none while there is only one."""
    address = reverse("workcalendar:year", args=[year])
    own = set(WorkCalendar.objects.filter(company_id=row.company_id).values_list("code", flat=True))
    titles = calendar_choices(row.company_id).items()
    tabs = [
        {"title": title, "url": address + _of(code), "is_on": code == row.code}
        for code, title in titles
        if code in own | {DEFAULT_CALENDAR}
    ]
    return tabs if len(tabs) > 1 else []


@page(permission=words.CALENDAR_EDIT, methods=("GET", "POST"))
def calendar_new(request: HttpRequest) -> HttpResponseBase:
    """Add a calendar for units or companies that work by other days or hours."""
    actor = actor_of(request)
    empty = WorkCalendar(company_id=actor.company_id)
    form = CalendarForm(request.POST or None, initial=HoursForm.values_of(empty))
    url = reverse("workcalendar:show")
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        with refusals_on(form):
            row = services.calendar_create(
                actor=actor, code=code, company_id=actor.company_id, values=form.values()
            )
        if form.is_valid():
            return done(request, _url("show", row), Toast(_("Calendar added; units may name it.")))
    head = PageHead(_("New calendar"), crumbs=[Crumb(_("Working calendar"), url)])
    return FormPage(form, head, cancel_url=url).render(request)


@page(permission=words.CALENDAR_EDIT, methods=("GET", "POST"))
def calendar_hours(request: HttpRequest) -> HttpResponseBase:
    """Edit the working hours."""
    row = _row(request)
    form = HoursForm(request.POST or None, initial=HoursForm.values_of(row))
    url = _url("show", row)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            services.calendar_save(
                actor=actor_of(request), code=row.code, company_id=row.company_id,
                values=form.values(), expected_version=version_of(request),
            )  # fmt: skip
        if form.is_valid():
            return done(request, url, Toast(_("Saved.")))
    versions: dict[str, str | int] = {"expected_version": row.version} if row.pk else {}
    return FormPage(form, _head(_("Working hours"), row), cancel_url=url, values=versions).render(
        request
    )


@page(permission=words.CALENDAR_EDIT, methods=("GET", "POST"))
def calendar_day(request: HttpRequest) -> HttpResponseBase:
    """Set one day."""
    row = _row(request)
    form = DayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        planned = PlannedDay(data["day"], DayKind(data["kind"]), data["title"])
        with refusals_on(form):
            services.calendar_day_set(
                actor=actor_of(request),
                calendar_id=_row_saved(request).pk,
                planned=planned,
                shift=data["shift"],
            )
        if form.is_valid():
            return done(request, _url("year", row, planned.day.year), Toast(_("Saved.")))
    head = _head(_("Set a day"), row)
    return FormPage(form, head, cancel_url=_url("show", row)).render(request)


@page(permission=words.CALENDAR_EDIT, methods=("POST",))
def calendar_day_remove(request: HttpRequest, day: str) -> HttpResponseBase:
    """Take an own entry away."""
    try:
        found = date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    row = _row(request)
    if row.pk is None:
        raise Http404
    services.calendar_day_remove(actor=actor_of(request), calendar_id=row.pk, day=found)
    return done(request, _url("year", row, found.year), Toast(_("Removed.")))


@page(permission=words.CALENDAR_EDIT, methods=("GET", "POST"))
def calendar_year_import(request: HttpRequest, year: int) -> HttpResponseBase:
    """Paste the published plan of a year."""
    row = _row(request)
    form = YearForm(request.POST or None, initial={"year": year})
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data["year"]
        with refusals_on(form, PastedRows("text")):
            days = services.year_parse(form.cleaned_data["text"], wanted)
            services.calendar_year_import(
                actor=actor_of(request), calendar_id=_row_saved(request).pk, year=wanted, days=days
            )
        if form.is_valid():
            return done(request, _url("year", row, wanted), Toast(_("The plan is imported.")))
    head = _head(_("Paste a year"), row)
    return FormPage(form, head, cancel_url=_url("show", row)).render(request)
