import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzone.errors import Refusal
from landzone.io.detection import Sample, decode, detect, plausible
from landzone.io.encoding import codec_of

OWNERS = ["鹤壁市甲公司", "鹤壁市乙公司", "鹤壁市丙公司"]


def rows(codec: str) -> list[list[bytes]]:
    return [[owner.encode(codec), f"P00{n}".encode()] for n, owner in enumerate(OWNERS, 1)]


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("产业集聚区建设用地", "utf-8"),
        ("产业集聚区建设用地", "gbk"),
        ("联通", "gbk"),
        ("臺北市都市計畫土地使用分區", "big5"),
        ("臺北市都市計畫土地使用分區", "utf-8"),
        ("Besançon, Zürich, Málaga", "cp1252"),
        ("Besançon, Zürich, Málaga", "utf-8"),
        ("小学位于业主用地", "gbk"),
        ("Улица Ленина, дом три", "utf-8"),
        ("投资额（万元）：1,200㎡", "gbk"),
    ],
)
def test_the_code_page_is_found_from_the_bytes(text: str, codec: str) -> None:
    assert detect([Sample(text.encode(codec))]) == codec


def test_bytes_that_are_no_writing_have_no_code_page() -> None:
    assert detect([Sample(bytes([0x81, 0xFF, 0xFE, 0x80]))]) is None


