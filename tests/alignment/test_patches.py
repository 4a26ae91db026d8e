"""Difference patches: planted answers, closing sums, any order."""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landzone.alignment.patches import align_plans, difference_patches
from landzone.geometry.area import AreaMeasure
from landzone.model.study import AlignmentSettings, AreaKind

ORIGIN = np.array([500_000.0, 3_600_000.0])
CLASSES = ["M1", "R2", "K", "R", "P", "N", "W", "?"]
KINDS = ["agree", "conflict", "precision", "uncovered"]


def sums(patches: gpd.GeoDataFrame) -> dict[str, float]:
    return patches.groupby("kind")["area_m2"].sum().round(4).to_dict()


def crooked(seed: int, cells: int, step: float) -> list[tuple[str, shapely.Geometry]]:
    """Return a coverage with crooked borders, some of it missing."""
    rng = np.random.default_rng(seed)
    at = np.stack(np.meshgrid(*([np.arange(cells + 1) * step] * 2), indexing="ij"), -1) + ORIGIN
    at += rng.normal(0, step / 8, at.shape)
    rings = np.stack([at[:-1, :-1], at[1:, :-1], at[1:, 1:], at[:-1, 1:]], axis=2).reshape(-1, 4, 2)
    kept = rng.random(len(rings)) < 0.9
    return [
        (CLASSES[i], shape)
        for i, shape in zip(rng.integers(0, 8, kept.sum()), shapely.polygons(rings[kept]), strict=True)
    ]


def test_one_planted_disagreement(sq, plan, layer, plane, norms, types) -> None:
    zone = layer(Z1=sq(0, 0, 500, 400))
    land = plan("land", [("R2", sq(0, 0, 500, 400))])
    city = plan(
        "city", [("R2", sq(0, 0, 500, 400).difference(sq(100, 100, 130, 140))), ("N", sq(100, 100, 130, 140))]
    )
    found = align_plans(zone, [land, city], plane, norms, types)
    patches = found.patches
    conflict = patches[patches["kind"] == "conflict"]
    assert conflict[["zone_id", "type", "severity", "area", "area_m2", "is_small"]].to_numpy().tolist() == [
        ["Z1", "D6", "medium", 12_000_000, 1200.0, False]
    ]
    assert conflict["width_m"].tolist() == pytest.approx([2 * 1200 / 140])
    assert conflict[
        ["city_code", "city_common", "land_code", "land_common", "land_sector"]
    ].to_numpy().tolist() == [["N", "N", "R2", "C", "居住"]]
    assert conflict.geometry.iloc[0].equals(sq(100, 100, 130, 140))
    assert sums(patches) == {"agree": 198_800.0, "conflict": 1200.0}
    assert found.zones.loc["Z1"].to_dict() == {
        "agree_m2": 198_800.0,
        "conflict_m2": 1200.0,
        "precision_m2": 0.0,
        "uncovered_m2": 0.0,
        "alignment_ratio": 0.994,
        "conflict_count": 1,
        "precision_count": 0,
    }
    assert found.pairs.to_numpy().tolist() == [["city", "land", 198_800.0, 1200.0, 0.0, 0.0, 0.994]]


def test_a_copy_shifted_by_5_cm_has_no_conflict(plan, layer, sq, plane, norms, types) -> None:
    row, column = (axis.ravel() for axis in np.mgrid[:60, :60])
    codes = np.where((row + column) % 2 == 0, "M1", "N")

    def copy(shift: float) -> list[tuple[str, shapely.Geometry]]:
        return [(c, sq(100 * i + shift, 100 * j + shift, 100 * i + 100 + shift, 100 * j + 100 + shift))
                for c, i, j in zip(codes, row, column, strict=True)]  # fmt: skip

    zone = layer(Z=sq(0.05, 0.05, 6000, 6000))
    found = align_plans(zone, [plan("a", copy(0)), plan("b", copy(0.05))], plane, norms, types)
    patches = found.patches
    assert (patches["kind"] == "conflict").sum() == 0
    assert (patches[patches["kind"] == "agree"]["area_m2"] > 9000).sum() == 3600
    # 59 inner lines each way, 6000 - 0.05 long and 5 cm wide, but for the crossings, where the diagonal cells agree
    strips = 2 * 59 * 5999.95 * 0.05 - 2 * 59 * 59 * 0.05**2
    assert found.zones["precision_m2"].tolist() == pytest.approx([strips], abs=0.01)
    assert sums(patches)["precision"] == pytest.approx(strips, abs=0.01)
    assert found.zones["alignment_ratio"].tolist() == [1.0]
    assert set(patches[patches["kind"] == "precision"]["severity"]) == {"info"}


