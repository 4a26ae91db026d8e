"""Places that are wrong while every shape and every area looks right."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely


@pytest.mark.parametrize(
    ("epsg", "x", "y"),
    [(4610, 114.3, 35.75), (4214, 114.3, 35.75), (2383, 527000, 3958000), (2362, 38527000, 3958000)],
)
def test_4_another_datum_is_refused_without_parameters(scene: Any, epsg: int, x: float, y: float) -> None:
    side = 100 if x > 360 else 0.001
    scene.layer("parcels.gpkg", [shapely.box(x, y, x + side, y + side)], crs=f"EPSG:{epsg}")
    scene.refused(
        "CRS_DATUM_NO_TRANSFORM", "transformation = [dx, dy, dz, rx, ry, rz, ds]", "CGCS2000", text=CGCS2000
    )


CGCS2000 = """
[study]
crs = "EPSG:4547"
[layers.parcels]
source = "parcels.gpkg"
"""


def test_4_with_parameters_the_operation_is_recorded(scene: Any, hectare: Any) -> None:
    scene.layer("parcels.gpkg", [hectare(0)], crs="EPSG:2383")
    study = scene.study(CGCS2000 + "transformation = [0.0, 0.0, 100.0]\n")
    (operation,) = study.crs_operations
    assert (operation.source_crs, operation.target_crs, operation.accuracy_m) == (
        "EPSG:2383",
        "EPSG:4547",
        -1,
    )
    assert "+proj=helmert" in operation.pipeline


def test_4_cgcs2000_and_wgs84_are_an_identity_that_is_said(scene: Any) -> None:
    scene.layer("parcels.gpkg", [shapely.box(114.3, 35.75, 114.301, 35.751)], crs="EPSG:4326")
    study = scene.study()
    assert study.crs.to_epsg() == 4547
    assert [o.name for o in study.crs_operations] == ["CGCS2000 and WGS 84 taken as identical"]
    assert study.crs_operations[0].accuracy_m == 0


def test_5_layers_in_two_systems_meet_and_layers_that_never_meet_are_refused(
    scene: Any, hectare: Any
) -> None:
    parcels = scene.layer("parcels.gpkg")
    parcels.assign(zone_id="Z1").dissolve("zone_id").reset_index().to_crs(4526).to_file(
        scene.folder / "zones.gpkg"
    )
    assert scene.audit().parcels["zone_id"].tolist() == ["Z1"] * 4
    scene.layer("zones.gpkg", [hectare(0, x=600000)], zone_id=["Z1"])
    scene.refused("NO_OVERLAP", "zones.gpkg", "parcels.gpkg", "EPSG:4547")


def test_5_a_layer_without_a_system_is_refused(scene: Any) -> None:
    scene.layer("parcels.shp")
    (scene.folder / "parcels.prj").unlink()
    scene.refused("CRS_MISSING", "[layers.parcels]", "EPSG:4547")


@pytest.mark.parametrize(
    ("shape", "epsg", "code", "words"),
    [
        (shapely.box(3958000, 527000, 3958100, 527100), 4547, "CRS_AXIS_ORDER", ["3958000", "527000"]),
        (shapely.box(35.75, 114.3, 35.751, 114.301), 4490, "CRS_AXIS_ORDER", ["35.75", "114.3"]),
        (
            shapely.box(38527000, 3958000, 38527100, 3958100),
            4527,
            "CRS_BAND_OTHER",
            ["38", "39", "EPSG:4526"],
        ),
        (
            shapely.box(38527000, 3958000, 38527100, 3958100),
            4548,
            "CRS_BAND_PREFIX",
            ["38", "39", "EPSG:4526"],
        ),
        (shapely.box(527000, 3958000, 527100, 3958100), 4526, "CRS_BAND_ABSENT", ["38", "EPSG:4547"]),
    ],
)
def test_15_swapped_axes_and_another_band_are_refused(
    scene: Any, shape: shapely.Polygon, epsg: int, code: str, words: list[str]
) -> None:
    scene.layer("parcels.gpkg", [shape], crs=f"EPSG:{epsg}")
    scene.refused(code, *words)


def test_15_a_wrong_central_meridian_shows_against_the_other_layers(scene: Any) -> None:
    scene.layer("parcels.gpkg", crs="EPSG:4549")  # 120 E, said of data of 114 E
    scene.layer(
        "zones.gpkg", [shapely.box(526000, 3957000, 529000, 3959000)], crs="EPSG:4547", zone_id=["Z1"]
    )
    scene.refused("NO_OVERLAP", "EPSG:4549", "EPSG:4547", "parcels.gpkg")


def test_16_and_m1_one_parcel_has_one_area_in_every_system(scene: Any) -> None:
    """A hundredth of a degree at 33 N: 103.638 ha, and 147.77 ha in the plane of EPSG:3857."""
    degrees = shapely.box(114.0, 33.0, 114.01, 33.01)
    areas = {}
    for epsg in (4490, 4326, 4526, 4547, 4548, 3857):
        dense = shapely.segmentize(degrees, 0.0005)
        shape = gpd.GeoSeries([dense], crs=4490 if epsg != 4326 else 4326)
        moved = (
            shape.to_crs(epsg)
            if epsg not in (3857, 4326)
            else shape.set_crs(4326, allow_override=True).to_crs(epsg)
        )
        scene.layer("parcels.gpkg", moved.tolist(), crs=f"EPSG:{epsg}")
        study = scene.study()
        areas[epsg] = float(audit_area(study)) / 10_000
        codes = set(problems(study)["code"])
        assert ("CRS_NOT_AREA_TRUE" in codes) is (epsg == 3857)
    assert all(abs(area - 103.638) < 0.01 for area in areas.values()), areas


def audit_area(study: Any) -> float:
    import landzone as lz

    return float(lz.audit(study, as_of="2013-06-30").parcels["area_m2"].iloc[0])


def problems(study: Any) -> Any:
    from landzone.model.problems import ProblemKind

    return study.problems.frame(ProblemKind.NOTE)


def test_m2_layers_with_and_without_the_band_number_give_no_nonsense(scene: Any) -> None:
    """The usual stack overlays 4547 with 4526 as they are: one warning, 25 m² of nonsense."""
    parcels = scene.layer("parcels.gpkg")
    scene.layer(
        "zones.gpkg", [shapely.box(38526990, 3957990, 38527410, 3958110)], crs="EPSG:4526", zone_id=["Z1"]
    )
    audit = scene.audit()
    assert audit.zones["area_m2"].iloc[0] == pytest.approx(420 * 120, abs=1)
    assert audit.parcels["zone_id"].tolist() == ["Z1"] * len(parcels)


def test_m7_plots_along_one_parallel_do_not_overlap(scene: Any) -> None:
    """8.07 m² of false overlap where edges are not densified before projection."""
    upper = shapely.box(114.0, 33.0, 114.0146, 33.01)
    lower = shapely.box(114.0, 32.99, 114.0073, 33.0)
    scene.layer("parcels.gpkg", [upper, lower], crs="EPSG:4490")
    study = scene.study()
    assert "LAYER_OVERLAP" not in set(problems(study)["code"])
    first, second = study.layers["parcels"].frame.geometry
    assert first.intersection(second).area == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("srs", "axis"),
    [("urn:ogc:def:crs:EPSG::4490", "lat"), ("EPSG:4490", "lon"), ("urn:ogc:def:crs:EPSG::4490", "lon")],
)
def test_24_the_order_of_axes_in_gml_is_that_of_its_name_or_refused(scene: Any, srs: str, axis: str) -> None:
    ring = np.array([[114.3, 35.75], [114.301, 35.75], [114.301, 35.751], [114.3, 35.751], [114.3, 35.75]])
    numbers = " ".join(f"{v:.6f}" for pair in (ring if axis == "lon" else ring[:, ::-1]) for v in pair)
    scene.text(
        "parcels.gml",
        '<?xml version="1.0" encoding="UTF-8"?>\n<c:C xmlns:c="http://c" xmlns:gml="http://www.opengis.net/gml">'
        f'<gml:featureMember><c:p fid="p.1"><c:g><gml:Polygon srsName="{srs}"><gml:exterior><gml:LinearRing>'
        f"<gml:posList>{numbers}</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></c:g>"
        "<c:parcel_id>P1</c:parcel_id></c:p></gml:featureMember></c:C>",
    )
    if srs.startswith("urn") and axis == "lon":
        scene.refused("CRS_AXIS_ORDER", "35.75", "114.3")
        return
    study = scene.study()
    back = pyproj.Transformer.from_crs(study.crs, 4490, always_xy=True)
    point = study.layers["parcels"].frame.geometry.iloc[0].centroid
    assert back.transform(point.x, point.y) == pytest.approx((114.3005, 35.7505), abs=1e-5)


def test_25_metres_in_a_geojson_without_a_system_are_refused(scene: Any) -> None:
    ring = [[527000, 3958000], [527100, 3958000], [527100, 3958100], [527000, 3958100], [527000, 3958000]]
    feature = {
        "type": "Feature",
        "properties": {"parcel_id": "P1"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    scene.text("parcels.geojson", json.dumps({"type": "FeatureCollection", "features": [feature]}))
    scene.refused("CRS_IMPLAUSIBLE", "527000", "GeoJSON", "[layers.parcels]")
