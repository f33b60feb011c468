"""The text of a definition: YAML read with care, and written in the order people expect."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import yaml

from chengdan.modules.process.rules.differences import Change, content_diff
from chengdan.modules.process.rules.mistakes import Mistake
from chengdan.modules.process.rules.reading import DefinitionError, Issue

LENGTH_MAX = 200_000
DEPTH_MAX = 20
WIDTH = 100
_ORDER = (
    "id", "code", "strip", "kind", "title", "short", "rule", "level", "parent", "owner", "subject",
    "purpose", "scope", "inputs", "outputs", "interfaces", "forms", "replaces", "assessment",
    "ours", "hooks", "steps", "promise", "mandatory", "when", "check", "reserve", "rows", "else",
    "start", "do", "goto", "until", "events", "process", "of", "assign", "mode", "limit", "remind",
    "escalate", "timers", "zh-hans", "zh-hant", "en",
)  # fmt: skip
_PLACES = {name: place for place, name in enumerate(_ORDER)}


class _Loader(yaml.SafeLoader):
    """Refuses a name that stands twice in one mapping; YAML itself would keep the last."""

    def __init__(self, text: str, source: str) -> None:
        self.source = source
        super().__init__(text)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if name in seen:
                twice = Mistake("'%(name)s' stands here twice", {"name": name})
                raise DefinitionError(self.source, [Issue("", str(key.start_mark.line + 1), twice)])
            seen.add(name)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


def source_read(text: str, source: str) -> Any:
    """Return what a YAML text holds; only plain values, nothing said twice.

    Raises:
        DefinitionError: it is no YAML, too long, too deep, or refers to itself; names the line.
    """
    if len(text) > LENGTH_MAX:
        most = Mistake("at most %(most)d characters", {"most": LENGTH_MAX})
        raise DefinitionError(source, [Issue("", "file", most)])
    try:
        _guard(text, source)
        data = _Loader(text, source).get_single_data()
        json.dumps(data, sort_keys=True, allow_nan=False)
    except yaml.YAMLError as error:
        raise _no_yaml(error, source) from error
    except (TypeError, ValueError) as error:
        if isinstance(error, DefinitionError):
            raise
        plain = Mistake("holds something else than texts, numbers, true and false")
        raise DefinitionError(source, [Issue("", "file", plain)]) from error
    return data


def _no_yaml(error: yaml.YAMLError, source: str) -> DefinitionError:
    mark = getattr(error, "problem_mark", None)
    place = "file" if mark is None else f"{mark.line + 1}:{mark.column + 1}"
    mistake = Mistake("is no YAML: %(text)s", {"text": getattr(error, "problem", "") or error})
    return DefinitionError(source, [Issue("", place, mistake)])


def _guard(text: str, source: str) -> None:
    """Refuse what would grow without measure when it is read: references and endless nesting."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        wrong = None
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH_MAX:
                wrong = Mistake("is nested too deeply")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if isinstance(event, yaml.AliasEvent):
            wrong = Mistake("may not refer to another place (*%(name)s)", {"name": event.anchor})
        if wrong is not None:
            line = 0 if event.start_mark is None else event.start_mark.line + 1
            raise DefinitionError(source, [Issue("", f"{line}", wrong)])


def source_write(data: Any) -> str:
    """Return a definition as YAML; `source_read` gives the same values back."""
    return str(
        yaml.safe_dump(
            _ordered(data),
            allow_unicode=True,
            sort_keys=False,
            default_flow_style=None,
            width=WIDTH,
        )
    )


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: (_PLACES.get(name, len(_PLACES)), name))
        return {name: _ordered(value[name]) for name in names}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def definition_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return what differs between two definitions, the order of their common steps included.

    Values of several parts are given as they would be written.
    """
    found = content_diff(before, after)
    ways = [_codes(before), _codes(after)]
    common = set(ways[0]) & set(ways[1])
    orders = [" → ".join(code for code in way if code in common) for way in ways]
    if orders[0] != orders[1]:
        found.append(Change(("steps",), orders[0], orders[1], "changed"))
    return [
        replace(
            change, path=_short(change.path), before=_plain(change.before),
            after=_plain(change.after),
        )
        for change in found
    ]  # fmt: skip


def _plain(value: Any) -> Any:
    if not isinstance(value, Mapping | list):
        return value
    written = yaml.safe_dump(
        _ordered(value), allow_unicode=True, sort_keys=False, default_flow_style=True, width=10**6
    )
    return str(written).strip()


def _codes(data: Mapping[str, Any]) -> list[str]:
    return [str(step.get("code", "")) for step in data.get("steps") or []]


def _short(path: tuple[str, ...]) -> tuple[str, ...]:
    """Name a step by its code alone."""
    return path[1:] if path[0] == "steps" and len(path) > 1 else path
