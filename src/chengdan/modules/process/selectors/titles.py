"""What a problem record is called on the pages that list it."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from chengdan.modules.process.models import ProblemRecord
from chengdan.modules.process.rules.definition import text_of
from chengdan.modules.process.vocabulary import problem_text


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
