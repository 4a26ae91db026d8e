"""The legal clock step by step for one project: what was looked at, in which order, and what followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from landzone.measures.calendar import first_day_full, to_days
from landzone.measures.idle_evidence import IdleTerms
from landzone.model.study import Anniversary

_STARTED_CLASSES = ("building", "suspended_later", "suspended_recently", "extent_unreadable", "extent_unknown",
                    "suspended_short", "extent_partly_known", "suspended_far")  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One step: a key of ``catalog/labels/idle_steps.toml``, what its sentence needs, and the term it stands on.

    ``values`` that are named in ``words`` are codes still to be put into words.
    """

    key: str
    values: Mapping[str, str] = field(default_factory=dict)
    term: str = ""
    words: tuple[str, ...] = ()


def clock_steps(
    row: Mapping[str, Any], as_of: date, reading: Anniversary, terms: IdleTerms, money: str = "wan_cny"
) -> tuple[Step, ...]:
    """Return the steps that lead to the class of a row, from ownership to fee and next date.

    Parameters
    ----------
    row : mapping
        A row of the table ``projects`` of an audit: ledger columns and the columns of the clock.
    as_of : date
    reading : Anniversary
    terms : IdleTerms
    money : str
        Unit of the money columns.

    Examples
    --------
    >>> from fractions import Fraction
    >>> terms = IdleTerms(1, 2, 1, Fraction(1, 3), Fraction(1, 4), Fraction(1, 5))
    >>> row = {"agreed_start_date": "2022-03-15", "started": False, "idle_class": "A1", "decision_row": 16,
    ...        "conclusion": "idle_one_year", "start_basis": "contract", "effective_start_date": "2022-03-15",
    ...        "own_land_price_wan_cny": 470.4, "idle_fee_wan_cny": 94.08}
    >>> steps = clock_steps(row, date(2023, 3, 16), Anniversary.CIVIL, terms)
    >>> [step.key for step in steps]
    ['term', 'not_started', 'years', 'cause_none', 'decision', 'fee']
    >>> dict(steps[2].values)["first"], dict(steps[-1].values)["fee"]
    ('2023-03-16', '94.08')
    """
    clock = _Row(row, as_of, reading, terms, money)
    conclusion = clock.text("conclusion")
    steps: list[Step] = []
    if conclusion not in ("ownership_unknown", "collective", "no_project"):
        steps += clock.ends() if conclusion == "ended" else clock.way(conclusion)
    steps.append(clock.decision(conclusion))
    steps += clock.consequences(conclusion)
    return tuple(steps)


