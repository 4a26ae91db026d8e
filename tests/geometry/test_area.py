"""Areas against the golden values of the surveys, the geodesic library and the laws an area obeys."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from landzone.geometry.area import AreaKindError, AreaMeasure, area_m2, plane_area_of
from landzone.model.study import AreaKind

ELLIPSOIDAL, PLANAR = AreaKind.ELLIPSOIDAL, AreaKind.PLANAR


def measure(epsg: int, kind: AreaKind = ELLIPSOIDAL) -> AreaMeasure:
    return AreaMeasure(pyproj.CRS.from_epsg(epsg), kind)


def series(shape: shapely.Geometry, epsg: int) -> gpd.GeoSeries:
    return gpd.GeoSeries([shape], crs=f"EPSG:{epsg}")


def geod_area(shape: shapely.Geometry, epsg: int, step: float) -> float:
    """Geodesic area of a shape whose edges follow the plane, by points every ``step`` units."""
    crs = pyproj.CRS.from_epsg(epsg)
    inverse = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    dense = shapely.segmentize(shape, step)
    on_earth = shapely.transform(dense, lambda xy: np.column_stack(inverse.transform(xy[:, 0], xy[:, 1])))
    return abs(crs.get_geod().geometry_area_perimeter(on_earth)[0])


def official_area(corners: list[tuple[float, float]]) -> float:
    """The surveys' trapezoid formula for CGCS2000, from (L, B) in radians."""
    b, e2 = 6356752.314140356, 0.006694380022900686
    series_a = 1 + 3 / 6 * e2 + 30 / 80 * e2**2 + 35 / 112 * e2**3 + 630 / 2304 * e2**4
    series_b = 1 / 6 * e2 + 15 / 80 * e2**2 + 21 / 112 * e2**3 + 420 / 2304 * e2**4
    series_c = 3 / 80 * e2**2 + 7 / 112 * e2**3 + 180 / 2304 * e2**4
    series_d = 1 / 112 * e2**3 + 45 / 2304 * e2**4
    series_e = 5 / 2304 * e2**4
    total = 0.0
    for (l1, b1), (l2, b2) in zip(corners, corners[1:] + corners[:1], strict=True):
        bm, db, dl = (b1 + b2) / 2, b2 - b1, (l1 + l2) / 2 - corners[0][0]
        total += (
            2
            * b
            * b
            * dl
            * (
                series_a * math.sin(db / 2) * math.cos(bm)
                - series_b * math.sin(3 * db / 2) * math.cos(3 * bm)
                + series_c * math.sin(5 * db / 2) * math.cos(5 * bm)
                - series_d * math.sin(7 * db / 2) * math.cos(7 * bm)
                + series_e * math.sin(9 * db / 2) * math.cos(9 * bm)
            )
        )
    return abs(total)


@pytest.mark.parametrize(
    ("box", "planar", "official", "geodesic"),
    [
        ((38500000, 3700000, 38501000, 3701000), 1_000_000, 999_999.9936, 999_999.9938),
        ((38620000, 3700000, 38621000, 3701000), 1_000_000, 999_642.2054, 999_642.2056),
        ((38640000, 3700000, 38640500, 3700200), 100_000, 99_951.5348, 99_951.5349),
    ],
)
def test_golden_squares_of_zone_38(
    box: tuple[float, ...], planar: float, official: float, geodesic: float
) -> None:
    shape = [shapely.box(*box)]
    assert measure(4526, PLANAR).m2(shape)[0] == planar
    assert measure(4526).m2(shape)[0] == pytest.approx(official, rel=1e-8)
    assert measure(4526).m2(shape)[0] == pytest.approx(geodesic, rel=1e-8)


def test_map_sheet_between_parallels_and_meridians() -> None:
    sheet = shapely.box(114, 34, 114 + 3.75 / 60, 34 + 2.5 / 60)
    assert area_m2(series(sheet, 4490))[0] == pytest.approx(26_679_877.7435, abs=1e-3)


