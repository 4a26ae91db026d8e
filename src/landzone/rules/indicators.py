"""The figures of a user's own indicators: formulas over the tables of an audit, or figures as given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landzone.model.measures import Measured
from landzone.model.rules import Indicator
from landzone.rules.formula import Binary, Columns, Node, compute, names, parse
from landzone.rules.formula_units import Unit, formula_unit, unit_of
from landzone.units import FloatArray


@dataclass(frozen=True)
class Rows:
    """Rows of a table and the subject each belongs to.

    Attributes
    ----------
    frame : DataFrame
        One line a row and subject.
    place : int array
        Place of the subject in the index of the subjects; -1 where it is none of them.
    share : float array
        Which part of the row belongs to the subject, 0…1.
    """

    frame: pd.DataFrame
    place: NDArray[np.int64]
    share: FloatArray


def indicator_measure(
    indicator: Indicator,
    index: pd.Index,
    own: pd.DataFrame,
    rows: Mapping[str, Rows],
    units: Mapping[tuple[str, str], str],
) -> Measured:
    """Compute an indicator for all subjects of a kind.

    A quotient keeps its numerator and denominator. A column that the data do not have is unknown.

    Parameters
    ----------
    indicator : Indicator
    index : Index
        The subjects.
    own : DataFrame
        Their columns, same index. A given figure stands in the column with the name of the indicator.
    rows : mapping of str to Rows
        Tables that can be summed over.
    units : mapping
        Unit of every ``(table, column)`` of the formula; table empty for the subject's own columns.

    Examples
    --------
    >>> per = Indicator("y", {}, ("parcel",), "wan_cny_per_ha", "tax_wan_cny / area_m2")
    >>> land = pd.DataFrame({"tax_wan_cny": [30.0, 1.0], "area_m2": [10_000.0, 0.0]}, index=["P1", "P2"])
    >>> told = {("", "tax_wan_cny"): "wan_cny", ("", "area_m2"): "m2"}
    >>> indicator_measure(per, land.index, land, {}, told).value.tolist()
    [30.0, nan]
    """
    if not indicator.formula:
        given = _numbers(own, indicator.name)
        return Measured(
            indicator.name, pd.Series(given, index=index), indicator.unit, numerator_unit=indicator.unit
        )
    tree = parse(indicator.formula)
    columns = _columns(own, rows, len(index))
    wanted = unit_of(indicator.unit) or Unit()

    def unit_at_(node: Node) -> Unit:
        return formula_unit(node, lambda name: unit_of(units[(name.table, name.column)]) or Unit())

    factor = float(unit_at_(tree).factor / wanted.factor)
    value = _filled(compute(tree, columns) * factor, len(index))
    if not (isinstance(tree, Binary) and tree.op == "/"):
        return Measured(
            indicator.name, pd.Series(value, index=index), indicator.unit, numerator_unit=indicator.unit
        )
    above, below = (_filled(compute(part, columns), len(index)) for part in (tree.left, tree.right))
    return Measured(
        indicator.name,
        pd.Series(value, index=index),
        indicator.unit,
        numerator=pd.Series(above * factor, index=index),
        denominator=pd.Series(np.where(below > 0, below, np.nan), index=index),
        numerator_unit=_unit_name(tree.left, units),
        denominator_unit=_unit_name(tree.right, units),
    )


def _unit_name(tree: Node, units: Mapping[tuple[str, str], str]) -> str:
    found = {units[(name.table, name.column)] for name in names(tree)}
    return found.pop() if len(found) == 1 else ""


def _filled(values: FloatArray, count: int) -> FloatArray:
    whole: FloatArray = np.broadcast_to(values, (count,)).astype(np.float64)
    return np.where(np.isfinite(whole), whole, np.nan)


def _numbers(frame: pd.DataFrame, column: str) -> FloatArray:
    name = next(
        (n for n in (column, f"src_{column}", f"src_{column.removeprefix('src_')}") if n in frame), None
    )
    if name is None:
        return np.full(len(frame), np.nan)
    numbers = pd.to_numeric(frame[name], errors="coerce").astype("Float64").astype("float64")
    return np.asarray(numbers, dtype=np.float64)


def _columns(own: pd.DataFrame, rows: Mapping[str, Rows], count: int) -> Columns:
    def lookup(table: str, column: str) -> FloatArray:
        return _numbers(rows[table].frame if table else own, column)

    def gather(table: str, values: FloatArray) -> FloatArray:
        there = rows[table]
        own = there.place >= 0
        place = there.place[own]
        known = np.bincount(place, minlength=count) > 0
        sums = np.bincount(place, weights=(values * there.share)[own], minlength=count)
        return np.where(known, sums, np.nan)

    return Columns(lookup, gather)
