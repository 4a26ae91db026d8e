"""What a ledger says about each project on a day: started or not, since when it had to start, how far it got."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from landzone.measures import ledger_columns as columns
from landzone.measures.calendar import Days, anniversary, years_elapsed
from landzone.measures.ledger_columns import Mask
from landzone.measures.words import by_word
from landzone.model.study import BlankStart, IdleSettings
from landzone.units import FloatArray, IntArray

STATE = "state"
COLLECTIVE = "collective"

DATES = (
    "contract_date", "delivery_date", "agreed_start", "supplement_start", "agreed_finish", "actual_start",
    "actual_finish", "suspended_since", "disposal_date", "disposal_start",
)  # fmt: skip
"""Dates of a project; one that could not be read makes the row a data error."""

FLAGS = ("started", "completed", "reclaimed")
EXTENT = ("developed_area", "required_area", "invested_ex_land", "total_invest_ex_land")
CAUSE = ("gov_cause_code", "gov_cause_verified")
FIELDS = ("ownership", *DATES, *FLAGS, *EXTENT, "area_basis", *CAUSE, "land_price", "project_id")

EXTENSION, TEMPORARY_USE, BUY_BACK = "extension", "temporary_use", "buy_back"
BASES = ("supplement", "contract", "delivery", "disposal")
"""On what the effective start stands, by the number in ``Evidence.basis``; -1 where there is none."""

_ONE_NUMBER = 2.0**-48
_NO_DAY = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class IdleTerms:
    """The numbers of the law, read from ``catalog/idle_law.toml``.

    Attributes
    ----------
    idle_years, recovery_years : int
        Full years without start after which land is idle (art. 2), and may be taken back (art. 14).
    delivery_years : int
        Years from delivery to the presumed start where none is agreed (art. 22).
    area_share, investment_share : Fraction
        Suspended land is idle below one of these shares (art. 2).
    fee_share : Fraction
        Idle-land fee as a share of the land price (art. 14).
    cause_codes : collection of str
        Codes of causes on the side of government or nature (art. 8); others are noted, not refused.
    extension_years, temporary_use_years : int, optional
        The longest extension and temporary use (art. 12); longer ones are noted.
    disposal_ways : mapping of str to str
        Words for the ways of art. 12 and their codes; the clock restarts by all of them but ``buy_back``.
    """

    idle_years: int
    recovery_years: int
    delivery_years: int
    area_share: Fraction
    investment_share: Fraction
    fee_share: Fraction
    cause_codes: Collection[str] = ()
    extension_years: int | None = None
    temporary_use_years: int | None = None
    disposal_ways: Mapping[str, str] = field(default_factory=dict)


def _below(part: FloatArray, whole: FloatArray, share: Fraction) -> Mask:
    """Compare a share without division; doubles too near to tell apart are one number (5 of 15 亩 is a third)."""
    bar, got = share.numerator * whole, share.denominator * part
    return np.asarray(bar - got > np.abs(bar) * _ONE_NUMBER)


@dataclass(frozen=True)
class Extent:
    """One of the two ratios of art. 2: where it is known, below its share, over one, or impossible.

    ``counted`` are part and whole as whole numbers, compared instead where they are given.
    """

    part: FloatArray
    whole: FloatArray
    share: Fraction
    counted: tuple[IntArray, IntArray] | None = None

    @cached_property
    def impossible(self) -> Mask:
        """Negative or infinite."""
        return (self.part < 0) | (self.whole < 0) | np.isinf(self.part) | np.isinf(self.whole)

    @cached_property
    def known(self) -> Mask:
        """Both numbers are there and the whole is not zero."""
        return (self.part >= 0) & (self.whole > 0) & ~self.impossible

    @cached_property
    def below(self) -> Mask:
        """Known and less than the share."""
        if self.counted is None:
            return self.known & _below(self.part, self.whole, self.share)
        part, whole = self.counted
        return self.known & (self.share.denominator * part < self.share.numerator * whole)

    @cached_property
    def over(self) -> Mask:
        """The part is more than the whole."""
        return self.known & (self.part > self.whole)

    def answer(self) -> Any:
        """Return the comparison as a nullable boolean."""
        return pd.arrays.BooleanArray(self.below.copy(), ~self.known)


class Evidence:
    """The arrays of a ledger on a day, each computed once.

    Parameters as in ``landzone.measures.idle.classify``.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        as_of: date,
        settings: IdleSettings,
        terms: IdleTerms,
        ownership: pd.Series | None,
    ) -> None:
        self.frame, self.settings, self.terms = frame, settings, terms
        self.size = len(frame)
        self.today = np.datetime64(as_of.isoformat(), "D")
        self.date = {name: columns.dates(frame, name) for name in DATES}
        self.bad = columns.rejected(frame, FIELDS)
        self.ownership = ownership
        self._starts()
        self._dues()
        self._ends()

    def any_rejected(self, *names: str) -> Mask:
        """Return the rows in which one of some cells was rejected."""
        return columns.either((self.bad[name] for name in names), self.size)

    def _starts(self) -> None:
        """Tell started, not started and unknown apart; a start after the day is none yet."""
        actual, since = self.date["actual_start"], self.date["suspended_since"]
        yes, no = columns.flags(self.frame, "started")
        self.suspended = ~np.isnat(since)
        self.started = (actual <= self.today) | yes
        blank = np.isnat(actual) & ~yes & ~no
        read_as_none = blank & (self.settings.blank_actual_start is BlankStart.NOT_STARTED) & ~self.suspended
        self.blank_start = read_as_none
        self.not_started = ~self.started & (no | (actual > self.today) | read_as_none)
        self.start_unknown = ~self.started & ~self.not_started
        self.start_contradicted = no & (actual <= self.today)

    def _dues(self) -> None:
        """Find the effective start D and the full years since, N, and since suspension, M."""
        agreed, supplement = self.date["agreed_start"], self.date["supplement_start"]
        presumed = anniversary(self.date["delivery_date"], self.terms.delivery_years)
        renewed, undated = self._disposal()
        found = [~np.isnat(renewed), ~np.isnat(supplement), ~np.isnat(agreed), ~np.isnat(presumed)]
        self.undated_disposal = undated & np.isnat(supplement)
        self.basis = np.where(self.undated_disposal, -1, np.select(found, [3, 0, 1, 2], -1))
        self.due: Days = np.select(
            [self.basis == place for place in (3, 0, 1, 2)], [renewed, supplement, agreed, presumed], _NO_DAY
        )
        since = self.date["suspended_since"]
        self.paused: Days = np.where(renewed > since, renewed, since)
        reading = self.settings.anniversary
        self.years = years_elapsed(self.due, self.today, reading)
        self.suspended_years = years_elapsed(self.paused, self.today, reading)

    def _disposal(self) -> tuple[Days, Mask]:
        """Return the start agreed anew by a way of art. 12, and where such a way stands without one."""
        words, ways = columns.texts(self.frame, "disposal_way"), dict(self.terms.disposal_ways)
        self.way = by_word(words, lambda word: ways.get(word.lower()))
        self.way_unknown = (words.notna() & self.way.isna()).to_numpy(dtype=bool)
        bought = (self.way == BUY_BACK).to_numpy(dtype=bool, na_value=False)
        happened = ~(self.date["disposal_date"] > self.today)
        restarts = happened & ~bought
        renewed: Days = np.where(restarts, self.date["disposal_start"], _NO_DAY)
        named = self.way.notna().to_numpy(dtype=bool)
        return renewed, restarts & named & np.isnat(renewed)

    @cached_property
    def over_limit(self) -> dict[str, Mask]:
        """Where an extension or a temporary use runs longer than art. 12 allows."""
        agreed, supplement = self.date["disposal_date"], self.date["supplement_start"]
        marks = {}
        for way, years, first in (
            (EXTENSION, self.terms.extension_years, np.where(np.isnat(supplement), agreed, supplement)),
            (TEMPORARY_USE, self.terms.temporary_use_years, agreed),
        ):
            own = (self.way == way).to_numpy(dtype=bool, na_value=False) & (self.basis == 3)
            marks[way] = own & (self.due > anniversary(first, years or 0)) & (years is not None)
        return marks

    @cached_property
    def area_basis_missing(self) -> Mask:
        """Where a ledger with a column for the basis of its areas leaves it blank beside an area."""
        if "area_basis" not in self.frame:
            return np.zeros(self.size, dtype=bool)
        given = ~np.isnan(self.area.part) | ~np.isnan(self.area.whole)
        blank: Mask = columns.texts(self.frame, "area_basis").isna().to_numpy(dtype=bool)
        return given & blank

    @cached_property
    def area(self) -> Extent:
        """Developed of required land."""
        developed, required = (columns.areas(self.frame, name) for name in EXTENT[:2])
        return Extent(developed, required, self.terms.area_share)

    @cached_property
    def investment(self) -> Extent:
        """Invested of total investment, both without the land price."""
        (invested, told), (total, given) = (columns.amounts(self.frame, name) for name in EXTENT[2:])
        part, whole = np.where(told, invested, np.nan), np.where(given, total, np.nan)
        return Extent(part, whole, self.terms.investment_share, (invested, total))

    @cached_property
    def price(self) -> tuple[IntArray, Mask]:
        """The land price in fen, and where it is known."""
        price, known = columns.amounts(self.frame, "land_price")
        return price, known & (price >= 0)

    @cached_property
    def cause(self) -> tuple[Mask, Mask, Mask]:
        """Where a cause is claimed, verified, refused."""
        verified, refused = columns.flags(self.frame, "gov_cause_verified")
        claimed = columns.texts(self.frame, "gov_cause_code").notna().to_numpy(dtype=bool)
        return claimed, verified, refused

    @cached_property
    def owner(self) -> tuple[Mask, Mask, Mask]:
        """Where land is known as state-owned, as collective, and where ownership is only assumed."""
        kinds = self.ownership
        if kinds is None:
            kinds = pd.Series(np.nan, index=self.frame.index, dtype="str")
        absent = kinds.isna().to_numpy(dtype=bool)
        assumed = absent & (self.settings.ownership_if_absent == STATE)
        state = (kinds == STATE).to_numpy(dtype=bool, na_value=False) | assumed
        return state, (kinds == COLLECTIVE).to_numpy(dtype=bool, na_value=False), assumed

    def _ends(self) -> None:
        """A project has ended when it is completed or reclaimed, or when its finish lies in the past."""
        finished = self.date["actual_finish"] <= self.today
        completed, unfinished = columns.flags(self.frame, "completed")
        self.ended = completed | columns.flags(self.frame, "reclaimed")[0] | finished
        self.finish_contradicted = unfinished & finished

    @cached_property
    def misdated(self) -> Mask:
        """Suspended before it started, or on a day to come without a start; or started before the contract."""
        return self.missuspended | self.started_early

    @cached_property
    def missuspended(self) -> Mask:
        """Suspended before it started, or suspended on a day to come without a start."""
        since = self.date["suspended_since"]
        return (since < self.date["actual_start"]) | ((since > self.today) & ~self.started)

    @cached_property
    def started_early(self) -> Mask:
        """Started before the contract was signed: one of the two dates is wrong, or the start was unlawful."""
        return self.date["actual_start"] < self.date["contract_date"]
