"""What is lent to deputies with a step is exactly what the acts of steps ask for."""

from __future__ import annotations

from chengdan.kernel.permissions import permission_get, permissions_all
from chengdan.modules.billing.vocabulary import rights
from chengdan.modules.orders import vocabulary as orders
from chengdan.modules.process.services.definitions import sources_shipped
from chengdan.modules.shipping import vocabulary as shipping

STEP_RIGHTS = {
    (permission_get(code).model, step): code
    for room in (orders, shipping, rights)
    for step, code in room.STEP_RIGHTS.items()
}


def test_only_the_rights_of_steps_are_lent() -> None:
    lent = {item.code for item in permissions_all() if item.is_step}
    assert lent == set(STEP_RIGHTS.values())


def test_every_one_belongs_to_a_task_of_a_shipped_process() -> None:
    tasks = {
        (data["subject"], step["code"])
        for _name, data in sources_shipped()
        for step in data["steps"]
        if step["kind"] == "task"
    }
    assert set(STEP_RIGHTS) <= tasks
