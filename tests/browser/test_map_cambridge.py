"""The map of the whole of Cambridge in a real browser: opened from disk, nothing asked for, figures of the tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import landzone as lz
from landzone.outputs import map_html

STUDY = Path(__file__).parents[2] / "data" / "cambridge_ma" / "study.toml"


def test_cambridge_opens_from_disk_and_shows_the_figures_of_its_tables(
    tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    audit = lz.audit(lz.open_study(STUDY), as_of="2014-06-30", lang="en")
    opened = open_page(map_html.write(audit.study, audit.result, tmp_path))
    parcels = audit.parcels
    assert f"{len(parcels):,}" == "13,013"
    assert "13,013" in opened.texts(".lz-layers em")
    for place in (0, 6_500, len(parcels) - 1):
        opened.call(f"app.go(app.layers.parcels, {place})")
        assert opened.texts(".lz-card h2") == [parcels["parcel_id"].iloc[place]]
        hectares = parcels["area_m2"].iloc[place] / 10_000
        assert any(f"{hectares:,.4f}" in text for text in opened.texts(".lz-card *"))