def test_width_decides_and_area_never(sq, plan, layer, plane, norms, types) -> None:
    compact, strip = sq(10, 10, 24, 24), sq(0, 90, 1000, 90.9)
    fat = sq(500, 20, 520, 40).union(sq(520, 20, 990, 20.1)).union(sq(30, 20, 500, 20.1))
    ground = sq(0, 0, 1000, 100)
    odd = shapely.union_all([compact, strip, fat])
    city = plan("city", [("M1", ground)])
    land = plan("land", [("M1", ground.difference(odd)), ("P", compact), ("P", strip), ("P", fat)])
    patches = difference_patches(layer(Z=ground), [city, land], plane, norms, types)
    odd_ones = patches[patches["type"] == "D5"].sort_values("area_m2")
    assert odd_ones[["kind", "is_small", "severity"]].to_numpy().tolist() == [
        ["conflict", True, "severe"],
        ["conflict", False, "severe"],
        ["precision", False, "info"],
    ]
    assert odd_ones["area_m2"].tolist() == pytest.approx([196.0, 400 + 2 * 47.0, 900.0])
    assert odd_ones["width_m"].tolist()[1] < 1.0


def test_uncovered_and_unknown(sq, plan, layer, plane, norms, types) -> None:
    zone = layer(Z=sq(0, 0, 100, 10))
    one = plan("one", [("M1", sq(0, 0, 60, 10)), ("?", sq(60, 0, 80, 10))])
    two = plan("two", [("M1", sq(0, 0, 30, 10)), ("N", sq(60, 0, 90, 10)), ("N", sq(30, 0, 40, 10))])
    patches = difference_patches(zone, [one, two], plane, norms, types)
    rows = patches[["kind", "type", "area_m2", "one_code", "one_common", "two_code"]].fillna("-")
    assert sorted(rows.to_numpy().tolist()) == [
        ["agree", "D1", 300.0, "M1", "C", "M1"],
        ["conflict", "D6", 100.0, "M1", "C", "N"],
        ["uncovered", "D8", 100.0, "-", "-", "-"],
        ["uncovered", "D8", 100.0, "-", "-", "N"],
        ["uncovered", "D8", 200.0, "?", "?", "N"],
        ["uncovered", "D8", 200.0, "M1", "C", "-"],
    ]


def test_a_plan_that_contradicts_itself(sq, plan, layer, plane, norms, types) -> None:
    zone = layer(Z=sq(0, 0, 30, 10))
    one = plan("one", [("M1", sq(0, 0, 20, 10)), ("P", sq(15, 0, 30, 10)), ("R2", sq(0, 0, 5, 10))])
    found = align_plans(zone, [one], plane, norms, types)
    rows = found.patches[["kind", "type", "one_code", "one_common", "one_sector", "area_m2"]].fillna("-")
    assert rows.to_numpy().tolist() == [
        ["agree", "D1", "M1", "C", "工业", 100.0],
        ["conflict", "D5", "M1|P", "C|P", "工业", 50.0],
        ["agree", "D1", "M1|R2", "C", "居住|工业", 50.0],
        ["agree", "D2", "P", "P", "-", 100.0],
    ]
    assert found.self_overlaps[["plan", "code", "common", "contradicts", "area_m2"]].to_numpy().tolist() == [
        ["one", "M1|P", "C|P", True, 50.0],
        ["one", "M1|R2", "C", False, 50.0],
    ]
    assert len(found.pairs) == 0


