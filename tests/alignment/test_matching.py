"""Patches of two audits: the same id, the same key, the same ground, or none of it."""

from __future__ import annotations

import geopandas as gpd

from landzone.alignment.matching import same_patches


def patches(sq, *rows: tuple[str, str, str, tuple[float, float, float, float]]) -> gpd.GeoDataFrame:
    ids, keys, zones, boxes = zip(*rows, strict=True) if rows else ((), (), (), ())
    shapes = gpd.GeoSeries([sq(*box) for box in boxes], crs=4547)
    return gpd.GeoDataFrame({"patch_id": ids, "match_key": keys, "zone_id": zones}, geometry=shapes, crs=4547)


def test_id_comes_first_then_the_key_then_the_ground(sq) -> None:
    old = patches(
        sq,
        ("Pa", "K1", "Z", (0, 0, 10, 10)),
        ("Pb", "K2", "Z", (20, 0, 30, 10)),
        ("Pc", "K3", "Z", (40, 0, 50, 10)),
        ("Pd", "K4", "Z", (60, 0, 70, 10)),
    )
    new = patches(
        sq,
        ("Pa", "K9", "Z", (0, 0, 10, 10)),
        ("Px", "K2", "Z", (20, 0, 30, 11)),
        ("Py", "K8", "Z", (40, 0, 50, 14)),
        ("Pz", "K7", "Z", (64, 0, 75, 10)),
    )
    assert same_patches(old, new).to_numpy().tolist() == [
        ["Pa", "Pa", "patch_id"],
        ["Pb", "Px", "match_key"],
        ["Pc", "Py", "ground"],
    ]


def test_each_patch_is_matched_once_the_greatest_share_first(sq) -> None:
    old = patches(sq, ("Pa", "K1", "Z", (0, 0, 10, 10)))
    new = patches(sq, ("Px", "K2", "Z", (0, 0, 10, 8)), ("Py", "K3", "Z", (0, 0, 10, 9)))
    assert same_patches(old, new).to_numpy().tolist() == [["Pa", "Py", "ground"]]


def test_other_zones_and_empty_audits_match_nothing(sq) -> None:
    old = patches(sq, ("Pa", "K1", "Z", (0, 0, 10, 10)))
    new = patches(sq, ("Px", "K2", "Y", (0, 0, 10, 10)))
    assert len(same_patches(old, new)) == len(same_patches(old, patches(sq))) == 0
