"""Figures of the enterprises of a zone: counts, shares and sums that may be incomplete.

Every figure comes as ``value`` (NaN: cannot be told), ``numerator``, ``denominator``, ``lower`` (holds
whatever the blanks are), ``coverage`` (share that carries data) and ``not_applicable``, one row a zone. A zone
without a single enterprise in the ledger has no figures: nobody reported, which is not the same as none.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

COLUMNS = ["value", "numerator", "denominator", "lower", "coverage", "not_applicable"]
Figures = dict[str, pd.DataFrame]


def _yes(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame:
        return pd.Series(pd.NA, index=frame.index, dtype="boolean")
    return frame[name].astype("boolean")


def _money(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame:
        return pd.Series(pd.NA, index=frame.index, dtype="Int64")
    return frame[name].astype("Int64")


def _sum(values: pd.Series, zone: pd.Series, zones: pd.Index) -> pd.Series:
    if not isinstance(zone.dtype, pd.CategoricalDtype):
        return values.groupby(zone).sum().reindex(zones)
    place = zone.cat.codes.to_numpy()
    told = place >= 0
    sums = np.zeros(len(zones), dtype=np.int64)
    np.add.at(sums, place[told], values.to_numpy(dtype=np.int64)[told])
    seen = np.bincount(place[told], minlength=len(zones)) > 0
    return pd.Series(sums, index=zones).where(seen)


def _figure(zones: pd.Index, **parts: pd.Series) -> pd.DataFrame:
    frame = pd.DataFrame({name: parts.get(name, np.nan) for name in COLUMNS[:-1]}, index=zones).astype(
        "float64"
    )
    frame["not_applicable"] = (
        parts.get("not_applicable", pd.Series(False, zones)).fillna(False).astype("bool")
    )
    return frame


def _count(answer: pd.Series, zone: pd.Series, zones: pd.Index) -> pd.DataFrame:
    """Count enterprises for which an answer of yes, no or unknown is yes."""
    yes = _sum(answer.fillna(False).astype("int64"), zone, zones)
    coverage = _sum(answer.notna().astype("int64"), zone, zones) / _sum(
        zone.notna().astype("int64"), zone, zones
    )
    return _figure(zones, value=yes.where(coverage == 1), numerator=yes, lower=yes, coverage=coverage)


def enterprise_count(frame: pd.DataFrame, zones: pd.Index) -> pd.Series:
    """入驻企业数: rows of the ledger of enterprises; NaN for a zone that nobody reports on.

    >>> enterprise_count(pd.DataFrame({"zone_id": ["Z", "Z"]}), pd.Index(["Z", "Y"])).tolist()
    [2.0, nan]
    """
    zone = frame["zone_id"]
    return _sum(zone.notna().astype("int64"), zone, zones).astype("float64")


def leaders(frame: pd.DataFrame, zones: pd.Index, revenue_over_fen: int) -> pd.DataFrame:
    """龙头企业: enterprises marked as leaders with a revenue over the threshold (5,000 万元).

    Parameters
    ----------
    frame : DataFrame
        Enterprises with ``zone_id``, ``is_leader`` (boolean) and ``revenue_fen`` (Int64).
    zones : Index
        All zones.
    revenue_over_fen : int
        The revenue that has to be exceeded, in fen.

    Examples
    --------
    >>> firms = pd.DataFrame({"zone_id": ["Z", "Z"], "is_leader": pd.array([True, True], "boolean"),
    ...                       "revenue_fen": pd.array([5_000_000_000, 5_000_000_001], "Int64")})
    >>> leaders(firms, pd.Index(["Z"]), 5_000_000_000)["value"].tolist()
    [1.0]
    """
    large = (_money(frame, "revenue_fen") > revenue_over_fen).astype("boolean")
    return _count(_yes(frame, "is_leader") & large, frame["zone_id"], zones)


def linked_firms(frame: pd.DataFrame, zones: pd.Index) -> pd.DataFrame:
    """关联配套企业: enterprises marked as suppliers."""
    return _count(_yes(frame, "is_supplier"), frame["zone_id"], zones)


def revenue(frame: pd.DataFrame, zones: pd.Index, fen_per_unit: int) -> pd.DataFrame:
    """营业收入 of the zone in money units: the sum over its enterprises, at least the sum of those that are known."""
    money, zone = _money(frame, "revenue_fen"), frame["zone_id"]
    known = _sum(money.fillna(0).astype("int64"), zone, zones) / fen_per_unit
    coverage = _sum(money.notna().astype("int64"), zone, zones) / _sum(
        zone.notna().astype("int64"), zone, zones
    )
    return _figure(zones, value=known.where(coverage == 1), numerator=known, lower=known, coverage=coverage)


def _share(
    part: pd.Series, whole: pd.Series, zone: pd.Series, zones: pd.Index, fen_per_unit: int
) -> pd.DataFrame:
    """Share of the revenue; the part may be blank, and so may the revenue."""
    both = part.notna() & whole.notna()
    part_sum = _sum(part.fillna(0).astype("int64"), zone, zones)
    whole_sum = _sum(whole.fillna(0).astype("int64"), zone, zones)
    over = _sum(whole.where(both, 0).astype("int64"), zone, zones)
    part_over = _sum(part.where(both, 0).astype("int64"), zone, zones)
    firms = _sum(zone.notna().astype("int64"), zone, zones)
    complete = _sum(both.astype("int64"), zone, zones) == firms
    by_count = _sum(both.astype("int64"), zone, zones) / firms
    base = whole_sum.where(whole_sum > 0)
    by_revenue = over / base
    bounded = (_sum(whole.isna().astype("int64"), zone, zones) == 0) & (complete | (by_revenue < 1))
    coverage = by_revenue.where(bounded, by_count).where(~complete, 1.0).where(firms.notna())
    denominator = (base / fen_per_unit).where(bounded)
    return _figure(
        zones,
        value=part_over / over.where(over > 0),
        numerator=(part_sum / fen_per_unit).where(firms.notna()),
        denominator=denominator,
        lower=(part_sum / base).where(bounded, 0.0).where(firms.notna()),
        coverage=coverage,
    )


def main_industry_share(frame: pd.DataFrame, zones: pd.Index, fen_per_unit: int) -> pd.DataFrame:
    """主导产业营业收入占比: revenue of the enterprises of the leading industry over all revenue."""
    whole = _money(frame, "revenue_fen")
    main = _yes(frame, "main_industry")
    part = whole.where(main.fillna(False).astype(bool), 0).mask(main.isna())
    return _share(part, whole, frame["zone_id"], zones, fen_per_unit)


def rd_share(frame: pd.DataFrame, zones: pd.Index, fen_per_unit: int) -> pd.DataFrame:
    """研发投入占营业收入的比重: R&D spending over revenue."""
    return _share(
        _money(frame, "rd_spend_fen"), _money(frame, "revenue_fen"), frame["zone_id"], zones, fen_per_unit
    )


def clean_audits(frame: pd.DataFrame, zones: pd.Index) -> pd.DataFrame:
    """强制清洁生产审核实施率: audits done over audits required, among enterprises above scale.

    Without a column ``clean_audit_required`` every enterprise above scale has to be audited. An enterprise
    with a blank that matters makes the share incomplete. Where it is known that nobody is obliged the measure
    does not apply.
    """
    above = _yes(frame, "is_above_scale")
    required = _yes(frame, "clean_audit_required") if "clean_audit_required" in frame else above
    bound = above & required
    done = _yes(frame, "clean_audit_done")
    settled = bound.notna() & (~bound.fillna(True).astype(bool) | done.notna())
    candidate = bound.fillna(True).astype(bool)
    zone = frame["zone_id"]
    all_candidates = _sum(candidate.astype("int64"), zone, zones)
    open_ones = _sum((~settled).astype("int64"), zone, zones)
    complete = open_ones == 0
    certain = settled & candidate
    done_sum = _sum((certain & done.fillna(False).astype(bool)).astype("int64"), zone, zones)
    certain_sum = _sum(certain.astype("int64"), zone, zones)
    base = all_candidates.where(all_candidates > 0)
    return _figure(
        zones,
        value=done_sum / certain_sum.where(certain_sum > 0),
        numerator=done_sum,
        denominator=base,
        lower=done_sum / base,
        coverage=(certain_sum / base).where(~complete, 1.0).where(open_ones.notna()),
        not_applicable=complete & (all_candidates == 0),
    )
