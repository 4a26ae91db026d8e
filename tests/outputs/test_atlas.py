"""The atlas: every feature on the page of its zone, nothing twice, nothing lost, no name that does anything."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from landzone.catalog import load
from landzone.errors import Refusal
from landzone.outputs import atlas
from landzone.outputs.atlas.overview import _names, drawing, zone_themes
from landzone.outputs.atlas.parts import file_names, parts


def index_data(path: Path) -> Any:
    text = path.read_text("utf-8")
    return json.loads(re.search(r'id="landzone-atlas">(.*?)</script>', text, re.S)[1])


def test_every_feature_is_on_the_page_of_its_zone(made_up: Any) -> None:
    made = made_up.make(6, 4)
    astray = made.result.parcels["zone_id"].astype("object").where(np.arange(24) != 5, None)
    result = replace(made.result, parcels=made.result.parcels.assign(zone_id=astray))
    found = list(parts(made.study, result))
    assert [part.zone_id for part in found] == ["Z1", "Z2", ""]
    assert [part.file for part in found] == ["zone-Z1.html", "zone-Z2.html", "outside.html"]
    assert [len(part.result.parcels) for part in found] == [12, 11, 1]
    for name in ("parcels", "zones", "patches", "constraints", "use_conflicts", "buildings"):
        assert sum(len(getattr(part.result, name)) for part in found) == len(getattr(result, name)), name
        for part in found:
            assert len(part.layers[name].frame) == len(getattr(part.result, name))
    assert sorted(found[1].result.parcels["parcel_id"]) == sorted(
        result.parcels["parcel_id"][result.parcels["zone_id"] == "Z2"]
    )


def test_every_finding_is_on_a_page_and_on_one_alone(made_up: Any) -> None:
    made = made_up.make(6, 4)
    found = list(parts(made.study, made.result))
    keys = ["subject_kind", "subject_id", "rule_id"]
    told = [tuple(row) for part in found for row in part.result.findings[keys].itertuples(index=False)]
    whole = [tuple(row) for row in made.result.findings[keys].itertuples(index=False)]
    assert Counter(told) == Counter(whole)


def test_classes_and_breaks_of_a_page_are_those_of_the_whole(made_up: Any) -> None:
    made = made_up.make(6, 4)
    first, second = list(parts(made.study, made.result))
    for one, other in zip(first.layers["parcels"].themes, second.layers["parcels"].themes, strict=True):
        assert one.classes == other.classes
        assert len(one.places) + len(other.places) == 24


def test_a_page_for_each_zone_and_an_overview(made_up: Any, tmp_path: Path) -> None:
    made = made_up.make(4, 3)
    paths = atlas.write(made.study, made.result, tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == [
        "atlas/index.html", "atlas/zone-Z1.html", "atlas/zone-Z2.html"
    ]  # fmt: skip
    data = index_data(paths[0])
    assert [page for page, _ in data["pages"]] == ["zone-Z1.html", "zone-Z2.html"]
    assert sorted(pid for _, own in data["pages"] for pid in own) == sorted(made.result.parcels["parcel_id"])
    text = paths[0].read_text("utf-8")
    assert text.count("<path fill-rule") == 2
    assert "Content-Security-Policy" in text
    assert "45.00%" in text, "the density of a zone as the report writes it"
    other = tmp_path / "again"
    other.mkdir()
    assert [p.read_bytes() for p in atlas.write(made.study, made.result, other)] == [
        p.read_bytes() for p in paths
    ]


def test_the_overview_counts_every_zone_in_every_theme(made_up: Any) -> None:
    made = made_up.make(4, 3)
    themes = {theme.key: theme for theme in zone_themes(made.study, made.result)}
    assert set(themes) == set(load.table("atlas.toml")["themes"])
    assert all(len(theme.places) == 2 for theme in themes.values())
    assert themes["building_density_ratio"].limit.value == 0.5
    codes = [themes["verdict"].classes[place]["code"] for place in themes["verdict"].places]
    assert codes == ["fail", "unknown"], "Z1 misses both limits; Z2 meets one, the other cannot be told"


def test_an_id_that_cannot_be_a_file_has_a_digest(made_up: Any) -> None:
    names = file_names(["a", "B1", "b1", "../x", "CON", "地块", "x" * 50, "{{ 1 }}"])
    assert names["a"] == "zone-a.html"
    assert names["CON"] == "zone-CON.html"
    assert all(re.fullmatch(r"zone\.[0-9a-f]{12}\.html", names[i]) for i in names if i not in ("a", "CON"))
    assert len({name.casefold() for name in names.values()}) == 8
    assert file_names(["a", "地块"])["地块"] == names["地块"], "a link stays right when other zones go"


def test_hostile_names_stand_in_the_overview_as_text(made_up: Any, tmp_path: Path) -> None:
    made = made_up.hostile()
    (index, *pages) = atlas.write(made.study, made.result, tmp_path)
    text = index.read_text("utf-8")
    assert str(1234567 * 7654321) not in text
    assert "<script>window" not in text
    assert "<img" not in text
    assert pages


def test_too_many_zones_are_refused_in_words(made_up: Any, tmp_path: Path) -> None:
    made = made_up.make(4, 3)
    many = made.result.zones.iloc[[0] * (load.table("atlas.toml")["most_pages"] + 1)]
    with pytest.raises(Refusal, match="ATLAS_TOO_MANY"):
        atlas.write(made.study, replace(made.result, zones=many), tmp_path)
    assert not (tmp_path / "atlas").exists()


def test_one_zone_and_no_buildings_make_an_atlas(made_up: Any, tmp_path: Path) -> None:
    made = made_up.make(3, 1)
    result = made.result
    one = replace(
        result,
        zones=result.zones.iloc[:1],
        parcels=result.parcels.assign(zone_id="Z1"),
        buildings=result.buildings.iloc[:0],
        patches=result.patches.iloc[:0],
    )
    paths = atlas.write(made.study, one, tmp_path)
    assert [path.name for path in paths][:2] == ["index.html", "zone-Z1.html"]


def outlines(svg: str) -> list[list[shapely.Polygon]]:
    """Return the rings of every zone of a drawing."""
    return [
        [
            shapely.Polygon([[float(v) for v in corner.split(",")] for corner in ring.split()])
            for ring in re.findall(r"M([^Z]*)Z", path)
        ]
        for path in re.findall(r' d="(M[^"]*Z)"><title>', svg)
    ]


def test_a_zone_of_several_parts_is_drawn_with_all_of_them(made_up: Any) -> None:
    made = made_up.make(4, 3)
    whole = made.result.zones.geometry.iloc[0]
    west, south, east, north = whole.bounds
    third = (east - west) / 3
    parts_of_first = shapely.MultiPolygon(
        [shapely.box(west, south, west + third, north), shapely.box(east - third, south, east, north)]
    )
    zones = made.result.zones.set_geometry(
        [parts_of_first, *made.result.zones.geometry.iloc[1:]], crs=made.result.zones.crs
    )
    result = replace(made.result, zones=zones)
    themes = zone_themes(made.study, result)
    drawn = outlines(drawing(made.study, result, themes, [("a.html", "first"), ("b.html", "second")]))
    assert sorted(len(rings) for rings in drawn) == [1, 2]
    areas = [sum(ring.area for ring in rings) for rings in drawn]
    wanted = sorted(zones.geometry.area, reverse=True)
    assert areas[1] / areas[0] == pytest.approx(wanted[1] / wanted[0], rel=0.01)


def test_no_name_lies_on_another_and_the_largest_zones_have_theirs() -> None:
    squares = [shapely.box(0, 0, 100, 100), shapely.box(10, 40, 30, 60), shapely.box(200, 0, 260, 60)]
    texts = _names(np.array(squares, dtype=object), ["the largest", "small in it", "一号片区"])
    assert [re.sub("<[^>]*>", "", text) for text in texts] == ["the largest", "一号片区"]
