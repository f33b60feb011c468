"""The evidence of one pass through a step: when, who, on what facts, with which result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import Why, WhyRow, page, why_response
from chengdan.kernel.ui.formats import money_text, quantity_text
from chengdan.modules.process.access import access_instance_for_view
from chengdan.modules.process.models import StepRun
from chengdan.modules.process.rules.definition import Process
from chengdan.modules.process.selectors.definitions import process_of
from chengdan.modules.process.selectors.names import decision_text, remark_text
from chengdan.modules.process.selectors.running import (
    evidence_of,
    step_named,
    timeline,
    verdict_text,
)
from chengdan.modules.process.selectors.wording import wording_of
from chengdan.modules.process.subjects import Figure, check_get
from chengdan.modules.process.web.common import policy_texts

DIGEST_SHOWN = 12


@page(permission="")
def step_evidence(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the evidence of one pass through a step."""
    rows = StepRun.objects.select_related("instance__definition_version")
    run = rows.filter(pk=pk).first()
    if run is None:
        raise NotFoundError
    instance = access_instance_for_view(actor_of(request), run.instance_id)
    process = process_of(instance.definition_version)
    title = step_named(process, run.code)
    entry = next(item for item in timeline(instance) if item.run.pk == run.pk)
    lines = [
        WhyRow(_("Started"), run.started_at, kind="day"),
        WhyRow(_("Time limit"), run.due_at, kind="day"),
        WhyRow(_("Ended"), run.ended_at, kind="day"),
    ]
    lines += [
        WhyRow(
            decision_text(task, entry.names),
            task.decided_at,
            kind="day",
            remark=remark_text(task),
        )
        for task in entry.tasks
        if task.state != "void"
    ]
    lines += [*_facts(process, run), *_figures(process, run)]
    if run.content_hash:
        digest = run.content_hash[:DIGEST_SHOWN]
        lines.append(WhyRow(_("Digest of the content"), digest, kind="text"))
    policies = policy_texts()
    notes = [policies[name] for name in run.evidence.get("policies", []) if name in policies]
    found = " ".join([verdict_text(process, run), *notes]).strip()
    rule = str(run.evidence.get("rule", ""))
    return why_response(request, Why(title, [row for row in lines if row.value], found, rule))


def _facts(process: Process, run: StepRun) -> Iterator[WhyRow]:
    """Yield the facts that the step's condition saw."""
    wording = wording_of(process)
    for name, value in run.evidence.get("facts", {}).items():
        known = wording.facts.get(name)
        is_number = known is not None and known.kind == "number"
        shown = wording.value(name, _number(value) if is_number else value)
        yield WhyRow(wording.title(name), shown, kind="text")


def _figures(process: Process, run: StepRun) -> Iterator[WhyRow]:
    """Yield what the check kept, as far as it says what its figures are called."""
    if run.kind != "check":
        return
    figures = check_get(process.step(run.code).check).figures
    for name, value in evidence_of(run).items():
        if isinstance(value, list):
            yield from _listed(figures, name, value)
        elif name in figures:
            yield WhyRow(figures[name].title, _shown(figures[name], value), kind="text")


def _listed(figures: Mapping[str, Figure], name: str, values: list[Any]) -> Iterator[WhyRow]:
    for value in values:
        if not isinstance(value, dict):
            if name in figures:
                yield WhyRow(figures[name].title, str(value), kind="text")
            continue
        parts = [
            f"{figures[key].title} {_shown(figures[key], part)}".strip()
            for key, part in value.items()
            if key in figures and part not in (None, "")
        ]
        row = value.get("row")
        title = _("Line %(number)s") % {"number": row} if row else str(value.get("rule", ""))
        yield WhyRow(title, " · ".join(parts), kind="text")


def _shown(figure: Figure, value: Any) -> str:
    number = _number(value)
    if figure.kind == "text" or not isinstance(number, Decimal):
        return str(value)
    return money_text(number) if figure.kind == "money" else quantity_text(number)


def _number(value: Any) -> Any:
    """Return a number that was kept as text."""
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return value
