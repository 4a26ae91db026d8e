"""The catalogue of columns: every alias names one column, every role knows its id."""

from __future__ import annotations

import pytest

from landzone.catalog.columns import aliases, id_column, own_specs, specs
from landzone.io.cells import plain_value

ROLES = ["zones", "phases", "parcels", "buildings", "structures", "villages", "green", "projects", "enterprises",
         "zone_figures", "plans.city_plan", "constraints.permanent_farmland"]  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_a_header_names_one_column_of_a_role(role: str) -> None:
    own = own_specs(role)
    meant: dict[str, set[str]] = {}
    for alias in aliases(role):
        if alias.canonical in own:
            meant.setdefault(plain_value(alias.header), set()).add(alias.canonical)
    assert {header: names for header, names in meant.items() if len(names) > 1} == {}


def test_every_alias_belongs_to_a_known_column() -> None:
    for role in ROLES:
        assert {a.canonical for a in aliases(role)} <= set(specs(role))


def test_ids_of_roles() -> None:
    assert [id_column(role) for role in ("zones", "parcels", "buildings", "phases", "plans.x", "constraints.y")] == [
        "zone_id", "parcel_id", "building_id", "", "", "",
    ]  # fmt: skip


def test_frame_names_carry_their_unit() -> None:
    known = specs("parcels")
    names = ["registered_area", "land_price", "agreed_start", "contract_date", "completed", "use_code"]
    assert [known[n].frame_name for n in names] == [
        "registered_area_m2", "land_price_fen", "agreed_start_date", "contract_date", "completed", "use_code",
    ]  # fmt: skip
