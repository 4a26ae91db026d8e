"""Coordinates that do not fit their CRS, and CRSs for coordinates without one."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely

from landzone.geometry.plausible import DoubtKind, doubt_crs, guess_crs, plausible_rows


def crs(code: int) -> pyproj.CRS:
    return pyproj.CRS.from_epsg(code)


def plot(x: float, y: float, size: float = 100.0) -> shapely.Polygon:
    return shapely.box(x, y, x + size, y + size)


@pytest.mark.parametrize(
    ("shape", "epsg"),
    [
        (plot(527000, 3958000), 4547),
        (plot(38527000, 3958000), 4526),
        (plot(20527000, 3958000), 4498),
        (plot(527000, 3958000), 4546),  # a wrong meridian cannot be seen from one layer alone
        (plot(12723000, 4265000), 3857),
        (plot(114.3, 35.75, 0.001), 4490),
        (plot(178.0, -18.0, 0.1), 4326),
        (plot(-71.0, 42.0, 0.1), 4269),
        (plot(11500000, 3600000), 2284),
        (plot(700000, 6600000), 2154),
        (plot(500000, 3700000), 32650),
        (plot(0, 0), 32650),
    ],
)
def test_coordinates_that_fit_raise_no_doubt(shape: shapely.Polygon, epsg: int) -> None:
    assert doubt_crs([shape, None, shapely.Polygon()], crs(epsg)) is None
    assert plausible_rows([shape, None], crs(epsg)).tolist() == [True, True]


@pytest.mark.parametrize(
    ("shape", "epsg", "kind", "candidates"),
    [
        (plot(527000, 3958000), 4326, DoubtKind.NOT_DEGREES, ()),
        (plot(38527000, 3958000), 4326, DoubtKind.NOT_DEGREES, ("EPSG:4526", "EPSG:2362", "EPSG:2414")),
        (plot(35.75, 114.3, 0.001), 4490, DoubtKind.AXIS_ORDER, ()),
        (plot(42.0, -71.0, 0.1), 4269, DoubtKind.AXIS_ORDER, ()),
        (plot(20.0, -34.0, 0.1), 4490, DoubtKind.OUTSIDE_AREA, ("EPSG:4326",)),
        (plot(114.3, 35.75, 0.001), 4547, DoubtKind.NOT_METRES, ("EPSG:4490", "EPSG:4326")),
        (plot(114.3, 35.75, 0.001), 32650, DoubtKind.NOT_METRES, ("EPSG:4490", "EPSG:4326")),
        (plot(3958000, 527000), 4547, DoubtKind.AXIS_ORDER, ()),
        (plot(3958000, 38527000), 4526, DoubtKind.AXIS_ORDER, ()),
        (plot(6600000, 700000), 2154, DoubtKind.AXIS_ORDER, ()),
        (plot(700000, 6600000), 4547, DoubtKind.OUTSIDE_AREA, ()),
        (plot(-60000, 3650000), 4549, DoubtKind.OUTSIDE_AREA, ()),
    ],
)
def test_coordinates_that_do_not_fit(
    shape: shapely.Polygon, epsg: int, kind: DoubtKind, candidates: tuple[str, ...]
) -> None:
    doubt = doubt_crs([shape], crs(epsg))
    assert doubt is not None
    assert (doubt.kind, doubt.candidates, doubt.usable) == (kind, candidates, False)
    assert (doubt.x, doubt.y) == shape.bounds[:2]
    assert doubt.share == 1.0


@pytest.mark.parametrize(
    ("easting", "epsg", "zones", "expected_zone", "candidate"),
    [
        (38527000, 4547, (38,), 38, "EPSG:4526"),
        (527000, 4526, (), 38, "EPSG:4547"),
        (38527000, 4527, (38,), 39, "EPSG:4526"),
        (20527000, 4526, (20,), 38, "EPSG:4498"),
        (38527000, 2383, (38,), 38, "EPSG:2362"),
        (38527000, 32650, (38,), 0, "EPSG:4526"),
    ],
)
def test_zone_number_and_crs_disagree(
    easting: float, epsg: int, zones: tuple[int, ...], expected_zone: int, candidate: str
) -> None:
    doubt = doubt_crs([plot(easting, 3958000)], crs(epsg))
    assert doubt is not None
    assert doubt.kind is DoubtKind.BAND_PREFIX
    assert (doubt.zones, doubt.expected_zone, doubt.candidates) == (zones, expected_zone, (candidate,))


def test_a_neighbouring_zone_is_usable_with_a_note() -> None:
    doubt = doubt_crs([plot(220000, 3650000)], crs(4548))
    assert doubt is not None
    assert doubt.kind is DoubtKind.FAR_FROM_MERIDIAN
    assert doubt.usable
    assert (doubt.zones, doubt.expected_zone, doubt.candidates) == ((38,), 39, ("EPSG:4547",))
    assert plausible_rows([plot(220000, 3650000)], crs(4548)).tolist() == [True]


def test_one_stray_row_is_told_from_a_wrong_crs() -> None:
    layer = [plot(527000, 3958000 + 200 * i) for i in range(9)] + [plot(0, 0)]
    doubt = doubt_crs(layer, crs(4547))
    assert doubt is not None
    assert (doubt.kind, doubt.rows.tolist(), doubt.share) == (DoubtKind.OUTSIDE_AREA, [9], 0.1)
    assert plausible_rows(layer, crs(4547)).tolist() == [True] * 9 + [False]


def test_two_zones_in_one_layer() -> None:
    doubt = doubt_crs([plot(38527000, 3958000), plot(39427000, 3958000)], crs(4526))
    assert doubt is not None
    assert (doubt.kind, doubt.zones, doubt.rows.tolist()) == (DoubtKind.BAND_PREFIX, (39,), [1])


def test_nothing_to_doubt_without_coordinates() -> None:
    assert doubt_crs([None, shapely.Polygon()], crs(4547)) is None
    assert doubt_crs(np.array([], dtype=object), crs(4547)) is None
    assert guess_crs([None]).candidates == ()


@pytest.mark.parametrize(
    ("x", "y", "size", "candidates", "zone", "zone_unknown", "swapped"),
    [
        (527000, 3958000, 100, (), 0, True, False),
        (3958000, 527000, 100, (), 0, True, True),
        (38527000, 3958000, 100, ("EPSG:4526", "EPSG:2362", "EPSG:2414"), 38, False, False),
        (3958000, 38527000, 100, ("EPSG:4526", "EPSG:2362", "EPSG:2414"), 38, False, True),
        (20527000, 3958000, 100, ("EPSG:4498", "EPSG:2334", "EPSG:21420"), 20, False, False),
        (12723000, 4265000, 100, ("EPSG:3857",), 0, False, False),
        (13500000, 4265000, 100, ("EPSG:3857", "EPSG:4491", "EPSG:2327", "EPSG:21413"), 0, False, False),
        (114.3, 35.75, 0.01, ("EPSG:4490", "EPSG:4326"), 0, False, False),
        (35.75, 114.3, 0.01, ("EPSG:4490", "EPSG:4326"), 0, False, True),
        (-71.0, 42.0, 0.01, ("EPSG:4326",), 0, False, False),
        (7.0e7, 9.0e7, 100, (), 0, False, False),
    ],
)
def test_guesses_without_a_crs(
    x: float, y: float, size: float, candidates: tuple[str, ...], zone: int, zone_unknown: bool, swapped: bool
) -> None:
    guess = guess_crs([plot(x, y, size), None])
    assert (guess.candidates, guess.zone, guess.zone_unknown, guess.swapped) == (
        candidates, zone, zone_unknown, swapped,
    )  # fmt: skip