def test_whole_ellipsoid() -> None:
    a, b = 6378137.0, 6356752.314140356
    e = math.sqrt(1 - b * b / a / a)
    surface = 2 * math.pi * a * a * (1 + (1 - e * e) / e * math.atanh(e))
    assert area_m2(series(shapely.box(-180, -90, 180, 90), 4490))[0] == pytest.approx(surface, rel=1e-11)


@pytest.mark.parametrize("epsg", [4490, 4526, 4546, 4547, 4548, 3857, 32650])
def test_one_parcel_is_103_638_ha_in_every_crs(epsg: int) -> None:
    parcel = shapely.segmentize(shapely.box(114.00, 33.00, 114.01, 33.01), 0.0002)
    to_plane = pyproj.Transformer.from_crs(4490 if epsg not in (3857, 32650) else 4326, epsg, always_xy=True)
    shape = shapely.transform(parcel, lambda xy: np.column_stack(to_plane.transform(xy[:, 0], xy[:, 1])))
    assert area_m2(series(shape, epsg))[0] / 10_000 == pytest.approx(103.6380, abs=1e-4)


def test_web_mercator_square_is_two_thirds_of_its_plane_area() -> None:
    square = shapely.box(12723000, 4265000, 12723123.3, 4265123.3)
    assert area_m2(series(square, 3857))[0] == pytest.approx(9994.20, abs=0.01)
    assert area_m2(series(square, 3857), "planar")[0] == pytest.approx(15202.89, abs=0.01)


def test_degrees_are_measured_as_ground() -> None:
    parcel = shapely.box(114.30, 35.75, 114.301, 35.751)
    assert area_m2(series(parcel, 4490))[0] == pytest.approx(10035.473, abs=0.001)


def test_official_formula_agrees_on_an_irregular_parcel_in_degrees() -> None:
    corners = [
        (114.2, 33.1),
        (114.2031, 33.1004),
        (114.2035, 33.1037),
        (114.2012, 33.1052),
        (114.1998, 33.1021),
    ]
    parcel = shapely.Polygon(corners)
    dense = shapely.get_coordinates(shapely.segmentize(parcel, 2e-5))[
        :-1
    ]  # the formula bends long oblique edges
    expected = official_area([(math.radians(x), math.radians(y)) for x, y in dense])
    assert area_m2(series(parcel, 4490))[0] == pytest.approx(expected, rel=1e-9)
    assert area_m2(series(parcel, 4490))[0] == pytest.approx(141_778.442, abs=1e-3)


@pytest.mark.parametrize(
    ("epsg", "x", "y"),
    [
        (4526, 38640000, 3.7e6),
        (4547, 590000, 2.0e6),
        (4502, 330000, 4.9e6),
        (32650, 700000, 4e6),
        (32750, 300000, 7e6),
        (32633, 5e5, 8.9e6),
        (4547, 1.4e6, 4e6),
        (2154, 700000, 6600000),
        (3857, 12723000, 4265000),
        (2284, 11500000, 3600000),
        (27700, 530000, 180000),
    ],
)
def test_agrees_with_the_geodesic_library(epsg: int, x: float, y: float) -> None:
    ring = shapely.box(x, y, x + 3000, y + 2000).difference(shapely.box(x + 500, y + 700, x + 900, y + 900))
    shape = affinity.rotate(ring, 31)
    assert measure(epsg).m2([shape])[0] == pytest.approx(geod_area(shape, epsg, 20), rel=1e-9)


def test_long_edges_of_a_prefecture() -> None:
    shape = shapely.Polygon([(380000, 3600000), (700000, 3650000), (640000, 3900000), (420000, 3800000)])
    assert measure(4547).m2([shape])[0] == pytest.approx(geod_area(shape, 4547, 200), rel=1e-10)


def test_us_feet_become_square_metres() -> None:
    acre_like = shapely.box(11500000, 3600000, 11500208.71, 3600208.71)
    foot = 1200 / 3937
    assert measure(2284, PLANAR).m2([acre_like])[0] == pytest.approx(208.71**2 * foot**2, rel=1e-9)
    assert measure(2284, PLANAR).perimeter_m([acre_like])[0] == pytest.approx(4 * 208.71 * foot, rel=1e-9)


