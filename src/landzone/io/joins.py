"""Ledgers against the map: projects on parcels, figures and enterprises on zones. Null keys never join."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landzone.catalog.messages import refusal
from landzone.geometry.area import AreaMeasure
from landzone.io.cells import reading
from landzone.io.rows import amount_text, money_texts
from landzone.model.ids import places
from landzone.model.layer import Layer, Table
from landzone.model.problems import Problems
from landzone.units import M2_PER_HA, fen_per_unit

_STARTS = ("supplement_start_date", "agreed_start_date", "delivery_date")
"""Any of these dates makes a start that can be counted from."""


def join_projects(
    parcels: Layer, projects: Table, problems: Problems, *, measure: AreaMeasure, money: str = "wan_cny"
) -> Table:
    """Keep the projects whose parcel is on the map; list all others and what the ledger does not say.

    Parameters
    ----------
    parcels : Layer
        Index ``parcel_id``.
    projects : Table
        Columns ``project_id`` and ``parcel_id``, read in the same way as the ids of the parcels.
    problems : Problems
        Takes JOIN_NO_PARCEL or ID_TYPE_LOST (a row whose parcel is not there; the latter where leading zeros
        would make it fit), DATE_ORDER, and the notes JOIN_ONE_TO_MANY, EVIDENCE_MISSING, PARCELS_WITHOUT_PROJECT
        (with their area) and, where amounts were lost, JOIN_MONEY (in = counted + not counted).
    measure : AreaMeasure
        How areas are measured in the plane of the parcels.
    money : str
        Unit in which amounts are named in messages.

    Returns
    -------
    Table
        The same ledger without the rejected rows, in the same order.
    """
    fen_per_unit(money)
    frame = projects.frame
    matched = places(frame["parcel_id"], parcels.frame.index) >= 0
    _unmatched(frame[~matched], parcels, projects, problems, money)
    whole = _without_lost_shares(frame, matched, projects, problems)
    kept = _check_order(whole[matched].reset_index(drop=True), projects, problems)
    _notes(kept, parcels, projects, problems, measure)
    _balance(frame, kept, projects, problems, money)
    source = dataclasses.replace(
        projects.source,
        rows_used=projects.source.rows_used - int((~matched).sum()),
        rows_rejected=projects.source.rows_rejected + int((~matched).sum()),
    )
    return dataclasses.replace(projects, frame=kept, source=source)


def subjects(frame: pd.DataFrame) -> pd.Series:
    """Return what a project row is called: its own id, or the parcel id where the project id only stands in."""
    head = frame["project_id"].str.rpartition("-")
    stands_in = (head[0] == frame["parcel_id"]) & head[2].str.fullmatch(r"\d+").fillna(False).astype(bool)
    return frame["project_id"].where(~stands_in, frame["parcel_id"])


def _unmatched(rows: pd.DataFrame, parcels: Layer, projects: Table, problems: Problems, money: str) -> None:
    if rows.empty:
        return
    near = _without_zeros(pd.Series(parcels.frame.index, dtype="str"))
    keys = rows["parcel_id"].str.lstrip("0")
    suggested = keys.map(near).where(rows["parcel_id"].str.fullmatch(r"\d+"))
    amounts = pd.Series(money_texts(rows, money), index=rows.index)
    for code, chosen in (("ID_TYPE_LOST", suggested.notna()), ("JOIN_NO_PARCEL", suggested.isna())):
        part = rows[chosen]
        params = [
            {
                "money": amounts[i],
                "suggestion_zh": f"(图层中有 {suggested[i]})" if chosen_id else "",
                "suggestion_en": f" (the layer has {suggested[i]})" if chosen_id else "",
            }
            for i, chosen_id in zip(part.index, suggested[chosen].notna(), strict=True)
        ]
        if len(part):
            problems.reject(
                code,
                source=projects.source.source,
                layer=projects.role,
                rows=part["source_row"].to_numpy(),
                ids=subjects(part),
                raw_value=part["parcel_id"],
                params=params,
            )


def _without_lost_shares(
    frame: pd.DataFrame, matched: NDArray[np.bool_], projects: Table, problems: Problems
) -> pd.DataFrame:
    """Reject an amount that stands on all rows of a project some of whose parcels are not on the map.

    Such an amount is that of the whole project; what of it belongs to the parcels that are left cannot be told.
    """
    lost_ids = pd.Index(frame.loc[~matched, "project_id"].unique())
    again = lost_ids.get_indexer(frame.loc[matched, "project_id"]) >= 0
    rows = np.flatnonzero(matched)[again]
    names = [name for name in frame.columns if str(name).endswith("_fen")]
    if not len(rows) or not names:
        return frame
    frame = frame.copy()
    lost = frame[~matched]
    for name in names:
        gone = set(zip(lost["project_id"], lost[name], strict=True))
        amounts = frame[name].iloc[rows]
        same = [(p, a) in gone for p, a in zip(frame["project_id"].iloc[rows], amounts, strict=True)]
        wrong = frame.index[rows[np.array(same, dtype=bool) & amounts.notna().to_numpy(dtype=bool)]]
        if not len(wrong):
            continue
        column = str(name).removesuffix("_fen")
        problems.reject(
            "PROJECT_PARTLY_ON_MAP",
            source=projects.source.source,
            layer=projects.role,
            rows=frame.loc[wrong, "source_row"].to_numpy(),
            ids=subjects(frame.loc[wrong]),
            column=column,
            raw_value=[f"{int(fen) / 100:.2f}" for fen in frame.loc[wrong, name]],
        )
        frame.loc[wrong, name] = pd.NA
        frame.loc[wrong, "rejected_cells"] = [
            "|".join(sorted({*filter(None, text.split("|")), column}))
            for text in frame.loc[wrong, "rejected_cells"]
        ]
    return frame


def _without_zeros(ids: pd.Series) -> dict[str, str]:
    """Return the numeric ids by their digits without leading zeros, where that is unique."""
    digits = ids[ids.str.fullmatch(r"\d+")]
    keys = digits.str.lstrip("0")
    single = ~keys.duplicated(keep=False)
    return dict(zip(keys[single], digits[single], strict=True))


def _check_order(frame: pd.DataFrame, projects: Table, problems: Problems) -> pd.DataFrame:
    """Reject both dates where a project was finished before it was begun."""
    begin, end = "actual_start_date", "actual_finish_date"
    if not {begin, end} <= set(frame.columns):
        return frame
    wrong = (frame[end] < frame[begin]).to_numpy(dtype=bool)
    if not wrong.any():
        return frame
    days = {column: frame.loc[wrong, column].dt.strftime("%Y-%m-%d") for column in (begin, end)}
    for column in (begin, end):
        problems.reject(
            "DATE_ORDER",
            source=projects.source.source,
            layer=projects.role,
            rows=frame.loc[wrong, "source_row"].to_numpy(),
            ids=subjects(frame[wrong]),
            column=column.removesuffix("_date"),
            raw_value=days[column],
            before=days[begin],
            after=days[end],
        )
    frame = frame.copy()
    frame.loc[wrong, [begin, end]] = pd.NaT
    frame.loc[wrong, "rejected_cells"] = [
        "|".join(sorted({*filter(None, text.split("|")), "actual_start", "actual_finish"}))
        for text in frame.loc[wrong, "rejected_cells"]
    ]
    return frame


def _balance(
    frame: pd.DataFrame, kept: pd.DataFrame, projects: Table, problems: Problems, money: str
) -> None:
    """Say for every amount of which something was lost: all of it = what counts + what does not."""
    for name in (str(column) for column in frame.columns if str(column).endswith("_fen")):
        whole, counted = int(frame[name].sum()), int(kept[name].sum())
        if whole == counted:
            continue
        unit = reading()["money_names"].get(money, money.upper())
        texts = [f"{amount_text(fen, money)} {unit}" for fen in (whole, counted, whole - counted)]
        problems.note(
            "JOIN_MONEY",
            source=projects.source.source,
            layer=projects.role,
            params={
                "amount": name.removesuffix("_fen"), "whole": texts[0], "counted": texts[1], "lost": texts[2],
            },
        )  # fmt: skip


def _notes(
    frame: pd.DataFrame, parcels: Layer, projects: Table, problems: Problems, measure: AreaMeasure
) -> None:
    place = {"source": projects.source.source, "layer": projects.role}
    counts = frame.groupby("parcel_id")["project_id"].nunique()
    many = counts[counts > 1]
    if len(many):
        problems.note("JOIN_ONE_TO_MANY", **place, ids=many.index, params=[{"count": int(c)} for c in many])
    without = parcels.frame.index.difference(pd.Index(frame["parcel_id"]))
    if len(without):
        keep = reading()["kept"]["ids"]
        ids = ", ".join(without[:keep]) + (" …" if len(without) > keep else "")
        ground = measure.m2(parcels.frame.geometry.loc[without].to_numpy()).sum()
        told = {"count": len(without), "ids": ids, "ha": f"{ground / M2_PER_HA:.4f}"}
        problems.note("PARCELS_WITHOUT_PROJECT", **place, params=told)
    gaps = {
        "投资额": ("investment", _lacking(frame, ["fixed_asset_investment_fen"])),
        "约定开工时间": ("agreed start", _lacking(frame, list(_STARTS))),
    }
    lacking = pd.DataFrame({zh: flags for zh, (_, flags) in gaps.items()}).groupby(frame["parcel_id"]).any()
    lacking = lacking[lacking.any(axis=1)]
    if len(lacking):
        english = {zh: en for zh, (en, _) in gaps.items()}
        params = [
            {
                "missing_zh": "、".join(c for c in lacking.columns if row[c]),
                "missing_en": ", ".join(english[c] for c in lacking.columns if row[c]),
            }
            for row in lacking.to_dict("records")
        ]
        problems.note("EVIDENCE_MISSING", **place, ids=lacking.index, params=params)


def _lacking(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Mark rows in which none of the columns that the ledger has is filled; a rejected cell was told already."""
    there = [c for c in columns if c in frame]
    if not there:
        return pd.Series(False, index=frame.index)
    names = {c.removesuffix("_fen") for c in there} | {c.removesuffix("_date") for c in there}
    lost = [bool(names & set(text.split("|"))) for text in frame["rejected_cells"]]
    return frame[there].isna().all(axis=1) & ~np.array(lost, dtype=bool)


