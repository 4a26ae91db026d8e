"""Places and order of ids are those of the library, without its tables of objects."""

from __future__ import annotations

import pandas as pd
import pytest

from landzone.model.ids import places, ranks, without_lookups


@pytest.mark.parametrize("kind", ["str", "object"])
def test_places_are_those_that_the_index_itself_would_tell(kind: str) -> None:
    index = pd.Index(["P3", "P1", "地块"], dtype=kind)
    asked = pd.Series(["地块", "P2", None, "P3", "P3"], dtype=kind)
    assert places(asked, index).tolist() == [2, -1, -1, 0, 0]


def test_ranks_stand_in_the_order_of_the_texts_and_missing_ones_last() -> None:
    assert ranks(pd.Series(["b", "a", None, "b", "B"], dtype="str")).tolist() == [2, 1, 3, 2, 0]


def test_ids_without_look_ups_are_the_same_ids() -> None:
    ids = pd.Index(["b", "a"], dtype="str", name="parcel_id")
    assert ids.get_loc("a") == 1
    bare = without_lookups(ids)
    assert bare.equals(ids)
    assert (bare.name, bare.get_loc("b")) == ("parcel_id", 0)
