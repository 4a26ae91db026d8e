"""Tables of a real PostgreSQL server: the same as from files, read only, and never a password in any text."""

from __future__ import annotations

import logging
import sys
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import pytest
import shapely
from psycopg import sql

import landzone as lz
from landzone.errors import LandzoneError, Refusal
from landzone.io.database_url import masked, parse_database_url
from landzone.io.reader import Reader
from landzone.io.study_file import parse
from landzone.io.vector import read_vector
from landzone.model.problems import ProblemKind, Problems

pytestmark = pytest.mark.postgis


def parcels(count: int = 3) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "parcel_id": [f"0{n}" for n in range(count)],
            "score": [100.5 + n for n in range(count)],
            "floors": np.arange(count) * 10**15,
            "name": ["甲公司", None, "NA"][:count],
            "signed": pd.to_datetime(["2012-06-01", None, "1900-01-01"][:count]),
        },
        geometry=[shapely.box(527000 + 20 * n, 3958000, 527010 + 20 * n, 3958010) for n in range(count)],
        crs=4547,
    )


def refused(read, source: str, **options) -> Refusal:
    with pytest.raises(Refusal) as error:
        read(source, **options)
    return error.value


def test_a_table_reads_like_a_geopackage(server, schema, read, tmp_path, fill_table) -> None:
    frame = parcels()
    fill_table("parcels", frame)
    frame.to_file(tmp_path / "p.gpkg", layer="p")
    ours = read(server.url(f"{schema}.parcels"))
    theirs = read_vector("p.gpkg", tmp_path, role="parcels", problems=Problems(), work=tmp_path / "w")
    pd.testing.assert_frame_equal(ours.raw.cells, theirs.cells)
    assert shapely.equals_exact(ours.raw.geometry, theirs.geometry).all()
    assert ours.raw.crs.to_epsg() == theirs.crs.to_epsg() == 4547
    assert ours.raw.rows.tolist() == theirs.rows.tolist() == [1, 2, 3]
    assert (ours.raw.rows_in, ours.raw.layer, ours.codes()) == (3, f"{schema}.parcels", [])


def test_types_of_columns(server, schema, read) -> None:
    with server.owner() as connection:
        connection.execute(f"""CREATE TABLE {schema}.t AS SELECT
            1::int2 AS a, 1.5::float4 AS b, true AS c, 12.34::numeric AS d, 'x'::varchar AS e,
            '2012-06-01 10:00'::timestamp AS f, '2012-06-01 00:00+08'::timestamptz AS g,
            '{{1,2}}'::int[] AS h, '{{"k": 1}}'::jsonb AS i,
            '\\x00'::bytea AS j, 'infinity'::date AS k, NULL::int8 AS l""")
    reading = read(server.url(f"{schema}.t"), table=True)
    cells = reading.raw.cells
    assert cells.dtypes.astype(str).to_dict() == {
        "a": "Int64", "b": "float64", "c": "boolean", "d": "str", "e": "str", "f": "datetime64[s]", "g": "str",
        "h": "str", "i": "str", "k": "str", "l": "Int64",
    }  # fmt: skip
    assert cells["d"][0] == "12.34"
    assert pd.Timestamp(cells["g"][0]) == pd.Timestamp("2012-06-01T00:00:00+08:00")
    assert cells["k"][0] == "infinity"
    assert reading.raw.geometry is None
    assert reading.codes() == ["COLUMN_NOT_READ"]


def test_rows_without_a_key_stand_in_order_of_content(server, schema, read) -> None:
    with server.owner() as connection:
        connection.execute(f"CREATE TABLE {schema}.a AS SELECT n, n * 2 AS m FROM generate_series(1, 40) n")
        connection.execute(f"CREATE TABLE {schema}.b AS SELECT * FROM {schema}.a ORDER BY n DESC")
    a = read(server.url(f"{schema}.a"), table=True).raw
    b = read(server.url(f"{schema}.b"), table=True).raw
    pd.testing.assert_frame_equal(a.cells, b.cells)
    assert list(a.sha256.values()) == list(b.sha256.values())
    assert a.rows.tolist() == list(range(1, 41))
    assert read(server.url(f"{schema}.a", more="&id=n"), table=True).raw.cells["n"].is_monotonic_increasing
    assert refused(read, server.url(f"{schema}.a", more="&id=z"), table=True).code == "DB_KEY"


