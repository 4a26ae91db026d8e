"""Units of formulas: what may be added, compared and divided, and in which unit a formula comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from landzone.rules.formula import GATHERING, Binary, Call, FormulaError, Name, Negative, Node, Number

_BASE: Mapping[str, tuple[Fraction, str, int]] = {
    "m": (Fraction(1), "length", 1),
    "m2": (Fraction(1), "length", 2),
    "ha": (Fraction(10_000), "length", 2),
    "mu": (Fraction(2_000, 3), "length", 2),
    "cny": (Fraction(1), "cny", 1),
    "wan_cny": (Fraction(10_000), "cny", 1),
    "yi_cny": (Fraction(100_000_000), "cny", 1),
    "count": (Fraction(1), "count", 1),
    "years": (Fraction(1), "years", 1),
    "days": (Fraction(1), "days", 1),
    "percent": (Fraction(1, 100), "", 0),
    "ratio": (Fraction(1), "", 0),
    "far": (Fraction(1), "", 0),
}


@dataclass(frozen=True)
class Unit:
    """A factor into the base units (m, yuan, …) and the power of each of them.

    >>> unit_of("wan_cny_per_ha").times(unit_of("m2")).factor
    Fraction(1, 1)
    """

    factor: Fraction = Fraction(1)
    powers: Mapping[str, int] = field(default_factory=dict)
    literal: bool = False

    def times(self, other: Unit, power: int = 1) -> Unit:
        """Multiply by another unit, or divide by it (power -1)."""
        powers = dict(self.powers)
        for base, exponent in other.powers.items():
            powers[base] = powers.get(base, 0) + power * exponent
        kept = {base: exponent for base, exponent in powers.items() if exponent}
        return Unit(self.factor * other.factor**power, kept, self.literal and other.literal)

    def fits(self, other: Unit) -> bool:
        """Tell whether both count the same thing, whatever the factor."""
        return dict(self.powers) == dict(other.powers)


def unit_of(text: str) -> Unit | None:
    """Read a unit such as ``wan_cny_per_ha``; an ISO code of three letters is a currency; None: no unit.

    >>> unit_of("usd_per_m2").powers
    {'usd': 1, 'length': -2}
    >>> unit_of("parsec") is None
    True
    """
    head, *rest = text.split("_per_")
    parts = [_base(head), *[_base(part) for part in rest]]
    result = Unit()
    for place, part in enumerate(parts):
        if part is None:
            return None
        result = result.times(part, -1 if place else 1)
    return result


def _base(text: str) -> Unit | None:
    if text in _BASE:
        factor, base, power = _BASE[text]
        return Unit(factor, {base: power} if power else {})
    if len(text) == 3 and text.isascii() and text.isalpha() and text.islower():
        return Unit(Fraction(1), {text: 1})
    return None


def formula_unit(tree: Node, unit_at: Callable[[Name], Unit]) -> Unit:
    """Return the unit of a formula.

    A number as it stands takes the unit of what it is added to or compared with.

    Raises
    ------
    FormulaError
        Where areas are added to money and the like, or hectares to square metres.

    Examples
    --------
    >>> from landzone.rules.formula import parse
    >>> units = {"tax": unit_of("wan_cny"), "land": unit_of("m2")}
    >>> formula_unit(parse("tax / land"), lambda name: units[name.column]).powers
    {'cny': 1, 'length': -2}
    """
    if isinstance(tree, Number):
        return Unit(literal=True)
    if isinstance(tree, Name):
        return unit_at(tree)
    if isinstance(tree, Negative):
        return formula_unit(tree.operand, unit_at)
    if isinstance(tree, Call):
        return _call_unit(tree, unit_at)
    left, right = formula_unit(tree.left, unit_at), formula_unit(tree.right, unit_at)
    if tree.op == "*":
        return left.times(right)
    if tree.op == "/":
        return left.times(right, -1)
    same = _same(tree, [left, right])
    return same if tree.op in ("+", "-") else Unit()


def _call_unit(tree: Call, unit_at: Callable[[Name], Unit]) -> Unit:
    units = [formula_unit(argument, unit_at) for argument in tree.arguments]
    if tree.function == "count":
        return Unit(Fraction(1), {"count": 1})
    return units[0] if tree.function in GATHERING else _same(tree, units)


def _same(tree: Binary | Call, units: list[Unit]) -> Unit:
    stated = [unit for unit in units if not unit.literal]
    for unit in stated[1:]:
        if not unit.fits(stated[0]) or unit.factor != stated[0].factor:
            word = tree.op if isinstance(tree, Binary) else tree.function
            raise FormulaError(f"the units on both sides of {word} differ", tree.place, word)
    return stated[0] if stated else units[0]
