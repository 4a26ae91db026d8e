"""Plans laid over zones: connected ground with one combination of codes, zone by zone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from landzone.alignment.ground import PlanGround
from landzone.geometry.dissolve import Dissolved, dissolve_connected
from landzone.geometry.faces import faces, faces_of_each, stacked
from landzone.geometry.grid_cut import Shapes


def overlay_zones(grounds: Sequence[PlanGround], zones: Shapes) -> Dissolved:
    """Cut every zone by all plans. Pure.

    The first column of the labels is the position of the zone, the others are the classes of the plans (-1: absent).

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
    return parts[0] if len(parts) == 1 else _stacked(parts)


def _stacked(parts: Sequence[Dissolved]) -> Dissolved:
    """Put the grounds of all zones into one order: by label, then by position."""
    sizes = np.cumsum([0, *(len(part.shapes) for part in parts)])
    labels = np.concatenate([part.labels for part in parts])
    order = np.lexsort(labels.T[::-1])
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    numbers = [rank[shift : shift + len(part.shapes)] for part, shift in zip(parts, sizes, strict=False)]
    pairs = zip(parts, numbers, strict=True)
    first, second = np.hstack([number[np.stack([part.first, part.second])] for part, number in pairs])
    return Dissolved(
        shapes=np.concatenate([part.shapes for part in parts])[order],
        labels=labels[order],
        borders=stacked([part.borders.grouped(own) for part, own in zip(parts, numbers, strict=True)]),
        first=np.minimum(first, second),
        second=np.maximum(first, second),
        border_m=np.concatenate([part.border_m for part in parts]),
    )
