"""What readers of the idle list are told."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from landzone.catalog import load
from landzone.catalog.idle_law import idle_terms
from landzone.catalog.labels import labels
from landzone.catalog.messages import problem_messages
from landzone.measures.idle import classify
from landzone.measures.idle_decisions import DECISIONS
from landzone.measures.idle_notes import ROW_NOTES, idle_notes
from landzone.model.study import BlankStart, IdleSettings


def notes(own: IdleSettings, owner: str | None = "state", **columns: list[Any]) -> pd.DataFrame:
    size = len(next(iter(columns.values())))
    frame = pd.DataFrame({"project_id": [f"J{n + 1}" for n in range(size)]}, dtype="str")
    for name, cells in columns.items():
        if name.endswith("_date"):
            frame[name] = np.array(cells, dtype="datetime64[s]")
        elif name == "gov_cause_code":
            frame[name] = pd.Series(cells, dtype="str")
        else:
            frame[name] = pd.array(cells)
    kinds = pd.Series(owner, index=frame.index, dtype="str")
    idle = classify(frame, date(2023, 3, 16), own, idle_terms(), kinds)
    return idle_notes(idle, frame, own, source="p.csv").frame("note")


def test_a_ledger_without_any_date_gets_one_note_with_the_number_of_rows_it_leaves_open() -> None:
    ended = pd.array([None, None, True], dtype="boolean")  # two rows of three cannot be told
    found = notes(IdleSettings(), completed=ended)
    own = found[found["code"] == "IDLE_LEDGER_WITHOUT_DATES"]
    assert [json.loads(text) for text in own["params"]] == [{"count": 2}]
    assert "IDLE_EVIDENCE_MISSING" not in set(found["code"])
    assert notes(IdleSettings(), completed=pd.array([True], dtype="boolean")).empty


def test_missing_evidence_names_project_and_fields() -> None:
    found = notes(IdleSettings(), agreed_start_date=[None, "2022-03-15"])
    assert found[["subject_id", "code", "column"]].values.tolist() == [
        ["J1", "IDLE_EVIDENCE_MISSING", "agreed_start|actual_start"],
        ["J2", "IDLE_EVIDENCE_MISSING", "actual_start"],
    ]


def test_assumptions_are_said_once_with_a_count() -> None:
    own = IdleSettings(blank_actual_start=BlankStart.NOT_STARTED)
    found = notes(own, owner=None, agreed_start_date=["2022-03-15", "2022-03-14"], land_price_fen=[100, 100])
    assert found["code"].tolist() == ["BLANK_START_READ", "CAUSE_NOT_CLAIMED", "OWNERSHIP_ASSUMED"]
    assert all(text.startswith("2 rows") for text in problem_messages(found, "en"))


def test_a1_without_a_price_is_told() -> None:
    found = notes(IdleSettings(), agreed_start_date=["2022-03-15"], started=[False], gov_cause_code=["G1"])
    assert found["code"].tolist() == []
    found = notes(IdleSettings(), agreed_start_date=["2022-03-15"], started=[False])
    assert found["code"].tolist() == ["CAUSE_NOT_CLAIMED", "IDLE_PRICE_MISSING"]


def test_nothing_to_say() -> None:
    assert notes(IdleSettings(), agreed_start_date=["2030-03-15"], started=[False]).empty


def test_every_code_has_its_message() -> None:
    known = load.table("messages/idle.toml")
    single = {
        "OWNERSHIP_ASSUMED",
        "BLANK_START_READ",
        "CAUSE_NOT_CLAIMED",
        "IDLE_EVIDENCE_MISSING",
        "IDLE_DATA_ERROR",
    }
    assert {*ROW_NOTES, *single, "IDLE_PRICE_MISSING"} <= set(known)


def test_every_conclusion_has_words_and_idle_is_always_suspected() -> None:
    zh, en = labels("idle", "zh"), labels("idle", "en")
    for name, _, kind in DECISIONS:
        if kind.startswith("A") or kind == "B":
            assert "疑似" in zh[name]
            assert "uspected" in en[name]
        else:
            assert zh[name]
            assert en[name]
