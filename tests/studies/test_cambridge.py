"""The real study of Cambridge, every figure against another way: TopoJSON arcs decoded here, shapely and pandas.

The other way works in a Lambert azimuthal equal-area plane through the city, where planar area is ellipsoidal area,
and takes areas of raw parcels with pyproj's geodesics; landzone works in UTM with areas from its own integrals.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

import landzone as lz

FOLDER = Path(__file__).parents[2] / "data" / "cambridge_ma"
EDGE = 1e-4
"""Degrees, about ten metres: how far apart points on an edge are when it is bent to another plane."""
DISTRICTS = """[study]
name = "Cambridge by zoning district"
money = "usd"
rules = []
[layers.zones]
source = "CDD_ZoningDistricts.geojson"
columns = { zone_id = "ZONE_TYPE" }
same_id = "merge_parts"
[layers.parcels]
source = "ASSESSING_ParcelsFY2014.topojson"
crs = "EPSG:4326"
columns = { parcel_id = "ML" }
[layers.buildings]
source = "lots.gpkg"
units = { floor_area = "m2" }
[tables.projects]
source = "TaxFY14.csv"
key = "parcel_id"
columns = { project_id = "Record", parcel_id = "ML", fixed_asset_investment = "TotalAppraisedImprovements" }
units = { fixed_asset_investment = "usd" }
"""
GEOD = pyproj.Geod(ellps="WGS84")
EQUAL_AREA = pyproj.Transformer.from_crs(
    "EPSG:4326", "+proj=laea +lat_0=42.375 +lon_0=-71.115 +ellps=WGS84", always_xy=True
)


def geodesic_m2(shape: shapely.Geometry) -> float:
    """Area on the ellipsoid by geodesics of at most ten metres; ground that is claimed twice counts once."""
    fine = shapely.segmentize(shapely.make_valid(shape), EDGE)
    area, _ = GEOD.geometry_area_perimeter(shapely.orient_polygons(fine))
    return float(area)


def to_plane(shapes: Any) -> Any:
    """Bring longitude and latitude to the equal-area plane; edges are straight in degrees, as in the files."""
    fine = shapely.segmentize(shapes, EDGE)
    return shapely.transform(fine, lambda xy: np.column_stack(EQUAL_AREA.transform(*xy.T)))


def decode_parcels() -> pd.DataFrame:
    """Decode the quantised arcs of the TopoJSON by hand: one row a feature, in file order."""
    topology = json.loads((FOLDER / "ASSESSING_ParcelsFY2014.topojson").read_text("utf-8"))
    scale, move = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + move for arc in topology["arcs"]]

    def ring(numbers: list[int]) -> np.ndarray:
        parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    def polygon(rings: list[list[int]]) -> Any:
        shell, *holes = [line for line in map(ring, rings) if len(line) > 3] or [None]
        return shapely.Polygon(shell, holes)

    rows = []
    for feature in topology["objects"]["ASSESSING_ParcelsFY2014"]["geometries"]:
        many = feature["arcs"] if feature["type"] == "MultiPolygon" else [feature["arcs"]]
        shape = shapely.MultiPolygon([polygon(rings) for rings in many if rings])
        rows.append((feature["properties"].get("ML"), feature["properties"].get("LOC_ID"), shape))
    return pd.DataFrame(rows, columns=["ML", "LOC_ID", "shape"])


def read_geojson(name: str) -> pd.DataFrame:
    """Read one of the other layers: its properties and ``shape`` in the equal-area plane."""
    features = json.loads((FOLDER / f"{name}.geojson").read_text("utf-8"))["features"]
    frame = pd.DataFrame([feature["properties"] for feature in features])
    shapes = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in features])
    return frame.assign(shape=shapely.make_valid(to_plane(shapes)))


def shared_m2(left: Any, right: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return positions of overlapping pairs and the ground they share."""
    first, second = shapely.STRtree(right).query(left, predicate="intersects")
    return first, second, shapely.area(shapely.intersection(left[first], right[second]))


@dataclass(frozen=True)
class Raw:
    """The published files, read without landzone."""

    parcels: pd.DataFrame
    tax: pd.DataFrame
    zones: pd.DataFrame
    zoning: pd.DataFrame
    overlays: pd.DataFrame
    flood: pd.DataFrame
    flood_parcels: pd.DataFrame


