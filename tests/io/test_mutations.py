"""Files with bytes changed at random: read, or refused in words; no traceback, no hang, nothing left behind.

``LANDZONE_MUTATIONS`` sets how many are tried (``make fuzz``: 2,000). The one reading process of a run reads them all.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import xlwt

from landzone.errors import LandzoneError
from landzone.io.reader import Reader
from landzone.model.problems import ProblemKind, Problems

COUNT = int(os.environ.get("LANDZONE_MUTATIONS", "100"))
SEED = 20260630
LIMIT_SECONDS = 10.0
NUMBERS = [b"-1", b"NaN", b"1e999", b"99999999999999999999", b"", b"0x10", b"\xff\xfe"]
WORDS = [
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\0\0\0\x80",
    b"\1\0\0\0",
]
ROWS = 8
TABLES = (".xlsx", ".xls", ".dbf")
BROKE_DOWN = ("READER_STOPPED", "READER_TIME", "READER_MEMORY")
"""Survived by the audit, and still a fault: hang, crash or memory bomb of a library that a small file brought about."""
COUNTED = (".shp", ".gpkg", ".gdb", ".fgb", ".parquet", ".tab", ".mif", ".dbf")
"""Formats in which damage may never make a file shorter in silence; in a text a row can simply turn into another."""


def make_seeds(folder: Path) -> dict[str, list[str]]:
    """Write one sound file of each format; return the names of the files to damage by source."""
    frame = gpd.GeoDataFrame(
        {
            "parcel_id": [f"00{n}" for n in range(ROWS)],
            "名称": ["甲公司", None, "NA"] + ["乙"] * (ROWS - 3),
            "area": [100.5 + n for n in range(ROWS)],
            "n": range(ROWS),
        },
        geometry=[shapely.box(527000 + 20 * n, 3958000, 527010 + 20 * n, 3958010) for n in range(ROWS)],
        crs=4547,
    )
    frame["parcel_id"] = frame["parcel_id"].astype(object)
    drivers = {"gpkg": "GPKG", "fgb": "FlatGeobuf", "geojson": "GeoJSON", "geojsonl": "GeoJSONSeq", "gml": "GML",
               "gdb": "OpenFileGDB", "mif": "MapInfo File", "tab": "MapInfo File", "shp": "ESRI Shapefile"}  # fmt: skip
    for suffix, driver in drivers.items():
        whole = frame.to_crs(4490) if suffix == "geojsonl" else frame
        if driver == "MapInfo File":
            whole = whole.drop(columns="名称")  # GDAL writes it in no code page at all
        more = {"encoding": "UTF-8"} if suffix == "shp" else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some formats have no 64-bit integers or Chinese field names
            whole.to_file(folder / f"p_{suffix}.{suffix}", driver=driver, layer=f"p_{suffix}", **more)
    frame.to_parquet(folder / "p_parquet.parquet")
    text = frame.assign(wkt=frame.geometry.to_wkt()).drop(columns="geometry")
    pd.DataFrame(text).to_csv(folder / "p_csv.csv", index=False)
    pd.DataFrame(text).drop(columns="wkt").to_excel(folder / "p_xlsx.xlsx", index=False)
    old = xlwt.Workbook(encoding="utf-8")
    sheet = old.add_sheet("p")
    for number, row in enumerate([["parcel_id", "area"], *([f"00{n}", 100.5 + n] for n in range(ROWS))]):
        for place, value in enumerate(row):
            sheet.write(number, place, value)
    old.save(str(folder / "p_xls.xls"))
    shutil.copy(folder / "p_shp.dbf", folder / "p_dbf.dbf")
    ring = [[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]
    lots = {"type": "Polygon", "arcs": [[0]], "properties": {"ML": "1-2"}}
    objects = {"lots": {"type": "GeometryCollection", "geometries": [lots]}}
    (folder / "p_topojson.topojson").write_text(
        json.dumps({"type": "Topology", "objects": objects, "arcs": [ring]})
    )
    places = [f"114.{n},33 114.{n},33.1 114.{n}5,33.1 114.{n},33" for n in range(ROWS)]
    marks = [
        f"<Placemark><name>{n}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>{place}</coordinates>"
        "</LinearRing></outerBoundaryIs></Polygon></Placemark>"
        for n, place in enumerate(places)
    ]
    kml = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{"".join(marks)}</Document></kml>'
    (folder / "p_kml.kml").write_text(f'<?xml version="1.0" encoding="UTF-8"?>{kml}')
    corners = [(0, 0), (0.5, 0), (0, 1)]
    points = ["".join(f"10\n{n + x}\n20\n{y}\n" for x, y in corners) for n in range(ROWS)]
    body = "".join(f"0\nLWPOLYLINE\n8\n红线\n90\n3\n70\n1\n{p}" for p in points)
    dxf = "0\nSECTION\n2\nHEADER\n9\n$ACADVER\n1\nAC1015\n9\n$DWGCODEPAGE\n3\nANSI_936\n0\nENDSEC\n"
    (folder / "p_dxf.dxf").write_bytes(
        f"{dxf}0\nSECTION\n2\nENTITIES\n{body}0\nENDSEC\n0\nEOF\n".encode("gbk")
    )
    parcels = "".join(f"4,0.01,{n},甲,面,,工业用地,,@\n1,1,3958010,{527000 + 20 * n}\n2,1,3958010,{527010 + 20 * n}\n"
                      f"3,1,3958000,{527010 + 20 * n}\n" for n in range(ROWS))  # fmt: skip
    head = "[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n带号=38\n[地块坐标]\n"
    (folder / "p_txt.txt").write_bytes((head + parcels).encode("gbk"))
    with zipfile.ZipFile(folder / "p_zip.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix in ("shp", "shx", "dbf", "prj"):
            archive.write(folder / f"p_shp.{suffix}", f"a/p.{suffix}")
    sources: dict[str, list[str]] = {}
    for path in sorted(folder.iterdir()):
        key = path.stem.partition("_")[2]
        inner = [f"{path.name}/{p.name}" for p in sorted(path.iterdir())] if path.is_dir() else [path.name]
        sources.setdefault(f"p_{key}.{key}", []).extend(inner)
    return sources


def mutate(data: bytes, rng: random.Random) -> bytes:
    """Change one to four places: bits, bytes, words, numbers; cut out, double, cut short."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        if not changed:
            break
        place = _place(changed, rng)
        kind = rng.randrange(8)
        if kind == 0:
            changed[place] ^= 1 << rng.randrange(8)
        elif kind == 1:
            changed[place] = rng.randrange(256)
        elif kind == 2:
            changed[place : place + 4] = rng.choice(WORDS)
        elif kind == 3:
            del changed[place : place + rng.randint(1, 64)]
        elif kind == 4:
            changed[place:place] = changed[place : place + rng.randint(1, 64)]
        elif kind == 5:
            changed[place : place + rng.randint(0, 3)] = rng.choice(NUMBERS)
        elif kind == 6:
            other, size = rng.randrange(len(changed)), rng.randint(1, 16)
            changed[place : place + size] = changed[other : other + size]
        elif rng.random() < 0.3:
            del changed[place:]
    return bytes(changed)


