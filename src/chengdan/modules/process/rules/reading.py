"""Reading a definition from the data of its YAML, with every mistake named by step and field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from chengdan.modules.process.rules.definition import (
    KINDS,
    LANGUAGES,
    MODES,
    Assign,
    Escalation,
    Process,
    Route,
    Row,
    Step,
    Timer,
)
from chengdan.modules.process.rules.mistakes import Mistake

T = TypeVar("T")
DAYS_MAX = 3660
CODE_MAX = 60
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_PROCESS_KEYS = {
    "id", "title", "level", "parent", "owner", "subject", "purpose", "scope", "inputs", "outputs",
    "interfaces", "forms", "replaces", "assessment", "steps", "hooks", "ours",
}  # fmt: skip
_STEP_KEYS = ({item.name for item in fields(Step)} - {"index"} - {
    "is_promise", "is_mandatory", "is_reserving",
}) | {"promise", "mandatory", "reserve"}  # fmt: skip
_HOOKS = ("done", "refused", "returned", "resubmitted", "withdrawn")
_ASSIGN_KINDS = ("responsible", "role", "superior", "unit_head", "person", "seat", "field")


@dataclass(frozen=True, slots=True)
class Issue:
    """One mistake: where (`step` "" for the head of the file), which field, what."""

    step: str
    field: str
    mistake: Mistake

    @property
    def place(self) -> str:
        return f"step {self.step}: {self.field}" if self.step else self.field

    def __str__(self) -> str:
        return f"{self.place}: {self.mistake}"


class DefinitionError(ValueError):
    """A definition that can't be published; `issues` says why, each with its place."""

    def __init__(self, source: str, issues: list[Issue]) -> None:
        self.source = source
        self.issues = issues
        super().__init__("\n".join(f"{source}: {issue}" for issue in issues))


def _one_of(choices: Iterable[str]) -> Mistake:
    return Mistake("must be one of %(choices)s", {"choices": ", ".join(choices)})


