"""Which parcels are built; ground of parcels brought from the measured area to the area the audit uses."""

import pandas as pd

from landzone.measures.ledger_amounts import LedgerRows
from landzone.measures.site_facts import built_parcels, reconciled


def test_ground_is_scaled_where_the_areas_differ_half_up_and_left_alone_elsewhere():
    ids = ["moved", "same", "nothing", "half"]
    cover = pd.Series([50, 50, 0, 1], ids)
    measured, land = pd.Series([100, 100, 0, 2], ids), pd.Series([110, 100, 5, 3], ids)
    assert reconciled(cover, measured, land).to_dict() == {"moved": 55, "same": 50, "nothing": 0, "half": 2}
    assert reconciled(None, measured, land) is None


def test_a_parcel_is_built_where_a_building_stands_or_a_project_is_completed():
    parcels = pd.Index(["done", "open", "blank", "house", "none"], dtype="str")
    ledger = pd.DataFrame(
        {"project_id": ["a", "b", "c", "d"], "parcel_id": ["done", "open", "blank", "house"]}
    )
    ledger["completed"] = pd.array([True, False, None, False], dtype="boolean")
    rows = LedgerRows.of(ledger, parcels)
    told = built_parcels(ledger, None, rows)
    assert told.astype("object").where(told.notna(), None).tolist() == [True, False, None, False, None]
    cover = pd.Series([0, 0, 0, 1, 0], index=parcels)
    assert built_parcels(ledger, cover, rows).tolist() == [True, False, False, True, False]
    assert built_parcels(ledger.drop(columns="completed"), cover, rows).tolist() == [
        False,
        False,
        False,
        True,
        False,
    ]
    assert built_parcels(ledger.drop(columns="completed"), None, rows) is None
