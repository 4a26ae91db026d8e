"""Words of the comparison: codes in words, cells as people read them, the sentences of what changed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from landzone.catalog import load
from landzone.catalog.finding_texts import quantity
from landzone.catalog.labels import labels
from landzone.catalog.measure_list import measure_spec
from landzone.model.comparison import Comparison
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.grid import written
from landzone.outputs.result_grids import idle_classes, idle_word
from landzone.outputs.wording import Wording
from landzone.units import M2_PER_HA

_SUFFIXES = {"_m2": "m2", "_ratio": "ratio", "_count": "count", "_m": "m"}
_PLAIN = ("floor_area_ratio",)
_CLOCK = ("idle_conclusion", "conclusion", "start_basis")
_CODES = (
    "verdict",
    "idle_class",
    "conformity",
    "density_denominator",
    "area_kind",
    "severity",
    "type",
    "rule",
    "kind",
)


class CompareWords:
    """Everything that is said of two audits, in one language."""

    def __init__(self, study: Study, old: AuditResult, new: AuditResult, result: Comparison) -> None:
        self.study, self.old, self.new, self.result = study, old, new, result
        self.words = Wording(study, result.lang)
        self.own = labels("compare", result.lang)
        self.zone_names = {
            str(row.zone_id): str(row.name_)
            for audit in (old, new)
            for row in audit.zones.rename(columns={"name": "name_"}).itertuples(index=False)
            if isinstance(getattr(row, "name_", None), str)
        }

    def say(self, key: str, **params: Any) -> str:
        """Return a sentence of ``labels/compare.toml`` with its places filled."""
        return self.own[key].format(**params)

    def code(self, vocabulary: str, code: Any) -> str:
        """Return a code of the comparison in words; codes joined by ``|`` one by one."""
        if not isinstance(code, str) or not code:
            return ""
        return self.words.join([self.own.get(f"{vocabulary}_{one}", one) for one in code.split("|")])

    def sided(self, name: str, side: str) -> str:
        """Return the title of a column of one audit."""
        return self.say(f"side_{side}", title=self.words.title(name))

    def klass(self, attribute: str, code: Any) -> str:
        """Return a class of parcels in words."""
        if code == "none":
            return self.say("kind_none")
        if attribute == "idle_class":
            return idle_word(code, self.words)
        return self.words.word(attribute, code)

    def kind(self, code: Any) -> str:
        """Return a kind of ground in words."""
        return self.say("kind_outside") if code == "outside" else self.words.word("kind", code)

    def zone(self, zone_id: Any) -> str:
        """Return a zone by name and id; all of them where empty."""
        return self.words.zone(zone_id, self.zone_names) if zone_id else self.say("all_zones")

    def unit(self, column: str) -> str:
        """Return the unit of a column as ``catalog/units.toml`` knows it."""
        spec = measure_spec(column)
        if spec is not None:
            return spec.unit
        if column in _PLAIN:
            return "far"
        money = self.study.settings.money
        if f"{money}_per_ha" in column:
            return f"{money}_per_ha"
        if column.endswith(f"_{money}"):
            return money
        return next((unit for end, unit in _SUFFIXES.items() if column.endswith(end)), "")

    def title(self, table: str, column: str) -> str:
        """Return what a column of a table is called; what no list of words has, by its description."""
        known = load.table("output_columns.toml")
        for own in (known.get(table, {}), known["shared"]):
            if column in own and self.words.title(column) == column[:1].upper() + column[1:]:
                return str(own[column][self.result.lang])
        return self.words.title(column)

    def table(self, name: str) -> str:
        """Return what a table of an audit is called."""
        return self.own.get(f"table_{name}") or self.words.title(name)

    def cell(self, column: str, value: Any, text: Any, beside: Any) -> str:
        """Return one side of a cell as people read it; figures that differ never look the same."""
        if not isinstance(text, str):
            return quantity(float(value), self.unit(column), self.result.lang, float(beside))
        if column in _CLOCK:
            return self.words.idle(text)
        return self.words.word(column, text) if column in _CODES else text

    def hectares(self, m2: float) -> str:
        """Write an area in hectares."""
        return written(m2 / M2_PER_HA, "ha")

    def sentences(self) -> list[str]:
        """Return what changed, one sentence a subject; one alone where nothing did."""
        if self.unchanged():
            return [self.say("no_change")]
        said = [
            self._features(),
            self._idle(),
            self._verdicts(),
            self._conflicts(),
            self._lines(),
            self._projects(),
        ]
        return [text for text in said if text]

    def unchanged(self) -> bool:
        """Tell whether no row of any table moved, came or went."""
        columns = ["changed_count", "gone_count", "appeared_count"]
        return not self.result.rows[columns].to_numpy().any()

    def counts(self, table: str) -> dict[str, int]:
        """Return the counts of a table by name."""
        row = self.result.rows.set_index("table").loc[table]
        return {str(name).removesuffix("_count"): int(value) for name, value in row.items()}

    def _features(self) -> str:
        own = self.result.parcels
        states = own["state"].value_counts()
        counts = {name: int(states.get(name, 0)) for name in ("unchanged", "changed", "appeared", "gone")}
        shapes = own["shape"].value_counts()
        sides = self.counts("parcels")
        return self.say(
            "s_features", old=sides["old"], new=sides["new"], redrawn=int(shapes.get("redrawn", 0)),
            shapes=int(shapes.get("changed", 0) + shapes.get("elsewhere", 0)), precision=self.precision, **counts,
        )  # fmt: skip

    @property
    def precision(self) -> str:
        """How exactly boundaries are known, in metres."""
        return f"{self.result.run['boundary_precision_m']:g}"

    def _idle(self) -> str:
        table = self.result.class_changes
        own = table[table["attribute"] == "idle_class"]
        sides: dict[str, Any] = {}
        for side in ("old", "new"):
            rows = own[own[f"{side}_class"].isin(idle_classes())]
            sides |= {f"{side}_count": int(rows["parcels_count"].sum())}
            sides |= {f"{side}_ha": self.hectares(float(rows[f"area_{side}_m2"].sum()))}
        moved = own[
            (own["old_class"] != own["new_class"]) & (own[["old_class", "new_class"]] != "none").all(axis=1)
        ]
        text = self.say("s_idle", moves=int(moved["parcels_count"].sum()), **sides)
        moves = [
            self.say("s_move", old=self.klass("idle_class", r.old_class), new=self.klass("idle_class", r.new_class),
                     count=r.parcels_count)
            for r in moved.sort_values("parcels_count", ascending=False, kind="stable").itertuples(index=False)
        ]  # fmt: skip
        return self.words.beside(text, self.words.say("semicolon").join(moves)) if moves else text

    def _verdicts(self) -> str:
        counts = self.result.findings["change"].value_counts()
        return self.say(
            "s_verdicts", fail=int(counts.get("became_fail", 0)), passed=int(counts.get("became_pass", 0)),
            unknown=int(counts.get("became_unknown", 0)), other=int(counts.get("other", 0)),
        )  # fmt: skip

    def _conflicts(self) -> str:
        table = self.result.patch_changes
        own = table[table["kind"] == "conflict"].set_index("state")
        params: dict[str, Any] = {}
        for state in ("new", "solved", "grown", "shrunk", "kept"):
            row = own.loc[state] if state in own.index else None
            params[state] = 0 if row is None else int(row["patches_count"])
            step = 0.0 if row is None else abs(float(row["difference_m2"]))
            params[f"{state}_m2"] = written(step, "m2")
        totals = {f"{side}_ha": self.hectares(float(own[f"area_{side}_m2"].sum())) for side in ("old", "new")}
        return self.say("s_conflicts", **totals, **params)

    def _lines(self) -> str:
        own = self.result.constraints
        if not len(own):
            return ""
        states = own["state"].value_counts()
        counts = {name: int(states.get(name, 0)) for name in ("appeared", "gone", "grown", "shrunk")}
        areas = {f"{side}_m2": written(float(own[f"area_{side}_m2"].sum()), "m2") for side in ("old", "new")}
        return self.say("s_lines", **counts, **areas)

    def _projects(self) -> str:
        counts = self.counts("projects")
        return self.say("s_projects", **{k: counts[k] for k in ("old", "new", "changed", "appeared", "gone")})


def bare(frame: Any) -> pd.DataFrame:
    """Return a layer without its shapes."""
    return pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
