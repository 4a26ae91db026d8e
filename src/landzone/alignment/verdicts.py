"""The judgement of one drawn boundary: conflicts, an answer for each theme, and one for the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landzone.alignment.boundary import Drawn, concerned_part, says_nothing
from landzone.alignment.conformity import Conformity, conformity
from landzone.alignment.ground import PLAN_ROLE, PRESENT_ROLE
from landzone.alignment.pair_table import CONSTRUCTION, UNKNOWN, AlignmentTypes
from landzone.geometry.pairs import shared_ground
from landzone.geometry.width import is_sliver, mean_width_m
from landzone.model.layer import Constraint, SpatialPlan
from landzone.model.study import AlignmentSettings
from landzone.units import AREA_UNITS_PER_M2, largest_remainder

_BUILDING = (CONSTRUCTION, "")
LINE_ROLE = "line"
"""Kind of a theme that is a line of control, beside the roles of plans."""


class State(StrEnum):
    """Whether a theme touches a boundary (after the extract of the Swiss cadastre of restrictions)."""

    CONCERNED = "concerned"
    NOT_CONCERNED = "not_concerned"
    NO_DATA = "no_data"


class Answer(StrEnum):
    """The four answers for a theme and for a boundary: 符合, 部分符合, 不符合, 无法判断."""

    CONFORMS = "conforms"
    PARTLY = "partly"
    CONFLICTS = "conflicts"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a theme has no answer, or only half of one."""

    NONE = ""
    NOT_GIVEN = "not_given"
    UNCOVERED = "uncovered"
    OUTSIDE_STUDY = "outside_study"
    NOT_IN_FORCE = "not_in_force"


@dataclass(frozen=True)
class Theme:
    """A plan or line and what it means for one boundary; areas in 1e-4 m². Present use has no verdict.

    ``borderline``: all that contradicts lies within the precision of the boundary; ``is_sliver``: all of it is narrow.
    """

    theme_kind: str
    theme: str
    state: State
    verdict: Answer | None
    reason: Reason = Reason.NONE
    concerned: int = 0
    allowed: int = 0
    contrary: int = 0
    missing: int = 0
    borderline: bool = False
    is_sliver: bool = False