def test_no_plans_leave_the_zone_uncovered(sq, plan, layer, plane, norms, types) -> None:
    present = plan("now", [("M1", sq(0, 0, 5, 10))], role="present")
    found = align_plans(layer(Z=sq(0, 0, 10, 10)), [present], plane, norms, types)
    assert found.patches[["kind", "type", "area_m2"]].to_numpy().tolist() == [["uncovered", "D8", 100.0]]
    assert np.isnan(found.zones["alignment_ratio"].tolist()[0])
    none = align_plans(layer().set_crs(4547), [present], plane, norms, types)
    assert (len(none.patches), len(none.zones)) == (0, 0)


def test_a_conflict_cut_to_strips_by_a_third_plan_stays_one_conflict(
    sq, plan, layer, plane, norms, types
) -> None:
    ground = sq(0, 0, 100, 20)
    strips = [("M1" if i % 2 else "R2", sq(i * 0.8, 0, i * 0.8 + 0.8, 20)) for i in range(125)]
    plans = [plan("a", [("M1", ground)]), plan("b", [("P", ground)]), plan("c", strips)]
    found = align_plans(layer(Z=ground), plans, plane, norms, types)
    patches = found.patches
    assert sums(patches) == {"conflict": 2000.0}
    assert len(patches) == 125
    assert patches["conflict_id"].nunique() == 1
    shown = ["type", "rank", "plan_a", "plan_b", "disputing_plans", "is_small", "joined_m2"]
    assert patches[shown].drop_duplicates().to_numpy().tolist() == [["D5", 1, "a", "b", "a|b", False, 2000.0]]
    assert patches["width_m"].max() < 1.0
    assert patches["joined_width_m"].tolist() == pytest.approx([2 * 2000 / 240] * 125)
    assert patches["widest_m"].tolist() == pytest.approx([20.0] * 125, rel=0.02)
    matrix = found.pairs.set_index(["plan_a", "plan_b"])["conflict_m2"].to_dict()
    assert matrix == {("a", "b"): 2000.0, ("a", "c"): 0.0, ("b", "c"): 0.0}


def test_a_sliver_of_a_third_plan_does_not_lend_a_conflict_its_gravity(
    sq, plan, layer, plane, norms, types
) -> None:
    """Plans a and b differ in use (D7) on 100 x 60 m; the border of c, prohibited beyond it, is drawn 5 cm off."""
    ground, west = sq(0, 0, 200, 60), sq(0, 0, 100, 60)
    a = plan("a", [("M1", ground)])
    b = plan("b", [("R2", west), ("M1", ground.difference(west))])
    c = plan("c", [("H", ground.difference(sq(99.95, 0, 100, 60))), ("P", sq(99.95, 0, 100, 60))])
    patches = align_plans(layer(Z=ground), [a, b, c], plane, norms, types).patches
    shown = ["kind", "type", "c_code", "rank", "plan_a", "plan_b", "disputing_plans", "area_m2"]
    rows = patches.sort_values("area_m2")[shown].astype("object").fillna("-")
    assert rows.to_numpy().tolist() == [
        ["conflict", "D7", "P", 1, "a", "b", "a|b", 3.0],
        ["conflict", "D7", "H", 1, "a", "b", "a|b", 5997.0],
        ["agree", "D1", "H", "-", "-", "-", "-", 6000.0],
    ]


