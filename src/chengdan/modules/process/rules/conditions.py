"""Conditions `fact operator value` with and / or / not / in: parsed, checked, evaluated.

Numbers are exact decimals; a ratio is compared by multiplication (`over * 100 <= limit * 20`).
There are no calls. A comparison with a missing value (`null`) is false, except `=` and `!=`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from chengdan.modules.process.rules.mistakes import Mistake

Value = Decimal | int | str | bool | date | None
Kind = Literal["number", "text", "flag", "date"]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*)"
    r"|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<sign><=|>=|!=|[=<>*(),-]))"
)
_WORDS = {"and", "or", "not", "in", "true", "false", "null"}
OPERATORS = ("=", "!=", "<", "<=", ">", ">=")
LENGTH_MAX = 2000
DEPTH_MAX = 20


class ConditionError(ValueError):
    """The text is not a condition, or a fact is missing when it is evaluated."""

    def __init__(self, mistake: Mistake) -> None:
        self.mistake = mistake
        super().__init__(str(mistake))


@dataclass(frozen=True, slots=True)
class FactType:
    """What a subject declares of one fact.

    Attributes:
        choices: limits texts, so that typos are refused.
        title: what pages call the fact; of a flag, the statement that it is true.
        labels: what pages call the choices.
    """

    kind: Kind
    choices: tuple[str, ...] = ()
    title: object = ""
    labels: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fact:
    """The value of a named fact."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal_:  # noqa: N801 - the name beside typing.Literal
    """A constant: Decimal, text, flag or null."""

    value: Decimal | str | bool | None