class _Reader:
    """Collects issues while it turns loose data into typed values."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self.step = ""

    def wrong(self, name: str, mistake: Mistake) -> None:
        self.issues.append(Issue(self.step, name, mistake))

    def unknown(self, data: Mapping[str, Any], allowed: set[str], place: str = "") -> None:
        for key in data:
            if key not in allowed:
                self.wrong(f"{place}{key}", Mistake("unknown field"))

    def text(self, data: Mapping[str, Any], key: str, *, is_needed: bool = False) -> str:
        value = data.get(key, "")
        if not isinstance(value, str):
            self.wrong(key, Mistake("must be a text"))
            return ""
        if is_needed and not value.strip():
            self.wrong(key, Mistake("is missing"))
        return value.strip()

    def code(self, data: Mapping[str, Any], key: str, *, is_needed: bool = False) -> str:
        value = self.text(data, key, is_needed=is_needed)
        if value and (len(value) > CODE_MAX or not _CODE.fullmatch(value)):
            params = {"most": CODE_MAX}
            self.wrong(key, Mistake("must be letters, digits and . _ -, at most %(most)d", params))
        return value

    def flag(self, data: Mapping[str, Any], key: str) -> bool:
        value = data.get(key, False)
        if not isinstance(value, bool):
            self.wrong(key, Mistake("must be true or false"))
            return False
        return value

    def choice(self, data: Mapping[str, Any], key: str, choices: tuple[str, ...]) -> str:
        value = data.get(key, choices[0])
        if value not in choices:
            self.wrong(key, _one_of(choices))
            return choices[0]
        return str(value)

    def texts(self, value: Any, name: str, *, is_needed: bool = False) -> dict[str, str]:
        if value is None and not is_needed:
            return {}
        if not isinstance(value, Mapping):
            self.wrong(name, Mistake("must give a text per language"))
            return {}
        for language in LANGUAGES:
            if not isinstance(value.get(language), str) or not value[language].strip():
                self.wrong(name, Mistake("has no text in %(language)s", {"language": language}))
        self.unknown(value, set(LANGUAGES), f"{name}.")
        return {key: str(text).strip() for key, text in value.items() if key in LANGUAGES}

    def mapping(self, value: Any, name: str) -> Mapping[str, Any] | None:
        if value is None:
            return None
        if not isinstance(value, Mapping) or not value:
            self.wrong(name, Mistake("must be a mapping"))
            return None
        return value

    def names(self, value: Any, name: str) -> tuple[str, ...]:
        listed = [] if value is None else value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) and item for item in listed):
            self.wrong(name, Mistake("must be a list of names"))
            return ()
        return tuple(listed)

    def each(self, value: Any, name: str, read: Callable[[Any, str], T]) -> tuple[T, ...]:
        if value is None:
            return ()
        if not isinstance(value, list):
            self.wrong(name, Mistake("must be a list"))
            return ()
        return tuple(read(item, f"{name}[{place}]") for place, item in enumerate(value, 1))

    def titled(self, value: Any, name: str) -> Mapping[str, Any]:
        found = self.mapping(value, name) or {}
        return {**found, "title": self.texts(found.get("title"), f"{name}.title", is_needed=True)}

    def route(self, value: Any, name: str, default: str) -> Route:
        if value is None:
            return Route(goto=default)
        if isinstance(value, str) and "." not in value:
            return Route(goto=value)
        if isinstance(value, str | list):
            return Route(self.names(value, name), default)
        found = self.mapping(value, name) or {}
        self.unknown(found, {"do", "goto"}, f"{name}.")
        goto = found.get("goto", default)
        return Route(self.names(found.get("do"), f"{name}.do"), str(goto))

    def assigns(self, value: Any) -> tuple[Assign, ...]:
        listed = [] if value is None else value if isinstance(value, list) else [value]
        return tuple(found for item in listed if (found := self.assign(item)) is not None)

    def assign(self, value: Any) -> Assign | None:
        if value in ("initiator", "unit_head"):
            return Assign(str(value))
        if isinstance(value, Mapping):
            self.unknown(value, {*_ASSIGN_KINDS, "unit", "levels"}, "assign.")
            kinds = [kind for kind in _ASSIGN_KINDS if kind in value]
            levels = value.get("levels", 1)
            if len(kinds) == 1 and isinstance(levels, int) and levels > 0:
                where = self.choice(value, "unit", ("subject", "company"))
                return Assign(kinds[0], str(value[kinds[0]]), where, levels)
        self.wrong("assign", _one_of(("initiator", "unit_head", *_ASSIGN_KINDS)))
        return None

    def row(self, value: Any, name: str) -> Row:
        found = self.mapping(value, name) or {}
        self.unknown(found, {"when", "else", "goto", "do", "start"}, f"{name}.")
        has_when, has_else = "when" in found, found.get("else") is True
        if has_when == has_else:
            self.wrong(name, Mistake("needs either `when` or `else: true`"))
        return Row(
            when=str(found.get("when", "")),
            goto=str(found.get("goto", "next")),
            do=self.names(found.get("do"), f"{name}.do"),
            start=str(found.get("start", "")),
        )

    def timer(self, value: Any, name: str) -> Timer:
        found = self.mapping(value, name) or {}
        do = self.text(found, "do", is_needed=True)
        if "date" in found:
            self.unknown(found, {"date", "days", "at", "do"}, f"{name}.")
            days, at = found.get("days", 0), found.get("at", "09:00")
            if not isinstance(days, int) or isinstance(days, bool) or abs(days) > DAYS_MAX:
                self.wrong(f"{name}.days", Mistake("must be a whole number of days"))
                days = 0
            if not isinstance(at, str) or not _CLOCK.fullmatch(at):
                self.wrong(f"{name}.at", Mistake("must be a time such as 09:00"))
                at = "09:00"
            return Timer({}, do, self.text(found, "date", is_needed=True), days, at)
        self.unknown(found, {"after", "do"}, f"{name}.")
        after = self.mapping(found.get("after"), f"{name}.after")
        if after is None:
            self.wrong(f"{name}.after", Mistake("is missing"))
        return Timer(after or {}, do)

    def escalation(self, value: Any) -> Escalation | None:
        found = self.mapping(value, "escalate")
        if found is None:
            return None
        if "after" not in found:
            return Escalation(found)
        self.unknown(found, {"after", "to"}, "escalate.")
        after = self.mapping(found["after"], "escalate.after") or {}
        return Escalation(after, self.choice({"to": "superior", **found}, "to", _ESCALATE_TO))

    def read_step(self, data: Any, index: int) -> Step | None:
        self.step = f"#{index + 1}"
        if not isinstance(data, Mapping):
            self.wrong("steps", Mistake("must be a mapping"))
            return None
        code = self.text(data, "code", is_needed=True)
        self.step = code or self.step
        self.unknown(data, _STEP_KEYS)
        kind = data.get("kind")
        if kind not in KINDS:
            self.wrong("kind", _one_of(KINDS))
            return None
        refuse_default = "end" if kind == "approval" else "initiator"
        return Step(
            code=code,
            kind=kind,
            index=index,
            title=self.texts(data.get("title"), "title", is_needed=True),
            short=self.texts(data.get("short"), "short"),
            strip=self.text({"strip": self._strip_default(kind, code), **data}, "strip"),
            when=self.text(data, "when"),
            rule=self.text(data, "rule"),
            is_promise=self.flag(data, "promise"),
            is_mandatory=self.flag(data, "mandatory"),
            covers=self.names(data.get("covers"), "covers"),
            limit=self.mapping(data.get("limit"), "limit"),
            remind=self.mapping(data.get("remind"), "remind"),
            escalate=self.escalation(data.get("escalate")),
            assign=self.assigns(data.get("assign")),
            mode=self.choice(data, "mode", MODES),
            if_nobody=self.choice(data, "if_nobody", ("owner", "administrator", "wait")),
            if_initiator=self.choice(data, "if_initiator", ("superior", "allow", "skip")),
            if_repeated=self.choice(data, "if_repeated", ("ask", "pass")),
            check=self.text(data, "check"),
            is_reserving=self.flag(data, "reserve"),
            rows=self.each(data.get("rows"), "rows", self.row),
            until=self.text(data, "until"),
            events=self.names(data.get("events"), "events"),
            timers=self.each(data.get("timers"), "timers", self.timer),
            process=self.text(data, "process"),
            of=self.text(data, "of"),
            message=self.texts(data.get("message"), "message"),
            on_start=self.names(data.get("on_start"), "on_start"),
            on_pass=self.route(data.get("on_pass"), "on_pass", "next"),
            on_refuse=self.route(data.get("on_refuse"), "on_refuse", refuse_default),
        )

    @staticmethod
    def _strip_default(kind: str, code: str) -> str:
        return "" if kind in ("decision", "notify", "start") else code


_ESCALATE_TO = ("superior", "owner")


def definition_read(data: Any, source: str) -> Process:
    """Return the definition in `data` (what a YAML file holds).

    Raises:
        DefinitionError: something has the wrong shape; every mistake is listed.
    """
    reader = _Reader()
    if not isinstance(data, Mapping):
        raise DefinitionError(source, [Issue("", "file", Mistake("must be a mapping"))])
    reader.unknown(data, _PROCESS_KEYS)
    level = data.get("level", 3)
    if level not in (1, 2, 3):
        reader.wrong("level", _one_of(("1", "2", "3")))
    hooks = reader.mapping(data.get("hooks") or None, "hooks") or {}
    reader.unknown(hooks, set(_HOOKS), "hooks.")
    head = {
        "code": reader.code(data, "id", is_needed=True),
        "title": reader.texts(data.get("title"), "title", is_needed=True),
        "level": level,
        "parent": reader.code(data, "parent"),
        "owner": reader.text(data, "owner", is_needed=True),
        "subject": reader.text(data, "subject", is_needed=bool(data.get("steps"))),
        "purpose": reader.texts(data.get("purpose"), "purpose"),
        "scope": reader.texts(data.get("scope"), "scope"),
        "inputs": reader.each(data.get("inputs"), "inputs", reader.texts),
        "outputs": reader.each(data.get("outputs"), "outputs", reader.texts),
        "interfaces": reader.each(data.get("interfaces"), "interfaces", reader.titled),
        "forms": reader.each(data.get("forms"), "forms", reader.titled),
        "replaces": reader.each(data.get("replaces"), "replaces", reader.titled),
        "assessment": reader.each(data.get("assessment"), "assessment", reader.titled),
        "hooks": {name: reader.names(value, f"hooks.{name}") for name, value in hooks.items()},
        "is_ours": reader.flag(data, "ours"),
    }
    listed = data.get("steps") or []
    if not isinstance(listed, list):
        reader.wrong("steps", Mistake("must be a list"))
        listed = []
    steps = [reader.read_step(item, index) for index, item in enumerate(listed)]
    if reader.issues:
        raise DefinitionError(source, reader.issues)
    return Process(steps=tuple(step for step in steps if step is not None), **head)
