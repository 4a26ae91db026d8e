"""Finished parts put together: refused unless every parcel is there once and no ground was lost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from landzone.catalog.messages import refusal
from landzone.engine.kernel import Partial
from landzone.engine.land_files import LandHead
from landzone.engine.tasks import Task

DENSE = "parcel"


def reduce_parts(tasks: Sequence[Task], head: LandHead) -> Partial:
    """Put the finished parts of all tasks into the order of the study.

    Raises
    ------
    Refusal
        TASK_MISSING where a part is missing or of another run; TASK_SUMS where the parts do not hold every parcel
        once, or do not add up to the ground of all parcels, or where pieces of a parcel exceed it.
    """
    parts = [task.kept() for task in tasks]
    whole = combine(parts)
    count, area = len(whole[DENSE]), int(whole["area"].sum())
    if not np.array_equal(whole[DENSE], np.arange(head.count)):
        raise refusal("TASK_SUMS", what="parcels", found=count, expected=head.count)
    if area != head.area:
        raise refusal("TASK_SUMS", what="area", found=area, expected=head.area)
    for plan in head.plans:
        units = np.zeros(count, dtype=np.int64)
        np.add.at(units, whole[f"share:{plan.name}:left"], whole[f"share:{plan.name}:units"])
        over = np.flatnonzero(units > whole["area"])
        if len(over):
            raise refusal(
                "TASK_SUMS", what=plan.name, found=int(units[over[0]]), expected=int(whole["area"][over[0]])
            )
    return whole


def combine(parts: Sequence[Partial]) -> Partial:
    """Join parts and sort what they hold by positions: the order in which they were found leaves no trace."""
    names = list(parts[0]) if parts else []
    joined = {name: np.concatenate([part[name] for part in parts]) for name in names}
    order = np.argsort(joined[DENSE], kind="stable")
    whole: Partial = {name: values[order] for name, values in joined.items() if not _is_piece(name)}
    for head in sorted({name.rpartition(":")[0] for name in joined if _is_piece(name)}):
        order = np.lexsort((joined[f"{head}:right"], joined[f"{head}:left"]))
        for column in ("left", "right", "units"):
            whole[f"{head}:{column}"] = joined[f"{head}:{column}"][order]
    return whole


def _is_piece(name: str) -> bool:
    return name.startswith(("pair:", "share:"))
