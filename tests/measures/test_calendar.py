"""The legal clock against the golden table and against a slow count by hand."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzone.measures.calendar import anniversary, first_day_full, to_days, years_elapsed
from landzone.model.study import Anniversary

CIVIL, CALENDAR = Anniversary.CIVIL, Anniversary.CALENDAR

GOLDEN = [
    ("2022-03-15", "2023-03-14", 0, 0),
    ("2022-03-15", "2023-03-15", 0, 1),
    ("2022-03-15", "2023-03-16", 1, 1),
    ("2022-03-15", "2024-03-15", 1, 2),
    ("2022-03-15", "2024-03-16", 2, 2),
    ("2020-02-29", "2021-02-28", 0, 1),
    ("2020-02-29", "2021-03-01", 1, 1),
    ("2020-02-29", "2022-02-28", 1, 2),
    ("2020-02-29", "2022-03-01", 2, 2),
    ("2023-02-28", "2024-02-28", 0, 1),
    ("2023-02-28", "2024-02-29", 1, 1),
    ("2023-12-31", "2024-12-31", 0, 1),
    ("2023-12-31", "2025-01-01", 1, 1),
]


@pytest.mark.parametrize(("start", "as_of", "civil", "calendar"), GOLDEN)
def test_golden_table_of_full_years(start: str, as_of: str, civil: int, calendar: int) -> None:
    assert years_elapsed([start], as_of, CIVIL).tolist() == [civil]
    assert years_elapsed([start], as_of, CALENDAR).tolist() == [calendar]


@pytest.mark.parametrize(
    ("start", "years", "expected"),
    [
        ("2020-02-29", 1, "2021-02-28"),
        ("2020-02-29", 4, "2024-02-29"),
        ("2096-02-29", 4, "2100-02-28"),
        ("2023-02-28", 1, "2024-02-28"),
        ("2023-12-31", 1, "2024-12-31"),
        ("2022-03-15", 0, "2022-03-15"),
    ],
)
def test_anniversary_keeps_month_and_day_and_ends_with_the_month(
    start: str, years: int, expected: str
) -> None:
    assert anniversary([start], years).astype(str).tolist() == [expected]


def test_years_may_differ_by_row() -> None:
    found = anniversary(["2020-02-29", "2020-02-29"], np.array([1, 4]))
    assert found.astype(str).tolist() == ["2021-02-28", "2024-02-29"]


def test_a_missing_date_stays_missing() -> None:
    days = np.array(["NaT", "2022-03-15"], dtype="datetime64[D]")
    assert np.isnat(anniversary(days, 1)).tolist() == [True, False]
    assert np.isnan(years_elapsed(days, "2023-03-16", CIVIL)).tolist() == [True, False]
    assert np.isnan(years_elapsed(["2022-03-15"], np.datetime64("NaT"), CIVIL)).all()
    assert np.isnat(first_day_full(days, 1, CIVIL)).tolist() == [True, False]


def test_no_year_has_passed_before_or_on_the_start() -> None:
    for reading in Anniversary:
        assert years_elapsed(["2030-01-01", "2022-03-15"], "2022-03-15", reading).tolist() == [0, 0]


def test_seconds_do_not_matter() -> None:
    assert to_days(np.array(["2022-03-15T23:59:59"], "datetime64[s]")).astype(str).tolist() == ["2022-03-15"]


def _slow_anniversary(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 2, 28)


def _slow_years(start: date, as_of: date, reading: Anniversary) -> int:
    years = 0
    while True:
        mark = _slow_anniversary(start, years + 1)
        if mark > as_of or (mark == as_of and reading is CIVIL):
            return years
        years += 1


DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2060, 12, 31))


@settings(derandomize=True, max_examples=300)
@given(DAYS, DAYS, st.sampled_from(list(Anniversary)))
def test_equals_a_count_year_by_year(start: date, as_of: date, reading: Anniversary) -> None:
    assert years_elapsed([start], as_of, reading).tolist() == [_slow_years(start, as_of, reading)]


@settings(derandomize=True, max_examples=200)
@given(DAYS, st.integers(1, 5), st.sampled_from(list(Anniversary)))
def test_the_first_full_day_is_the_day_on_which_the_count_steps(
    start: date, n: int, reading: Anniversary
) -> None:
    day = first_day_full([start], n, reading)[0].item()
    assert years_elapsed([start], day, reading).tolist() == [n]
    assert years_elapsed([start], day - timedelta(days=1), reading).tolist() == [n - 1]


@settings(derandomize=True, max_examples=200)
@given(DAYS, DAYS)
def test_the_readings_differ_on_the_anniversary_alone(start: date, as_of: date) -> None:
    civil, calendar = (years_elapsed([start], as_of, reading)[0] for reading in (CIVIL, CALENDAR))
    on_it = as_of > start and _slow_anniversary(start, as_of.year - start.year) == as_of
    assert calendar - civil == (1 if on_it else 0)
