"""What later rooms add to the order's page: their band of the strip, their nodes of the chain."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chengdan.kernel.actor import Actor
from chengdan.kernel.registry import Registry
from chengdan.kernel.ui import ChainNode, Gauge, StripBand
from chengdan.modules.orders.models import Order
from chengdan.modules.process.selectors.tower import Standing

BandProvider = Callable[[Actor, Order], StripBand]
ChainProvider = Callable[[Actor, Order], Sequence[ChainNode]]

_bands: Registry[BandProvider] = Registry("bands of the order's strip")
_chain: Registry[ChainProvider] = Registry("documents after the order")


def band_register(code: str, provider: BandProvider) -> None:
    """Show another process in the order's strip ("sp", "bc"): its least advanced document."""
    _bands.add(code, provider)


def chain_register(code: str, provider: ChainProvider) -> None:
    """Show the documents that follow from an order in its chain."""
    _chain.add(code, provider)


def bands_of(actor: Actor, order: Order) -> list[StripBand]:
    """Return the bands after OP, in order of registration."""
    return [provider(actor, order) for _code, provider in _bands.items()]


def chain_of(actor: Actor, order: Order) -> list[ChainNode]:
    """Return the documents after the order."""
    return [node for _code, provider in _chain.items() for node in provider(actor, order)]


GaugeProvider = Callable[[Actor], Gauge]
_gauges: Registry[GaugeProvider] = Registry("promises of the control tower")


def gauge_register(code: str, provider: GaugeProvider) -> None:
    """Show a promise of the chain in the control tower."""
    _gauges.add(code, provider)


def gauges_of(actor: Actor) -> list[Gauge]:
    """Return every promise in order of registration."""
    return [provider(actor) for _code, provider in _gauges.items()]


StandingProvider = Callable[[Actor, Sequence[Standing]], Sequence[Standing]]
_standing: Registry[StandingProvider] = Registry("cells of the control tower beside the engine's")


def standing_register(code: str, provider: StandingProvider) -> None:
    """Let a room add cells to its process in the tower: clocks that are no steps of the engine."""
    _standing.add(code, provider)


def standing_with(actor: Actor, code: str, cells: Sequence[Standing]) -> Sequence[Standing]:
    """Return the cells of a process with what its room adds."""
    provider = _standing.find(code)
    return provider(actor, cells) if provider is not None else cells
