"""Brings every layer into one working CRS; each operation is recorded, none is guessed."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyproj

from landzone.catalog.messages import LANGUAGES, message, refusal
from landzone.geometry.crs import (
    NoTransformation,
    Transformation,
    areal_scale_range,
    datum_of,
    lonlat_bounds,
    transformation,
    working_crs,
)
from landzone.geometry.projection import ellipsoid, horizontal, unit_factor
from landzone.io.coordinates import Located, crs_label
from landzone.model.layer import Layer
from landzone.model.problems import Problems
from landzone.model.study import CrsOperation

AREAL_SCALE_TOLERANCE = 0.02
"""A plane whose areas are further off than this is not true to area."""


def choose_working_crs(stated: str | None, layers: Sequence[Located]) -> pyproj.CRS:
    """Return the CRS of the study, or the fittest one of the data; ``layers[0]`` are the parcels.

    Raises
    ------
    Refusal
        CRS_WORKING_UNFIT when the stated one is not metric or far from true to area here.
    """
    parcels = layers[0]
    degrees = lonlat_bounds(parcels.raw.geometry, parcels.crs)
    if stated is None:
        if not np.isfinite(degrees).all():  # no parcel has coordinates, and the gate will say so
            flat = horizontal(parcels.crs)
            return flat if flat.is_projected else pyproj.CRS.from_epsg(4547)
        return working_crs([layer.crs for layer in layers], degrees)
    crs = pyproj.CRS.from_user_input(stated)
    try:
        flat = horizontal(crs)
    except ValueError:
        raise refusal("CRS_LOCAL", column="study.crs", crs=crs.name) from None
    if not flat.is_projected or unit_factor(flat) != 1.0:
        raise _unfit(flat, "CRS_WHY_DEGREES")
    percent = _percent_off(flat, degrees)
    if percent is not None:
        raise _unfit(flat, "CRS_WHY_SCALE", percent=percent)
    return flat


def _unfit(crs: pyproj.CRS, why: str, **params: object) -> Exception:
    texts = {f"why_{lang}": message(why, lang, **params) for lang in LANGUAGES}
    return refusal("CRS_WORKING_UNFIT", column="study.crs", crs=crs_label(crs), **texts)


def _percent_off(crs: pyproj.CRS, degrees: tuple[float, float, float, float]) -> str | None:
    """Return by how much plane areas are off, None where that is within the tolerance."""
    if not np.isfinite(degrees).all():
        return None
    low, high = areal_scale_range(crs, degrees)
    worst = max((low, high), key=lambda scale: abs(scale - 1))
    return f"{100 * (worst - 1):+.0f}" if abs(worst - 1) > AREAL_SCALE_TOLERANCE else None


def way_into(
    located: Located,
    target: pyproj.CRS,
    parameters: str | Sequence[float] | None,
    problems: Problems,
    rotation: str | None = None,
) -> tuple[Transformation | None, CrsOperation | None]:
    """Return how a source comes into the working CRS and the record of it; None: it is there already.

    Raises
    ------
    Refusal
        CRS_DATUM_NO_TRANSFORM where PROJ knows none and the study gives none, CRS_PIPELINE_INVALID, CRS_ROTATION
        where angles are given without the sense in which they turn.
    """
    raw = located.raw
    if parameters is None and horizontal(located.crs).equals(target, ignore_axis_order=True):
        return None, None
    change = _transformation(located, target, parameters, rotation)
    accuracy = f"{change.accuracy_m:g} m" if change.accuracy_m >= 0 else "?"
    params = {"source_crs": located.label, "target_crs": crs_label(target)}
    params |= {"operation": change.name, "accuracy": accuracy}
    problems.note("CRS_REPROJECTED", source=raw.source, layer=raw.role, params=params)
    return change, change.operation(raw.role)


def _transformation(
    located: Located, target: pyproj.CRS, parameters: str | Sequence[float] | None, rotation: str | None
) -> Transformation:
    raw, source = located.raw, located.crs
    if (
        parameters is not None
        and not isinstance(parameters, str)
        and any(parameters[3:6])
        and rotation is None
    ):
        raise refusal("CRS_ROTATION", file=raw.source, column=located.section)
    try:
        if parameters is None:
            return transformation(source, target, area=lonlat_bounds(raw.geometry, source))
        pipeline = (
            parameters if isinstance(parameters, str) else helmert(source, target, parameters, rotation)
        )
        return transformation(source, target, pipeline=pipeline)
    except NoTransformation:
        raise refusal(
            "CRS_DATUM_NO_TRANSFORM",
            file=raw.source,
            layer=raw.layer,
            section=located.section,
            source_crs=located.label,
            target_crs=crs_label(target),
            source_datum=_datum(source),
            target_datum=_datum(target),
        ) from None
    except pyproj.exceptions.ProjError as error:
        raise refusal(
            "CRS_PIPELINE_INVALID", file=raw.source, column=located.section, reason=str(error)
        ) from None


def _datum(crs: pyproj.CRS) -> str:
    known = datum_of(crs)
    if known is not None:
        return known.value
    base = horizontal(crs).geodetic_crs
    return base.name if base is not None else crs.name


def helmert(
    source: pyproj.CRS, target: pyproj.CRS, parameters: Sequence[float], rotation: str | None = None
) -> str:
    """Return the PROJ pipeline of a local adjustment between two datums.

    ``X₂ = T + (1 + ds) R X₁`` on geocentric coordinates, for small angles ``R = I + [r]×`` in the sense
    ``position_vector`` (EPSG method 9606) and ``R = I - [r]×`` in the sense ``coordinate_frame`` (EPSG method 9607, the
    Bursa-Wolf model of Chinese textbooks).

    Parameters
    ----------
    source, target : pyproj.CRS
        Projected or geographic.
    parameters : sequence of 3 or 7 numbers
        dx dy dz in metres, rx ry rz in seconds of arc, ds in parts per million.
    rotation : str, optional
        ``position_vector`` or ``coordinate_frame``; without angles it does not matter.
    """
    names = ("x", "y", "z", "rx", "ry", "rz", "s")
    values = " ".join(f"+{name}={value!r}" for name, value in zip(names, parameters, strict=False))
    turned = f" +convention={rotation or 'position_vector'}" if len(parameters) > 3 else ""
    steps = [
        _to_degrees(source, inverse=True),
        "+proj=push +v_3",
        f"+proj=cart {_figure(source)}",
        f"+proj=helmert {values}{turned}",
        f"+inv +proj=cart {_figure(target)}",
        "+proj=pop +v_3",
        _to_degrees(target, inverse=False),
    ]
    return "+proj=pipeline " + " ".join(f"+step {step}" for step in steps)


def _figure(crs: pyproj.CRS) -> str:
    a, es = ellipsoid(crs)
    return f"+a={a!r} +es={es!r}"


def _to_degrees(crs: pyproj.CRS, *, inverse: bool) -> str:
    flat = horizontal(crs)
    if flat.is_geographic:
        ends = ("deg", "rad") if inverse else ("rad", "deg")
        return f"+proj=unitconvert +xy_in={ends[0]} +xy_out={ends[1]}"
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UserWarning
        )  # the datum is lost in this form, and given by the cart steps
        text = flat.to_proj4()
    text = re.sub(r"\+(type|no_defs|towgs84|nadgrids|wktext)(=\S+)?", "", text)
    return ("+inv " if inverse else "") + " ".join(text.split())


def note_not_area_true(layer: Layer, located: Located, problems: Problems) -> None:
    """Tell that the plane of a source does not keep areas, with the first unit as an example."""
    flat: Any = horizontal(located.crs)
    if not flat.is_projected or not len(layer.frame):
        return
    percent = _percent_off(flat, lonlat_bounds(located.raw.geometry, located.crs))
    if percent is not None:
        problems.note(
            "CRS_NOT_AREA_TRUE",
            source=located.raw.source,
            layer=layer.role,
            ids=str(layer.frame.index[0]),
            params={"crs": located.label, "percent": percent},
        )
