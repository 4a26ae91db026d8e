"""Plans laid over zones: connected ground with one combination of codes, zone by zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from landzone.alignment.ground import PlanGround
from landzone.geometry.dissolve import Dissolved, dissolve_connected
from landzone.geometry.faces import SNAP_M, faces, faces_of_each
from landzone.geometry.grid_cut import Shapes


@dataclass(frozen=True)
class ZoneOverlay:
    """Connected grounds; the first column of their labels is the zone, the others are the plans (-1: absent)."""

    ground: Dissolved
    grid: float = SNAP_M


def overlay_zones(grounds: Sequence[PlanGround], zones: Shapes) -> ZoneOverlay:
    """Cut every zone by all plans. Pure.

    Every zone is overlaid alone: its patches depend on the zone and the plans, and on no other zone. So zones whose
    boundaries were drawn twice and share a sliver of ground both close, and zones may be dealt out to workers at will.
    """
    layers = [(plan.shapes, plan.label) for plan in grounds]
    parts = [
        dissolve_connected(overlay, np.column_stack([overlay.within, overlay.labels]))
        for overlay in faces_of_each(layers, zones)
    ]
    if not parts:
        none = faces(layers, zones)
        parts = [dissolve_connected(none, np.column_stack([none.within, none.labels]))]
    return ZoneOverlay(parts[0] if len(parts) == 1 else _stacked(parts))


def _stacked(parts: Sequence[Dissolved]) -> Dissolved:
    """Put the grounds of all zones into one order: by label, then by position."""
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