def join_zones(zones: Layer, table: Table, problems: Problems) -> Table:
    """Keep the rows of a table whose zone is on the map (JOIN_NO_ZONE); figures of ``all`` are those of the region.

    A table without zone ids belongs to the only zone there is (noted as ZONE_ASSUMED); with several zones it is
    refused (COLUMN_MISSING).
    """
    frame = table.frame
    indexed = frame.index.name == "zone_id"
    if not indexed and "zone_id" not in frame:
        if len(zones.frame) != 1:
            raise refusal(
                "COLUMN_MISSING",
                file=table.source.source,
                layer=table.source.layer,
                column="zone_id",
                canonical="zone_id",
                zh="区域编号",
                near=", ".join(c.removeprefix("src_") for c in frame.columns if c.startswith("src_")),
            )
        only = str(zones.frame.index[0])
        place = {"source": table.source.source, "layer": table.role}
        problems.note("ZONE_ASSUMED", **place, ids=only)
        return dataclasses.replace(table, frame=frame.assign(zone_id=only))
    keys = frame.index.to_series() if indexed else frame["zone_id"]
    known = zones.frame.index.append(pd.Index(["all"])) if table.role == "zone_figures" else zones.frame.index
    matched = known.get_indexer(keys) >= 0
    lost = frame[~matched]
    name: Any = keys[~matched]
    if len(lost):
        ids = name if indexed or "enterprise" not in lost else lost["enterprise"].fillna(name)
        problems.reject(
            "JOIN_NO_ZONE",
            source=table.source.source,
            layer=table.role,
            rows=lost["source_row"].to_numpy(),
            ids=np.asarray(ids),
            raw_value=np.asarray(name),
        )
    source = dataclasses.replace(
        table.source,
        rows_used=table.source.rows_used - len(lost),
        rows_rejected=table.source.rows_rejected + len(lost),
    )
    kept = frame[matched] if indexed else frame[matched].reset_index(drop=True)
    return dataclasses.replace(table, frame=kept, source=source)
