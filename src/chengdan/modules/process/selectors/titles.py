"""What a problem record is called on the pages that list it."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from chengdan.modules.process.models import ProblemRecord
from chengdan.modules.process.rules.definition import text_of


def problem_title(problem: ProblemRecord) -> str:
    """Return what the record is about, in the reader's language."""
    if problem.title:
        return problem.title
    language = get_language() or "zh-hans"
    document = text_of(problem.facts.get("titles", {}), language)
    step = text_of(problem.facts.get("step_titles", {}), language)
    return _("%(document)s: %(step)s not done in time") % {"document": document, "step": step}
