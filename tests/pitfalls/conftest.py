"""A scene of four hectares in a row, written by GeoPandas, with exactly one thing wrong; opened by the public door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

import landzone as lz
from landzone.model.problems import ProblemKind

X, Y = 527000.0, 3958000.0


def plot(number: int, *, x: float = X, y: float = Y, side: float = 100.0) -> shapely.Polygon:
    """Return the hectare number 0, 1, 2 … of the row."""
    return shapely.box(x + side * number, y, x + side * (number + 1), y + side)


@dataclass
class Scene:
    """A folder in which a study is put together."""

    folder: Path

    def layer(
        self,
        file: str,
        shapes: Sequence[Any] | None = None,
        crs: str | None = "EPSG:4547",
        **columns: Sequence[Any],
    ) -> gpd.GeoDataFrame:
        """Write a layer; parcels P1, P2 … where no columns are given."""
        shapes = [plot(n) for n in range(4)] if shapes is None else list(shapes)
        ids = {"parcel_id": [f"P{n + 1}" for n in range(len(shapes))]} if file.startswith("parcels") else {}
        frame = gpd.GeoDataFrame({**ids, **columns}, geometry=shapes, crs=crs)
        frame.to_file(self.folder / file)
        return frame

    def text(self, name: str, content: str) -> None:
        (self.folder / name).write_text(content, encoding="utf-8")

    def ledger(self, *rows: Sequence[Any], name: str = "projects.xlsx") -> Any:
        """Write a workbook; the first row is the header."""
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(list(row))
        book.save(self.folder / name)
        return book

    def study(self, text: str = "") -> lz.Study:
        """Open the folder, by a study file where one is given."""
        if text:
            self.text("study.toml", text)
        return lz.open_study(self.folder)

    def audit(self, text: str = "", as_of: str = "2013-06-30") -> lz.Audit:
        return lz.audit(self.study(text), as_of=as_of)

    def refused(self, code: str, *words: str, text: str = "") -> lz.Refusal:
        """Open the folder, expect a refusal that names what is wrong and what to do, in both languages."""
        with pytest.raises(lz.Refusal, match=code) as caught:
            self.study(text)
        assert caught.value.code == code
        said = caught.value.text("zh") + caught.value.text("en")
        assert [word for word in words if word not in said] == []
        for lang, end in (("zh", "。"), ("en", ".")):
            assert caught.value.texts[lang].count(end) >= 2, "what is wrong and what to do"
        return caught.value


def listed(study: lz.Study, kind: str) -> pd.DataFrame:
    """Return rejects, repairs or notes of a study."""
    return study.problems.frame(ProblemKind(kind))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    (tmp_path / "study").mkdir()
    return Scene(tmp_path / "study")


@pytest.fixture
def codes() -> Callable[[lz.Study, str], dict[str, list[str]]]:
    """Return a function that lists the ids under each code."""

    def run(study: lz.Study, kind: str) -> dict[str, list[str]]:
        frame = listed(study, kind)
        return {str(code): sorted(part["subject_id"]) for code, part in frame.groupby("code")}

    return run


@pytest.fixture
def hectare() -> Callable[..., shapely.Polygon]:
    """Return the function that draws the plots of the scene."""
    return plot
