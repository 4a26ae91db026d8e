"""Checks, before anything is measured, that the evaluations of a study stand on measures that there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from landzone.catalog.measure_list import measures
from landzone.catalog.messages import refusal
from landzone.catalog.pack_reader import nearest
from landzone.io.study_file import StudyFile
from landzone.io.study_lines import key_line
from landzone.model.rules import RulePack
from landzone.model.study import EvaluationSettings, Settings


def check_evaluation(file: StudyFile, settings: Settings, packs: Sequence[RulePack]) -> None:
    """Check the measures that ``[evaluation]`` names: those of the catalogue and the indicators of the packs.

    Raises
    ------
    Refusal
        ``EVALUATION_MEASURE``, with file, line and the nearest name.
    """
    catalogue = {**measures(), **measures(settings.money)}.values()
    for kind in ("zone", "enterprise"):
        known = {one.name for one in catalogue if kind in one.subjects}
        known |= {one.name for pack in packs for one in pack.indicators if kind in one.subjects}
        for name in settings.evaluation.measures(kind):
            if name not in known:
                path = next(_asked(settings.evaluation, kind, name))
                raise refusal(
                    "EVALUATION_MEASURE", file=Path(file.path).name, row=key_line(file.text, path) or "",
                    column=".".join(map(str, path[:2])), name=name, near=nearest(name, sorted(known)),
                )  # fmt: skip


def _asked(evaluation: EvaluationSettings, kind: str, name: str) -> Iterator[tuple[str | int, ...]]:
    """Yield where a measure is asked for."""
    scheme = evaluation.zones if kind == "zone" else evaluation.enterprises
    if scheme is not None and name in scheme.weights:
        yield "evaluation", f"{kind}s", "weights", name
    if kind == "zone" and evaluation.land is not None and name in evaluation.land.ideals:
        yield "evaluation", "land", "ideals", name
    for place, level in enumerate(evaluation.stars):
        if name in level.conditions:
            yield "evaluation", "stars", place, "conditions", name
