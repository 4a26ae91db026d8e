"""Figures of the enterprises of a zone: counts, shares and sums that may be incomplete.

Every figure comes as ``value`` (NaN: cannot be told), ``numerator``, ``denominator``, ``lower`` (holds
whatever the blanks are), ``coverage`` (share that carries data) and ``not_applicable``, one row a zone. A zone
without a single enterprise in the ledger has no figures: nobody reported, which is not the same as none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landzone.units import FloatArray, IntArray

COLUMNS = ["value", "numerator", "denominator", "lower", "coverage", "not_applicable"]
Answers = Any
"""A nullable array of yes and no."""
Amounts = Any
"""A nullable array of whole fen."""


def _yes(frame: pd.DataFrame, name: str) -> Answers:
    if name not in frame:
        return _blank(len(frame), "boolean")
    return frame[name].astype("boolean").array


def _money(frame: pd.DataFrame, name: str) -> Amounts:
    if name not in frame:
        return _blank(len(frame), "Int64")
    return frame[name].astype("Int64").array


def _blank(size: int, kind: str) -> Any:
    return pd.array([pd.NA] * size, dtype=kind)


@dataclass(frozen=True)
class _Zones:
    """The zone of each enterprise by its place (-1: none), and the sums over zones."""

    zones: pd.Index
    place: IntArray

    @classmethod
    def of(cls, zone: pd.Series, zones: pd.Index) -> _Zones:
        if isinstance(zone.dtype, pd.CategoricalDtype) and zone.cat.categories.equals(zones):
            return cls(zones, zone.cat.codes.to_numpy(dtype=np.int64))
        return cls(zones, np.asarray(zones.get_indexer(zone), dtype=np.int64))

    def sum(self, values: NDArray[Any]) -> FloatArray:
        """Sum whole numbers or count answers over each zone; NaN for a zone that nobody reports on."""
        told = self.place >= 0
        sums = np.zeros(len(self.zones), dtype=np.int64)
        np.add.at(sums, self.place[told], values.astype(np.int64)[told])
        return np.where(self._seen, sums, np.nan)

    @cached_property
    def firms(self) -> FloatArray:
        """How many enterprises there are in each zone."""
        return self.sum(self.place >= 0)

    @cached_property
    def _seen(self) -> NDArray[np.bool_]:
        return np.bincount(self.place[self.place >= 0], minlength=len(self.zones)) > 0

    def figure(self, **parts: FloatArray | NDArray[np.bool_]) -> pd.DataFrame:
        """Return figures in ``COLUMNS``; what is not given is NaN."""
        none = np.full(len(self.zones), np.nan)
        frame: dict[str, Any] = {name: parts.get(name, none) for name in COLUMNS[:-1]}
        frame["not_applicable"] = parts.get("not_applicable", np.zeros(len(self.zones), dtype=bool))
        return pd.DataFrame(frame, index=self.zones)


def _some(values: FloatArray) -> FloatArray:
    """Return what is more than nothing, NaN elsewhere."""
    return np.where(values > 0, values, np.nan)


def _is_yes(answer: Answers) -> NDArray[np.bool_]:
    return np.asarray(answer.to_numpy(dtype=bool, na_value=False))


def _known(amount: Amounts) -> IntArray:
    return np.asarray(amount.to_numpy(dtype=np.int64, na_value=0))


def _count(answer: Answers, zone: _Zones) -> pd.DataFrame:
    """Count enterprises for which an answer of yes, no or unknown is yes."""
    yes = zone.sum(_is_yes(answer))
    coverage = zone.sum(~answer.isna()) / zone.firms
    value = np.where(coverage == 1, yes, np.nan)
    return zone.figure(value=value, numerator=yes, lower=yes, coverage=coverage)


def enterprise_count(frame: pd.DataFrame, zones: pd.Index) -> pd.Series:
    """入驻企业数: rows of the ledger of enterprises; NaN for a zone that nobody reports on.

    >>> enterprise_count(pd.DataFrame({"zone_id": ["Z", "Z"]}), pd.Index(["Z", "Y"])).tolist()
    [2.0, nan]
    """
    return pd.Series(_Zones.of(frame["zone_id"], zones).firms, index=zones)


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
    large = _money(frame, "revenue_fen") > revenue_over_fen
    return _count(_yes(frame, "is_leader") & large, _Zones.of(frame["zone_id"], zones))


def linked_firms(frame: pd.DataFrame, zones: pd.Index) -> pd.DataFrame:
    """关联配套企业: enterprises marked as suppliers."""
    return _count(_yes(frame, "is_supplier"), _Zones.of(frame["zone_id"], zones))


def revenue(frame: pd.DataFrame, zones: pd.Index, fen_per_unit: int) -> pd.DataFrame:
    """营业收入 of the zone in money units: the sum over its enterprises, at least the sum of those that are known."""
    money, zone = _money(frame, "revenue_fen"), _Zones.of(frame["zone_id"], zones)
    known = zone.sum(_known(money)) / fen_per_unit
    coverage = zone.sum(~money.isna()) / zone.firms
    value = np.where(coverage == 1, known, np.nan)
    return zone.figure(value=value, numerator=known, lower=known, coverage=coverage)


def _share(part: Amounts, whole: Amounts, zone: _Zones, fen_per_unit: int) -> pd.DataFrame:
    """Share of the revenue; the part may be blank, and so may the revenue."""
    both = ~part.isna() & ~whole.isna()
    part_sum, whole_sum = zone.sum(_known(part)), zone.sum(_known(whole))
    over = zone.sum(np.where(both, _known(whole), 0))
    part_over = zone.sum(np.where(both, _known(part), 0))
    told = zone.sum(both)
    complete = told == zone.firms
    base = _some(whole_sum)
    by_revenue = over / base
    bounded = (zone.sum(whole.isna()) == 0) & (complete | (by_revenue < 1))
    seen = ~np.isnan(zone.firms)
    coverage = np.where(complete, 1.0, np.where(bounded, by_revenue, told / zone.firms))
    return zone.figure(
        value=part_over / _some(over),
        numerator=part_sum / fen_per_unit,
        denominator=np.where(bounded, base / fen_per_unit, np.nan),
        lower=np.where(seen, np.where(bounded, part_sum / base, 0.0), np.nan),
        coverage=np.where(seen, coverage, np.nan),
    )


def main_industry_share(frame: pd.DataFrame, zones: pd.Index, fen_per_unit: int) -> pd.DataFrame:
    """主导产业营业收入占比: revenue of the enterprises of the leading industry over all revenue."""
    whole, main = _money(frame, "revenue_fen"), _yes(frame, "main_industry")
    part = whole.copy()
    part[~_is_yes(main)] = 0
    part[main.isna()] = pd.NA
    return _share(part, whole, _Zones.of(frame["zone_id"], zones), fen_per_unit)


def rd_share(frame: pd.DataFrame, zones: pd.Index, fen_per_unit: int) -> pd.DataFrame:
    """研发投入占营业收入的比重: R&D spending over revenue."""
    spent, whole = _money(frame, "rd_spend_fen"), _money(frame, "revenue_fen")
    return _share(spent, whole, _Zones.of(frame["zone_id"], zones), fen_per_unit)


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
    candidate = bound.to_numpy(dtype=bool, na_value=True)
    settled = ~bound.isna() & (~candidate | ~done.isna())
    zone = _Zones.of(frame["zone_id"], zones)
    all_candidates, open_ones = zone.sum(candidate), zone.sum(~settled)
    complete = open_ones == 0
    certain = settled & candidate
    done_sum, certain_sum = zone.sum(certain & _is_yes(done)), zone.sum(certain)
    base = _some(all_candidates)
    coverage = np.where(complete, 1.0, certain_sum / base)
    return zone.figure(
        value=done_sum / _some(certain_sum),
        numerator=done_sum,
        denominator=base,
        lower=done_sum / base,
        coverage=np.where(np.isnan(open_ones), np.nan, coverage),
        not_applicable=complete & (all_candidates == 0),
    )
