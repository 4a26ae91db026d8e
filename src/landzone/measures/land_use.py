"""Land of a zone by use: industrial land, supplied land, idle land."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from landzone.model.ids import places
from landzone.units import IntArray

SUPPLY_SIGNS = (
    "contract_date", "delivery_date", "supplied_year", "agreed_start_date", "supplement_start_date",
    "actual_start_date", "land_price_fen",
)  # fmt: skip
"""Columns of a ledger that say, where they are filled, that the land was supplied."""


def supplied_land(
    parcels: pd.DataFrame, projects: pd.DataFrame | None, place: IntArray | None = None
) -> pd.Series | None:
    """已供土地: tell which parcels are supplied: a mode of supply, or a ledger row with any sign of one.

    Signs are a contract, a hand-over, a year of supply, an agreed or actual start, a land price. ``place`` is the place
    of the parcel of each row of the ledger, where it has been looked up already.

    Returns
    -------
    Series of bool, index ``parcel_id``, or None
        None where neither the layer nor the ledger says anything about supply.
    """
    found = pd.Series(False, index=parcels.index)
    said = False
    if "supply_mode" in parcels:
        said = True
        found |= parcels["supply_mode"].notna()
    facts = [name for name in SUPPLY_SIGNS if projects is not None and name in projects]
    if projects is not None and facts:
        said = True
        if place is None:
            place = places(projects["parcel_id"], parcels.index)
        signs = projects[facts].notna().any(axis=1).to_numpy(dtype=bool)
        found.iloc[place[signs & (place >= 0)]] = True
    return found if said else None


def idle_land(
    idle_class: pd.Series, idle_classes: Collection[str], unknown_classes: Collection[str]
) -> pd.DataFrame:
    """Tell which parcels are idle land and of which it is known.

    Returns
    -------
    DataFrame of bool ``idle known``, index ``parcel_id``.

    Examples
    --------
    >>> idle_land(pd.Series(["A1", "unknown", "not_idle"]), ["A1"], ["unknown"])["idle"].tolist()
    [True, False, False]
    """
    known = idle_class.notna() & ~idle_class.isin(set(unknown_classes))
    return pd.DataFrame({"idle": idle_class.isin(set(idle_classes)), "known": known})
