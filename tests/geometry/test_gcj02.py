"""Shifted positions against the table of golden points: WGS 84 and GCJ-02."""

from __future__ import annotations

import numpy as np
import pytest

from landzone.geometry.gcj02 import from_gcj02, to_gcj02

GOLDEN = [
    ((114.022, 32.98), (114.02788013, 32.97816541)),
    ((114.2975, 35.7473), (114.30342940, 35.74723137)),
    ((109.0293, 32.6903), (109.03416633, 32.68823242)),
]


@pytest.mark.parametrize(("wgs", "gcj"), GOLDEN)
def test_golden_points(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    assert np.abs(to_gcj02(np.array([wgs])) - gcj).max() < 1e-8


def test_there_and_back_again_over_the_whole_country() -> None:
    lon, lat = np.meshgrid(np.linspace(74, 134, 61), np.linspace(18, 53, 36))
    places = np.stack([lon.ravel(), lat.ravel()], axis=1)
    assert np.abs(from_gcj02(to_gcj02(places)) - places).max() < 1e-9


def test_nothing_moves_outside_china_and_missing_stays_missing() -> None:
    places = np.array([[-71.1, 42.37], [140.0, 35.0], [np.nan, np.nan]])
    assert np.array_equal(to_gcj02(places), places, equal_nan=True)
