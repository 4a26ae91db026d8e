"""The case file of a parcel as data: facts, clock, clauses, ground, pictures, proofs; page and document write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from landzone.catalog import load
from landzone.catalog.columns import own_specs
from landzone.catalog.idle_law import clause_words, idle_terms
from landzone.catalog.idle_steps import clock_clauses, clock_lines
from landzone.catalog.labels import labels
from landzone.measures.idle_timeline import timeline
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.case_drawings import Surroundings, line_drawing
from landzone.outputs.case_pictures import CasePicture
from landzone.outputs.figures import source_lines
from landzone.outputs.grid import DASH, written
from landzone.outputs.report_content import Block, Map, Paragraph, Report, Section, TextTable
from landzone.outputs.result_grids import idle_classes, idle_word, zone_names
from landzone.outputs.sheet_fonts import cjk_font
from landzone.outputs.wording import Wording, clean

_PARCEL_FACTS = (
    "zone_id", "holder", "name", "use_code", "use_name", "ownership", "supply_mode", "area_m2", "registered_area_m2",
    "measured_area_m2", "footprint_m2", "floor_area_m2", "building_density_ratio", "floor_area_ratio", "conformity",
)  # fmt: skip
_COMPUTED = (
    "footprint_m2", "floor_area_m2", "building_density_ratio", "floor_area_ratio", "conformity", "zone_id",
)  # fmt: skip


class CaseWriter:
    """Builds the case files of one result; what all of them need is looked up once."""

    def __init__(
        self, study: Study, result: AuditResult, parcel_ids: Sequence[str], pictures_folder: str = ""
    ) -> None:
        self.study, self.result = study, result
        self.words = Wording(study, result.lang)
        self.own = labels("cases", result.lang)
        self.money = study.settings.money
        self.pictures_folder = pictures_folder
        self.font = cjk_font()
        self.drawn = Wording(study, result.lang if self.font else "en")
        self.source = source_lines(study, self.drawn, result)
        self.zone_names = zone_names(study, result)
        plain = pd.DataFrame(result.parcels.drop(columns="geometry"))
        self.parcels = _by_id(plain, "parcel_id", parcel_ids)
        self.projects = _by_id(result.projects, "parcel_id", parcel_ids)
        self.tables = {
            name: _by_id(result.tables[name], "parcel_id", parcel_ids) if name in result.tables else {}
            for name in ("evidence", "contradictions", "deadlines", "source_rows")
        }
        own = [str(row["project_id"]) for rows in self.projects.values() for row in rows]
        columns = ["subject_id", "code", "column", "message"]
        problems = [
            getattr(result, name).reindex(columns=columns) for name in ("rejects", "repairs", "notes")
        ]
        self.problems = _by_id(pd.concat(problems, ignore_index=True), "subject_id", [*parcel_ids, *own])
        self.around = Surroundings(
            result.parcels.geometry.to_numpy(), result.parcels["parcel_id"].to_numpy(),
            result.buildings.geometry.to_numpy(), study.settings.idle.footprint_shift_m,
        )  # fmt: skip

    def say(self, key: str, **params: Any) -> str:
        """Return a sentence of ``labels/cases.toml`` with its places filled."""
        return self.own[key].format(**params)

    def rows(self, table: str, parcel_id: str) -> list[dict[str, Any]]:
        """Return the rows of a table that speak of a parcel."""
        return self.tables[table].get(parcel_id, [])

    def report(
        self, parcel_id: str, pictures: Sequence[CasePicture] = (), more: Sequence[Path] = ()
    ) -> Report:
        """Return the case file of a parcel.

        Parameters
        ----------
        parcel_id : str
        pictures : sequence of CasePicture
            What a person has put in; a picture that cannot be opened is named.
        more : sequence of Path
            Further pictures that are only named.
        """
        parcel, projects = self.parcels[parcel_id][0], self.projects.get(parcel_id, [])
        suspected = parcel.get("idle_class") in idle_classes()
        sections = {
            "facts": self._facts(parcel, projects),
            "clock": self._clock(projects),
            "basis": self._basis(projects),
            "ground": self._ground(parcel_id),
            "pictures": self._pictures(pictures, more),
            "proofs": self._proofs(parcel, projects, len([p for p in pictures if p.jpeg])),
            "terms": self._terms(parcel_id),
            "problems": self._problems(parcel_id, projects),
        }
        name = clean(self.study.settings.name)
        as_of = self.result.as_of.isoformat()
        return Report(
            lang=self.result.lang,
            title=self.say("title" if suspected else "title_other"),
            subtitle=self.say("subtitle", parcel=clean(parcel_id), name=name, as_of=as_of),
            banner=self.words.banner,
            sections=tuple(Section(self.say(f"h_{key}"), tuple(own)) for key, own in sections.items()),
            signatures=tuple(self.say(f"sign_{key}") for key in ("investigator", "reviewer", "date", "seal")),
        )

    def table(
        self, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], note: str = ""
    ) -> TextTable:
        """Return rows of texts as a table."""
        return TextTable(
            caption=title,
            head=tuple(self.say(f"c_{head}") for head in heads),
            rows=tuple(tuple(clean(cell) or DASH for cell in row) for row in rows),
            right=(False,) * len(heads),
            tones=tuple(("",) * len(heads) for _ in rows),
            note=note or ("" if rows else self.words.say("none")),
        )

    def value(self, name: str, value: Any) -> str:
        """Return a cell of a table of the audit as people read it."""
        if value is None or pd.isna(value):
            return ""
        if name == "zone_id":
            return self.words.zone(value, self.zone_names)
        if name == "conformity":
            return self.words.word("conformity", value)
        if name == "gov_cause_code":
            entry = load.table("idle_law.toml")["causes"].get(value)
            return self.words.beside(str(value), entry[self.result.lang] if entry else "")
        if isinstance(value, bool):
            return self.words.say("yes" if value else "no")
        for end, kind, unit in (
            ("_m2", "m2", self.words.unit("m2")),
            (f"_{self.money}", "money", self.words.money),
            ("density_ratio", "ratio", ""),
            ("_ratio", "far", ""),
        ):
            if name.endswith(end):
                return f"{written(float(value), kind)} {unit}".strip()
        return str(value).removesuffix(".0") if isinstance(value, float) else str(value)

    def title(self, name: str) -> str:
        """Return the title of a column."""
        spec = {
            one.frame_name.replace("_fen", f"_{self.money}"): one for one in own_specs("projects").values()
        }.get(name)
        return spec.zh if spec and spec.zh and self.result.lang == "zh" else self.words.title(name)

    def _facts(self, parcel: Mapping[str, Any], projects: list[dict[str, Any]]) -> list[Block]:
        parcel_id = str(parcel["parcel_id"])
        where = {(row["layer"], row["subject_id"]): row for row in self.rows("source_rows", parcel_id)}
        measured = self.say("measured", kind=self.words.word("area_kind", parcel.get("area_kind")))
        lines = [[self.title("parcel_id"), parcel_id, self._source(where.get(("parcels", parcel_id)))]]
        for name in _PARCEL_FACTS:
            text = self.value(name, parcel.get(name))
            source = self._source(where.get(("parcels", parcel_id)))
            source = measured if name in ("area_m2", "measured_area_m2") else source
            source = self.say("computed") if name in _COMPUTED else source
            if text:
                lines.append([self.title(name), text, source])
        blocks: list[Block] = [Paragraph(self.say("suspected"), "note")]
        blocks.append(self.table(self.say("t_parcel"), ("item", "value", "source"), lines))
        names = [spec.frame_name.replace("_fen", f"_{self.money}") for spec in own_specs("projects").values()]
        for row in projects:
            rows = [r for r in self.rows("source_rows", parcel_id) if r["subject_id"] == row["project_id"]]
            source = self.words.join([self._source(one) for one in rows]) if rows else self.say("source_none")
            told = [[self.title(n), self.value(n, row[n]), source] for n in names if n in row]
            told = [line for line in told if line[1]]
            title = self.say("t_project", project=clean(str(row["project_id"])))
            blocks.append(self.table(title, ("item", "value", "source"), told))
        return blocks

    def _source(self, row: Mapping[str, Any] | None) -> str:
        if row is None:
            return self.say("source_none")
        return self.say("source_row", file=row["source"], row=row["row"])

    def _clock(self, projects: list[dict[str, Any]]) -> list[Block]:
        reading, as_of = self.study.settings.idle.anniversary, self.result.as_of
        blocks: list[Block] = []
        for row in projects:
            project = clean(str(row["project_id"]))
            conclusion = self.words.idle(row.get("conclusion"))
            blocks.append(
                Paragraph(self.say("conclusion", project=project, conclusion=conclusion), "heading")
            )
            title = self.say("line_title", project=project)
            line = timeline(row, as_of, reading, idle_terms())
            page = line_drawing(line, self.result.lang, title)
            drawn = line_drawing(line, self.drawn.lang, title)
            blocks.append(Map(title, drawn.png(self.font), page.svg()))
            steps = clock_lines(row, as_of, self.result.lang, reading, self.money)
            blocks += [Paragraph(f"{number}. {clean(step)}") for number, step in enumerate(steps, 1)]
        return blocks or [Paragraph(self.say("none_clock"))]

    def _basis(self, projects: list[dict[str, Any]]) -> list[Block]:
        reading, as_of = self.study.settings.idle.anniversary, self.result.as_of
        found: dict[str, tuple[str, str, bool]] = {}
        for row in projects:
            for clause, quote, unverified in clock_clauses(row, as_of, reading, self.money):
                found[clause + quote] = (clause, quote, unverified)
        law = load.table("idle_law.toml")["law"][self.result.lang]
        lines = [
            [
                f"{law} {clause_words(clause, self.result.lang)}",
                self.words.quoted(quote),
                self.say("clause_unverified" if unverified else "clause_checked"),
            ]
            for clause, quote, unverified in found.values()
        ]
        return [self.table(self.say("t_clauses"), ("clause", "quote", "checked"), lines)]

    def _ground(self, parcel_id: str) -> list[Block]:
        picture = self.around.picture(parcel_id, self.drawn, self.font, self.source)
        told = labels("evidence", self.result.lang)
        blocks: list[Block] = [
            Map(self.say("map_title"), picture),
            Paragraph(self.say("ground_note"), "note"),
        ]
        evidence = self.rows("evidence", parcel_id)
        lines = [
            [told.get(row["evidence"], row["evidence"]), told.get(row["says"], row["says"]),
             *(self._share(row[name]) for name in ("built_ratio", "open_ratio", "changed_ratio")),
             self.value("evidence_date", row["evidence_date"]), self.value("resolution", row["resolution_m"])]
            for row in evidence
        ]  # fmt: skip
        heads: tuple[str, ...] = ("evidence", "says", "built", "open", "changed", "date", "resolution")
        blocks.append(
            self.table(self.say("t_evidence"), heads, lines) if lines else Paragraph(self.say("no_evidence"))
        )
        against = [
            [told.get(row["kind"], row["kind"]), told.get(row["strength"], row["strength"]),
             self._named(row["sources"]), self._named(row["sources_against"])]
            for row in self.rows("contradictions", parcel_id)
        ]  # fmt: skip
        heads = ("kind", "strength", "sources", "against")
        if against:
            return [*blocks, self.table(self.say("t_contradictions"), heads, against)]
        return [*blocks, Paragraph(self.say("no_contradiction"))] if lines else blocks

    def _share(self, value: Any) -> str:
        return "" if value is None or pd.isna(value) else written(float(value), "ratio")

    def _named(self, names: Any) -> str:
        told = labels("evidence", self.result.lang)
        parts = (
            [] if names is None or pd.isna(names) else [told.get(n, n) for n in str(names).split("|") if n]
        )
        return self.words.join(parts)

    def _pictures(self, pictures: Sequence[CasePicture], more: Sequence[Path]) -> list[Block]:
        if not pictures:
            return [Paragraph(self.say("no_pictures", folder=clean(self.pictures_folder)))]
        blocks: list[Block] = []
        for one in pictures:
            if one.jpeg:
                caption = self.say("picture", file=clean(one.file), sha=one.sha256[:16])
                blocks.append(Map(caption, one.jpeg, kind="jpeg"))
            else:
                blocks.append(Paragraph(self.say("picture_broken", file=clean(one.file)), "note"))
        if more:
            files = self.words.join([clean(path.name) for path in more])
            blocks.append(Paragraph(self.say("pictures_more", count=len(more), files=files), "note"))
        return blocks

    def asked(self, parcel: Mapping[str, Any]) -> list[str]:
        """Return the documents that the holder of a parcel can be asked for, by its class."""
        entries = load.table("cases.toml")["proofs"].values()
        fitting = [
            one
            for one in entries
            if parcel.get("idle_class") in one.get("classes", [parcel.get("idle_class")])
        ]
        return [one[self.result.lang] for one in fitting if one.get("holder")]

    def proofs(
        self, parcel: Mapping[str, Any], projects: list[dict[str, Any]], pictures: int = 0
    ) -> list[list[str]]:
        """Return the proofs that belong into the file of a parcel: what, in which state, what for."""
        lines = []
        for entry in load.table("cases.toml")["proofs"].values():
            if "classes" in entry and parcel.get("idle_class") not in entry["classes"]:
                continue
            lines.append(
                [entry[self.result.lang], self._proof_state(entry, parcel, projects, pictures),
                 entry["why"][self.result.lang]]
            )  # fmt: skip
        return lines

    def _proof_state(
        self,
        entry: Mapping[str, Any],
        parcel: Mapping[str, Any],
        projects: list[dict[str, Any]],
        pictures: int,
    ) -> str:
        if entry.get("pictures") and pictures:
            return self.say("proof_pictures", count=pictures)
        known = own_specs("projects") | own_specs("parcels")
        columns = {
            name: known[name].frame_name.replace("_fen", f"_{self.money}") for name in entry["columns"]
        }
        own = (
            [row for row in projects if row.get("idle_class") == parcel.get("idle_class")] or projects or [{}]
        )
        states = []
        for row in own:
            both = {**parcel, **row}
            filled = [name for name, column in columns.items() if self.value(column, both.get(column))]
            rejected = str(both.get("rejected_cells") or "").split("|")
            enough = len(filled) == len(columns) if entry.get("every") else bool(filled)
            lost = any(name in rejected for name in columns)
            states.append("given" if enough and columns else "rejected" if lost else "missing")
        worst = next(state for state in ("rejected", "missing", "given") if state in states)
        return self.say(f"proof_{worst}")

    def _proofs(
        self, parcel: Mapping[str, Any], projects: list[dict[str, Any]], pictures: int
    ) -> list[Block]:
        lines = self.proofs(parcel, projects, pictures)
        lacking = [self.say("proof_missing"), self.say("proof_rejected")]
        note = self.say("missing_count", count=sum(line[1] in lacking for line in lines))
        return [self.table(self.say("t_proofs"), ("proof", "state", "why"), lines, note)]

    def _terms(self, parcel_id: str) -> list[Block]:
        states = labels("deadlines", self.result.lang)
        lines = [
            [str(row["due_date"]), self.words.deadline(row["kind"]), str(row["days_left_count"]),
             states.get(row["state"], row["state"])]
            for row in self.rows("deadlines", parcel_id)
        ]  # fmt: skip
        return [self.table(self.say("t_terms"), ("due", "what", "left", "state"), lines)]

    def _problems(self, parcel_id: str, projects: list[dict[str, Any]]) -> list[Block]:
        ids = dict.fromkeys([parcel_id, *(str(row["project_id"]) for row in projects)])
        rows = [row for name in ids for row in self.problems.get(name, [])]
        lines = [[row["code"], self.value("column", row.get("column")), row["message"]] for row in rows]
        return [self.table(self.say("t_problems"), ("code", "column", "message"), lines)]

    def conclusion(self, parcel: Mapping[str, Any]) -> str:
        """Return what is suspected of a parcel, in words."""
        text = self.words.idle(parcel.get("idle_conclusion"))
        return text or idle_word(parcel.get("idle_class"), self.words)


def _by_id(frame: pd.DataFrame, key: str, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a table that speak of some ids, by id."""
    found: dict[str, list[dict[str, Any]]] = {}
    if key not in frame:
        return found
    for row in frame[frame[key].isin(list(ids))].to_dict("records"):
        found.setdefault(str(row[key]), []).append(row)
    return found
