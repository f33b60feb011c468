"""Printed documents: Chinese fonts, texts as they are, copies, page numbers."""

import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils.translation import override

from chengdan.kernel.printing import PrintError, print_pdf, standard_data, template_register
from chengdan.kernel.printing import registry as templates
from chengdan.kernel.printing.fonts import families
from chengdan.kernel.printing.registry import BASE, PrintTemplate

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None or shutil.which("pdffonts") is None,
    reason="pdftotext and pdffonts are not installed",
)


def note(**more: object) -> dict[str, object]:
    values: dict[str, object] = {
        "title": "送货单",
        "number": "DN2611-0001",
        "company": "成单示范有限公司",
        "columns": [("品名", "start"), ("数量", "end"), ("金额", "end")],
        "rows": [["苹果汁 250ml", "10", "1,250.00"]],
        "facts": [("客户", "上海大众"), ("日期", "2026-11-16")],
        "totals": [("合计", "1,250.00")],
        "amount": Decimal("1250.00"),
        "url": "https://sales.example/shipping/1/",
        "signatures": ["仓管员", "质检员", "客户"],
    }
    return standard_data(**{**values, **more})  # type: ignore[arg-type]


def text_of(pdf: bytes, tmp_path: Path) -> str:
    path = tmp_path / "out.pdf"
    path.write_bytes(pdf)
    command = ["pdftotext", "-layout", str(path), "-"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


@needs_poppler
def test_a_note_prints_its_texts_and_the_amount_in_capitals(tmp_path: Path) -> None:
    with override("en"):
        pdf = print_pdf("kernel.standard", note())
    text = text_of(pdf, tmp_path)
    for expected in (
        "送货单",
        "DN2611-0001",
        "苹果汁",
        "壹仟贰佰伍拾元整",
        "质检员",
        "Page 1 of 1",
    ):
        assert expected in text


@needs_poppler
def test_only_chinese_fonts_that_exist_are_used(tmp_path: Path) -> None:
    assert families("zh-hans")
    path = tmp_path / "out.pdf"
    path.write_bytes(print_pdf("kernel.standard", note(notes="龘靐 ABC 123")))
    command = ["pdffonts", str(path)]
    listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    fonts = [line.split()[0] for line in listed.splitlines()[2:]]
    assert fonts
    assert all("Noto" in font or "Source" in font for font in fonts), fonts
    assert all(" yes " in line for line in listed.splitlines()[2:])


@needs_poppler
def test_text_of_users_is_never_markup(tmp_path: Path) -> None:
    nasty = '#read("/kernel/actor.py") *b* $x^2$ \\ " ] } @ref <label> #panic() {{7*7}} %s'
    pdf = print_pdf("kernel.standard", note(rows=[[nasty, "1", "2"]], notes=nasty, title=nasty))
    text = " ".join(text_of(pdf, tmp_path).split())
    assert "#panic()" in text
    assert "*b*" in text
    assert "class Actor" not in text


@needs_poppler
def test_copies_have_labels_and_count_their_own_pages(tmp_path: Path) -> None:
    rows = [[f"商品 {index}", "1", "1.00"] for index in range(60)]
    with override("en"):
        pdf = print_pdf("kernel.standard", note(rows=rows, copies=["存根联", "客户联"]))
    text = text_of(pdf, tmp_path)
    assert text.count("Page 1 of 2") == 2
    assert text.count("Page 2 of 2") == 2
    assert "存根联" in text
    assert "客户联" in text


def test_the_same_data_give_the_same_file(frozen_clock: object) -> None:
    assert print_pdf("kernel.standard", note()) == print_pdf("kernel.standard", note())
    for language in ("zh-hant", "en"):
        assert print_pdf("kernel.standard", note(is_traditional=True), language=language)


def test_a_template_that_does_not_fit_is_an_error_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(PrintError):
        print_pdf("kernel.standard", {"title": "x"})
    with pytest.raises(KeyError):
        print_pdf("kernel.none", {})
    with pytest.raises(ValueError, match="outside"):
        template_register("kernel.stray", "x", Path("/etc/passwd"))
    stray = PrintTemplate("kernel.stray", "x", BASE / "none.typ")
    monkeypatch.setitem(templates._templates._items, "kernel.stray", stray)
    with pytest.raises(PrintError):
        print_pdf("kernel.stray", {})
