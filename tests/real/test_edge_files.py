"""Odd files of other projects, one by one: read with the counts of their README, or refused for the right reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from landzone.errors import Refusal
from landzone.io.vector import read_vector
from landzone.model.problems import ProblemKind, Problems

READ = [
    ("fiona/!test.geojson", 1, 1),
    ("fiona/coutwildrnp.shp", 67, 67),
    ("fiona/coutwildrnp.zip", 67, 67),
    ("fiona/curves_line.csv", 9, 5),
    ("fiona/example.topojson", 3, 3),
    ("fiona/gre.shp", 1, 1),
    ("fiona/grenada.geojson", 1, 1),
    ("fiona/issue627.geojson", 3, 3),
    ("fiona/multicurve.gml", 1, 1),
    ("fiona/rmnp.geojson", 1, 1),
    ("fiona/test_tin.shp", 1, 1),
    ("fiona/test_tz.geojson", 1, 1),
    ("fiona/trio.geojson", 3, 3),
    ("fiona/trio.seq", 3, 3),
    ("pyogrio/curve.gpkg", 1, 1),
    ("pyogrio/curvepolygon.gpkg", 1, 1),
    ("pyogrio/line_zm.gpkg", 1, 1),
    ("pyogrio/multisurface.gpkg", 1, 1),
    ("pyogrio/naturalearth_lowres/naturalearth_lowres.shp", 177, 177),
    ("pyogrio/test_gpkg_nulls.gpkg", 4, 4),
]
"""File, rows in, rows read; the rest are listed one by one as rejects."""

REFUSED = [
    ("fiona/test_gpx.gpx", "FORMAT_UNSUPPORTED"),
    ("fiona/test_tin.csv", "FILE_CORRUPT"),
    ("fiona/testopenfilegdb.gdb.zip", "LAYER_AMBIGUOUS"),
    ("pyogrio/list_field_values_file.parquet", "LAYER_NO_GEOMETRY"),
    ("pyogrio/list_nested_struct_file.parquet", "LAYER_NO_GEOMETRY"),
    ("pyogrio/sample.osm.pbf", "FORMAT_UNSUPPORTED"),
]


@pytest.mark.parametrize(("name", "rows_in", "rows_read"), READ)
def test_what_can_be_read_is_read_whole_or_its_bad_rows_are_listed(
    data: Path, tmp_path: Path, name: str, rows_in: int, rows_read: int
) -> None:
    path = data / "edge_files" / name
    problems = Problems()
    raw = read_vector(path.name, path.parent, role="parcels", problems=problems, work=tmp_path)
    assert (raw.rows_in, len(raw.cells)) == (rows_in, rows_read)
    assert len(problems.frame(ProblemKind.REJECT)) == rows_in - rows_read


@pytest.mark.parametrize(("name", "code"), REFUSED)
def test_what_cannot_be_read_is_refused_for_its_reason(
    data: Path, tmp_path: Path, name: str, code: str
) -> None:
    path = data / "edge_files" / name
    with pytest.raises(Refusal) as refused:
        read_vector(path.name, path.parent, role="parcels", problems=Problems(), work=tmp_path)
    assert refused.value.code == code
