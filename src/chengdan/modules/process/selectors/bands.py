"""The strip of a document as the page component draws it."""

from __future__ import annotations

from typing import Literal, cast

from django.urls import reverse
from django.utils.translation import gettext as _

from chengdan.kernel.ui import Chip, StripBand, StripStep
from chengdan.kernel.ui.formats import due_text, duration_text
from chengdan.modules.process.models import Instance
from chengdan.modules.process.selectors.definitions import process_current
from chengdan.modules.process.selectors.running import (
    Strip,
    StripNode,
    instance_latest,
    strip_of,
    strip_todo,
)
from chengdan.modules.process.vocabulary import InstanceState

StepState = Literal["done", "run", "soon", "late", "wait", "skip", "todo"]
ChipState = Literal["", "done", "run", "soon", "late", "idle", "acc"]
_CHIPS: dict[str, ChipState] = {
    InstanceState.RUNNING: "run",
    InstanceState.HELD: "soon",
    InstanceState.FAULT: "late",
    InstanceState.DONE: "done",
    InstanceState.REFUSED: "late",
    InstanceState.WITHDRAWN: "idle",
    InstanceState.CANCELLED: "idle",
}


def instance_chip(state: str) -> Chip:
    """Return the state of a run as colour and word."""
    return Chip(InstanceState(state).label, _CHIPS[state])


def _time(node: StripNode) -> str:
    return due_text(node.time) if node.is_left else duration_text(node.time)


def _letters(found: Strip) -> str:
    """Return the letters people know a process by; "" when its title says them or it has none."""
    letters = found.code.rsplit(".", maxsplit=1)[-1].upper()
    return "" if "_" in letters or letters in found.title else letters


def band_of(found: Strip, *, remark: str = "") -> StripBand:
    """Return one process as a band; each node opens its evidence."""
    steps = [
        StripStep(
            code=node.code,
            name=node.title,
            state=cast("StepState", node.state),
            who=node.who,
            time=_time(node),
            url=reverse("process:step_evidence", args=[node.step_id]) if node.step_id else "",
            was_late=node.was_late,
        )
        for node in found.nodes
    ]
    counted = _("%(done)s of %(all)s") % {"done": found.done, "all": len(found.nodes)}
    parts = [counted, duration_text(found.time), remark]
    if found.round > 1:
        parts.insert(1, _("round %(round)s") % {"round": found.round})
    chip = None if found.instance_id is None else instance_chip(found.state)
    return StripBand(
        code=_letters(found),
        title=found.title,
        steps=steps,
        remark=" · ".join(part for part in parts if part),
        chip=chip,
        url=reverse("process:instance", args=[found.instance_id]) if found.instance_id else "",
        link=_("Log") if found.instance_id else "",
    )


def band_for(code: str, subject_type: str, subject_id: int | None, remark: str = "") -> StripBand:
    """Return the band of one process for a document, or for none yet when the id is None."""
    instance: Instance | None = None
    if subject_id is not None:
        instance = instance_latest(code, subject_type, subject_id)
    found = strip_of(instance) if instance is not None else strip_todo(process_current(code))
    return band_of(found, remark=remark)
