"""Difference patches against other ways of counting: unit cells, exact fractions, a planted conflict among slivers."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landzone.alignment.patches import Alignment, align_plans

ORIGIN = np.array([500_000.0, 3_600_000.0])
CODES = ["M1", "R2", "K", "R", "P", "N", "W", "?"]
COMMON = {"M1": "C", "R2": "C"} | {code: code for code in CODES[2:]}
Point = tuple[Fraction, Fraction]
STUDY = """
[study]
crs = "EPSG:4547"
rules = []
[layers.parcels]
source = "land.gpkg"
columns = { parcel_id = "ZDDM" }
[plans.land_use_plan]
source = "land.gpkg"
class_column = "code"
crosswalk = "land-use-plan-control-zones"
"""
SETTINGS = settings(
    derandomize=True,
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def split(
    rng: np.random.Generator, box: tuple[int, int, int, int], least: int = 3
) -> list[tuple[int, int, int, int]]:
    """Cut a box by straight lines again and again: borders meet in T-junctions."""
    x0, y0, x1, y1 = box
    wide, high = x1 - x0, y1 - y0
    if max(wide, high) < 2 * least or (wide * high < 200 and rng.random() < 0.4):
        return [box]
    if wide >= high:
        cut = int(rng.integers(x0 + least, x1 - least + 1))
        return split(rng, (x0, y0, cut, y1), least) + split(rng, (cut, y0, x1, y1), least)
    cut = int(rng.integers(y0 + least, y1 - least + 1))
    return split(rng, (x0, y0, x1, cut), least) + split(rng, (x0, cut, x1, y1), least)


def coverage(rng: np.random.Generator, side: int) -> list[tuple[str, tuple[int, int, int, int]]]:
    """A coverage with T-junctions, some pieces missing and some laid over others."""
    boxes = [box for box in split(rng, (0, 0, side, side)) if rng.random() < 0.9]
    for _ in range(3):
        x, y = rng.integers(0, side - 8, 2)
        boxes.append((int(x), int(y), int(x) + 8, int(y) + int(rng.integers(2, 9))))
    return [(str(rng.choice(CODES)), box) for box in boxes]


def disagree(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Whether two plans disagree: construction in one of them and anything else, or another sector, in the other."""
    for a, b in itertools.product(one, two):
        if "C" in (COMMON[a], COMMON[b]) and (COMMON[a] != COMMON[b] or a != b):
            return True
    return False


def contradicts(claims: tuple[str, ...]) -> bool:
    return any(
        "C" in (COMMON[a], COMMON[b]) and COMMON[a] != COMMON[b] for a, b in itertools.combinations(claims, 2)
    )


def counted(
    plans: list[list[tuple[str, tuple[int, int, int, int]]]], side: int
) -> dict[tuple[str, ...], int]:
    """Count square metres cell by cell: by the codes of all plans and whether any two of them disagree."""
    claims = np.empty((len(plans), side, side), dtype=object)
    for number, pieces in enumerate(plans):
        for x, y in itertools.product(range(side), repeat=2):
            here = {code for code, (x0, y0, x1, y1) in pieces if x0 <= x < x1 and y0 <= y < y1}
            claims[number, x, y] = tuple(sorted(here))
    found: dict[tuple[str, ...], int] = defaultdict(int)
    for x, y in itertools.product(range(side), repeat=2):
        said = [tuple(code for code in one if code != "?") for one in claims[:, x, y]]
        wrong = any(disagree(a, b) for a, b in itertools.combinations(said, 2)) or any(map(contradicts, said))
        state = "disagree" if wrong else "agree" if all(said) else "uncovered"
        found[(*("|".join(one) for one in claims[:, x, y]), state)] += 1
    return dict(found)


def states(found: Alignment, names: str) -> dict[tuple[str, ...], float]:
    table = found.classes.fillna("")
    kind = table["kind"].replace({"conflict": "disagree", "precision": "disagree"})
    keys = zip(*(table[f"{name}_code"] for name in names), kind, strict=True)
    sums: dict[tuple[str, ...], float] = defaultdict(float)
    for key, area in zip(keys, table["area_m2"], strict=True):
        sums[key] += area
    return dict(sums)


