"""Plans laid over zones: connected ground with one combination of codes, zone by zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from landzone.alignment.ground import PlanGround
from landzone.geometry.coverage import overlapping_pairs
from landzone.geometry.dissolve import Dissolved, dissolve_connected
from landzone.geometry.faces import SNAP_M, faces
from landzone.geometry.grid_cut import Shapes
from landzone.units import IntArray


@dataclass(frozen=True)
class ZoneOverlay:
    """Connected grounds; the first column of their labels is the zone, the others are the plans (-1: absent)."""

    ground: Dissolved
    grid: float = SNAP_M


def overlay_zones(grounds: Sequence[PlanGround], zones: Shapes, threads: int = 1) -> ZoneOverlay:
    """Cut every zone by all plans.

    Zones may share slivers of ground (their boundaries were drawn twice). Such zones are overlaid in turns, so
    that the ground of each is complete and its patches sum to its own area.
    """
    layers = [(plan.shapes, plan.label) for plan in grounds]
    parts = []
    for turn in _turns(zones):
        overlay = faces(layers, zones[turn], threads=threads)
        within = turn[overlay.within] if len(turn) else overlay.within
        parts.append(dissolve_connected(overlay, np.column_stack([within, overlay.labels])))
    return ZoneOverlay(parts[0] if len(parts) == 1 else _stacked(parts))


def _turns(zones: Shapes) -> list[IntArray]:
    """Part the zones into as few sets as a greedy choice finds, no two of one set sharing ground."""
    first, second = overlapping_pairs(zones)
    turn = np.zeros(len(zones), dtype=np.int64)
    for place in np.unique(second):
        taken = set(turn[first[second == place]].tolist())
        turn[place] = next(number for number in range(len(zones)) if number not in taken)
    return [np.flatnonzero(turn == number) for number in range(int(turn.max(initial=0)) + 1)]


def _stacked(parts: Sequence[Dissolved]) -> Dissolved:
    """Put the grounds of all turns into one order: by label, then by position."""
    sizes = np.cumsum([0, *(len(part.shapes) for part in parts)])
    moved = [
        replace(part, member=part.member + shift, first=part.first + shift, second=part.second + shift)
        for part, shift in zip(parts, sizes[:-1], strict=True)
    ]
    labels = np.concatenate([part.labels for part in moved])
    order = np.lexsort(labels.T[::-1])
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    first = rank[np.concatenate([part.first for part in moved])]
    second = rank[np.concatenate([part.second for part in moved])]
    return Dissolved(
        shapes=np.concatenate([part.shapes for part in moved])[order],
        labels=labels[order],
        member=rank[np.concatenate([part.member for part in moved])],
        first=np.minimum(first, second),
        second=np.maximum(first, second),
        border_m=np.concatenate([part.border_m for part in moved]),
    )