def test_the_hash_follows_the_content(server, schema, read, fill_table) -> None:
    fill_table("parcels", parcels())
    first = read(server.url(f"{schema}.parcels")).raw.sha256
    assert read(server.url(f"{schema}.parcels")).raw.sha256 == first
    with server.owner() as connection:
        connection.execute(f"UPDATE {schema}.parcels SET score = score + 1 WHERE fid = 2")
    assert read(server.url(f"{schema}.parcels")).raw.sha256 != first


def test_a_role_that_can_only_read_is_silent_and_one_that_can_write_is_noted(
    server, schema, read, fill_table
) -> None:
    fill_table("parcels", parcels())
    with server.owner() as connection:
        connection.execute(f"REVOKE ALL ON {schema}.parcels FROM PUBLIC")
    assert read(server.url(f"{schema}.parcels")).codes() == []
    assert read(server.url(f"{schema}.parcels", user="owner")).codes() == ["DB_ROLE_CAN_WRITE"]


def test_a_view_that_would_write_is_stopped(server, schema, read, fill_table) -> None:
    fill_table("parcels", parcels())
    with server.owner() as connection:
        connection.execute(f"""CREATE FUNCTION {schema}.wipe() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS
            $$ BEGIN DELETE FROM {schema}.parcels; RETURN 1; END $$""")
        connection.execute(f"CREATE VIEW {schema}.trap AS SELECT {schema}.wipe() AS x")
    error = refused(read, server.url(f"{schema}.trap", user="owner"), table=True)
    assert error.code == "DB_FAILED"
    assert "read-only" in error.text("en")
    assert read(server.url(f"{schema}.parcels")).raw.rows_in == 3


def test_rows_hidden_by_a_policy_are_not_passed_over(server, schema, read, fill_table) -> None:
    fill_table("parcels", parcels())
    with server.owner() as connection:
        connection.execute(f"ALTER TABLE {schema}.parcels ENABLE ROW LEVEL SECURITY")
        connection.execute(f"CREATE POLICY half ON {schema}.parcels FOR SELECT TO reader USING (fid = 1)")
    assert refused(read, server.url(f"{schema}.parcels")).code == "DB_FAILED"


@pytest.mark.parametrize("name", ["pa\"rc'els; DROP TABLE x;--", "宗地 2024", "a.b", "%s {x}", "Select"])
def test_names_are_only_names(server, schema, read, name: str, fill_table) -> None:
    column = 'ow"ner; --%s'
    fill_table("plain", parcels())
    with server.owner() as connection:
        for text, names in [("COLUMN name TO {}", [column]), ("TO {}", [name])]:
            rename = sql.SQL("ALTER TABLE {} RENAME " + text)
            connection.execute(rename.format(sql.Identifier(schema, "plain"), *map(sql.Identifier, names)))
    raw = read(server.url(quote(f"{schema}.{name}"))).raw
    assert raw.cells[column].dropna().tolist() == ["甲公司", "NA"]
    assert raw.layer == f"{schema}.{name}"
    assert read(server.url() + "#" + quote(f"{schema}.{name}")).raw.rows_in == 3


def test_which_table_is_meant(server, schema, read, fill_table) -> None:
    fill_table("one", parcels())
    assert read(server.url()).raw.layer == f"{schema}.one"
    fill_table("two", parcels())
    error = refused(read, server.url())
    assert error.code == "LAYER_AMBIGUOUS"
    assert f"{schema}.one; {schema}.two" in error.text("zh")
    error = refused(read, server.url("three"))
    assert (error.code, f"{schema}.two" in error.text("en")) == ("LAYER_MISSING", True)
    assert read(server.url("two")).raw.layer == f"{schema}.two"
    with server.owner() as connection:
        connection.execute(f"CREATE TABLE {schema}.plain (a int)")
        connection.execute(f"ALTER TABLE {schema}.two ADD COLUMN centre geometry(Point, 4547)")
    assert refused(read, server.url("plain")).code == "LAYER_NO_GEOMETRY"
    assert refused(read, server.url("plain"), table=True).code == "NO_ROWS"
    error = refused(read, server.url("two"))
    assert (error.code, "centre; geometry" in error.text("en")) == ("DB_GEOMETRY", True)
    assert read(server.url("two", more="&geom=geometry")).codes() == ["COLUMN_NOT_READ"]
    assert refused(read, server.url("two", more="&geom=shape")).code == "DB_GEOMETRY"


