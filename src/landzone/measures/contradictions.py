"""Where the ledger and the ground contradict each other: a list for people to look into, never a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from landzone.measures import ledger_columns as columns
from landzone.measures.calendar import anniversary
from landzone.measures.ground_evidence import STANDING, UNCLEAR, VACANT
from landzone.measures.ledger_columns import Mask
from landzone.model.ids import places

COLUMNS = [
    "rank_count", "parcel_id", "project_id", "kind", "strength", "idle_class", "ledger_says", "ground_says",
    "sources", "sources_against", "footprint_ratio", "core_ratio", "area_m2", "money_fen",
]  # fmt: skip
STRENGTHS = ("strong", "medium", "weak")
NOT_STARTED = (
    "not_due", "overdue", "cause_unreadable", "government_cause", "cause_to_verify", "idle_one_year", "idle_two_years",
)  # fmt: skip
STARTED = (
    "building", "suspended_recently", "extent_unreadable", "extent_unknown", "suspended_short", "extent_partly_known",
    "suspended_far",
)  # fmt: skip


def contradictions(
    projects: pd.DataFrame, ground: pd.DataFrame, says: Mapping[str, pd.Series], as_of: date
) -> pd.DataFrame:
    """List contradictions between ledger rows and the ground, the most solid and the largest first.

    - ``built_but_vacant``: completed, and nothing stands; ``built_but_works``: completed, and the only buildings are
      under construction;
    - ``developed_but_vacant``: a developed area is given, and nothing stands; ``started_but_vacant``: started more than
      a year ago, and nothing stands and no building is under construction;
    - ``unstarted_but_built``: not started, and something stands; ``unstarted_but_works``: not started, and a building
      is under construction;
    - ``short_but_built``: suspended with less than a third developed, and footprints cover a third of the required
      area: this speaks for the holder;
    - ``sources_disagree``: one source of the ground says standing, another vacant.

    Parameters
    ----------
    projects : DataFrame
        Ledger rows with the columns of the clock.
    ground : DataFrame, index ``parcel_id``
        ``area_m2 footprint_m2 core_ratio works`` (a building is under construction).
    says : mapping of source to Series, index ``parcel_id``
        ``standing``, ``vacant`` or ``unclear`` by ``footprints`` and by the name of each raster.
    as_of : date

    Returns
    -------
    DataFrame
        ``COLUMNS``. ``strength``: ``strong`` where two sources say so and none says otherwise, ``weak`` where one
        says otherwise, else ``medium``. Ranked by strength, then area, then money.

    Examples
    --------
    >>> rows = pd.DataFrame({"project_id": ["J"], "parcel_id": ["P"], "conclusion": ["ended"],
    ...                      "idle_class": ["not_idle"]})
    >>> ground = pd.DataFrame({"area_m2": [8000.0], "footprint_m2": [0.0], "core_ratio": [0.0],
    ...                        "works": [False]}, ["P"])
    >>> found = contradictions(rows, ground, {"footprints": pd.Series({"P": "vacant"})}, date(2026, 6, 30))
    >>> found[["kind", "strength"]].values.tolist()
    [['built_but_vacant', 'medium']]
    """
    rows = projects[places(projects["parcel_id"], ground.index) >= 0].reset_index(drop=True)
    own = ground.reindex(rows["parcel_id"]).reset_index(drop=True)
    votes = {
        name: series.reindex(rows["parcel_id"]).fillna(UNCLEAR).to_numpy() for name, series in says.items()
    }
    lines = _kinds(rows, own, _leading(votes, len(rows)), as_of)
    parts = [_part(rows, own, votes, *line) for line in lines if line[1].any()]
    parts.append(_disagreeing(rows, own, votes))
    found = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    place = found["strength"].map({word: n for n, word in enumerate(STRENGTHS)}).astype("int64")
    money = found["money_fen"].astype("Int64").fillna(0)
    order = found.assign(a=place, b=-found["area_m2"], c=-money).sort_values(
        ["a", "b", "c", "parcel_id", "project_id", "kind"], kind="stable", ignore_index=True
    )
    order["rank_count"] = np.arange(1, len(order) + 1)
    return order[COLUMNS]


def _leading(votes: Mapping[str, Any], size: int) -> Any:
    """Return what the ground says: footprints where they are clear, else the first raster that is."""
    said: Any = np.full(size, UNCLEAR, dtype=object)
    for name in sorted(votes, key=lambda name: (name != "footprints", name)):
        said = np.where(said == UNCLEAR, votes[name], said)
    return said


def _kinds(rows: pd.DataFrame, own: pd.DataFrame, said: Any, as_of: date) -> list[tuple[str, Mask, str, str]]:
    today = np.datetime64(as_of.isoformat(), "D")
    conclusion = rows["conclusion"].astype("str")
    back = columns.flags(rows, "reclaimed")[0]
    done = (conclusion == "ended").to_numpy(dtype=bool) & ~back
    started = conclusion.isin(STARTED).to_numpy(dtype=bool)
    unstarted = conclusion.isin(NOT_STARTED).to_numpy(dtype=bool)
    vacant, standing = said == VACANT, said == STANDING
    works = own["works"].to_numpy(dtype=bool)
    developed = started & (columns.areas(rows, "developed_area") > 0)
    long_ago = anniversary(columns.dates(rows, "actual_start"), 1) < today
    required = columns.areas(rows, "required_area")
    short = (conclusion == "suspended_short").to_numpy(dtype=bool)
    if "area_below_third" in rows:
        short = short & rows["area_below_third"].astype("boolean").to_numpy(dtype=bool, na_value=False)
    covered = own["footprint_m2"].to_numpy(dtype=np.float64)
    return [
        ("built_but_vacant", done & vacant & ~works, "completed", VACANT),
        ("built_but_works", done & vacant & works, "completed", VACANT),
        ("developed_but_vacant", developed & vacant & ~works, "developed", VACANT),
        ("started_but_vacant", started & ~developed & long_ago & vacant & ~works, "started", VACANT),
        ("unstarted_but_built", unstarted & standing, "not_started", STANDING),
        ("unstarted_but_works", unstarted & ~standing & works, "not_started", "works"),
        ("short_but_built", short & standing & (3 * covered >= required), "developed_short", STANDING),
    ]


def _part(
    rows: pd.DataFrame,
    own: pd.DataFrame,
    votes: Mapping[str, Any],
    kind: str,
    where: Mask,
    ledger: str,
    ground: str,
) -> pd.DataFrame:
    other = STANDING if ground == VACANT else VACANT
    sides = {"sources": ground, "sources_against": other}
    named = {
        side: [
            "|".join(n for n in sorted(votes) if votes[n][place] == word) for place in np.flatnonzero(where)
        ]
        for side, word in sides.items()
    }
    agreeing = np.array([len(text.split("|")) if text else 0 for text in named["sources"]], dtype=np.int64)
    opposed = np.array([bool(text) for text in named["sources_against"]], dtype=bool)
    strength = np.where(opposed, "weak", np.where(agreeing >= 2, "strong", "medium"))
    if kind in ("started_but_vacant", "unstarted_but_works"):
        strength = np.where(strength == "strong", "medium", "weak")
    return _table(rows, own, where, kind, strength, {"ledger_says": ledger, "ground_says": ground, **named})


def _disagreeing(rows: pd.DataFrame, own: pd.DataFrame, votes: Mapping[str, Any]) -> pd.DataFrame:
    size = len(rows)
    up = columns.either((vote == STANDING for vote in votes.values()), size)
    down = columns.either((vote == VACANT for vote in votes.values()), size)
    where = up & down & ~rows["parcel_id"].duplicated().to_numpy(dtype=bool)
    named = {
        side: [
            "|".join(n for n in sorted(votes) if votes[n][place] == word) for place in np.flatnonzero(where)
        ]
        for side, word in (("sources", STANDING), ("sources_against", VACANT))
    }
    said = {"ledger_says": "", "ground_says": "disagree", **named}
    return _table(rows, own, where, "sources_disagree", np.full(int(where.sum()), "weak"), said)


def _table(
    rows: pd.DataFrame, own: pd.DataFrame, where: Mask, kind: str, strength: Any, said: Mapping[str, Any]
) -> pd.DataFrame:
    place = np.flatnonzero(where)
    money = [
        rows[name].astype("Int64").array[place]
        if name in rows
        else pd.array([pd.NA] * len(place), dtype="Int64")
        for name in ("fixed_asset_investment_fen", "own_land_price_fen")
    ]
    area, covered, core = (
        own[name].to_numpy(dtype=np.float64)[place] for name in ("area_m2", "footprint_m2", "core_ratio")
    )

    def texts(values: Any) -> Any:
        return pd.array(np.broadcast_to(np.asarray(values, dtype=object), len(place)), dtype="str")

    return pd.DataFrame(
        {
            **{name: rows[name].astype("str").array[place] for name in ("parcel_id", "project_id")},
            "kind": texts(kind),
            "strength": texts(strength),
            "idle_class": rows["idle_class"].astype("str").array[place],
            **{name: texts(values) for name, values in said.items()},
            "footprint_ratio": covered / np.where(area > 0, area, np.nan),
            "core_ratio": core,
            "area_m2": area,
            "money_fen": pd.Series(money[0]).fillna(pd.Series(money[1])).array,
        },
        index=range(len(place)),
    )
