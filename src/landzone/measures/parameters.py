"""Word lists and thresholds that measures take; their home is ``catalog/parameters.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Parameters:
    """What the tables of measures need to know beyond the study.

    Attributes
    ----------
    absent_status : tuple of str
        Words for buildings that do not stand.
    tall_storey_m : float
        Storeys strictly higher count twice for the floor area ratio.
    overlap_noted_over : float
        Share by which footprints may exceed their union before it is noted.
    leader_revenue_over_fen : int or None
        Revenue that a leading enterprise exceeds; None where the study counts in another currency.
    idle_classes, unknown_idle_classes : tuple of str
        Classes that are idle land, and classes that tell nothing.
    money : str
        Unit of the money columns that are written.
    fen_per_unit : int
        Fen in one of it.
    """

    absent_status: tuple[str, ...]
    tall_storey_m: float
    overlap_noted_over: float
    leader_revenue_over_fen: int | None
    idle_classes: tuple[str, ...]
    unknown_idle_classes: tuple[str, ...]
    money: str
    fen_per_unit: int

    @property
    def is_yuan(self) -> bool:
        """Tell whether money is counted in yuan, so that limits in 万元 can be compared."""
        return self.money.endswith("cny")

    @property
    def rule_money(self) -> str:
        """Return the unit in which rules speak of money: 万元, or the currency of the study."""
        return "wan_cny" if self.is_yuan else self.money

    @property
    def fen_per_rule_unit(self) -> int:
        """Return the fen in one unit of money of the rules."""
        return 1_000_000 if self.is_yuan else self.fen_per_unit


@dataclass(frozen=True)
class SiteParameters:
    """Word lists and thresholds of the measures beyond density, investment and idle land.

    Attributes
    ----------
    uses, phases : mapping of str to tuple of str
        Words for the uses of buildings, and for the phases of a zone.
    multi_storey_from : int
        Storeys from which a factory has several.
    earlier_built_from : float
        Share to which an earlier phase has to be built.
    manufacturing : (int, int)
        First and last division of manufacturing.
    industry_scheme : str
        Edition of the industry codes that the study states; empty: not stated.
    """

    uses: Mapping[str, tuple[str, ...]]
    phases: Mapping[str, tuple[str, ...]]
    multi_storey_from: int
    earlier_built_from: float
    manufacturing: tuple[int, int]
    industry_scheme: str = ""
