"""Changing coordinates without hidden damage.

No guesses: where PROJ knows only a "ballpark" (coordinates left as they are under another name), the change is refused
unless the user gives the transformation. The one identity taken for granted is CGCS2000 = WGS 84 (a few centimetres).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyproj
import shapely
from pyproj import network
from pyproj.aoi import AreaOfInterest
from pyproj.transformer import TransformerGroup

from landzone.geometry.densify import densify
from landzone.geometry.gauss_kruger import Datum, datum_of
from landzone.geometry.projection import horizontal, transverse_mercator, unit_factor
from landzone.model.study import CrsOperation
from landzone.units import FloatArray

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

_LINES_PER_DEGREE = 5_000.0
_LINES_PER_METRE = 1.0 / 200.0
_LINES_PER_METRE_MERCATOR = 1.0 / 20.0
"""Grids for points on edges: 0.0002 degrees; 200 m; 20 m where straight lines bend as much as in degrees."""

STRAIGHT_METHODS = (
    "Transverse Mercator",
    "Lambert Conic Conformal (1SP)",
    "Lambert Conic Conformal (2SP)",
)


class NoTransformation(ValueError):
    """No true operation between two CRSs is known; the user has to give one.

    Attributes
    ----------
    source, target : pyproj.CRS
    """

    def __init__(self, source: pyproj.CRS, target: pyproj.CRS) -> None:
        self.source = source
        self.target = target
        super().__init__(
            f"no transformation with known parameters from {source.name} to {target.name}; state one as a PROJ pipeline"
        )


@dataclass(frozen=True)
class Transformation:
    """A change of coordinates, and what there is to say about it.

    Attributes
    ----------
    source, target : pyproj.CRS
    name, pipeline : str
        The operation as PROJ names it and writes it.
    accuracy_m : float
        Metres; 0 for mere changes of projection, -1 where unknown.
    densified : bool
        Whether edges get points on a fixed grid first.
    """

    source: pyproj.CRS
    target: pyproj.CRS
    name: str
    pipeline: str
    accuracy_m: float
    lines_per_unit: float = 0.0
    shift: tuple[float, float] | None = None
    steps: tuple[pyproj.Transformer, ...] = field(default=(), repr=False)

    @property
    def densified(self) -> bool:
        """Whether edges get points on a fixed grid before the change."""
        return self.lines_per_unit > 0

    @property
    def is_identity(self) -> bool:
        """Whether coordinates stay as they are, bit for bit."""
        return self.shift == (0.0, 0.0)

    def operation(self, role: str) -> CrsOperation:
        """Return the record for ``run.json``."""
        return CrsOperation(
            role,
            _label(self.source),
            _label(self.target),
            self.name,
            self.pipeline,
            self.accuracy_m,
            self.densified,
        )

    def apply(self, shapes: Any) -> Any:
        """Return the shapes in the target CRS, each by itself (chunks cannot matter); heights are dropped.

        Coordinates that the operation cannot take come out as infinity; missing shapes stay missing.
        """
        array = np.asarray(shapes, dtype=object)
        if self.is_identity:
            return shapely.force_2d(array)
        if self.densified:
            array = densify(array, self.lines_per_unit)
        return shapely.transform(array, self.coordinates)

    def coordinates(self, xy: FloatArray) -> FloatArray:
        """Return coordinates, shape (n, 2), in the target CRS."""
        if self.shift is not None:
            moved: FloatArray = np.asarray(xy, dtype=np.float64) + np.array(self.shift)
            return moved
        x, y = xy[:, 0], xy[:, 1]
        for step in self.steps:
            x, y = step.transform(x, y)
        return np.column_stack([x, y])


def transformation(
    source: pyproj.CRS, target: pyproj.CRS, *, pipeline: str | None = None, area: Bounds | None = None
) -> Transformation:
    """Find the change of coordinates from one CRS to another, or refuse.

    Parameters
    ----------
    source, target : pyproj.CRS
    pipeline : str, optional
        A PROJ pipeline of the user that takes (x east or longitude, y north or latitude) of ``source`` to those of
        ``target``; its accuracy is unknown.
    area : (west, south, east, north), optional
        Degrees, where the data lie: operations made for elsewhere are left out. Without it one for Xi'an 1980 or
        Beijing 1954 has to be good for the whole of the source CRS.

    Raises
    ------
    NoTransformation
        Where only a ballpark is known (Xi'an 1980 or Beijing 1954 to CGCS2000).

    Examples
    --------
    >>> transformation(pyproj.CRS("EPSG:4526"), pyproj.CRS("EPSG:4547")).shift
    (-38000000.0, 0.0)
    """
    network.set_network_enabled(active=False)  # type: ignore[attr-defined]
    flat, goal = horizontal(source), horizontal(target)
    lines = _grid(flat, goal)
    if pipeline is not None:
        step = pyproj.Transformer.from_pipeline(pipeline)
        return Transformation(source, target, "given by the user", pipeline, -1.0, lines, None, (step,))
    if flat.equals(goal, ignore_axis_order=True):
        return Transformation(source, target, "none: the same CRS", "", 0.0, 0.0, (0.0, 0.0))
    if same_ground(flat, goal):
        return _by_degrees(source, target, lines)
    found = _operation(_without_null_shift(source), _without_null_shift(target), area)
    if found is None:
        raise NoTransformation(source, target)
    return Transformation(
        source, target, found.description, found.definition, float(found.accuracy), lines, None, (found,)
    )


def same_ground(source: pyproj.CRS, target: pyproj.CRS) -> bool:
    """Tell whether a point has the same longitude and latitude in both: one datum, or CGCS2000 and WGS 84."""
    first, second = datum_of(source), datum_of(target)
    if first is not None and second is not None:
        return first == second or {first, second} == {Datum.CGCS2000, Datum.WGS84}
    base, other = source.geodetic_crs, target.geodetic_crs
    return base is not None and other is not None and base.equals(other, ignore_axis_order=True)


def _by_degrees(source: pyproj.CRS, target: pyproj.CRS, lines: float) -> Transformation:
    """Exact change between two CRSs on the same ground: by a constant shift, or through longitude and latitude."""
    flat, goal = horizontal(source), horizontal(target)
    first, second = datum_of(flat), datum_of(goal)
    name = "CGCS2000 and WGS 84 taken as identical" if first != second else "change of projection"
    here, there = transverse_mercator(flat), transverse_mercator(goal)
    if here is not None and there is not None and here.same_but_for_false_origin(there):
        unit = here.metres_per_unit
        shift = (
            (there.false_easting_m - here.false_easting_m) / unit,
            (there.false_northing_m - here.false_northing_m) / unit,
        )
        text = f"+proj=affine +xoff={shift[0]!r} +yoff={shift[1]!r}"
        return Transformation(source, target, "shift of the false origin", text, 0.0, 0.0, shift)
    if flat.is_geographic and goal.is_geographic and unit_factor(flat) == unit_factor(goal):
        return Transformation(source, target, name, "+proj=noop", 0.0, 0.0, (0.0, 0.0))
    steps = []
    if flat.is_projected:
        steps.append(pyproj.Transformer.from_crs(flat, flat.geodetic_crs, always_xy=True))
    if goal.is_projected:
        steps.append(pyproj.Transformer.from_crs(goal.geodetic_crs, goal, always_xy=True))
    text = " | ".join(step.definition for step in steps)
    return Transformation(source, target, name, text, 0.0, lines, None, tuple(steps))


def _operation(source: pyproj.CRS, target: pyproj.CRS, area: Bounds | None) -> pyproj.Transformer | None:
    """Return PROJ's best operation that is no ballpark, needs no absent grid and is made for the area."""
    if area is not None and not np.isfinite(area).all():
        area = None
    if area is None and datum_of(source) in (Datum.XIAN80, Datum.BEIJING54):
        area = source.area_of_use.bounds if source.area_of_use else (73.62, 16.7, 134.77, 53.56)
    interest: Any = AreaOfInterest(*area) if area is not None else None
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UserWarning
        )  # a grid that is not installed: the next best is recorded
        group = TransformerGroup(
            source, target, always_xy=True, allow_ballpark=False, area_of_interest=interest
        )
    for found in group.transformers:
        if area is None or _reaches(found, area):
            return found
    return None


