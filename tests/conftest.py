"""What every test shares: clock, sample data, Hypothesis profiles, the list of what was skipped.

Fixtures of a room live in tests/fixtures/<room>.py; each file there is loaded as a plugin.
"""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connections
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck, settings

# A Saturday like any other is no working day; tests start on a working Monday, 09:00 in Shanghai.
START = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)

pytest_plugins = [
    f"tests.fixtures.{path.stem}"
    for path in sorted(Path(__file__).with_name("fixtures").glob("[a-z]*.py"))
]

# One plugin may import another; all of them are rewritten, whatever the order.
pytest.register_assert_rewrite(*pytest_plugins)

settings.register_profile(
    "fast", max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "ci",
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.register_profile("nightly", max_examples=2000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("CHENGDAN_HYPOTHESIS", "fast"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the slow and the browser tests out unless `-m` asks for them; put long ones first."""
    asked = config.getoption("markexpr") or ""
    left_out = [mark for mark in ("slow", "browser") if mark not in asked]
    kept = [item for item in items if not any(item.get_closest_marker(m) for m in left_out)]
    if len(kept) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was skipped and why, once per reason, and which database was used."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[text.removeprefix("Skipped: ")] += 1
    database = os.environ.get("CHENGDAN_TEST_DB", "sqlite").split(":", 1)[0]
    seed = terminalreporter.config.getoption("randomly_seed", default=None)
    terminalreporter.write_line(f"database: {database}; order: --randomly-seed={seed}")
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"not run ({count}): {reason}")


@pytest.fixture(autouse=True)
def _language_of_the_site() -> Iterator[None]:
    """Speak the site's language again, whatever a request of this test was answered in."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True, scope="session")
def _append_only_tables_can_be_emptied() -> Iterator[None]:
    """Let the flush after a transactional test delete from tables that refuse deletion.

    The flush ends with post_migrate, which puts the triggers back.
    """
    emptied = TransactionTestCase._fixture_teardown

    def teardown(case: TransactionTestCase) -> None:
        from chengdan.kernel.immutability import triggers_drop
        from chengdan.kernel.transactions import unguarded

        with unguarded():
            for connection in connections.all(initialized_only=True):
                triggers_drop(connection)
            emptied(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


@pytest.fixture
def frozen_clock() -> Iterator[datetime]:
    """Hold the site's clock at START; move it with `chengdan.kernel.clock.at`."""
    from chengdan.kernel import clock

    with clock.at(START):
        yield START


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """Return the folder of sample files, or skip and say so."""
    named = os.environ.get("CHENGDAN_SAMPLE_DATA", "")
    folder = Path(named)
    if not named or not folder.is_dir():
        pytest.skip("CHENGDAN_SAMPLE_DATA names no folder of sample files")
    return folder
