"""Indicators that a pack brings along: their formulas are checked before a run, names and units included."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from landzone.catalog import load
from landzone.catalog.measure_list import measures
from landzone.model.rules import Indicator
from landzone.rules.formula import FormulaError, Name, check_tables, parse
from landzone.rules.formula_units import Unit, formula_unit, unit_of

TABLE_OF = {"zone": "zones", "region": "zones", "parcel": "parcels", "project": "projects"}
"""The table whose columns an indicator of a kind of subject may speak of."""
ROWS_OF = {"zone": ("parcels", "enterprises"), "region": ("zones", "parcels", "enterprises")}
"""The tables whose rows a subject can be summed over."""
SUFFIXES = (
    ("_wan_cny_per_ha", "wan_cny_per_ha"), ("_wan_cny_per_mu", "wan_cny_per_mu"), ("_wan_cny", "wan_cny"),
    ("_m2", "m2"), ("_ratio", "ratio"), ("_years_count", "years"), ("_count", "count"), ("_m", "m"),
)  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class IndicatorError(ValueError):
    """An indicator that cannot be used: the code of the refusal, the key that is wrong, and its words."""

    def __init__(self, code: str, key: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.key, self.params = code, key, params


def read_indicator(entry: dict[str, Any], title: dict[str, str]) -> Indicator:
    """Check one ``[[indicators]]`` entry whose keys are known to be right.

    Raises
    ------
    IndicatorError
        A name that is none, a subject there is not, a formula that cannot be read, a column that no table has
        (the nearest is named), units that do not fit each other or the stated one.

    Examples
    --------
    >>> entry = {"name": "tax_per_worker", "subjects": ["zone"], "unit": "wan_cny_per_count",
    ...          "formula": "sum(enterprises.tax_wan_cny) / workers_count", "columns": {"workers_count": "count"}}
    >>> read_indicator(entry, {"zh": "人均税收", "en": "tax a worker"}).unit
    'wan_cny_per_count'
    """
    name = str(entry["name"])
    if not _NAME.fullmatch(name):
        raise IndicatorError("RULE_PACK_VALUE", "name", value=name, wanted="a-z 0-9 _")
    subjects = entry["subjects"]
    if not isinstance(subjects, list) or not subjects or not set(subjects) <= set(TABLE_OF):
        raise IndicatorError("RULE_PACK_VALUE", "subjects", value=subjects, wanted=" ".join(TABLE_OF))
    unit, formula, columns = entry["unit"], entry.get("formula", ""), entry.get("columns", {})
    wanted = unit_of(unit) if isinstance(unit, str) else None
    if wanted is None:
        raise IndicatorError(
            "RULE_PACK_VALUE", "unit", value=unit, wanted="m2 ha mu wan_cny wan_cny_per_ha ratio"
        )
    if not isinstance(columns, dict) or any(unit_of(str(u)) is None for u in columns.values()):
        raise IndicatorError(
            "RULE_PACK_VALUE", "columns", value=columns, wanted='{ workers_count = "count" }'
        )
    if not isinstance(formula, str):
        raise IndicatorError("RULE_PACK_VALUE", "formula", value=formula, wanted='"a / b"')
    if formula:
        for subject in subjects:
            _check(formula, subject, {str(k): str(v) for k, v in columns.items()}, wanted, unit)
    return Indicator(name, title, tuple(subjects), unit, formula, dict(columns))


def known_columns(table: str) -> dict[str, str]:
    """Return the columns of a table that are numbers, with their unit.

    >>> known_columns("parcels")["footprint_m2"]
    'm2'
    """
    if table == "enterprises":
        roles = load.table("columns.toml")["enterprises"]
        kinds = {"money": ("_wan_cny", "wan_cny"), "yesno": ("", "ratio"), "number": ("", "ratio")}
        return {
            name + kinds[spec["kind"]][0]: kinds[spec["kind"]][1]
            for name, spec in roles.items()
            if spec["kind"] in kinds
        }
    found = {m.name: m.unit for m in measures().values() if table == "zones" and "zone" in m.subjects}
    for name in load.table("output_columns.toml")["tables"][table]:
        unit = next((unit for suffix, unit in SUFFIXES if name.endswith(suffix)), "")
        if unit:
            found.setdefault(name, unit)
    return found


def _in_yuan(name: str) -> str:
    """Return the name under which the catalogue knows a money column of any currency."""
    return re.sub(r"_(?!cny)[a-z]{3}(?=_per_(?:ha|mu)$|$)", "_wan_cny", name)


def column_unit(table: str, column: str, declared: dict[str, str]) -> str:
    """Return the unit of a column, empty where there is no such column."""
    if column in declared:
        return declared[column]
    known = known_columns(table)
    if column in known:
        return known[column]
    twin = _in_yuan(column)
    return (
        known[twin].replace("wan_cny", column[len(twin.partition("_wan_cny")[0]) + 1 :][:3])
        if twin in known
        else ""
    )


def _check(formula: str, subject: str, declared: dict[str, str], wanted: Unit, unit: str) -> None:
    own, rows = TABLE_OF[subject], ROWS_OF.get(subject, ())

    def unit_at(name: Name) -> Unit:
        table = name.table or own
        if name.table and name.table not in rows:
            raise IndicatorError(
                "RULE_PACK_COLUMN", "formula", unknown=name.table, near=" ".join(rows) or own, subject=subject
            )
        found = unit_of(column_unit(table, name.column, declared))
        if found is None:
            names_there = [*declared, *known_columns(table)]
            near = get_close_matches(name.column, names_there, n=1, cutoff=0.5)
            text = near[0] if near else "landzone list measures"
            raise IndicatorError(
                "RULE_PACK_COLUMN", "formula", unknown=name.column, near=text, subject=subject
            )
        return found

    try:
        tree = parse(formula)
        check_tables(tree)
        found = formula_unit(tree, unit_at)
    except FormulaError as error:
        raise IndicatorError("RULE_PACK_FORMULA", "formula", detail=str(error)) from error
    if not found.fits(wanted):
        raise IndicatorError("RULE_PACK_FORMULA_UNIT", "formula", unit=unit)
