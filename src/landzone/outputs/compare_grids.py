"""Tables of the comparison for people: which columns, in which order, in which words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from landzone.catalog import load
from landzone.catalog.measure_list import measure_spec
from landzone.outputs.compare_words import CompareWords, bare
from landzone.outputs.grid import Grid, Spec, grid
from landzone.outputs.result_grids import idle_classes

SIDES = ("old", "new")
GROUND = ("conflict", "agree", "precision", "uncovered", "outside")
_RANK = {"became_fail": 0, "became_unknown": 1, "became_pass": 2, "other": 3}
_STATES = {"new": 0, "grown": 1, "solved": 2, "shrunk": 3, "gone": 4, "kept": 5}


class CompareGrids:
    """Builds the tables of one comparison; nothing is computed but other units."""

    def __init__(self, said: CompareWords) -> None:
        self.said, self.result, self.words = said, said.result, said.words

    def _say(self, key: str, **params: Any) -> str:
        return self.said.say(key, **params)

    def _word(self, column: str, vocabulary: str, title: str, width: int = 0, tones: bool = False) -> Spec:
        def told(code: Any) -> str:
            return self.said.code(vocabulary, code)

        return Spec(column, "word", translate=told, title=self._say(title), width=width, tones=tones)

    def _both(
        self, stem: str, kind: str, translate: Callable[[Any], str] | None = None, **more: Any
    ) -> list[Spec]:
        """Return a column of both sides, old first; ``{}`` in ``stem`` stands for the side."""
        name = stem.replace("_{}", "")
        return [
            Spec(stem.format(side), kind, translate=translate, title=self.said.sided(name, side), **more)
            for side in SIDES
        ]

    def _areas(self) -> list[Spec]:
        return [
            *self._both("area_{}_m2", "m2", total=True),
            Spec("difference_m2", "m2", title=self._say("step")),
        ]

    def overview(self) -> Grid:
        """The two audits side by side."""
        run, counts = self.result.run, self.said.counts
        names = ("parcels", "projects", "patches", "findings")
        rows = [
            ("f_study", *(run[side]["study"] for side in SIDES)),
            ("f_as_of", *(run[side]["as_of"] for side in SIDES)),
            *((f"f_{name}", *(f"{counts(name)[side]:,}" for side in SIDES)) for name in names),
            ("f_version", *(run[side]["version"] for side in SIDES)),
            ("f_hash", *(run[side]["sha256"]["audit.gpkg"] for side in SIDES)),
        ]
        frame = pd.DataFrame(rows, columns=["item", *SIDES])
        specs = [
            Spec("item", "word", translate=self._say, title=self.words.title("item"), width=24),
            *(Spec(side, title=self._say(side), width=44) for side in SIDES),
        ]
        return grid(frame, specs, self.words, self._say("overview_title"))

    def zones(self, *, everything: bool = False, rates_per_mu: bool = True) -> Grid:
        """Figures of zones with their difference; those that moved, or all; rates per mu repeat those per hectare."""
        frame = self.result.zone_totals
        frame = frame if rates_per_mu else frame[~frame["measure"].str.endswith("_per_mu")]
        frame = frame if everything else frame[frame["moved"]]
        frame = frame.assign(
            zone=[self.said.zone(zone) for zone in frame["zone_id"]],
            unit=[self.said.unit(measure) for measure in frame["measure"]],
        )
        specs = [
            Spec("zone", title=self.words.title("zone_id"), width=26),
            Spec("measure", "word", translate=self.words.title, title=self._say("c_measure"), width=28),
            *(Spec(f"{side}_value", "amount", unit="unit", title=self._say(side)) for side in SIDES),
            Spec("difference_value", "amount", unit="unit", title=self._say("difference"), width=18),
            Spec("unit", "word", translate=self.words.unit),
        ]
        title = self._say("zones_all_title" if everything else "zones_title")
        return grid(frame, specs, self.words, title, self._say("zones_note"))

    def findings(self, *, verdicts: bool) -> Grid:
        """Findings whose verdict moved, gravest first; or those whose figure alone did."""
        rows = self.result.findings
        rows = rows[(rows["change"] != "") == verdicts]
        place = rows["change"].map(_RANK).fillna(len(_RANK)).astype("int64")
        rows = rows.assign(place=place, rule_title=self._rule_titles(rows))
        rows = rows.sort_values(["place", "subject_kind", "subject_id", "pack_id", "rule_id"], kind="stable")
        words = self.words
        specs = [
            Spec("subject_kind", "word", translate=lambda c: words.word("subject", c)),
            Spec("subject_id", "id", width=24), Spec("rule_id", "id", width=16), Spec("rule_title", width=26),
            *self._both("verdict_{}", "word", lambda c: words.word("verdict", c), tones=True),
            self._word("change", "change", "c_change", 16), self._word("because", "because", "c_because", 14),
            *self._both("observed_{}", "amount", unit="unit"),
            Spec("observed_difference", "amount", unit="unit", title=self._say("difference")),
            *self._both("limit_{}", "amount", unit="unit"), Spec("unit", "word", translate=words.unit),
            *self._both("gap_{}", "amount", unit="gap_unit"), Spec("gap_unit", "word", translate=words.unit),
            *self._both("coverage_{}_ratio", "ratio"), *self._both("borderline_{}", "flag"), Spec("clause", width=18),
        ]  # fmt: skip
        return grid(rows, specs, words, self._say("findings_title" if verdicts else "values_title"))

    def _rule_titles(self, rows: pd.DataFrame) -> list[str]:
        lang = self.words.lang
        rules = {(pack.id, rule.id): rule for pack in self.said.study.rule_packs for rule in pack.rules}

        def titled(pack: str, rule: str, measure: str) -> str:
            known, spec = rules.get((pack, rule)), measure_spec(str(measure))
            return known.title[lang] if known else spec.title[lang] if spec else str(measure)

        return [titled(*key) for key in zip(rows["pack_id"], rows["rule_id"], rows["measure"], strict=True)]

    def verdicts(self) -> Grid:
        """Verdicts by rule, from and to."""
        words = self.words
        specs = [
            Spec("subject_kind", "word", translate=lambda c: words.word("subject", c)), Spec("rule_id", "id", width=18),
            Spec("old_verdict", "word", translate=self._verdict, title=self._say("old"), tones=True),
            Spec("new_verdict", "word", translate=self._verdict, title=self._say("new"), tones=True),
            Spec("findings_count", "count", total=True, title=words.title("count")),
        ]  # fmt: skip
        return grid(self.result.verdict_changes, specs, words, self._say("verdicts_title"))

    def _verdict(self, code: Any) -> str:
        return self._say("kind_none") if code == "none" else self.words.word("verdict", code)

    def class_matrix(self, attribute: str, *, areas: bool) -> Grid:
        """Parcels, or their area, from class (rows) to class (columns)."""
        own = self.result.class_changes
        own = own[own["attribute"] == attribute]
        values = own["area_new_m2"].where(own["new_class"] != "none", own["area_old_m2"])
        own = own.assign(cell=values if areas else own["parcels_count"].astype("float64"))
        title = self._say(
            f"class_{'area' if areas else 'count'}_title", attribute=self.words.title(attribute)
        )
        codes = classes_of(attribute)
        told = lambda code: self.said.klass(attribute, code)  # noqa: E731
        return self._matrix(own, ("old_class", "new_class"), codes, told, "ha" if areas else "count", title)

    def ground_matrix(self) -> Grid:
        """Ground from kind to kind."""
        own = self.result.ground_changes.assign(cell=self.result.ground_changes["area_m2"])
        title, note = self._say("ground_title"), self._say("ground_note")
        return self._matrix(own, ("old_kind", "new_kind"), list(GROUND), self.said.kind, "ha", title, note)

    def _matrix(
        self,
        rows: pd.DataFrame,
        names: tuple[str, str],
        codes: list[str],
        told: Callable[[Any], str],
        kind: str,
        title: str,
        note: str = "",
    ) -> Grid:
        there = [{*rows[name]} for name in names]
        order = [*codes, *sorted((there[0] | there[1]) - set(codes))]
        table = rows.pivot_table(
            index=names[0], columns=names[1], values="cell", aggfunc="sum", fill_value=0.0
        )
        table = table.reindex(
            index=[c for c in order if c in there[0]], columns=[c for c in order if c in there[1]]
        )
        frame = table.rename_axis(columns=None).reset_index(names="from_class")
        specs = [
            Spec("from_class", "word", translate=told, title=self._say("c_from_to"), width=22),
            *(Spec(str(code), kind, total=True, title=told(code)) for code in table.columns),
        ]
        made = grid(frame, specs, self.words, title, note)
        head, *cells = made.columns
        bare_titles = [
            replace(own, title=told(own.key.partition(":")[0])) for own in cells
        ]  # units stand in the title
        return replace(made, columns=(head, *bare_titles))

    def class_list(self) -> Grid:
        """Parcels whose idle class moved, those that are idle now first."""
        own = bare(self.result.parcels)
        classes = [own[f"idle_class_{side}"].astype("object").fillna("") for side in SIDES]
        own = own[classes[0] != classes[1]]
        idle = own["idle_class_new"].isin(idle_classes())
        own = own.assign(idle=~idle).sort_values(["idle", "parcel_id"], kind="stable")
        told = lambda code: self.said.klass("idle_class", code)  # noqa: E731
        specs = [
            Spec("parcel_id", "id", width=24), self._word("state", "state", "c_state"),
            *self._both("idle_class_{}", "word", told, tones=True, width=20),
            *self._both("area_{}_m2", "m2", total=True), *self._both("idle_since_{}_date", "date"),
            *self._both("next_threshold_{}_date", "date"),
        ]  # fmt: skip
        return grid(own, specs, self.words, self._say("class_list_title"))

    def classes(self) -> Grid:
        """Every from–to of every attribute, for the workbook."""
        own = self.result.class_changes
        pairs = {side: zip(own["attribute"], own[f"{side}_class"], strict=True) for side in SIDES}
        own = own.assign(
            **{f"{side}_word": [self.said.klass(a, c) for a, c in pairs[side]] for side in SIDES}
        )
        specs = [
            Spec("attribute", "word", translate=self.words.title, title=self._say("c_measure")),
            *(Spec(f"{side}_word", title=self._say(side), width=24) for side in SIDES),
            Spec("parcels_count", "count", title=self.words.title("parcels_count")),
            *self._both("area_{}_m2", "m2"), *self._both("area_{}_m2", "ha"),
        ]  # fmt: skip
        return grid(own, specs, self.words, self._say("classes_title"))

    def patch_changes(self) -> Grid:
        """Patches by kind and change."""
        own = self.result.patch_changes
        own = own.assign(place=own["state"].map(_STATES)).sort_values(["kind", "place"], kind="stable")
        specs = [
            Spec("kind", "word", translate=self.said.kind, tones=True), self._word("state", "state", "c_state"),
            Spec("patches_count", "count", total=True, title=self._say("c_patches")), *self._areas(),
        ]  # fmt: skip
        return grid(own, specs, self.words, self._say("patch_changes_title"), self._say("patch_changes_note"))

    def patches(self, *, everything: bool = False) -> Grid:
        """Conflicts that moved, or all patches."""
        own = bare(self.result.patches)
        if not everything:
            own = own[(own["kind"] == "conflict") & (own["state"] != "kept")]
        own = own.assign(
            place=own["state"].map(_STATES), size=-own["difference_m2"].abs(),
            ground=[self._ground(row) for row in own.to_dict("records")],
        ).sort_values(["place", "size", "patch_id_new", "patch_id_old"], kind="stable")  # fmt: skip
        words = self.words
        specs = [
            self._word("state", "state", "c_state"), Spec("kind", "word", translate=self.said.kind, tones=True),
            Spec("zone_id", "id"), *self._both("patch_id_{}", "id", width=18),
            *self._both("type_{}", "word", lambda c: words.word("type", c), width=18),
            *self._both("severity_{}", "word", lambda c: words.word("severity", c), tones=True), *self._areas(),
            self._word("how", "how", "c_how"), Spec("ground", title=self._say("c_ground"), width=30),
        ]  # fmt: skip
        title = self._say("patch_all_title" if everything else "patch_list_title")
        return grid(own, specs, words, title, self._say("patch_note", precision=self.said.precision))

    def _ground(self, row: dict[str, Any]) -> str:
        parts = [(kind, float(row[f"ground_{kind}_m2"])) for kind in GROUND]
        told = [f"{self.said.kind(kind)} {self.words.amount(m2, 'm2')}" for kind, m2 in parts if m2 > 0]
        return self.words.join(told)

    def constraints(self, *, everything: bool = False) -> Grid:
        """Ground under lines of control that moved, or all of it."""
        words = self.words
        specs = [
            self._word("state", "state", "c_state"), Spec("constraint", "word", translate=words.line, width=18),
            Spec("type", "word", translate=lambda c: words.word("type", c), width=20), Spec("zone_id", "id"),
            Spec("parcel_id", "id", width=24), Spec("construction_plans", "word", translate=words.plans, width=30),
            *self._areas(),
        ]  # fmt: skip
        return grid(self._moved("constraints", everything), specs, words, self._say("constraints_title"))

    def use_conflicts(self, *, everything: bool = False) -> Grid:
        """Use contrary to plan that moved, or all of it."""
        words = self.words
        specs = [
            self._word("state", "state", "c_state"), Spec("zone_id", "id"), Spec("parcel_id", "id", width=24),
            Spec("plan", "word", translate=words.plan, width=22), Spec("present_code", "id"), Spec("plan_code", "id"),
            *self._areas(),
        ]  # fmt: skip
        return grid(self._moved("use_conflicts", everything), specs, words, self._say("use_conflicts_title"))

    def _moved(self, layer: str, everything: bool) -> pd.DataFrame:
        own = bare(getattr(self.result, layer))
        return own if everything else own[own["state"] != "kept"]

    def parcels(self, *, everything: bool = False) -> Grid:
        """Parcels that appeared, went or changed, or all of them."""
        own = bare(self.result.parcels)
        own = own if everything else own[own["state"] != "unchanged"]
        rank = {"appeared": 0, "gone": 1, "changed": 2, "unchanged": 3}
        own = own.assign(
            place=own["state"].map(rank),
            columns_text=[
                self._columns(names) for names in own["changed_columns"].astype("object").fillna("")
            ],
        ).sort_values(["place", "parcel_id"], kind="stable")
        word = self.words.word
        specs = [
            Spec("parcel_id", "id", width=24), self._word("state", "state", "c_state"),
            self._word("shape", "shape", "c_shape"), *self._areas(),
            Spec("only_old_m2", "m2", title=self._say("c_only_old")),
            Spec("only_new_m2", "m2", title=self._say("c_only_new")), *self._both("zone_id_{}", "id"),
            *self._both("idle_class_{}", "word", lambda c: self.said.klass("idle_class", c), tones=True),
            *self._both("conformity_{}", "word", lambda c: word("conformity", c), tones=True),
            *self._both("building_density_{}_ratio", "ratio"),
            Spec("columns_text", title=self._say("c_columns"), width=50),
            Spec("rejected_code", "id", title=self._say("c_rejected"), width=24),
        ]  # fmt: skip
        note = self._say("parcels_note", precision=self.said.precision)
        return grid(own, specs, self.words, self._say("parcels_title"), note)

    def _columns(self, names: str) -> str:
        return self.words.join([self.said.title("parcels", name) for name in names.split("|") if name])

    def lineage(self) -> Grid:
        """Where the ground of gone parcels lies now, and where that of new ones came from."""
        own = self.result.lineage
        specs = [
            Spec("old_id", "id", title=self._say("c_old_id"), width=24),
            Spec("new_id", "id", title=self._say("c_new_id"), width=24),
            self._word("relation", "relation", "c_relation"), Spec("common_m2", "m2", title=self._say("c_common")),
            Spec("old_share_ratio", "ratio", title=self._say("c_old_share")),
            Spec("new_share_ratio", "ratio", title=self._say("c_new_share")), Spec("is_sliver", "flag"),
        ]  # fmt: skip
        return grid(own, specs, self.words, self._say("lineage_title"))

    def differences(self, table: str = "") -> Grid:
        """Cells that moved, one a row."""
        own = self.result.differences
        own = own[own["table"] == table] if table else own
        columns, told = own["column"].tolist(), self.said.cell
        texts = {
            side: [
                told(c, v, t, other)
                for c, v, t, other in zip(
                    columns, own[f"{side}_value"], own[f"{side}_text"], own[f"{beside}_value"], strict=True
                )
            ]
            for side, beside in (SIDES, SIDES[::-1])
        }
        titles = [self.said.title(str(t), c) for t, c in zip(own["table"], columns, strict=True)]
        own = own.assign(
            column_title=titles,
            **{f"{side}_shown": texts[side] for side in SIDES},
            unit=[self.said.unit(c) for c in columns],
        )
        specs = [
            Spec("table", "word", translate=self.said.table, title=self._say("c_table")),
            Spec("subject_id", "id", title=self._say("c_subject"), width=30),
            Spec("column_title", title=self._say("c_column"), width=28),
            *(Spec(f"{side}_shown", title=self._say(side), width=26) for side in SIDES),
            Spec("difference_value", "amount", unit="unit", title=self._say("difference"), width=18),
        ]
        return grid(own, specs, self.words, self._say("differences_title"))

    def rows(self) -> Grid:
        """Rows of every table, with the check that they add up."""
        own = self.result.rows
        adds = (own["old_count"] == own["kept_count"] + own["gone_count"]) & (
            own["new_count"] == own["kept_count"] + own["appeared_count"]
        )
        own = own.assign(closes=[self._say("closes") if yes else "✗" for yes in adds])
        titles = {"kept": "c_kept", "changed": "c_changed", "gone": "c_gone", "appeared": "c_appeared"}
        specs = [
            Spec("table", "word", translate=self.said.table, title=self._say("c_table"), width=24),
            *(Spec(f"{side}_count", "count", title=self._say(side)) for side in SIDES),
            *(Spec(f"{name}_count", "count", title=self._say(title)) for name, title in titles.items()),
            Spec("closes", title=self._say("c_closes")),
        ]
        return grid(own, specs, self.words, self._say("rows_title"), self._say("rows_note"))

    def plans(self) -> Grid:
        """Plans and lines of control, with what is said differently of them."""
        own = self.result.plans
        names = [
            self.words.plan(n) if k == "plan" else self.words.line(n)
            for k, n in zip(own["kind"], own["name"], strict=True)
        ]
        own = own.assign(title=names)
        specs = [
            self._word("kind", "kind", "c_topic"), Spec("title", title=self._say("c_name"), width=26),
            self._word("state", "state", "c_state"), Spec("changed", title=self._say("c_columns"), width=30),
            *(Spec(f"{side}_rows_count", "count", title=self.said.sided("rows_used", side)) for side in SIDES),
            Spec("file_changed", "flag", title=self._say("c_file")),
        ]  # fmt: skip
        return grid(own, specs, self.words, self._say("plans_title"))

    def settings(self) -> Grid:
        """Everything that the two runs say differently."""
        specs = [
            self._word("topic", "topic", "c_topic"), Spec("name", title=self._say("c_name"), width=40),
            Spec("old_text", title=self._say("old"), width=30), Spec("new_text", title=self._say("new"), width=30),
        ]  # fmt: skip
        return grid(self.result.settings, specs, self.words, self._say("settings_title"))

    def notes(self) -> Grid:
        """What a reader has to know before he compares."""
        specs = [Spec("subject_id", "id", width=24), Spec("code", "id", width=24), Spec("message", width=80)]
        return grid(self.result.notes, specs, self.words, self._say("h_notes"))


def classes_of(attribute: str) -> list[str]:
    """Return the classes of an attribute in the order of the map."""
    return list(load.table("labels/map_styles.toml")[attribute])
