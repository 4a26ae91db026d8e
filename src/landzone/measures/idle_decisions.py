"""The decision table of idle land: eighteen rows, tested from the top."""

from __future__ import annotations

import numpy as np

from landzone.measures.idle_evidence import CAUSE, DATES, EXTENT, FLAGS, Evidence
from landzone.measures.ledger_columns import Mask
from landzone.units import IntArray

DECISIONS = (
    ("ownership_unknown", 0, "unknown"),
    ("collective", 0, "not_applicable"),
    ("ended", 1, "not_idle"),
    ("unreadable", 2, "data_error"),
    ("building", 3, "not_idle"),
    ("suspended_later", 4, "data_error"),
    ("suspended_recently", 5, "not_idle"),
    ("extent_unreadable", 2, "data_error"),
    ("extent_unknown", 6, "unknown"),
    ("suspended_short", 7, "B"),
    ("extent_partly_known", 8, "unknown"),
    ("suspended_far", 9, "not_idle"),
    ("disposal_undated", 11, "unknown"),
    ("start_and_term_unknown", 10, "unknown"),
    ("term_unknown", 11, "unknown"),
    ("not_due", 12, "not_due"),
    ("start_unknown", 10, "unknown"),
    ("overdue", 13, "overdue"),
    ("cause_unreadable", 2, "data_error"),
    ("government_cause", 14, "A_gov"),
    ("cause_to_verify", 15, "A_pending"),
    ("idle_one_year", 16, "A1"),
    ("idle_two_years", 17, "A2"),
)
"""Conclusion, row of the decision table, class; tested from the top, the first that fits decides."""


def decide(evidence: Evidence) -> IntArray:
    """Return the line of ``DECISIONS`` that decides, row by row."""
    masks = {"ownership_unknown": ~evidence.owner[0] & ~evidence.owner[1], "collective": evidence.owner[1]}
    masks |= {
        "ended": evidence.ended,
        "unreadable": evidence.any_rejected(*DATES, *FLAGS) | evidence.misdated,
    }
    masks |= _suspension(evidence) | _delay(evidence)
    return np.select([masks[name] for name, _, _ in DECISIONS], list(range(len(DECISIONS))), 0)


def _suspension(evidence: Evidence) -> dict[str, Mask]:
    begun, area, money = evidence.started, evidence.area, evidence.investment
    return {
        "building": begun & ~evidence.suspended,
        "suspended_later": begun & (evidence.date["suspended_since"] > evidence.today),
        "suspended_recently": begun & (evidence.suspended_years < evidence.terms.idle_years),
        "extent_unreadable": begun
        & (
            evidence.any_rejected(*EXTENT, "area_basis")
            | evidence.area_basis_missing
            | area.impossible
            | money.impossible
        ),
        "extent_unknown": begun & ~area.known & ~money.known,
        "suspended_short": begun & (area.below | money.below),
        "extent_partly_known": begun & ~(area.known & money.known),
        "suspended_far": begun,
    }


def _delay(evidence: Evidence) -> dict[str, Mask]:
    no_term = np.isnat(evidence.due)
    claimed, verified, refused = evidence.cause
    everywhere = np.ones(evidence.size, dtype=bool)
    return {
        "disposal_undated": evidence.undated_disposal,
        "start_and_term_unknown": evidence.start_unknown & no_term,
        "term_unknown": no_term,
        "not_due": evidence.today <= evidence.due,
        "start_unknown": evidence.start_unknown,
        "overdue": evidence.years < evidence.terms.idle_years,
        "cause_unreadable": evidence.any_rejected(*CAUSE),
        "government_cause": verified,
        "cause_to_verify": claimed & ~refused,
        "idle_one_year": evidence.years < evidence.terms.recovery_years,
        "idle_two_years": everywhere,
    }
