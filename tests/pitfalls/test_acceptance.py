"""What a user judges by: the same numbers whatever columns are called, and sentences that can be acted on."""

from __future__ import annotations

from typing import Any

import pytest

COLUMNS = ("宗地编号", "ZDDM", "parcel_id")


def chinese(scene: Any, key: str = "宗地编号", cpg: bool = False) -> None:
    """Write parcels as a GBK shapefile without .cpg, and their ledger."""
    ids = [f"4107990010{n:02d}" for n in range(4)]
    frame = scene.layer("parcels.gpkg").drop(columns="parcel_id")
    (scene.folder / "parcels.gpkg").unlink()
    owner = "河南省鹤壁市示例机械制造有限责任公司第二分公司"
    frame = frame.assign(**{key: ids}, 使用权人=[owner] * 4, DLBM=["0601"] * 4)
    frame.to_file(scene.folder / "parcels.shp", encoding="GBK")
    if not cpg:
        (scene.folder / "parcels.cpg").unlink()
    head = ["项目编号", key, "固定资产投资(万元)", "约定开工时间"]
    scene.ledger(head, *[[f"J{n}", parcel, 1000 + n, "2012-06-01"] for n, parcel in enumerate(ids)])


def test_renamed_columns_give_identical_numbers(scene: Any) -> None:
    """P0-1."""
    tables = []
    for key in COLUMNS:
        chinese(scene, key)
        audit = scene.audit()
        tables.append((audit.parcels, audit.zones, audit.findings, audit.result.projects))
    for other in tables[1:]:
        assert [a.equals(b) for a, b in zip(tables[0], other, strict=True)] == [True] * 4


def test_gbk_without_a_cpg_gives_the_full_names_and_one_note_on_the_code_page(scene: Any) -> None:
    """P0-2 and M6: Latin letters in the usual stack."""
    chinese(scene)
    audit = scene.audit()
    assert audit.parcels["holder"].unique().tolist() == ["河南省鹤壁市示例机械制造有限责任公司第二分公司"]
    told = audit.notes[audit.notes["code"] == "ENCODING_GUESSED"]
    assert len(told) == 1
    assert "GBK" in told["message"].iloc[0]


@pytest.mark.parametrize("forced", ["UTF-8", "Big5", "UTF-16"])
def test_a_wrong_code_page_is_refused_with_the_right_one(scene: Any, forced: str) -> None:
    """P0-2."""
    chinese(scene)
    text = f'[layers.parcels]\nsource = "parcels.shp"\nencoding = "{forced}"\n'
    scene.refused("ENCODING_CONFLICT", forced, "GB", text=text)


@pytest.mark.parametrize(
    "cell",
    [
        "2010/3/5",
        "2010年3月5日",
        "20100305",
        "2010.3.5",
        "２０１０年３月５日",
        "二〇一〇年三月五日",
        "2010-03-05",
    ],
)
def test_dates_in_chinese_spellings_are_one_day(scene: Any, cell: str) -> None:
    """P0-2."""
    scene.layer("parcels.gpkg")
    scene.ledger(["项目编号", "宗地编号", "约定开工时间"], ["J1", "P1", cell])
    assert scene.audit().result.projects["agreed_start_date"].tolist() == ["2010-03-05"]


def test_mu_among_square_metres_is_caught_row_by_row(scene: Any) -> None:
    """P0-2: a registered area against its shape, and an area in the ledger against its parcel."""
    scene.layer("parcels.gpkg", **{"证载面积(公顷)": ["1", "15", "1", "15"]})
    scene.ledger(
        ["项目编号", "宗地编号", "面积(公顷)"], ["J1", "P1", 1.0], ["J2", "P2", 15.0], ["J3", "P3", 1.0]
    )
    audit = scene.audit()
    wrong = audit.rejects[audit.rejects["code"] == "AREA_MISMATCH"]
    assert wrong["subject_id"].tolist() == ["P2", "P4"]
    assert wrong["message"].str.contains("亩数当成了公顷").all()
    ledger = audit.notes[audit.notes["code"] == "LEDGER_AREA_DIFFERS"]
    assert ledger["subject_id"].tolist() == ["J2"]
    assert "亩数当成了公顷" in ledger["message"].iloc[0]