@SETTINGS
@given(st.integers(0, 10**6), st.integers(2, 4))
def test_ground_under_every_combination_is_counted_square_metres(
    sq, plan, layer, plane, norms, types, seed: int, count: int
) -> None:
    """Plans with T-junctions, gaps and overlaps on whole metres: every area is a whole number of square metres."""
    rng, names, side = np.random.default_rng(seed), "abcd"[:count], 36
    pieces = [coverage(rng, side) for _ in names]
    plans = [
        plan(name, [(code, sq(*box)) for code, box in own]) for name, own in zip(names, pieces, strict=True)
    ]
    found = align_plans(layer(Z=sq(0, 0, side, side)), plans, plane, norms, types)
    assert states(found, names) == counted(pieces, side)
    for number, name in enumerate(names):
        column = found.patches[f"{name}_code"].fillna("")
        ours = found.patches["area_m2"].groupby(column).sum().drop("", errors="ignore")
        covered = shapely.union_all([sq(*box) for _, box in pieces[number]]).area
        assert ours.sum() == covered


def clip(subject: list[Point], window: list[Point]) -> list[Point]:
    """Sutherland and Hodgman in fractions: what of a convex polygon lies in another, both counter-clockwise."""
    for start, stop in zip(window, window[1:] + window[:1], strict=True):
        kept: list[Point] = []
        for here, there in zip(subject, subject[1:] + subject[:1], strict=True):
            a, b = side_of(start, stop, here), side_of(start, stop, there)
            if a >= 0:
                kept.append(here)
            if (a > 0) != (b > 0) and a != 0 and b != 0:
                t = a / (a - b)
                kept.append((here[0] + t * (there[0] - here[0]), here[1] + t * (there[1] - here[1])))
        subject = kept
        if len(subject) < 3:
            return []
    return subject


def side_of(start: Point, stop: Point, point: Point) -> Fraction:
    return (stop[0] - start[0]) * (point[1] - start[1]) - (stop[1] - start[1]) * (point[0] - start[0])


def shoelace(ring: list[Point]) -> Fraction:
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return sum((a[0] * b[1] - b[0] * a[1] for a, b in pairs), Fraction(0)) / 2


def fan(rng: np.random.Generator, side: int) -> list[tuple[str, list[Point]]]:
    """A square cut into triangles from an inner point to whole points on its border."""
    middle = tuple(int(v) for v in rng.integers(5, side - 5, 2))
    border = [(x, 0) for x in range(side)] + [(side, y) for y in range(side)]
    border += [(x, side) for x in range(side, 0, -1)] + [(0, y) for y in range(side, 0, -1)]
    corners = {0, side, 2 * side, 3 * side}
    chosen = sorted(corners | {int(v) for v in rng.choice(len(border), 5, replace=False)})
    ring = [border[i] for i in chosen]
    triangles = [[middle, a, b] for a, b in zip(ring, ring[1:] + ring[:1], strict=True)]
    return [
        (CODES[i % 7], [(Fraction(x), Fraction(y)) for x, y in points]) for i, points in enumerate(triangles)
    ]


@SETTINGS
@given(st.integers(0, 10**6), st.integers(2, 3))
def test_ground_under_every_combination_is_that_of_an_exact_rational_clip(
    plan, layer, sq, plane, norms, types, seed: int, count: int
) -> None:
    """Crossings are moved to the millimetre, so a piece may differ by that along its border; the sum may not."""
    rng, side, names = np.random.default_rng(seed), 40, "abc"[:count]
    fans = [fan(rng, side) for _ in names]
    exact: dict[tuple[str, ...], Fraction] = defaultdict(Fraction)
    for pieces in itertools.product(*fans):
        ring = pieces[0][1]
        for _, window in pieces[1:]:
            ring = clip(ring, window) if ring else []
        if ring:
            exact[tuple(code for code, _ in pieces)] += shoelace(ring)
    assert sum(exact.values()) == side * side
    plans = [
        plan(name, [(code, shapely.Polygon(np.array(ring, dtype=float) + ORIGIN)) for code, ring in own])
        for name, own in zip(names, fans, strict=True)
    ]
    found = align_plans(layer(Z=sq(0, 0, side, side)), plans, plane, norms, types)
    ours: dict[tuple[str, ...], float] = defaultdict(float)
    for *codes, area in found.classes[[*(f"{n}_code" for n in names), "area_m2"]].to_numpy().tolist():
        ours[tuple(codes)] += area
    for codes in set(ours) | set(exact):
        assert ours.get(codes, 0.0) == pytest.approx(float(exact.get(codes, 0)), abs=0.06), codes
    assert sum(ours.values()) == pytest.approx(side * side, abs=1e-9)