def test_grads_are_an_angle_too() -> None:
    in_grads = shapely.box(0.5, 54.0, 0.501, 54.001)
    in_degrees = shapely.box(0.45, 48.6, 0.4509, 48.6009)
    degrees = pyproj.CRS.from_proj4("+proj=longlat +a=6378249.2 +b=6356515 +no_defs")
    assert measure(4807).m2([in_grads])[0] == pytest.approx(
        AreaMeasure(degrees).m2([in_degrees])[0], rel=1e-6
    )


def test_direction_start_parts_and_heights_do_not_matter() -> None:
    shell = [(0, 0), (100, 0), (100, 100), (0, 100)]
    hole = [(10, 10), (20, 10), (20, 20), (10, 20)]
    at = (38600000.0, 3700000.0)
    moved = [(x + at[0], y + at[1]) for x, y in shell]
    cut = [(x + at[0], y + at[1]) for x, y in hole]
    polygon = shapely.Polygon(moved, [cut])
    shapes = [
        polygon,
        shapely.Polygon(moved[::-1], [cut]),
        shapely.Polygon(moved[2:] + moved[:2], [cut[::-1]]),
        shapely.MultiPolygon([polygon]),
        shapely.force_3d(polygon, 81.5),
        shapely.GeometryCollection([polygon, shapely.Point(*at)]),
    ]
    areas = measure(4526).m2(shapes)
    np.testing.assert_allclose(areas, areas[0], rtol=1e-12)
    assert measure(4526, PLANAR).m2(shapes).round(6).tolist() == [9900.0] * 6


def test_missing_empty_and_unusable_shapes() -> None:
    with np.errstate(invalid="ignore"):
        broken = shapely.from_wkt("POLYGON ((500000 3700000, 500001 NaN, 500001 3700001, 500000 3700000))")
    shapes = [None, shapely.Polygon(), shapely.MultiPolygon(), shapely.Point(0, 0), broken]
    assert np.isnan(measure(4547).m2(shapes)).tolist() == [True, False, False, False, True]
    assert measure(4547).m2(shapes)[1:4].tolist() == [0.0, 0.0, 0.0]
    with pytest.raises(ValueError, match="not finite"):
        measure(4547).units([None])


def test_plane_area_in_degrees_is_refused() -> None:
    with pytest.raises(AreaKindError, match="degrees"):
        measure(4490, PLANAR)
    with pytest.raises(AreaKindError, match="degrees"):
        area_m2(series(shapely.box(114, 33, 114.01, 33.01), 4490), "planar")
    with pytest.raises(AreaKindError, match="degrees"):
        measure(4490).perimeter_m([shapely.box(114, 33, 114.01, 33.01)])


def test_no_crs_and_unknown_kind_are_refused() -> None:
    with pytest.raises(AreaKindError, match="CRS"):
        area_m2(gpd.GeoSeries([shapely.box(0, 0, 1, 1)]))
    with pytest.raises(AreaKindError, match="geodesic"):
        area_m2(series(shapely.box(0, 0, 1, 1), 4547), "geodesic")


def test_series_keeps_its_index_and_frames_are_taken() -> None:
    shapes = gpd.GeoSeries([shapely.box(5e5, 3e6, 5e5 + 10, 3e6 + 10), None], index=["b", "a"], crs=4547)
    assert area_m2(shapes, "planar").index.tolist() == ["b", "a"]
    assert area_m2(shapes.to_frame("geometry"), "planar").iloc[0] == 100.0
    assert area_m2(shapes.iloc[:0]).empty


def test_blocks_do_not_change_a_bit() -> None:
    rng = np.random.default_rng(7)
    corner = rng.uniform(-1e5, 1e5, (400, 2)) + np.array([500000, 3700000])
    angle = np.sort(rng.uniform(0, 2 * np.pi, (400, 12)), axis=1)
    shapes = shapely.polygons(corner[:, None, :] + 60 * np.stack([np.cos(angle), np.sin(angle)], axis=-1))
    whole = measure(4547).m2(shapes)
    for pieces in (7, 64):
        split = np.concatenate([measure(4547).m2(part) for part in np.array_split(shapes, pieces)])
        assert split.tobytes() == whole.tobytes()


