"""Taking places, devices and names out of pictures; the pixels are not touched."""

from __future__ import annotations

import struct

_PNG_DROPPED = {b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"}
_ORIENTATION = 0x0112


def metadata_strip(data: bytes, kind: str) -> bytes:
    """Return the picture without metadata; anything that is no plain picture stays as it is."""
    strip = {"jpg": _jpeg, "png": _png, "webp": _webp}.get(kind)
    if strip is None:
        return data
    try:
        return strip(data)
    except (struct.error, IndexError, ValueError):
        return data


def _jpeg(data: bytes) -> bytes:
    out, position, orientation = [data[:2]], 2, 1
    while data[position] == 0xFF and data[position + 1] != 0xDA:
        marker = data[position + 1]
        (length,) = struct.unpack(">H", data[position + 2 : position + 4])
        segment = data[position : position + 2 + length]
        if len(segment) < 2 + length or length < 2:
            raise ValueError("cut short")
        if marker == 0xE1 and segment[4:10] == b"Exif\0\0":
            orientation = _exif_orientation(segment[10:])
        # Application segments and comments go; JFIF, colour profile and Adobe's colours stay.
        if marker in (0xE0, 0xE2, 0xEE) or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            out.append(segment)
        position += 2 + length
    if orientation != 1:
        out.insert(1, _exif_with(orientation))
    return b"".join([*out, data[position:]])


def _exif_orientation(tiff: bytes) -> int:
    order = "<" if tiff[:2] == b"II" else ">"
    (start,) = struct.unpack(order + "I", tiff[4:8])
    (count,) = struct.unpack(order + "H", tiff[start : start + 2])
    for index in range(min(count, 200)):
        entry = tiff[start + 2 + index * 12 : start + 14 + index * 12]
        tag, _type, _count, value = struct.unpack(order + "HHIH", entry[:10])
        if tag == _ORIENTATION:
            return value if 1 <= value <= 8 else 1
    return 1


def _exif_with(orientation: int) -> bytes:
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, orientation, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _png(data: bytes) -> bytes:
    out, position = [data[:8]], 8
    while position < len(data):
        (length,) = struct.unpack(">I", data[position : position + 4])
        chunk = data[position : position + 12 + length]
        if len(chunk) < 12 + length:
            raise ValueError("cut short")
        if chunk[4:8] not in _PNG_DROPPED:
            out.append(chunk)
        position += 12 + length
    return b"".join(out)


def _webp(data: bytes) -> bytes:
    out, position = [], 12
    while position < len(data):
        name = data[position : position + 4]
        (length,) = struct.unpack("<I", data[position + 4 : position + 8])
        end = position + 8 + length + length % 2
        if name == b"VP8X":
            flags = data[position + 8] & ~0b1100  # no Exif, no XMP
            out.append(data[position : position + 8] + bytes([flags]) + data[position + 9 : end])
        elif name not in (b"EXIF", b"XMP "):
            out.append(data[position:end])
        position = end
    body = b"WEBP" + b"".join(out)
    return b"RIFF" + struct.pack("<I", len(body)) + body
