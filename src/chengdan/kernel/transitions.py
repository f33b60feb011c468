"""State machines as tables: which verb leads from where to where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Choices
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.errors import ConflictError, Text


class TransitionError(ConflictError):
    """The document is not in a state that allows this."""

    default_code = "transition"
    default_message = _("“%(verb)s” is not possible while the state is “%(state)s”.")


@dataclass(frozen=True, slots=True)
class Transition:
    """One arrow: from any of `sources` by `verb` to `target`.

    Attributes:
        permission: the right that the act needs, checked by the access function.
    """

    sources: frozenset[str]
    verb: str
    target: str
    permission: str = ""


class TransitionTable:
    """All arrows of one kind of document."""

    def __init__(
        self, transitions: Iterable[Transition], verbs: Mapping[str, Text] | None = None
    ) -> None:
        """Take the arrows.

        Args:
            verbs: verb → what people call it; states that are choices bring their labels along.
        """
        self.transitions = tuple(transitions)
        self.titles = dict(verbs or {})
        self._states = {
            str(name): name.label
            for item in self.transitions
            for name in (*item.sources, item.target)
            if isinstance(name, Choices)
        }
        self._targets = {
            (source, item.verb): item for item in self.transitions for source in item.sources
        }
        if len(self._targets) != sum(len(item.sources) for item in self.transitions):
            raise ValueError("two transitions share state and verb")

    def resolve(self, state: str, verb: str) -> str:
        """Return the state after `verb`.

        Raises:
            TransitionError: the table has no such arrow.
        """
        found = self._targets.get((state, verb))
        if found is None:
            said = {"verb": self.titles.get(verb, verb), "state": self._states.get(state, state)}
            raise TransitionError(**said)
        return found.target

    def allows(self, state: str, verb: str) -> bool:
        """True when `verb` is possible in `state`."""
        return (state, verb) in self._targets

    def verbs(self, state: str) -> list[str]:
        """Return what can be done in `state`."""
        return [verb for source, verb in self._targets if source == state]

    def states(self) -> set[str]:
        """Return every state that an arrow touches."""
        sources = {source for source, _verb in self._targets}
        return sources | {item.target for item in self.transitions}


def transition(
    sources: str | Iterable[str], verb: str, target: str, permission: str = ""
) -> Transition:
    """Return a Transition; `sources` may be one state."""
    names = [sources] if isinstance(sources, str) else sources
    return Transition(frozenset(names), verb, target, permission)