def test_srid_has_to_be_set_and_one(server, schema, read, fill_table) -> None:
    fill_table("zero", parcels(), srid=0)
    error = refused(read, server.url("zero"))
    assert (error.code, "geometry" in error.text("zh")) == ("DB_SRID", True)
    with server.owner() as connection:
        connection.execute(f"CREATE TABLE {schema}.loose (fid int PRIMARY KEY, geometry geometry)")
        connection.execute(f"INSERT INTO {schema}.loose VALUES (1, 'SRID=4547;POINT(1 2)'), (2, NULL)")
    assert read(server.url("loose")).raw.crs.to_epsg() == 4547
    with server.owner() as connection:
        connection.execute(f"INSERT INTO {schema}.loose VALUES (3, 'SRID=4526;POINT(1 2)')")
    error = refused(read, server.url("loose"))
    assert (error.code, "4526, 4547" in error.text("en")) == ("DB_SRID", True)


def test_shapes_keep_z_and_lose_arcs_aloud(server, schema, read) -> None:
    with server.owner() as connection:
        connection.execute(
            f"CREATE TABLE {schema}.t (id int PRIMARY KEY, geometry geometry(GeometryZ, 4547), c geometry)"
        )
        connection.execute(f"""INSERT INTO {schema}.t VALUES
            (7, 'SRID=4547;POLYGON Z ((0 0 5, 1 0 5, 1 1 5, 0 0 5))', NULL), (3, NULL, NULL),
            (5, 'SRID=4547;CURVEPOLYGON Z (CIRCULARSTRING Z (-1 0 0, 0 1 0, 1 0 0, 0 -1 0, -1 0 0))', NULL),
            (9, 'SRID=4547;TIN Z (((0 0 0, 0 1 0, 1 0 0, 0 0 0)))', NULL)""")
    reading = read(server.url("t", more="&geom=geometry"))
    raw = reading.raw
    assert raw.rows.tolist() == [3, 5, 7]
    assert (raw.geometry[0], raw.geometry[2].has_z) == (None, True)
    assert raw.geometry[1].area == pytest.approx(np.pi, rel=2e-5)
    assert reading.problems.frame(ProblemKind.REJECT)[["row", "code"]].values.tolist() == [
        [9, "RECORD_UNREADABLE"]
    ]
    assert sorted(reading.codes()) == ["COLUMN_NOT_READ", "GEOM_CURVE_LINEARISED"]
    assert raw.cells["id"].tolist() == [3, 5, 7]