def _reaches(found: pyproj.Transformer, area: Bounds) -> bool:
    use: Any = found.area_of_use
    if use is None:
        return True
    west, south, east, north = area
    return bool(use.west <= west and use.south <= south and use.east >= east and use.north >= north)


def _without_null_shift(crs: pyproj.CRS) -> pyproj.CRS:
    """Strip TOWGS84[0,0,0…]: on an old datum it says that nobody knew."""
    if crs.is_bound and crs.coordinate_operation is not None and crs.source_crs is not None:
        shift = crs.coordinate_operation.towgs84
        if shift and not any(shift):
            return crs.source_crs
    return crs


def _grid(source: pyproj.CRS, target: pyproj.CRS) -> float:
    """Return grid lines per unit of the source for points on edges; 0 where lines stay straight enough."""
    if source.is_geographic:
        per_unit = _LINES_PER_DEGREE * unit_factor(source) * 180.0 / np.pi
        return 0.0 if target.is_geographic else float(per_unit)
    straight = source.coordinate_operation is not None and (
        source.coordinate_operation.method_name in STRAIGHT_METHODS
    )
    return (_LINES_PER_METRE if straight else _LINES_PER_METRE_MERCATOR) * unit_factor(source)


def _label(crs: pyproj.CRS) -> str:
    code = crs.to_epsg()
    return f"EPSG:{code}" if code is not None else crs.name