NAMES = tomllib.loads(Path(__file__).with_name("short_names.toml").read_text("utf-8"))
SIMPLIFIED, TRADITIONAL, LATIN = (NAMES[key].split() for key in ("simplified", "traditional", "latin"))
LAND = "宗地编号面积用途土地使用权人鹤壁市工业园区公司有限合同约定开工时间"
GB2312 = [
    bytes([row, cell]).decode("gb2312")
    for row in range(0xB0, 0xF8)
    for cell in range(0xA1, 0xFF)
    if not (row == 0xD7 and cell > 0xF9)
]
BIG5 = [
    bytes([row, cell]).decode("big5")
    for row in range(0xA4, 0xC7)
    for cell in [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    if (row, cell) < (0xC6, 0x7F)
]


@settings(derandomize=True, deadline=None)
@given(st.text(st.sampled_from(LAND), min_size=8))
def test_common_chinese_is_found_in_either_code_page(text: str) -> None:
    few = len(set(text)) < 6
    assert detect([Sample(text.encode("gbk"))]) in ({"gbk", None} if few else {"gbk"})
    assert detect([Sample(text.encode("utf-8"))]) == "utf-8"


CODED = [
    (word, codec)
    for words, codecs in (
        (SIMPLIFIED, ("gbk", "gb18030", "utf-8")),
        (TRADITIONAL, ("big5", "gbk", "gb18030", "utf-8")),
        (LATIN, ("cp1252", "utf-8")),
    )
    for word in words
    for codec in codecs
]


@pytest.mark.parametrize(("word", "codec"), CODED)
def test_a_single_short_name_is_read_right_or_not_at_all(word: str, codec: str) -> None:
    data = word.encode(codec)
    found = detect([Sample(data)])
    assert found is None or data.decode(found) == word


@pytest.mark.parametrize("codec", ["gbk", "big5", "cp1252"])
def test_most_single_names_are_read(codec: str) -> None:
    words = {"gbk": SIMPLIFIED, "big5": TRADITIONAL, "cp1252": LATIN}[codec]
    read = sum(detect([Sample(word.encode(codec))]) is not None for word in words)
    assert read >= {"gbk": 0.6, "big5": 0.75, "cp1252": 1.0}[codec] * len(words)


@pytest.mark.parametrize("codec", ["gbk", "big5"])
def test_five_names_settle_the_code_page(codec: str) -> None:
    words = SIMPLIFIED[:-20] if codec == "gbk" else TRADITIONAL
    for start in range(len(words) - 5):
        assert detect([Sample(word.encode(codec)) for word in words[start : start + 5]]) in (codec, None)
        more = words[start : start + 12]
        if len(more) == 12:
            assert detect([Sample(word.encode(codec)) for word in more]) == codec


@settings(derandomize=True, max_examples=400, deadline=None)
@given(st.lists(st.text(st.sampled_from(GB2312), min_size=1, max_size=6), min_size=1, max_size=4))
def test_any_characters_of_gb2312_are_read_right_or_not_at_all(words: list[str]) -> None:
    found = detect([Sample(word.encode("gbk")) for word in words])
    assert found is None or [word.encode("gbk").decode(found) for word in words] == words


@settings(derandomize=True, max_examples=400, deadline=None)
@given(st.lists(st.text(st.sampled_from(BIG5), min_size=1, max_size=6), min_size=1, max_size=4))
def test_any_characters_of_big5_are_read_right_or_not_at_all(words: list[str]) -> None:
    found = detect([Sample(word.encode("big5")) for word in words])
    assert found is None or [word.encode("big5").decode(found) for word in words] == words


def test_a_refusal_shows_how_the_text_would_read(desk, shapefile_parts) -> None:
    fields = [("name", "C", 40), ("parcel_id", "C", 20)]
    desk.shapefile(
        "parcels",
        shapefile_parts(fields, [["Улица Ленина, дом три, город".encode("cp1251"), b"P1"]], cpg=None),
    )
    with pytest.raises(Refusal) as refused:
        desk.layer("parcels.shp")
    assert refused.value.code == "ENCODING_UNKNOWN"
    assert "Улица Ленина" in refused.value.text("en")
    desk.shapefile("parcels", shapefile_parts(fields, [["卤".encode("gbk"), b"P1"]], cpg=None))
    with pytest.raises(Refusal) as refused:
        desk.layer("parcels.shp")
    assert "GBK: 卤" in refused.value.text("zh")
    assert "UTF-8: ±" in refused.value.text("zh")
    assert desk.layer("parcels.shp", encoding="GBK").raw.cells["name"].tolist() == ["卤"]


def test_mojibake_is_not_plausible() -> None:
    assert plausible("鹤壁市甲公司") == 1.0
    assert plausible("鹤壁市甲公司".encode("gbk").decode("latin-1")) < 0.2
    assert plausible("鹤壁市甲公司".encode().decode("gbk", "ignore")) < 0.7


def test_names_of_code_pages_as_files_write_them() -> None:
    assert [codec_of(n) for n in ("UTF-8", "utf8", "GBK", "ANSI 936", "936", "ISO-8859-1", "Big5", "?")] == [
        "utf-8", "utf-8", "gbk", "gbk", "gbk", "cp1252", "big5", None,
    ]  # fmt: skip


def test_a_name_cut_inside_a_character_keeps_its_readable_rest() -> None:
    assert decode("建筑面积".encode()[:10], "utf-8", may_be_cut=True) == ("建筑面", True)
    with pytest.raises(UnicodeDecodeError):
        decode("建筑面积".encode()[:10], "utf-8")


def test_gbk_without_any_declaration_is_read_and_said(desk, shapefile_parts) -> None:
    fields = [("权利人".encode("gbk"), "C", 40), ("parcel_id", "C", 20)]
    desk.shapefile("parcels", shapefile_parts(fields, rows("gbk"), cpg=None))
    reading = desk.layer("parcels.shp")
    assert reading.raw.cells["权利人"].tolist() == OWNERS
    assert (reading.raw.encoding, reading.raw.encoding_guessed) == ("GBK", True)
    assert reading.codes() == ["ENCODING_GUESSED"]
    assert "GBK" in reading.messages("zh")


@pytest.mark.parametrize(("language", "guessed"), [(0x4D, False), (0x57, True), (0x03, True), (0x4F, True)])
def test_the_language_byte_is_believed_where_the_bytes_agree(
    desk, shapefile_parts, language, guessed
) -> None:
    fields = [("权利人".encode("gbk"), "C", 40), ("parcel_id", "C", 20)]
    desk.shapefile("parcels", shapefile_parts(fields, rows("gbk"), cpg=None, language=language))
    raw = desk.layer("parcels.shp").raw
    assert raw.cells["权利人"].tolist() == OWNERS
    assert raw.encoding_guessed is guessed


@pytest.mark.parametrize(
    ("codec", "cpg", "both"),
    [
        ("gbk", "UTF-8", ("UTF-8", "GBK")),
        ("utf-8", "GBK", ("GBK", "UTF-8")),
        ("gbk", "ISO-8859-1", ("Windows-1252", "GBK")),
    ],
)
def test_a_lying_cpg_is_refused_naming_both(desk, shapefile_parts, codec, cpg, both) -> None:
    fields = [("owner", "C", 40), ("parcel_id", "C", 20)]
    desk.shapefile("parcels", shapefile_parts(fields, rows(codec), cpg=cpg))
    with pytest.raises(Refusal) as refused:
        desk.layer("parcels.shp")
    assert refused.value.code == "ENCODING_CONFLICT"
    for lang in ("zh", "en"):
        assert all(name in refused.value.text(lang) for name in both)


def test_a_wrong_forced_code_page_is_refused_and_the_right_one_silent(desk, shapefile_parts) -> None:
    fields = [("owner", "C", 40), ("parcel_id", "C", 20)]
    desk.shapefile("parcels", shapefile_parts(fields, rows("gbk"), cpg="UTF-8"))
    reading = desk.layer("parcels.shp", encoding="GBK")
    assert reading.raw.cells["owner"].tolist() == OWNERS
    assert reading.codes() == []
    with pytest.raises(Refusal) as refused:
        desk.layer("parcels.shp", encoding="UTF-8")
    assert refused.value.code == "ENCODING_CONFLICT"
    with pytest.raises(Refusal) as refused:
        desk.layer("parcels.shp", encoding="klingon")
    assert refused.value.code == "ENCODING_NAME"


def test_plain_ascii_needs_no_guess_even_under_an_odd_cpg(desk, three) -> None:
    desk.shapefile("parcels", three | {"cpg": b"whatever"})
    reading = desk.layer("parcels.shp")
    assert reading.codes() == []
    assert reading.raw.encoding_guessed is False


def test_a_field_name_cut_by_gdal_is_read_and_said(desk, shapefile_parts) -> None:
    fields = [("parcel_id", "C", 20), ("建筑面积".encode(), "C", 20)]
    desk.shapefile("parcels", shapefile_parts(fields, [[b"P001", b"10"], [b"P002", b"20"]]))
    reading = desk.layer("parcels.shp")
    assert reading.raw.cells.columns.tolist() == ["parcel_id", "建筑面"]
    assert reading.raw.cells["建筑面"].tolist() == ["10", "20"]
    assert reading.codes() == ["FIELD_NAME_CUT"]
    assert "建筑面" in reading.messages("zh")


def test_two_names_cut_to_the_same_are_refused(desk, shapefile_parts) -> None:
    fields = [("建筑面积".encode(), "C", 9), ("建筑面宽".encode(), "C", 9)]
    desk.shapefile("parcels", shapefile_parts(fields, [[b"1", b"2"]]))
    with pytest.raises(Refusal) as refused:
        desk.layer("parcels.shp")
    assert refused.value.code == "COLUMN_DUPLICATE"


def test_a_text_cut_at_the_end_of_its_field_loses_the_broken_character_aloud(desk, shapefile_parts) -> None:
    fields = [("parcel_id", "C", 10), ("owner", "C", 8)]
    desk.shapefile("parcels", shapefile_parts(fields, [[b"P001", "鹤壁市".encode()], [b"P002", b"x"]]))
    reading = desk.layer("parcels.shp")
    assert reading.raw.cells["owner"].tolist() == ["鹤壁", "x"]
    assert reading.codes() == ["TEXT_CUT"]


def test_geojson_in_gbk_is_read_and_said(desk, feature) -> None:
    path = desk.geojson("parcels.geojson", [feature(0, parcel_id="P1", name="鹤壁市地块")])
    path.write_bytes(path.read_bytes().decode().encode("gbk"))
    reading = desk.layer("parcels.geojson")
    assert reading.raw.cells["name"].tolist() == ["鹤壁市地块"]
    assert reading.codes() == ["ENCODING_GUESSED"]


def test_mapinfo_without_a_charset_is_read_and_said(desk) -> None:
    head = 'Version 300\nCharset "Neutral"\nDelimiter ","\nColumns 1\n  名称 Char(20)\nData\n\n'
    ring = "Region 1\n  5\n1 0\n1 1\n0 1\n0 0\n1 0\n"
    desk.write("a.mif", (head + ring).encode("gbk"))
    desk.write("a.mid", '"鹤壁市工业园区"\n'.encode("gbk"))
    reading = desk.layer("a.mif")
    assert reading.raw.cells["名称"].tolist() == ["鹤壁市工业园区"]
    assert reading.codes() == ["ENCODING_GUESSED"]


@pytest.mark.parametrize(
    ("codec", "title", "notes"),
    [
        ("utf-8", "UTF-8", []),
        ("utf-8-sig", "UTF-8", []),
        ("gbk", "GBK", ["ENCODING_GUESSED"]),
        ("utf-16", "UTF-16", []),
        ("utf-16-le", "UTF-16LE", ["ENCODING_GUESSED"]),
        ("big5", "Big5", ["ENCODING_GUESSED"]),
    ],
)
def test_csv_in_any_code_page(desk, codec: str, title: str, notes: list[str]) -> None:
    text = "parcel_id,名稱\r\nP001,臺北市都市計畫土地使用分區\r\n"
    text = text if codec == "big5" else "parcel_id,名称\r\nP001,产业集聚区工业用地\r\n"
    desk.write("projects.csv", text.encode(codec))
    reading = desk.table("projects.csv")
    assert reading.raw.cells.columns[0] == "parcel_id"
    assert reading.raw.cells.iloc[0, 1] == text.splitlines()[1].split(",")[1]
    assert reading.raw.encoding == title
    assert reading.codes() == notes


@pytest.mark.parametrize(
    ("codec", "forced"), [("gbk", "UTF-8"), ("utf-8", "GBK"), ("utf-16", "UTF-8"), ("utf-8-sig", "GBK")]
)
def test_a_wrong_forced_code_page_of_a_csv_is_refused(desk, codec: str, forced: str) -> None:
    desk.write("projects.csv", "parcel_id,名称\r\nP001,产业集聚区工业用地\r\n".encode(codec))
    with pytest.raises(Refusal) as refused:
        desk.table("projects.csv", encoding=forced)
    assert refused.value.code == "ENCODING_CONFLICT"
