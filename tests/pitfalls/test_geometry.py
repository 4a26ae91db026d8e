"""Shapes that vanish, that have several areas, or that stop the whole batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from shapely import Polygon

BOW = Polygon([(527000, 3958300), (527100, 3958400), (527100, 3958300), (527000, 3958400)])
COLLAPSED = Polygon([(527000, 3958300), (527100, 3958300), (527050, 3958300)])
TWICE = shapely.MultiPolygon(
    [shapely.box(527000, 3958300, 527100, 3958400), shapely.box(527050, 3958300, 527150, 3958400)]
)
with np.errstate(invalid="ignore"):
    NOT_FINITE = shapely.linearrings(
        [(527000, 3958300), (527100, 3958300), (np.nan, 3958400), (527000, 3958300)]
    )
    NOT_FINITE = shapely.polygons(NOT_FINITE)


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        (COLLAPSED, "GEOM_ZERO_AREA"),  # 9: overlay drops the row without a word
        (BOW, "GEOM_SELF_INTERSECTION"),  # 10: 0, 2500 or 5000 m²
        (TWICE, "GEOM_SELF_OVERLAP"),  # 10: 20000 m² of 15000
        (NOT_FINITE, "GEOM_NOT_FINITE"),  # loud: GEOSException for the whole overlay
        (None, "GEOM_NULL"),  # loud: TypeError for the whole layer
        (
            shapely.LineString([(527000, 3958300), (527100, 3958400)]),
            "GEOM_TYPE",
        ),  # loud: NotImplementedError
    ],
)
def test_9_and_10_a_bad_shape_is_listed_and_costs_no_other_row(
    scene: Any, hectare: Any, shape: Any, code: str
) -> None:
    scene.layer("parcels.gpkg", [hectare(0), shape, hectare(2)])
    audit = scene.audit()
    assert audit.parcels["parcel_id"].tolist() == ["P1", "P3"]
    assert audit.rejects[["subject_id", "code", "row"]].values.tolist() == [["P2", code, 2]]
    assert audit.zones["area_m2"].sum() == pytest.approx(20_000, rel=1e-3)
    (record,) = [r for r in audit.result.run["inputs"] if r["role"] == "parcels"]
    assert (record["rows_in"], record["rows_used"], record["rows_rejected"]) == (3, 2, 1)
    assert audit.rejects["message"].iloc[0].count("。") == 2


def test_loud_one_open_ring_costs_no_other_row(scene: Any) -> None:
    """shapely raises for the whole file on one ring that is not closed."""
    good = "POLYGON ((527000 3958000, 527100 3958000, 527100 3958100, 527000 3958100, 527000 3958000))"
    bad = "POLYGON ((527200 3958000, 527300 3958000, 527300 3958100, 527200 3958100))"
    scene.text("parcels.csv", f'parcel_id,wkt\nP1,"SRID=4547;{good}"\nP2,"SRID=4547;{bad}"\n')
    audit = scene.audit()
    assert audit.parcels["parcel_id"].tolist() == ["P1"]
    assert audit.rejects["row"].tolist() == [3]


def test_21_an_arc_is_chorded_finely_and_said(scene: Any) -> None:
    """A circle of 50 m: 7853.98 m²; the chords of GDAL give 7847.60."""
    scene.text(
        "parcels.gml",
        '<?xml version="1.0" encoding="UTF-8"?>\n<c:C xmlns:c="http://c" xmlns:gml="http://www.opengis.net/gml">'
        '<gml:featureMember><c:p fid="p.1"><c:g><gml:Surface srsName="EPSG:4547"><gml:patches><gml:PolygonPatch>'
        "<gml:exterior><gml:Ring><gml:curveMember><gml:Curve><gml:segments><gml:Circle><gml:posList>"
        "527000 3958050 527050 3958100 527100 3958050</gml:posList></gml:Circle></gml:segments></gml:Curve>"
        "</gml:curveMember></gml:Ring></gml:exterior></gml:PolygonPatch></gml:patches></gml:Surface></c:g>"
        "<c:parcel_id>P1</c:parcel_id></c:p></gml:featureMember></c:C>",
    )
    audit = scene.audit('[study]\narea_kind = "planar"\n[layers.parcels]\nsource = "parcels.gml"\n')
    assert audit.parcels["area_m2"].iloc[0] == pytest.approx(7853.98, abs=0.2)
    assert "GEOM_CURVE_LINEARISED" in set(audit.notes["code"])
