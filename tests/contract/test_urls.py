"""No address without a permission, or a reason to be open."""

from chengdan.kernel.permissions import permissions_all
from tests.contract.addresses import Address, addresses

# Doors that check for themselves: the API's operations carry permissions of their own.
_ELSEWHERE = ("api/", "health/")


def faults_of(address: Address) -> list[str]:
    """Return what is wrong with the permission of an address."""
    declared = {item.code for item in permissions_all()}
    view = address.view
    if not hasattr(view, "permission"):
        return [f"{address.route}: {address.name} names no permission"]
    if view.permission is None and not getattr(view, "public_reason", ""):
        return [f"{address.route}: {address.name} is open without a reason"]
    if view.permission and view.permission not in declared:
        return [f"{address.route}: {view.permission} is not declared"]
    return []


def test_every_address_names_its_permission() -> None:
    checked = [item for item in addresses() if not item.route.startswith(_ELSEWHERE)]
    assert len(checked) > 50
    assert [fault for item in checked for fault in faults_of(item)] == []


def test_a_view_without_permission_is_found() -> None:
    def bare() -> None:
        """Do nothing."""

    assert faults_of(Address("x:y", "x/", (), bare))


def test_open_pages_are_only_these() -> None:
    found = [item for item in addresses() if not item.route.startswith(_ELSEWHERE)]
    public = {item.name for item in found if getattr(item.view, "permission", "") is None}
    known = {f"people_account:{name}" for name in ("login", "demo", "reset_ask", "reset", "invite")}
    assert public - {"healthz", "readyz"} == {*known, "ui:language"}
