"""``compare.html``: what changed between two audits, for the person who must sign."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from landzone.outputs import report_html
from landzone.outputs.compare_grids import CompareGrids
from landzone.outputs.compare_words import CompareWords
from landzone.outputs.grid import Grid
from landzone.outputs.report_content import Block, Composer, Link, Paragraph, Report, Section, TextTable
from landzone.outputs.wording import clean

FILE_NAME = "compare.html"
MAP_FILE = "compare_map.html"
MOST_ROWS = 60
_SIGNATURES = ("made", "checked", "date", "seal")


def write(said: CompareWords, folder: Path) -> Path:
    """Write ``compare.html`` into a folder and return its path."""
    path = folder / FILE_NAME
    path.write_text(report_html.page(build(said)), encoding="utf-8", newline="\n")
    return path


def build(said: CompareWords) -> Report:
    """Return the report of a comparison."""
    return _Builder(said).report()


class _Builder:
    """Puts sentences and tables into the order in which a reader asks."""

    def __init__(self, said: CompareWords) -> None:
        self.said, self.result = said, said.result
        self.grids = CompareGrids(said)
        self.composer = Composer(said.words)

    def report(self) -> Report:
        """Return all sections in their order."""
        said = self.said
        parts = {
            "overview": self._overview, "notes": self._notes, "summary": self._summary, "zones": self._zones,
            "findings": self._findings, "idle": self._idle, "patches": self._patches, "lines": self._lines,
            "features": self._features, "rows": self._rows, "annex": self._annex,
        }  # fmt: skip
        sections = tuple(Section(said.say(f"h_{key}"), tuple(part())) for key, part in parts.items())
        run = self.result.run
        subtitle = said.say(
            "subtitle", name=clean(run["new"]["study"]), old=run["old"]["as_of"], new=run["new"]["as_of"]
        )
        signatures = tuple(said.words.say(f"sign_{key}") for key in _SIGNATURES)
        return Report(self.result.lang, said.say("title"), subtitle, said.words.banner, sections, signatures)

    def _say(self, key: str, kind: str = "body") -> Paragraph:
        return Paragraph(clean(self.said.say(key)), kind)

    def _table(self, grid: Grid) -> TextTable:
        note = grid.note
        if len(grid) > MOST_ROWS:
            more = self.said.say("more_rows", shown=MOST_ROWS, all=f"{len(grid):,}")
            note = " ".join(part for part in (note, more) if part)
        made = self.composer.table(replace(grid.head(MOST_ROWS), note=note))
        return replace(made, totals=self.composer.totals(grid))

    def _some(self, grid: Grid, none: str) -> list[Block]:
        return [self._table(grid)] if len(grid) else [self._say(none)]

    def _overview(self) -> list[Block]:
        return [
            self._say("overview"),
            self._table(self.grids.overview()),
            Link(self.said.say("link_map"), MAP_FILE),
            self._say("suspected", "note"),
        ]

    def _notes(self) -> list[Block]:
        notes = self.result.notes
        if not len(notes):
            return [self._say("same_all")]
        if len(notes) > MOST_ROWS:
            return [self._say("same_rest"), self._table(self.grids.notes())]
        return [
            self._say("same_rest"),
            *(Paragraph(_sentence(str(text)), "note") for text in notes["message"]),
        ]

    def _summary(self) -> list[Block]:
        return [Paragraph(clean(text)) for text in self.said.sentences()]

    def _zones(self) -> list[Block]:
        shown = self.grids.zones(rates_per_mu=False).only(
            "zone", "measure", "old_value", "new_value", "difference_value"
        )
        return self._some(shown, "zones_same")

    def _findings(self) -> list[Block]:
        shown = self.grids.findings(verdicts=True).only(
            "subject_kind", "subject_id", "rule_id", "rule_title", "verdict_old", "verdict_new", "because",
            "observed_old", "observed_new", "limit_old", "limit_new", "gap_new", "clause",
        )  # fmt: skip
        values = self.grids.findings(verdicts=False).only(
            "subject_kind", "subject_id", "rule_id", "rule_title", "verdict_new", "because", "observed_old",
            "observed_new", "observed_difference", "limit_new",
        )  # fmt: skip
        return [*self._some(shown, "none_findings"), *([self._table(values)] if len(values) else [])]

    def _idle(self) -> list[Block]:
        return [
            self._table(self.grids.class_matrix("idle_class", areas=False)),
            self._table(self.grids.class_matrix("idle_class", areas=True)),
            *self._some(self.grids.class_list(), "class_list_none"),
        ]

    def _patches(self) -> list[Block]:
        shown = self.grids.patches().only(
            "state", "zone_id", "patch_id_old", "patch_id_new", "type_old", "type_new", "area_old_m2", "area_new_m2",
            "difference_m2", "ground",
        )  # fmt: skip
        return [
            self._table(self.grids.patch_changes()),
            *self._some(shown, "patch_list_none"),
            self._table(self.grids.ground_matrix()),
        ]

    def _lines(self) -> list[Block]:
        own = [grid for grid in (self.grids.constraints(), self.grids.use_conflicts()) if len(grid)]
        return [self._table(grid) for grid in own] or [self._say("lines_none")]

    def _features(self) -> list[Block]:
        parcels = self.grids.parcels().only(
            "parcel_id", "state", "shape", "area_old_m2", "area_new_m2", "difference_m2", "columns_text",
            "rejected_code",
        )  # fmt: skip
        lineage = self.grids.lineage()
        blocks = self._some(parcels, "parcels_none")
        blocks += [self._table(lineage)] if len(lineage) else []
        cells = [self.grids.differences(table) for table in ("parcels", "projects")]
        return [*blocks, *(self._table(grid) for grid in cells if len(grid))]

    def _rows(self) -> list[Block]:
        return [self._table(self.grids.rows())]

    def _annex(self) -> list[Block]:
        return [
            *self._some(self.grids.settings(), "settings_none"),
            self._table(self.grids.plans()),
            self._say("annex_files", "note"),
        ]


def _sentence(text: str) -> str:
    """Return a message as a sentence of its own."""
    return clean(text[:1].upper() + text[1:])
