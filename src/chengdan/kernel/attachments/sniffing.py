"""What a file really is, by its bytes; names and declared types are not believed."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile

ZIP_ENTRIES_MAX = 5000
ZIP_BYTES_MAX = 200 * 1024 * 1024
ZIP_RATIO_MAX = 100
NAME_MAX = 120
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "csv": "text/csv",
    "txt": "text/plain",
    "ofd": "application/ofd",
    "xml": "application/xml",
    "zip": "application/zip",
}
_ALIASES = {"jpeg": "jpg", "text": "txt", "log": "txt"}
_PACKAGES = {"xl/workbook.xml": "xlsx", "word/document.xml": "docx", "OFD.xml": "ofd"}
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_BAD = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')


class ContentError(ValueError):
    """The content is refused; `args[0]` is a stable code."""


def name_clean(name: str) -> str:
    """Return a name safe on every system: no folders, no controls, no direction overrides."""
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    text = re.split(r"[\\/]", text)[-1]
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs"))
    text = _BAD.sub("_", text).strip(" .")
    if not text or _DEVICES.fullmatch(text):
        text = f"file_{text}" if text else "file"
    stem, dot, ending = text.rpartition(".")
    if not dot:
        return text[:NAME_MAX]
    return f"{stem[: NAME_MAX - 10]}.{ending[:9]}"


def ending_of(name: str) -> str:
    """Return the ending in lower case, `jpeg` as `jpg`."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    return _ALIASES.get(ending, ending)


def kind_sniff(data: bytes, name: str) -> str:
    """Return the kind of file that `data` is.

    Raises:
        ContentError: `empty`, `unknown`, `mismatch` (the ending says another kind), `bomb`,
            `encrypted`, `macro` or `broken` (archives).
    """
    if not data:
        raise ContentError("empty")
    kind = _by_magic(data) or _text_kind(data, ending_of(name))
    if kind is None:
        raise ContentError("unknown")
    if ending_of(name) != kind:
        raise ContentError("mismatch")
    return kind


def _by_magic(data: bytes) -> str | None:
    if data.startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data.startswith(b"PK\x03\x04"):
        return _package_kind(data)
    return None


def _package_kind(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise ContentError("broken") from None
    total = sum(entry.file_size for entry in entries)
    is_bomb = len(entries) > ZIP_ENTRIES_MAX or total > ZIP_BYTES_MAX
    if is_bomb or total > ZIP_RATIO_MAX * max(len(data), 1024):
        raise ContentError("bomb")
    if any(entry.flag_bits & 1 for entry in entries):
        raise ContentError("encrypted")
    names = {entry.filename for entry in entries}
    if any(name.endswith("vbaProject.bin") for name in names):
        raise ContentError("macro")
    return next((kind for part, kind in _PACKAGES.items() if part in names), "zip")


def _text_kind(data: bytes, ending: str) -> str | None:
    """Plain text tells nothing about itself, so the ending chooses among text kinds."""
    if ending not in ("csv", "txt", "xml"):
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(unicodedata.category(c) == "Cc" and c not in "\t\r\n\f" for c in set(text)):
            return None
        is_markup = text.lstrip().lower().startswith(("<!doctype html", "<html", "<script", "<svg"))
        is_xml = text.lstrip().startswith("<?xml")
        if is_markup or (ending == "xml" and not is_xml):
            return None
        return ending
    return None