def checkerboard(sq: Callable[..., shapely.Geometry], shift: float) -> list[tuple[str, shapely.Geometry]]:
    """3,600 cells of 100 m in two classes that disagree, the whole moved by ``shift`` in both directions."""
    places = itertools.product(range(60), repeat=2)
    return [
        (
            "M1" if (i + j) % 2 == 0 else "N",
            sq(100 * i + shift, 100 * j + shift, 100 * i + 100 + shift, 100 * j + 100 + shift),
        )
        for i, j in places
    ]


def test_one_planted_conflict_stands_out_of_the_slivers_of_a_shifted_copy(
    sq, plan, layer, plane, norms, types
) -> None:
    """Two copies of 3,600 cells, one of them 5 cm off; in the middle of one cell 30 x 40 m disagree."""
    zone, first = sq(0.05, 0.05, 6000, 6000), checkerboard(sq, 0)
    planted = sq(3030, 3020, 3060, 3060)
    second = checkerboard(sq, 0.05)
    cell = 60 * 30 + 30
    assert second[cell][0] == "M1"
    second[cell] = ("M1", second[cell][1].difference(planted))
    second.append(("P", planted))
    found = align_plans(layer(Z=zone), [plan("a", first), plan("b", second)], plane, norms, types)
    conflict = found.patches[found.patches["kind"] == "conflict"]
    assert conflict[["type", "rank", "plan_a", "plan_b"]].to_numpy().tolist() == [["D5", 1, "a", "b"]]
    assert conflict["area_m2"].tolist() == pytest.approx([1200.0], abs=1)
    assert found.zones["conflict_count"].tolist() == [1]
    grounds = [
        {code: shapely.union_all([s for c, s in own if c == code]) for code in ("M1", "N")}
        for own in (first, checkerboard(sq, 0.05))
    ]
    slivers = sum(
        shapely.intersection_all([grounds[0][a], grounds[1][b], zone]).area
        for a, b in (("M1", "N"), ("N", "M1"))
    )
    assert slivers == pytest.approx(35_383, abs=1)
    assert found.zones["precision_m2"].tolist() == pytest.approx([slivers], abs=0.01)
    kinds = found.zones[["agree_m2", "conflict_m2", "precision_m2", "uncovered_m2"]].to_numpy().sum()
    assert kinds == pytest.approx(zone.area, rel=1e-9)


@pytest.mark.parametrize("count", [3, 4, 5])
def test_any_order_of_plans_and_rows_gives_the_same_bytes(
    sq, plan, layer, plane, norms, types, count: int
) -> None:
    rng, names = np.random.default_rng(count), "abcde"[:count]
    pieces = {name: coverage(rng, 36) for name in names}
    zones = layer(A=sq(0, 0, 20, 36), B=sq(20, 0, 36, 36))
    orders = list(itertools.permutations(names))
    want = None
    for order in orders[:: max(len(orders) // 6, 1)]:
        plans = []
        for name in order:
            shuffled = [pieces[name][i] for i in rng.permutation(len(pieces[name]))]
            plans.append(plan(name, [(code, sq(*box)) for code, box in shuffled]))
        found = align_plans(zones, plans, plane, norms, types, parcels=zones)
        shapes: gpd.GeoSeries = found.patches.geometry
        content = [
            found.patches.drop(columns="geometry").to_csv().encode(),
            b"".join(shapes.to_wkb().tolist()),
            *(
                table.to_csv().encode()
                for table in (found.pairs, found.plans, found.classes, found.parcels, found.zones)
            ),
        ]
        assert want is None or content == want
        want = content


def test_two_plots_on_one_parallel_do_not_overlap_when_a_study_is_opened(tmp_path) -> None:
    """Edges along 33.0° N, one twice as long as the other, bend apart in the plane: 8 m² of nothing."""
    import landzone as lz

    wide = shapely.box(114.0, 33.0, 114.0146, 33.005)
    narrow = shapely.box(114.0, 32.995, 114.0073, 33.0)
    frame = gpd.GeoDataFrame({"ZDDM": ["a", "b"], "code": ["010", "040"]}, geometry=[wide, narrow], crs=4490)
    frame.to_file(tmp_path / "land.gpkg", layer="land")
    (tmp_path / "study.toml").write_text(STUDY, "utf-8")
    audit = lz.audit(lz.open_study(tmp_path / "study.toml"), as_of="2026-06-30")
    assert not {"LAYER_OVERLAP", "PLAN_OVERLAPS_ITSELF", "PLAN_CONTRADICTS_ITSELF"} & set(audit.notes["code"])
    shares = audit.result.plan_shares[["parcel_id", "code", "share_ratio"]].to_numpy().tolist()
    assert shares == [["a", "010", 1.0], ["b", "040", 1.0]]
