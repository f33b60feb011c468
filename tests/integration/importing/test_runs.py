"""Imports from file to rows: dry run, update by key, refusals, mapping, repetition."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils.translation import override

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.models import AuditEntry
from chengdan.kernel.errors import ForbiddenError, NotFoundError
from chengdan.kernel.importing import kinds
from chengdan.kernel.importing.engine import import_run
from chengdan.kernel.importing.kinds import ImportKind
from chengdan.kernel.importing.models import ImportJob, ImportRowMark
from chengdan.kernel.importing.selectors import import_get, import_progress, import_refusals
from chengdan.kernel.importing.services import (
    import_cancel,
    import_confirm,
    import_start,
    imports_clean,
    imports_run_due,
)
from chengdan.kernel.importing.summary import progress_line, refusal_lines, summary_lines
from chengdan.kernel.importing.verify import imports_verify
from chengdan.kernel.importing.vocabulary import FileRefusedError, ImportFinishedError
from chengdan.kernel.parameters import ParameterValue
from chengdan.kernel.ui import hooks
from tests.fixtures.importing import IMPORTER, WARES, csv_bytes, xlsx_bytes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("wares")]
ROWS: list[list[object]] = [
    ["Code", "名称", "Price"],
    ["A1", "Chai", "18.00"],
    ["A2", "Chang", "-1"],
    ["", "nameless", "3"],
    ["A4", "Tofu", "two"],
    ["A1", "again", "5"],
    ["A5", "Konbu", "6"],
]


def start(content: bytes, name: str = "wares.csv", **options: object) -> ImportJob:
    return import_start(actor=IMPORTER, kind_code="wares", files=[(name, content)], **options)  # type: ignore[arg-type]


def run(content: bytes, name: str = "wares.csv", **options: object) -> ImportJob:
    return import_run(start(content, name, **options).pk)


def counts(job: ImportJob) -> tuple[int, ...]:
    return (
        job.rows_read, job.rows_created, job.rows_updated, job.rows_skipped, job.rows_rejected
    )  # fmt: skip


def codes(job: ImportJob) -> dict[int, list[str]]:
    return {mark.line: [i["code"] for i in mark.issue_list] for mark in import_refusals(job)}


@pytest.mark.parametrize("made", [csv_bytes, xlsx_bytes])
def test_good_rows_are_taken_and_bad_ones_named(made) -> None:  # type: ignore[no-untyped-def]
    name = "wares.csv" if made is csv_bytes else "wares.xlsx"
    job = run(made(ROWS), name)
    assert job.state == "done", job.error
    assert counts(job) == (6, 2, 0, 0, 4)
    assert codes(job) == {3: ["negative"], 4: ["required"], 5: ["number"], 6: ["twice"]}
    assert set(ParameterValue.objects.values_list("code", flat=True)) == {"A1", "A5"}
    assert job.total_list["price"] == {"read": "31", "taken": "24"}
    assert list(imports_verify()) == []
    entries = AuditEntry.objects.filter(target_type="kernel.importjob").order_by("pk")
    assert list(entries.values_list("code", flat=True)) == [
        "kernel.import.started",
        "kernel.import.finished",
    ]


def test_messages_are_in_the_language_of_the_person() -> None:
    with override("zh-hans"):
        job = start(csv_bytes(ROWS))
    with override("en"):
        done = import_run(job.pk)
    assert done.language == "zh-hans"


def test_a_dry_run_writes_nothing_but_its_report() -> None:
    job = run(csv_bytes(ROWS), is_dry_run=True)
    assert counts(job) == (6, 2, 0, 0, 4)
    assert not ParameterValue.objects.exists()
    real = import_run(import_confirm(actor=IMPORTER, job_id=job.pk).pk)
    assert counts(real) == (6, 2, 0, 0, 4)
    with pytest.raises(ImportFinishedError):
        import_confirm(actor=IMPORTER, job_id=real.pk)


def test_another_file_updates_by_key() -> None:
    run(csv_bytes(ROWS[:2]))
    job = run(csv_bytes([ROWS[0], ["A1", "Chai tea", "19"]]))
    assert counts(job) == (1, 0, 1, 0, 0)
    assert ParameterValue.objects.get().value == "19.0000|0|Chai tea"


def test_the_same_file_again_takes_only_what_was_refused() -> None:
    first, again = run(csv_bytes(ROWS)), run(csv_bytes(ROWS))
    assert (first.attempt, again.attempt) == (1, 2)
    assert counts(again) == (6, 0, 0, 2, 4)
    assert ParameterValue.objects.count() == 2


def test_a_waiting_job_is_given_back_and_can_be_stopped() -> None:
    job = start(csv_bytes(ROWS))
    assert start(csv_bytes(ROWS)).pk == job.pk
    assert import_cancel(actor=IMPORTER, job_id=job.pk).state == "cancelled"
    with pytest.raises(ImportFinishedError):
        import_cancel(actor=IMPORTER, job_id=job.pk)
    assert imports_run_due() == 0


def test_who_only_sees_the_imports_of_others_stops_and_starts_none(
    api_person: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {"kernel.import:view_all"}
    monkeypatch.setattr(hooks._hooks, "can", lambda actor, code: code in held)
    guarded = replace(WARES, permission="kernel.token:own")
    monkeypatch.setitem(kinds._kinds._items, "wares", guarded)
    system = replace(IMPORTER, company_id=api_person.company_id)
    job = import_start(
        actor=system, kind_code="wares", files=[("w.csv", csv_bytes(ROWS))], is_dry_run=True
    )
    assert import_get(api_person, job.pk) == job
    with pytest.raises(ForbiddenError):
        import_cancel(actor=api_person, job_id=job.pk)
    import_run(job.pk)
    with pytest.raises(ForbiddenError):
        import_confirm(actor=api_person, job_id=job.pk)
    held.add("kernel.token:own")
    assert import_confirm(actor=api_person, job_id=job.pk).actor_id == api_person.user_id


def test_the_worker_runs_what_waits() -> None:
    job = start(csv_bytes(ROWS))
    assert imports_run_due() == 1
    job.refresh_from_db()
    assert import_progress(job).percent == 100


def test_following_rows_with_one_key_make_one_document() -> None:
    rows = [["code", "lines.product", "Quantity"], ["O1", "P1", "2"], ["O1", "P2", "3"],
            ["O2", "P1", "1"]]  # fmt: skip
    job = run(csv_bytes(rows))
    assert counts(job) == (3, 3, 0, 0, 0)
    assert ParameterValue.objects.get(code="O1").value.split("|")[1] == "2"
    assert job.total_list["lines.quantity"]["taken"] == "6"


def test_a_bug_in_a_room_stops_the_job_with_a_name_and_keeps_the_chunks_before() -> None:
    rows = [["code"], *[[f"C{n}"] for n in range(10)], ["BOOM"]]
    job = run(csv_bytes(rows))
    assert job.state == "failed"
    assert job.error
    assert ParameterValue.objects.count() == 10
    assert counts(job) == (10, 10, 0, 0, 0)
    assert list(imports_verify()) == []


def test_a_chunk_refused_as_a_whole_is_offered_row_by_row(
    wares: ImportKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    ParameterValue.objects.create(company_id=1, code="X2", value="taken")
    original = ParameterValue.objects.filter

    def blind(*args: object, **kwargs: object) -> object:  # the room overlooks what is there
        return original(pk=-1) if "code__in" in kwargs else original(*args, **kwargs)

    monkeypatch.setattr(ParameterValue.objects, "filter", blind)
    job = run(csv_bytes([["code"], ["X1"], ["X2"], ["X3"]]))
    monkeypatch.undo()
    assert counts(job) == (3, 2, 0, 0, 1)
    assert codes(job) == {3: ["conflict"]}


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["Name"], ["x"]], "file_header_missing"),
        ([["code", "Code"], ["x", "y"]], "file_header_twice"),
    ],
)
def test_wrong_titles_stop_the_job(rows: list[list[object]], code: str) -> None:
    job = run(csv_bytes(rows))
    assert job.state == "failed"
    assert job.error


def test_unknown_titles_are_told_and_the_sample_row_is_left_out(wares: ImportKind) -> None:
    rows = [["Code", "Name", "Price", "Colour"], ["W-1", "Chai", "12.5", ""], ["B", "b", "1", "x"]]
    job = run(csv_bytes(rows))
    assert job.note_list == ["Colour"]
    assert counts(job) == (2, 1, 0, 1, 0)


MAPPING = """
version: 1
kinds:
  wares:
    file: orders.csv
    where: {state: {not: draft}}
    joins: [{file: people.csv, match: {person_id: who}, prefix: p_}]
    columns:
      code: {template: "NW-{order_id}"}
      name: {first: [ship_name, p_name]}
      price: freight
      kind: {from: ship_via, values: {"1": a}, default: b}
      is_sold: {when: {shipped: {empty: true}}, then: {constant: "no"}, else: {constant: "yes"}}
    nested:
      lines:
        file: details.csv
        match: {order_id: order_id}
        columns: {product: product_id, quantity: quantity}
