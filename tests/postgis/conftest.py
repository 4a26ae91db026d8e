"""Reads sources of a database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from landzone.io.raw import Raw
from landzone.io.tables import read_table
from landzone.io.vector import read_vector
from landzone.model.problems import ProblemKind, Problems


@dataclass
class Reading:
    """A result together with what was said about it."""

    raw: Raw
    problems: Problems

    def codes(self, kind: ProblemKind = ProblemKind.NOTE) -> list[str]:
        return self.problems.frame(kind)["code"].tolist()


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Reading]:
    def run(source: str, *, table: bool = False) -> Reading:
        problems = Problems()
        reader = read_table if table else read_vector
        raw = reader(source, tmp_path, role="parcels", problems=problems, work=tmp_path / "work")
        return Reading(raw, problems)

    return run
