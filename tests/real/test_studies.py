"""Five real data sets with their defects, counted and measured a second time with pyogrio, shapely and geodesics."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely

import landzone as lz

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pyogrio", "ignore::RuntimeWarning:pyogrio")
AS_OF = "2026-06-30"
Reader = Callable[..., gpd.GeoDataFrame]


@pytest.fixture(scope="module")
def read(data: Path) -> Reader:
    def layer(name: str, **options: str) -> gpd.GeoDataFrame:
        return pyogrio.read_dataframe(data / name, **options)

    return layer


def audited(path: Path) -> lz.Audit:
    return lz.audit(lz.open_study(path), as_of=AS_OF)


def flat(frame: gpd.GeoDataFrame, step: float, place: gpd.GeoDataFrame | None = None) -> gpd.GeoDataFrame:
    """Bring a layer to an equal-area plane through the middle of ``place``; edges stay straight where drawn."""
    middle = frame if place is None else place
    west, south, east, north = middle.to_crs(frame.crs.geodetic_crs).total_bounds
    plane = pyproj.CRS.from_user_input(
        {
            "proj": "laea",
            "lat_0": (south + north) / 2,
            "lon_0": (west + east) / 2,
            "a": frame.crs.ellipsoid.semi_major_metre,
            "rf": frame.crs.ellipsoid.inverse_flattening,
        }
    )
    fine = frame.set_geometry(shapely.segmentize(shapely.force_2d(frame.geometry.to_numpy()), step))
    to_degrees = pyproj.Transformer.from_crs(frame.crs, frame.crs.geodetic_crs, always_xy=True)
    to_plane = pyproj.Proj(plane)

    def move(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(to_plane(*to_degrees.transform(*xy.T)))

    shapes = shapely.make_valid(shapely.transform(fine.geometry.to_numpy(), move))
    return frame.assign(m2=shapely.area(shapes)).set_geometry(gpd.GeoSeries(shapes, frame.index), crs=None)


def rows(audit: lz.Audit) -> dict[str, tuple[int, int, int]]:
    return {
        one["role"]: (one["rows_in"], one["rows_used"], one["rows_rejected"])
        for one in audit.result.run["inputs"]
    }


def cells(audit: lz.Audit, column: str) -> dict[str, int]:
    rejects = audit.rejects[audit.rejects["column"] == column]
    return {str(code): int(count) for code, count in rejects["code"].value_counts().items()}


def balanced(audit: lz.Audit) -> bool:
    zones = audit.zones
    kinds = zones[["agree_m2", "conflict_m2", "precision_m2", "uncovered_m2"]].sum(axis=1)
    return bool(np.allclose(kinds, zones["area_m2"], rtol=1e-6, atol=0))


def areas(audit: lz.Audit, theirs: pd.Series, **tolerance: float) -> None:
    ours = audit.parcels.set_index("parcel_id")["area_m2"]
    theirs = theirs.set_axis(theirs.index.astype("str"))
    assert set(ours.index) == set(theirs.index)
    mended = set(audit.repairs.loc[audit.repairs["code"].str.startswith("GEOM"), "subject_id"])
    sound = ours.index[~ours.index.isin(mended)]
    assert np.allclose(ours[sound], theirs[sound], **{"rtol": 1e-6, "atol": 2e-3, **tolerance})


def codes_of_plan(audit: lz.Audit, plan: str) -> pd.Series:
    """Ground under each code of a plan, whatever else is claimed there, from the patches."""
    patches = pd.DataFrame({"code": audit.patches[f"{plan}_code"], "m2": audit.patches["area_m2"]}).dropna()
    several = patches.assign(code=patches["code"].str.split("|")).explode("code")
    return several.groupby("code")["m2"].sum()


def under_codes(shapes: np.ndarray, codes: np.ndarray, ground: shapely.Geometry) -> pd.Series:
    """The same from the published shapes: what is under any shape of a code, counted once."""
    found = {
        code: shapely.area(shapely.intersection(shapely.union_all(shapes[codes == code]), ground))
        for code in sorted(set(codes))
    }
    return pd.Series(found)


def closed(audit: lz.Audit) -> bool:
    """Every table of the comparison sums to the zones, and so does every plan with what it does not cover."""
    kinds, tables = ["agree_m2", "conflict_m2", "precision_m2", "uncovered_m2"], audit.result.tables
    ground = audit.zones["area_m2"].sum()
    plans = tables["plan_alignment"]
    sums = [tables["class_combinations"]["area_m2"].sum(), *tables["plan_pairs"][kinds].sum(axis=1)]
    sums += plans[plans["zone_id"].isna()][kinds].sum(axis=1).tolist()
    checks = tables["zone_checks"]
    sums += checks[checks["check"] == "plan"].groupby("name")["area_m2"].sum().tolist()
    return bool(np.allclose(sums, ground, rtol=1e-6, atol=0)) and balanced(audit)


def test_buena_vista(study_of: Callable[[str], Path], read: Reader) -> None:
    audit = audited(study_of("buena_vista_va"))
    names = ("Parcel20211201", "Zoning20211201", "FutureLU2018")
    raw = {name: read(f"buena_vista_va/{name}.shp") for name in names}
    layers = {name: flat(layer, 30, raw["Parcel20211201"]) for name, layer in raw.items()}
    parcels = layers["Parcel20211201"].set_index("AcctNum")
    assert rows(audit) == {
        "parcels": (3671, 3671, 0),
        "plans.zoning": (48, 48, 0),
        "plans.future_land_use": (57, 57, 0),
        "plans.present_use": (57, 57, 0),
    }
    areas(audit, parcels["m2"])
    ground, *both = [shapely.union_all(layer.geometry.to_numpy()) for layer in layers.values()]
    assert [round(shapely.area(one) / 10_000) for one in (ground, *both)] == [1750, 1665, 1664]
    left = shapely.area(shapely.difference(ground, shapely.intersection(*both)))
    zone = audit.zones.iloc[0]
    assert zone["area_m2"] == pytest.approx(shapely.area(ground), rel=1e-6)
    assert zone["uncovered_m2"] == pytest.approx(left, rel=1e-4)
    assert closed(audit)
    for plan, file, column in (
        ("zoning", "Zoning20211201", "Zoning_Cod"),
        ("future_land_use", "FutureLU2018", "Land_Use"),
    ):
        layer = layers[file]
        theirs = under_codes(layer.geometry.to_numpy(), raw[file][column].to_numpy(), ground)
        ours = codes_of_plan(audit, plan)
        assert set(ours.index) == set(theirs.index)
        assert np.allclose(ours, theirs[ours.index], rtol=1e-6, atol=1), plan
        assert ours.sum() == pytest.approx(theirs.sum(), rel=1e-6)
        overlaps = audit.notes["layer"].eq(f"plans.{plan}") & audit.notes["code"].str.contains("ITSELF")
        assert overlaps.any()
    acres = pd.to_numeric(parcels["ACRES"], errors="coerce").astype("float64")
    given = acres * 4046.8564224
    off = (given / parcels["m2"] - 1).abs()
    assert parcels["ACRES"].notna().sum() == 239
    assert cells(audit, "registered_area") == {
        "AREA_MISMATCH": int((given.gt(0) & (off > 0.01) & ((given - parcels["m2"]).abs() > 1)).sum()),
        "VALUE_RANGE": int(given.eq(0).sum()),
    }
    money = audit.parcels.set_index("parcel_id")["fixed_asset_investment_usd"]
    assert money.sum() == parcels["IMPVALUE"].sum()
    assert money.eq(0).sum() == parcels["IMPVALUE"].eq(0).sum() == 977
    intensity = parcels["IMPVALUE"].sum() / (parcels["m2"].sum() / 10_000)
    assert zone["density_denominator"] == "parcels"
    assert zone["investment_intensity_usd_per_ha"] == pytest.approx(intensity, rel=1e-5)


def test_france(study_of: Callable[[str], Path], read: Reader) -> None:
    path = study_of("france_commune")
    parcels = read("france_commune/parcel.gpkg")
    parcels["IDU"] = parcels["DEPCOM"] + parcels["COM_ABS"] + parcels["SECTION"] + parcels["NUMERO"]
    pyogrio.write_dataframe(parcels, path.parent / "parcel.gpkg")
    audit = audited(path)
    assert rows(audit) == {
        "parcels": (851, 851, 0),
        "buildings": (239, 239, 0),
        "plans.zoning": (26, 25, 1),
    }
    assert audit.rejects["code"].tolist() == ["GEOM_EMPTY"]
    areas(audit, flat(parcels, 50).set_index("IDU")["m2"])
    solids = read("france_commune/building_3d_all_invalid.gpkg").set_index("ID")
    parts, solid = shapely.get_parts(shapely.force_2d(solids.geometry.to_numpy()), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    level = gpd.GeoDataFrame({"solid": solid[part]}, geometry=shapely.polygons(rings), crs=solids.crs)
    level = flat(level[level.geometry.area > 1e-6], 20)
    unions = level.groupby("solid")["geometry"].agg(lambda parts: shapely.union_all(parts.to_numpy()))
    seen_from_above = pd.Series(shapely.area(unions.to_numpy()), solids.index[unions.index])
    buildings = audit.result.buildings.set_index("building_id")["footprint_m2"]
    assert (audit.repairs["code"] == "GEOM_REPAIRED").sum() == 239
    assert np.allclose(buildings, seen_from_above[buildings.index], rtol=1e-5, atol=0.01)
    assert buildings.sum() / 10_000 == pytest.approx(5.7, abs=0.05)
    assert audit.parcels["floor_area_ratio"].isna().any()
    assert balanced(audit)


def test_swellendam(study_of: Callable[[str], Path], read: Reader, data: Path) -> None:
    path = study_of("swellendam_za")
    audit = audited(path)
    farms = flat(read("swellendam_za/farms_33S.shp"), 500)
    farms = farms.set_index(farms["AG_CAD_ID"].astype("int64").astype("str"))
    assert rows(audit) == {
        "parcels": (2008, 2008, 0),
        "buildings": (4708, 4708, 0),
        "constraints.protected_areas": (2, 2, 0),
    }
    areas(audit, farms["m2"], atol=0.5)
    shapes = farms.geometry.to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    shared = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    notes = audit.notes[audit.notes["layer"] == "parcels"].assign(
        params=lambda frame: frame["params"].map(json.loads)
    )
    overlaps = pd.DataFrame(notes.loc[notes["code"] == "LAYER_OVERLAP", "params"].tolist())
    overlaps["m2"] = overlaps["area_m2"].astype("float64")
    twins = [p["ids"].split(", ") for p in notes.loc[notes["code"] == "GEOM_DUPLICATE", "params"]]
    ours = {frozenset((a, b)): 1e6 for ids in twins for i, a in enumerate(ids) for b in ids[i + 1 :]}
    ours |= {frozenset((row.first, row.second)): row.m2 for row in overlaps.itertuples()}
    theirs = {
        frozenset((farms.index[a], farms.index[b])): m2
        for a, b, m2 in zip(first, second, shared, strict=True)
    }
    report = audit.result.topology
    own = report[report["layer"] == "parcels"]
    assert own["kind"].value_counts().to_dict() == {
        "overlap": 3664, "gap": 97, "duplicate": 68, "void": 5, "sliver": 1
    }  # fmt: skip
    pairs = own[own["kind"].isin(["overlap", "duplicate"])]["area_m2"]
    assert int((pairs > 1).sum()) == 3470
    assert pairs.sum() == pytest.approx(339_000e4, rel=1e-3)
    mended = set(audit.repairs["subject_id"])
    for one, other in ((ours, theirs), (theirs, ours)):
        large = [pair for pair, m2 in one.items() if m2 > 2 and not pair & mended]
        assert [pair for pair in large if other.get(pair, 0) < 1] == []
    assert (shared > 1).sum() == pytest.approx(3470, abs=20)
    assert shared.sum() / 10_000 == pytest.approx(339_000, rel=0.01)
    doubled = farms.loc[[ids[0] for ids in twins], "m2"].sum()
    assert overlaps["m2"].sum() + doubled == pytest.approx(shared.sum(), rel=1e-3)
    assert audit.zones["area_m2"].iloc[0] == pytest.approx(shapely.area(shapely.union_all(shapes)), rel=1e-6)


def test_a_shapefile_with_a_corrupt_index_is_read_from_its_records(
    study_of: Callable[[str], Path], data: Path
) -> None:
    """GDAL stops at shape 30: the index has one record too many. The shapes themselves are whole."""
    source = (data / "swellendam_za" / "water.shp").resolve()
    content = source.read_bytes()
    place, count = 100, 0
    while place < len(content):
        number, words = struct.unpack(">ii", content[place : place + 8])
        place, count = place + 8 + 2 * words, count + 1
        assert number == count
    assert (place, count) == (len(content), 37)
    assert struct.unpack("<I", source.with_suffix(".dbf").read_bytes()[4:8]) == (37,)
    assert (source.with_suffix(".shx").stat().st_size - 100) // 8 == 38
    path = study_of("swellendam_za")
    path.write_text(
        path.read_text("utf-8") + f'\n[constraints.water]\nsource = "{source.as_posix()}"\n', "utf-8"
    )
    audit = audited(path)
    assert rows(audit)["constraints.water"] == (37, 37, 0)
    assert "SHX_REBUILT" in set(audit.notes.loc[audit.notes["layer"] == "constraints.water", "code"])


def as_ratio(text: object) -> float:
    """Read 「180」 and 「250%」 the plain way; anything else is no single number."""
    number = str(text).removesuffix("%")
    return float(number) / 100 if number.replace(".", "", 1).isdigit() else np.nan


@pytest.mark.parametrize(
    ("plan", "count", "unreadable"),
    [("Q0106", 522, (283, 283)), ("U0101", 1388, (0, 0)), ("M0106", 571, (26, 6))],
)
def test_taiwan(
    study_of: Callable[[str], Path], read: Reader, plan: str, count: int, unreadable: tuple[int, int]
) -> None:
    path = study_of("taiwan_zoning")
    path.write_text(path.read_text("utf-8").replace("{plan}", plan), "utf-8")
    raw = read(f"taiwan_zoning/{plan}.json")
    limits = raw[["OBJECTID", "容積率", "建蔽率"]].rename(columns={"OBJECTID": "parcel_id"})
    limits.to_csv(path.parent / "limits.csv", index=False)
    audit = audited(path)
    assert rows(audit) == dict.fromkeys(("parcels", "zone_figures", "plans.statutory"), (count, count, 0))
    far, cover = (cells(audit, name) for name in ("floor_area_ratio", "building_density_ratio"))
    assert (far.get("VALUE_UNREADABLE", 0), cover.get("VALUE_UNREADABLE", 0)) == unreadable
    figures = audit.study.tables["zone_figures"].frame
    assert isinstance(figures, pd.DataFrame)
    expected = raw.set_index(raw["OBJECTID"].astype("str"))
    for ours, theirs in (("floor_area_ratio", "容積率"), ("building_density_ratio", "建蔽率")):
        wanted = expected[theirs].map(as_ratio)[figures.index]
        assert np.allclose(figures[ours], wanted, equal_nan=True)
    plane = flat(raw, 20)
    areas(audit, plane.set_index("OBJECTID")["m2"])
    assert closed(audit)
    shapes, codes = plane.geometry.to_numpy(), raw["分區類"].to_numpy()
    theirs = under_codes(shapes, codes, shapely.union_all(shapes))
    ours = codes_of_plan(audit, "statutory")
    assert set(ours.index) == set(theirs.index)
    assert np.allclose(ours, theirs[ours.index], rtol=1e-6, atol=1)
    assert ours.sum() == pytest.approx(theirs.sum(), rel=1e-6)
    twice = audit.notes["code"].eq("LAYER_OVERLAP").sum()
    assert twice == {"Q0106": 1, "U0101": 0, "M0106": 123}[plan]


def test_wuxi(study_of: Callable[[str], Path], read: Reader) -> None:
    path = study_of("wuxi_xinwu")
    grid = read("wuxi_xinwu/xinwu_built_env_250m.gpkg", layer="built_env_250m")
    use = read("wuxi_xinwu/xinwu_land_use.gpkg")
    density = grid[["grid_id_main", "building_density"]].rename(columns={"grid_id_main": "parcel_id"})
    density.to_csv(path.parent / "density.csv", index=False)
    audit = audited(path)
    assert rows(audit) == {
        "parcels": (3999, 3999, 0),
        "zone_figures": (3999, 3999, 0),
        "plans.present_use": (2033, 2033, 0),
    }
    over = grid.loc[grid["building_density"] > 1, "grid_id_main"].astype("str")
    assert sorted(audit.rejects["subject_id"]) == sorted(over)
    assert set(audit.rejects["code"]) == {"SHARE_OVER_WHOLE"}
    assert len(over) == 4
    both = flat(pd.concat([grid, use]), 100)
    areas(audit, both["m2"].iloc[: len(grid)].set_axis(grid["grid_id_main"]), atol=0.05)
    shapes, codes = both.geometry.to_numpy(), use["Class"].astype("str").to_numpy()
    cell, place = shapely.STRtree(shapes[len(grid) :]).query(shapes[: len(grid)], predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[cell], shapes[len(grid) + place]))
    theirs = pd.Series(shared, codes[place]).groupby(level=0).sum()
    ours = audit.result.plan_shares.groupby("code")["area_m2"].sum()
    assert np.allclose(ours, theirs[ours.index], rtol=1e-6)
    assert theirs.sum() / 10_000 == pytest.approx(14_324, rel=2e-3)
    assert balanced(audit)
