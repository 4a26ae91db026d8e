"""Shapes and columns survive the way into the page and back."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from landzone.outputs.map_html import codec

SQUARE = shapely.box(114.0, 33.0, 114.001, 33.001)


def test_a_square_comes_back_with_four_corners_counter_clockwise() -> None:
    (rings,) = codec.unpacked_polygons(codec.packed_polygons([SQUARE]))
    (ring,) = rings
    assert ring.tolist() == [[114.0, 33.0], [114.001, 33.0], [114.001, 33.001], [114.0, 33.001]] or (
        sorted(map(tuple, ring.tolist()))
        == [(114.0, 33.0), (114.0, 33.001), (114.001, 33.0), (114.001, 33.001)]
    )
    assert shapely.LinearRing(ring).is_ccw


def test_a_hole_is_a_second_ring_that_runs_clockwise() -> None:
    pierced = SQUARE.difference(shapely.box(114.0002, 33.0002, 114.0004, 33.0004))
    (rings,) = codec.unpacked_polygons(codec.packed_polygons([pierced]))
    assert [shapely.LinearRing(ring).is_ccw for ring in rings] == [True, False]


def test_missing_and_empty_shapes_keep_their_place() -> None:
    shapes = [None, SQUARE, shapely.Polygon(), shapely.MultiPolygon([SQUARE, shapely.box(1, 1, 2, 2)])]
    packed = codec.packed_polygons(shapes)
    assert [len(rings) for rings in codec.unpacked_polygons(packed)] == [0, 1, 0, 2]
    assert packed.count == 4
    assert packed.bounds == (1.0, 1.0, 114.001, 33.001)


def test_how_many_shapes_are_taken_apart_at_a_time_changes_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = shapely.MultiPolygon([shapely.box(113, 33, 113.1, 33.1), shapely.box(114, 33, 114.1, 33.1)])
    shapes = [SQUARE, None, pair, shapely.Polygon(), SQUARE.buffer(0.001), pair, SQUARE]
    whole = codec.packed_polygons(shapes)
    monkeypatch.setattr(codec, "SHAPES_AT_ONCE", 2)
    assert codec.packed_polygons(shapes) == whole
    assert [len(rings) for rings in codec.unpacked_polygons(whole)] == [1, 0, 2, 0, 1, 2, 1]


def test_no_shapes_at_all() -> None:
    assert codec.unpacked_polygons(codec.packed_polygons([])) == []


def test_a_shape_of_a_few_centimetres_is_kept_on_a_finer_grid() -> None:
    tiny = shapely.box(114.0, 33.0, 114.0000003, 33.0000003)
    packed = codec.packed_polygons([tiny, SQUARE])
    assert packed.scale == 10_000_000
    assert [len(rings[0]) for rings in codec.unpacked_polygons(packed)] == [4, 4]
    assert codec.packed_polygons([SQUARE]).scale == 1_000_000


def test_corners_that_fall_together_are_left_out() -> None:
    dense = shapely.Polygon([(0, 0), (1e-8, 0), (1, 0), (1, 1), (1, 1 - 1e-9), (0, 1)])
    (rings,) = codec.unpacked_polygons(codec.packed_polygons([dense]))
    assert len(rings[0]) == 4


def test_varints_by_hand() -> None:
    assert codec.varints(np.array([0, 127, 128, 16384])).hex() == "00" + "7f" + "8001" + "808001"
    assert codec.varints(np.array([], dtype=np.int64)) == b""


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.floats(-179, 179), st.floats(-84, 84), st.floats(1e-4, 0.9), st.integers(3, 12)),
        max_size=8,
    )
)
def test_every_corner_comes_back_within_half_a_grid_step(
    plots: list[tuple[float, float, float, int]],
) -> None:
    shapes = []
    for lon, lat, size, corners in plots:
        turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
        shapes.append(
            shapely.Polygon(np.stack([lon + size * np.cos(turn), lat + size * np.sin(turn)], axis=1))
        )
    packed = codec.packed_polygons(shapes)
    for shape, rings in zip(shapes, codec.unpacked_polygons(packed), strict=True):
        wanted = shapely.get_coordinates(shapely.orient_polygons(shape).exterior)[:-1]
        got = rings[0]
        assert got.shape == wanted.shape
        assert np.abs(got - wanted).max() <= 0.5 / packed.scale + 1e-12


@pytest.mark.parametrize(
    "text", ["</script>", "{{ 1 }}", "{% raw", "{#", "a&b<c>", "\u2028\u2029", "\ud800", "{{{%"]
)
def test_json_is_no_markup_and_no_template_and_reads_back(text: str) -> None:
    written = codec.json_text({"name": text, "nested": {"deep": {}}, "list": [[{}]]})
    assert not re.search(r"[<>&\u2028\u2029]|\{\{|\{%|\{#", written)
    written.encode("utf-8")
    assert json.loads(written)["name"] == text


def test_numbers_read_back_to_the_last_bit() -> None:
    values: list[Any] = [0.1 + 0.2, 1 / 3, 27_999.9, None, 3]
    columns = codec.unpacked_columns(codec.packed_columns({"v": values}))
    assert columns == {"v": values}


def test_a_column_that_repeats_another_only_names_it_and_every_other_stands_alone() -> None:
    packed = codec.packed_columns({"a": [1, 2], "b": [1, 2], "c": [1.0, 2], "d": ["1", 2]})
    assert packed["b"] == {"same": "a"}
    assert json.loads(codec.inflated(packed["a"])) == [1, 2]
    assert json.loads(codec.inflated(packed["c"])) == [1.0, 2]
    assert json.loads(codec.inflated(packed["d"])) == ["1", 2]