def _place(data: bytearray, rng: random.Random) -> int:
    """Prefer bytes that mean something: most of a GeoPackage is zeros."""
    for _ in range(20):
        place = rng.randrange(len(data))
        if data[place]:
            break
    return place


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders that stand in for the places where a file could be left behind."""
    folder = tmp_path_factory.mktemp("room")
    for name in ("home", "tmp", "work"):
        (folder / name).mkdir()
    return folder


@pytest.fixture(scope="module")
def reader(room: Path) -> Iterator[Reader]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(room / "tmp"))
        patch.setenv("HOME", str(room / "home"))
        with Reader(room / "work", seconds=LIMIT_SECONDS, warnings="error") as process:
            yield process


def ask(reader: Reader, source: str, folder: Path) -> dict[str, Any]:
    """Read one file and return how that ended."""
    problems = Problems()
    read = reader.table if source.endswith(TABLES) else reader.vector
    try:
        raw = read(source, folder, role="parcels", problems=problems)
    except LandzoneError as error:
        return {"status": "refused", "code": getattr(error, "code", type(error).__name__)}
    except Exception:  # noqa: BLE001 - whatever it is, it is reported
        return {"status": "traceback", "text": traceback.format_exc()[-3000:]}
    said = len(problems.frame(ProblemKind.NOTE)) + len(problems.frame(ProblemKind.REJECT))
    return {"status": "read", "rows": raw.rows_in, "said": said}


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[str]]]:
    folder = tmp_path_factory.mktemp("seeds")
    return folder, make_seeds(folder)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_sound_files_are_read(seeds, reader: Reader) -> None:
    folder, sources = seeds
    for source in sources:
        said = ask(reader, source, folder)
        rows = 1 if source.endswith(".topojson") else ROWS
        assert (source, said["status"], said.get("rows")) == (source, "read", rows)


def test_damaged_files_are_read_or_refused(seeds, reader: Reader, room: Path, tmp_path: Path) -> None:
    folder, sources = seeds
    rng = random.Random(SEED)
    names = sorted(sources)
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    for number in range(COUNT):
        source = names[number % len(names)]
        victim = rng.choice(sources[source])
        study = tmp_path / "study"
        study.mkdir()
        for name in {part.partition("/")[0] for part in sources[source]}:
            copy = shutil.copytree if (folder / name).is_dir() else shutil.copy
            copy(folder / name, study / name)
        damaged = mutate((folder / victim).read_bytes(), rng)
        (study / victim).write_bytes(damaged)
        before = tree(study)
        said = ask(reader, source, study)
        outcomes[str(said.get("code", said["status"]))] += 1
        if said["status"] not in ("read", "refused") or said.get("code") in BROKE_DOWN:
            wrong.append(f"{number} {victim}: {said.get('text', said)}")
        elif tree(study) != before or list(reader.work.iterdir()):
            wrong.append(f"{number} {victim}: left something behind")
        elif (
            said["status"] == "read"
            and source.endswith(COUNTED)
            and said["rows"] != ROWS
            and not said["said"]
        ):
            wrong.append(f"{number} {victim}: {said['rows']} rows without a word")
        shutil.rmtree(study)
    outside = [p for place in ("home", "tmp") for p in (room / place).rglob("*")]
    assert wrong == [], "\n".join(wrong)
    assert outside == []
    assert COUNT // 10 < outcomes["read"] < COUNT, outcomes
