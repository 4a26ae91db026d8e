"""Vacancy against assessment data: Buena Vista's parcels without improvement value, Cambridge's vacant use codes.

Ground is what landzone says of footprints on parcels; assessment is what the assessor wrote. Where the two disagree,
each of the first twenty parcels is explained from a third source: whose house the point is, what the use code says.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

import landzone as lz

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pyogrio", "ignore::RuntimeWarning:pyogrio")
SQ_FOOT = 0.09290304
VACANT_WORDS = r"Vac|Devel|Undevel"
NOT_LAND = (933, 990)
"""Community Develop, Camb Redevelop Auth: offices, not vacant land."""

STUDY = """[study]
name = "Buena Vista vacancy"
money = "usd"
rules = []

[layers.parcels]
source = "{parcels}"
columns = {{ parcel_id = "AcctNum", fixed_asset_investment = "IMPVALUE" }}
units = {{ fixed_asset_investment = "usd" }}

[layers.buildings]
source = "houses.gpkg"
columns = {{ building_id = "house" }}
"""


def houses_of(data: Path, folder: Path) -> gpd.GeoDataFrame:
    """Return the houses as squares of their floor area (100 m² where it is not given) around their points."""
    with zipfile.ZipFile(data / "buena_vista_va" / "bvhouses.zip") as packed:
        packed.extractall(folder)
    points = pyogrio.read_dataframe(folder / "bvhouses.shp", columns=["AcctNum", "YEARBUILT", "SQFT"])
    feet = np.sqrt(np.where(points["SQFT"] > 0, points["SQFT"], 100 / SQ_FOOT))
    x, y = points.geometry.x, points.geometry.y
    squares = shapely.box(x - feet / 2, y - feet / 2, x + feet / 2, y + feet / 2)
    own = points.drop(columns="geometry").assign(house=[f"H{n}" for n in range(len(points))])
    return gpd.GeoDataFrame(own, geometry=squares, crs=points.crs)


@pytest.fixture(scope="module")
def buena_vista(data: Path, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """One row a parcel: what the ground says, what the assessor says, and whose houses stand on it."""
    folder = tmp_path_factory.mktemp("bv")
    source = data / "buena_vista_va" / "Parcel20211201.shp"
    houses = houses_of(data, folder)
    houses[["house", "geometry"]].to_file(folder / "houses.gpkg", driver="GPKG")
    (folder / "study.toml").write_text(STUDY.format(parcels=source), encoding="utf-8")
    result = lz.audit(lz.open_study(folder / "study.toml"), as_of="2026-06-30").result
    says = result.tables["evidence"].set_index("parcel_id")["says"]
    parcels = pyogrio.read_dataframe(source, columns=["AcctNum", "IMPVALUE", "CLASS", "LANDVALUE"])
    parcels = parcels.assign(AcctNum=parcels["AcctNum"].astype(str)).set_index("AcctNum")
    points = houses.assign(geometry=shapely.centroid(houses.geometry.to_numpy()))
    joined = gpd.sjoin(points, parcels[["geometry"]].reset_index(names="on"), predicate="within")
    owners = joined.assign(AcctNum=joined["AcctNum"].astype("str")).groupby("on")["AcctNum"].agg(list)
    own = joined[joined["AcctNum"].astype("str") != joined["on"]]
    elsewhere = own.groupby(own["AcctNum"].astype("str"))["on"].agg(list)
    table = pd.DataFrame({"says": says.reindex(parcels.index), "improved": parcels["IMPVALUE"] > 0})
    table["use_class"], table["land_value"] = parcels["CLASS"], parcels["LANDVALUE"]
    table["houses"] = [owners.get(name, []) for name in parcels.index]
    table["elsewhere"] = [elsewhere.get(name, []) for name in parcels.index]
    return table.sort_index()


def explained(name: str, row: pd.Series) -> str:
    """Say why ground and assessment disagree on a parcel, from the account numbers of the houses and the class."""
    if not row["improved"]:
        if name in row["houses"]:
            return "a house of this account, assessed at nothing"
        return (
            "a house of another account stands on it"
            if row["houses"]
            else "only squares of neighbours reach it"
        )
    if row["elsewhere"]:
        return "the house of this account is mapped on another parcel"
    if row["houses"]:
        return "a house point at the edge, its square too small for the core"
    return "no house in the file: not a dwelling" if row["use_class"] >= 4 else "no house in the file"


def test_parcels_without_improvement_value_against_the_ground(buena_vista: pd.DataFrame) -> None:
    """977 without improvement value: 807 bare on the ground, 146 not to be told, 24 with a house."""
    counts = Counter(zip(buena_vista["improved"], buena_vista["says"], strict=True))
    assert counts == {
        (False, "vacant"): 807, (False, "unclear"): 146, (False, "standing"): 24,
        (True, "vacant"): 403, (True, "unclear"): 120, (True, "standing"): 2171,
    }  # fmt: skip


def test_the_first_twenty_houses_on_parcels_without_improvement_value_are_explained(
    buena_vista: pd.DataFrame,
) -> None:
    against = buena_vista[~buena_vista["improved"] & (buena_vista["says"] == "standing")]
    assert against.index[:20].tolist() == [
        "2001009", "8100117", "8100433", "8100578", "8100722", "8100757", "8100798", "8100827", "8100901", "8100973",
        "8101080", "8101096", "8101262", "8101662", "8102230", "8102248", "8102353", "8102624", "8400008", "8400149",
    ]  # fmt: skip
    reasons = [explained(str(name), row) for name, row in against.iterrows()]
    assert set(reasons[:20]) == {"a house of this account, assessed at nothing"}
    assert reasons.count("only squares of neighbours reach it") == len(reasons) - 22


def test_the_first_twenty_bare_parcels_with_improvement_value_are_explained(
    buena_vista: pd.DataFrame,
) -> None:
    """The file has dwellings only; classes from 4 on are commerce, churches, schools and the like."""
    against = buena_vista[buena_vista["improved"] & (buena_vista["says"] == "vacant")]
    reasons = pd.Series([explained(str(name), row) for name, row in against.iterrows()], index=against.index)
    other, none, edge = (
        "no house in the file: not a dwelling", "no house in the file",
        "a house point at the edge, its square too small for the core",
    )  # fmt: skip
    assert reasons.value_counts().to_dict() == {other: 254, none: 133, edge: 16}
    assert reasons[:20].to_dict() == {
        "2000003": edge, "2001004": none, "2001008": none, "2002007": other, "2003006": other, "2003025": none,
        "2004006": other, "2004021": other, "2005001": other, "2005009": edge, "2007021": other, "2008003": none,
        "2008026": other, "2009002": other, "2011003": none, "2011010": other, "2012003": other, "2019001": other,
        "2019004": none, "8100003": other,
    }  # fmt: skip


@pytest.fixture(scope="module")
def cambridge(data: Path) -> pd.DataFrame:
    """One row a parcel that is used: vacant by use code, and what landzone has of its improvements."""
    study = Path(__file__).parents[2] / "data" / "cambridge_ma" / "study.toml"
    result = lz.audit(lz.open_study(study), as_of="2026-06-30").result
    codes = pd.read_csv(data / "cambridge_ma" / "State_Use_Codes.csv").dropna()
    codes.columns = ["code", "meaning"]
    vacant = set(codes.loc[codes["meaning"].str.contains(VACANT_WORDS, case=False), "code"].astype(int)) - {
        *NOT_LAND
    }
    rows = pd.read_csv(data / "cambridge_ma" / "TaxFY14.csv")
    by = rows.dropna(subset=["ML"]).groupby("ML")
    told = pd.DataFrame(
        {
            "code_vacant": by["UseCode"].agg(lambda own: bool(own.isin(vacant).all())),
            "some_vacant": by["UseCode"].agg(lambda own: bool(own.isin(vacant).any())),
            "uses": by["UseDescription"].agg(lambda own: "|".join(sorted(set(own.dropna())))),
            "gross": by["GrossArea"].sum(),
            "negative": by["TotalAppraisedImprovements"].min() < 0,
            "rows": by.size(),
        }
    )
    money = result.parcels.set_index("parcel_id")["fixed_asset_investment_usd"]
    return told.join(money.rename("improvements"), how="inner").sort_index()


def reason(row: pd.Series) -> str:
    """Say why use code and improvement value disagree."""
    if row["code_vacant"]:
        what = "a building" if row["gross"] else "yard, shed or paving"
        return f"{what} on land of a vacant code"
    if "acant" in row["uses"] or "acnt" in row["uses"]:
        return "vacant by the city's own description, whose code is not in the state's vacant ones"
    if row["gross"]:
        return "a building that is assessed at nothing"
    return "no building by the assessor either, used as " + row["uses"]


@pytest.fixture(scope="module")
def state(cambridge: pd.DataFrame) -> pd.Series:
    """What landzone has of the improvements of each parcel."""
    money = cambridge["improvements"]
    words = np.select([money.isna(), money > 0], ["unknown", "some"], "none")
    return pd.Series(words, index=cambridge.index)


def test_vacant_use_codes_against_improvements(cambridge: pd.DataFrame, state: pd.Series) -> None:
    """175 parcels of vacant codes: 165 without improvements, 10 with some, none unknown."""
    counts = Counter(zip(cambridge["code_vacant"], state, strict=True))
    assert counts == {
        (True, "none"): 165, (True, "some"): 10,
        (False, "none"): 381, (False, "some"): 12_251, (False, "unknown"): 156,
    }  # fmt: skip


def test_improvements_on_land_of_vacant_codes_are_explained(
    cambridge: pd.DataFrame, state: pd.Series
) -> None:
    against = cambridge[cambridge["code_vacant"] & (state == "some")]
    reasons = {name: reason(row) for name, row in against.iterrows()}
    assert reasons.pop("203A-4") == "a building on land of a vacant code"
    assert set(reasons.values()) == {"yard, shed or paving on land of a vacant code"}
    assert list(reasons) == [
        "188-144", "238-78", "265D-51", "267.4-296", "267D-307", "267E-287", "269-135", "66-122", "66-73",
    ]  # fmt: skip
    assert against.drop(index="203A-4")["improvements"].max() == 16_800


def test_the_first_twenty_parcels_without_improvements_under_other_codes_are_explained(
    cambridge: pd.DataFrame, state: pd.Series
) -> None:
    against = cambridge[~cambridge["code_vacant"] & (state == "none")]
    reasons = pd.Series([reason(row) for _, row in against.iterrows()], index=against.index)
    described = "vacant by the city's own description, whose code is not in the state's vacant ones"
    head = reasons.str.split(", used as").str[0]
    assert head.value_counts().to_dict() == {
        described: 233, "no building by the assessor either": 146, "a building that is assessed at nothing": 2,
    }  # fmt: skip
    others = {
        "10-30": "PUB UTIL REG", "105-129": "RES LND-IMP UNDEV", "105-131": "CONDO-BLDG",
        "105-135": "RES LND-IMP UNDEV", "106-42": "Church", "106-60": "Church",
    }  # fmt: skip
    for name, text in reasons[:20].items():
        use = others.get(str(name))
        assert text == (f"no building by the assessor either, used as {use}" if use else described), name
