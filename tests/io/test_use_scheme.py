"""In which scheme land uses are coded: 0601 is 工业用地 in one and 农村道路 in another."""

from __future__ import annotations

import pandas as pd
import pytest

from landzone.errors import Refusal
from landzone.io.use_scheme import add_use_classes
from landzone.model.problems import ProblemKind, Problems


def classes(
    codes: list[str | None],
    names: list[str | None] | None = None,
    header: str = "use_code",
    stated: str | None = None,
) -> tuple[pd.DataFrame, str, Problems]:
    frame = pd.DataFrame({"use_code": pd.Series(codes, dtype="str")})
    if names is not None:
        frame["use_name"] = pd.Series(names, dtype="str")
    problems = Problems()
    frame, scheme = add_use_classes(frame, source="p.shp", header=header, stated=stated, problems=problems)
    return frame, scheme, problems


@pytest.mark.parametrize(
    ("code", "scheme", "common", "industrial"),
    [
        ("0601", "third-survey", "C", True),
        ("0602", "third-survey", "C", False),
        ("0508", "third-survey", "C", False),
        ("0201K", "third-survey", "N", False),
        ("08H2A", "third-survey", "C", False),
        ("1101", "third-survey", "W", False),
        ("0601", "gbt21010-2017", "C", True),
        ("0604", "gbt21010-2017", "C", False),
        ("0601", "land-sea-2023", "N", False),
        ("100102", "land-sea-2023", "C", True),
        ("1001/11", "land-sea-2020", "C", True),
        ("2303", "land-sea-2020", "N", False),
        ("M2", "gb50137", "C", True),
        ("H5", "gb50137", "C", False),
        ("E1", "gb50137", "W", False),
    ],
)
def test_a_stated_scheme_reads_the_code(code: str, scheme: str, common: str, industrial: bool) -> None:
    frame, used, _ = classes([code], stated=scheme)
    assert used == scheme
    assert frame["use_common"].tolist() == [common]
    assert frame["use_is_industrial"].tolist() == [industrial]


def test_a_class_that_does_not_tell_is_unknown() -> None:
    frame, _, _ = classes(["06", "0601", None], stated="third-survey")
    assert frame["use_is_industrial"].isna().tolist() == [True, False, True]
    assert frame["use_common"].isna().tolist() == [False, False, True]


def test_the_field_name_decides() -> None:
    frame, scheme, problems = classes(["0601", "0701"], header="DLBM")
    assert scheme == "third-survey"
    assert frame["use_is_industrial"].tolist() == [True, False]
    assert problems.frame(ProblemKind.NOTE)["code"].tolist() == ["USE_SCHEME"]
    frame, scheme, _ = classes(["0601", "1001"], header="YDYHFLDM")
    assert scheme == "land-sea-2023"
    assert frame["use_is_industrial"].tolist() == [False, True]


def test_names_decide_where_the_field_name_does_not() -> None:
    assert classes(["0601"], ["工业用地"])[1] == "third-survey"
    assert classes(["1001"], ["工业用地"])[1] in ("land-sea-2023", "land-sea-2020")


def test_two_schemes_that_differ_are_refused() -> None:
    with pytest.raises(Refusal, match=r"USE_SCHEME_AMBIGUOUS.*third-survey.*land-sea-2023.*0601"):
        classes(["0601"])


def test_names_that_contradict_the_scheme_are_refused() -> None:
    with pytest.raises(Refusal, match=r"USE_SCHEME_CONFLICT.*0601 农村道路"):
        classes(["0601"], ["农村道路"], stated="third-survey")
    with pytest.raises(Refusal, match=r"USE_SCHEME_CONFLICT.*1001 工业用地"):
        classes(["1001"], ["工业用地"], header="DLBM")


def test_a_name_of_ones_own_contradicts_nothing() -> None:
    assert classes(["0601"], ["一号厂区"], header="DLBM")[1] == "third-survey"


def test_codes_of_no_scheme_are_left_alone() -> None:
    frame, scheme, problems = classes(["IND-1", "RES-2"])
    assert scheme == ""
    assert list(frame.columns) == ["use_code"]
    assert problems.frame(ProblemKind.NOTE)["code"].tolist() == ["USE_SCHEME_UNKNOWN"]


def test_a_single_odd_code_is_unknown_and_listed() -> None:
    frame, scheme, problems = classes(["0601"] * 19 + ["9999"], header="DLBM")
    assert scheme == "third-survey"
    assert frame["use_common"].tolist()[-1] == "?"
    assert pd.isna(frame["use_is_industrial"].iloc[-1])
    assert "USE_CODE_UNMAPPED" in problems.frame(ProblemKind.NOTE)["code"].tolist()
