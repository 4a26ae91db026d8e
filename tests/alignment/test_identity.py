"""Ids of patches: what they are made of, and that no two patches share one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from landzone.alignment import identity
from landzone.alignment.identity import patch_ids


def words(*texts: str) -> list[np.ndarray]:
    return [np.array(texts, dtype=object)]


def test_an_id_is_the_hash_of_zone_codes_and_cell() -> None:
    """Area 400 m²: cells of 16 m, centre 14, 14 in cell 0, 0. By hand, as ``tr`` has the letters:

    printf 'Z1\\x1e4,0,0' | openssl dgst -sha256 -binary | head -c 10 | base32 | tr A-Z2-7 0-9a-hjkmnp-tv-z
    """
    found, _ = patch_ids(np.array([shapely.box(4, 4, 24, 24)]), words("Z1"))
    assert found == ["Pw98g9pqdbhfrfpn9"]


def test_patches_of_one_zone_with_the_same_codes_in_one_cell_are_numbered() -> None:
    shapes = np.array([shapely.box(0, 0, 4, 4), shapely.box(0.25, 0, 4.25, 4), shapely.box(0, 0, 4, 4)])
    ids, keys = patch_ids(shapes, words("Z1", "Z1", "Z2"))
    assert (ids[1], keys[1]) == (f"{ids[0]}-2", f"{keys[0]}-2")
    assert [one[17:] for one in ids] == ["", "-2", ""]
    assert len(set(ids)) == len(set(keys)) == 3


def test_no_two_patches_share_an_id_even_where_hashes_are_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 256 hashes for 400 zones."""
    monkeypatch.setattr(identity, "HASH_BYTES", 1)
    shapes = np.array([shapely.box(n, 0, n + 1, 1) for n in range(400)])
    ids, keys = patch_ids(shapes, words(*(f"Z{n}" for n in range(400))))
    assert len({one.partition("-")[0] for one in ids}) < 256
    assert len(set(ids)) == len(set(keys)) == 400


def test_ids_have_16_letters_and_digits_none_of_which_is_mistaken_for_another() -> None:
    shapes = np.array([shapely.box(n, 0, n + 1, 1) for n in range(500)])
    ids, keys = patch_ids(shapes, words(*(f"Z{n}" for n in range(500))))
    assert {len(one) for one in (*ids, *keys)} == {17}
    assert {one[0] for one in ids} == {"P"}
    assert {one[0] for one in keys} == {"K"}
    assert set("".join(one[1:] for one in ids)) == set("0123456789abcdefghjkmnpqrstvwxyz")
