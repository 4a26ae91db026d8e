"""The steps of the legal clock as sentences, each with its clause."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from landzone.catalog import load
from landzone.catalog.columns import own_specs
from landzone.catalog.idle_law import clause_words, idle_terms
from landzone.catalog.labels import labels
from landzone.measures.idle_steps import Step, clock_steps
from landzone.model.study import Anniversary


def clock_lines(
    row: Mapping[str, Any],
    as_of: date,
    lang: str = "zh",
    reading: Anniversary | str = Anniversary.CIVIL,
    money: str = "wan_cny",
) -> list[str]:
    """Return why a row of ``projects`` has its idle class, one sentence a step, in the order of the decision table.

    Parameters
    ----------
    row : mapping
        A row of the table ``projects`` of an audit.
    as_of : date
        The day of the audit.
    lang : str
        ``zh`` or ``en``.
    reading : Anniversary or str
        ``anniversary`` of the study.
    money : str
        Unit of the money columns.

    Examples
    --------
    >>> row = {"agreed_start_date": "2025-06-30", "started": False, "conclusion": "overdue", "decision_row": 13,
    ...        "start_basis": "contract", "effective_start_date": "2025-06-30", "next_threshold_date": "2026-07-01"}
    >>> for line in clock_lines(row, date(2026, 6, 30), "en"):
    ...     print(line.split(" (")[0])
    The start was due on 2025-06-30; basis: contract.
    The ledger says not started.
    From 2025-06-30 one year is full on 2026-07-01, two years on 2027-07-01
    Row 13 of the decision table: Overdue, less than a year.
    If no fact changes, the class changes next on 2026-07-01
    """
    steps = clock_steps(row, as_of, Anniversary(reading), idle_terms(), money)
    return [step_line(step, lang, money) for step in steps]


def clock_clauses(
    row: Mapping[str, Any],
    as_of: date,
    reading: Anniversary | str = Anniversary.CIVIL,
    money: str = "wan_cny",
) -> list[tuple[str, str, bool]]:
    """Return the clauses that the steps of a row stand on: clause, wording, and whether it is still to be checked.

    Examples
    --------
    >>> row = {"agreed_start_date": "2025-06-30", "started": False, "conclusion": "overdue", "decision_row": 13,
    ...        "start_basis": "contract", "effective_start_date": "2025-06-30", "next_threshold_date": "2026-07-01"}
    >>> clock_clauses(row, date(2026, 6, 30))
    [('第二条第一款、第二款', '满一年未动工开发', False)]
    """
    steps = clock_steps(row, as_of, Anniversary(reading), idle_terms(), money)
    law = load.table("idle_law.toml")["terms"]
    used = [law[name] for name in dict.fromkeys(step.term for step in steps) if name]
    return [(one["clause"], one["quote"], bool(one.get("unverified"))) for one in used]


def step_line(step: Step, lang: str, money: str = "wan_cny") -> str:
    """Return one step in words, with the clause it stands on; ``money`` is the unit of its amounts."""
    texts, unit = labels("idle_steps", lang), load.table("units.toml").get(money, {}).get(lang, money.upper())
    values = {
        name: _word(name, value, lang) if name in step.words else value for name, value in step.values.items()
    }
    told = texts[step.key].format(**values, money=unit).replace(f"— {unit}", "—")
    return told + _clause(step.term, lang)


def _clause(term: str, lang: str) -> str:
    if not term:
        return ""
    entry = load.table("idle_law.toml")["terms"][term]
    key = "clause_unverified" if entry.get("unverified") else "clause"
    return labels("idle_steps", lang)[key].format(clause=clause_words(entry["clause"], lang))


def _word(name: str, code: str, lang: str) -> str:
    if name == "reading":
        return labels("idle_steps", lang)[code]
    if name == "code":
        entry = load.table("idle_law.toml")["causes"].get(code)
        return f"{code} {entry[lang]}" if entry else code or labels("idle_steps", lang)["no_code"]
    if name == "columns":
        known = own_specs("projects") | own_specs("parcels")
        names = [known[n].zh if lang == "zh" and n in known else n for n in code.split("|")]
        return ("、" if lang == "zh" else ", ").join(names)
    return labels("idle", lang).get(code, code)
