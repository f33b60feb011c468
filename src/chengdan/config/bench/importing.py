"""Imports with all validation: customers, and orders of three lines."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterable, Sequence

from chengdan.config.bench.figures import Figure, MissingError, Report
from chengdan.config.bench.world import BenchWorld
from chengdan.kernel.importing.engine import import_run
from chengdan.kernel.importing.kinds import import_kind_find, import_kinds_all
from chengdan.kernel.importing.selectors import import_refusals
from chengdan.kernel.importing.services import import_start
from chengdan.kernel.importing.vocabulary import ImportState
from chengdan.modules.customers.models import Customer
from chengdan.modules.people.models import Territory, User

LINES = 3


def measure_imports(report: Report, world: BenchWorld, quick: bool) -> None:
    """Time both imports from the file's bytes to the last row."""
    count = 60 if quick else 10_000
    known = {kind.code for kind in import_kinds_all()}
    absent = [code for code in ("customers", "orders") if code not in known]
    if "customers" in known:
        _import(report, world, "customers", _customers(world, count), count)
    if "orders" in known:
        _import(report, world, "orders", _orders(world, count), count * LINES)
    if absent:
        raise MissingError(f"no import of {', '.join(absent)}")


def _import(
    report: Report, world: BenchWorld, code: str, rows: Iterable[dict[str, str]], count: int
) -> None:
    kind = import_kind_find(code)
    names = [column.name for column in kind.columns] if kind is not None else []
    content = _file(rows, names)
    job = import_start(
        actor=world.system, kind_code=code, files=[(f"{code}.csv", content)], mapping_name="",
        is_dry_run=False,
    )  # fmt: skip
    start = time.perf_counter()
    job = import_run(job.pk)
    seconds = time.perf_counter() - start
    if job.state != ImportState.DONE:
        raise RuntimeError(f"the import of {code} ended as {job.state}")
    note = ""
    if job.rows_rejected:
        first = import_refusals(job, limit=1)[0].issue_list[0]
        note = f"refused {job.rows_rejected}: {first['field']} {first['message']}"
    report.figures.append(
        Figure(
            f"import of {code}", [count / seconds], unit="rows/s", rows=count,
            target="≥ 1,000 rows/s", note=note,
        )
    )  # fmt: skip


def _file(rows: Iterable[dict[str, str]], names: Sequence[str]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=names, extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _customers(world: BenchWorld, count: int) -> Iterable[dict[str, str]]:
    owner = User.objects.get(pk=world.people["key_account_manager"]).username
    territory = Territory.objects.get(pk=world.territory_id).code
    for number in range(count):
        yield {
            "code": f"I{number:06}", "name": f"进口客户{number:06}有限公司", "responsible": owner,
            "territory": territory, "payment_term_days": "30",
        }  # fmt: skip


def _orders(world: BenchWorld, count: int) -> Iterable[dict[str, str]]:
    code = Customer.objects.get(pk=world.customers[0]).code
    for number in range(count):
        for line in range(LINES):
            yield {
                "number": f"K{number:06}", "customer": code, "is_closed": "是",
                "ordered_on": "2025-03-01", "requested_on": "2025-03-10",
                "shipped_on": "2025-03-08", "lines.product": f"P{line + 1}",
                "lines.quantity": "2", "lines.price": "82.80",
            }  # fmt: skip