@pytest.fixture(scope="session")
def raw() -> Raw:
    parcels = decode_parcels()
    parcels["plane"] = shapely.make_valid(to_plane(parcels["shape"].to_numpy()))
    return Raw(
        parcels,
        pd.read_csv(FOLDER / "TaxFY14.csv", dtype="str", keep_default_na=False),
        read_geojson("BOUNDARY_CDDNeighborhoods"),
        read_geojson("CDD_ZoningDistricts"),
        read_geojson("CDD_ZoningOverlayDistricts"),
        read_geojson("FEMA_FloodPlains100Year"),
        read_geojson("FEMA_FloodPlainParcels100Year"),
    )


@pytest.fixture(scope="session")
def cambridge() -> lz.Audit:
    return lz.audit(lz.open_study(FOLDER / "study.toml"), as_of="2014-06-30")


@pytest.fixture(scope="session")
def used(cambridge: lz.Audit, raw: Raw) -> pd.DataFrame:
    """The published parcels that were used, by id."""
    return raw.parcels[raw.parcels["ML"].isin(cambridge.parcels["parcel_id"])].set_index("ML").sort_index()


@pytest.fixture(scope="session")
def in_zones(used: pd.DataFrame, raw: Raw) -> pd.DataFrame:
    """Ground of each used parcel in each zone, by the other way."""
    parcel, zone, area = shared_m2(used["plane"].to_numpy(), raw.zones["shape"].to_numpy())
    names = raw.zones["N_HOOD"].astype("str")
    table = pd.DataFrame({"ML": used.index[parcel], "zone_id": names.iloc[zone].to_numpy(), "area": area})
    return table[table["area"] > 0]


def whole_rows(audit: lz.Audit, layer: str) -> pd.DataFrame:
    rejects = audit.rejects
    return rejects[(rejects["layer"] == layer) & (rejects["column"] == "")]


@pytest.mark.parametrize(
    ("layer", "rows_in", "reasons"),
    [
        (
            "parcels",
            13_116,
            {"ID_MISSING": 63, "ID_DUPLICATE": 31, "GEOM_SELF_INTERSECTION": 8, "GEOM_EMPTY": 1},
        ),
        ("projects", 27_528, {"JOIN_NO_PARCEL": 74, "ID_MISSING": 1}),
    ],
)
def test_every_row_is_used_or_listed_with_its_reason(
    cambridge: lz.Audit, layer: str, rows_in: int, reasons: dict[str, int]
) -> None:
    record = next(one for one in cambridge.result.run["inputs"] if one["role"] == layer)
    rejected = whole_rows(cambridge, layer)
    frame = cambridge.parcels if layer == "parcels" else cambridge.result.projects
    assert record["rows_in"] == rows_in
    assert record["rows_used"] == len(frame)
    assert record["rows_rejected"] == len(rejected) == rejected["row"].nunique()
    assert len(frame) + len(rejected) == rows_in
    assert rejected["code"].value_counts().to_dict() == reasons
    assert rejected["message"].str.len().min() > 0


def test_rejected_parcels_are_those_that_cannot_be_told_apart_or_measured(
    cambridge: lz.Audit, raw: Raw
) -> None:
    by_code = whole_rows(cambridge, "parcels").groupby("code")["row"].agg(set)
    number = pd.Series(range(1, len(raw.parcels) + 1), raw.parcels.index)
    shape, ids = raw.parcels["shape"].to_numpy(), raw.parcels["ML"]
    dashes = ids.fillna("").str.strip("- ").eq("")
    assert by_code["GEOM_EMPTY"] == set(number[shapely.is_empty(shape)])
    assert by_code["GEOM_SELF_INTERSECTION"] <= set(number[~shapely.is_valid(shape)])
    assert by_code["ID_MISSING"] <= set(number[dashes])
    left = number[~number.isin(set().union(*by_code.drop("ID_DUPLICATE")))]
    assert by_code["ID_DUPLICATE"] == set(left[ids[left.index].duplicated(keep=False)])


def test_area_of_all_parcels_is_that_of_the_published_shapes(
    cambridge: lz.Audit, raw: Raw, used: pd.DataFrame
) -> None:
    everything = raw.parcels["shape"].map(geodesic_m2)
    ours = cambridge.parcels.set_index("parcel_id")["area_m2"]
    theirs = used["shape"].map(geodesic_m2)
    left_out = everything[~raw.parcels["ML"].isin(used.index)].sum()
    assert everything.sum() / 10_000 == pytest.approx(1737, abs=1)
    assert ours.sum() + left_out == pytest.approx(everything.sum(), rel=1e-6)
    repairs = cambridge.repairs[cambridge.repairs["code"].str.startswith("GEOM_")]
    mended = ours.index.intersection(repairs["subject_id"])
    sound = ours.index.difference(mended)
    assert np.allclose(ours[sound], theirs[sound], rtol=1e-6, atol=1e-3)
    assert np.allclose(ours[mended], theirs[mended], rtol=1e-2)


