"""What GeoJSON says about its coordinate system and its text, looked up before GDAL opens the file."""

from __future__ import annotations

import codecs
import json
import mmap
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import pyproj

from landzone.io.encoding import codec_of, read_text
from landzone.io.origin import Origin

_MEMBER = re.compile(rb'"crs"\s*:\s*(?=\{)')
_NULL = re.compile(rb'"crs"\s*:\s*null')
_TOPOLOGY = re.compile(rb'"type"\s*:\s*"Topology"')
_LONGEST = 1 << 16
_CHUNK = 1 << 22
_XML_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']+)["']""")


class Declared(StrEnum):
    """How a GeoJSON file speaks of its coordinate system."""

    ABSENT = "absent"
    NONE = "none"
    NAMED = "named"


@dataclass(frozen=True)
class JsonHead:
    """Whether the file is TopoJSON, and the name of its coordinate system."""

    topology: bool
    declared: Declared
    name: str = ""


def json_head(path: Path, origin: Origin) -> JsonHead:
    """Return what a JSON layer declares.

    Raises
    ------
    Refusal
        ``CRS_LINKED`` where the coordinate system is an address: GDAL would fetch it.
    """
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as view:
        topology = _TOPOLOGY.search(view) is not None
        for match in _MEMBER.finditer(view):
            member = _object(view[match.end() : match.end() + _LONGEST])
            kind = str(member.get("type", "")).lower()
            if kind in ("link", "url"):
                raise origin.refuse("CRS_LINKED")
            properties = member.get("properties")
            if kind in ("name", "epsg", "ogc") and isinstance(properties, dict):
                name = properties.get("name") or f"EPSG:{properties.get('code', '')}"
                return JsonHead(topology, Declared.NAMED, str(name))
        null = _NULL.search(view[: 1 << 12]) is not None
    return JsonHead(topology, Declared.NONE if null else Declared.ABSENT)


def _object(data: bytes) -> dict[str, Any]:
    try:
        value, _ = json.JSONDecoder().raw_decode(data.decode("utf-8", "ignore"))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def json_crs(head: JsonHead, found: str | None, origin: Origin) -> tuple[pyproj.CRS | None, bool]:
    """Return the coordinate system of a JSON layer and whether it is only the default of RFC 7946.

    GDAL takes a name that it does not know for longitude and latitude; here it is no coordinate system at all.
    """
    if head.declared is Declared.NONE:
        return None, False
    if head.declared is Declared.ABSENT:
        if head.topology or found is None:
            return None, False
        return pyproj.CRS.from_user_input(found), found == "EPSG:4326"
    try:
        crs = pyproj.CRS.from_user_input(head.name)
    except pyproj.exceptions.CRSError:
        origin.note("CRS_UNREADABLE", params={"declared": head.name})
        return None, False
    return (pyproj.CRS.from_epsg(4326) if crs.to_authority() == ("OGC", "CRS84") else crs), False


def to_utf8(path: Path, origin: Origin) -> tuple[str, bool]:
    """Rewrite a private copy of a JSON or XML file in UTF-8 where it is in another code page.

    Returns
    -------
    title : str
        Code page in which the file came.
    guessed : bool
        Whether the bytes alone said so; it is noted.
    """
    with path.open("rb") as handle:
        match = _XML_ENCODING.match(handle.read(1024))
    stated = codec_of(match.group(1).decode("latin-1")) if match else None
    if stated in (None, "utf-8", "ascii") and not origin.encoding and _is_utf8(path):
        return "UTF-8", False
    if match and stated is None:
        raise origin.refuse("ENCODING_NAME", declared=match.group(1).decode("latin-1"))
    data = path.read_bytes()
    if match and stated not in ("utf-8", "utf-16", "ascii"):
        try:
            text = data.decode(str(stated))
        except UnicodeDecodeError:
            raise origin.refuse(
                "ENCODING_CONFLICT",
                declared=match.group(1).decode("latin-1"),
                found="?",
                where="<?xml encoding>",
            ) from None
        path.write_text(
            re.sub(r"""(encoding\s*=\s*["'])[^"']+""", r"\1UTF-8", text, count=1), "utf-8", newline=""
        )
        return match.group(1).decode("latin-1"), False
    text, page = read_text(data, origin)
    if page.guessed:
        origin.note("ENCODING_GUESSED", params={"encoding": page.title})
    if page.codec != "utf-8":
        path.write_text(text.replace('encoding="UTF-16"', 'encoding="UTF-8"', 1), "utf-8", newline="")
    return page.title, page.guessed


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        with path.open("rb") as handle:
            while piece := handle.read(_CHUNK):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
