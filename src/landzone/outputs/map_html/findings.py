"""The findings of the page: results by rule for cards, and the list of what is wrong, gravest first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.map_html import codec
from landzone.outputs.map_html.themed import VERDICTS, contradictions, findings_by_parcel

_SEVERITIES = ("none", "info", "low", "medium", "high", "severe")
_IDLE_WEIGHT = {"A2": 5, "A1": 4, "A_pending": 3, "B": 3, "A_gov": 2}
_FAIL_WEIGHT = {"zone": 4, "parcel": 3}
_USE_CONFLICT_WEIGHT = 3
_STRENGTH_WEIGHT = {"strong": 3, "medium": 2, "weak": 1}
_RULE_KEYS = [
    "pack_id",
    "rule_id",
    "measure",
    "op",
    "limit",
    "unit",
    "gap_unit",
    "clause",
    "source",
    "subject_kind",
]
_SHOWN = [*_RULE_KEYS, "verdict", "borderline", "observed", "gap"]


def payload(study: Study, result: AuditResult) -> dict[str, Any]:
    """Return rules, results by rule and the list, as columns."""
    findings = _placed(result)
    rules, rule_place = _rules(findings, study)
    results = {
        "layer": [0 if kind == "zone" else 1 for kind in findings["subject_kind"]],
        "feature": findings["feature"].tolist(),
        "rule": rule_place,
        "verdict": [VERDICTS.index(v) if v in VERDICTS else -1 for v in findings["verdict"]],
        "borderline": [0 if pd.isna(v) else int(bool(v)) for v in findings["borderline"]],
        "observed": _numbers(findings["observed"]),
        "gap": _numbers(findings["gap"]),
        "subject": codec.dictionary([str(s) for s in findings["subject_id"]]),
    }
    entries = _entries(result, findings, rule_place)
    return {
        "rules": rules,
        "verdicts": list(VERDICTS),
        "results": codec.packed_columns(results),
        "count": len(entries),
        "list": codec.packed_columns({str(column): entries[column].tolist() for column in entries}),
    }


def _placed(result: AuditResult) -> pd.DataFrame:
    zone_place = pd.Series(np.arange(len(result.zones)), index=result.zones["zone_id"].to_numpy())
    parcel_place = pd.Series(np.arange(len(result.parcels)), index=result.parcels["parcel_id"].to_numpy())
    zones = result.findings.loc[result.findings["subject_kind"] == "zone", ["subject_id", *_SHOWN]]
    zones = zones.assign(feature=zones["subject_id"].map(zone_place))
    parcels = findings_by_parcel(result, _SHOWN, among=result.parcels["parcel_id"])
    parcels = parcels.assign(feature=parcels["parcel_id"].map(parcel_place))
    parts = [part for part in (zones, parcels) if len(part)]
    if not parts:
        return zones.assign(feature=pd.Series(dtype="int64"))
    placed = pd.concat(parts, ignore_index=True).dropna(subset=["feature"])
    placed = placed.assign(feature=placed["feature"].astype("int64"))
    order = ["subject_kind", "feature", "subject_id", "pack_id", "rule_id"]
    return placed.sort_values(order, kind="stable", ignore_index=True)


def _rules(findings: pd.DataFrame, study: Study) -> tuple[list[dict[str, Any]], list[int]]:
    titles: dict[tuple[Any, Any], dict[str, str]] = {
        (pack.id, rule.id): dict(rule.title) for pack in study.rule_packs for rule in pack.rules
    }
    own = findings[_RULE_KEYS]
    number = own.groupby(
        _RULE_KEYS, dropna=False, sort=False
    ).ngroup()  # by first appearance, as the keys below
    keys = [
        tuple(None if pd.isna(v) else v for v in row)
        for row in own.drop_duplicates().astype("object").itertuples(index=False, name=None)
    ]
    order = sorted(range(len(keys)), key=lambda k: tuple(str(v) for v in keys[k]))
    different = [keys[k] for k in order]
    place = np.empty(len(keys), dtype=np.int64)
    place[order] = np.arange(len(keys))
    rules = []
    for key in different:
        rule: dict[str, Any] = dict(zip(_RULE_KEYS, key, strict=True))
        rule = {k: _plain(v) for k, v in rule.items()}
        rules.append({**rule, "title": titles.get((key[0], key[1]), {})})
    return rules, place[number.to_numpy()].tolist()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    number = float(value)
    return number if np.isfinite(number) else None


def _numbers(column: pd.Series) -> list[float | None]:
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return [value if np.isfinite(value) else None for value in values.tolist()]


def _entries(result: AuditResult, findings: pd.DataFrame, rule_place: list[int]) -> pd.DataFrame:
    parts = [
        _of_features(result.constraints, "constraint", _severity_weight(result.constraints)),
        _of_features(result.use_conflicts, "use_conflict", _flat(result.use_conflicts, _USE_CONFLICT_WEIGHT)),
        _of_contradictions(result),
        _of_features(result.patches, "conflict", _conflict_weight(result.patches)),
        _of_features(result.parcels, "idle", _idle_weight(result.parcels)),
        _of_failures(result, findings, rule_place),
    ]
    columns = ["group", "feature", "rule", "weight", "area"]
    whole = pd.concat([part for part in parts if len(part)] or [pd.DataFrame(columns=columns)])
    whole = whole.sort_values(
        ["weight", "area", "group", "feature", "rule"],
        ascending=[False, False, True, True, True], kind="stable", ignore_index=True,
    )  # fmt: skip
    return whole[["group", "feature", "rule", "weight"]]


def _of_features(frame: pd.DataFrame, group: str, weight: pd.Series) -> pd.DataFrame:
    places = np.flatnonzero(weight.to_numpy() > 0)
    return pd.DataFrame(
        {
            "group": group,
            "feature": places,
            "rule": -1,
            "weight": weight.to_numpy()[places].astype(int),
            "area": _areas(frame)[places],
        }
    )


def _of_contradictions(result: AuditResult) -> pd.DataFrame:
    found = contradictions(result)
    weight = found["strength"].astype("object").map(_STRENGTH_WEIGHT).fillna(1).astype(int)
    return _of_features(found, "contradiction", weight)


def _of_failures(result: AuditResult, findings: pd.DataFrame, rule_place: list[int]) -> pd.DataFrame:
    failed = (findings["verdict"] == "fail").to_numpy()
    kinds = findings["subject_kind"].to_numpy()[failed]
    feature = findings["feature"].to_numpy()[failed]
    zone, areas = kinds == "zone", np.zeros(int(failed.sum()))
    areas[zone] = _areas(result.zones)[feature[zone]]
    areas[~zone] = _areas(result.parcels)[feature[~zone]]
    return pd.DataFrame(
        {
            "group": np.where(zone, "fail_zone", "fail_parcel"),
            "feature": feature,
            "rule": np.array(rule_place, dtype=np.int64)[failed],
            "weight": np.where(zone, _FAIL_WEIGHT["zone"], _FAIL_WEIGHT["parcel"]),
            "area": areas,
        }
    )


def _areas(frame: pd.DataFrame) -> Any:
    if "area_m2" not in frame:
        return np.zeros(len(frame))
    return pd.to_numeric(frame["area_m2"], errors="coerce").fillna(0.0).to_numpy(dtype=np.float64)


def _flat(frame: pd.DataFrame, weight: int) -> pd.Series:
    return pd.Series(np.full(len(frame), weight))


def _severity_weight(frame: pd.DataFrame) -> pd.Series:
    if not len(frame):
        return pd.Series(dtype="int64")
    typed = frame["type"].fillna("").astype(str).ne("")
    return _ranks(frame).where(typed, 1)


def _ranks(frame: pd.DataFrame) -> pd.Series:
    rank = {word: i for i, word in enumerate(_SEVERITIES)}
    return frame["severity"].astype("object").map(rank).fillna(1).astype(int).clip(lower=1)


def _conflict_weight(frame: pd.DataFrame) -> pd.Series:
    if not len(frame):
        return pd.Series(dtype="int64")
    return _ranks(frame).where(frame["kind"] == "conflict", 0)


def _idle_weight(frame: pd.DataFrame) -> pd.Series:
    return frame["idle_class"].astype("object").map(_IDLE_WEIGHT).fillna(0).astype(int)
