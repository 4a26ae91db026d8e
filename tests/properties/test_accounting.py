"""Every row is used or listed, and money in is money joined and money rejected, to the fen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import landzone as lz

Audited = Callable[..., lz.Audit]
SEEDS = st.integers(0, 11)
few = settings(derandomize=True, max_examples=6, deadline=None, phases=[Phase.generate])
fewer = settings(derandomize=True, max_examples=5, deadline=None, phases=[Phase.generate])
CANONICAL = {"固定资产投资": "fixed_asset_investment", "土地价款": "land_price"}


def rows_of(audit: lz.Audit, role: str) -> int:
    """Count the rows of a role in the results, not in the record of the run."""
    result = audit.result
    found = {
        "zones": result.zones,
        "parcels": result.parcels,
        "buildings": result.buildings,
        "projects": result.projects,
    }
    if role in found:
        return len(found[role])
    family, _, name = role.partition(".")
    if family == "plans":
        return len(audit.study.plans[name].layer.frame)
    return len(audit.study.constraints[name].layer.frame)


@few
@given(seed=SEEDS)
def test_rows_in_are_rows_used_and_rows_rejected(audited: Audited, scenes: ModuleType, seed: int) -> None:
    audit, scene = audited(seed), scenes.draw(seed)
    plans = {f"plans.{name}": len(rows) for name, rows in scene.plans.items()}
    lines = {f"constraints.{name}": len(rows) for name, rows in scene.constraints.items()}
    rows_in = {
        "zones": len(scene.zones), "parcels": len(scene.parcels), "buildings": len(scene.buildings),
        "projects": len(scene.ledger), **plans, **lines,
    }  # fmt: skip
    whole = audit.rejects[audit.rejects["column"] == ""]
    assert {one["role"] for one in audit.result.run["inputs"]} == set(rows_in)
    for one in audit.result.run["inputs"]:
        role = one["role"]
        rejected = whole[whole["layer"] == role]
        assert one["rows_in"] == rows_in[role]
        assert one["rows_rejected"] == len(rejected) == rejected["row"].nunique()
        assert one["rows_used"] == rows_of(audit, role)
        assert rows_of(audit, role) + len(rejected) == rows_in[role]
    assert (audit.rejects["message"].str.len() > 0).all()


def money(audit: lz.Audit, scene: Any, scenes: ModuleType, column: str) -> tuple[int, int, int]:
    """Return fen in the file, joined, and rejected with rows or cells; line 1 of the file is its header."""
    paid = [scenes.fen(row[column]) for row in scene.ledger]
    joined = audit.result.projects[f"{CANONICAL[column]}_wan_cny"].dropna() * 1_000_000
    assert (joined - joined.round()).abs().max() < 1e-3
    rejects = audit.rejects[audit.rejects["layer"] == "projects"]
    out = set(rejects["row"][rejects["column"].isin(["", CANONICAL[column], column, f"{column}(万元)"])])
    return sum(paid), int(joined.round().astype("int64").sum()), sum(paid[int(row) - 2] for row in out)


@pytest.mark.parametrize("column", ["固定资产投资", "土地价款"])
@few
@given(seed=SEEDS)
def test_money_in_is_money_joined_and_money_rejected(
    audited: Audited, scenes: ModuleType, column: str, seed: int
) -> None:
    whole, joined, rejected = money(audited(seed), scenes.draw(seed), scenes, column)
    assert whole == joined + rejected


@fewer
@given(seed=SEEDS, which=st.integers(0, 10_000))
def test_a_copy_of_any_row_is_reported_and_changes_nothing_else(
    audited: Audited, scenes: ModuleType, seed: int, which: int
) -> None:
    scene = scenes.draw(seed)
    copies = {name: [*rows, dict(rows[which % len(rows)])] for name, rows in scene.plans.items()}
    lines = {name: [*rows, dict(rows[which % len(rows)])] for name, rows in scene.constraints.items()}
    more = replace(
        scene,
        zones=[*scene.zones, dict(scene.zones[which % len(scene.zones)])],
        parcels=[*scene.parcels, dict(scene.parcels[which % len(scene.parcels)])],
        buildings=[*scene.buildings, dict(scene.buildings[which % len(scene.buildings)])],
        ledger=[*scene.ledger, dict(scene.ledger[which % len(scene.ledger)])],
        plans=copies,
        constraints=lines,
    )
    before, after = audited(seed), audited(more)
    was, now = scenes.tables(before), scenes.tables(after)
    for name in set(was) - {"rejects", "repairs", "notes"}:
        assert was[name] == now[name], name
    added = after.rejects["code"].value_counts().sub(before.rejects["code"].value_counts(), fill_value=0)
    layers = 4 + len(copies) + len(lines)
    assert added[added != 0].to_dict() == {"ROW_DUPLICATE": layers}
    assert after.has_losses
