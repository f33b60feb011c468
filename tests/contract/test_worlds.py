"""Companies that tests start from are put back as they were made."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from tests.fixtures.busy import make_full
from tests.fixtures.people import people_make
from tests.worlds import _kept, rows_all, world

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("make", [people_make, make_full])
def test_a_company_is_put_back_as_it_was_made(
    make: Callable[[], Any], frozen_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _kept.clear()
    with transaction.atomic():
        made, rows = world(make), rows_all()
        transaction.set_rollback(True)
    assert not any(found for table, found in rows_all().items() if table == "people_company")
    with monkeypatch.context() as patch:
        patch.setattr("tests.worlds._is_inhabited", lambda: False)
        again = world(make)
    assert rows_all() == rows
    assert again is not made
    assert repr(again) == repr(made)
