"""The answer for a boundary from what a parcel of its shape is told and from its themes."""

from __future__ import annotations

import pytest

from landzone.alignment.conformity import Conformity
from landzone.alignment.verdicts import Answer, State, Theme, conclude


def theme(kind: str, verdict: Answer) -> Theme:
    return Theme(kind, "one", State.CONCERNED, verdict)


@pytest.mark.parametrize(
    ("found", "plan", "line", "answer"),
    [
        ("conforms", "conforms", "conforms", "conforms"),
        ("conforms", "conforms", "unknown", "unknown"),
        ("partly", "partly", "conforms", "partly"),
        ("partly", "partly", "unknown", "partly"),
        ("partly", "conforms", "conflicts", "partly"),
        ("partly", "unknown", "conforms", "unknown"),
        ("conflicts", "conflicts", "conforms", "conflicts"),
        ("conflicts", "conflicts", "unknown", "conflicts"),
        ("no_plan", "unknown", "conforms", "unknown"),
        ("no_plan", "unknown", "conflicts", "conflicts"),
    ],
)
def test_the_conclusion_is_never_better_than_its_themes(
    found: str, plan: str, line: str, answer: str
) -> None:
    themes = [theme("plan", Answer(plan)), theme("line", Answer(line))]
    assert conclude(Conformity(found), themes) is Answer(answer)
