"""A worksheet that takes whole tables as arrays: millions of cells become XML column by column, not one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from landzone.units import FloatArray

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_AT_ONCE = 8_192
"""Rows of a table that are text at one time."""


@dataclass(frozen=True)
class Cells:
    """One column of a table: for each cell a number, or the number of its text in the book, and that of its format.

    All tables of a book are held until it is closed, so they are held in few bytes a cell.
    """

    values: FloatArray | NDArray[np.int32]
    styles: NDArray[np.int16]
    is_text: NDArray[np.bool_]


class BlockSheet(Worksheet):  # type: ignore[misc]
    """A worksheet of xlsxwriter that takes tables of numbers and texts as blocks of rows beside single cells.

    The library keeps an object for each cell and writes it by itself; a block is kept as arrays and written as the
    same XML, thirty times as fast. Rows of a block hold nothing but the block; it begins in the first column.
    """

    def __init__(self) -> None:
        super().__init__()
        self.dim_rowmin: Any
        self.dim_rowmax: Any
        self.blocks: list[tuple[int, list[Cells]]] = []

    def write_block(self, row: int, columns: Sequence[Cells]) -> None:
        """Put a table of at least one row below all that was written before."""
        self.blocks.append((row, list(columns)))
        self._check_dimensions(row, 0)
        self._check_dimensions(row + len(columns[0].values) - 1, len(columns) - 1)

    def _write_rows(self) -> None:
        """Write single cells and blocks in the order of their rows."""
        first, last = int(self.dim_rowmin), int(self.dim_rowmax)
        at = first
        for row, columns in self.blocks:
            self._write_between(at, row - 1)
            self.fh.flush()
            for xml in rows_xml(row, columns):
                self.fh.buffer.write(xml)
            at = row + len(columns[0].values)
        self._write_between(at, last)
        self.dim_rowmin, self.dim_rowmax = first, last

    def _write_between(self, first: int, last: int) -> None:
        if first <= last:
            self.dim_rowmin, self.dim_rowmax = first, last
            super()._write_rows()


def rows_xml(row: int, columns: Sequence[Cells]) -> Iterator[memoryview]:
    """Give the rows of a block as XML, in pieces.

    >>> cells = Cells(np.array([1.5, 0.0]), np.array([3, 4]), np.array([False, True]))
    >>> print(bytes(next(rows_xml(6, [cells]))).decode())
    <row r="7"><c r="A7" s="3"><v>1.5</v></c></row><row r="8"><c r="A8" s="4" t="s"><v>0</v></c></row>
    """
    count = len(columns[0].values)
    for first in range(0, count, ROWS_AT_ONCE):
        yield _piece(row + first, [_cut(cells, first, first + ROWS_AT_ONCE) for cells in columns])


def _cut(cells: Cells, first: int, last: int) -> Cells:
    return Cells(cells.values[first:last], cells.styles[first:last], cells.is_text[first:last])


def _piece(row: int, columns: Sequence[Cells]) -> memoryview:
    """Join the texts of all cells, row by row, and return their bytes."""
    import pyarrow as pa
    import pyarrow.compute as pc

    count = len(columns[0].values)
    numbers = pc.cast(pa.array(np.arange(row + 1, row + count + 1)), pa.string())
    parts: list[Any] = ['<row r="', numbers]
    for place, cells in enumerate(columns):
        ahead = '"><c r="' if place == 0 else '</v></c><c r="'
        parts += [ahead + xl_col_to_name(place), numbers, *_cell_parts(cells)]
    joined = pc.binary_join_element_wise(*parts, "</v></c></row>", "")
    _, offsets, data = joined.buffers()
    return memoryview(data)[: int(np.frombuffer(offsets, np.int32)[count])]


def _cell_parts(cells: Cells) -> tuple[pa.Array, pa.Array]:
    """Return for each cell what stands before its value, and the value."""
    import pyarrow as pa
    import pyarrow.compute as pc

    known, place = np.unique(cells.styles.astype(np.int32) * 2 + cells.is_text, return_inverse=True)
    heads = [f'" s="{one // 2}"' + (' t="s"' if one % 2 else "") + "><v>" for one in known]
    values = pc.cast(pa.array(cells.values), pa.string())
    return pa.array(heads).take(pa.array(place)), values
