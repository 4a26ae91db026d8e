"""Files with exactly one defect, written byte by byte so that no library under test can hide it."""

import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from landzone.catalog.messages import message
from landzone.io.raw import Raw
from landzone.io.tables import read_table
from landzone.io.vector import read_vector
from landzone.model.problems import ProblemKind, Problems

PRJ = (
    'PROJCS["CGCS2000_3_Degree_GK_CM_114E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",'
    'DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],'
    'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",114.0],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)


@dataclass
class Reading:
    """A result together with what was said about it."""

    raw: Raw
    problems: Problems

    def codes(self, kind: ProblemKind = ProblemKind.NOTE) -> list[str]:
        return self.problems.frame(kind)["code"].tolist()

    def messages(self, lang: str = "en") -> str:
        lines = []
        for kind in ProblemKind:
            for row in self.problems.frame(kind).itertuples():
                params = json.loads(row.params)
                lines.append(message(row.code, lang, **{**params, "column": row.column}))
        return "\n".join(lines)


class Desk:
    """Reads sources of one folder with private copies elsewhere."""

    def __init__(self, folder: Path, work: Path) -> None:
        self.folder, self.work = folder, work

    def layer(self, source: str, **options: Any) -> Reading:
        problems = Problems()
        raw = read_vector(source, self.folder, role="parcels", problems=problems, work=self.work, **options)
        return Reading(raw, problems)

    def table(self, source: str, **options: Any) -> Reading:
        problems = Problems()
        raw = read_table(source, self.folder, role="projects", problems=problems, work=self.work, **options)
        return Reading(raw, problems)

    def write(self, name: str, content: bytes | str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def geojson(self, name: str, features: list[dict[str, Any]], crs: Any = "EPSG:4547") -> Path:
        whole: dict[str, Any] = {"type": "FeatureCollection"}
        if crs == "null":
            whole["crs"] = None
        elif crs:
            whole["crs"] = {"type": "name", "properties": {"name": crs}}
        return self.write(name, json.dumps({**whole, "features": features}, ensure_ascii=False))

    def shapefile(self, stem: str, parts: dict[str, bytes], without: str = "") -> None:
        for suffix, data in parts.items():
            if suffix != without:
                self.write(f"{stem}.{suffix}", data)

    def zip(self, name: str, members: dict[str, bytes]) -> Path:
        path = self.folder / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, data in members.items():
                archive.writestr(member, data)
        return path


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "study").mkdir()
    return Desk(tmp_path / "study", tmp_path / "work")


def square(x: float, y: float = 0.0, side: float = 100.0) -> list[list[float]]:
    return [[x, y], [x, y + side], [x + side, y + side], [x + side, y], [x, y]]


def _feature(x: float, **properties: Any) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [square(x)]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@pytest.fixture
def feature() -> Callable[..., dict[str, Any]]:
    return _feature


def _shape(points: list[list[float]]) -> bytes:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    head = struct.pack("<i4d2i", 5, min(xs), min(ys), max(xs), max(ys), 1, len(points))
    return head + struct.pack("<i", 0) + b"".join(struct.pack("<2d", *p) for p in points)


def _dbf(fields: list[tuple[Any, ...]], rows: list[list[bytes]], language: int = 0) -> bytes:
    head = b""
    for name, kind, width, *decimals in fields:
        raw = name if isinstance(name, bytes) else name.encode()
        head += raw[:10].ljust(11, b"\0") + kind.encode() + b"\0" * 4
        head += struct.pack("<BB", width, decimals[0] if decimals else 0) + b"\0" * 14
    width = 1 + sum(f[2] for f in fields)
    body = b""
    for row in rows:
        deleted = row[0] == b"*deleted"
        cells = row[1:] if deleted else row
        body += (b"*" if deleted else b" ") + b"".join(
            c[: f[2]].ljust(f[2]) if f[1] == "C" else c.rjust(f[2])
            for c, f in zip(cells, fields, strict=True)
        )
    start = struct.pack("<BBBBIHH", 3, 120, 1, 1, len(rows), 33 + len(head), width)
    return start + b"\0" * 17 + bytes([language]) + b"\0\0" + head + b"\r" + body + b"\x1a"


@pytest.fixture
def dbf() -> Callable[..., bytes]:
    return _dbf


def _parts(
    fields: list[tuple[Any, ...]], rows: list[list[bytes]], cpg: str | None = "UTF-8", language: int = 0
) -> dict[str, bytes]:
    """Return the parts of a Shapefile with one square per row, 100 m apart."""
    records, index, offset = b"", b"", 50
    for n in range(len(rows)):
        shape = _shape(square(527000.0 + 100 * n, 3958000.0))
        words = len(shape) // 2
        records += struct.pack(">2i", n + 1, words) + shape
        index += struct.pack(">2i", offset, words)
        offset += words + 4

    def head(words: int) -> bytes:
        box = (527000.0, 3958000.0, 528000.0, 3958100.0, 0, 0, 0, 0)
        return struct.pack(">7i", 9994, 0, 0, 0, 0, 0, words) + struct.pack("<2i8d", 1000, 5, *box)

    parts = {
        "shp": head(offset) + records,
        "shx": head(50 + 4 * len(rows)) + index,
        "dbf": _dbf(fields, rows, language),
        "prj": PRJ.encode(),
    }
    return parts | ({"cpg": cpg.encode()} if cpg else {})


@pytest.fixture
def shapefile_parts() -> Callable[..., dict[str, bytes]]:
    return _parts


@pytest.fixture
def three(shapefile_parts: Callable[..., dict[str, bytes]]) -> dict[str, bytes]:
    """Three sound parcels."""
    return shapefile_parts([("parcel_id", "C", 20)], [[b"P001"], [b"P002"], [b"P003"]])