def test_zones_are_measured_and_closed_by_their_patches(cambridge: lz.Audit, raw: Raw) -> None:
    zones = cambridge.zones.set_index("zone_id")
    theirs = pd.Series(shapely.area(raw.zones["shape"].to_numpy()), raw.zones["N_HOOD"].astype("str"))
    assert np.allclose(zones["area_m2"], theirs[zones.index], rtol=1e-6)
    kinds = zones[["agree_m2", "conflict_m2", "precision_m2", "uncovered_m2"]].sum(axis=1)
    assert np.allclose(kinds, zones["area_m2"], rtol=1e-6, atol=0)
    patches = cambridge.patches.groupby("zone_id")["area_m2"].sum()
    assert np.allclose(patches, zones["area_m2"], rtol=1e-6, atol=0)


def test_money_in_is_money_joined_and_money_rejected(cambridge: lz.Audit, raw: Raw) -> None:
    names = {
        "TotalAppraisedImprovements": "fixed_asset_investment",
        "TotalAppraisedLandValue": "land_price",
    }
    for published, ours in names.items():
        amount = raw.tax[published].astype("int64")
        rows = whole_rows(cambridge, "projects")["row"].to_numpy() - 1
        cells = cambridge.rejects[
            (cambridge.rejects["layer"] == "projects") & (cambridge.rejects["column"] == ours)
        ]
        joined = cambridge.result.projects[f"{ours}_usd"].sum()
        assert amount.sum() == joined + amount.iloc[rows - 1].sum() + cells["raw_value"].astype("int64").sum()
        assert (cells["raw_value"].astype("int64") < 0).all()
        assert set(cells["raw_value"].astype("int64")) <= set(amount[amount < 0])


def test_investment_intensity_of_zones(
    cambridge: lz.Audit, raw: Raw, used: pd.DataFrame, in_zones: pd.DataFrame
) -> None:
    """Money over the land of the parcels all of whose amounts are known, shared by area where a zone cuts them."""
    amount = raw.tax["TotalAppraisedImprovements"].astype("int64")
    money = amount.where(amount >= 0).groupby(raw.tax["ML"]).agg(["sum", "size", "count"])
    known = money.loc[money["size"] == money["count"], "sum"]
    whole = pd.Series(shapely.area(used["plane"].to_numpy()), used.index)
    land = in_zones[in_zones["ML"].isin(known.index)]
    share = land["area"] / land["ML"].map(whole)
    by_zone = (share * land["ML"].map(known)).groupby(land["zone_id"]).sum()
    hectares = land.groupby("zone_id")["area"].sum() / 10_000
    zones = cambridge.zones.set_index("zone_id")
    expected = (by_zone / hectares)[zones.index]
    assert np.allclose(zones["investment_intensity_usd_per_ha"], expected, rtol=1e-5)
    all_land = in_zones.groupby("zone_id")["area"].sum() / 10_000
    coverage = (hectares / all_land)[zones.index]
    assert np.allclose(zones["investment_coverage_ratio"], coverage, rtol=1e-5)


@pytest.fixture(scope="session")
def gross_m2(raw: Raw) -> pd.Series:
    """Floor area of each lot as the assessors have it, summed over its rows; lots without any are left out."""
    feet = pd.to_numeric(raw.tax["GrossArea"], errors="coerce")
    whole = feet.groupby(raw.tax["ML"]).sum(min_count=1)
    return whole[whole > 0] * 0.3048**2


@pytest.fixture(scope="session")
def districts(raw: Raw, gross_m2: pd.Series, tmp_path_factory: pytest.TempPathFactory) -> lz.Audit:
    """The types of zoning district as zones; without footprints, each lot with floor area is a building."""
    folder = tmp_path_factory.mktemp("districts")
    for name in ("CDD_ZoningDistricts.geojson", "ASSESSING_ParcelsFY2014.topojson", "TaxFY14.csv"):
        shutil.copy(FOLDER / name, folder)
    lots = raw.parcels[~raw.parcels["ML"].duplicated(keep=False) & raw.parcels["ML"].isin(gross_m2.index)]
    lots = lots[shapely.is_valid(lots["shape"].to_numpy())]
    columns = {"building_id": lots["ML"].to_numpy(), "floor_area": gross_m2[lots["ML"]].to_numpy()}
    gpd.GeoDataFrame(columns, geometry=lots["shape"].to_numpy(), crs=4326).to_file(folder / "lots.gpkg")
    (folder / "study.toml").write_text(DISTRICTS, "utf-8")
    return lz.audit(lz.open_study(folder / "study.toml"), as_of="2014-06-30")


