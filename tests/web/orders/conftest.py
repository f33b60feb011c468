"""Signing in to the busy company."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tests.fixtures.busy import Busy


@pytest.fixture
def enter(busy: Busy) -> Callable[[str], Client]:
    def signed_in(key: str) -> Client:
        client = Client()
        client.force_login(busy.user(key))
        return client

    return signed_in
