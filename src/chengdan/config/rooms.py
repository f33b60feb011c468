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
    """Tell whether a module can be imported, without importing it."""
    try:
        return find_spec(dotted) is not None
    except ModuleNotFoundError:
        return False


def rooms_present() -> list[str]:
    """Return the rooms that have an app configuration, in import order."""
    return [room for room in ROOMS if module_present(f"chengdan.modules.{room}.apps")]
