"""How a layer passes from the process that parsed its file to the one that audits it: Arrow, WKB and JSON.

Nothing that comes back is ever executed, as a pickle would be: whatever a harmful file made of the reading process,
its answer is data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj
import shapely
from numpy.typing import NDArray

from landzone.errors import Place, Refusal
from landzone.io.raw import Raw
from landzone.model.problems import ProblemKind, Problems

_BATCH = 1 << 15
_SHAPES = pa.schema([("wkb", pa.large_binary())])
_PLAIN = ("role", "source", "layer", "rows_in", "encoding", "encoding_guessed", "sha256", "crs_assumed")
_TIMES = {kind.__name__: kind for kind in (datetime, date, time)}


def write_raw(raw: Raw, stem: Path) -> dict[str, Any]:
    """Write a layer or table beside ``stem`` and return what else there is to say about it.

    Parameters
    ----------
    raw : Raw
        As a reader returns it.
    stem : Path
        ``<stem>.cells``, ``<stem>.objects`` and ``<stem>.shapes`` are written.

    Returns
    -------
    dict
        JSON values only; `read_raw` makes the same `Raw` of them again.
    """
    arrays: list[Any] = [pa.array(raw.rows)]
    objects = {}
    for place, (_, column) in enumerate(raw.cells.items()):
        if column.dtype == object:
            objects[str(place)] = [_plain(cell) for cell in column]
            arrays.append(pa.nulls(len(column)))
        else:
            arrays.append(pa.Array.from_pandas(column))
    table = pa.table(arrays, [str(n) for n in range(len(arrays))])
    _write(stem.with_suffix(".cells"), table.schema, table.to_batches(_BATCH))
    if objects:
        stem.with_suffix(".objects").write_text(json.dumps(objects), "ascii")
    if raw.geometry is not None:
        _write(stem.with_suffix(".shapes"), _SHAPES, _packed(raw.geometry))
    return {
        **{name: getattr(raw, name) for name in _PLAIN},
        "columns": list(raw.cells.columns),
        "dtypes": [str(dtype) for dtype in raw.cells.dtypes],
        "objects": bool(objects),
        "crs": None if raw.crs is None else raw.crs.srs,
        "spatial": raw.geometry is not None,
    }


def read_raw(about: Mapping[str, Any], stem: Path) -> Raw:
    """Return the layer or table that `write_raw` wrote, and remove its files."""
    table = _read(stem.with_suffix(".cells")).read_all()
    count = table.num_rows
    objects = json.loads(stem.with_suffix(".objects").read_text("ascii")) if about["objects"] else {}
    columns = []
    for place, dtype in enumerate(about["dtypes"]):
        if dtype == "object":
            cells: pd.Series[Any] = pd.Series([_cell(c) for c in objects[str(place)]], dtype=object)
        else:
            array = table.column(place + 1)
            cells = pd.Series(array.to_pandas(types_mapper=_nullable(dtype)), dtype=dtype)
        columns.append(cells)
    frame = pd.DataFrame(dict(enumerate(columns)), index=pd.RangeIndex(count))
    frame.columns = pd.Index(about["columns"], dtype="str")
    raw = Raw(
        cells=frame,
        rows=table.column(0).to_numpy().astype(np.int64),
        geometry=_unpacked(stem.with_suffix(".shapes"), count) if about["spatial"] else None,
        crs=None if about["crs"] is None else pyproj.CRS.from_user_input(about["crs"]),
        **{name: about[name] for name in _PLAIN},
    )
    del table
    for suffix in (".cells", ".objects", ".shapes"):
        stem.with_suffix(suffix).unlink(missing_ok=True)
    return raw


def _nullable(dtype: str) -> Any:
    kinds = {"Int64": pd.Int64Dtype(), "boolean": pd.BooleanDtype()}
    return (lambda _: kinds[dtype]) if dtype in kinds else None


def _packed(shapes: NDArray[np.object_]) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(shapes), _BATCH):
        wkb = shapely.to_wkb(shapes[start : start + _BATCH])
        yield pa.record_batch([pa.array(wkb, pa.large_binary())], schema=_SHAPES)


def _unpacked(path: Path, count: int) -> NDArray[np.object_]:
    shapes = np.empty(count, dtype=object)
    start = 0
    for batch in _read(path):
        values = batch.column(0).to_numpy(zero_copy_only=False)
        with np.errstate(invalid="ignore"):  # shapes without a number for a coordinate are for the gate
            shapes[start : start + len(values)] = shapely.from_wkb(values)
        start += len(values)
    return shapes


def _write(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def _read(path: Path) -> pa.RecordBatchStreamReader:
    # into memory, not mapped: Windows cannot remove a file that is mapped
    return pa.ipc.open_stream(pa.OSFile(str(path), "rb"))


def _plain(cell: object) -> Any:
    """Return a cell of a spreadsheet as JSON; what JSON has no word for becomes a pair of kind and text."""
    if cell is None or isinstance(cell, (str, bool, int, float)):
        return cell
    if isinstance(cell, timedelta):
        return ["timedelta", [cell.days, cell.seconds, cell.microseconds]]
    for name, kind in _TIMES.items():
        if isinstance(cell, kind):
            return [name, cell.isoformat()]
    raise TypeError(f"a cell of type {type(cell).__name__}")


def _cell(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    kind, content = value
    return timedelta(*content) if kind == "timedelta" else _TIMES[kind].fromisoformat(content)


def pack_problems(problems: Problems) -> dict[str, Any]:
    """Return what was listed, as JSON values."""
    frames = {kind.value: problems.frame(kind) for kind in ProblemKind}
    return {kind: frame.to_dict("list") for kind, frame in frames.items() if len(frame)}


def unpack_problems(packed: Mapping[str, Any], problems: Problems) -> None:
    """List what `pack_problems` packed."""
    for kind, columns in packed.items():
        problems.restore(ProblemKind(kind), pd.DataFrame(columns))


def pack_refusal(error: Refusal) -> list[Any]:
    """Return a refusal as JSON values."""
    code, place, *rest = error.__reduce__()[1]
    return [code, [place.file, place.layer, place.row, place.column], *rest]


def unpack_refusal(kind: type[Refusal], packed: list[Any]) -> Refusal:
    """Return the refusal that `pack_refusal` packed."""
    code, place, *rest = packed
    return kind(code, Place(*place), *rest)
