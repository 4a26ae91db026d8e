"""Taking stock of the example zone: classes sum to all land, planted kinds are found, idle land is as in the zones."""

from dataclasses import replace

import pandas as pd
import pytest

import landzone as lz
from landzone.io.bundled import example_study

PARCEL = "411799001001GB{:05d}".format


@pytest.fixture(scope="module")
def study():
    return lz.open_study(example_study())


@pytest.fixture(scope="module")
def plain(study):
    return lz.audit(study, as_of="2026-06-30").result


@pytest.fixture(scope="module")
def planted(study):
    """80 and 81 stand still, 82 has a least floor area ratio far above its own, two without a ledger are approved."""
    ledger, parcels = study.tables["projects"], study.layers["parcels"]
    rows = ledger.frame.assign(operating_status=None, far_min=float("nan"))
    rows.loc[rows["parcel_id"].isin([PARCEL(80), PARCEL(81)]), "operating_status"] = "半停产"
    rows.loc[rows["parcel_id"] == PARCEL(82), "far_min"] = 9.5
    approved = pd.Series(None, index=parcels.frame.index, dtype="str")
    approved[plain_unsupplied(study)] = "豫政土〔2020〕1号"
    frame = parcels.frame.assign(approval_no=approved)
    changed = replace(
        study, layers={**study.layers, "parcels": replace(parcels, frame=frame)},
        tables={**study.tables, "projects": replace(ledger, frame=rows)},
        settings=replace(study.settings, idle=replace(study.settings.idle, block_sizes_ha=(0.5, 11.0))),
    )  # fmt: skip
    return lz.audit(changed, as_of="2026-06-30").result


def plain_unsupplied(study):
    """Parcels without a building and without a row of the ledger."""
    known = set(study.tables["projects"].frame["parcel_id"])
    return [name for name in study.layers["parcels"].frame.index if name not in known][:2]


def test_the_classes_sum_to_the_land_of_every_scope(plain):
    table = plain.tables["land_stock"]
    assert table.loc[table["scope"] == "all", "area_m2"].sum() == pytest.approx(
        plain.parcels["area_m2"].sum(), rel=1e-12
    )
    parts = table[table["scope"] != "all"]["area_m2"].sum()
    assert parts == pytest.approx(plain.parcels["area_m2"].sum(), rel=1e-12)
    shares = table.groupby(["scope", "zone_id"], dropna=False)["share_ratio"].sum()
    assert shares.to_numpy() == pytest.approx(1.0)


def test_suspected_idle_land_is_that_of_the_zones(plain):
    table = plain.tables["land_stock"]
    idle = table[(table["scope"] == "zone") & (table["stock_class"] == "idle")].set_index("zone_id")[
        "area_m2"
    ]
    zones = plain.zones.set_index("zone_id")["idle_area_m2"]
    assert idle.to_dict() == pytest.approx(zones.to_dict(), abs=1e-3)


def test_every_class_of_a_parcel_stands_in_the_table_of_parcels(plain):
    table = plain.tables["land_stock"]
    counted = table[(table["scope"] == "all") & (table["parcels_count"] > 0)]
    assert plain.parcels["land_stock"].value_counts().to_dict() == dict(
        zip(counted["stock_class"], counted["parcels_count"], strict=True)
    )


def test_vacant_land_of_the_example_zone_is_one_block(plain):
    """1, 4 to 10 and 13 to 18 are supplied and bare, or suspected idle, and lie side by side."""
    block = plain.tables["idle_blocks"].iloc[0]
    expected = [PARCEL(n) for n in (1, *range(4, 11), *range(13, 19))]
    assert block["parcels"].split("|") == expected
    assert block["fits_ha"] == 10.0
    inside = plain.parcels[plain.parcels["idle_block_id"].notna()]
    assert sorted(inside["parcel_id"]) == expected


def test_planted_kinds_are_found_and_nothing_else_moves(plain, planted):
    was, now = (one.tables["low_use"] for one in (plain, planted))
    new = now[~now["kind"].isin(["idle", "supplied_unbuilt"])]
    found = {kind: sorted(own["parcel_id"]) for kind, own in new.groupby("kind")}
    assert found["stopped"] == [PARCEL(80), PARCEL(81)]
    assert found["below_minimum"] == [PARCEL(82)]
    assert len(found["approved_unsupplied"]) == 2
    assert len(now) == len(was) + 5
    low = new[new["kind"] == "below_minimum"].iloc[0]
    assert (low["rule_id"], low["limit"]) == ("far_min", 9.5)
    assert low["observed"] < 9.5


def test_stopped_plants_come_with_their_factory_floor(planted):
    """All floor area of the two parcels is that of factories with known storeys."""
    rows = planted.tables["low_use"]
    rows = rows[rows["kind"] == "stopped"].set_index("parcel_id")
    floor = planted.parcels.set_index("parcel_id")["floor_area_m2"].reindex(rows.index)
    total = rows["factory_floor_m2"] + rows["factory_floor_open_m2"]
    assert (total <= floor + 1e-3).all()
    assert (total > 0).all()


def test_sizes_of_the_study_replace_those_of_the_catalogue(planted):
    assert planted.tables["idle_blocks"]["fits_ha"].iloc[0] == 11.0
