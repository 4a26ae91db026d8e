"""MapInfo TAB: its parts are compared with each other, because GDAL reads a damaged one as a shorter one."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from landzone.io.gdal_reader import Unreadable

_HEADER = 32
_POINTER = 4


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
