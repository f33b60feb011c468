"""Pages where administrators see and set up document numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.numbering import vocabulary as words
from chengdan.kernel.numbering.declarations import declaration_find, series_declared
from chengdan.kernel.numbering.models import NumberCounter, NumberSeries
from chengdan.kernel.numbering.patterns import pattern_parse, period_key
from chengdan.kernel.numbering.services import SeriesValues, series_save
from chengdan.kernel.numbering.vocabulary import Reset
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import (
    Act,
    Chip,
    Column,
    Empty,
    FormPage,
    ListPage,
    PageHead,
    Toast,
    done,
    page,
)
from chengdan.kernel.ui.forms import UiForm, refusals_on


def _title(row: NumberSeries) -> str:
    declared = declaration_find(row.document_type)
    return str(declared.title) if declared else row.document_type


def _last(row: NumberSeries) -> str:
    """Return the last number of the running period."""
    counter = getattr(row, "running", None)
    if counter is None:
        return ""
    text = counter.pattern if row.is_gapless else row.pattern
    return pattern_parse(text, row.reset).render(counter.last, clock.today(), row.office)


def _left(row: NumberSeries) -> Chip | None:
    """Warn where few numbers are left."""
    if row.maximum is None:
        return None
    counter = getattr(row, "running", None)
    left = row.maximum - (counter.last if counter else row.minimum - 1)
    return Chip(str(left), "soon" if left < row.warn_below else "idle")


class SeriesList(ListPage[NumberSeries]):
    """The series of the company."""

    code, title, permission = "kernel.numbering", _("Document numbers"), words.NUMBERING_VIEW
    columns = [
        Column("title", _("Document"), value=_title, phone="title", sort="type"),
        Column("office", _("Office")),
        Column("pattern", _("Pattern")),
        Column("reset", _("Starts again"), value="get_reset_display"),
        Column("last", _("Last number"), value=_last, phone="side"),
        Column("left", _("Left"), kind="chip", value=_left),
    ]
    sorts = {"type": "document_type"}
    default_sort = "type"
    empty = Empty(
        _("No series yet"),
        _("A series with the usual pattern is made when the first document takes a number."),
    )

    def queryset(self, actor: Actor) -> QuerySet[NumberSeries]:
        """Return the series of the actor's company."""
        return NumberSeries.objects.filter(company_id=actor.company_id or 0)

    def prepare(self, rows: list[NumberSeries], actor: Actor) -> None:
        """Fetch the running counters with one query."""
        on = clock.today()
        counters = {
            (counter.series_id, counter.period): counter
            for counter in NumberCounter.objects.filter(series__in=rows)
        }
        for row in rows:
            key = (row.pk, period_key(row.reset, on))
            row.running = counters.get(key)  # type: ignore[attr-defined]

    def row_url(self, row: NumberSeries) -> str:
        """Return the form of the series."""
        return reverse("numbering:edit", args=[row.pk])

    def acts(self, actor: Actor) -> Sequence[Act]:
        """Offer a new series."""
        url = reverse("numbering:new")
        edit = words.NUMBERING_EDIT
        return [Act("new", _("New series"), url, icon="plus", primary=True, permission=edit)]


class SeriesForm(UiForm):
    """One series; kind and office are fixed once it exists."""

    document_type = forms.ChoiceField(label=_("Document"))
    office = forms.CharField(label=_("Office"), max_length=20, required=False)
    pattern = forms.CharField(
        label=_("Pattern"),
        max_length=40,
        help_text=_("Text with {yyyy} {yy} {mm} {dd} {office} and one counter such as {n:4}"),
    )
    reset = forms.ChoiceField(label=_("Starts again"), choices=Reset.choices)
    minimum = forms.IntegerField(label=_("First number"), min_value=1, max_value=10**12)
    maximum = forms.IntegerField(
        label=_("Last number allowed"), min_value=1, max_value=10**12, required=False
    )
    warn_below = forms.IntegerField(
        label=_("Warn when so few are left"), min_value=0, max_value=10**6
    )
    is_gapless = forms.BooleanField(label=_("Statutory: without gaps"), required=False)

    def __init__(self, *args: Any, row: NumberSeries | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(item.document_type, item.title) for item in series_declared()]
        if row is not None:
            kinds = [(row.document_type, _title(row))]
            self.fields["document_type"].disabled = True
            self.fields["office"].disabled = True
        self.fields["document_type"].choices = kinds  # type: ignore[attr-defined]


_NAMES = (
    "document_type", "office", "pattern", "reset", "minimum", "maximum", "warn_below",
    "is_gapless",
)  # fmt: skip


def _edit(request: HttpRequest, row: NumberSeries | None) -> HttpResponseBase:
    initial: dict[str, Any] = {"minimum": 1, "warn_below": 100}
    if row is not None:
        initial = {name: getattr(row, name) for name in _NAMES}
    form = SeriesForm(request.POST or None, initial=initial, row=row)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        kind, office = data.pop("document_type"), data.pop("office")
        actor = actor_of(request)
        with refusals_on(form):
            series_save(
                actor=actor,
                company_id=actor.company_id or 0,
                document_type=kind,
                values=SeriesValues(**data),
                office=office,
            )
        if form.is_valid():
            return done(request, reverse("numbering:list"), Toast(_("Saved.")))
    head = PageHead(_("Number series"), row.pattern if row else "")
    return FormPage(form, head, cancel_url=reverse("numbering:list")).render(request)


@page(permission=words.NUMBERING_EDIT, methods=("GET", "POST"))
def series_new(request: HttpRequest) -> HttpResponseBase:
    """Set up a series, for instance of one office."""
    return _edit(request, None)


@page(permission=words.NUMBERING_EDIT, methods=("GET", "POST"))
def series_edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a series of the actor's company."""
    actor = actor_of(request)
    row = get_object_or_404(NumberSeries, pk=pk, company_id=actor.company_id or 0)
    return _edit(request, row)
