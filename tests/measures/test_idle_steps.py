"""The steps of the clock tell what decided, in words and numbers that can be checked by hand."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from landzone.catalog import load
from landzone.catalog.idle_law import clause_words, idle_terms
from landzone.catalog.idle_steps import clock_lines, step_line
from landzone.catalog.labels import labels
from landzone.measures.idle import classify
from landzone.measures.idle_steps import clock_steps
from landzone.model.study import Anniversary, IdleSettings
from landzone.shaping import presentable

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "idle.toml").read_text(encoding="utf-8"))["case"]
DAY = date(2026, 6, 30)
DELAYED = {"agreed_start": date(2024, 1, 10), "started": False, "gov_cause_code": "G2"}


def row(**own: Any) -> dict[str, Any]:
    frame, day = pd.DataFrame(index=[0]), own.pop("as_of", DAY)
    for name, value in own.items():
        if isinstance(value, date):
            frame[name if name.endswith("_date") else f"{name}_date"] = pd.to_datetime([value])
        elif name in ("land_price", "invested_ex_land", "total_invest_ex_land"):
            frame[f"{name}_fen"] = pd.array([int(Decimal(str(value)) * 100)], "Int64")
        elif name in ("developed_area", "required_area"):
            frame[f"{name}_m2"] = [float(value)]
        elif isinstance(value, bool):
            frame[name] = pd.array([value], "boolean")
        else:
            frame[name] = pd.Series([value], dtype="str")
    idle = classify(frame, day, IdleSettings(), idle_terms(), pd.Series(["state"]))
    if "land_price_fen" in frame:
        frame["own_land_price_fen"] = frame["land_price_fen"]
    shown = presentable(pd.concat([frame, idle], axis=1), "wan_cny")
    return dict(shown.iloc[0])


def keys(**own: Any) -> list[str]:
    steps = clock_steps(row(**own), DAY, Anniversary.CIVIL, idle_terms())
    return [step.key for step in steps]


def test_the_fee_of_a_year_is_shown_with_its_arithmetic() -> None:
    lines = clock_lines(row(agreed_start=date(2025, 3, 15), started=False, land_price=4_704_000), DAY)
    assert lines == [
        "应动工日为 2025-03-15，依据：合同。（依据：第二条第一款、第二款）",
        "台账记为未动工。",
        "自 2025-03-15 起，2026-03-16 满一年，2027-03-16 满两年（周年日的次日为满）；"
        "审查基准日 2026-06-30，已满 1 个期限。"
        "（依据：第二条第一款、第二款）",
        "没有填写政府原因或不可抗力，视为未主张。",
        "判定表第 16 行：疑似闲置满一年（第十四条第一项）。",
        "土地闲置费测算：1/5 × 土地价款 470.4 万元 = 94.08 万元（精确到分，四舍五入）。（依据：第十四条第一项）",
        "事实不变时，下一次变化在 2027-03-16（还有 259 天）。",
    ]


def test_a_suspension_shows_both_comparisons_without_division() -> None:
    own = row(
        actual_start=date(2023, 3, 1),
        suspended_since=date(2025, 6, 29),
        developed_area=2000,
        required_area=8000,
    )
    steps = {s.key: s.values for s in clock_steps(own, DAY, Anniversary.CIVIL, idle_terms())}
    assert {n: steps["area_below"][n] for n in ("part", "left", "right")} == {
        "part": "2000", "left": "6000", "right": "8000",
    }  # fmt: skip
    assert steps["pause"]["full"] == "2026-06-30"
    assert "investment_unknown" in steps


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({"completed": True}, ["completed", "decision"]),
        ({"reclaimed": True}, ["reclaimed", "decision"]),
        ({"actual_finish": date(2026, 6, 30)}, ["finished", "decision"]),
        ({}, ["term_none", "start_blank", "decision", "missing"]),
        ({"agreed_start": date(2026, 9, 1)}, ["term", "start_blank", "years_not_due", "decision", "next"]),
        (
            {"actual_start": date(2024, 5, 1), "agreed_start": date(2024, 3, 1)},
            ["term", "started_late", "pause_none", "decision"],
        ),
        (
            {"delivery_date": date(2023, 1, 1), "started": False},
            ["term_presumed", "not_started", "years", "cause_none", "decision", "recovery"],
        ),
        (DELAYED, ["term", "not_started", "years", "cause_claimed", "decision"]),
        (
            {**DELAYED, "gov_cause_verified": True},
            ["term", "not_started", "years", "cause_verified", "decision"],
        ),
    ],
)  # fmt: skip
def test_the_steps_stop_where_the_table_decides(own: dict[str, Any], expected: list[str]) -> None:
    assert keys(**own) == expected


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_every_case_of_the_truth_table_can_be_told(case: dict[str, Any], lang: str) -> None:
    own = {**case["project"], "as_of": case["as_of"]}
    day = own.pop("as_of")
    lines = clock_lines(row(as_of=day, **own), day, lang)
    assert lines
    assert not any("{" in line for line in lines)


def test_every_step_has_a_sentence_in_both_languages() -> None:
    assert set(labels("idle_steps", "zh")) == set(labels("idle_steps", "en"))


def test_a_clause_is_written_as_the_language_writes_it() -> None:
    step = clock_steps(
        row(delivery_date=date(2023, 1, 1), started=False), DAY, Anniversary.CIVIL, idle_terms()
    )[0]
    assert step_line(step, "en").endswith(" (basis: art. 22, para. 2)")
    assert step_line(step, "zh").endswith("（依据：第二十二条第二款）")
    assert clause_words("第三十一条", "en") == "art. 31"
    assert clause_words("第十二条第一款第三项", "en") == "art. 12, para. 1, item 3"
    assert clause_words("民法典第二百零一条至第二百零三条", "en") == "民法典第二百零一条至第二百零三条"


def test_the_law_says_which_terms_were_not_seen_in_its_text() -> None:
    law = load.table("idle_law.toml")
    kinds = ("terms", "procedure", "causes", "assumptions")
    marked = {name for kind in kinds for name, entry in law[kind].items() if entry.get("unverified")}
    assert marked == {"hearing", "anniversary"}


PAUSED = {
    "actual_start_date": "2023-01-01", "suspended_since_date": "2024-02-29", "disposal_start_date": "2025-01-10",
    "effective_start_date": "2025-01-10", "conclusion": "suspended_short", "decision_row": 7, "idle_class": "B",
    "developed_area_m2": 10.0, "required_area_m2": 90.0, "area_below_third": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("basis", "anew", "key", "full"),
    [
        ("disposal", "2025-01-10", "pause_anew", "2026-01-11"),  # the day after the anniversary
        ("contract", "2025-01-10", "pause", "2025-03-01"),  # no disposal: the first date counts
        ("disposal", "2023-06-01", "pause", "2025-03-01"),  # agreed anew before the pause
    ],
)
def test_a_pause_counts_from_the_date_agreed_anew_where_that_is_later(
    basis: str, anew: str, key: str, full: str
) -> None:
    paused = {**PAUSED, "start_basis": basis, "disposal_start_date": anew}
    steps = {s.key: s.values for s in clock_steps(paused, DAY, Anniversary.CIVIL, idle_terms())}
    assert steps[key]["full"] == full


def test_a_share_of_nothing_cannot_be_taken() -> None:
    for whole, key in ((90.0, "area_below"), (0.0, "area_unknown"), (None, "area_unknown")):
        paused = {**PAUSED, "start_basis": "contract", "required_area_m2": whole}
        assert key in [s.key for s in clock_steps(paused, DAY, Anniversary.CIVIL, idle_terms())]
