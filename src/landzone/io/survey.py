"""Looks into every file of a folder: which sources it holds, and what their shapes, headers and rows are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely

from landzone.errors import Refusal
from landzone.io.file_roles import Word, meanings
from landzone.io.formats import format_of
from landzone.io.raw import Raw
from landzone.io.reader import Reader
from landzone.model.problems import Problems
from landzone.units import FloatArray

_TABLE_FORMATS = ("xlsx", "xls", "dbf")
_DEPTH = 2
"""A zip file holds data sets, and each of them layers."""


@dataclass(frozen=True)
class Look:
    """One source of a folder: a file, or one layer or sheet of it.

    Attributes
    ----------
    source : str
        ``path[#layer]`` as a study file names it.
    said : tuple of Word
        What its name says; of a layer among several first its own name, then that of the file.
    raw : Raw or None
        What stands in it, None where it could not be read; ``error`` then says why.
    """

    source: str
    said: tuple[Word, ...]
    raw: Raw | None = None
    error: Refusal | None = None

    @property
    def shapes(self) -> str:
        """What most of its shapes are: ``polygon``, ``line``, ``point`` or nothing."""
        if self.raw is None or self.raw.geometry is None:
            return ""
        dimension = shapely.get_dimensions(self.raw.geometry)
        counts = {
            name: int((dimension == n).sum()) for n, name in ((2, "polygon"), (1, "line"), (0, "point"))
        }
        best = max(counts, key=lambda name: counts[name])
        return best if counts[best] else ""

    @property
    def headers(self) -> list[str]:
        """Names of its columns."""
        return [str(c) for c in self.raw.cells.columns] if self.raw is not None else []

    def read_as(self, role: str) -> Raw:
        """Return what stands in it in the role it is taken for."""
        if self.raw is None:
            raise ValueError(f"{self.source} was not read")
        return replace(self.raw, role=role, source=self.source.partition("#")[0])


def survey(files: list[Path], folder: Path, reader: Reader) -> list[Look]:
    """Look into every file; several layers or sheets of one file are sources of their own."""
    return [look for path in files for look in _looks(path, folder, reader)]


def _looks(path: Path, folder: Path, reader: Reader) -> Iterator[Look]:
    own = tuple(meanings(path))
    waiting = [(path.relative_to(folder).as_posix(), own, 0)]
    while waiting:
        source, said, depth = waiting.pop(0)
        try:
            raw = _read(source, path, folder, reader)
        except Refusal as error:
            if not error.choices or depth == _DEPTH:
                yield Look(source, said, error=error)
                continue
            waiting += [_inside(source, name, path, own, depth) for name in error.choices]
        else:
            only = meanings(Path(raw.layer + path.suffix)) if not said and raw.layer else []
            yield Look(source, said or tuple(only), raw)


def _inside(
    source: str, name: str, path: Path, own: tuple[Word, ...], depth: int
) -> tuple[str, tuple[Word, ...], int]:
    """Return a layer of a file (or of a file in a zip) with what its name says, else what the file's name says."""
    stem = Path(name).stem if format_of(Path(name)) else name
    said = tuple(meanings(Path(stem + path.suffix)))
    return f"{source}{'/' if '#' in source else '#'}{name}", said or own, depth + 1


def _read(source: str, path: Path, folder: Path, reader: Reader) -> Raw:
    expected = format_of(path)
    table = expected is not None and expected.key in _TABLE_FORMATS
    if not table:
        try:
            return reader.vector(source, folder, role="", problems=Problems())
        except Refusal as error:
            if error.code != "LAYER_NO_GEOMETRY" or expected is None or expected.key != "csv":
                raise
    return reader.table(source, folder, role="", problems=Problems())


def boxes(raw: Raw) -> FloatArray:
    """Return the boxes of the shapes that have finite coordinates."""
    found = shapely.bounds(np.asarray(raw.geometry, dtype=object)).reshape(-1, 4)
    finite: FloatArray = found[np.isfinite(found).all(axis=1)]
    return finite
