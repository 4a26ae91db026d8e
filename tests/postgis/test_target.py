"""A result in a schema of a real server: every row and value of the file, all tables or none, no foreign schema."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from landzone.cli import run
from landzone.errors import Refusal
from landzone.io import postgis_target
from landzone.io.postgis_target import write_postgis
from landzone.io.vector import read_vector
from landzone.model.problems import Problems

pytestmark = pytest.mark.postgis


@pytest.fixture
def target(server) -> Iterator[str]:
    """The name of a schema that is not there yet."""
    name = f"t{secrets.token_hex(4)}"
    yield name
    with server.owner() as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")


def address(server, schema: str, user: str = "owner") -> str:
    return f"{server.url(user=user)}?schema={schema}"


def tables(server, schema: str) -> list[str]:
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s ORDER BY 1"
    with server.owner() as connection:
        return [name for (name,) in connection.execute(query, (schema,)).fetchall()]


def row(server, text: str) -> tuple:
    with server.owner() as connection:
        return connection.execute(text).fetchone()


def cells(server, schema: str, table: str) -> pd.DataFrame:
    with server.owner() as connection:
        cursor = connection.execute(f'SELECT * FROM "{schema}"."{table}"')
        return pd.DataFrame(cursor.fetchall(), columns=[c.name for c in cursor.description], dtype=object)


def plain(values) -> list:
    return sorted((repr(None if pd.isna(v) else v) for v in values), key=str)


def test_every_layer_and_table_of_the_file_is_there_value_by_value(server, target, example_folder) -> None:
    done = write_postgis(example_folder, address(server, target))
    path = example_folder / "audit.gpkg"
    names = sorted(name for name, _ in pyogrio.list_layers(path) if name != "layer_styles")
    assert tables(server, target) == names == sorted(done.rows)
    for name in names:
        meta, table = pyogrio.raw.read_arrow(path, layer=name)
        found = cells(server, target, name)
        assert len(found) == len(table) == done.rows[name]
        for column in set(table.column_names) - {meta["geometry_name"]}:
            own = done.renamed.get(f"{name}.{column}", column)
            assert plain(found[own]) == plain(table[column].to_pylist()), (name, column)


def test_shapes_come_back_to_the_last_bit(server, target, example_folder, tmp_path) -> None:
    write_postgis(example_folder, address(server, target))
    wanted = gpd.read_file(example_folder / "audit.gpkg", layer="parcels").set_index("parcel_id").sort_index()
    source = server.url(f"{target}.parcels", user="owner")
    raw = read_vector(source, tmp_path, role="parcels", problems=Problems(), work=tmp_path / "work")
    found = gpd.GeoSeries(raw.geometry, index=raw.cells["parcel_id"]).sort_index()
    assert found.index.tolist() == wanted.index.tolist()
    assert shapely.equals_exact(
        shapely.normalize(found.to_numpy()), shapely.normalize(wanted.geometry.to_numpy())
    ).all()
    assert raw.crs.to_epsg() == wanted.crs.to_epsg()
    indexes = row(
        server, f"SELECT count(*) FROM pg_indexes WHERE schemaname = '{target}' AND indexdef LIKE '%gist%'"
    )
    layers = [kind for name, kind in pyogrio.list_layers(example_folder / "audit.gpkg") if kind]
    assert indexes == (len(layers),)


def test_the_schema_says_of_what_audit_it_is(server, target, example_folder) -> None:
    write_postgis(example_folder, address(server, target))
    said = row(server, f"SELECT obj_description('{target}'::regnamespace, 'pg_namespace')")[0]
    written = json.loads((example_folder / "run.json").read_text("utf-8"))
    assert said.startswith(f"landzone {written['versions']['landzone']} ")
    assert json.loads(said[said.index("{") :])["sha256"] == written["outputs"]["audit.gpkg"]


def made(folder: Path, frame: gpd.GeoDataFrame, tmp_path: Path) -> Path:
    """A copy of a result with one layer alone."""
    out = tmp_path / "out"
    shutil.copytree(folder, out)
    (out / "audit.gpkg").unlink()
    pyogrio.write_dataframe(frame, out / "audit.gpkg", layer="odd")
    return out


def test_odd_texts_missing_values_and_names_survive(server, target, example_folder, tmp_path) -> None:
    long_a, long_b = "src_" + "用途" * 12 + "甲", "src_" + "用途" * 12 + "乙"
    texts = ['a "b", c', "", None, "行\n二", "\\N", "NULL"]
    columns = {
        "text": texts,
        "Number": [0.1, None, 1e300, -0.0, 5e-324, 2.0],
        long_a: list("abcdef"),
        long_b: list("uvwxyz"),
    }
    points = [shapely.Point(n, n) for n in range(5)]
    frame = gpd.GeoDataFrame(columns, geometry=[*points, None], crs=4526)
    out = made(example_folder, frame, tmp_path)
    said = json.loads((out / "run.json").read_text("utf-8")) | {"crs": "EPSG:4526"}
    (out / "run.json").write_text(json.dumps(said), "utf-8")
    done = write_postgis(out, address(server, target))
    found = cells(server, target, "odd")
    assert found["text"].tolist() == texts
    assert [None if pd.isna(v) else v for v in found["Number"]] == [0.1, None, 1e300, 0.0, 5e-324, 2.0]
    short_a, short_b = done.renamed[f"odd.{long_a}"], done.renamed[f"odd.{long_b}"]
    assert short_a != short_b
    assert max(len(name.encode()) for name in (short_a, short_b)) <= 63
    assert (found[short_a].tolist(), found[short_b].tolist()) == (list("abcdef"), list("uvwxyz"))
    assert row(server, f"SELECT count(*), count(geom), min(ST_SRID(geom)) FROM {target}.odd") == (6, 5, 4526)


def test_a_schema_of_others_is_never_touched(server, schema, example_folder, capsys) -> None:
    with server.owner() as connection:
        connection.execute(f"CREATE TABLE {schema}.kept AS SELECT 1 AS a")
    for more in ([], ["--replace"]):
        assert run(["export", str(example_folder), address(server, schema), *more]) == 3
        assert schema in capsys.readouterr().err
    assert tables(server, schema) == ["kept"]


def test_a_schema_of_ours_is_replaced_where_that_is_asked_for(server, target, example_folder, capsys) -> None:
    assert run(["export", str(example_folder), address(server, target)]) == 0
    with server.owner() as connection:
        connection.execute(f"DELETE FROM {target}.parcels")
    assert run(["export", str(example_folder), address(server, target)]) == 3
    assert row(server, f"SELECT count(*) FROM {target}.parcels") == (0,)
    assert run(["export", str(example_folder), address(server, target), "--replace", "--lang", "en"]) == 0
    assert "written to the schema" in capsys.readouterr().err
    assert row(server, f"SELECT count(*) > 0 FROM {target}.parcels") == (True,)


def test_nothing_is_left_where_a_table_fails(server, target, example_folder, monkeypatch) -> None:
    whole = postgis_target._Table.write
    monkeypatch.setattr(postgis_target._Table, "write", lambda own: whole(own) - (own.name == "zones"))
    with pytest.raises(Refusal, match="zones") as error:
        write_postgis(example_folder, address(server, target))
    assert error.value.code == "DB_ROWS"
    assert tables(server, target) == []


def test_a_role_that_may_not_write_is_told_so_without_its_password(server, target, example_folder) -> None:
    with pytest.raises(Refusal) as error:
        write_postgis(example_folder, address(server, target, "reader"))
    assert error.value.code == "DB_FAILED"
    assert "permission denied" in error.value.text("en")
    assert server.reader_password not in error.value.text("en")


@pytest.mark.parametrize("query", ["", "?schema=pg_temp", "?schema=a&table=b"])
def test_an_address_to_write_to_names_a_schema_alone(server, example_folder, query) -> None:
    with pytest.raises(Refusal) as error:
        write_postgis(example_folder, server.url(user="owner") + query)
    assert error.value.code == "DB_TARGET_ADDRESS"


def test_an_address_to_read_from_names_no_schema(server, tmp_path) -> None:
    with pytest.raises(Refusal) as error:
        read_vector(server.url() + "?schema=a", tmp_path, role="parcels", problems=Problems(), work=tmp_path)
    assert error.value.code == "DB_ADDRESS"


def test_a_crs_the_database_does_not_know_is_refused(server, target, example_folder, tmp_path) -> None:
    out = tmp_path / "out"
    shutil.copytree(example_folder, out)
    said = json.loads((out / "run.json").read_text("utf-8")) | {
        "crs": "+proj=tmerc +lat_0=1 +lon_0=2 +ellps=GRS80"
    }
    (out / "run.json").write_text(json.dumps(said), "utf-8")
    with pytest.raises(Refusal) as error:
        write_postgis(out, address(server, target))
    assert error.value.code == "DB_TARGET_CRS"
    assert tables(server, target) == []
