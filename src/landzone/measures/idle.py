"""Idle land: the decision table of 闲置土地处置办法 (国土资源部令第53号), over all rows of a ledger at once.

Whatever comes out is a suspicion (疑似闲置): whether land is idle is decided by people after an investigation.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from landzone.measures.idle_decisions import decide
from landzone.measures.idle_evidence import Evidence, IdleTerms
from landzone.measures.idle_outcome import Outcome
from landzone.model.study import IdleSettings

COLUMNS = [
    "idle_class", "decision_row", "conclusion", "start_basis", "effective_start_date", "idle_years_count",
    "idle_since_date", "next_threshold_date", "idle_fee_fen", "fee_due_since_date", "late_days", "missing",
    "warnings", "area_below_third", "investment_below_quarter", "undeveloped_area_m2",
]  # fmt: skip


def classify(
    projects: pd.DataFrame,
    as_of: date,
    settings: IdleSettings,
    terms: IdleTerms,
    ownership: pd.Series | None = None,
) -> pd.DataFrame:
    """Class every project row as of a day: not idle, not due, overdue, suspected idle, or not to be told.

    With D the effective start (supplement, else contract, else delivery + 1 year), N the full years since D
    and M the full years since suspension:

    - not started: N = 0 ``overdue``; N >= 1 ``A1``, N >= 2 ``A2``; a verified cause of government
      ``A_gov``, a claimed one ``A_pending``;
    - started and suspended, M >= 1: ``B`` if 3 × developed < required or 4 × invested < total.

    Parameters
    ----------
    projects : DataFrame
        Ledger rows as they leave the gate; any column may be absent. ``land_price_fen`` is the share of the
        row: a price repeated over several rows of one project has to be split before.
    as_of : date
        The day of the audit. A start after it has not happened yet.
    settings : IdleSettings
        Reading of the anniversary, of a blank start and of missing ownership.
    terms : IdleTerms
    ownership : Series of str, same index, optional
        ``state``, ``collective``, anything else (cannot be told) or missing (as the settings say).

    Returns
    -------
    DataFrame, same index
        ``idle_class decision_row conclusion start_basis effective_start_date idle_years_count
        idle_since_date next_threshold_date idle_fee_fen fee_due_since_date late_days missing warnings
        area_below_third investment_below_quarter undeveloped_area_m2``. ``idle_fee_fen`` (Int64) is the fee
        of A1, missing for every other class and where the price is missing. ``missing`` and ``warnings``
        are names joined by ``|``.

    Notes
    -----
    Source: 国土资源部令第53号 art. 2, 8, 12, 14, 22, 30; 民法典 art. 201–203 for the anniversary.

    Examples
    --------
    >>> from fractions import Fraction
    >>> terms = IdleTerms(1, 2, 1, Fraction(1, 3), Fraction(1, 4), Fraction(1, 5))
    >>> ledger = pd.DataFrame({"agreed_start_date": pd.to_datetime(["2022-03-15"]), "started": [False],
    ...                        "land_price_fen": [470_400_000]})
    >>> row = classify(ledger, date(2023, 3, 16), IdleSettings(), terms).iloc[0]
    >>> row["idle_class"], int(row["idle_fee_fen"])
    ('A1', 94080000)
    """
    evidence = Evidence(projects, as_of, settings, terms, ownership)
    outcome = Outcome(evidence, decide(evidence))
    own = {**outcome.decision(), **outcome.term(), **outcome.clock(), **outcome.fee(), **outcome.extent()}
    own |= {"missing": outcome.missing(), "warnings": outcome.warnings()}
    return pd.DataFrame(own, index=projects.index)[COLUMNS]