@pytest.fixture(scope="session")
def in_districts(used: pd.DataFrame, raw: Raw) -> pd.DataFrame:
    """Share of each used parcel in each type of zoning district, and its ground there, by the other way."""
    whole = pd.Series(shapely.area(used["plane"].to_numpy()), used.index)
    parcel, district, area = shared_m2(used["plane"].to_numpy(), raw.zoning["shape"].to_numpy())
    names = raw.zoning["ZONE_TYPE"].astype("str").to_numpy()[district]
    table = pd.DataFrame({"ML": used.index[parcel], "zone_id": names, "area": area})
    table = table[table["area"] > 0].groupby(["ML", "zone_id"], as_index=False)["area"].sum()
    return table.assign(share=table["area"] / table["ML"].map(whole))


def test_floor_area_ratio_of_zoning_districts(
    districts: lz.Audit, gross_m2: pd.Series, in_districts: pd.DataFrame
) -> None:
    """Assessed floor area over the land of the lots, both by the share of the lot that lies in the district."""
    floor = gross_m2.reindex(districts.study.layers["buildings"].frame.index)
    above = (
        (in_districts["share"] * in_districts["ML"].map(floor).fillna(0))
        .groupby(in_districts["zone_id"])
        .sum()
    )
    expected = above / in_districts.groupby("zone_id")["area"].sum()
    zones = districts.zones.set_index("zone_id")["floor_area_ratio"]
    assert len(zones) > 30
    assert zones.notna().all()
    assert np.allclose(zones, expected.reindex(zones.index), rtol=2e-4, atol=1e-4)


def test_value_per_hectare_of_zoning_districts(
    districts: lz.Audit, raw: Raw, in_districts: pd.DataFrame
) -> None:
    """Assessed value of improvements over the land of the lots all of whose rows have one."""
    amount = raw.tax["TotalAppraisedImprovements"].astype("int64")
    money = amount.where(amount >= 0).groupby(raw.tax["ML"]).agg(["sum", "size", "count"])
    known = money.loc[money["size"] == money["count"], "sum"]
    land = in_districts[in_districts["ML"].isin(known.index)]
    by_zone = (land["share"] * land["ML"].map(known)).groupby(land["zone_id"]).sum()
    expected = by_zone / (land.groupby("zone_id")["area"].sum() / 10_000)
    zones = districts.zones.set_index("zone_id")["investment_intensity_usd_per_ha"]
    assert np.allclose(zones, expected.reindex(zones.index), rtol=2e-4, equal_nan=True)


def test_zoning_classes_of_zones(cambridge: lz.Audit, raw: Raw) -> None:
    zone, district, area = shared_m2(raw.zones["shape"].to_numpy(), raw.zoning["shape"].to_numpy())
    theirs = pd.DataFrame(
        {
            "zone_id": raw.zones["N_HOOD"].astype("str").iloc[zone].to_numpy(),
            "code": raw.zoning["ZONE_TYPE"].iloc[district].to_numpy(),
            "area": area,
        }
    )
    theirs = theirs.groupby(["zone_id", "code"])["area"].sum()
    patches = cambridge.patches[cambridge.patches["zoning_code"].fillna("") != ""]
    ours = patches.groupby(["zone_id", "zoning_code"])["area_m2"].sum()
    both = pd.concat([ours, theirs.rename_axis(["zone_id", "zoning_code"])], axis=1).fillna(0)
    assert len(ours) > 100
    assert np.allclose(both["area_m2"], both["area"], rtol=1e-5, atol=1)