def test_zone_prefix_changes_nothing() -> None:
    plain = shapely.box(640000.125, 3700000.5, 640500.375, 3700200.25)
    prefixed = affinity.translate(plain, 38_000_000)
    assert measure(4526).m2([prefixed])[0] == pytest.approx(measure(4547).m2([plain])[0], rel=1e-12)
    assert measure(4526).units([prefixed])[0] == measure(4547).units([plain])[0]


@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    epsg=st.sampled_from([4547, 4526, 4502, 32650, 2154, 3857]),
    east=st.floats(-100_000, 100_000),
    north=st.floats(-200_000, 200_000),
    size=st.floats(20, 20_000),
    turn=st.floats(0, math.pi),
    share=st.floats(0.1, 0.9),
)
def test_pieces_cut_in_the_plane_sum_to_the_whole(
    epsg: int, east: float, north: float, size: float, turn: float, share: float
) -> None:
    origin = {4526: 38.5e6, 2154: 7e5, 3857: 1.27e7}.get(epsg, 5e5)
    level = {2154: 6.6e6, 3857: 4.2e6}.get(epsg, 3.7e6)
    x, y = origin + east, level + north
    angles = np.linspace(0, 2 * np.pi, 13)[:-1]
    reach = size * (1 + 0.3 * np.sin(5 * angles))
    whole = shapely.Polygon(np.column_stack([x + reach * np.cos(angles), y + reach * np.sin(angles)]))
    ray = np.array([math.cos(turn), math.sin(turn)]) * 3 * size
    middle = np.array([x, y]) + (share - 0.5) * size * np.array([-math.sin(turn), math.cos(turn)])
    half = shapely.Polygon(
        [middle - ray, middle + ray, middle + ray + ray[::-1] * (-1, 1), middle - ray + ray[::-1] * (-1, 1)]
    )
    parts = [shapely.intersection(whole, half), shapely.difference(whole, half)]
    areas = measure(epsg).m2([whole, *parts])
    assert areas[1] + areas[2] == pytest.approx(areas[0], rel=1e-9)


@settings(derandomize=True, max_examples=30, deadline=None)
@given(dx=st.floats(-50_000, 50_000), dy=st.floats(-50_000, 50_000), factor=st.floats(0.1, 50))
def test_plane_area_under_translation_and_scaling(dx: float, dy: float, factor: float) -> None:
    shape = shapely.Polygon(
        [(38500000, 3700000), (38500140, 3700030), (38500090, 3700170), (38499980, 3700110)]
    )
    area = measure(4526, PLANAR).m2([shape])[0]
    moved = affinity.translate(shape, dx, dy)
    grown = affinity.scale(shape, factor, factor, origin=(38500000, 3700000))
    turned = affinity.rotate(shape, 90, origin=(38500000, 3700000))
    assert measure(4526, PLANAR).m2([moved])[0] == pytest.approx(area, rel=1e-9)
    assert measure(4526, PLANAR).m2([grown])[0] == pytest.approx(area * factor**2, rel=1e-9)
    assert measure(4526, PLANAR).m2([turned])[0] == pytest.approx(area, rel=1e-9)


def test_plane_area_without_a_crs_keeps_its_digits_far_from_the_origin() -> None:
    square = shapely.box(38500000.1, 3700000.1, 38500000.2, 3700000.2)
    assert plane_area_of([square, None, shapely.Polygon()])[0] == pytest.approx(0.01, rel=1e-6)
    assert np.isnan(plane_area_of([None]))[0]


def test_vertical_and_compound_crs() -> None:
    compound = pyproj.CRS("EPSG:4547+5773")
    square = shapely.box(500000, 3700000, 500100, 3700100)
    assert AreaMeasure(compound).m2([square])[0] == measure(4547).m2([square])[0]
    with pytest.raises(ValueError, match="not a geographic or projected"):
        AreaMeasure(pyproj.CRS.from_epsg(5773))
