"""Polygons and columns as small text: integers of 1e-6 degree, deltas, varints, deflate, base64.

The page draws what stands here and never measures it: figures come from the tables of the audit.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

COARSE = 1_000_000
FINE = 10_000_000
_SURROGATE = re.compile("[\ud800-\udfff]")
_COLLAPSED = 3
"""A ring with fewer corners than this is no ground any more."""

IntArray = NDArray[np.int64]

SHAPES_AT_ONCE = 20_000
"""Shapes that are taken apart at one time."""


@dataclass(frozen=True)
class Packed:
    """Encoded polygons: ``text`` is base64, ``scale`` the integers in one degree."""

    text: str
    scale: int
    count: int
    bounds: tuple[float, float, float, float]


_LEVEL = 6
"""Level 9 takes three times as long for a hundredth of the size."""


def deflated(data: bytes) -> str:
    """Return raw deflate of some bytes as base64 text."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
    return base64.b64encode(packer.compress(data) + packer.flush()).decode("ascii")


def inflated(text: str) -> bytes:
    """Return the bytes behind ``deflated``.

    >>> inflated(deflated(b"land"))
    b'land'
    """
    return zlib.decompress(base64.b64decode(text), -15)


def varints(values: IntArray) -> bytes:
    """Return non-negative integers as little-endian groups of seven bits.

    >>> varints(np.array([1, 300])).hex()
    '01ac02'
    """
    left = np.asarray(values, dtype=np.uint64)
    if not left.size:
        return b""
    lengths = np.ones(left.size, dtype=np.int64)
    for bits in range(7, 63, 7):
        lengths += left >= np.uint64(1 << bits)
    starts = np.cumsum(lengths) - lengths
    out = np.zeros(int(lengths.sum()), dtype=np.uint8)
    for place in range(int(lengths.max())):
        has = lengths > place
        groups = (left[has] >> np.uint64(7 * place)) & np.uint64(0x7F)
        more = (lengths[has] > place + 1).astype(np.uint64) << np.uint64(7)
        out[starts[has] + place] = (groups | more).astype(np.uint8)
    return out.tobytes()


def zigzag(values: IntArray) -> IntArray:
    """Fold the sign into the lowest bit, so that small steps stay small.

    >>> zigzag(np.array([0, -1, 1, -2])).tolist()
    [0, 1, 2, 3]
    """
    numbers = np.asarray(values, dtype=np.int64)
    return (numbers << 1) ^ (numbers >> 63)


