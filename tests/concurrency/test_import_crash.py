"""K1 for imports: killed at every crash point, a run resumes with no row lost or doubled."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
import django
django.setup()
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


def run(environment: dict[str, str], **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**environment, "PYTHONPATH": "src:.", **more},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.race
@pytest.mark.parametrize("point", POINTS)
def test_a_killed_import_resumes_without_loss_or_double(
    process_environment: dict[str, str], point: str
) -> None:
    # Killed at the first, then at a later chunk, then left alone.
    for after in ("0", "2"):
        killed = run(process_environment, CHENGDAN_CRASH_AT=point, CHENGDAN_CRASH_AFTER=after)
        if point == "import.parsed" and after == "2":
            continue
        assert killed.returncode == -9, killed.stderr
    done = run(process_environment)
    assert done.returncode == 0, done.stderr
    attempt = "2" if point == "import.parsed" else "1"
    words = done.stdout.split()
    assert words[:1] == ["done"], done.stdout + done.stderr
    assert words[1] == attempt
    if attempt == "1":
        assert words[2:] == ["95", "81", "14", "81", "95", "0"]
    else:  # the second run had already finished it; the third left every row as it was
        assert words[2:] == ["95", "0", "14", "81", "95", "0"]
