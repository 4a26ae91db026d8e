"""All outputs of an audit: which are made at the same time changes nothing in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from landzone import outputs


def test_a_workbook_that_waits_for_the_pages_is_the_same(
    made_up: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = made_up.hostile()
    told: dict[int, list[str]] = {}
    for most in (outputs.MANY_PARCELS, 0):
        monkeypatch.setattr(outputs, "MANY_PARCELS", most)
        folder = tmp_path / str(most)
        folder.mkdir()
        told[most] = []
        outputs.write_all(made.study, made.result, folder, lambda name, _, most=most: told[most].append(name))
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / str(most)).iterdir()} for most in told)
    assert one == two
    assert {"audit.gpkg", "audit.xlsx", "map.html", "report.html", "report.docx"} <= set(one)
    pages = ["map.html", "report.html", "report.docx", "deadlines.ics"]
    assert list(told.values()) == [[*pages, "audit.gpkg", "audit.xlsx"]] * 2
