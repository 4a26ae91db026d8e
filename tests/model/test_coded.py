"""Texts by codes of few words say what the texts say."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landzone.model.coded import alike, as_coded, coded, in_texts, one_word, told_by


def test_codes_take_a_byte_a_row_and_stand_in_the_order_of_the_words() -> None:
    own = coded(["b", "a", None], np.array([0, 1, 2, 0]))
    assert own.codes.tolist() == [1, 0, -1, 1]
    assert own.codes.dtype == np.int8
    assert pd.Series(own).sort_values().tolist()[:3] == ["a", "b", "b"]


def test_texts_of_which_most_differ_stay_texts() -> None:
    places = np.array([0, 1, 2, 2])
    assert told_by(["a", "b"], np.array([0, 1, 1, 1])).dtype == "category"
    assert told_by(["a", "b", "c"], places).tolist() == ["a", "b", "c", "c"]
    assert told_by(["a", "b", "c"], places).dtype == "str"


def test_a_frame_in_texts_has_the_words_in_the_place_of_the_codes_and_its_numbers_as_they_were() -> None:
    frame = pd.DataFrame(
        {
            "verdict": as_coded(pd.Series(["pass", None, "pass"])),
            "gap": [1.0, 2.0, 3.0],
            "op": one_word(">=", 3),
        }
    )
    plain = in_texts(frame)
    assert plain.dtypes.astype(str).to_dict() == {"verdict": "str", "gap": "float64", "op": "str"}
    assert plain["verdict"].fillna("-").tolist() == ["pass", "-", "pass"]
    assert plain["op"].tolist() == [">=", ">=", ">="]
    assert in_texts(plain) is plain


def test_rows_that_say_the_same_share_a_number_missing_values_among_them() -> None:
    frame = pd.DataFrame({"rule": ["a", "a", "b", "a"], "limit": [np.nan, 0.5, np.nan, np.nan]})
    place, first = alike(frame)
    assert place.tolist() == [0, 1, 2, 0]
    assert first.tolist() == [0, 1, 2]