def test_plan_classes_of_zones_and_parcels_are_independent_sums(
    cambridge: lz.Audit, raw: Raw, used: pd.DataFrame
) -> None:
    """Zoning has no overlaps: its classes in every zone, and under all parcels, to a millionth."""
    common = pd.read_csv(FOLDER / "zoning.csv", dtype="str").set_index("code")["common"]
    shapes, codes = raw.zoning["shape"].to_numpy(), raw.zoning["ZONE_TYPE"].to_numpy()
    zone, district, area = shared_m2(raw.zones["shape"].to_numpy(), shapes)
    names = raw.zones["N_HOOD"].astype("str").to_numpy()[zone]
    theirs = pd.Series(area).groupby([names, common[codes[district]].to_numpy()]).sum()
    checks = cambridge.result.tables["zone_checks"]
    own = checks[(checks["name"] == "zoning") & (checks["part"] != "uncovered")]
    ours = own.set_index(["zone_id", "part"])["area_m2"]
    assert set(ours.index) == {key for key, m2 in theirs.items() if m2 > 1e-3}
    assert np.allclose(ours, theirs[ours.index], rtol=1e-6, atol=0.01)
    _, district, area = shared_m2(used["plane"].to_numpy(), shapes)
    theirs = pd.Series(area, codes[district]).groupby(level=0).sum()
    shares = cambridge.result.plan_shares
    ours = shares[shares["plan"] == "zoning"].groupby("code")["area_m2"].sum()
    assert ours.sum() == pytest.approx(theirs[ours.index].sum(), rel=1e-6)
    assert np.allclose(ours, theirs[ours.index], rtol=1e-6, atol=1)


def test_every_line_is_the_ground_under_it(cambridge: lz.Audit, raw: Raw) -> None:
    """Flood plains, historic and conservation districts inside the zones, against unions in the other plane."""
    files = {
        "flood_100_year": "FEMA_FloodPlains100Year",
        "flood_500_year": "FEMA_FloodPlains500Year",
        "historic_districts": "HISTORICAL_HistoricDistricts",
        "conservation_districts": "HISTORICAL_NhoodConservationDist",
    }
    zones = raw.zones["shape"].to_numpy()
    pieces = cambridge.constraints.dropna(subset="zone_id").groupby("constraint")["area_m2"].sum()
    checks = cambridge.result.tables["zone_checks"]
    inside = checks[checks["part"] == "inside"].groupby("name")["area_m2"].sum()
    for name, file in files.items():
        ground = shapely.union_all(read_geojson(file)["shape"].to_numpy())
        theirs = shapely.area(shapely.intersection(ground, zones)).sum()
        assert inside[name] == pytest.approx(theirs, rel=1e-6), name
        assert pieces[name] == pytest.approx(theirs, rel=1e-5), name


def test_tables_of_the_comparison_close(cambridge: lz.Audit) -> None:
    tables, kinds = cambridge.result.tables, ["agree_m2", "conflict_m2", "precision_m2", "uncovered_m2"]
    ground = cambridge.zones["area_m2"].sum()
    pairs = tables["plan_pairs"]
    assert pairs[["plan_a", "plan_b"]].to_numpy().tolist() == [["overlays", "zoning"]]
    assert pairs[kinds].sum(axis=1).tolist() == pytest.approx([ground], rel=1e-9)
    plans = tables["plan_alignment"].set_index(["plan", "zone_id"])
    whole = cambridge.zones.set_index("zone_id")["area_m2"]
    for plan in ("overlays", "zoning"):
        own = plans.loc[plan]
        assert np.allclose(own[own.index.notna()][kinds].sum(axis=1), whole[own.index.dropna()], rtol=1e-9)
        assert np.allclose(own[own.index.isna()][kinds].sum(axis=1), ground, rtol=1e-9)
    assert tables["class_combinations"]["area_m2"].sum() == pytest.approx(ground, rel=1e-9)
    ranked = cambridge.patches.dropna(subset="rank").drop_duplicates("conflict_id").sort_values("rank")
    assert ranked["rank"].tolist() == list(range(1, len(ranked) + 1))
    order = pd.Categorical(ranked["severity"], ["severe", "high", "medium", "low"]).codes
    assert (np.diff(order) >= 0).all()
    assert cambridge.patches["patch_id"].is_unique
    themes = tables["parcel_themes"]
    assert set(themes["state"]) == {"concerned", "not_concerned", "no_data"}
    counts = themes.dropna(subset="parcel_id").groupby("theme").size()
    assert set(counts) == {len(cambridge.parcels)}


