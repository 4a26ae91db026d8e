"""Tables of any length as Parquet: written piece by piece, always cut at the same rows."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

GROUP_ROWS = 10_000
FILE_ROWS = 500_000


class TableParts:
    """Writes one table as ``part-00000.parquet`` … (GeoParquet 1.1 with a bbox covering where it has geometry).

    Files and row groups are cut by the number of rows alone, so that the bytes do not tell in what pieces the rows
    came. No more than one row group is held. What GeoParquet says of a whole file (its box, its types of geometry) is
    left open, as the standard allows: it is known when the last row is written and would stand in front.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows = 0
        self._held: list[pa.Table] = []
        self._schema: pa.Schema | None = None
        self._writer: pq.ParquetWriter | None = None
        self._written, self._files = 0, 0

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns."""
        return [] if self._schema is None else [name for name in self._schema.names if name != "bbox"]

    def add(self, path: Path) -> None:
        """Add the rows of a Parquet file."""
        with pq.ParquetFile(path) as file:
            if self._schema is None:
                self._schema = _open_ended(file.schema_arrow)
            for batch in file.iter_batches(GROUP_ROWS):
                self._take(pa.Table.from_batches([batch]))

    def add_frame(self, frame: pd.DataFrame) -> None:
        """Add the rows of a table without geometry."""
        table = pa.Table.from_pandas(frame, preserve_index=False)
        if self._schema is None:
            self._schema = _open_ended(table.schema)
        self._take(table)

    def close(self) -> None:
        """Write what is held, and an empty file where there are no rows at all."""
        if self._schema is not None and (self._held or not self._files):
            self._held = self._held or [self._schema.empty_table()]
            self._write()
        self._end()

    def _take(self, table: pa.Table) -> None:
        table = table.cast(self._schema)
        self.rows += len(table)
        while len(table):
            more = table.slice(0, GROUP_ROWS - sum(map(len, self._held)))
            self._held.append(more)
            table = table.slice(len(more))
            if sum(map(len, self._held)) == GROUP_ROWS:
                self._write()

    def _write(self) -> None:
        table = pa.concat_tables(self._held).combine_chunks()
        self._held = []
        if self._writer is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self.folder / f"part-{self._files:05d}.parquet"
            self._writer = pq.ParquetWriter(path, table.schema, compression="zstd")
            self._files += 1
        self._writer.write_table(table, row_group_size=GROUP_ROWS)
        self._written += len(table)
        if self._written >= FILE_ROWS:
            self._end()

    def _end(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer, self._written = None, 0


def _open_ended(schema: pa.Schema) -> pa.Schema:
    """Return a schema that says of its geometry what holds for any rows of it."""
    geo = json.loads((schema.metadata or {}).get(b"geo", b"null"))
    if geo is None:
        return schema.remove_metadata()
    for column in geo["columns"].values():
        column.pop("bbox", None)
        column["geometry_types"] = []
    return schema.with_metadata({"geo": json.dumps(geo, sort_keys=True)})
