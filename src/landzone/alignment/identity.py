"""Ids of patches that outlive small changes of their shape, so that two audits can be compared."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from landzone.geometry.grid_cut import Shapes
from landzone.units import FloatArray

LEAST_CELL_M = 1.0
LETTERS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghjkmnpqrstvwxyz")
"""From the base 32 of RFC 4648 to that of Crockford, which has no i, l, o and u: nothing is misread from paper."""

HASH_BYTES = 10
"""80 bits: among 300 million patches of a country two share a hash with a chance of 1 in 27 million."""


def patch_ids(shapes: Shapes, said: Sequence[NDArray[np.object_]]) -> tuple[list[str], list[str]]:
    """Return for every patch its id and a second key; the same patch drawn a little differently keeps one of them.

    id = hash of what is said there (zone, codes) and of the cell in which the centroid lies. The cell is as wide as
    the patch, √area rounded down to a power of two (at least 1 m), so that a change has to be large beside the patch
    to move the id. A centroid near a line may cross it all the same: the second key comes from cells that are set
    off by half a cell and half a size class. Patches of one zone with the same codes in one cell are numbered.

    Parameters
    ----------
    shapes : polygons in canonical order, in the working plane
    said : text arrays, one entry a patch: zone, then the code of each plan

    Examples
    --------
    >>> zone = [np.array(["Z1", "Z1"], dtype=object)]
    >>> one, key = patch_ids(np.array([shapely.box(4, 4, 24, 24), shapely.box(40, 0, 60, 20)]), zone)
    >>> two, _ = patch_ids(np.array([shapely.box(4, 4, 24, 24.001), shapely.box(41, 0, 61, 20)]), zone)
    >>> one == two, one[0] == key[0], len(set(one))
    (True, False, 2)
    """
    side = np.log2(np.maximum(np.sqrt(shapely.area(shapes)), LEAST_CELL_M))
    centre = shapely.get_coordinates(shapely.centroid(shapes)).reshape(-1, 2)
    words = ["\x1f".join(map(str, texts)) for texts in zip(*said, strict=True)]
    return _named(words, side, centre, 0.0, "P"), _named(words, side, centre, 0.5, "K")


def _named(words: list[str], side: FloatArray, centre: FloatArray, shift: float, mark: str) -> list[str]:
    level = np.floor(side + shift)
    cell = np.floor(centre / np.exp2(level)[:, None] + shift)
    places = np.column_stack([level, cell]).astype(np.int64).tolist()
    taken: dict[str, int] = {}
    names = []
    for text, place in zip(words, places, strict=True):
        content = f"{text}\x1e{place[0]},{place[1]},{place[2]}"
        name = mark + _hash(content)
        taken[name] = taken.get(name, 0) + 1
        names.append(name if taken[name] == 1 else f"{name}-{taken[name]}")
    return names


def _hash(content: str) -> str:
    """Return the beginning of the SHA-256 of a text in 16 letters and digits."""
    begin = hashlib.sha256(content.encode()).digest()[:HASH_BYTES]
    return base64.b32encode(begin).translate(LETTERS).decode()