def test_a_sliver_between_agreeing_plans_names_the_two_that_differ(
    sq, plan, layer, plane, norms, types
) -> None:
    ground, strip = sq(0, 0, 200, 60), sq(99.95, 0, 100, 60)
    a, b = plan("a", [("M1", ground)]), plan("b", [("M1", ground)])
    c = plan("c", [("M1", ground.difference(strip)), ("P", strip)])
    patches = align_plans(layer(Z=ground), [a, b, c], plane, norms, types).patches
    thin = patches[patches["kind"] == "precision"]
    assert thin[
        ["type", "severity", "plan_a", "plan_b", "disputing_plans", "joined_m2"]
    ].to_numpy().tolist() == [["D5", "info", "a", "c", "a|b|c", 3.0]]
    assert thin[["conflict_id", "rank", "widest_m", "neighbours", "parcels"]].isna().all(axis=None)


def test_conflicts_are_ranked_by_severity_then_by_area(sq, plan, layer, plane, norms, types) -> None:
    ground = sq(0, 0, 1000, 100)
    odd = {
        "P": sq(10, 10, 20, 20),
        "R": sq(100, 10, 130, 40),
        "N": sq(300, 10, 390, 90),
        "K": sq(500, 10, 590, 91),
    }
    rest = ground.difference(shapely.union_all(list(odd.values())))
    found = align_plans(
        layer(Z=ground),
        [plan("a", [("M1", ground)]), plan("b", [("M1", rest), *odd.items()])],
        plane,
        norms,
        types,
    )
    rows = found.patches[found.patches["kind"] == "conflict"].sort_values("rank")
    assert rows[["rank", "severity", "b_code", "area_m2", "is_small"]].to_numpy().tolist() == [
        [1, "severe", "P", 100.0, True],
        [2, "high", "R", 900.0, False],
        [3, "medium", "K", 7290.0, False],
        [4, "medium", "N", 7200.0, False],
    ]
    assert rows["conflict_id"].tolist() == rows["patch_id"].tolist()
    assert rows["widest_m"].tolist() == pytest.approx([10.0, 30.0, 81.0, 80.0], rel=0.02)


def test_a_conflict_names_what_lies_beside_and_under_it(sq, plan, layer, plane, norms, types) -> None:
    ground, odd = sq(0, 0, 100, 60), sq(40, 0, 60, 60)
    b = plan("b", [("M1", sq(0, 0, 40, 60)), ("P", odd), ("R2", sq(60, 0, 100, 60))])
    parcels = layer(p=sq(30, 0, 45, 60), q=sq(45, 0, 60, 60), r=sq(60, 0, 100, 60), s=sq(40, 60, 60, 80))
    found = align_plans(
        layer(Z=ground), [plan("a", [("M1", ground)]), b], plane, norms, types, parcels=parcels
    )
    patches = found.patches.set_index("b_code")
    prohibited = patches.loc["P"]
    assert sorted(prohibited["neighbours"].split("|")) == sorted(patches.loc[["M1", "R2"], "patch_id"])
    assert (prohibited["neighbours_count"], prohibited["parcels"], prohibited["parcels_count"]) == (
        2,
        "q|p",
        2,
    )
    other = patches.loc["R2"]
    assert (other["kind"], other["neighbours"], other["parcels"]) == ("conflict", prohibited["patch_id"], "r")
    pieces = found.parcels[["patch_id", "parcel_id", "area_m2"]].to_numpy().tolist()
    want = [
        [prohibited["patch_id"], "p", 300.0],
        [prohibited["patch_id"], "q", 900.0],
        [other["patch_id"], "r", 2400.0],
    ]
    assert pieces == sorted(want)


