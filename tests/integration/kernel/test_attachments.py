"""Files on documents: what is refused, who may read, what is left out of pictures."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from chengdan.kernel import targets
from chengdan.kernel.actor import Actor
from chengdan.kernel.attachments import services, storage
from chengdan.kernel.attachments.metadata import metadata_strip
from chengdan.kernel.attachments.models import Attachment
from chengdan.kernel.attachments.services import (
    attachment_add,
    attachment_open,
    attachment_remove,
    attachments_of,
    attachments_sweep,
    file_differences,
)
from chengdan.kernel.attachments.sniffing import ContentError, kind_sniff, name_clean
from chengdan.kernel.attachments.vocabulary import FileRefusedError
from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ForbiddenError, NotFoundError
from chengdan.kernel.parameters import ParameterValue
from chengdan.kernel.targets import Target
from chengdan.kernel.transactions import unguarded
from chengdan.kernel.ui import hooks
from chengdan.kernel.workcalendar.models import WorkCalendar

OWNER = Actor(7, "Owner", 1)
STRANGER = Actor(8, "Stranger", 1)
PDF = b"%PDF-1.7\n%%EOF"


def load(actor: Actor, pk: int) -> WorkCalendar:
    if actor.user_id == STRANGER.user_id:
        raise NotFoundError
    return WorkCalendar.objects.get(pk=pk)


@pytest.fixture
def document(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> WorkCalendar:
    target = Target("tests.doc", load, "tests.doc:view", "tests.doc:edit")
    monkeypatch.setitem(targets._targets._items, "tests.doc", target)
    monkeypatch.setattr(hooks, "allowed", lambda actor, permission: True)
    monkeypatch.setattr(settings, "ATTACHMENT_ROOT", tmp_path / "attachments")
    with unguarded():
        return WorkCalendar.objects.create(code="doc", company_id=1)


def add(document: WorkCalendar, name: str = "order.pdf", data: bytes = PDF) -> Attachment:
    return attachment_add(
        actor=OWNER, target_type="tests.doc", target_id=document.pk, name=name, data=data
    )


@pytest.mark.django_db
def test_a_file_is_kept_under_a_random_name_and_is_in_the_history(document: WorkCalendar) -> None:
    row = add(document, "../../etc/Bestellung.pdf")
    assert row.name == "Bestellung.pdf"
    found, path = attachment_open(OWNER, row.pk)
    assert found == row
    assert path.read_bytes() == PDF
    assert "Bestellung" not in str(path)
    assert [item.pk for item in attachments_of("tests.doc", document.pk)] == [row.pk]
    assert audit_history(document)[0].params["sha256"] == row.sha256
    assert audit_history(row)[0].code == "kernel.attachment.added"
    assert list(file_differences()) == []
    path.write_bytes(b"other")
    assert len(list(file_differences())) == 1


@pytest.mark.django_db
def test_only_readers_of_the_document_read_its_files(
    document: WorkCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = add(document)
    with pytest.raises(NotFoundError):
        attachment_open(STRANGER, row.pk)
    with pytest.raises(NotFoundError):
        attachment_remove(actor=STRANGER, attachment_id=row.pk)
    monkeypatch.setattr(hooks, "allowed", lambda actor, permission: permission.endswith("view"))
    attachment_open(OWNER, row.pk)
    with pytest.raises(ForbiddenError):
        attachment_remove(actor=OWNER, attachment_id=row.pk)
    with pytest.raises(ForbiddenError):
        add(document)


@pytest.mark.django_db
def test_a_reader_takes_nobody_elses_file_away(
    document: WorkCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = Target("tests.doc", load, "tests.doc:view")
    monkeypatch.setitem(targets._targets._items, "tests.doc", target)
    row = add(document)
    other = Actor(9, "Auditor", 1)
    with pytest.raises(ForbiddenError):
        attachment_remove(actor=other, attachment_id=row.pk)
    attachment_remove(actor=OWNER, attachment_id=row.pk)


@pytest.mark.django_db
def test_a_removed_file_is_hidden_and_kept(document: WorkCalendar) -> None:
    row = add(document)
    attachment_remove(actor=OWNER, attachment_id=row.pk)
    with pytest.raises(NotFoundError):
        attachment_open(OWNER, row.pk)
    assert attachments_of("tests.doc", document.pk) == []
    assert storage.bytes_path(row.stored_name).is_file()
    assert audit_history(document)[0].code == "kernel.attachment.removed"


@pytest.mark.django_db
def test_limits_are_parameters(document: WorkCalendar) -> None:
    ParameterValue.objects.create(company_id=1, code="kernel.attachments_per_document", value='"1"')
    add(document)
    with pytest.raises(FileRefusedError) as caught:
        add(document)
    assert caught.value.code == "file_count"
    ParameterValue.objects.create(company_id=1, code="kernel.attachment_megabytes", value='"1"')
    with pytest.raises(FileRefusedError) as caught:
        add(document, data=PDF + b"x" * 2**20)
    assert caught.value.code == "file_size"
    ParameterValue.objects.create(company_id=1, code="kernel.attachment_types", value='["png"]')
    with pytest.raises(FileRefusedError) as caught:
        add(document)
    assert caught.value.code == "file_unknown"
    assert caught.value.params == {"kinds": "png"}
    assert "png" in str(caught.value.message)


@pytest.mark.django_db
def test_files_of_rolled_back_acts_are_swept(
    document: WorkCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = add(document)
    orphan = storage.bytes_put(b"left behind")
    assert attachments_sweep() == 0
    monkeypatch.setattr(services.storage, "ORPHAN_SECONDS", -1)
    assert attachments_sweep() == 1
    assert not storage.bytes_path(orphan).exists()
    assert storage.bytes_path(row.stored_name).is_file()


def package(*names: str, data: bytes = b"x") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.pdf", PDF, "pdf"),
        ("a.JPEG", b"\xff\xd8\xff\xe0", "jpg"),
        ("a.xlsx", package("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        ("a.docx", package("word/document.xml"), "docx"),
        ("a.ofd", package("OFD.xml"), "ofd"),
        ("a.zip", package("readme"), "zip"),
        ("a.csv", "名称,数量\n".encode("gb18030"), "csv"),
        ("a.txt", b"hello", "txt"),
        ("a.xml", b"<?xml version='1.0'?><a/>", "xml"),
    ],
)
def test_kinds_are_told_by_content(name: str, data: bytes, kind: str) -> None:
    assert kind_sniff(data, name) == kind


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.pdf", b"", "empty"),
        ("a.exe", b"MZ\x90\x00", "unknown"),
        ("a.svg", b"<svg onload=alert(1)>", "unknown"),
        ("a.txt", b"<html><script>", "unknown"),
        ("a.txt", b"a\x00b", "unknown"),
        ("a.xml", b"<svg/>", "unknown"),
        ("a.png", PDF, "mismatch"),
        ("a.pdf.html", PDF, "mismatch"),
        ("a.xlsm", package("xl/workbook.xml"), "mismatch"),
        ("a.xlsx", package("xl/workbook.xml", "xl/vbaProject.bin"), "macro"),
        ("a.xlsx", b"PK\x03\x04 cut short", "broken"),
        ("a.zip", package("big", data=b"0" * 3_000_000), "bomb"),
    ],
)
def test_what_is_not_what_it_says_is_refused(name: str, data: bytes, code: str) -> None:
    with pytest.raises(ContentError) as caught:
        kind_sniff(data, name)
    assert str(caught.value) == code


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\win.ini", "win.ini"),
        ("/abs/olute.pdf", "olute.pdf"),
        ("CON", "file_CON"),
        ("nul.txt", "file_nul.txt"),
        (".htaccess", "htaccess"),
        ("a\x00b.pdf", "ab.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ('"><img onerror=1>.png', "___img onerror=1_.png"),
        ("line\r\nbreak.pdf", "linebreak.pdf"),
        ("", "file"),
        ("...", "file"),
        ("订单.pdf", "订单.pdf"),
    ],
)
def test_names_are_cleaned(name: str, cleaned: str) -> None:
    assert name_clean(name) == cleaned


@given(st.text(max_size=400))
def test_cleaned_names_are_short_and_plain(name: str) -> None:
    cleaned = name_clean(name)
    assert 0 < len(cleaned) <= 120
    assert not set(cleaned) & set('/\\\x00\r\n"')
    assert name_clean(cleaned) == cleaned


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def test_pictures_lose_places_and_names_but_not_their_orientation() -> None:
    tiff = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, 6, 0, 0) + b"GPS secret"
    jpeg = (
        b"\xff\xd8"
        + segment(0xE0, b"JFIF\0")
        + segment(0xE1, b"Exif\0\0" + tiff)
        + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0secret")
        + segment(0xFE, b"secret comment")
        + segment(0xDB, b"table")
        + b"\xff\xda scan secret-looking data\xff\xd9"
    )
    stripped = metadata_strip(jpeg, "jpg")
    assert b"GPS secret" not in stripped
    assert b"secret comment" not in stripped
    assert b"xap" not in stripped
    assert stripped.endswith(b"\xff\xda scan secret-looking data\xff\xd9")
    assert b"JFIF" in stripped
    assert b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06" in stripped
    assert metadata_strip(stripped, "jpg") == stripped

    def chunk(name: bytes, body: bytes) -> bytes:
        sum_ = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + sum_

    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"x" * 13) + chunk(b"tEXt", b"secret")
    assert b"secret" not in metadata_strip(png + chunk(b"IEND", b""), "png")
    webp = b"WEBPVP8X" + struct.pack("<I", 2) + b"\x0c\0" + b"EXIF" + struct.pack("<I", 6)
    stripped = metadata_strip(b"RIFF" + struct.pack("<I", 30) + webp + b"secret", "webp")
    assert b"secret" not in stripped
    assert metadata_strip(b"\xff\xd8\xff", "jpg") == b"\xff\xd8\xff"