@dataclass(frozen=True)
class Judge:
    """What every boundary of a run is judged by."""

    types: AlignmentTypes
    settings: AlignmentSettings
    precision_m: float
    required_lines: Sequence[str] = ()
    land_uses: Sequence[str] = ()
    not_in_force: frozenset[str] = field(default_factory=frozenset)

    def plan_conflicts(self, drawn: Drawn, plan: SpatialPlan, pieces: pd.DataFrame) -> pd.DataFrame:
        """List the connected ground on which a plan does not simply allow construction."""
        known = pieces[~says_nothing(pieces["common"])]
        kinds = {str(common): self._type(str(common)) for common in known["common"].unique()}
        against = known[[self.types.types[kinds[str(c)]].disagrees for c in known["common"]]]
        rows = []
        for row in against.itertuples(index=False):
            kind = self.types.types[kinds[str(row.common)]]
            said = {
                "theme_kind": PLAN_ROLE,
                "theme": plan.name,
                "code": row.code,
                "class_name": row.class_name,
            }
            rows.append(self._patches(drawn, row, {**said, "type": kind.id, "severity": kind.severity}))
        return _stacked(rows)

    def line_conflicts(self, drawn: Drawn, line: Constraint, pieces: pd.DataFrame) -> pd.DataFrame:
        """List the connected ground that a line of control is against, however small."""
        said = {"theme_kind": LINE_ROLE, "theme": line.name, "code": "", "class_name": ""}
        said |= {"type": line.type, "severity": line.severity}
        against = pieces[pieces["part"] == concerned_part(line)]
        return _stacked([self._patches(drawn, row, said) for row in against.itertuples(index=False)])

    def _type(self, common: str) -> str:
        """Return what construction means under a class; claims joined by ``|`` count by the gravest."""
        claims = [(one, "") for one in common.split("|") if one != UNKNOWN]
        return self.types.gravest([self.types.of_pair(a, b) for a, b in product([_BUILDING], claims)])

    def _patches(self, drawn: Drawn, row: Any, said: Mapping[str, Any]) -> pd.DataFrame:
        parts = shapely.get_parts(row.geometry)
        if not len(parts):
            return pd.DataFrame()
        units = largest_remainder(int(row.area), drawn.measure.units(parts))
        narrow = is_sliver(parts, self.settings.sliver_width_m)
        table = pd.DataFrame({**said, "area": units, "width_m": mean_width_m(parts), "is_sliver": narrow})
        table["borderline"] = units <= shapely.length(parts) * self.precision_m * AREA_UNITS_PER_M2
        if said["theme_kind"] == PLAN_ROLE:
            table.loc[narrow, "severity"] = self.types.precision_severity
        table["parcels"] = _parcels_under(drawn, parts)
        return table.assign(geometry=parts)[units > 0]

    def plan_theme(
        self, drawn: Drawn, plan: SpatialPlan, pieces: pd.DataFrame, conflicts: pd.DataFrame
    ) -> Theme:
        """Judge a boundary by one plan."""
        nothing = says_nothing(pieces["common"])
        area = pieces["area"].to_numpy()
        missing, concerned = int(area[nothing].sum()), int(area[~nothing].sum())
        allowed = int(area[(pieces["common"] == CONSTRUCTION).to_numpy()].sum())
        sums: dict[str, Any] = {"concerned": concerned, "allowed": allowed, "missing": missing}
        sums["contrary"] = concerned - allowed
        if not concerned:
            return Theme(PLAN_ROLE, plan.name, State.NO_DATA, Answer.UNKNOWN, Reason.UNCOVERED, **sums)
        if plan.name in self.not_in_force:
            reason = Reason.NOT_IN_FORCE
            return Theme(PLAN_ROLE, plan.name, State.CONCERNED, Answer.UNKNOWN, reason, **sums)
        found = self.conformity(drawn, [plan], hit=False)
        wide = conflicts[~conflicts["is_sliver"]] if len(conflicts) else conflicts
        answer, reason = Answer(str(found)), Reason.NONE
        if found is Conformity.PARTLY and not len(wide):
            answer, reason = Answer.UNKNOWN, Reason.UNCOVERED
        elif found is not Conformity.CONFORMS and self._lacks_ground(pieces[nothing]):
            reason = Reason.UNCOVERED
        close = bool(len(wide)) and bool(wide["borderline"].all())
        return Theme(PLAN_ROLE, plan.name, State.CONCERNED, answer, reason, borderline=close, **sums)

    def present_theme(self, plan: SpatialPlan, pieces: pd.DataFrame) -> Theme:
        """Tell how much of a boundary has a present use; there is nothing to judge."""
        nothing = says_nothing(pieces["common"])
        area = pieces["area"].to_numpy()
        missing, concerned = int(area[nothing].sum()), int(area[~nothing].sum())
        state = State.CONCERNED if concerned else State.NO_DATA
        reason = Reason.UNCOVERED if self._lacks_ground(pieces[nothing]) else Reason.NONE
        return Theme(PRESENT_ROLE, plan.name, state, None, reason, concerned=concerned, missing=missing)

    def _lacks_ground(self, pieces: pd.DataFrame) -> bool:
        """Tell whether ground without data is more than the slivers between two drawings of one line."""
        parts = shapely.get_parts(pieces["geometry"].to_numpy(dtype=object))
        return bool(len(parts)) and not is_sliver(parts, self.settings.sliver_width_m).all()

    def line_theme(
        self, drawn: Drawn, line: Constraint, conflicts: pd.DataFrame, outside_study: int
    ) -> Theme:
        """Judge a boundary by one line of control; ground outside the study is ground without data."""
        hit = int(conflicts["area"].sum()) if len(conflicts) else 0
        sums: dict[str, Any] = {"concerned": hit, "contrary": hit, "missing": outside_study}
        reason = Reason.OUTSIDE_STUDY if outside_study else Reason.NONE
        if hit:
            sums["is_sliver"] = bool(conflicts["is_sliver"].all())
            close = bool(conflicts["borderline"].all())
            return Theme(
                LINE_ROLE, line.name, State.CONCERNED, Answer.CONFLICTS, reason, borderline=close, **sums
            )
        if outside_study:
            return Theme(LINE_ROLE, line.name, State.NO_DATA, Answer.UNKNOWN, reason, **sums)
        return Theme(LINE_ROLE, line.name, State.NOT_CONCERNED, Answer.CONFORMS, **sums)

    def conformity(self, drawn: Drawn, plans: Sequence[SpatialPlan], *, hit: bool) -> Conformity:
        """Return what the audit says of a parcel with this shape."""
        own = gpd.GeoSeries([drawn.shape], index=pd.Index([drawn.boundary_id], dtype="str"))
        struck = pd.Index([drawn.boundary_id] if hit else [], dtype="str")
        return Conformity(conformity(own, plans, struck, drawn.measure, self.settings).iloc[0])

    def absent_lines(self, given: Sequence[str], units: int) -> list[Theme]:
        """Return the themes of lines that have to be there and were not given."""
        state: dict[str, Any] = {
            "state": State.NO_DATA,
            "verdict": Answer.UNKNOWN,
            "reason": Reason.NOT_GIVEN,
        }
        absent = [name for name in self.required_lines if name not in given]
        return [Theme(LINE_ROLE, name, **state, missing=units) for name in absent]


def conclude(found: Conformity, themes: Sequence[Theme]) -> Answer:
    """Return the answer for a boundary from what its parcel would be told and from its themes.

    conforms   every plan allows construction on all of it, no line is hit, and no theme is without an answer
    unknown    no plan says anything, or nothing contradicts and a theme is without an answer
    conflicts  no ground is left on which construction is allowed
    partly     anything else

    Where no plan says anything a line that is hit makes it ``conflicts``: nothing is known that would conform.

    >>> line = Theme("line", "redline", State.NO_DATA, Answer.UNKNOWN, Reason.NOT_GIVEN)
    >>> str(conclude(Conformity.CONFORMS, [line])), str(conclude(Conformity.CONFLICTS, [line]))
    ('unknown', 'conflicts')
    """
    judged = [theme for theme in themes if theme.theme_kind != PRESENT_ROLE]
    against = any(theme.verdict in (Answer.PARTLY, Answer.CONFLICTS) for theme in judged)
    if found is Conformity.NO_PLAN:
        return Answer.CONFLICTS if against else Answer.UNKNOWN
    if found is Conformity.CONFORMS or (found is Conformity.PARTLY and not against):
        known = all(theme.verdict is Answer.CONFORMS for theme in judged)
        return Answer.CONFORMS if known and found is Conformity.CONFORMS else Answer.UNKNOWN
    return Answer(str(found))


def _parcels_under(drawn: Drawn, parts: Any) -> list[str]:
    """Return for each part the ids of the parcels it lies on, joined by ``|``."""
    shared = shared_ground(parts, np.asarray(drawn.parcels.to_numpy(), dtype=object), drawn.measure)
    names: list[list[str]] = [[] for _ in parts]
    for left, right in zip(shared.left, shared.right, strict=True):
        names[left].append(str(drawn.parcels.index[right]))
    return ["|".join(sorted(own)) for own in names]


def _stacked(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    kept = [table for table in tables if len(table)]
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame()
