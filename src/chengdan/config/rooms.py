"""The rooms of the house, in the order in which one may import another."""

from importlib.util import find_spec

ROOMS = (
    "people",
    "process",
    "customers",
    "catalog",
    "credit",
    "quota",
    "orders",
    "shipping",
    "billing",
)


def module_present(dotted: str) -> bool:
    """Tell whether a room has a door of this kind, without importing it."""
    return find_spec(dotted) is not None
