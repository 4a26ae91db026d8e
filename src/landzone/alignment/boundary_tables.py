"""The tables of judged boundaries, filled one boundary at a time; areas in whole units of 1e-4 m²."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from landzone.alignment.boundary import UNDER, Drawn, Names, line_pieces, outside_of, plan_pieces, touched
from landzone.alignment.boundary_disputes import boundary_disagreements
from landzone.alignment.ground import PLAN_ROLE, PRESENT_ROLE
from landzone.alignment.pair_table import Kind
from landzone.alignment.verdicts import LINE_ROLE, Answer, Judge, Theme, conclude
from landzone.geometry.area import AreaMeasure
from landzone.geometry.boxes import box_meets
from landzone.geometry.width import is_sliver
from landzone.model.layer import Layer
from landzone.model.study import AreaKind, Study

TABLES = (
    "boundaries", "themes", "occupied", "conflicts", "disagreements", "parcels", "zones", "land_use"
)  # fmt: skip


class BoundaryTables:
    """The tables of a run, filled boundary by boundary; each boundary sees nothing but its own window."""

    def __init__(self, window: Study, measure: AreaMeasure, judge: Judge, names: Names) -> None:
        self.window, self.measure, self.judge, self.names = window, measure, judge, names
        self.plane = AreaMeasure(window.crs, AreaKind.PLANAR)
        self.rows: dict[str, list[Any]] = {name: [] for name in TABLES}

    def add(self, name: str, row: pd.Series) -> None:
        """Judge one boundary."""
        drawn = self._drawn(name, row["geometry"])
        whole = drawn.units
        grounds = [drawn.zones.to_numpy(), drawn.parcels.to_numpy()]
        grounds += [p.layer.frame.geometry.to_numpy() for p in drawn.plans]
        outside = self._outside(drawn, grounds)
        themes, pieces, conflicts = self._themes(drawn, outside)
        named = {"boundary_id": name}
        self.rows["occupied"].append(pd.concat(pieces, ignore_index=True).assign(**named, whole=whole))
        self.rows["themes"] += [{**named, **asdict(theme)} for theme in themes]
        found = _ranked(conflicts, self.judge.types.severities, len(self.rows["boundaries"]) + 1)
        self.rows["conflicts"].append(found.assign(**named))
        parcels, zones = touched(drawn, drawn.parcels), touched(drawn, drawn.zones)
        self.rows["parcels"].append(parcels.assign(**named, boundary=whole))
        inside = min(int(zones["area"].sum()), whole)
        self.rows["zones"].append(_zones(zones, whole - inside).assign(**named, boundary=whole))
        plans = [p for p in drawn.plans if p.name not in self.judge.not_in_force]
        differ = boundary_disagreements(drawn, plans, self.judge.settings, self.judge.types, self.names)
        self.rows["disagreements"].append(differ.assign(**named))
        hit = any(theme.theme_kind == LINE_ROLE and theme.contrary for theme in themes)
        conformity = self.judge.conformity(drawn, plans, hit=hit)
        answer = conclude(conformity, themes)
        doubtful = [t for t in themes if t.reason]
        close = [t for t in themes if t.verdict in (Answer.PARTLY, Answer.CONFLICTS)]
        self.rows["boundaries"].append(
            {
                **named,
                "name": row.get("name"),
                "number": row.get("number"),
                "area": whole,
                "planar": int(self.plane.units(drawn.alone)[0]),
                "perimeter_m": float(shapely.length(drawn.shape)),
                "conformity": str(conformity),
                "conclusion": str(answer),
                "borderline": bool(close) and all(t.borderline for t in close),
                "missing": "|".join(t.theme for t in doubtful),
                "zone": inside,
                "outside_study": outside,
                "parcels_count": len(parcels),
                "conflicts_count": len(found),
                "disagreement": int(differ.loc[differ["kind"] == Kind.CONFLICT, "area"].sum()),
                "geometry": drawn.shape,
            }
        )

    def _drawn(self, name: str, shape: Any) -> Drawn:
        box = shapely.bounds(np.array([shape], dtype=object))

        def near(layer: Layer) -> Layer:
            return replace(layer, frame=layer.frame[box_meets(layer.frame.geometry, box)])

        window = self.window
        return Drawn(
            name,
            shape,
            [replace(plan, layer=near(plan.layer)) for plan in window.plans.values()],
            [replace(line, layer=near(line.layer)) for line in window.constraints.values()],
            near(window.layers["parcels"]).frame.geometry,
            near(window.layers["zones"]).frame.geometry,
            self.measure,
        )

    def _outside(self, drawn: Drawn, grounds: Sequence[Any]) -> int:
        """Return the ground of a boundary outside zones, parcels and plans; slivers do not count."""
        _, rest = outside_of(drawn, [np.asarray(ground, dtype=object) for ground in grounds])
        parts = shapely.get_parts(rest)
        wide = parts[~is_sliver(parts, self.judge.settings.sliver_width_m)] if len(parts) else parts
        return int(self.measure.units(wide).sum()) if len(wide) else 0

    def _themes(
        self, drawn: Drawn, outside: int
    ) -> tuple[list[Theme], list[pd.DataFrame], list[pd.DataFrame]]:
        judge = self.judge
        themes: list[Theme] = []
        occupied, conflicts = [], []
        for plan in drawn.plans:
            pieces = plan_pieces(drawn, plan, self.names)
            kind = PLAN_ROLE if plan.role == PLAN_ROLE else PRESENT_ROLE
            occupied.append(pieces.assign(theme_kind=kind, theme=plan.name))
            if kind != PLAN_ROLE:
                themes.append(judge.present_theme(plan, pieces))
                self._land_use(drawn, plan.name, pieces)
                continue
            against = judge.plan_conflicts(drawn, plan, pieces)
            themes.append(judge.plan_theme(drawn, plan, pieces, against))
            if plan.name not in judge.not_in_force:
                conflicts.append(against)
        for line in drawn.constraints:
            pieces = line_pieces(drawn, line)
            blank = {"code": "", "class_name": "", "common": "", "class3": ""}
            occupied.append(pieces.assign(theme_kind=LINE_ROLE, theme=line.name, **blank))
            against = judge.line_conflicts(drawn, line, pieces)
            themes.append(judge.line_theme(drawn, line, against, outside))
            conflicts.append(against)
        themes += judge.absent_lines([line.name for line in drawn.constraints], drawn.units)
        return sorted(themes, key=self._place), occupied, conflicts

    def _place(self, theme: Theme) -> tuple[int, int, str]:
        """Lines of control first, those that have to be there at their head; then plans, then present use."""
        required = list(self.judge.required_lines)
        own = required.index(theme.theme) if theme.theme in required else len(required)
        kinds = (LINE_ROLE, PLAN_ROLE, PRESENT_ROLE)
        return kinds.index(theme.theme_kind), own if theme.theme_kind == LINE_ROLE else 0, theme.theme

    def _land_use(self, drawn: Drawn, theme: str, pieces: pd.DataFrame) -> None:
        """Add up present use by the classes of the catalogue, then what has none and what has no data."""
        found = pieces.groupby(["part", "class3"])["area"].sum().to_dict()
        known = [(UNDER, one) for one in self.judge.land_uses] if (pieces["part"] == UNDER).any() else []
        others = sorted(set(found) - set(known), key=lambda key: (key[0] != UNDER, key[1]))
        for part, class3 in [*known, *others]:
            row = {"boundary_id": drawn.boundary_id, "theme": theme, "class3": class3, "part": part}
            self.rows["land_use"].append(
                {**row, "area": int(found.get((part, class3), 0)), "boundary": drawn.units}
            )


def _zones(zones: pd.DataFrame, outside: int) -> pd.DataFrame:
    table = zones[["id", "area"]]
    if outside > 0:
        table = pd.concat([table, pd.DataFrame({"id": [None], "area": [outside]})], ignore_index=True)
    return table


def _ranked(tables: Sequence[pd.DataFrame], severities: Sequence[str], number: int) -> pd.DataFrame:
    """Put conflicts into one order: gravest first, then largest, then by theme and place; number them."""
    kept = [table for table in tables if len(table)]
    if not kept:
        return pd.DataFrame()
    whole = pd.concat(kept, ignore_index=True)
    gravity = {name: place for place, name in enumerate(severities)}
    keys = pd.DataFrame(
        {
            "severity": -whole["severity"].map(gravity),
            "area": -whole["area"],
            "theme": whole["theme"],
            "code": whole["code"],
            "wkb": shapely.to_wkb(whole["geometry"].to_numpy(dtype=object), hex=True),
        }
    )
    whole = whole.loc[keys.sort_values(list(keys.columns), kind="stable").index].reset_index(drop=True)
    whole["conflict_id"] = [f"{number}-{place:03d}" for place in range(1, len(whole) + 1)]
    return whole
