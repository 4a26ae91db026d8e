"""What follows from a decision on idle land: dates, fee, what is missing, what is odd."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from landzone.measures import ledger_columns as columns
from landzone.measures.calendar import Days, first_day_full
from landzone.measures.idle_decisions import DECISIONS
from landzone.measures.idle_evidence import (
    BASES,
    CAUSE,
    DATES,
    EXTENSION,
    EXTENT,
    FIELDS,
    FLAGS,
    TEMPORARY_USE,
    Evidence,
)
from landzone.measures.ledger_columns import Mask
from landzone.model.coded import coded
from landzone.units import IntArray

_NO_DAY = np.datetime64("NaT", "D")
_ONE_DAY = np.timedelta64(1, "D")


class Outcome:
    """The columns that go with the chosen line of ``DECISIONS`` in every row."""

    def __init__(self, evidence: Evidence, choice: IntArray) -> None:
        self.evidence, self.choice = evidence, choice
        told = ~self.decided("ownership_unknown", "collective", "unreadable")
        self.dated = told & ~evidence.any_rejected(
            "agreed_start", "supplement_start", "delivery_date", "disposal_date", "disposal_start"
        )
        """Rows in which the effective start means something."""

    def decided(self, *conclusions: str) -> Mask:
        """Return the rows that end in one of some conclusions."""
        return np.isin(self.choice, [n for n, line in enumerate(DECISIONS) if line[0] in conclusions])

    def decision(self) -> dict[str, Any]:
        """Class, row of the table, conclusion."""
        conclusions, rows, classes = zip(*DECISIONS, strict=True)
        return {
            "idle_class": coded(classes, self.choice),
            "decision_row": np.array(rows, dtype=np.int64)[self.choice],
            "conclusion": coded(conclusions, self.choice),
        }

    def term(self) -> dict[str, Any]:
        """The effective start, on what it stands, and by how many days the real one was late."""
        evidence = self.evidence
        basis = np.where(self.dated, evidence.basis, -1)
        due = np.where(self.dated, evidence.due, _NO_DAY)
        return {
            "start_basis": coded([*BASES, None], basis),
            "effective_start_date": due.astype("datetime64[s]"),
            "late_days": self._late_days(),
        }

    def clock(self) -> dict[str, Any]:
        """Full years, since when the land is idle, and when the class would change next."""
        evidence, terms = self.evidence, self.evidence.terms
        a_year, paused = self._full(evidence.due), self._full(evidence.paused)
        two_years = first_day_full(evidence.due, terms.recovery_years, evidence.settings.anniversary)
        delayed = self.decided("government_cause", "cause_to_verify", "idle_one_year", "idle_two_years")
        overdue, not_due = self.decided("overdue"), self.decided("not_due")
        short, recent = self.decided("suspended_short"), self.decided("suspended_recently")
        recoverable = self.decided("cause_to_verify", "idle_one_year") & (
            evidence.years < terms.recovery_years
        )
        coming = [evidence.due + _ONE_DAY, a_year, two_years, paused]
        upcoming = np.select([not_due, overdue, recoverable, recent], coming, _NO_DAY)
        counted = [evidence.years, evidence.suspended_years]
        years = np.select([delayed | overdue, short | recent], counted, np.nan)
        since = np.select([delayed, short], [a_year, paused], _NO_DAY)
        return {
            "idle_years_count": pd.array(years).astype("Int64"),
            "idle_since_date": since.astype("datetime64[s]"),
            "next_threshold_date": upcoming.astype("datetime64[s]"),
        }

    def fee(self) -> dict[str, Any]:
        """The fee in whole fen, half up, of A1 with a known price; and since when it may be due (A1, A2)."""
        price, known = self.evidence.price
        share = self.evidence.terms.fee_share
        fee = (2 * price * share.numerator + share.denominator) // (2 * share.denominator)
        charged = self.decided("idle_one_year", "idle_two_years")
        since = np.where(charged, self._full(self.evidence.due), _NO_DAY)
        return {
            "idle_fee_fen": pd.arrays.IntegerArray(fee, ~(known & self.decided("idle_one_year"))),
            "fee_due_since_date": since.astype("datetime64[s]"),
        }

    def extent(self) -> dict[str, Any]:
        """Both ratios of art. 2 against their shares, and the land still to be developed."""
        area, investment = self.evidence.area, self.evidence.investment
        return {
            "area_below_third": area.answer(),
            "investment_below_quarter": investment.answer(),
            "undeveloped_area_m2": np.where(area.known, area.whole - area.part, np.nan),
        }

    def missing(self) -> Any:
        """Name what a row lacks for a decision, or what of it cannot be used."""
        evidence, broken = self.evidence, self.decided("extent_unreadable")
        marks = dict.fromkeys(FIELDS, np.zeros(evidence.size, dtype=bool))
        unreadable, cause = self.decided("unreadable"), self.decided("cause_unreadable")
        for here, names in ((unreadable, (*DATES, *FLAGS)), (broken, EXTENT), (cause, CAUSE)):
            marks |= {name: marks[name] | (here & evidence.bad[name]) for name in names}
        vague = self.decided("extent_unknown", "extent_partly_known")
        for extent, part, whole in ((evidence.area, *EXTENT[:2]), (evidence.investment, *EXTENT[2:])):
            impossible = broken & extent.impossible
            marks[part] = marks[part] | ((vague & np.isnan(extent.part)) | impossible)
            marks[whole] = marks[whole] | ((vague & ~(extent.whole > 0)) | impossible)
        marks["area_basis"] = marks["area_basis"] | (
            broken & (evidence.area_basis_missing | evidence.bad["area_basis"])
        )
        marks["disposal_start"] = marks["disposal_start"] | self.decided("disposal_undated")
        marks["actual_start"] = marks["actual_start"] | (unreadable & evidence.started_early)
        marks["ownership"] = marks["ownership"] | (self.decided("ownership_unknown"))
        marks["suspended_since"] = marks["suspended_since"] | (
            self.decided("suspended_later") | (unreadable & evidence.missuspended)
        )
        both = self.decided("start_and_term_unknown")
        marks["agreed_start"] = marks["agreed_start"] | (both | self.decided("term_unknown"))
        marks["actual_start"] = marks["actual_start"] | (both | self.decided("start_unknown"))
        marks["land_price"] = marks["land_price"] | (self.decided("idle_one_year") & ~evidence.price[1])
        return columns.joined(list(marks.items()), evidence.size)

    def warnings(self) -> Any:
        """Name what is odd about a row without changing its class."""
        evidence, told = self.evidence, ~self.decided("collective")
        claimed, verified, _ = evidence.cause
        known = columns.texts(evidence.frame, "gov_cause_code").isin(list(evidence.terms.cause_codes))
        early = evidence.date["agreed_start"] < evidence.date["contract_date"]
        marks = {
            "OWNERSHIP_ASSUMED": evidence.owner[2],
            "START_PRESUMED": self.dated & (evidence.basis == 2),
            "START_LATE": self._late_days().to_numpy(dtype=np.int64, na_value=0) > 0,
            "START_CONTRADICTED": told & evidence.start_contradicted,
            "FINISH_CONTRADICTED": told & evidence.finish_contradicted,
            "SUSPENDED_NOT_STARTED": told & evidence.suspended & ~evidence.started,
            "AGREED_BEFORE_CONTRACT": told & early,
            "DEVELOPED_OVER_REQUIRED": told & evidence.area.over,
            "INVESTED_OVER_TOTAL": told & evidence.investment.over,
            "EXTENSION_OVER_LIMIT": self.dated & evidence.over_limit[EXTENSION],
            "TEMPORARY_USE_OVER_LIMIT": self.dated & evidence.over_limit[TEMPORARY_USE],
            "DISPOSAL_WAY_UNKNOWN": told & evidence.way_unknown,
            "CAUSE_WITHOUT_CODE": told & verified & ~claimed,
            "CAUSE_CODE_UNKNOWN": told
            & claimed
            & ~known.to_numpy(dtype=bool)
            & bool(evidence.terms.cause_codes),
        }
        return columns.joined(list(marks.items()), evidence.size)

    def _full(self, start: Days) -> Days:
        return first_day_full(start, self.evidence.terms.idle_years, self.evidence.settings.anniversary)

    def _late_days(self) -> Any:
        actual, due = self.evidence.date["actual_start"], self.evidence.due
        told = self.dated & (actual <= self.evidence.today) & ~np.isnat(due)
        days = np.where(told, (actual - due).astype(np.int64), 0)
        return pd.arrays.IntegerArray(np.maximum(days, 0), ~told)