@dataclass(frozen=True, slots=True)
class Product:
    """Factors multiplied with each other; the only arithmetic there is."""

    factors: tuple[Fact | Literal_, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison."""

    left: Fact | Literal_ | Product
    operator: str
    right: Fact | Literal_ | Product


@dataclass(frozen=True, slots=True)
class Among:
    """A fact that has one of several values."""

    fact: Fact
    values: tuple[Literal_, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: Node


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple[Node, ...]


Side = Fact | Literal_ | Product
Node = Compare | Among | Not | And | Or


class _Parser:
    def __init__(self, text: str) -> None:
        if len(text) > LENGTH_MAX:
            raise ConditionError(Mistake("the condition is too long"))
        self.tokens: list[tuple[str, str]] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                rest = text[at:].strip()[:20]
                raise ConditionError(Mistake("not understood from '%(text)s'", {"text": rest}))
            kind = str(match.lastgroup)
            word = match[kind]
            is_word = kind == "name" and word in _WORDS
            self.tokens.append(("word" if is_word else kind, word))
            at = match.end()
        self.place = self.depth = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.place] if self.place < len(self.tokens) else ("end", "")

    def take(self, *words: str) -> str:
        kind, word = self.peek()
        if kind in ("word", "sign") and word in words:
            self.place += 1
            return word
        return ""

    def need(self, word: str) -> None:
        if not self.take(word):
            params = {"wanted": word, "found": self.found()}
            raise ConditionError(Mistake("expected %(wanted)s, found %(found)s", params))

    def found(self) -> str:
        """Return the word that stands next, "–" at the end."""
        return self.peek()[1] or "–"

    def either(self) -> Node:
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Or(_flat(Or, parts))

    def both(self) -> Node:
        parts = [self.single()]
        while self.take("and"):
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else And(_flat(And, parts))

    def single(self) -> Node:
        if self.peek() not in (("word", "not"), ("sign", "(")):
            return self.comparison()
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise ConditionError(Mistake("the condition is nested too deeply"))
        if self.take("not"):
            inner: Node = Not(self.single())
        else:
            self.need("(")
            inner = self.either()
            self.need(")")
        self.depth -= 1
        return inner

    def comparison(self) -> Node:
        left = self.side()
        is_negated = bool(self.take("not"))
        if self.take("in"):
            if not isinstance(left, Fact):
                raise ConditionError(Mistake("`in` needs a fact on its left"))
            among = Among(left, self.values())
            return Not(among) if is_negated else among
        operator = self.take(*OPERATORS)
        if is_negated or not operator:
            raise ConditionError(
                Mistake("expected an operator, found %(found)s", {"found": self.found()})
            )
        return Compare(left, operator, self.side())

    def values(self) -> tuple[Literal_, ...]:
        self.need("(")
        found = [self.constant()]
        while self.take(","):
            found.append(self.constant())
        self.need(")")
        return tuple(found)

    def constant(self) -> Literal_:
        found = self.factor()
        if not isinstance(found, Literal_):
            raise ConditionError(Mistake("only constants stand inside `in (…)`"))
        return found

    def side(self) -> Side:
        factors = [self.factor()]
        while self.take("*"):
            factors.append(self.factor())
        return factors[0] if len(factors) == 1 else Product(tuple(factors))

    def factor(self) -> Fact | Literal_:
        is_negative = bool(self.take("-"))
        kind, word = self.peek()
        self.place += 1
        if kind == "number":
            return Literal_(-Decimal(word) if is_negative else Decimal(word))
        if is_negative:
            raise ConditionError(Mistake("a minus stands before a number only"))
        if kind == "name":
            return Fact(word)
        if kind == "text":
            return Literal_(re.sub(r"\\(.)", r"\1", word[1:-1]))
        if kind == "word" and word in ("true", "false", "null"):
            return Literal_({"true": True, "false": False, "null": None}[word])
        found = {"found": word or "–"}
        raise ConditionError(Mistake("expected a fact or a value, found %(found)s", found))


def _flat(kind: type[And] | type[Or], parts: list[Node]) -> tuple[Node, ...]:
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else [part])
    return tuple(flat)


def parse(text: str) -> Node:
    """Return the condition that `text` means.

    Raises:
        ConditionError: it is none; the message says where.
    """
    parser = _Parser(text)
    found = parser.either()
    if parser.peek()[0] != "end":
        raise ConditionError(Mistake("%(found)s is too much", {"found": parser.found()}))
    return found


def to_text(node: Node | Side) -> str:
    """Return the one way to write a condition; `parse` gives it back."""
    match node:
        case Fact(name):
            return name
        case Literal_(value):
            return _constant_text(value)
        case Product(factors):
            return " * ".join(to_text(factor) for factor in factors)
        case Compare(left, operator, right):
            return f"{to_text(left)} {operator} {to_text(right)}"
        case Among(fact, values):
            return f"{fact.name} in ({', '.join(to_text(value) for value in values)})"
        case Not(Among(fact, values)):
            return f"{fact.name} not in ({', '.join(to_text(value) for value in values)})"
        case Not(part):
            return f"not ({to_text(part)})"
        case And(parts):
            return " and ".join(
                f"({to_text(part)})" if isinstance(part, Or) else to_text(part) for part in parts
            )
        case Or(parts):
            return " or ".join(to_text(part) for part in parts)


def _constant_text(value: Decimal | str | bool | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def facts_of(node: Node | Side) -> set[str]:
    """Return the names of the facts a condition reads."""
    match node:
        case Fact(name):
            return {name}
        case Literal_():
            return set()
        case Product(parts) | And(parts) | Or(parts):
            return set().union(*(facts_of(part) for part in parts))
        case Compare(left, _, right):
            return facts_of(left) | facts_of(right)
        case Among(fact, _):
            return {fact.name}
        case Not(part):
            return facts_of(part)


def evaluate(node: Node, facts: Mapping[str, Value]) -> bool:
    """Return whether the condition holds.

    Raises:
        ConditionError: a fact is not there; facts without a value are None.
    """
    match node:
        case And(parts):
            return all(evaluate(part, facts) for part in parts)
        case Or(parts):
            return any(evaluate(part, facts) for part in parts)
        case Not(part):
            return not evaluate(part, facts)
        case Among(fact, values):
            found = _value(fact, facts)
            return any(_equal(found, value.value) for value in values)
        case Compare(left, operator, right):
            return _compare(_value(left, facts), operator, _value(right, facts))


def _value(side: Side, facts: Mapping[str, Value]) -> Value:
    if isinstance(side, Literal_):
        return side.value
    if isinstance(side, Fact):
        if side.name not in facts:
            raise ConditionError(Mistake("the fact '%(name)s' is missing", {"name": side.name}))
        found = facts[side.name]
        is_count = isinstance(found, int) and not isinstance(found, bool)
        return Decimal(found) if is_count else found  # type: ignore[arg-type]
    result = Decimal(1)
    for factor in side.factors:
        number = _value(factor, facts)
        if number is None:
            return None
        if isinstance(number, bool) or not isinstance(number, Decimal):
            raise ConditionError(_product_wrong(side))
        result *= number
    return result


def _aligned(left: Value, right: Value) -> tuple[Value, Value]:
    left = left.date() if isinstance(left, datetime) else left
    right = right.date() if isinstance(right, datetime) else right
    if isinstance(left, date) and isinstance(right, str):
        return left, date.fromisoformat(right)
    if isinstance(right, date) and isinstance(left, str):
        return date.fromisoformat(left), right
    return left, right


def _equal(left: Value, right: Value) -> bool:
    left, right = _aligned(left, right)
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _compare(left: Value, operator: str, right: Value) -> bool:
    if operator == "=":
        return _equal(left, right)
    if operator == "!=":
        return not _equal(left, right)
    left, right = _aligned(left, right)
    if left is None or right is None:
        return False
    try:
        below, above = left < right, left > right  # type: ignore[operator]
    except TypeError:
        pair = {"left": repr(left), "right": repr(right)}
        raise ConditionError(Mistake("%(left)s and %(right)s have no order", pair)) from None
    return {"<": below, ">": above, "<=": not above, ">=": not below}[operator]


def problems_of(node: Node, declared: Mapping[str, FactType]) -> list[Mistake]:
    """Return what is wrong with a condition for these facts: typos and mixed kinds."""
    match node:
        case And(parts) | Or(parts):
            return [problem for part in parts for problem in problems_of(part, declared)]
        case Not(part):
            return problems_of(part, declared)
        case Among(fact, values):
            pairs: list[tuple[Side, Side]] = [(fact, value) for value in values]
            return [p for left, right in pairs for p in _pair_problems(left, "=", right, declared)]
        case Compare(left, operator, right):
            return _pair_problems(left, operator, right, declared)


def _pair_problems(
    left: Side, operator: str, right: Side, declared: Mapping[str, FactType]
) -> list[Mistake]:
    unknown = sorted((facts_of(left) | facts_of(right)) - set(declared))
    if unknown:
        return [Mistake("unknown fact '%(name)s'", {"name": name}) for name in unknown]
    kinds = [_kind(left, declared), _kind(right, declared)]
    if "mixed" in kinds:
        return [_product_wrong(side) for side in (left, right) if _kind(side, declared) == "mixed"]
    if "null" in kinds:
        return [] if operator in ("=", "!=") else [Mistake("null has no order")]
    if kinds[0] != kinds[1] and not _is_date_text(left, right, kinds):
        pair = {"left": to_text(left), "right": to_text(right)}
        return [Mistake("%(left)s and %(right)s are of different kinds", pair)]
    if operator not in ("=", "!=") and kinds[0] in ("flag", "text") and "date" not in kinds:
        return [Mistake("%(name)s has no order", {"name": to_text(left)})]
    return _choice_problems(left, right, declared) + _choice_problems(right, left, declared)


def _product_wrong(side: Side) -> Mistake:
    return Mistake("only numbers are multiplied: %(text)s", {"text": to_text(side)})


def _kind(side: Side, declared: Mapping[str, FactType]) -> str:
    if isinstance(side, Fact):
        return declared[side.name].kind
    if isinstance(side, Product):
        kinds = {_kind(factor, declared) for factor in side.factors}
        return "number" if kinds == {"number"} else "mixed"
    if side.value is None:
        return "null"
    if isinstance(side.value, bool):
        return "flag"
    return "number" if isinstance(side.value, Decimal) else "text"


def _is_date_text(left: Side, right: Side, kinds: list[str]) -> bool:
    if set(kinds) != {"date", "text"}:
        return False
    text = left if kinds[0] == "text" else right
    if not isinstance(text, Literal_):
        return False
    try:
        date.fromisoformat(str(text.value))
    except ValueError:
        return False
    return True


def _choice_problems(left: Side, right: Side, declared: Mapping[str, FactType]) -> list[Mistake]:
    if not isinstance(left, Fact) or not isinstance(right, Literal_):
        return []
    choices = declared[left.name].choices
    if choices and isinstance(right.value, str) and right.value not in choices:
        params = {"name": left.name, "value": right.value, "choices": ", ".join(choices)}
        return [Mistake("%(name)s is never '%(value)s' (one of %(choices)s)", params)]
    return []
