"""Every parcel and ledger row names the row of the file it was read from."""

import pytest

import landzone as lz
from landzone.engine.source_rows import COLUMNS, source_rows
from landzone.io.bundled import example_study


@pytest.fixture(scope="module")
def study():
    return lz.open_study(example_study())


@pytest.fixture(scope="module")
def table(study):
    return source_rows(study)


def test_every_parcel_and_every_ledger_row_that_was_used_stands_once(study, table):
    used = {one.role: one.rows_used for one in study.inputs}
    assert table.columns.tolist() == COLUMNS
    assert table.groupby("layer").size().to_dict() == {name: used[name] for name in ("parcels", "projects")}
    assert not table[["layer", "row"]].duplicated().any()


def test_the_row_is_that_of_the_file(table):
    """Row 19 of the sheet, counted as a person counts it: the heading is row 2."""
    own = table[table["parcel_id"] == "411799001001GB00017"].set_index("layer")
    assert own.loc["projects", ["source", "row"]].tolist() == ["ledger.xlsx", 19]
    assert own.loc["parcels", "source"] == "parcels.shp"