"""
ORDERS = b"""order_id,who,ship_name,freight,ship_via,shipped,state
1,7,,32.38,1,1996-07-16,
2,8,Here,11.61,2,,
3,8,Here,1,2,,draft
"""
DETAILS = b"order_id,product_id,quantity\n1,11,12\n1,42,10\n2,72,5\n99,1,1\n"
PEOPLE = b"person_id,name\n7,Nancy\n8,Andrew\n"


def test_a_mapping_joins_files_and_keeps_orphans_visible() -> None:
    files = [("details.csv", DETAILS), ("orders.csv", ORDERS), ("people.csv", PEOPLE)]
    job = import_start(
        actor=IMPORTER, kind_code="wares", files=files, mapping_text=MAPPING, mapping_name="nw"
    )
    done = import_run(job.pk)
    assert done.state == "done", done.error
    assert counts(done) == (7, 5, 0, 1, 1)
    assert codes(done) == {5: ["orphan"]}
    assert done.total_list["price"]["taken"] == str(Decimal("43.99"))
    values = dict(ParameterValue.objects.values_list("code", "value"))
    assert values == {"NW-1": "32.3800|2|Nancy", "NW-2": "11.6100|1|Here"}
    assert list(imports_verify()) == []


@pytest.mark.parametrize(
    "text",
    [
        "version: 2",
        "[",
        "version: 1\nkinds: {}",
        "version: 1\nkinds: {wares: {columns: {nothing: x}}}",
        "version: 1\nkinds: {wares: {columns: {code: [x]}}}",
        "version: 1\nkinds: {wares: {columns: {code: {eval: x}}}}",
        "version: 1\nkinds: {wares: {columns: {code: x}, nested: {parts: {columns: {a: b}}}}}",
        "version: 1\nkinds: {wares: {columns: {code: x}, header_row: 0}}",
        "version: 1\nkinds: {wares: {columns: {code: x}, where: [1]}}",
        "!!python/object/apply:os.system ['true']",
    ],
)
def test_a_wrong_mapping_is_refused_with_the_place(text: str) -> None:
    with pytest.raises(FileRefusedError) as error:
        start(b"x\n1\n", mapping_text=text)
    assert error.value.code == "file_mapping"


def test_unknown_kinds_and_foreign_jobs_are_not_found() -> None:
    with pytest.raises(NotFoundError):
        import_start(actor=IMPORTER, kind_code="nothing", files=[("a.csv", b"a")])
    job = start(csv_bytes(ROWS))
    with pytest.raises(NotFoundError):
        import_get(IMPORTER.at_company(2), job.pk)


def test_old_files_are_forgotten_and_marks_kept() -> None:
    from datetime import timedelta

    from chengdan.kernel import clock

    job = run(csv_bytes(ROWS))
    with clock.at(clock.now() + timedelta(days=91)):
        assert imports_clean() == 1
    assert ImportRowMark.objects.filter(job=job).count() == 6


def test_verify_sees_a_counter_that_is_off() -> None:
    job = run(csv_bytes(ROWS))
    ImportJob.objects.filter(pk=job.pk).update(rows_created=3)
    assert {difference.invariant for difference in imports_verify()} == {"I14"}


def test_the_terminal_is_told_everything_in_one_language() -> None:
    with override("en"):
        job = run(csv_bytes(ROWS), is_dry_run=True)
        told = list(refusal_lines(job, 1))
        assert told[0].startswith("Row ")
        assert told[-1] == "… more with --marked FILE"
        assert next(summary_lines(job)).startswith(f"Checked {job.rows_read}: would create ")
        assert progress_line(job).startswith(f"{job.rows_read} of {job.rows_read} rows")
    with override("zh-hans"):
        job = run(csv_bytes(ROWS), name="again.csv")
        lines = [*refusal_lines(job, 50), *summary_lines(job)]
        assert lines[0].startswith("第 ")
        assert f"拒绝 {job.rows_rejected}" in "".join(lines)
        assert "more with" not in "".join(lines)