def test_without_the_driver_the_way_out_is_named(server, read, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    error = refused(read, server.url("parcels"))
    assert (error.code, "landzone[postgis]" in error.text("en")) == ("DB_DRIVER_MISSING", True)


@pytest.mark.parametrize(
    "source",
    [
        "postgresql://u:S3cr3t@127.0.0.1:99999/db",
        "postgresql://u:S3#cr3t@127.0.0.1/db?table=a",
        "postgresql://u:S3cr3t@127.0.0.1/",
        "postgresql://u:S3cr3t@127.0.0.1/db?password=S3cr3t@x&table=a",
        "postgresql://u:S3cr3t@127.0.0.1/db?table=a&table=b",
        "postgresql://:S3cr3t@127.0.0.1/db?tabel=a",
    ],
)
def test_an_address_that_is_none_is_refused_without_its_password(source: str) -> None:
    with pytest.raises(Refusal) as error:
        parse_database_url(source)
    assert error.value.code == "DB_ADDRESS"
    assert "cr3t" not in error.value.text("zh") + str(error.value)


def test_parts_of_an_address() -> None:
    url = parse_database_url(
        "postgres://g%40s:p%2Fw@[::1]:5433/land?table=%E5%AE%97%E5%9C%B0&sslmode=require"
    )
    assert url.connection() == {
        "host": "::1", "port": 5433, "user": "g@s", "password": "p/w", "dbname": "land", "sslmode": "require",
    }  # fmt: skip
    assert (url.table, url.key, url.geometry) == ("宗地", "", "")
    assert masked("postgresql://u:a:b@c@h/d") == "postgresql://u:***@h/d"


def test_the_password_is_in_no_output(
    server, schema, tmp_path, monkeypatch, caplog, capsys, fill_table
) -> None:
    caplog.set_level(logging.DEBUG)
    fill_table("parcels", parcels())
    heard: list[str] = []
    wrong, right = "Wr0ngSecret", server.owner_password
    study = tmp_path / "study.toml"

    def write(source: str, more: str = "") -> None:
        study.write_text(f'[study]\nrules = []\n[layers.parcels]\nsource = "{source}"\n{more}')

    def opened() -> lz.Study:
        return lz.open_study(study, progress=lambda *said: heard.append(repr(said)))

    for source, code in [
        (server.url(f"{schema}.parcels", user="owner", password=wrong), "DB_UNREACHABLE"),
        (server.url("nothing", user="owner"), "LAYER_MISSING"),
        (server.url("x", user="owner") + "&password=" + right, "DB_ADDRESS"),
    ]:
        write(source)
        with pytest.raises(Refusal) as error:
            opened()
        assert error.value.code == code
        heard += [
            error.value.text("zh"),
            error.value.text("en"),
            repr(error.value),
            repr(error.value.__dict__),
        ]
    with pytest.raises(Refusal) as error:
        parse(
            {
                "layers": {
                    "parcels": {"source": server.url("p", user="owner"), "transformation": "x", "crs": 3}
                }
            }
        )
    heard.append(error.value.text("en"))
    with pytest.raises(Refusal) as error:
        parse({"layers": {"parcels": {"source": server.url("p", user="owner"), "transformation": [1.0]}}})
    heard.append(error.value.text("en"))
    write(server.url(f"{schema}.parcels", user="owner"))
    audit = lz.audit(opened(), as_of="2026-06-30")
    audit.save(tmp_path / "out")
    heard += [repr(frame.to_dict()) for frame in (audit.rejects, audit.repairs, audit.parcels)]
    heard += [path.read_bytes().decode("latin-1") for path in (tmp_path / "out").rglob("*") if path.is_file()]
    printed = capsys.readouterr()
    whole = "\n".join([*heard, caplog.text, printed.out, printed.err])
    assert f"127.0.0.1:{server.port}" in whole
    assert wrong not in whole
    assert right not in whole


def test_the_password_may_stand_in_the_environment(server, schema, read, monkeypatch, fill_table) -> None:
    fill_table("parcels", parcels())
    bare = f"postgresql://reader@127.0.0.1:{server.port}/postgres?table={schema}.parcels"
    monkeypatch.setenv("PGPASSWORD", server.reader_password)
    assert read(bare).raw.source == bare
    monkeypatch.setenv("PGPASSWORD", "Wr0ng")
    error = refused(read, bare)
    assert error.code == "DB_UNREACHABLE"
    assert "Wr0ng" not in error.text("en")


def test_a_query_that_takes_too_long_is_a_limit(server, schema, read, monkeypatch) -> None:
    with server.owner() as connection:
        connection.execute(f"CREATE VIEW {schema}.slow AS SELECT pg_sleep(5)::text AS x")
    import landzone.io.database_session as module

    monkeypatch.setattr(module, "limit", lambda name: 0.2 if name == "database_seconds" else 5)
    with pytest.raises(LandzoneError) as error:
        read(server.url(f"{schema}.slow"), table=True)
    assert error.value.exit_code == 6


def test_a_table_is_of_one_moment(server, schema, read, fill_table) -> None:
    fill_table("parcels", parcels())
    with psycopg.connect(server.url(user="owner")) as other:
        other.execute(f"DELETE FROM {schema}.parcels")
        assert read(server.url(f"{schema}.parcels")).raw.rows_in == 3
        other.rollback()


CHANGES = """
    UPDATE {schema}.parcels SET score = 7 WHERE parcel_id = '00';
    UPDATE {schema}.ledger SET paid = 999 WHERE parcel_id = '00';
    DELETE FROM {schema}.ledger WHERE parcel_id = '01';
    INSERT INTO {schema}.ledger VALUES ('02', 4);
"""


@pytest.fixture
def ledger(server, schema, fill_table) -> str:
    """A layer of parcels and a ledger beside it; return the changes that another session makes to both."""
    fill_table("parcels", parcels())
    with server.owner() as connection:
        connection.execute(f"CREATE TABLE {schema}.ledger (parcel_id text, paid int)")
        connection.execute(f"INSERT INTO {schema}.ledger VALUES ('00', 1), ('01', 2)")
        connection.execute(f"REVOKE ALL ON {schema}.parcels, {schema}.ledger FROM PUBLIC")
    return CHANGES.format(schema=schema)


@pytest.mark.parametrize("second", ["reader", "owner"])
def test_all_tables_of_a_study_are_of_the_moment_of_the_first_whoever_reads_them(
    server, schema, ledger, tmp_path, second: str
) -> None:
    problems = Problems()

    def paid(reader: Reader) -> dict[str, int]:
        source = server.url(f"{schema}.ledger", user=second)
        cells = reader.table(source, tmp_path, role="projects", problems=problems).cells
        return dict(zip(cells["parcel_id"], cells["paid"], strict=True))

    def scores(reader: Reader) -> list[float]:
        source = server.url(f"{schema}.parcels")
        return reader.vector(source, tmp_path, role="parcels", problems=problems).cells["score"].tolist()

    with Reader(tmp_path / "w") as reader:
        assert scores(reader) == [100.5, 101.5, 102.5]
        with server.owner() as other:
            other.execute(ledger)
        assert paid(reader) == {"00": 1, "01": 2}
        assert scores(reader) == [100.5, 101.5, 102.5]
    with Reader(tmp_path / "w") as reader:
        assert paid(reader) == {"00": 999, "02": 4}
        assert scores(reader) == [7, 101.5, 102.5]
    with server.owner() as connection:
        left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'landzone'"
        assert connection.execute(left).fetchone()[0] == 0
    notes = problems.frame(ProblemKind.NOTE)
    assert set(notes["code"]) == ({"DB_ROLE_CAN_WRITE"} if second == "owner" else set())


def test_a_study_reads_its_ledger_as_it_was_when_its_layers_were_read(
    server, schema, ledger, tmp_path
) -> None:
    """The ledger is read last, after the layers were checked; rows of it are changed in between."""
    study = tmp_path / "study.toml"
    study.write_text(f"""
[study]
rules = []
[layers.parcels]
source = "{server.url(f"{schema}.parcels")}"
[tables.projects]
source = "{server.url(f"{schema}.ledger")}"
columns = {{ fixed_asset_investment = "paid" }}
units = {{ fixed_asset_investment = "wan_cny" }}
""")

    def change(stage: str, *_: object) -> None:
        if stage == "topology":
            with server.owner() as other:
                other.execute(ledger)

    def money(study: lz.Study) -> dict[str, int]:
        projects = study.tables["projects"].frame
        fen = projects["fixed_asset_investment_fen"].astype("int64")
        return dict(zip(projects["parcel_id"], fen // 1_000_000, strict=True))

    assert money(lz.open_study(study, progress=change)) == {"00": 1, "01": 2}
    assert money(lz.open_study(study)) == {"00": 999, "02": 4}


def test_databases_that_are_not_of_one_moment_are_noted(server, schema, ledger, tmp_path) -> None:
    problems = Problems()
    with server.owner() as connection:
        connection.execute("CREATE DATABASE other TEMPLATE template0")
    try:
        with psycopg.connect(server.url(user="owner").replace("/postgres", "/other")) as connection:
            connection.execute("CREATE TABLE t AS SELECT 1 AS a")
            connection.execute("GRANT SELECT ON t TO reader")
        with Reader(tmp_path / "w") as reader:
            reader.table(server.url(f"{schema}.ledger"), tmp_path, role="projects", problems=problems)
            assert problems.frame(ProblemKind.NOTE).empty
            elsewhere = server.url("public.t").replace("/postgres", "/other")
            reader.table(elsewhere, tmp_path, role="enterprises", problems=problems)
    finally:
        with server.owner() as connection:
            connection.execute("DROP DATABASE other WITH (FORCE)")
    assert problems.frame(ProblemKind.NOTE)["code"].tolist() == ["DB_MOMENTS"]
