"""Checks that the content of a file is what its suffix promises, before any driver sees it."""

from __future__ import annotations

import codecs
import mmap
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.parsers import expat

from landzone.io.formats import Format
from landzone.io.origin import Origin

_HEAD = 1 << 16
_REFERENCES = re.compile(rb"<\s*(OGRVRT|VRTDataset|GDAL_WMS|OGRWFS|OGCAPI)|\bSRCDSN\b", re.I)
_MARKUP = re.compile(rb"^\s*<(!doctype\s+html|html|head|body)", re.I)
_JSON_KIND = re.compile(
    rb'"type"\s*:\s*"(FeatureCollection|Feature|Topology|GeometryCollection|(Multi)?(Point|LineString|Polygon))"'
    rb'|"geometryType"\s*:\s*"esri'
)
_SIGNATURES = [
    (b"SQLite format 3\0", "SQLite"), (b"PK\x03\x04", "a zip archive"), (b"PAR1", "Parquet"),
    (b"fgb\x03fgb", "FlatGeobuf"), (b"\xd0\xcf\x11\xe0", "an old Office file or one with a password"),
    (b"AC10", "DWG"), (b"%PDF", "PDF"), (b"AutoCAD Binary DXF", "binary DXF"), (b"\x1f\x8b", "gzip"),
    (b"\x00\x00\x27\x0a", "Shapefile"), (b"\x89PNG", "PNG"), (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"),
]  # fmt: skip
_DBF_VERSIONS = bytes([0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x83, 0x8B, 0x8C, 0xF5])


def describe(head: bytes) -> str:
    """Name in a few words what a content looks like."""
    if _MARKUP.match(head):
        return "HTML"
    if _REFERENCES.search(head[:4096]):
        return "VRT"
    for signature, title in _SIGNATURES:
        if head.startswith(signature):
            return title
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"<"):
        return "XML"
    if text.startswith((b"{", b"[")):
        return "JSON"
    return "text" if b"\0" not in head else "binary"


def check_content(path: Path, expected: Format, origin: Origin) -> None:
    """Refuse a file whose content is not of the format that its suffix promises.

    Raises
    ------
    Refusal
        ``FORMAT_MISMATCH``; ``XML_DTD`` and ``FILE_CORRUPT`` where the content itself is the trouble.
    """
    if path.is_dir():
        head = b""
        fits = expected.content == "gdb" and any(path.glob("a00000001.gdbtable"))
    else:
        with path.open("rb") as handle:
            head = handle.read(_HEAD)
        text = expected.content in ("kml", "gml", "json", "jsonseq", "text", "mif", "tab", "dxf")
        fits = not (text and (_MARKUP.match(head) or _REFERENCES.search(head[:4096])))
        fits = fits and _CHECKS[expected.content](head, path)
    if not fits:
        raise origin.refuse("FORMAT_MISMATCH", expected=expected.title, found=describe(head) if head else "?")
    if expected.content in ("kml", "gml"):
        check_xml(path, expected, origin)


def check_xml(path: Path, expected: Format, origin: Origin) -> None:
    """Parse an XML file without acting on it: no DOCTYPE, well-formed to the end, the right root.

    GDAL reads a GML file that was cut short as one without features; here it is refused.
    """
    root: list[tuple[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if not root:
            root.append((name, " ".join(attributes.values())))
            parser.StartElementHandler = None

    def doctype(*_: Any) -> None:
        raise origin.refuse("XML_DTD")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = doctype
    try:
        with path.open("rb") as handle:
            parser.ParseFile(handle)
    except (expat.ExpatError, LookupError) as error:  # LookupError: a code page that nobody knows
        raise origin.refuse("FILE_CORRUPT", detail=f"XML, {error}") from None
    name, attributes = root[0]
    local = name.rpartition(":")[2].lower()
    fits = local == "kml" if expected.content == "kml" else "opengis.net/gml" in attributes
    if not fits:
        raise origin.refuse("FORMAT_MISMATCH", expected=expected.title, found=f"XML <{name}>")


def _search(path: Path, pattern: re.Pattern[bytes]) -> bool:
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as view:
        return pattern.search(view) is not None


def _plain(head: bytes) -> bytes:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", "ignore").encode()
    return head.removeprefix(codecs.BOM_UTF8).lstrip()


def _json(head: bytes, path: Path) -> bool:
    text = _plain(head)
    if not text.startswith(b"{"):
        return False
    return bool(_JSON_KIND.search(text)) or _search(path, _JSON_KIND)


def _sequence(head: bytes, path: Path) -> bool:
    return head.lstrip(b"\xef\xbb\xbf\x1e \t\r\n").startswith(b"{") and b"\0" not in head


def _shapefile(head: bytes, path: Path) -> bool:
    return head.startswith(b"\x00\x00\x27\x0a") and head[28:32] == b"\xe8\x03\x00\x00"


def _xml(head: bytes, path: Path) -> bool:
    return _plain(head).startswith(b"<")


def _dbf(head: bytes, path: Path) -> bool:
    return len(head) >= 33 and head[0] in _DBF_VERSIONS and int.from_bytes(head[8:10], "little") >= 33


def _text(head: bytes, path: Path) -> bool:
    if any(head.startswith(signature) for signature, _ in _SIGNATURES):
        return False
    return head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _few_nul(head)


def _few_nul(head: bytes) -> bool:
    # UTF-16 without a mark is half zeros in one place of two; anything else with zeros is binary
    return b"\0" not in head or max(head[0::2].count(0), head[1::2].count(0)) > len(head) // 8


def _tab(head: bytes, path: Path) -> bool:
    # a TAB of type LINKED, SEAMLESS or ODBC points to other files
    return head.lstrip().lower().startswith(b"!table") and bool(re.search(rb"type\s+native\b", head, re.I))


def _dxf(head: bytes, path: Path) -> bool:
    return bool(re.match(rb"(\xef\xbb\xbf)?\s*(999\r?\n[^\n]*\n\s*)*0\s*\r?\n\s*SECTION\b", head))


_CHECKS: dict[str, Callable[[bytes, Path], bool]] = {
    "shp": _shapefile,
    "sqlite": lambda head, path: head.startswith(b"SQLite format 3\0"),
    "gdb": lambda head, path: False,
    "json": _json,
    "jsonseq": _sequence,
    "parquet": lambda head, path: head.startswith(b"PAR1"),
    "fgb": lambda head, path: head.startswith(b"fgb\x03fgb"),
    "kml": _xml,
    "gml": _xml,
    "tab": _tab,
    "mif": lambda head, path: head.lstrip().lower().startswith(b"version"),
    "dxf": _dxf,
    "text": _text,
    "xlsx": lambda head, path: head.startswith(b"PK\x03\x04"),
    "ole": lambda head, path: head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    "dbf": _dbf,
    "zip": lambda head, path: head.startswith((b"PK\x03\x04", b"PK\x05\x06")),
}
