"""``compare.xlsx``: everything that changed between two audits, as tables."""

from __future__ import annotations

from pathlib import Path

from landzone.outputs.compare_grids import CompareGrids
from landzone.outputs.compare_words import CompareWords
from landzone.outputs.grid import facts
from landzone.outputs.spreadsheet import Sheet, write_book

FILE_NAME = "compare.xlsx"


def write(said: CompareWords, folder: Path) -> Path:
    """Write ``compare.xlsx`` into a folder and return its path."""
    grids = CompareGrids(said)
    sentences = [(str(place), text) for place, text in enumerate(said.sentences(), 1)]
    tables = {
        "summary": (
            grids.overview(),
            facts(said.say("h_summary"), sentences, said.words),
            grids.notes(),
            grids.rows(),
        ),
        "zones": (grids.zones(everything=True),),
        "findings": (grids.findings(verdicts=True), grids.findings(verdicts=False), grids.verdicts()),
        "classes": (
            *(
                grids.class_matrix(name, areas=areas)
                for name in ("idle_class", "conformity")
                for areas in (False, True)
            ),
            grids.class_list(),
            grids.classes(),
        ),
        "patches": (grids.patch_changes(), grids.ground_matrix(), grids.patches(everything=True)),
        "lines": (grids.constraints(everything=True), grids.use_conflicts(everything=True)),
        "parcels": (grids.lineage(), grids.parcels(everything=True)),
        "cells": (grids.differences(),),
        "settings": (grids.plans(), grids.settings()),
    }
    run = said.result.run
    place = said.say("subtitle", name=run["new"]["study"], old=run["old"]["as_of"], new=run["new"]["as_of"])
    sheets = [
        Sheet(
            said.say(f"sheet_{name}"), f"{said.say(f'sheet_{name}')}  {place}", said.say("units"), tuple(own)
        )
        for name, own in tables.items()
    ]
    return write_book(folder / FILE_NAME, sheets, said.words, said.words.banner)
