"""The page: needs no network, carries hostile names as data, is the same for the same audit."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import folium
import folium.plugins
import numpy as np
import pandas as pd
import pyproj
import pytest

from landzone.errors import OutputError
from landzone.outputs import map_html
from landzone.outputs.map_html import assets, codec, content, themed
from landzone.outputs.map_html.lonlat import Degrees

BLOCK = re.compile(r'<script type="application/json" id="landzone-(\w+)">(.*?)</script>', re.DOTALL)
LEAFLETS_OWN = ("http://www.w3.org/2000/svg", "https://leafletjs.com")
VENDOR = files("landzone.outputs.map_html") / "assets" / "vendor"


def blocks(html: str) -> dict[str, Any]:
    return {name: json.loads(text) for name, text in BLOCK.findall(html)}


def columns(block: dict[str, Any]) -> dict[str, Any]:
    return codec.unpacked_columns(block["columns"])


def written(made: Any, folder: Path) -> str:
    return map_html.write(made.study, made.result, folder).read_text(encoding="utf-8")


def test_the_map_is_a_folium_map_without_basemap(made_up: ModuleType) -> None:
    made = made_up.make()
    page = map_html.build(made.study, made.result)
    assert isinstance(page, folium.Map)
    assert not [c for c in page._children.values() if isinstance(c, folium.TileLayer)]


def test_the_file_is_called_map_html_and_needs_no_network(made_up: ModuleType, tmp_path: Path) -> None:
    made = made_up.make()
    path = map_html.write(made.study, made.result, tmp_path)
    html = path.read_text(encoding="utf-8")
    assert path == tmp_path / "map.html"
    addresses = set(re.findall(r"(?:https?|wss?|ftp)://[^\s\"'<>)]*", html))
    assert {a for a in addresses if not a.startswith(LEAFLETS_OWN)} == set()
    assert not re.search(r"<(?:script|img|iframe)[^>]+src=|<link[^>]+href=|sourceMappingURL", html)


def test_the_policy_allows_these_scripts_alone(made_up: ModuleType, tmp_path: Path) -> None:
    html = written(made_up.make(), tmp_path)
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', html)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in policy[1]
    assert "script-src 'unsafe-inline'" not in policy[1]
    assert html.index("Content-Security-Policy") < html.index("<script")


def test_the_same_audit_gives_the_same_bytes_in_another_process(made_up: ModuleType, tmp_path: Path) -> None:
    code = (
        "import hashlib, runpy, sys\n"
        "from pathlib import Path\n"
        "import importlib.util as u\n"
        f"spec = u.spec_from_file_location('landzone_made_up_audit', {str(made_up.__file__)!r})\n"
        "m = u.module_from_spec(spec); sys.modules[spec.name] = m; spec.loader.exec_module(m)\n"
        "from landzone.outputs import map_html\n"
        "made = m.make()\n"
        "print(hashlib.sha256(map_html.write(made.study, made.result, Path(sys.argv[1])).read_bytes()).hexdigest())\n"
    )
    here = hashlib.sha256(written(made_up.make(), tmp_path).encode("utf-8")).hexdigest()
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "77"},
    )
    assert run.stdout.strip() == here


def test_figures_of_the_page_equal_those_of_the_result(made_up: ModuleType, tmp_path: Path) -> None:
    made = made_up.make(5, 4)
    found = columns(blocks(written(made, tmp_path))["parcels"])
    parcels = made.result.parcels
    for key, column in {
        "area_m2": "area_m2",
        "building_density_ratio": "building_density_ratio",
        "investment_intensity_per_ha": "investment_intensity_wan_cny_per_ha",
        "idle_fee": "idle_fee_wan_cny",
    }.items():
        values = np.array([np.nan if v is None else v for v in found[key]])
        np.testing.assert_array_equal(values, parcels[column].to_numpy())
    assert found["id"] == parcels["parcel_id"].tolist()


def test_money_columns_of_another_currency_are_found(made_up: ModuleType, tmp_path: Path) -> None:
    made = made_up.make()
    renamed = made.result.parcels.rename(columns=lambda c: c.replace("wan_cny", "usd"))
    study = replace(made.study, settings=replace(made.study.settings, money="usd"))
    found = blocks(written(made_up.MadeUp(study, replace(made.result, parcels=renamed)), tmp_path))["parcels"]
    kinds = {field["key"]: field["kind"] for field in found["fields"]}
    assert kinds["investment_intensity_per_ha"] == "rate:usd"
    assert kinds["idle_fee"] == "money:usd"


def test_hostile_names_travel_as_data_and_nothing_is_executed(made_up: ModuleType, tmp_path: Path) -> None:
    html = written(made_up.hostile(), tmp_path)
    assert str(1234567 * 7654321) not in html
    found = blocks(html)
    assert set(columns(found["parcels"])["id"]) == set(made_up.HOSTILE)
    assert found["study"]["name"] == made_up.HOSTILE[0] + made_up.HOSTILE[1]
    outside_of_data = BLOCK.sub("", html)
    for name in made_up.HOSTILE:
        if name != "__proto__":
            assert name not in outside_of_data


def test_the_notebook_view_and_a_second_rendering_are_safe_too(made_up: ModuleType) -> None:
    made = made_up.hostile()
    page = map_html.build(made.study, made.result)
    first = page.get_root().render()
    assert page.get_root().render() == first
    assert str(1234567 * 7654321) not in page._repr_html_()


def test_plain_folium_layers_can_be_added(made_up: ModuleType, tmp_path: Path) -> None:
    made = made_up.make()
    page = map_html.build(made.study, made.result)
    folium.CircleMarker([33.0, 114.0], popup="here").add_to(page)
    folium.GeoJson({"type": "Point", "coordinates": [114.0, 33.0]}, name="more").add_to(page)
    folium.LayerControl().add_to(page)
    page.save(tmp_path / "own.html")
    html = (tmp_path / "own.html").read_text(encoding="utf-8")
    assert "L.circleMarker" in html
    assert html.count("lz.Polygons = ") == 1
    stream = io.BytesIO()
    page.save(stream, close_file=False)
    assert "L.circleMarker" in stream.getvalue().decode("utf-8")


@pytest.mark.parametrize(
    ("layer", "named"),
    [
        (lambda: folium.TileLayer("OpenStreetMap"), "tile.openstreetmap.org"),
        (folium.plugins.MarkerCluster, "<script> https://"),
        (lambda: folium.Marker([33, 114], icon=folium.Icon()), "folium.Icon"),
        (
            lambda: folium.raster_layers.ImageOverlay("https://example.org/a.png", [[0, 0], [1, 1]]),
            "example.org",
        ),
    ],
)
def test_a_layer_that_needs_the_network_is_refused_by_name(
    made_up: ModuleType, tmp_path: Path, layer: Any, named: str
) -> None:
    made = made_up.make()
    page = map_html.build(made.study, made.result)
    layer().add_to(page)
    with pytest.raises(OutputError, match=re.escape(named)):
        page.save(tmp_path / "own.html")
    assert not (tmp_path / "own.html").exists()


def test_a_map_with_web_tiles_can_be_saved_when_asked_for(made_up: ModuleType, tmp_path: Path) -> None:
    made = made_up.make()
    page = map_html.build(made.study, made.result)
    folium.TileLayer("OpenStreetMap").add_to(page)
    page.save(tmp_path / "own.html", online=True)
    html = (tmp_path / "own.html").read_text(encoding="utf-8")
    assert "tile.openstreetmap.org" in html
    assert "Content-Security-Policy" not in html


def test_a_folder_that_is_not_there_is_an_output_error(made_up: ModuleType, tmp_path: Path) -> None:
    made = made_up.make()
    with pytest.raises(OutputError, match=r"map\.html"):
        map_html.write(made.study, made.result, tmp_path / "nowhere")


def test_empty_layers_and_no_findings_still_make_a_map(made_up: ModuleType, tmp_path: Path) -> None:
    made = made_up.make()
    empty = {
        name: getattr(made.result, name).iloc[:0]
        for name in ("buildings", "patches", "constraints", "use_conflicts", "findings", "projects")
    }
    found = blocks(written(made_up.MadeUp(made.study, replace(made.result, **empty)), tmp_path))
    assert set(found) == {"study", "zones", "parcels"}
    assert codec.unpacked_columns(found["study"]["findings"]["results"])["feature"] == []


def test_the_list_names_the_gravest_first(made_up: ModuleType, tmp_path: Path) -> None:
    found = blocks(written(made_up.make(), tmp_path))["study"]["findings"]
    entries = codec.unpacked_columns(found["list"])
    assert entries["weight"] == sorted(entries["weight"], reverse=True)
    groups = list(zip(entries["group"], entries["weight"], strict=True))
    assert groups.count(("constraint", 5)) == 2
    assert ("conflict", 5) in groups
    assert ("idle", 4) in groups
    assert ("fail_zone", 4) in groups
    assert len([g for g, _ in groups if g == "conflict"]) == 1, (
        "precision and uncovered ground is no conflict"
    )


def test_project_findings_reach_their_parcel(made_up: ModuleType) -> None:
    made = made_up.make()
    verdicts = themed.worst_verdicts(made.result)
    assert verdicts["410700211000GB00001"] == "pass"
    assert verdicts["410700211000GB00003"] == "fail"
    assert verdicts["410700211000GB00004"] == "unknown"


def test_positions_are_degrees_on_a_stated_datum() -> None:
    import shapely

    square = shapely.box(500_000, 3_652_000, 500_100, 3_652_100)
    cgcs = Degrees(pyproj.CRS.from_epsg(4547))
    (moved,) = cgcs.shapes([square])
    assert moved.bounds[0] == pytest.approx(114.0, abs=1e-9)
    assert moved.bounds[1] == pytest.approx(32.993255, abs=1e-6)
    assert cgcs.position.world
    xian = Degrees(pyproj.CRS.from_epsg(2383))
    (kept,) = xian.shapes([square])
    assert not xian.position.world, (
        "no parameters are known: the degrees stay on their own datum, and it is said"
    )
    assert "Xian" in xian.position.datum
    assert kept.bounds[0] == pytest.approx(114.0, abs=1e-9)


def test_names_of_zones_come_from_the_source_where_the_result_has_none(
    made_up: ModuleType, tmp_path: Path
) -> None:
    made = made_up.make()
    result = replace(made.result, zones=made.result.zones.drop(columns=["name", "phase"]))
    found = columns(blocks(written(made_up.MadeUp(made.study, result), tmp_path))["zones"])
    assert found["name"] == {"d": ["Southern Park", "城东产业集聚区"], "i": [1, 0]}


def test_missing_text_stays_missing(made_up: ModuleType, tmp_path: Path) -> None:
    made = made_up.make()
    parcels = made.result.parcels.assign(zone_id=pd.Series([None] * 6, dtype="object"))
    found = columns(
        blocks(written(made_up.MadeUp(made.study, replace(made.result, parcels=parcels)), tmp_path))[
            "parcels"
        ]
    )
    assert found["zone_id"] == {"d": [], "i": [-1] * 6}


def test_every_word_of_the_map_is_there_in_both_languages() -> None:
    words = content.words()
    for table, entries in words.items():
        if table != "fields":
            for key, entry in entries.items():
                assert set(entry) == {"zh", "en"}, f"{table}.{key}"
    styles = tomllib.loads(
        (files("landzone.catalog") / "labels" / "map_styles.toml").read_text(encoding="utf-8")
    )
    for vocabulary in ("idle_class", "conformity", "verdict", "kind", "type"):
        assert set(styles[vocabulary]) <= set(words[vocabulary]), vocabulary


def test_words_used_by_the_scripts_exist() -> None:
    words = content.words()
    source = assets.application_script()
    for table, pattern in {"ui": r"\.ui\('(\w+)'[,)]", "sentence": r"\.sentence\('(\w+)'[,)]"}.items():
        used = set(re.findall(pattern, source))
        assert used
        assert used <= set(words[table])


def test_every_shown_column_has_a_label() -> None:
    words = content.words()
    assert {key for keys in words["fields"].values() for key in keys} <= set(words["column"])


def test_vendored_files_are_those_of_the_list() -> None:
    lines = (VENDOR / "SHA256SUMS").read_text(encoding="utf-8").split("\n")
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines if line)}
    there = {
        f"{folder}/{entry.name}" for folder in ("leaflet", "fflate") for entry in (VENDOR / folder).iterdir()
    }
    assert set(listed) == there
    for name, digest in listed.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name
    assert {"leaflet/LICENSE", "fflate/LICENSE"} <= there


def test_scripts_are_plain_and_set_no_html() -> None:
    ours = assets.application_script() + "".join(assets.text(name) for name in assets.LIBRARY)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\?\.|\?\?", ours
    )


def test_twenty_thousand_parcels_stay_small(made_up: ModuleType, tmp_path: Path) -> None:
    made = made_up.make(200, 100, corners=12)
    result = replace(made.result, buildings=made.result.buildings.iloc[:0])
    assert map_html.write(made.study, result, tmp_path).stat().st_size <= 2_500_000