class _Row:
    def __init__(
        self, row: Mapping[str, Any], as_of: date, reading: Anniversary, terms: IdleTerms, money: str
    ) -> None:
        self.row, self.as_of, self.reading, self.terms, self.money = row, as_of, reading, terms, money

    def text(self, name: str) -> str:
        value = self.row.get(name)
        return "" if value is None or pd.isna(value) else str(value)

    def day(self, name: str) -> str:
        column = name if name.endswith("_date") else f"{name}_date"
        return self.text(column)[:10]

    def flag(self, name: str) -> bool | None:
        value = self.row.get(name)
        return None if value is None or pd.isna(value) else bool(value)

    def number(self, name: str) -> Decimal | None:
        value = self.row.get(name)
        return None if value is None or pd.isna(value) else Decimal(str(value))

    def ends(self) -> list[Step]:
        finish = self.day("actual_finish")
        done, back = self.flag("completed"), self.flag("reclaimed")
        key = "reclaimed" if back else "completed" if done else "finished"
        return [Step(key, {"day": finish})]

    def way(self, conclusion: str) -> list[Step]:
        if conclusion == "unreadable":
            return []
        steps = [self._term(), self._start()]
        if conclusion in _STARTED_CLASSES:
            return steps + self._pause(conclusion)
        if conclusion in ("disposal_undated", "start_and_term_unknown", "term_unknown"):
            return steps
        steps.append(self._years())
        late = ("government_cause", "cause_to_verify", "idle_one_year", "idle_two_years", "cause_unreadable")
        return steps + ([self._cause()] if conclusion in late else [])

    def _term(self) -> Step:
        due, basis = self.day("effective_start"), self.text("start_basis")
        if not due:
            return Step("term_none", term="delivery_years")
        if basis == "delivery":
            values = {"due": due, "day": self.day("delivery_date"), "years": str(self.terms.delivery_years)}
            return Step("term_presumed", values, "delivery_years")
        term = "extension_years" if basis == "disposal" else "idle_years"
        return Step("term", {"due": due, "basis": basis}, term, ("basis",))

    def _start(self) -> Step:
        actual, flag, today = self.day("actual_start"), self.flag("started"), self.as_of.isoformat()
        values = {"day": actual, "as_of": today}
        if actual and actual <= today:
            late = self.number("late_days")
            return Step("started_late" if late else "started", {**values, "late": str(late or 0)})
        if flag:
            return Step("started_flag")
        if actual:
            return Step("start_to_come", values)
        return Step("start_blank" if flag is None else "not_started")

    def _years(self) -> Step:
        due = self.day("effective_start")
        idle, recovery = self.terms.idle_years, self.terms.recovery_years
        first, second = (first_day_full(to_days([due]), n, self.reading)[0] for n in (idle, recovery))
        today = self.as_of.isoformat()
        if today <= due:
            return Step("years_not_due", {"due": due, "as_of": today}, "idle_years")
        count = sum(today >= str(day) for day in (first, second))
        values = {"due": due, "first": str(first), "second": str(second), "as_of": today, "count": str(count)}
        return Step("years", {**values, "reading": self.reading.value}, "idle_years", ("reading",))

    def _pause(self, conclusion: str) -> list[Step]:
        since = self.day("suspended_since")
        if conclusion in ("building", "suspended_later"):
            return [Step("pause_none" if conclusion == "building" else "pause_later", {"day": since})]
        anew = self.day("disposal_start")
        counted = anew if self.text("start_basis") == "disposal" and anew > since else since
        full = first_day_full(to_days([counted]), self.terms.idle_years, self.reading)[0]
        values = {"day": since, "counted": counted, "full": str(full), "as_of": self.as_of.isoformat()}
        steps = [Step("pause_anew" if counted != since else "pause", values, "idle_years")]
        if conclusion == "suspended_recently":
            return steps
        area = self._ratio("area", "developed_area_m2", "required_area_m2", self.terms.area_share)
        total = f"total_invest_ex_land_{self.money}"
        paid = self._ratio("investment", f"invested_ex_land_{self.money}", total, self.terms.investment_share)
        return [*steps, area, paid]

    def _ratio(self, name: str, part: str, whole: str, share: Fraction) -> Step:
        own, all_of_it = self.number(part), self.number(whole)
        term = f"{name}_share"
        if own is None or all_of_it is None or all_of_it <= 0:
            values = {"part": _plain(own), "whole": _plain(all_of_it)}
            return Step(f"{name}_unknown", values, term)
        below = self.flag("area_below_third" if name == "area" else "investment_below_quarter")
        values = {
            "part": _plain(own), "whole": _plain(all_of_it), "times": str(share.denominator),
            "left": _plain(own * share.denominator), "right": _plain(all_of_it * share.numerator),
            "by": str(share.numerator),
        }  # fmt: skip
        return Step(f"{name}_below" if below else f"{name}_reached", values, term)

    def _cause(self) -> Step:
        code, verified = self.text("gov_cause_code"), self.flag("gov_cause_verified")
        values = {"code": code}
        if verified:
            return Step("cause_verified", values, words=("code",))
        if not code:
            return Step("cause_none")
        return Step("cause_refused" if verified is False else "cause_claimed", values, words=("code",))

    def decision(self, conclusion: str) -> Step:
        values = {"row": self.text("decision_row").removesuffix(".0"), "conclusion": conclusion}
        return Step("decision", values, words=("conclusion",))

    def consequences(self, conclusion: str) -> list[Step]:
        steps = []
        if conclusion == "idle_one_year":
            price, fee = self.number(f"own_land_price_{self.money}"), self.number(f"idle_fee_{self.money}")
            values = {"share": str(self.terms.fee_share), "price": _plain(price), "fee": _plain(fee)}
            steps.append(Step("fee" if fee is not None else "fee_unknown", values, "fee_share"))
        if conclusion == "idle_two_years":
            steps.append(Step("recovery", {"day": self.day("fee_due_since")}, "recovery_years"))
        coming = self.day("next_threshold")
        if coming:
            left = (date.fromisoformat(coming) - self.as_of).days
            steps.append(Step("next", {"day": coming, "left": str(left)}))
        missing = self.text("missing")
        if missing:
            steps.append(Step("missing", {"columns": missing}, words=("columns",)))
        return steps


def _plain(value: Decimal | None) -> str:
    """Write a number without an exponent and without zeros that say nothing.

    >>> _plain(Decimal("8000.0")), _plain(Decimal("1E+3")), _plain(None)
    ('8000', '1000', '—')
    """
    if value is None:
        return "—"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
