"""K1 for imports: killed at every crash point, a run resumes with no row lost or doubled."""

from collections.abc import Callable

import pytest

from tests.forks import Fork

PROGRAM = """
from tests.fixtures.importing import IMPORTER, csv_bytes, wares_register
from chengdan.kernel.importing.engine import import_run
from chengdan.kernel.importing.models import ImportJob
from chengdan.kernel.importing.services import import_start
from chengdan.kernel.importing.verify import imports_verify
from chengdan.kernel.parameters import ParameterValue
wares_register()
rows = [["code", "price"], *[[f"C{n:03}", -1 if n % 7 == 0 else n] for n in range(95)]]
ImportJob.objects.update(leased_until=None)  # the dead worker's lease has run out
job = import_start(actor=IMPORTER, kind_code="wares", files=[("w.csv", csv_bytes(rows))])
job = import_run(job.pk)
print(job.state, job.attempt, job.rows_read, job.rows_created, job.rows_rejected,
      ParameterValue.objects.count(), job.marks.count(), len(list(imports_verify())))
"""
POINTS = (
    "import.parsed",
    "import.chunk.applied",
    "import.chunk.marked",
    "import.chunk.committed",
)


@pytest.mark.race
@pytest.mark.parametrize("point", POINTS)
def test_a_killed_import_resumes_without_loss_or_double(
    python_process: Callable[..., Fork], process_environment: dict[str, str], point: str
) -> None:
    # Killed at the first, then at a later chunk, then left alone.
    for after in ("0", "2"):
        process_environment.update(CHENGDAN_CRASH_AT=point, CHENGDAN_CRASH_AFTER=after)
        killed = python_process(PROGRAM)
        _said, errors = killed.communicate()
        if point == "import.parsed" and after == "2":
            continue
        assert killed.returncode == -9, errors
    del process_environment["CHENGDAN_CRASH_AT"]
    done = python_process(PROGRAM)
    said, errors = done.communicate()
    assert done.returncode == 0, errors
    attempt = "2" if point == "import.parsed" else "1"
    words = said.split()
    assert words[:1] == ["done"], said + errors
    assert words[1] == attempt
    if attempt == "1":
        assert words[2:] == ["95", "81", "14", "81", "95", "0"]
    else:  # the second run had already finished it; the third left every row as it was
        assert words[2:] == ["95", "0", "14", "81", "95", "0"]
