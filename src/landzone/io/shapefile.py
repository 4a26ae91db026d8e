"""Shapefiles: the parts are compared with each other before GDAL sees the shapes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from landzone.io.dbf import record_count
from landzone.io.origin import Origin

_HEADER = 100


@dataclass(frozen=True)
class ShapeIndex:
    """Place and length in bytes of every record of a ``.shp`` file."""

    offsets: NDArray[np.int64]
    lengths: NDArray[np.int64]


def check_parts(parts: dict[str, Path], origin: Origin) -> ShapeIndex:
    """Compare the private copies of ``.shp``, ``.shx`` and ``.dbf`` and return the record index.

    GDAL reads a cut ``.shp`` with the last shape empty, drops shapes beyond the end of a short ``.dbf``, and
    follows a wrong index to the wrong shapes, all without a word. An index that contradicts a whole ``.shp`` is
    written anew in the private copy, and that is noted.

    Raises
    ------
    Refusal
        ``FILE_CORRUPT`` naming the first record that is cut, ``FILE_INCONSISTENT`` with the counts.
    """
    shp = parts[".shp"]
    size, announced = shp.stat().st_size, _announced(shp)
    rows = record_count(parts[".dbf"])
    index = _index(parts[".shx"], origin)
    walked = index
    if not _agrees(shp, index):
        walked, end = _walk(shp, min(size, announced))
        whole = end == announced <= size
        if not whole:
            record = len(walked.offsets) + 1
            detail = f".shp, record {record} / {max(len(index.offsets), rows)}; {size} / {announced} byte"
            raise origin.refuse("FILE_CORRUPT", detail=detail, row=record)
    elif size < announced:
        raise origin.refuse("FILE_CORRUPT", detail=f".shp, {size} / {announced} byte")
    else:
        behind, _ = _walk(shp, announced, int((index.offsets + 8 + index.lengths).max(initial=_HEADER)))
        if len(behind.offsets):
            walked = ShapeIndex(
                np.concatenate([index.offsets, behind.offsets]),
                np.concatenate([index.lengths, behind.lengths]),
            )
    if len(walked.offsets) != rows:
        counts = f".shp {len(walked.offsets)}, .shx {len(index.offsets)}, .dbf {rows}"
        raise origin.refuse("FILE_INCONSISTENT", counts=counts)
    if walked is not index:
        _write_index(parts[".shx"], shp, walked)
        params = {"index": len(index.offsets), "shapes": len(walked.offsets)}
        origin.note("SHX_REBUILT", params=params)
    return walked


def _agrees(shp: Path, index: ShapeIndex) -> bool:
    """Tell whether every place in the index is the head of a record of that length."""
    size = shp.stat().st_size
    ends = index.offsets + 8 + index.lengths
    if ((index.offsets < _HEADER) | (index.lengths < 4) | (ends > size)).any():
        return False
    if not len(ends):
        return True
    data = np.memmap(shp, dtype="u1", mode="r")
    heads = np.ascontiguousarray(data[index.offsets[:, None] + np.arange(4, 8)])
    return bool((heads.view(">i4").ravel().astype(np.int64) * 2 == index.lengths).all())


def _walk(shp: Path, end: int, start: int = _HEADER) -> tuple[ShapeIndex, int]:
    """Follow the records of a ``.shp`` file from head to head; return them and the place behind the last."""
    offsets, lengths = [], []
    with shp.open("rb") as handle:
        while start + 8 <= end:
            handle.seek(start)
            length = int.from_bytes(handle.read(8)[4:8], "big") * 2
            if length < 4 or start + 8 + length > end:
                break
            offsets.append(start)
            lengths.append(length)
            start += 8 + length
    return ShapeIndex(np.array(offsets, np.int64), np.array(lengths, np.int64)), start


def _write_index(shx: Path, shp: Path, index: ShapeIndex) -> None:
    pairs = np.column_stack([index.offsets, index.lengths]) // 2
    with shp.open("rb") as handle:
        head = handle.read(_HEADER)
    words = (_HEADER + 8 * len(pairs)) // 2
    shx.write_bytes(head[:24] + words.to_bytes(4, "big") + head[28:] + pairs.astype(">i4").tobytes())


def lost_shapes(shp: Path, index: ShapeIndex, empty: NDArray[np.int64]) -> dict[int, str]:
    """Return those of the records read without a shape whose bytes are not of the null type."""
    bad: dict[int, str] = {}
    with shp.open("rb") as handle:
        for place in empty:
            handle.seek(int(index.offsets[place]) + 8)
            kind = int.from_bytes(handle.read(4), "little")
            if kind:
                bad[int(place)] = f".shp, shape type {kind}, {int(index.lengths[place])} byte"
    return bad


def _announced(path: Path) -> int:
    with path.open("rb") as handle:
        return int.from_bytes(handle.read(28)[24:28], "big") * 2


def _index(shx: Path, origin: Origin) -> ShapeIndex:
    data = shx.read_bytes()
    announced = int.from_bytes(data[24:28], "big") * 2
    if len(data) < _HEADER or not _HEADER <= announced <= len(data):
        raise origin.refuse("FILE_CORRUPT", detail=f".shx, {len(data)} < {max(announced, _HEADER)} byte")
    pairs = np.frombuffer(data, ">i4", count=(announced - _HEADER) // 8 * 2, offset=_HEADER).reshape(-1, 2)
    words = pairs.astype(np.int64) * 2
    return ShapeIndex(words[:, 0], words[:, 1])
