"""What is wrong with the input, row by row: rejects, repairs and notes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landzone.units import IntArray


class ProblemKind(StrEnum):
    """Where a problem is listed."""

    REJECT = "reject"
    REPAIR = "repair"
    NOTE = "note"


READ = "read"
"""Action of a repair that lost nothing (1,200万元 read as a number); it does not change the exit code."""

COLUMNS = [
    "source", "layer", "row", "subject_id", "code", "column", "raw_value", "before", "after", "action", "params",
]  # fmt: skip
TEXTS = [name for name in COLUMNS if name != "row"]
"""Columns of every problem frame; messages are rendered from ``code``, the columns and ``params``."""
ORDER = ["layer", "subject_id", "code", "column", "raw_value", "before", "after", "params", "source", "row"]
"""By what a frame of problems is sorted."""


def _json(params: Mapping[str, Any]) -> str:
    return json.dumps(params, ensure_ascii=False, sort_keys=True, default=str)


def _texts(values: Any) -> str | pa.Array:
    """Return one text for all rows of a call, or one for each; what is missing is empty."""
    if np.isscalar(values):
        return "" if pd.isna(values) else str(values)
    own = values.array if isinstance(values, pd.Series | pd.Index) else np.asarray(values)
    return _joined([pa.array(pd.array(own, dtype="str"), type=pa.large_string())]).fill_null("")


@dataclass(frozen=True)
class _Rows:
    """The rows of one call; a text that is the same in all of them is kept once."""

    row: IntArray
    texts: Mapping[str, str | pa.Array]

    def column(self, name: str) -> pa.Array:
        own = self.texts[name]
        return pa.repeat(pa.scalar(own, pa.large_string()), len(self.row)) if isinstance(own, str) else own

    def is_lossless(self) -> bool:
        action = self.texts["action"]
        return action == READ if isinstance(action, str) else bool(pc.all(pc.equal(action, READ)).as_py())


class Problems:
    """Collects rejects, repairs and notes in bulk; one call adds any number of rows.

    ``layer`` is the role (``parcels``, ``plans.city_plan`` …), ``source`` the file as named in the study,
    ``row`` the 1-based number of the record in its source (0 where no row is meant).
    ``params`` (JSON, sorted keys) holds what a message needs beyond the other columns; it must not hold row
    numbers, because shuffled input may change the column ``row`` alone. A list of mappings gives each row its own.
    """

    def __init__(self) -> None:
        self._calls: dict[ProblemKind, list[_Rows]] = {kind: [] for kind in ProblemKind}

    def reject(self, code: str, **fields: Any) -> None:
        """List rows (``column`` empty) or cells (``column`` named) that are not used."""
        self._add(ProblemKind.REJECT, code, {"action": "rejected", **fields})

    def repair(self, code: str, **fields: Any) -> None:
        """List values that were changed by a stated rule; ``action="read"`` where nothing was lost."""
        self._add(ProblemKind.REPAIR, code, {"action": "repaired", **fields})

    def note(self, code: str, **fields: Any) -> None:
        """List what a reader of the results has to know."""
        self._add(ProblemKind.NOTE, code, fields)

    def _add(self, kind: ProblemKind, code: str, fields: Mapping[str, Any]) -> None:
        unknown = set(fields) - {*COLUMNS, "rows", "ids"}
        if unknown:
            raise TypeError(f"unknown problem fields: {sorted(unknown)}")
        row = fields.get("rows", fields.get("row", 0))
        given = {**fields, "code": code, "subject_id": fields.get("ids", fields.get("subject_id", ""))}
        params = fields.get("params") or {}
        given["params"] = _json(params) if isinstance(params, Mapping) else [_json(p) for p in params]
        own = [given.get(name, "") for name in TEXTS]
        size = max((len(values) for values in (row, *own) if not np.isscalar(values)), default=1)
        if size:
            rows = np.broadcast_to(np.asarray(row, dtype=np.int64), size)
            self._calls[kind].append(_Rows(rows, dict(zip(TEXTS, map(_texts, own), strict=True))))

    def extend(self, other: Problems) -> None:
        """Take over everything another collector holds."""
        for kind in ProblemKind:
            self._calls[kind].extend(other._calls[kind])

    def restore(self, kind: ProblemKind, frame: pd.DataFrame) -> None:
        """Take over a frame that ``frame`` returned earlier."""
        if len(frame):
            texts = {name: _texts(frame[name]) for name in TEXTS}
            self._calls[kind].append(_Rows(frame["row"].to_numpy(dtype=np.int64), texts))

    def copy(self) -> Problems:
        """Return a collector that can grow on its own."""
        twin = Problems()
        twin.extend(self)
        return twin

    def count(self, kind: ProblemKind) -> int:
        """Return how many rows of one kind there are."""
        return sum(len(call.row) for call in self._calls[kind])

    def frame(self, kind: ProblemKind) -> pd.DataFrame:
        """Return one kind as a frame, sorted by content; the source row number decides last."""
        calls = self._calls[kind]
        row = np.concatenate([np.zeros(0, dtype=np.int64), *(call.row for call in calls)])
        texts = {name: _joined([call.column(name) for call in calls]) for name in TEXTS}
        whole = pa.record_batch({name: row if name == "row" else texts[name] for name in COLUMNS})
        place = pc.sort_indices(whole, sort_keys=[(name, "ascending") for name in ORDER])
        rows = whole.take(place)
        columns = {name: pd.array(rows.column(name), dtype="str") for name in TEXTS}
        return pd.DataFrame({"row": rows.column("row").to_numpy(), **columns}, columns=COLUMNS)

    def has_losses(self) -> bool:
        """Tell whether anything was rejected or changed, so that the run ends with exit code 4."""
        repairs = self._calls[ProblemKind.REPAIR]
        return bool(self._calls[ProblemKind.REJECT]) or not all(call.is_lossless() for call in repairs)


def _joined(texts: Iterable[pa.Array | pa.ChunkedArray]) -> pa.Array:
    """Return texts as one array; what pandas has put together from parts comes as chunks."""
    parts = [part for own in texts for part in (own.chunks if isinstance(own, pa.ChunkedArray) else [own])]
    return pa.chunked_array(parts, type=pa.large_string()).combine_chunks()
