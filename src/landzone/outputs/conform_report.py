"""``conform.html`` and ``conform.docx``: the conformity report (合规性审查报告) that a person signs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from landzone.model.conform import ConformResult
from landzone.model.study import Study
from landzone.outputs import report_docx, report_html, run_grids
from landzone.outputs.conform_figures import draw
from landzone.outputs.conform_grids import ConformGrids, renamed, short
from landzone.outputs.conform_words import PLAN, ConformWords
from landzone.outputs.grid import Grid
from landzone.outputs.report_content import Block, Composer, Paragraph, Report, Section, TextTable
from landzone.outputs.sheet_fonts import cjk_font
from landzone.outputs.wording import clean

MOST_ROWS = 60
MOST_BOUNDARIES = 30
"""Boundaries whose details stand in the report; all of them are in the tables."""

_SIGNATURES = ("sign_made", "sign_checked", "sign_seal", "sign_date")


def write(study: Study, result: ConformResult, folder: Path) -> list[Path]:
    """Write ``conform.html`` and ``conform.docx`` into a folder and return their paths."""
    report = build(study, result)
    page, document = folder / "conform.html", folder / "conform.docx"
    page.write_text(report_html.page(report), encoding="utf-8", newline="\n")
    document.write_bytes(report_docx.document(report))
    return [page, document]


def build(study: Study, result: ConformResult) -> Report:
    """Return the report of judged boundaries."""
    return _Builder(study, result).report()


class _Builder:
    """Puts sentences, tables and maps into the sections that reviews have."""

    def __init__(self, study: Study, result: ConformResult) -> None:
        self.study, self.result = study, result
        self.said = ConformWords(study, result)
        self.grids = ConformGrids(self.said)
        self.composer = Composer(self.said.words)
        self.boundaries = list(renamed(pd.DataFrame(result.boundaries)).itertuples(index=False))

    def report(self) -> Report:
        """Return all sections in their order."""
        said = self.said
        parts = {
            "overview": self._overview, "basis": self._basis, "data": self._data, "method": self._method,
            "results": self._results, "conflicts": self._conflicts, "conclusion": self._conclusion,
            "annex": self._annex,
        }  # fmt: skip
        sections = tuple(Section(said.say(f"h_{key}"), tuple(part())) for key, part in parts.items())
        signatures = tuple(said.say(key) for key in _SIGNATURES)
        banner = said.words.banner
        return Report(self.result.lang, said.say("title"), self._subtitle(), banner, sections, signatures)

    def _subtitle(self) -> str:
        as_of = self.said.say("as_of", as_of=self.result.as_of) if self.result.as_of else ""
        name = clean(self.study.settings.name)
        if len(self.boundaries) == 1:
            boundary = clean(self.said.boundary(self.boundaries[0]))
            return self.said.say("subtitle_one", boundary=boundary, name=name, as_of=as_of)
        return self.said.say("subtitle", name=name, count=len(self.boundaries), as_of=as_of)

    def _say(self, key: str, kind: str = "body", **params: Any) -> Paragraph:
        return Paragraph(clean(self.said.say(key, **params)), kind)

    def _table(self, table: Grid, most: int = MOST_ROWS) -> TextTable:
        made = self.composer.table(short(table, most, self.said))
        return replace(made, totals=self.composer.totals(table))

    def _overview(self) -> list[Block]:
        own = next(one for one in self.result.run["inputs"] if one["role"] == "boundaries")
        area = self.said.area(float(self.result.boundaries["area_m2"].sum()))
        count = len(self.boundaries)
        return [
            self._say("overview", file=own["source"], count=count, area=area),
            self._say("preliminary", "note"),
            self._table(self.grids.boundaries(), 200),
        ]

    def _basis(self) -> list[Block]:
        blocks: list[Block] = [self._say("basis_intro"), self._table(self.grids.basis())]
        dated = any(plan.valid_from or plan.valid_to for plan in self.study.plans.values())
        return [*blocks, self._say("no_as_of", "note")] if dated and not self.result.as_of else blocks

    def _data(self) -> list[Block]:
        words = self.said.words
        inputs = self._table(run_grids.record_inputs(self.result.run["inputs"], words))
        if not self.result.run["crs_operations"]:
            return [inputs, Paragraph(words.say("operations_none"))]
        done = run_grids.record_operations(self.result.run["crs_operations"], words)
        return [inputs, self._table(done.only("role", "source_crs", "target_crs", "operation", "accuracy"))]

    def _method(self) -> list[Block]:
        settings, words = self.study.settings, self.said.words
        kind = words.say(settings.area_kind.value)
        width, precision = settings.alignment.sliver_width_m, settings.boundary_precision_m
        return [
            self._say("method_area", area_kind=kind),
            self._say("method_answer"),
            self._say("method_whole"),
            self._say("method_sliver", width=f"{width:g}", precision=f"{precision:g}"),
        ]

    def _results(self) -> list[Block]:
        blocks: list[Block] = []
        for number, row in enumerate(self.boundaries[:MOST_BOUNDARIES], 1):
            blocks += self._boundary(number, row)
        rest = len(self.boundaries) - MOST_BOUNDARIES
        return [*blocks, self._say("others", "note", count=rest)] if rest > 0 else blocks

    def _boundary(self, number: int, row: Any) -> list[Block]:
        said, grids, key = self.said, self.grids, str(row.boundary_id)
        name, area = clean(said.boundary(row)), said.area(row.area_m2)
        answer = said.answer(row.conclusion)
        head = self._say(
            "boundary_heading", "heading", number=number, name=name, area=area, conclusion=answer
        )
        tables = [
            grids.themes(key, name), grids.lines(key, name), grids.plans(key, name, area), grids.land_use(key, name),
            grids.parcels(key, name, row.area_m2),
        ]  # fmt: skip
        texts = [Paragraph(clean(text)) for text in said.themes(key)]
        return [head, *texts, *(self._table(table) for table in tables if len(table))]

    def _conflicts(self) -> list[Block]:
        if not len(self.result.conflicts):
            return [self._say("conflicts_none"), *self._disagreements()]
        return [
            self._say("conflicts_intro"),
            self._table(self.grids.conflicts(), 100),
            self._table(self.grids.steps()),
            *self._disagreements(),
        ]

    def _disagreements(self) -> list[Block]:
        """Return what plans say against one another; nothing where there are not two to compare."""
        plans = [plan for plan in self.study.plans.values() if plan.role == PLAN]
        if len(plans) < 2:
            return []
        if not len(self.result.disagreements):
            return [self._say("disagreements_none")]
        width = f"{self.study.settings.alignment.sliver_width_m:g}"
        return [self._say("disagreements_intro", width=width), self._table(self.grids.disagreements(), 100)]

    def _conclusion(self) -> list[Block]:
        said = self.said
        texts = [said.conclusion(row) for row in self.boundaries[: MOST_BOUNDARIES * 4]]
        texts += said.steps(self.result.conflicts)
        return [*(Paragraph(clean(text)) for text in texts), self._say("preliminary", "note")]

    def _annex(self) -> list[Block]:
        blocks: list[Block] = [self._say("annex_maps", "note")]
        for picture in draw(self.study, self.result):
            blocks.append(self.composer.map(picture))
            if cjk_font() is None:
                blocks.append(Paragraph(self.said.words.say("fig_no_font"), "note"))
        txt = self.said.say("annex_txt") if self.result.run["with_txt"] else ""
        blocks.append(self._say("annex_files", txt=txt))
        frames = {kind: getattr(self.result, kind) for kind in ("rejects", "repairs", "notes")}
        titles = {self.said.words.say(f"{kind}_title"): frame for kind, frame in frames.items() if len(frame)}
        if titles:
            blocks.append(
                self._table(run_grids.by_code(titles, self.said.words, self.said.say("annex_problems")))
            )
        return blocks
