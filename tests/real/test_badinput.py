"""Sixty-nine inputs with one named defect each: the action, the code, the words, the rows and the numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import landzone as lz
from landzone.model.study import AreaKind

STRICTNESS = ["accept", "warn", "repair", "quarantine", "refuse"]
TABLES = {"rejects": "quarantine", "repairs": "repair", "notes": "warn"}
NEUTRAL = {
    "FILE_TAKEN", "ZONE_ALL", "DENSITY_ON_ALL_PARCELS", "OWNERSHIP_ASSUMED", "PARCELS_WITHOUT_PROJECT",
    "IDLE_EVIDENCE_MISSING", "IDLE_LEDGER_WITHOUT_DATES", "ID_STANDIN", "EVIDENCE_MISSING",
}  # fmt: skip
"""Notes on what a small study does not have: they name no defect."""


@dataclass(frozen=True)
class Outcome:
    """What came of one input."""

    codes: dict[str, str]
    text: str
    affected: str
    study: lz.Study | None = None
    audit: lz.Audit | None = None


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def run(folder: Path, code: str) -> Outcome:
    try:
        study = lz.open_study(folder)
        audit = lz.audit(study, as_of="2013-06-30")
    except lz.Refusal as refusal:
        text = refusal.text("zh") + refusal.text("en")
        return Outcome({refusal.code: "refuse"}, text, text)
    codes: dict[str, str] = {}
    text = affected = ""
    for name, action in TABLES.items():
        table: pd.DataFrame = getattr(audit, name)
        text += table.to_csv()
        affected += table[table["code"] == code].to_csv()
        for found in table["code"]:
            codes.setdefault(found, action)
    return Outcome(codes, text, affected, study, audit)


def words(cell: str) -> list[str]:
    return [word.strip() for word in cell.split(";") if word.strip()]


def test_the_manifest_holds_69_cases(bad_inputs: Path) -> None:
    assert len([path for path in bad_inputs.iterdir() if path.is_dir()]) == 69


def test_bad_input(case: dict[str, str], bad_inputs: Path) -> None:
    folder, code, wanted = bad_inputs / case["case_id"], case["code"], case["expected"]
    before = hashes(bad_inputs)
    outcome = run(folder, code)
    assert hashes(bad_inputs) == before
    if code == "OK":
        assert set(outcome.codes) <= NEUTRAL
    else:
        assert STRICTNESS.index(outcome.codes[code]) >= STRICTNESS.index(wanted)
    assert [word for word in words(case["must_mention"]) if word not in outcome.text] == []
    if outcome.audit is not None and outcome.study is not None:
        check_rows(outcome.audit)
        number = case["case_id"].split("_")[0]
        if case["affected_ids"] != "all" and code != "OK":
            absent = [name for name in words(case["affected_ids"]) if name not in outcome.affected]
            assert absent == []
        ORACLES.get(number, lambda *_: None)(outcome.study, outcome.audit)
    else:
        assert wanted == "refuse"


def check_rows(audit: lz.Audit) -> None:
    """Rows in are rows used and rows rejected, for every input."""
    for record in audit.result.run["inputs"]:
        if record["rows_in"] is None:
            continue
        rejects = audit.rejects
        rows = rejects[(rejects["layer"] == record["role"]) & (rejects["column"] == "")]["row"].nunique()
        assert record["rows_in"] == record["rows_used"] + record["rows_rejected"]
        assert record["rows_rejected"] == rows


Oracle = Callable[[lz.Study, lz.Audit], None]
ORACLES: dict[str, Oracle] = {}


def oracle(name: str) -> Callable[[Oracle], Oracle]:
    def register(check: Oracle) -> Oracle:
        ORACLES[name] = check
        return check

    return register


def parcels(audit: lz.Audit) -> pd.DataFrame:
    return audit.parcels.set_index("parcel_id")


def projects(audit: lz.Audit) -> pd.DataFrame:
    return audit.result.projects.set_index("project_id")


def planar(study: lz.Study) -> lz.Audit:
    """The corpus names areas of the plane: audit the same study again in the plane."""
    settings = replace(study.settings, area_kind=AreaKind.PLANAR)
    return lz.audit(replace(study, settings=settings), as_of="2013-06-30")


def pieces_of_zones(audit: lz.Audit) -> dict[str, float]:
    return audit.zones.set_index("zone_id")["density_denominator_m2"].to_dict()


@oracle("S00")
def _(study: lz.Study, audit: lz.Audit) -> None:
    flat = planar(study)
    assert len(flat.parcels) == 4
    assert flat.parcels["area_m2"].sum() == pytest.approx(40_000, abs=5e-4)
    assert pieces_of_zones(flat) == {"Z1": pytest.approx(40_000, abs=5e-4)}
    assert audit.rejects.empty
    assert audit.repairs.empty
    assert not audit.has_losses


@oracle("S13")
def _(study: lz.Study, audit: lz.Audit) -> None:
    frame = study.layers["parcels"].frame
    assert any((frame[column].astype("str") == "鹤壁市甲公司").any() for column in frame.columns)


@oracle("S15")
@oracle("S16")
def _(study: lz.Study, audit: lz.Audit) -> None:
    assert len(audit.result.projects) == 1
    assert parcels(audit).loc["P001", "fixed_asset_investment_wan_cny"] == 1200


@oracle("S17")
def _(study: lz.Study, audit: lz.Audit) -> None:
    assert audit.parcels["parcel_id"].tolist() == ["P001", "P002", "P003"]


@oracle("S22")
def _(study: lz.Study, audit: lz.Audit) -> None:
    assert audit.parcels["area_m2"].tolist() == [pytest.approx(10_035.473, abs=0.5)] * 2


@oracle("S24")
def _(study: lz.Study, audit: lz.Audit) -> None:
    assert parcels(audit).loc["P001", "area_m2"] == pytest.approx(9994.20, abs=0.5)


@oracle("S26")
def _(study: lz.Study, audit: lz.Audit) -> None:
    flat = parcels(planar(study)).loc["BAD1"]
    assert flat["area_m2"] == pytest.approx(10_000, abs=5e-4)
    _, south, _, north = flat["geometry"].bounds
    assert north - south == pytest.approx(100, abs=1e-3)


@oracle("S33")
def _(study: lz.Study, audit: lz.Audit) -> None:
    assert parcels(planar(study)).loc["BAD1", "area_m2"] == pytest.approx(10_000, abs=5e-4)


@oracle("S34")
def _(study: lz.Study, audit: lz.Audit) -> None:
    assert planar(study).zones["area_m2"].tolist() == [pytest.approx(20_000, abs=1e-3)]


@oracle("S36")
def _(study: lz.Study, audit: lz.Audit) -> None:
    assert parcels(audit).loc["P002", "zone_id"] == "ZB"
    assert sum(pieces_of_zones(planar(study)).values()) == pytest.approx(40_000, rel=1e-8)


@oracle("S38")
def _(study: lz.Study, audit: lz.Audit) -> None:
    assert audit.parcels["fixed_asset_investment_wan_cny"].tolist() == [1200.0] * 4
    intensity = planar(study).parcels["investment_intensity_wan_cny_per_ha"]
    assert intensity.tolist() == [pytest.approx(1200, rel=1e-7)] * 4


@oracle("S40")
def _(study: lz.Study, audit: lz.Audit) -> None:
    assert audit.parcels["registered_area_m2"].tolist() == [10_000.0] * 4
    assert "UNIT_MISNAMED" in set(audit.notes["code"])


@oracle("S41")
def _(study: lz.Study, audit: lz.Audit) -> None:
    messages = audit.rejects.set_index("subject_id")["message"]
    assert "0.0015" in messages["P002"]
    assert "亩" in messages["P002"]
    assert "0.0001" in messages["P003"]
    assert "公顷" in messages["P003"]
    assert "1.04" in messages["P004"]


@oracle("S42")
def _(study: lz.Study, audit: lz.Audit) -> None:
    assert set(audit.result.projects["agreed_start_date"]) == {"2012-06-01"}


@oracle("S43")
def _(study: lz.Study, audit: lz.Audit) -> None:
    starts = projects(audit)["agreed_start_date"]
    assert starts["J1"] == "2012-06-01"
    assert pd.isna(starts["J2"])
    assert parcels(audit).loc["P002", "idle_class"] == "data_error"


@oracle("S46")
def _(study: lz.Study, audit: lz.Audit) -> None:
    figures = study.tables["zone_figures"].frame
    ratio = next(figures[column] for column in figures.columns if str(column).startswith("building_density"))
    assert ratio.dropna().tolist() == [0.5, 0.5, 0.5]


@oracle("S48")
def _(study: lz.Study, audit: lz.Audit) -> None:
    assert audit.result.projects["parcel_id"].tolist() == ["0013"]
    assert pd.isna(parcels(audit).loc["0012", "fixed_asset_investment_wan_cny"])


@oracle("S49")
def _(study: lz.Study, audit: lz.Audit) -> None:
    assert audit.result.projects.empty
    assert len(audit.rejects) == audit.rejects["row"].nunique() == 3


@oracle("S50")
def _(study: lz.Study, audit: lz.Audit) -> None:
    assert len(audit.result.projects) == 4
    assert set(audit.result.projects["parcel_id"]) <= set(audit.parcels["parcel_id"])


@oracle("S51")
def _(study: lz.Study, audit: lz.Audit) -> None:
    intensity = parcels(audit)["investment_intensity_wan_cny_per_ha"]
    assert intensity[["P001", "P002"]].isna().all()
    assert intensity["P003"] == 0


@oracle("S52")
def _(study: lz.Study, audit: lz.Audit) -> None:
    assert audit.result.projects["fixed_asset_investment_wan_cny"].sum() == 1200
    assert "900" in audit.rejects.set_index("subject_id").loc["J2", "message"]


@oracle("S53")
def _(study: lz.Study, audit: lz.Audit) -> None:
    flat = planar(study)
    first = parcels(flat).loc["P001"]
    assert first["fixed_asset_investment_wan_cny"] == 1500
    assert first["investment_intensity_wan_cny_per_ha"] == pytest.approx(1500, rel=1e-7)
    assert flat.zones["area_m2"].tolist() == [pytest.approx(40_000, abs=1e-3)]


@oracle("S57")
def _(study: lz.Study, audit: lz.Audit) -> None:
    assert parcels(audit).loc["P001", "idle_class"] == "unknown"


@oracle("S59")
def _(study: lz.Study, audit: lz.Audit) -> None:
    flat = planar(study)
    note = flat.notes[flat.notes["code"] == "PARCEL_SPLIT"].iloc[0]
    assert json.loads(note["params"])["parts"] == "ZA 6000.00 m², ZB 4000.00 m²"
    zones = pieces_of_zones(flat)
    assert zones == {"ZA": pytest.approx(6_000, abs=5e-4), "ZB": pytest.approx(34_000, abs=5e-4)}


@oracle("S60")
def _(study: lz.Study, audit: lz.Audit) -> None:
    flat = parcels(planar(study)).loc[["P001", "P002"]]
    assert flat["footprint_m2"].tolist() == [pytest.approx(2000, abs=5e-4)] * 2
    assert flat["building_density_ratio"].tolist() == [pytest.approx(0.2, rel=1e-7)] * 2


@oracle("S61")
def _(study: lz.Study, audit: lz.Audit) -> None:
    name = study.layers["parcels"].frame["name"].iloc[0]
    assert "<" in name
    assert name not in audit.map().get_root().render()


@oracle("S62")
def _(study: lz.Study, audit: lz.Audit) -> None:
    names = study.layers["parcels"].frame["name"]
    assert names["P001"] == "{{ cycler.__init__.__globals__.os.getpid() }}"
    assert len(audit.map().get_root().render()) > 10_000


@oracle("S68")
def _(study: lz.Study, audit: lz.Audit) -> None:
    assert (audit.parcels["parcel_id"] == "x' OR '1'='1").sum() == 1


def test_names_like_formulas_are_text_in_the_workbook(bad_inputs: Path, tmp_path: Path) -> None:
    """The workbook has formulas of its own; the names of S63 stand in cells of type text."""
    out = lz.audit(lz.open_study(bad_inputs / "S63_formula"), as_of="2013-06-30").save(tmp_path / "out")
    book = openpyxl.load_workbook(out / "audit.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    for name in ("=cmd|' /C calc'!A0", "+1+1", "@SUM(1)", "-2+3"):
        kinds = {cell.data_type for cell in cells if str(cell.value) == name}
        assert kinds == {"s"}, name
