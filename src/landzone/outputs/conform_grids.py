"""Tables of the conformity report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from landzone.catalog.conform_texts import next_step, plan_clause
from landzone.outputs.conform_words import LINE, PLAN, ConformWords
from landzone.outputs.grid import Grid, Spec, grid


class ConformGrids:
    """Builds the tables of one result; nothing is computed but other units."""

    def __init__(self, said: ConformWords) -> None:
        self.said, self.result, self.study = said, said.result, said.study
        self.words = said.words

    def _area(self, column: str = "area_m2", title: str = "c_area", *, total: bool = False) -> list[Spec]:
        name = self.said.say(title)
        return [Spec(column, kind, total=total, title=name) for kind in ("m2", "ha", "mu")]

    def _named(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Add what people call a theme, and its class with the code."""
        names = [self.said.theme(k, t) for k, t in zip(frame["theme_kind"], frame["theme"], strict=True)]
        return pd.DataFrame(frame.drop(columns="geometry", errors="ignore")).assign(theme_name=names)

    def _text(self, column: str, title: str, width: int = 0) -> Spec:
        return Spec(column, "text", title=self.said.say(title), width=width)

    def boundaries(self) -> Grid:
        """Boundaries with their conclusions."""
        frame = pd.DataFrame(self.result.boundaries.drop(columns="geometry"))
        named = [self.said.boundary(row) for row in renamed(frame).itertuples(index=False)]
        frame = frame.assign(boundary_name=named)
        specs = [
            self._text("boundary_name", "c_boundary", 24), *self._area(total=True),
            Spec("planar_m2", "m2", title=self.said.say("c_planar"), total=True),
            Spec("conclusion", "word", translate=self.said.answer, tones=True, title=self.said.say("c_conclusion")),
            Spec("conflicts_count", "count", title=self.said.say("c_conflicts"), total=True),
        ]  # fmt: skip
        return grid(frame, specs, self.words, self.said.say("boundaries_title"))

    def basis(self) -> Grid:
        """Plans and lines with clause, validity and office."""
        rows = []
        unverified = self.words.say("unverified")
        for plan in self.study.plans.values():
            kind = "plan" if plan.role == "plan" else "present"
            clause = plan_clause(plan, self.result.lang, unverified) if kind == "plan" else ""
            rows.append(self._basis(kind, plan.name, clause, self._validity(plan)))
        rows += [self._basis(LINE, line.name, line.clause, "") for line in self.study.constraints.values()]
        names = ["theme_name", "kind", "clause", "validity", "office"]
        frame = pd.DataFrame(rows, columns=names)
        if not frame["validity"].any():
            frame = frame.drop(columns="validity")
        specs = [
            self._text("theme_name", "c_theme", 22), self._text("kind", "c_kind"), self._text("clause", "c_clause", 46),
            self._text("validity", "c_validity"), self._text("office", "c_office", 26),
        ]  # fmt: skip
        return grid(frame, specs, self.words, self.said.say("basis_title"))

    def _basis(self, kind: str, name: str, clause: str, validity: str) -> dict[str, str]:
        own = "" if kind == "present" else self.said.say("clause_own")
        return {
            "theme_name": self.said.theme(kind, name),
            "kind": self.said.say(f"kind_{kind}"),
            "clause": clause or own,
            "validity": validity,
            "office": self.said.office(kind, name),
        }

    def _validity(self, plan: Any) -> str:
        if not (plan.valid_from or plan.valid_to):
            return ""
        blank = self.said.say("validity_open")
        return self.said.say("validity", start=plan.valid_from or blank, end=plan.valid_to or blank)

    def themes(self, boundary_id: str, name: str) -> Grid:
        """Every theme of a boundary with state and answer."""
        said = self.said
        frame = self._named(said.rows("themes", boundary_id))
        specs = [
            self._text("theme_name", "c_theme", 26),
            Spec(
                "theme_kind",
                "word",
                translate=lambda code: said.say(f"kind_{code}"),
                title=said.say("c_kind"),
            ),
            Spec(
                "state", "word", translate=lambda code: said.say(f"state_{code}"), title=said.say("c_state")
            ),
            Spec("verdict", "word", translate=said.answer, tones=True, title=said.say("c_verdict")),
            Spec("concerned_m2", "m2", title=said.say("c_concerned")),
            Spec("contrary_m2", "m2", title=said.say("c_contrary")),
            Spec("missing_m2", "m2", title=said.say("c_missing")),
        ]
        return grid(frame, specs, self.words, said.say("themes_title", name=name))

    def plans(self, boundary_id: str, name: str, area: str) -> Grid:
        """Ground of a boundary under each class of each plan."""
        frame = self.said.rows("occupied", boundary_id)
        frame = self._named(frame[frame["theme_kind"] != LINE])
        classes = [self._class(row) for row in frame.itertuples(index=False)]
        allowed = [
            "" if part != "under" else self._common(c)
            for part, c in zip(frame["part"], frame["common"], strict=True)
        ]
        frame = frame.assign(class_text=classes, common_text=allowed)
        specs = [
            self._text("theme_name", "c_theme", 24), self._text("class_text", "c_class", 24),
            self._text("common_text", "c_common"), *self._area(),
            Spec("share_ratio", "ratio", title=self.said.say("c_share")),
        ]  # fmt: skip
        note = self.said.say("plans_note", area=area)
        return grid(frame, specs, self.words, self.said.say("plans_title", name=name), note)

    def _class(self, row: Any) -> str:
        if row.part == "no_data":
            return self.said.say("no_data")
        return self._class_text(row.code, row.class_name)

    def _class_text(self, code: Any, name: Any) -> str:
        code, name = (text if isinstance(text, str) else "" for text in (code, name))
        return self.words.beside(name, code) if name else code or self.said.say("unclassed")

    def _common(self, code: Any) -> str:
        return "|".join(self.words.word("common", one) for one in str(code).split("|"))

    def lines(self, boundary_id: str, name: str) -> Grid:
        """Ground of a boundary under and outside each line of control."""
        frame = self.said.rows("occupied", boundary_id)
        frame = self._named(frame[frame["theme_kind"] == LINE])
        specs = [
            self._text("theme_name", "c_theme", 26),
            Spec("part", "word", translate=lambda code: self.said.say(f"part_{code}"), title=self.said.say("c_part")),
            *self._area(), Spec("share_ratio", "ratio", title=self.said.say("c_share")),
        ]  # fmt: skip
        return grid(frame, specs, self.words, self.said.say("lines_title", name=name))

    def land_use(self, boundary_id: str, name: str) -> Grid:
        """Present land use of a boundary in three classes."""
        frame = self.said.rows("land_use", boundary_id)
        texts = [self.said.class3(c, p) for c, p in zip(frame["class3"], frame["part"], strict=True)]
        frame = frame.assign(class_text=texts)
        single = frame["theme"].nunique() < 2
        specs = [
            self._text("class_text", "c_class3", 20), *self._area(total=single),
            Spec("share_ratio", "ratio", title=self.said.say("c_share")),
        ]  # fmt: skip
        return grid(frame, specs, self.words, self.said.say("land_use_title", name=name))

    def parcels(self, boundary_id: str, name: str, area_m2: float) -> Grid:
        """Parcels that a boundary touches."""
        frame = self.said.rows("parcels", boundary_id)
        frame = pd.DataFrame(frame.drop(columns="geometry"))
        specs = [
            Spec("parcel_id", "id", width=22), *self._area(total=True),
            Spec("share_ratio", "ratio", title=self.said.say("c_parcel_share")),
            Spec("boundary_share_ratio", "ratio", title=self.said.say("c_share")),
        ]  # fmt: skip
        rest = area_m2 - float(frame["area_m2"].sum())
        note = self.said.say("parcels_note", area=self.said.area(rest)) if rest >= 0.01 else ""
        return grid(frame, specs, self.words, self.said.say("parcels_title", name=name), note)

    def conflicts(self) -> Grid:
        """Every conflict, gravest first within its boundary."""
        said = self.said
        frame = self._named(self.result.conflicts)
        rows = list(frame.itertuples(index=False))
        frame = frame.assign(
            class_text=[self._class_or_blank(row) for row in rows], marks=[self._marks(row) for row in rows]
        )
        specs = [
            Spec("conflict_id", "id", title=self.said.say("c_id")), self._text("boundary_id", "c_boundary", 16),
            self._text("theme_name", "c_theme", 18), self._text("class_text", "c_class", 18),
            Spec("type", "word", translate=lambda code: self.words.word("type", code)),
            Spec("severity", "word", translate=lambda code: self.words.word("severity", code), tones=True),
            *self._area(), Spec("width_m", "number"), self._text("marks", "c_marks", 12),
            Spec("parcels", "text", translate=lambda ids: self.words.join(str(ids).split("|")), width=22,
                 title=self.words.title("parcel_id")),
        ]  # fmt: skip
        return grid(frame, specs, self.words, said.say("conflicts_title"))

    def disagreements(self) -> Grid:
        """Every piece of ground on which two plans disagree, conflicts first."""
        frame = pd.DataFrame(self.result.disagreements.drop(columns="geometry"))
        for side in ("a", "b"):
            rows = zip(frame[f"plan_{side}"], frame[f"code_{side}"], frame[f"class_{side}"], strict=True)
            said = [self.words.beside(self.said.theme(PLAN, p), self._class_text(c, n)) for p, c, n in rows]
            frame[f"said_{side}"] = said
        specs = [
            Spec("patch_id", "id", title=self.said.say("c_id")), self._text("boundary_id", "c_boundary", 16),
            self._text("said_a", "c_said_a", 26), self._text("said_b", "c_said_b", 26),
            Spec("kind", "word", translate=lambda code: self.words.word("kind", code)),
            Spec("type", "word", translate=lambda code: self.words.word("type", code)),
            Spec("severity", "word", translate=lambda code: self.words.word("severity", code), tones=True),
            *self._area(), Spec("width_m", "number"),
        ]  # fmt: skip
        return grid(frame, specs, self.words, self.said.say("disagreements_title"))

    def _class_or_blank(self, row: Any) -> str:
        return "" if row.theme_kind == LINE else self._class_text(row.code, row.class_name)

    def _marks(self, row: Any) -> str:
        kind = "marks_sliver" if row.theme_kind == LINE else "marks_noise"
        marks = [self.said.say(kind)] if row.is_sliver else []
        return self.words.join([*marks, *([self.said.say("marks_borderline")] if row.borderline else [])])

    def steps(self) -> Grid:
        """Clause, office and next step of each kind of conflict."""
        said, lang = self.said, self.result.lang
        pairs = self.result.conflicts[["theme_kind", "theme", "type"]].fillna("").drop_duplicates()
        clauses = {
            row.theme: self._clause(row.theme_kind, row.theme) for row in pairs.itertuples(index=False)
        }
        frame = pairs.assign(
            theme_name=[said.theme(k, t) for k, t in zip(pairs["theme_kind"], pairs["theme"], strict=True)],
            clause=pairs["theme"].map(clauses),
            office=[said.office(k, t) for k, t in zip(pairs["theme_kind"], pairs["theme"], strict=True)],
            step=[next_step(code, lang) for code in pairs["type"]],
        )
        specs = [
            self._text("theme_name", "c_theme", 22),
            Spec("type", "word", translate=lambda code: self.words.word("type", code)),
            self._text("clause", "c_clause", 40), self._text("office", "c_office", 26),
            self._text("step", "c_step", 40),
        ]  # fmt: skip
        return grid(frame, specs, self.words, said.say("steps_title"))

    def _clause(self, kind: str, name: str) -> str:
        if kind == LINE:
            line = self.said.line(name)
            found = line.clause if line is not None else ""
        else:
            found = plan_clause(self.study.plans[name], self.result.lang, self.words.say("unverified"))
        return found or self.said.say("clause_own")


def renamed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return boundaries with a column of rows that tuples can hold (``name`` is one of their own)."""
    return frame.rename(columns={"name": "name_"})


def short(table: Grid, most: int, said: ConformWords) -> Grid:
    """Cut a long table and say so."""
    if len(table) <= most:
        return table
    more = said.say("more_rows", shown=most, all=f"{len(table):,}")
    return replace(table.head(most), note=" ".join(part for part in (table.note, more) if part))
