"""The shipped mapping fits the sample files: counts and control totals before any room is asked."""

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from chengdan.kernel.importing.assembly import Assembly
from chengdan.kernel.importing.kinds import Column, ImportKind, ImportRow
from chengdan.kernel.importing.mapping import mapping_load
from chengdan.kernel.importing.readers.tables import ReadOptions, table_read
from chengdan.kernel.numbers import line_amounts

pytestmark = [pytest.mark.sample]
ORDERS = ImportKind(
    code="orders",
    title="Orders",
    permission="",
    apply=lambda actor, rows: [],
    columns=[
        *(Column(name, name) for name in (
            "number", "customer", "customer_order_number", "currency", "carrier", "ship_to_text",
            "internal_note",
        )),
        *(Column(name, name, "date") for name in ("ordered_on", "requested_on", "shipped_on")),
        Column("is_closed", "Closed", "boolean"),
        Column("lines.product", "Product", "reference"),
        *(Column(f"lines.{name}", name, "decimal") for name in (
            "quantity", "price", "discount", "tax_rate",
        )),
        Column("charges.description", "Charge"),
        Column("charges.amount", "Amount", "decimal"),
        Column("charges.tax_rate", "Tax", "decimal"),
    ],
    key_columns=["number"],
)  # fmt: skip


def rows_of(folder: Path, tmp_path: Path, names: list[str]) -> list[ImportRow]:
    tables = []
    for name in names:
        source = tmp_path / name
        shutil.copyfile(folder / name, source)
        tables.append(table_read(source, name=name, folder=tmp_path, options=ReadOptions()))
    assembly = Assembly(ORDERS, mapping_load("northwind", ORDERS), tables).prepare()
    return list(assembly.rows())


def test_all_orders_with_lines_freight_and_totals(sample_data: Path, tmp_path: Path) -> None:
    folder = sample_data / "northwind"
    names = ["orders.csv", "order_details.csv", "shippers.csv", "employees.csv"]
    rows = rows_of(folder, tmp_path, names)
    assert [row.line for row in rows if row.issues] == []
    assert len(rows) == 830
    lines = [line.values for row in rows for line in row.nested["lines"]]
    assert len(lines) == 2155
    assert sum(row.values["is_closed"] is False for row in rows) == 21
    gross = sum((line["quantity"] * line["price"] for line in lines), Decimal(0))
    assert gross == Decimal("1354458.59")
    net = sum(
        (
            line_amounts(
                quantity=line["quantity"], price=line["price"], discount=line["discount"]
            ).gross
            for line in lines
        ),
        Decimal(0),
    )
    assert net == Decimal("1265793.29")
    charges = [line.values["amount"] for row in rows for line in row.nested.get("charges", [])]
    assert sum(charges, Decimal(0)) == Decimal("64942.69")
    assert len({row.values["number"] for row in rows}) == 830