def test_tables_of_plans_and_classes_add_up(sq, plan, layer, plane, norms, types) -> None:
    """Three plans: c covers the left half; b differs from a on 20 x 50 m there and c sides with a."""
    zones = layer(Y=sq(0, 0, 50, 50), Z=sq(50, 0, 100, 50))
    ground, odd = sq(0, 0, 100, 50), sq(0, 0, 20, 50)
    a = plan("a", [("M1", ground)])
    b = plan("b", [("P", odd), ("M1", ground.difference(odd))])
    c = plan("c", [("M1", sq(0, 0, 50, 50))])
    found = align_plans(zones, [c, b, a], plane, norms, types)
    rows = found.plans.fillna({"zone_id": "*"}).to_numpy(dtype=object).tolist()
    assert [row[:7] for row in rows] == [
        ["a", "*", 4000.0, 1000.0, 0.0, 0.0, 0.8],
        ["a", "Y", 1500.0, 1000.0, 0.0, 0.0, 0.6],
        ["a", "Z", 2500.0, 0.0, 0.0, 0.0, 1.0],
        ["b", "*", 4000.0, 1000.0, 0.0, 0.0, 0.8],
        ["b", "Y", 1500.0, 1000.0, 0.0, 0.0, 0.6],
        ["b", "Z", 2500.0, 0.0, 0.0, 0.0, 1.0],
        ["c", "*", 1500.0, 1000.0, 0.0, 2500.0, 0.6],
        ["c", "Y", 1500.0, 1000.0, 0.0, 0.0, 0.6],
        ["c", "Z", 0.0, 0.0, 0.0, 2500.0, pytest.approx(np.nan, nan_ok=True)],
    ]
    assert found.pairs[["plan_a", "plan_b", "conflict_m2", "uncovered_m2"]].to_numpy().tolist() == [
        ["a", "b", 1000.0, 0.0],
        ["a", "c", 0.0, 2500.0],
        ["b", "c", 1000.0, 2500.0],
    ]
    shown = ["a_code", "b_code", "c_code", "kind", "type", "patches_count", "area_m2"]
    assert found.classes[shown].fillna("-").to_numpy().tolist() == [
        ["M1", "M1", "M1", "agree", "D1", 1, 1500.0],
        ["M1", "M1", "-", "uncovered", "D8", 1, 2500.0],
        ["M1", "P", "M1", "conflict", "D5", 1, 1000.0],
    ]


def test_two_plans_in_the_matrix_of_many_are_those_two_alone(plan, layer, sq, plane, norms, types) -> None:
    zones = layer(A=sq(0, 0, 150, 300), B=sq(150, 0, 300, 300))
    plans = {name: plan(name, crooked(seed, 6, 50.0)) for seed, name in enumerate("abcd")}
    matrix = align_plans(zones, list(plans.values()), plane, norms, types).pairs.set_index(
        ["plan_a", "plan_b"]
    )
    for one, two in itertools.combinations("abcd", 2):
        alone = align_plans(zones, [plans[two], plans[one]], plane, norms, types)
        for kind in KINDS:
            expected = alone.pairs[f"{kind}_m2"].tolist()[0]
            assert matrix.loc[(one, two), f"{kind}_m2"] == pytest.approx(expected, abs=0.1), (one, two, kind)


def test_any_order_of_plans_rows_and_zones_gives_the_same_bytes(plan, layer, sq, plane, norms, types) -> None:
    zones = layer(A=sq(0, 0, 150, 300), B=sq(150, 0, 300, 300))
    pieces = {name: crooked(seed, 6, 50.0) for seed, name in enumerate("vwxyz")}
    want = None
    for count, order in enumerate(list(itertools.permutations("vwxyz"))[::17]):
        plans = [plan(name, pieces[name]) for name in order]
        found = align_plans(
            zones if count % 2 else zones[::-1], plans, plane, norms, types, threads=1 + count % 2
        )
        frame = found.patches
        content = (
            frame.drop(columns="geometry").to_csv(),
            frame.geometry.to_wkb().tolist(),
            found.pairs.to_csv(),
        )
        assert want is None or content == want
        want = content
    assert len(set(frame["patch_id"])) == len(frame)


def test_ids_outlive_changes_elsewhere(plan, layer, sq, plane, norms, types) -> None:
    zone = layer(Z=sq(0, 0, 300, 300))
    ground = sq(0, 0, 300, 300)
    one = plan("one", [("M1", ground)])
    planted = sq(10, 10, 40, 50)
    before = plan("two", [("M1", ground.difference(planted)), ("P", planted)])
    moved = shapely.union(planted, sq(200, 200, 220, 220))
    after = plan("two", [("M1", ground.difference(moved)), ("P", planted), ("R", sq(200, 200, 220, 220))])
    ids = [
        set(found.loc[found["type"] == "D5", "patch_id"])
        for found in (
            difference_patches(zone, [one, second], plane, norms, types) for second in (before, after)
        )
    ]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 1


