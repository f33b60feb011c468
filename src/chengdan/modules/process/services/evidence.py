"""What is kept of a step as evidence."""

from __future__ import annotations

import hashlib
from typing import Any

from chengdan.modules.process.rules.definition import Step
from chengdan.modules.process.subjects import Verdict


def digest_of(content: str) -> str:
    """Return the digest under which covered content was seen."""
    return hashlib.sha256(content.encode()).hexdigest()


def verdict_evidence(step: Step, verdict: Verdict) -> dict[str, Any]:
    """Return what is kept of a verdict: code and parameters, and its text as a fallback."""
    return {
        "passed": verdict.passed,
        "code": verdict.code,
        "text": verdict.text(),
        "params": {name: plain(value) for name, value in verdict.params.items()},
        "rule": verdict.rule or step.rule,
        "evidence": {name: plain(value) for name, value in verdict.evidence.items()},
    }


def plain(value: Any) -> Any:
    """Return a value as JSON can keep it; exact numbers as text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value)
