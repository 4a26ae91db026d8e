"""Who owns the ground, as sources write it."""

from __future__ import annotations

import pandas as pd
import pytest

from landzone.catalog.idle_law import ownership_words
from landzone.measures.ownership import ownership_kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("国有", "state"), ("国有建设用地使用权", "state"), (" 国有土地 ", "state"), ("G", "state"), ("20", "state"),
        ("State", "state"), ("集体", "collective"), ("农村集体经济组织", "collective"), ("J", "collective"),
        ("30", "collective"), ("国有、集体", "other"), ("争议", "other"), ("Z", "other"),
    ],
)  # fmt: skip
def test_words(text: str, kind: str) -> None:
    assert ownership_kind(pd.DataFrame({"ownership": [text]}), ownership_words()).tolist() == [kind]


def test_nothing_said_is_missing_and_an_unreadable_cell_is_not() -> None:
    parcels = pd.DataFrame(index=["P1", "P2", "P3", "P4"])
    parcels["ownership"] = pd.Series({"P1": "国有", "P3": ""}, dtype="str")
    parcels["rejected_cells"] = ["", "", "", "ownership"]
    kinds = ownership_kind(parcels, ownership_words())
    assert kinds.fillna("missing").to_dict() == {
        "P1": "state",
        "P2": "missing",
        "P3": "missing",
        "P4": "other",
    }


def test_no_column() -> None:
    kinds = ownership_kind(pd.DataFrame(index=["P1", "P2"]), ownership_words())
    assert kinds.isna().all()
    assert kinds.index.tolist() == ["P1", "P2"]
