"""MapInfo TAB and MIF: the parts are compared with each other, because GDAL reads a damaged one as a shorter one."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from landzone.io.gdal_reader import Unreadable

_HEADER = 32
_POINTER = 4
_OBJECT = re.compile(
    rb"^[ \t]*(none|point|line|pline|region|arc|text|rect|roundrect|ellipse|multipoint|collection)\b",
    re.I | re.M,
)
_DATA = re.compile(rb"^[ \t]*data[ \t]*\r?$", re.I | re.M)


def records_in_tab(path: Path) -> int:
    """Return the number of records that are not deleted, from the header and flags of the ``.dat`` file.

    Parameters
    ----------
    path : Path
        Private copy of the ``.tab`` file, beside its parts.

    Raises
    ------
    Unreadable
        Where ``.dat`` is shorter than its header says, or ``.id`` has pointers for another number of records.
    """
    table, pointers = path.with_suffix(".dat"), path.with_suffix(".id").stat().st_size
    size = table.stat().st_size
    with table.open("rb") as handle:
        head = handle.read(_HEADER)
    count, start = int.from_bytes(head[4:8], "little"), int.from_bytes(head[8:10], "little")
    width = int.from_bytes(head[10:12], "little")
    if start < _HEADER or width < 1 or size < start + count * width:
        raise Unreadable(f".dat, {size} < {start + count * width} byte")
    if pointers != count * _POINTER:
        raise Unreadable(f".id {pointers // _POINTER}, .dat {count}")
    if not count:
        return 0
    flags = np.memmap(table, dtype="u1", mode="r", offset=start, shape=(count, width))[:, 0]
    return count - int(np.count_nonzero(flags == ord("*")))


def records_in_mif(path: Path) -> int:
    """Return the number of records of a MIF file, the same in ``.mif`` and ``.mid``.

    Parameters
    ----------
    path : Path
        Private copy, beside its ``.mid`` if it has one.

    Raises
    ------
    Unreadable
        Where there are not as many shapes as rows of attributes; GDAL reads as many as there are of both.
    """
    data = path.read_bytes()
    start = _DATA.search(data)
    if start is None:
        raise Unreadable(".mif: Data")
    kinds = [match.group(1).lower() for match in _OBJECT.finditer(data, start.end())]
    table = path.with_suffix(".mid")
    if not table.exists():
        return -1
    lines = table.read_bytes().splitlines()
    filled = sum(bool(line.strip()) for line in lines)  # a row may be blank, and so may the end of the file
    if b"collection" in kinds:  # the parts of a collection look like shapes of their own
        return filled
    if not filled <= len(kinds) <= len(lines):
        raise Unreadable(f".mif {len(kinds)}, .mid {filled}")
    return len(kinds)