def packed_polygons(shapes: Any) -> Packed:
    """Encode polygons in degrees; missing or empty shapes become features without rings.

    Stream of varints: number of features, rings of each feature, corners of each ring, then for each
    corner the zigzag step in longitude and latitude from the corner before (the first from 0, 0).
    Outer rings run counter-clockwise and holes clockwise. Closing corners and corners that fall
    together are left out. Integers are 1e-6 degree (0.1 m); 1e-7 where a ring would collapse.

    Parameters
    ----------
    shapes : array of Polygon or MultiPolygon
        Longitude and latitude in degrees.
    """
    size = len(shapes)
    rings_of, degrees, corner_ring = _rings(np.asarray(shapes, dtype=object))
    ring_count = int(rings_of.sum())
    del shapes  # the shapes weigh as much as the layer
    for scale in (COARSE, FINE):
        steps, counts = _corners(degrees, corner_ring, ring_count, scale)
        if not len(counts) or counts.min() >= _COLLAPSED:
            break
    flat = np.diff(steps, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel()
    data = varints(np.array([size])) + varints(rings_of) + varints(counts) + varints(zigzag(flat))
    low, high = (degrees.min(axis=0), degrees.max(axis=0)) if len(degrees) else (np.zeros(2), np.zeros(2))
    bounds = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return Packed(deflated(data), scale, size, tuple(round(v, 7) for v in bounds))  # type: ignore[arg-type]


def _rings(shapes: NDArray[np.object_]) -> tuple[IntArray, NDArray[np.float64], IntArray]:
    """Return how many rings each shape has, the corners of all rings, and the ring of each corner.

    Shapes are taken apart some thousands at a time: rings weigh as much as the shapes, and so do turned polygons.
    """
    count = 0
    rings_of, corners, ring_of = [np.zeros(0, np.int64)], [np.zeros((0, 2))], [np.zeros(0, np.int64)]
    for first in range(0, len(shapes), SHAPES_AT_ONCE):
        part = shapes[first : first + SHAPES_AT_ONCE]
        owners, polygons = _polygons(part)
        rings, owner = shapely.get_rings(polygons, return_index=True)
        rings_of.append(np.bincount(owners[owner], minlength=len(part)))
        degrees, ring = shapely.get_coordinates(rings, return_index=True)
        corners.append(degrees)
        ring_of.append(ring + count)
        count += len(rings)
    return np.concatenate(rings_of), np.concatenate(corners), np.concatenate(ring_of)


def _polygons(whole: NDArray[np.object_]) -> tuple[IntArray, NDArray[np.object_]]:
    there = np.array([shape is not None and not shape.is_empty for shape in whole], dtype=bool)
    places = np.flatnonzero(there)
    parts, part_of = shapely.get_parts(whole[there], return_index=True)
    areal = shapely.get_dimensions(parts) == 2
    turned = shapely.orient_polygons(shapely.force_2d(parts[areal]), exterior_cw=False)
    return places[part_of[areal]].astype(np.int64), turned


def _corners(
    degrees: NDArray[np.float64], ring: IntArray, rings: int, scale: int
) -> tuple[IntArray, IntArray]:
    grid = np.rint(degrees * scale).astype(np.int64)
    if not len(grid):
        return grid.reshape(0, 2), np.zeros(rings, dtype=np.int64)
    fresh = np.ones(len(grid), dtype=bool)
    fresh[1:] = (ring[1:] != ring[:-1]) | (grid[1:] != grid[:-1]).any(axis=1)
    kept, owner = grid[fresh], ring[fresh]
    first = np.searchsorted(owner, np.arange(rings))
    last = np.searchsorted(owner, np.arange(rings), side="right") - 1
    closing = last[(last > first) & (kept[last] == kept[first]).all(axis=1)]
    open_ = np.ones(len(kept), dtype=bool)
    open_[closing] = False
    return kept[open_], np.bincount(owner[open_], minlength=rings)


def unpacked_polygons(packed: Packed) -> list[list[NDArray[np.float64]]]:
    """Decode polygons again: for each feature its rings as corners in degrees, not closed."""
    numbers = _numbers(inflated(packed.text))
    features = int(numbers[0])
    rings_of = numbers[1 : 1 + features]
    ring_count = int(rings_of.sum())
    counts = numbers[1 + features : 1 + features + ring_count]
    folded = numbers[1 + features + ring_count :]
    steps = (folded >> 1) ^ -(folded & 1)
    corners = np.cumsum(steps.reshape(-1, 2), axis=0) / packed.scale
    rings = np.split(corners, np.cumsum(counts)[:-1]) if ring_count else []
    ends = np.cumsum(rings_of)
    return [rings[end - size : end] for end, size in zip(ends, rings_of, strict=True)]


def _numbers(data: bytes) -> IntArray:
    octets = np.frombuffer(data, dtype=np.uint8).astype(np.int64)
    ends = np.flatnonzero(octets < 0x80)
    starts = np.concatenate([[0], ends[:-1] + 1])
    place = np.arange(octets.size) - np.repeat(starts, ends - starts + 1)
    return np.add.reduceat((octets & 0x7F) << (7 * place), starts)


def json_text(value: Any) -> str:
    """Return JSON that is safe inside a page and can never be a template.

    ``<``, ``>``, ``&``, the separators U+2028 and U+2029 and unpaired surrogates are escaped; so is every
    brace that would open ``{{``, ``{%`` or ``{#`` (outside of strings none occurs).

    >>> print(json_text({"name": "</script>{{ 1 }}"}))
    {"name":"\\u003c/script\\u003e\\u007b\\u007b 1 }}"}
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in ("<", ">", "&", "\u2028", "\u2029"):
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    text = text.replace("{{", "\\u007b\\u007b").replace("{%", "\\u007b%").replace("{#", "\\u007b#")
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def packed_columns(columns: dict[str, Any] | Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return each column as deflated JSON in base64; one that equals an earlier one only names it.

    Every column stands alone, so that the page decodes none before it is asked for; of columns that come one after the
    other only one is held at a time.

    >>> packed = packed_columns({"a": [1, 2], "b": [1, 2]})
    >>> packed["b"], unpacked_columns(packed)
    ({'same': 'a'}, {'a': [1, 2], 'b': [1, 2]})
    """
    packed: dict[str, Any] = {}
    first: dict[bytes, str] = {}
    for key, values in columns.items() if isinstance(columns, dict) else columns:
        text = json.dumps(values, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode("ascii")
        earlier = first.setdefault(hashlib.sha256(text).digest(), key)
        packed[key] = deflated(text) if earlier == key else {"same": earlier}
    return packed


def unpacked_columns(packed: dict[str, Any]) -> dict[str, Any]:
    """Return the columns behind ``packed_columns``."""
    own = {key: json.loads(inflated(text)) for key, text in packed.items() if isinstance(text, str)}
    return {key: own[key if isinstance(text, str) else text["same"]] for key, text in packed.items()}


def dictionary(values: list[str | None]) -> dict[str, Any]:
    """Return a text column as a sorted dictionary and places in it (-1: missing).

    >>> dictionary(["b", None, "a", "b"])
    {'d': ['a', 'b'], 'i': [1, -1, 0, 1]}
    """
    words = sorted({value for value in values if value is not None})
    place: dict[str | None, int] = {word: i for i, word in enumerate(words)}
    place[None] = -1
    return {"d": words, "i": list(map(place.__getitem__, values))}
