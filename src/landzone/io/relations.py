"""How the layers of a study lie to each other: zones that overlap, layers that never meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from landzone.catalog.messages import LANGUAGES, message, refusal
from landzone.geometry.coverage import overlapping_pairs
from landzone.geometry.width import is_sliver, mean_width_m
from landzone.io.coordinates import Located
from landzone.model.layer import Layer
from landzone.model.problems import Problems

_SHOWN = 10
Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Member:
    """A layer in the working CRS together with the source it came from (None: made from the parcels)."""

    layer: Layer
    located: Located | None = None

    @property
    def shapes(self) -> Shapes:
        """Shapes in the working CRS."""
        return np.asarray(self.layer.frame.geometry.to_numpy(), dtype=object)


def refuse_overlapping_zones(zones: Layer, sliver_width_m: float, problems: Problems) -> None:
    """Refuse zones that share ground; a sliver narrower than the sliver width is noted.

    The areas in the message are those of the plane.

    Raises
    ------
    Refusal
        ZONES_OVERLAP with both ids and the area.
    """
    shapes = zones.frame.geometry.to_numpy()
    first, second = overlapping_pairs(shapes)
    if not len(first):
        return
    shared = shapely.intersection(shapes[first], shapes[second])
    thin = is_sliver(shared, sliver_width_m)
    areas, widths = shapely.area(shared), mean_width_m(shared)
    ids = zones.frame.index
    if not thin.all():
        wide = np.flatnonzero(~thin)
        pairs = [f"{ids[first[i]]} – {ids[second[i]]} {areas[i]:.0f} m²" for i in wide[:_SHOWN]]
        raise refusal(
            "ZONES_OVERLAP", file=zones.source.source, layer=zones.source.layer, pairs="; ".join(pairs)
        )
    for i in np.flatnonzero(areas > 0):
        params = {"left": ids[first[i]], "right": ids[second[i]], "limit_m": f"{sliver_width_m:g}"}
        params |= {"area_m2": _small(areas[i]), "width_m": _small(widths[i])}
        place = {"source": zones.source.source, "layer": zones.role}
        problems.note("ZONES_OVERLAP_SLIVER", **place, ids=str(ids[first[i]]), params=params)


def _small(value: float) -> str:
    return f"{value:.4g}"


def require_overlap(left: Member, right: Member) -> None:
    """Refuse two layers that share no ground at all.

    Raises
    ------
    Refusal
        NO_OVERLAP naming both CRSs, and the CRS under which they would meet if there is one.
    """
    if meets(left.shapes, right.shapes):
        return
    hint = {f"hint_{lang}": "" for lang in LANGUAGES}
    a, b = left.located, right.located
    if a is not None and b is not None and a.label != b.label and _same_numbers(a, b):
        names = {"left": a.raw.source, "crs": b.label}
        hint = {f"hint_{lang}": message("CRS_HINT_OTHER", lang, **names) for lang in LANGUAGES}
    raise refusal(
        "NO_OVERLAP",
        file=left.layer.source.source,
        layer=left.layer.source.layer,
        left=_name(left),
        right=_name(right),
        left_crs=a.label if a else "",
        right_crs=b.label if b else "",
        **hint,
    )


def _name(member: Member) -> str:
    return member.layer.source.source or member.layer.role


def meets(left: Shapes, right: Shapes) -> bool:
    """Tell whether two sets of shapes share ground anywhere; touching is not meeting."""
    tree = shapely.STRtree(right)
    for part in np.array_split(left, max(1, len(left) // 1000)):
        first, second = tree.query(part)
        if len(first) and shapely.relate_pattern(part[first], right[second], "T********").any():
            return True
    return False


def _same_numbers(left: Located, right: Located) -> bool:
    """Tell whether the bare coordinates of two sources lie in the same range."""
    boxes = []
    for located in (left, right):
        bounds = shapely.bounds(np.asarray(located.raw.geometry, dtype=object)).reshape(-1, 4)
        bounds = bounds[np.isfinite(bounds).all(axis=1)]
        boxes.append(shapely.box(*bounds[:, :2].min(axis=0), *bounds[:, 2:].max(axis=0)))
    return bool(shapely.intersects(boxes[0], boxes[1]))
