"""What is wrong with the input, row by row: rejects, repairs and notes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd


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


def _json(params: Mapping[str, Any]) -> str:
    return json.dumps(params, ensure_ascii=False, sort_keys=True, default=str)


def _typed(frame: pd.DataFrame, texts: Sequence[str]) -> pd.DataFrame:
    """Return a frame of problems with whole row numbers and texts."""
    frame["row"] = pd.to_numeric(frame["row"]).astype("int64")
    frame[texts] = frame[texts].astype("str").fillna("")
    return frame


def _one_call(data: Mapping[str, Any], size: int) -> pd.DataFrame:
    """Return the rows of one call; a text that is the same in all of them is kept once (one category)."""
    same = {name: data[name] for name in TEXTS if np.isscalar(data[name])}
    own = {name: np.asarray(values) for name, values in data.items() if name not in same and name != "row"}
    frame = pd.DataFrame({**own, "row": data["row"]}, index=range(size))
    frame = _typed(frame, list(own))
    codes = np.zeros(size, dtype=np.int8)
    for name, text in same.items():
        kind = pd.CategoricalDtype(pd.Index(["" if pd.isna(text) else str(text)], dtype="str"))
        frame[name] = pd.Categorical.from_codes(codes, dtype=kind)
    return frame[COLUMNS]


class Problems:
    """Collects rejects, repairs and notes in bulk; one call adds any number of rows.

    ``layer`` is the role (``parcels``, ``plans.city_plan`` …), ``source`` the file as named in the study,
    ``row`` the 1-based number of the record in its source (0 where no row is meant).
    ``params`` (JSON, sorted keys) holds what a message needs beyond the other columns; it must not hold row
    numbers, because shuffled input may change the column ``row`` alone. A list of mappings gives each row its own.
    """

    def __init__(self) -> None:
        self._frames: dict[ProblemKind, list[pd.DataFrame]] = {kind: [] for kind in ProblemKind}
        self._rows: dict[ProblemKind, list[dict[str, Any]]] = {kind: [] for kind in ProblemKind}

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
        rows = fields.get("rows", fields.get("row", 0))
        ids: Any = fields.get("ids", fields.get("subject_id", ""))
        data: dict[str, Any] = {name: fields.get(name, "") for name in COLUMNS}
        data |= {"row": rows, "subject_id": ids, "code": code}
        params = fields.get("params") or {}
        data["params"] = _json(params) if isinstance(params, Mapping) else [_json(p) for p in params]
        many = {len(v) for v in data.values() if not np.isscalar(v)}
        if not many:
            self._rows[kind].append(data)
        elif max(many):
            self._frames[kind].append(_one_call(data, max(many)))

    def _parts(self, kind: ProblemKind) -> list[pd.DataFrame]:
        """Return everything of one kind; what came row by row becomes one frame."""
        rows = self._rows[kind]
        return (
            [*self._frames[kind], _typed(pd.DataFrame(rows, columns=COLUMNS), TEXTS)]
            if rows
            else self._frames[kind]
        )

    def extend(self, other: Problems) -> None:
        """Take over everything another collector holds."""
        for kind in ProblemKind:
            self._frames[kind].extend(other._frames[kind])
            self._rows[kind].extend(other._rows[kind])

    def restore(self, kind: ProblemKind, frame: pd.DataFrame) -> None:
        """Take over a frame that ``frame`` returned earlier."""
        if len(frame):
            kinds = {**dict.fromkeys(TEXTS, "str"), "row": "int64"}
            self._frames[kind].append(frame[COLUMNS].astype(kinds).reset_index(drop=True))

    def copy(self) -> Problems:
        """Return a collector that can grow on its own."""
        twin = Problems()
        twin.extend(self)
        return twin

    def frame(self, kind: ProblemKind) -> pd.DataFrame:
        """Return one kind as a frame, sorted by content; the source row number decides last."""
        parts = self._parts(kind)
        if not parts:
            empty = pd.DataFrame({c: pd.Series(dtype="str") for c in COLUMNS})
            return empty.astype({"row": "int64"})
        plain = dict.fromkeys(TEXTS, "str")
        whole = pd.concat([part.astype(plain) for part in parts], ignore_index=True)
        order = [
            "layer",
            "subject_id",
            "code",
            "column",
            "raw_value",
            "before",
            "after",
            "params",
            "source",
            "row",
        ]
        return whole.sort_values(order, kind="stable", ignore_index=True)

    def has_losses(self) -> bool:
        """Tell whether anything was rejected or changed, so that the run ends with exit code 4."""
        if self._parts(ProblemKind.REJECT):
            return True
        return any((frame["action"] != READ).any() for frame in self._parts(ProblemKind.REPAIR))
