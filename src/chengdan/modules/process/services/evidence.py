"""What is kept of a step as evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import override

from chengdan.modules.process.models import StepRun
from chengdan.modules.process.rules.definition import LANGUAGES, Process, Step
from chengdan.modules.process.selectors.running import outcome_text
from chengdan.modules.process.subjects import Verdict

T = TypeVar("T")


def digest_of(content: str) -> str:
    """Return the digest under which covered content was seen."""
    return hashlib.sha256(content.encode()).hexdigest()


def verdict_evidence(step: Step, verdict: Verdict) -> dict[str, Any]:
    """Return what is kept of a verdict: code and parameters, and its text in every language.

    The text serves readers of checks that don't say it by its code.
    """
    return {
        "passed": verdict.passed,
        "code": verdict.code,
        "text": in_languages(verdict.text),
        "params": {name: plain(value) for name, value in verdict.params.items()},
        "rule": verdict.rule or step.rule,
        "evidence": kept(verdict.evidence),
    }


def kept(value: Any) -> Any:
    """Return evidence as JSON can keep it, its own texts in every language; see `evidence_of`."""
    if isinstance(value, Promise):
        return in_languages(lambda: str(value))
    if isinstance(value, dict):
        return {str(name): kept(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [kept(item) for item in value]
    return plain(value)


def said_of(process: Process, run: StepRun) -> dict[str, str]:
    """Return how a step ended in every language, for the audit trail."""
    return in_languages(lambda: outcome_text(process, run))


def in_languages(say: Callable[[], T]) -> dict[str, T]:
    """Return what is said in each language, for readers of later."""
    found = {}
    for name in LANGUAGES:
        with override(name):
            found[name] = say()
    return found


def plain(value: Any) -> Any:
    """Return a value as JSON can keep it; exact numbers as text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value)
