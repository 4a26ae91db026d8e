"""Sentences of the conformity report: what each theme says of a boundary, what follows, what is missing."""

from __future__ import annotations

from typing import Any

import pandas as pd

from landzone.catalog import load
from landzone.catalog.conform_texts import line_office, next_step, plan_office
from landzone.catalog.labels import labels
from landzone.model.conform import ConformResult
from landzone.model.layer import Constraint
from landzone.model.study import Study
from landzone.outputs.grid import written
from landzone.outputs.wording import Wording
from landzone.units import M2_PER_HA, MU_PER_HA

LINE, PLAN, PRESENT = "line", "plan", "present"
INSIDE = "inside"


class ConformWords:
    """Everything the report says, in one language."""

    def __init__(self, study: Study, result: ConformResult) -> None:
        self.study, self.result = study, result
        self.words = Wording(study, result.lang)
        self.own = labels("conform", result.lang)
        zones = study.layers["zones"].frame
        names = zones["name"] if "name" in zones else zones.index.to_series()
        self.zone_names = {str(key): str(name) for key, name in names.dropna().items()}

    def say(self, key: str, **params: Any) -> str:
        """Return a sentence of ``labels/conform.toml`` with its places filled."""
        return self.own[key].format(**params)

    def area(self, m2: float) -> str:
        """Write an area in m², ha and mu."""
        ha, mu = m2 / M2_PER_HA, m2 * MU_PER_HA / M2_PER_HA
        return self.say("area", m2=written(m2, "m2"), ha=written(ha, "ha"), mu=written(mu, "mu"))

    def short_area(self, m2: float) -> str:
        """Write an area in m² alone."""
        return self.say("short_area", m2=written(m2, "m2"))

    def theme(self, kind: str, name: str) -> str:
        """Return what a plan or line is called."""
        return self.words.line(name) if kind == LINE else self.words.plan(name)

    def answer(self, code: Any) -> str:
        """Return an answer in words, nothing where there is none."""
        return self.say(f"answer_{code}") if isinstance(code, str) and code else ""

    def line(self, name: str) -> Constraint | None:
        """Return a line of control of the study."""
        return self.study.constraints.get(name)

    def boundary(self, row: Any) -> str:
        """Return what a boundary is called: its id, which is its name where that is its own."""
        name = row.name_ if isinstance(row.name_, str) else ""
        return self.words.beside(str(row.boundary_id), name if name != row.boundary_id else "")

    def rows(self, table: str, boundary_id: str) -> Any:
        """Return the rows of a table that belong to a boundary."""
        frame = getattr(self.result, table)
        return frame[frame["boundary_id"] == boundary_id]

    def themes(self, boundary_id: str) -> list[str]:
        """Return one sentence for each theme of a boundary: lines first, then plans, then present use."""
        rows = self.rows("themes", boundary_id)
        lines = [self._line(row) for row in rows[rows["theme_kind"] == LINE].itertuples(index=False)]
        plans = [self._plan(row) for row in rows[rows["theme_kind"] == "plan"].itertuples(index=False)]
        present = [
            self._present(row, boundary_id)
            for row in rows[rows["theme_kind"] == PRESENT].itertuples(index=False)
        ]
        return [*lines, *plans, *(present or [self.say("present_absent")]), self._zones(boundary_id)]

    def _line(self, row: Any) -> str:
        line = self.line(row.theme)
        rule = INSIDE if line is not None and line.rule == INSIDE else "presence"
        named = {"theme": self.theme(LINE, row.theme)}
        if row.reason == "not_given":
            return self.say("line_not_given", **named)
        if row.state == "no_data":
            return self.say("line_outside_study", area=self.area(row.missing_m2), **named)
        if row.state == "not_concerned":
            return self.say(f"line_clear_{rule}", **named)
        said = {"area": self.area(row.concerned_m2), "verdict": self.answer(row.verdict)}
        hit = self.say(f"line_hit_{rule}", close=self._close(row), **said, **named)
        rest = self.say("line_rest", area=self.area(row.missing_m2)) if row.missing_m2 else ""
        return self._joined([hit, rest])

    def _close(self, row: Any) -> str:
        key = "close_borderline" if row.borderline else "close_sliver" if row.is_sliver else ""
        return self.say(key) if key else ""

    def _plan(self, row: Any) -> str:
        named = {"theme": self.theme("plan", row.theme)}
        if row.state == "no_data":
            return self.say("plan_none", **named)
        sizes = {"allowed": row.allowed_m2, "contrary": row.contrary_m2, "missing": row.missing_m2}
        parts = [self.say(f"part_{key}", area=self.area(m2)) for key, m2 in sizes.items() if m2]
        said = {"parts": self.words.say("comma").join(parts), **named}
        if row.reason == "not_in_force":
            return self.say("plan_late", **said)
        return self.say("plan_parts", verdict=self.answer(row.verdict), close=self._close(row), **said)

    def _present(self, row: Any, boundary_id: str) -> str:
        named = {"theme": self.theme(PRESENT, row.theme)}
        if row.state == "no_data":
            return self.say("present_none", **named)
        uses = self.rows("land_use", boundary_id)
        uses = uses[uses["theme"] == row.theme]
        parts = [
            f"{self.class3(one.class3, one.part)} {self.area(one.area_m2)}"
            for one in uses.itertuples(index=False)
        ]
        return self.say("present", parts=self.words.say("comma").join(parts), **named)

    def class3(self, code: Any, part: str) -> str:
        """Return one of the three classes in words; claims joined by ``|`` one by one."""
        if part == "no_data":
            return self.say("no_data")
        known = load.table("conform.toml")["class3"]
        if not isinstance(code, str) or not code:
            return self.say("unclassed")
        return "|".join(known[one][self.result.lang] if one in known else one for one in code.split("|"))

    def _zones(self, boundary_id: str) -> str:
        parts = []
        for row in self.rows("zones", boundary_id).itertuples(index=False):
            inside = isinstance(row.zone_id, str)
            key = "zone_part" if inside else "zone_outside"
            zone = self.words.zone(row.zone_id, self.zone_names) if inside else ""
            parts.append(self.say(key, zone=zone, area=self.area(row.area_m2)))
        return self.say("zones", parts=self.words.say("comma").join(parts))

    def conclusion(self, row: Any) -> str:
        """Return the conclusion for one boundary: the answer, what it failed by, what could not be told."""
        rows = self.rows("themes", row.boundary_id)
        failed = rows[rows["verdict"].isin(["partly", "conflicts"])]
        against = [
            self.words.beside(self.theme(one.theme_kind, one.theme), self.short_area(one.contrary_m2))
            for one in failed.itertuples(index=False)
        ]
        said = self.say("against", themes=self.words.join(against)) if against else ""
        parts = [self.say(str(row.conclusion), name=self.boundary(row), against=said)]
        open_rows = rows[rows["reason"].notna() & (rows["reason"] != "")]
        missing = [self._missing(one) for one in open_rows.itertuples(index=False)]
        if missing:
            parts.append(self.say("missing", themes=self.words.join(missing)))
        if row.borderline:
            parts.append(self.say("borderline"))
        return self._joined(parts)

    def _missing(self, row: Any) -> str:
        named = {"theme": self.theme(row.theme_kind, row.theme)}
        if row.reason == "not_given":
            return self.say("missing_not_given", **named)
        if row.reason == "not_in_force":
            return self.say("missing_late", **named)
        if row.state == "no_data" and row.theme_kind != LINE:
            return self.say("missing_none", **named)
        return self.say("missing_area", area=self.short_area(row.missing_m2), **named)

    def _joined(self, parts: list[str]) -> str:
        return ("" if self.result.lang == "zh" else " ").join(part for part in parts if part)

    def steps(self, conflicts: pd.DataFrame) -> list[str]:
        """Return one suggestion for each theme and type of conflict that is no drawing noise, gravest first."""
        wide = conflicts[(conflicts["theme_kind"] == LINE) | ~conflicts["is_sliver"]]
        pairs = wide[["theme_kind", "theme", "type"]].fillna("").drop_duplicates()
        return [
            self.say(
                "step",
                theme=self.theme(row.theme_kind, row.theme),
                step=next_step(row.type, self.result.lang),
                office=self.office(row.theme_kind, row.theme),
            )
            for row in pairs.itertuples(index=False)
        ]

    def office(self, kind: str, name: str) -> str:
        """Return who answers for a plan or line."""
        line = self.line(name)
        if kind == LINE and line is not None:
            return line_office(line, self.result.lang)
        return plan_office(self.study.plans[name], self.result.lang)