def test_overlay_districts_that_overlap_are_reported(cambridge: lz.Audit, raw: Raw) -> None:
    shapes, names = raw.overlays["shape"].to_numpy(), raw.overlays["Name"].to_numpy()
    pairs = list(combinations(range(len(shapes)), 2))
    first, second = (np.array(side) for side in zip(*pairs, strict=True))
    shared = shapely.intersection(shapes[first], shapes[second])
    assert shapely.area(shared).sum() / 10_000 == pytest.approx(131.7, abs=0.1)
    notes = cambridge.notes[cambridge.notes["code"] == "PLAN_OVERLAPS_ITSELF"]
    params = notes.loc[notes["layer"] == "plans.overlays", "params"].map(json.loads)
    reported = [(set(p["codes"].split("|")), float(p["area_m2"])) for p in params]
    twice = shapely.area(shapely.union_all(shared))
    assert sum(area for _, area in reported) == pytest.approx(twice, rel=1e-4)
    merged = {name: shapely.union_all(shapes[names == name]) for name in sorted(set(names))}
    for one, two in combinations(merged, 2):
        theirs = shapely.area(shapely.intersection(merged[one], merged[two]))
        ours = sum(area for codes, area in reported if {one, two} <= codes)
        assert ours == pytest.approx(theirs, rel=1e-4, abs=1), (one, two)


@pytest.fixture(scope="session")
def in_flood(raw: Raw) -> pd.Series:
    """Ground under the 100-year flood plain by published parcel id, by the other way."""
    parcel, _, area = shared_m2(raw.parcels["plane"].to_numpy(), raw.flood["shape"].to_numpy())
    return pd.Series(area, raw.parcels["ML"].iloc[parcel].to_numpy()).groupby(level=0).sum()


def flooded(audit: lz.Audit) -> pd.Series:
    pieces = audit.constraints[audit.constraints["constraint"] == "flood_100_year"]
    return pieces.dropna(subset="parcel_id").groupby("parcel_id")["area_m2"].sum()


def test_parcels_in_the_flood_plain(cambridge: lz.Audit, raw: Raw, in_flood: pd.Series) -> None:
    """Ground that two parcels claim is listed once, under one of them; the pair stands in the notes."""
    ours = flooded(cambridge)
    rejected = set(raw.parcels["ML"]) - set(cambridge.parcels["parcel_id"])
    theirs = in_flood[~in_flood.index.isin(list(rejected))]
    assert set(ours.index) == set(theirs.index)
    notes = cambridge.notes[cambridge.notes["code"] == "LAYER_OVERLAP"]["params"].map(json.loads)
    pairs = [(p[side], float(p["area_m2"])) for p in notes for side in ("first", "second")]
    twice = pd.DataFrame(pairs, columns=["parcel", "m2"]).groupby("parcel")["m2"].sum()
    spare = twice.reindex(ours.index).fillna(0)
    assert (np.abs(ours - theirs[ours.index]) <= 0.1 + spare).all()


def test_the_published_list_of_flooded_parcels_differs_for_reasons_that_can_be_checked(
    cambridge: lz.Audit, raw: Raw, used: pd.DataFrame, in_flood: pd.Series
) -> None:
    """The city took a later vintage of parcels: some have gone up in others, and two are dry by a hand in this one."""
    published, vintage = raw.flood_parcels, set(raw.parcels["ML"].dropna())
    ours = set(flooded(cambridge).index)
    water = shapely.union_all(raw.flood["shape"].to_numpy())
    why: dict[str, str] = {}
    for parcel in set(published["ML"]) - ours:
        if parcel not in vintage:
            why[parcel] = "not in this vintage"
        elif parcel not in used.index:
            why[parcel] = "rejected"
        elif parcel not in in_flood.index:
            assert shapely.distance(used.loc[parcel, "plane"], water) < 0.25
            why[parcel] = "does not touch the water"
    assert set(why) == set(published["ML"]) - ours
    assert pd.Series(why).value_counts().to_dict() == {
        "not in this vintage": 29,
        "rejected": 4,
        "does not touch the water": 2,
    }
    later = shapely.union_all(published["shape"].to_numpy())
    gone = used.loc[sorted(ours - set(published["ML"])), "plane"].to_numpy()
    assert len(gone) == 45
    share = shapely.area(shapely.intersection(gone, later)) / shapely.area(gone)
    assert share.min() > 0.8


def test_without_footprints_building_density_is_unknown(cambridge: lz.Audit) -> None:
    figures = ["building_density_ratio", "floor_area_ratio", "footprint_m2", "floor_area_m2"]
    assert cambridge.zones[[*figures, "gross_building_density_ratio"]].isna().all(axis=None)
    assert cambridge.parcels[figures].isna().all(axis=None)
    findings = cambridge.findings[cambridge.findings["measure"] == "building_density_ratio"]
    assert set(findings["subject_id"]) == set(cambridge.zones["zone_id"])
    assert set(findings["verdict"]) == {"unknown"}
    assert findings["observed"].isna().all()
