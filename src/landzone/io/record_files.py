"""Files cut into their records, so that a damaged one can be taken out and the rest read.

GDAL ends some files early at a damaged record and without a word: a GML member with a broken coordinate takes every
member after it along, a line of GeoJSON text that was cut off is left out. What it returns is therefore compared with
the number of records that the file holds, and where that is not the same the damaged ones are found by reading parts.
"""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

from landzone.io.formats import limit

_FEATURE = re.compile(rb'"type"\s*:\s*"Feature"')
_FGB_MAGIC = 8
_FGB_COUNT, _FGB_NODE_SIZE, _FGB_USUAL_NODE = 8, 9, 16
_MEMBERS = ("featureMember", "member", "featureMembers")


@dataclass(frozen=True)
class Records:
    """A file as what stands before its records (for a number of them), the records, and what stands after them."""

    head: bytes | Callable[[int], bytes]
    records: Sequence[bytes | memoryview]
    tail: bytes = b""
    between: bytes = b""

    def write(self, path: Path, places: Sequence[int]) -> None:
        """Write a file that holds only the records at the given places."""
        chosen = self.between.join(self.records[place] for place in places)
        head = self.head if isinstance(self.head, bytes) else self.head(len(places))
        path.write_bytes(head + chosen + self.tail)


def count_features(path: Path) -> int:
    """Return how many features a GeoJSON file holds; of a large file, how many say that they are one."""
    if path.stat().st_size <= limit("json_parsed_bytes"):
        return len(_features(path))
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as view:
        return sum(1 for _ in _FEATURE.finditer(view))


def _features(path: Path) -> list[Any]:
    try:
        whole = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return []
    features = whole.get("features") if isinstance(whole, dict) else None
    return features if isinstance(features, list) else []


def features_of(path: Path) -> Records:
    """Return the features of a GeoJSON collection."""
    records: list[bytes | memoryview] = [json.dumps(feature).encode() for feature in _features(path)]
    whole = json.loads(path.read_bytes())
    rest = json.dumps({k: v for k, v in whole.items() if k not in ("features", "bbox")})[:-1]
    return Records(f'{rest}{", " if len(rest) > 1 else ""}"features": ['.encode(), records, b"]}", b",\n")


def lines_of(path: Path) -> Records:
    """Return the records of a GeoJSON text sequence: lines, or texts parted by the record separator.

    They are written with the separator: GDAL takes plain lines that do not begin with their type for one feature.
    """
    data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    parts = data.split(b"\x1e") if b"\x1e" in data else data.splitlines()
    records = [part.strip().replace(b"\n", b" ") for part in parts if part.strip()]
    return Records(b"\x1e", records, b"\n", b"\n\x1e")


def members_of(path: Path, layer: str) -> Records:
    """Return the members of a GML collection that are features of one layer.

    Only what stands directly under the root counts; the members of other layers are left out.
    """
    data = path.read_bytes()
    spans = list(_member_spans(data, layer))
    if not spans:
        return Records(data, [])
    view = memoryview(data)
    head, tail = data[: spans[0][0]], data[spans[-1][1] :]
    return Records(head, [view[start:stop] for start, stop in spans], tail, b"\n")


def _member_spans(data: bytes, layer: str) -> Iterator[tuple[int, int]]:
    open_tags: list[tuple[str, int]] = []
    spans: list[tuple[int, int]] = []
    named: list[bool] = [False]
    parser = expat.ParserCreate()

    def start(name: str, _: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        depth = len(open_tags)
        if depth >= 1 and open_tags[-1][0] in _MEMBERS and depth == 2:
            named[0] = local == layer
        open_tags.append((local, parser.CurrentByteIndex))

    def end(name: str) -> None:
        local, begin = open_tags.pop()
        depth = len(open_tags)
        stop = data.index(b">", parser.CurrentByteIndex) + 1
        single = depth == 1 and local in ("featureMember", "member")
        several = depth == 2 and open_tags[-1][0] == "featureMembers"
        if (single or several) and named[0]:
            spans.append((begin, stop))
            named[0] = False

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(data, True)
    return iter(spans)


def buffers_of(path: Path) -> Records:
    """Return the features of a FlatGeobuf file; a part of them gets a header of its number and an index of zeros."""
    data = path.read_bytes()
    start = _FGB_MAGIC + 4
    size = int.from_bytes(data[_FGB_MAGIC:start], "little")
    header = data[start : start + size]
    place, count = _scalar(header, _FGB_COUNT, 8)
    node = _scalar(header, _FGB_NODE_SIZE, 2)[1]
    node = _FGB_USUAL_NODE if node is None else node
    position = start + size + (_index_size(count, node) if count else 0)
    records: list[bytes | memoryview] = []
    while position + 4 <= len(data) and (not count or len(records) < count):
        length = int.from_bytes(data[position : position + 4], "little")
        if not 0 < length <= len(data) - position - 4:
            break
        records.append(data[position : position + 4 + length])
        position += 4 + length

    def head(number: int) -> bytes:
        if not place:
            return data[: start + size]
        own = header[:place] + number.to_bytes(8, "little") + header[place + 8 :]
        return data[:start] + own + bytes(_index_size(number, node))

    return Records(head, records)


def _scalar(table: bytes, number: int, width: int) -> tuple[int, int | None]:
    """Return place and value of a field of the root table of a flatbuffer, place 0 where it is not there."""
    root = int.from_bytes(table[:4], "little")
    vtable = root - int.from_bytes(table[root : root + 4], "little", signed=True)
    if 4 + 2 * number >= int.from_bytes(table[vtable : vtable + 2], "little"):
        return 0, None
    offset = int.from_bytes(table[vtable + 4 + 2 * number :][:2], "little")
    if not offset:
        return 0, None
    return root + offset, int.from_bytes(table[root + offset :][:width], "little")


def _index_size(count: int, node: int) -> int:
    """Return the size in bytes of the packed R-tree of a FlatGeobuf file; a node takes 40 bytes."""
    if node < 2:
        return 0
    total = level = count
    while level > 1:
        level = -(-level // node)
        total += level
    return (total if count > 1 else total + 1) * 40