def test_a_patch_drawn_again_a_millimetre_off_keeps_its_id_or_its_key(
    plan, layer, sq, plane, norms, types
) -> None:
    rng = np.random.default_rng(6)
    ground = sq(0, 0, 3000, 3000)
    corner = np.stack(np.meshgrid(np.arange(0, 3000, 100), np.arange(0, 3000, 100)), -1).reshape(-1, 2) + 20.0
    rings = np.stack([corner + np.array(step) for step in ((0, 0), (30, 0), (30, 40), (0, 40))], axis=1)
    rings += rng.normal(0, 3, rings.shape) + ORIGIN

    def audit(rings: np.ndarray) -> gpd.GeoDataFrame:
        odd = shapely.polygons(rings)
        second = plan("b", [("M1", ground.difference(shapely.union_all(odd))), *[("P", one) for one in odd]])
        patches = difference_patches(
            layer(Z=ground), [plan("a", [("M1", ground)]), second], plane, norms, types
        )
        return patches[patches["kind"] == "conflict"]

    before, after = audit(rings), audit(rings + rng.uniform(-0.001, 0.001, rings.shape))
    assert len(before) == len(after) == 900
    ids = before["patch_id"].isin(after["patch_id"])
    keys = before["match_key"].isin(after["match_key"])
    assert ids.mean() > 0.999
    assert (ids | keys).all()
    assert before["patch_id"].is_unique
    assert after["match_key"].is_unique


@settings(
    derandomize=True,
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.integers(0, 10**6), st.integers(1, 4), st.sampled_from(list(AreaKind)))
def test_areas_close_on_every_zone(plan, layer, sq, types, seed: int, count: int, kind: AreaKind) -> None:
    measure = AreaMeasure(layer(Z=sq(0, 0, 1, 1)).crs, kind)
    zones = layer(A=sq(-20, -20, 130.37, 320), B=sq(130.37, -20, 320, 111.1), C=sq(400, 400, 410, 400.004))
    plans = [plan(f"p{i}", crooked(seed + i, 5, 60.0)) for i in range(count)]
    found = align_plans(zones, plans, measure, AlignmentSettings(), types)
    whole = dict(zip(zones.index, measure.units(zones.to_numpy()).tolist(), strict=True))
    by_zone = found.patches.groupby("zone_id")["area"].sum().to_dict()
    assert by_zone == whole
    total = found.zones[[f"{one}_m2" for one in KINDS]].sum(axis=1)
    assert (total * 10_000).round().astype("int64").to_dict() == whole
    matrix = found.pairs[[f"{one}_m2" for one in KINDS]].sum(axis=1)
    assert (matrix * 10_000).round().astype("int64").tolist() == [sum(whole.values())] * len(found.pairs)
    planar = shapely.area(found.patches.geometry.to_numpy())
    assert found.patches["area_m2"].to_numpy() == pytest.approx(planar, rel=3e-4, abs=3e-3)
    assert shapely.is_valid(found.patches.geometry.to_numpy()).all()
    assert set(shapely.get_type_id(found.patches.geometry.to_numpy())) == {3}


def test_two_plans_in_the_matrix_are_the_zone_sums(plan, layer, sq, plane, norms, types) -> None:
    zones = layer(A=sq(0, 0, 150, 300), B=sq(150, 0, 300, 300))
    found = align_plans(
        zones, [plan(n, crooked(s, 6, 50.0)) for s, n in enumerate("ab")], plane, norms, types
    )
    for one in KINDS:
        assert found.pairs[f"{one}_m2"].tolist() == pytest.approx([found.zones[f"{one}_m2"].sum()])
