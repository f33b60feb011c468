"""Conditions and facts of a process in the words that its readers use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from chengdan.kernel.ui.formats import day_text, number_text
from chengdan.kernel.workcalendar import limit_parse
from chengdan.modules.process.rules import conditions as c
from chengdan.modules.process.rules.definition import Process, text_of
from chengdan.modules.process.subjects import check_get, subject_types
from chengdan.modules.process.vocabulary import Decision

HUNDRED = Decimal(100)
_SIGNS = {"=": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}


@dataclass(frozen=True, slots=True)
class Wording:
    """What the conditions of one process say; made by `wording_of`."""

    facts: Mapping[str, c.FactType]

    def text(self, condition: str) -> str:
        """Return a condition in words; "" for none."""
        return self._node(c.parse(condition)) if condition else ""

    def title(self, name: str) -> str:
        """Return what a fact is called; its name when nobody gave it a title."""
        known = self.facts.get(name)
        return str(known.title) if known is not None and known.title else name

    def value(self, name: str, value: Any) -> str:
        """Return a value of a fact as readers see it."""
        known = self.facts.get(name)
        if known is not None and value in known.labels:
            return str(known.labels[value])
        if value is None or value == "":
            return "–"
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, Decimal | int):
            return number_text(Decimal(value).normalize(), zero="0")
        if isinstance(value, date | datetime):
            return day_text(value)
        return str(value)

    def limit(self, limit: Mapping[str, Any] | None) -> str:
        """Return a time limit in words, the date it counts from by its title; "" for none."""
        if not limit:
            return ""
        parsed = limit_parse(limit)
        return replace(parsed, after=self.title(parsed.after) if parsed.after else "").describe()

    def _node(self, node: c.Node) -> str:
        match node:
            case c.And(parts):
                texts = [f"({self._node(p)})" if isinstance(p, c.Or) else self._node(p)
                         for p in parts]  # fmt: skip
                return _(" and ").join(texts)
            case c.Or(parts):
                return _(" or ").join(self._node(part) for part in parts)
            case c.Not(part):
                return _("not (%(condition)s)") % {"condition": self._node(part)}
            case c.Among(fact, values):
                listed = _(" or ").join(self._side(value, fact.name) for value in values)
                return _("%(fact)s is %(values)s") % {
                    "fact": self.title(fact.name), "values": listed,
                }  # fmt: skip
            case c.Compare():
                return self._compare(node)

    def _compare(self, node: c.Compare) -> str:
        left, right = node.left, node.right
        if isinstance(left, c.Fact) and isinstance(right, c.Literal_):
            said = self._statement(left.name, node.operator == "=", right.value)
            if said and node.operator in ("=", "!="):
                return said
        names = [side.name if isinstance(side, c.Fact) else "" for side in (right, left)]
        texts = self._as_percent(left, right) or [
            self._side(side, name) for side, name in zip((left, right), names, strict=True)
        ]
        return f" {_SIGNS[node.operator]} ".join(texts)

    def _as_percent(self, left: c.Side, right: c.Side) -> list[str]:
        """Write `a * 100 < b * 20`, the way to compare a ratio exactly, as `a < b × 20%`."""
        (plain, hundred), (shared, percent) = _split(left), _split(right)
        if percent == HUNDRED != hundred:
            return self._as_percent(right, left)[::-1]
        if hundred != HUNDRED or percent is None or not plain or not shared:
            return []
        return [self._product(plain), f"{self._product(shared)} × {self.value('', percent)}%"]

    def _product(self, factors: Sequence[c.Fact | c.Literal_]) -> str:
        return " × ".join(self._side(factor) for factor in factors)

    def _statement(self, name: str, is_equal: bool, value: Any) -> str:
        """Return what is said of one fact by a flag or by nothing; "" for other values."""
        title = {"fact": self.title(name)}
        if isinstance(value, bool):
            text = title["fact"]
            return text if value is is_equal else _("not (%(condition)s)") % {"condition": text}
        known = self.facts.get(name)
        is_named = known is not None and value in known.labels
        if not is_named and (value is None or value == ""):
            return (_("no %(fact)s") if is_equal else _("with %(fact)s")) % title
        return ""

    def _side(self, side: c.Side, beside: str = "") -> str:
        """Return one side; a constant is read as a value of the fact beside it."""
        match side:
            case c.Fact(name):
                return self.title(name)
            case c.Literal_(value):
                return self.value(beside, value)
            case c.Product(factors):
                return self._product(factors)


def _split(side: c.Side) -> tuple[tuple[c.Fact | c.Literal_, ...], Decimal | None]:
    """Return the facts of a product and its one constant, None without exactly one."""
    factors = side.factors if isinstance(side, c.Product) else ()
    facts = tuple(factor for factor in factors if isinstance(factor, c.Fact))
    numbers = [factor.value for factor in factors if isinstance(factor, c.Literal_)]
    only = numbers[0] if len(numbers) == 1 else None
    return facts, only if isinstance(only, Decimal) else None


def wording_of(process: Process) -> Wording:
    """Return the words for the facts of a process: of its document and of its own steps."""
    return Wording({**wording_for(process.subject).facts, **_step_facts(process)})


def wording_for(subject_type: str) -> Wording:
    """Return the words for the facts of a kind of document; no words for an unknown one."""
    entry = subject_types().get(subject_type)
    return Wording(entry.kind.fact_types if entry is not None else {})


def _step_facts(process: Process) -> dict[str, c.FactType]:
    language = get_language() or "zh-hans"
    facts = {"process.round": c.FactType("number", title=_("round"))}
    for step in process.steps:
        title = text_of(step.title, language)
        if step.kind == "check":
            check = check_get(step.check)
            facts[f"{step.code}.outcome"] = c.FactType(
                "text", check.outcomes, title, check.outcome_titles
            )
            passed = _("%(step)s passed") % {"step": title}
            facts[f"{step.code}.passed"] = c.FactType("flag", title=passed)
        elif step.is_human:
            labels = dict(Decision.choices)
            facts[f"{step.code}.outcome"] = c.FactType("text", tuple(labels), title, labels)
    return facts
