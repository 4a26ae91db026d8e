"""A small language for indicators of a user: arithmetic over columns, read by a parser of its own, never executed.

``expression = sum [comparison sum]``, ``sum = product {+|- product}``, ``product = sign {*|/ sign}``,
``sign = [-] atom``, ``atom = number | name | table.name | function(arguments) | (expression)``.
Functions: ``min max abs`` of numbers; over the rows of a table that belong to the subject, ``sum`` of a number and
``count`` of the rows for which something holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from landzone.units import FloatArray

MOST_CHARACTERS = 600
MOST_DEPTH = 50
PLAIN = ("min", "max", "abs")
GATHERING = ("sum", "count")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)?)"
    r"|(?P<sign>>=|<=|==|[-+*/()<>,]))"
)
_COMPARISONS: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    ">=": np.greater_equal, "<=": np.less_equal, ">": np.greater, "<": np.less, "==": np.equal,
}  # fmt: skip


class FormulaError(ValueError):
    """A formula that cannot be read: what is wrong, and at which character."""

    def __init__(self, what: str, place: int, found: str = "") -> None:
        super().__init__(f"character {place + 1}: {what}")
        self.what, self.place, self.found = what, place, found


@dataclass(frozen=True)
class Number:
    """A number as it stands."""

    value: float


@dataclass(frozen=True)
class Name:
    """A column of the subject, or of the rows of a table."""

    table: str
    column: str
    place: int


@dataclass(frozen=True)
class Negative:
    """A number with its sign turned."""

    operand: Node


@dataclass(frozen=True)
class Binary:
    """Two operands and one of ``+ - * / >= <= > < ==``."""

    op: str
    left: Node
    right: Node
    place: int


@dataclass(frozen=True)
class Call:
    """A function and its arguments."""

    function: str
    arguments: tuple[Node, ...]
    place: int


Node = Number | Name | Negative | Binary | Call


def parse(text: str) -> Node:
    """Read a formula.

    Raises
    ------
    FormulaError
        With the character at which reading ends.

    Examples
    --------
    >>> tree = parse("(tax_wan_cny + 2) / area_m2")
    >>> tree.op, tree.right.column
    ('/', 'area_m2')
    """
    if len(text) > MOST_CHARACTERS:
        raise FormulaError(f"more than {MOST_CHARACTERS} characters", MOST_CHARACTERS)
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.spot, self.depth = 0, 0

    def whole(self) -> Node:
        tree = self.expression()
        kind, text, place = self.tokens[self.spot]
        if kind != "end":
            raise FormulaError(f"{text!r} is not expected here", place, text)
        return tree

    def take(self, *texts: str) -> str:
        kind, text, _ = self.tokens[self.spot]
        if kind == "sign" and text in texts:
            self.spot += 1
            return text
        return ""

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise FormulaError("nested too deeply", self.tokens[self.spot][2])
        left = self.chain(("+", "-"), lambda: self.chain(("*", "/"), self.sign))
        place = self.tokens[self.spot][2]
        if op := self.take(*_COMPARISONS):
            right = self.chain(("+", "-"), lambda: self.chain(("*", "/"), self.sign))
            left = Binary(op, left, right, place)
        self.depth -= 1
        return left

    def chain(self, ops: tuple[str, ...], operand: Callable[[], Node]) -> Node:
        left = operand()
        place = self.tokens[self.spot][2]
        while op := self.take(*ops):
            left = Binary(op, left, operand(), place)
            place = self.tokens[self.spot][2]
        return left

    def sign(self) -> Node:
        turned = False
        while self.take("-"):
            turned = not turned
        return Negative(self.atom()) if turned else self.atom()

    def atom(self) -> Node:
        kind, text, place = self.tokens[self.spot]
        self.spot += kind != "end"
        if kind == "number":
            return Number(float(text))
        if kind == "name":
            return self.call(text, place) if self.take("(") else Name(*_parts(text), place)
        if kind == "sign" and text == "(":
            inner = self.expression()
            self.close()
            return inner
        raise FormulaError("a number, a name or ( is missing here", place, text)

    def call(self, function: str, place: int) -> Node:
        if function not in PLAIN + GATHERING:
            raise FormulaError(
                f"there is no function {function}: {' '.join(PLAIN + GATHERING)}", place, function
            )
        arguments = [self.expression()]
        while self.take(","):
            arguments.append(self.expression())
        self.close()
        if len(arguments) != 1 and function not in ("min", "max"):
            raise FormulaError(f"{function} takes one argument", place, function)
        return Call(function, tuple(arguments), place)

    def close(self) -> None:
        if not self.take(")"):
            _, text, place = self.tokens[self.spot]
            raise FormulaError(") is missing", place, text)


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    place = 0
    while text[place:].strip():
        found = _TOKEN.match(text, place)
        if not found:
            place += len(text[place:]) - len(text[place:].lstrip())
            raise FormulaError(f"{text[place]!r} is no part of a formula", place, text[place])
        kind = str(found.lastgroup)
        yield kind, found.group(kind), found.start(kind)
        place = found.end()
    yield "end", "", len(text)


def _parts(name: str) -> tuple[str, str]:
    table, dot, column = name.partition(".")
    return (table, column) if dot else ("", table)


def names(tree: Node) -> list[Name]:
    """Return every column a formula speaks of, in order of appearance.

    >>> [(n.table, n.column) for n in names(parse("sum(parcels.area_m2) / area_m2"))]
    [('parcels', 'area_m2'), ('', 'area_m2')]
    """
    if isinstance(tree, Name):
        return [tree]
    return [name for part in _children(tree) for name in names(part)]


def check_tables(tree: Node, within: str = "") -> None:
    """Make sure that rows of a table stand inside ``sum`` and ``count``, of one table each, and nothing else there.

    Raises
    ------
    FormulaError
        With the place of the name that is out of place.
    """
    if isinstance(tree, Call) and tree.function in GATHERING:
        tables = sorted({name.table for name in names(tree)})
        if within or len(tables) != 1 or not tables[0]:
            raise FormulaError(
                f"{tree.function} takes columns of the rows of one table, as in {tree.function}(parcels.area_m2)",
                tree.place,
                tree.function,
            )
        within = tables[0]
    if isinstance(tree, Name) and tree.table and not within:
        raise FormulaError(
            f"{tree.table}.{tree.column} stands outside sum(…) and count(…)", tree.place, tree.table
        )
    for part in _children(tree):
        check_tables(part, within)


def _children(tree: Node) -> tuple[Node, ...]:
    if isinstance(tree, Negative):
        return (tree.operand,)
    if isinstance(tree, Binary):
        return (tree.left, tree.right)
    return tree.arguments if isinstance(tree, Call) else ()


@dataclass(frozen=True)
class Columns:
    """Where a formula finds its numbers.

    Attributes
    ----------
    lookup : callable
        ``(table, column)`` to the numbers of the subject (table empty) or of the rows of a table.
    gather : callable
        ``(table, numbers of its rows)`` to their sum for each subject; NaN in, NaN out.
    """

    lookup: Callable[[str, str], FloatArray]
    gather: Callable[[str, FloatArray], FloatArray]


def compute(tree: Node, columns: Columns) -> FloatArray:
    """Compute a formula for all subjects at once; missing is unknown, and so is a division by zero.

    Examples
    --------
    >>> data = {"a": np.array([6.0, 1.0, np.nan]), "b": np.array([4.0, 0.0, 2.0])}
    >>> compute(parse("a / b"), Columns(lambda table, name: data[name], lambda table, rows: rows)).tolist()
    [1.5, nan, nan]
    """
    if isinstance(tree, Number):
        return np.asarray(tree.value, dtype=np.float64)
    if isinstance(tree, Name):
        return columns.lookup(tree.table, tree.column)
    if isinstance(tree, Negative):
        return -compute(tree.operand, columns)
    if isinstance(tree, Call):
        return _call(tree, columns)
    left, right = compute(tree.left, columns), compute(tree.right, columns)
    if tree.op in _COMPARISONS:
        known = np.isfinite(left) & np.isfinite(right)
        return np.where(known, _COMPARISONS[tree.op](left, right), np.nan)
    if tree.op == "/":
        return left / np.where(right == 0, np.nan, right)
    return {"+": np.add, "-": np.subtract, "*": np.multiply}[tree.op](left, right)


def _call(tree: Call, columns: Columns) -> FloatArray:
    values = [compute(argument, columns) for argument in tree.arguments]
    if tree.function in GATHERING:
        table = next((name.table for name in names(tree.arguments[0])), "")
        rows = values[0]
        if tree.function == "count":
            rows = np.where(np.isfinite(rows), rows != 0, np.nan)
        return columns.gather(table, rows)
    if tree.function == "abs":
        return np.abs(values[0])
    reduce = np.minimum if tree.function == "min" else np.maximum
    result = values[0]
    for value in values[1:]:
        result = reduce(result, value)
    return result
