"""Land of a zone by use: industrial land, supplied land, idle land."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

SUPPLY_SIGNS = (
    "contract_date", "delivery_date", "supplied_year", "agreed_start_date", "supplement_start_date",
    "actual_start_date", "land_price_fen",
)  # fmt: skip
"""Columns of a ledger that say, where they are filled, that the land was supplied."""


def is_industrial(
    use_code: pd.Series | None,
    use_name: pd.Series | None,
    codes: Collection[str],
    names: Collection[str],
) -> pd.Series | None:
    """工业用地: tell which parcels are industrial land.

    A code is industrial if it is one of ``codes`` or a subclass of one (``100102`` of ``1001``); of a mixed
    code (``1001/1101``) the first use is the principal one. Where the code is missing the name decides.

    Parameters
    ----------
    use_code, use_name : Series of str or None
        None where the layer has no such column.
    codes : collection of str
        Industrial codes of the scheme that the layer uses.
    names : collection of str
        Industrial use names.

    Returns
    -------
    Series of boolean, same index, or None
        Missing where neither code nor name is given; None where the layer has neither column.

    Examples
    --------
    >>> is_industrial(pd.Series(["0601", "0701", None]), None, ["0601"], []).tolist()
    [True, False, <NA>]
    """
    if use_code is None and use_name is None:
        return None
    index = use_code.index if use_code is not None else use_name.index  # type: ignore[union-attr]
    answer = pd.Series(pd.NA, index=index, dtype="boolean")
    if use_name is not None:
        answer = answer.mask(use_name.notna(), use_name.isin(set(names)))
    if use_code is not None:
        first = use_code.astype("str").str.split("/").str[0].str.strip()
        matches = np.zeros(len(first), dtype=bool)
        for code in sorted(codes):
            matches |= first.str.startswith(code, na=False).to_numpy(dtype=bool)
        answer = answer.mask(first.notna() & (first != ""), pd.Series(matches, index))
    return answer


def supplied_land(parcels: pd.DataFrame, projects: pd.DataFrame | None) -> pd.Series | None:
    """已供土地: tell which parcels are supplied: a mode of supply, or a ledger row with any sign of one.

    Signs are a contract, a hand-over, a year of supply, an agreed or actual start, a land price.

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
        have = projects.loc[projects[facts].notna().any(axis=1), "parcel_id"]
        found |= parcels.index.isin(set(have))
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
