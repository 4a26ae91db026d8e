"""What is known of a source of a folder that was taken for something, and of the folder as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from landzone.catalog.crosswalks import Crosswalk
from landzone.errors import Refusal
from landzone.geometry.crs import lonlat_bounds
from landzone.io import evidence
from landzone.io.columns import Match, match_columns
from landzone.io.survey import Look

_NOWHERE = (float("nan"),) * 4


@dataclass(frozen=True)
class Remark:
    """One thing to say about a source: a sentence of ``labels/study_file.toml``.

    ``line`` is a line of the study file that the user may take over, ``open`` tells that something of the kind has
    to be stated before the study can be opened.
    """

    word: str
    params: Mapping[str, Any] = field(default_factory=dict)
    line: str = ""
    open: bool = False


@dataclass
class Taken:
    """A source and what it was taken for.

    Attributes
    ----------
    word, how : str
        The evidence: a word of its ``name``, or a header among its ``columns``.
    entry : dict
        Keys that the study needs, as in a study file.
    shown : dict
        Keys that the audit finds by itself and that are written down for the reader.
    matches : list of Match
        Columns and what they were taken for.
    """

    look: Look
    role: str
    word: str
    how: str
    entry: dict[str, Any]
    shown: dict[str, str] = field(default_factory=dict)
    matches: list[Match] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Role as the readers know it: ``parcels``, ``plans.city_plan``."""
        group, _, name = self.role.partition(".")
        return name if group in ("layers", "tables") else self.role

    def say(self, word: str, *, line: str = "", open: bool = False, **params: Any) -> None:
        """Add a remark."""
        self.remarks.append(Remark(word, params, line, open))


@dataclass(frozen=True)
class Ground:
    """What is known of the folder as a whole: where the parcels lie, their ids, the class lists beside the data."""

    folder: Path
    parcels: str = ""
    bounds: tuple[float, float, float, float] = _NOWHERE
    ids: frozenset[str] = frozenset()
    classes: tuple[Crosswalk, ...] = ()
    located: tuple[Look, ...] = ()

    @staticmethod
    def of(
        parcels: Taken | None, looks: Sequence[Look], classes: Sequence[Crosswalk], folder: Path
    ) -> Ground:
        """Return the ground of a folder; without parcels nothing can be compared with them."""
        located = tuple(
            x for x in looks if x.raw is not None and x.raw.crs is not None and not x.raw.crs_assumed
        )
        raw = parcels.look.raw if parcels else None
        if parcels is None or raw is None:
            return Ground(folder, classes=tuple(classes), located=located)
        bounds = lonlat_bounds(raw.geometry, raw.crs) if raw.crs and raw.geometry is not None else _NOWHERE
        try:
            matches = match_columns(parcels.look.read_as("parcels"), {}, {})
        except Refusal:
            matches = []
        header = next((m.header for m in matches if m.spec.name == "parcel_id"), "")
        ids = evidence.ids_of(raw, header) if header else frozenset()
        return Ground(folder, parcels.look.source, bounds, ids, tuple(classes), located)
