"""What a problem record is called on the pages that list it."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from chengdan.kernel.ui import Chip
from chengdan.kernel.ui.parts import State
from chengdan.modules.process.errors import NotPublishedError
from chengdan.modules.process.models import ProblemRecord
from chengdan.modules.process.rules.definition import text_of
from chengdan.modules.process.selectors.definitions import process_current
from chengdan.modules.process.vocabulary import ProblemSource, ProblemState, problem_text

_CHIPS: dict[str, State] = {
    ProblemState.OPEN: "late",
    ProblemState.EXPLAINED: "soon",
    ProblemState.VERIFIED: "run",
    ProblemState.CLOSED: "done",
}


def problem_chip(problem: ProblemRecord) -> Chip:
    """Return the state of a record as colour and word."""
    return Chip(ProblemState(problem.state).label, _CHIPS[problem.state])


def problem_title(problem: ProblemRecord) -> str:
    """Return what the record is about, in the reader's language.

    Only a record entered by hand keeps a text of its own; the others keep a topic and its facts.
    """
    known = problem.title or problem_text(problem.topic, problem.facts)
    if known:
        return known
    language = get_language() or "zh-hans"
    document = text_of(problem.facts.get("titles", {}), language)
    step = text_of(problem.facts.get("step_titles", {}), language)
    return _("%(document)s: %(step)s not done in time") % {"document": document, "step": step}


def topic_title(topic: str) -> str:
    """Return what a record's topic is called: the process, and the step where it names one."""
    if topic in ProblemSource.values:
        return str(ProblemSource(topic).label)
    code, _dot, step_code = topic.rpartition(".")
    try:
        process = process_current(code)
    except NotPublishedError:
        return topic
    language = get_language() or "zh-hans"
    title = text_of(process.title, language)
    if not process.has_step(step_code):
        return title
    return f"{title} {step_code} {text_of(process.step(step_code).title, language)}"
