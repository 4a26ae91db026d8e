"""Plan limits of Taiwan (建蔽率, 容積率) as upper limits shape by shape, each verdict worked out a second time.

There are no footprints among the published data: the western 55 % of the width of every shape is taken for one, with
one to five storeys by number, so that the limits are kept here and broken there.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

import landzone as lz
from landzone.errors import Refusal

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pyogrio", "ignore::RuntimeWarning:pyogrio")
RULES = {"COVER": "建蔽率", "FAR": "容積率"}
EQUAL_AREA = "+proj=laea +lat_0=23.7 +lon_0=120.9 +ellps=GRS80 +units=m"


def as_ratio(text: object) -> float:
    """Read 「180」 and 「250%」 the plain way; anything else is no single number."""
    number = str(text).removesuffix("%")
    return float(number) / 100 if number.replace(".", "", 1).isdigit() else np.nan


def footprints(plan: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the western part of every shape as a building."""
    west, south, east, north = plan.bounds.to_numpy().T
    half = shapely.intersection(
        plan.geometry.to_numpy(), shapely.box(west, south, west + 0.55 * (east - west), north)
    )
    columns = {"building_id": plan["OBJECTID"].astype("str"), "floors": plan["OBJECTID"] % 5 + 1}
    return gpd.GeoDataFrame(columns, geometry=half, crs=plan.crs)


def write_limits(path: Path, plan: gpd.GeoDataFrame, *, as_published: bool = False) -> None:
    """Write the table of limits in per cent: single numbers as they stand, other texts left empty."""
    table = pd.DataFrame({"parcel_id": plan["OBJECTID"]})
    for column in RULES.values():
        table[column] = plan[column] if as_published else (100 * plan[column].map(as_ratio)).round(6)
    table.to_csv(path, index=False)


@pytest.fixture(params=["Q0106", "U0101"])
def study(
    request: pytest.FixtureRequest, study_of: Callable[[str], Path], data: Path
) -> tuple[Path, gpd.GeoDataFrame]:
    """Write the study of a plan and return its file and the published shapes."""
    path = study_of("taiwan_zoning").with_name("limits.toml")
    path.write_text(path.read_text("utf-8").replace("{plan}", request.param), "utf-8")
    plan = pyogrio.read_dataframe(data / "taiwan_zoning" / f"{request.param}.json")
    footprints(plan).to_file(path.parent / "buildings.gpkg")
    return path, plan


def test_plan_limits_hold_parcel_by_parcel(study: tuple[Path, gpd.GeoDataFrame]) -> None:
    path, plan = study
    write_limits(path.parent / "limits.csv", plan)
    findings = lz.audit(lz.open_study(path), as_of="2026-06-30").findings
    halves = footprints(plan)
    cover = halves.to_crs(EQUAL_AREA).area / plan.to_crs(EQUAL_AREA).area
    observed = {"COVER": cover, "FAR": cover * halves["floors"]}
    rounding = (
        1e-3 / plan.area.to_numpy()
    )  # areas are whole numbers of 1e-4 m²; some shapes have less than 1 m²
    for rule, column in RULES.items():
        found = (
            findings[findings["rule_id"] == rule].set_index("subject_id").loc[plan["OBJECTID"].astype("str")]
        )
        limit = plan[column].map(as_ratio).to_numpy()
        value = observed[rule].to_numpy()
        assert (np.abs(found["observed"].to_numpy() - value) < 1e-4 * value + rounding).all()
        assert (np.abs(value - limit) > 1e-4)[np.isfinite(limit)].all()
        wanted = np.where(np.isnan(limit), "not_applicable", np.where(value <= limit, "pass", "fail"))
        assert found["verdict"].tolist() == wanted.tolist()
        assert {"pass", "fail", "not_applicable"} == set(wanted)


def test_a_limit_that_is_no_number_is_refused_with_its_line(study: tuple[Path, gpd.GeoDataFrame]) -> None:
    path, plan = study
    write_limits(path.parent / "limits.csv", plan, as_published=True)
    texts = plan["建蔽率"].fillna("").astype("str")
    first = int(np.flatnonzero(~texts.str.fullmatch(r"\d*"))[0])
    with pytest.raises(Refusal, match=rf"limits\.csv.*line {first + 2}: {texts[first]} is no number"):
        lz.open_study(path)
