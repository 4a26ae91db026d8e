"""Canonical columns by role, and the names under which they are found."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from landzone.catalog import load

SUFFIX = {"area": "_m2", "money": "_fen", "date": "_date", "length": "_m", "ratio": "_ratio"}
"""What a typed column carries at the end of its name."""


@dataclass(frozen=True)
class ColumnSpec:
    """One canonical column: its kind, its Chinese name, and what a value of it may be.

    ``required`` columns are the ids without which a row cannot be used; in ``positive`` columns zero is no value;
    ``fact`` tells dates that state a fact (True) from agreed dates (False).
    """

    name: str
    kind: str
    zh: str = ""
    required: bool = False
    positive: bool = False
    fact: bool | None = None

    @property
    def frame_name(self) -> str:
        """Name of the typed column.

        >>> ColumnSpec("land_price", "money").frame_name, ColumnSpec("contract_date", "date").frame_name
        ('land_price_fen', 'contract_date')
        """
        suffix = SUFFIX.get(self.kind, "")
        return self.name if self.name.endswith(suffix) else self.name + suffix


@dataclass(frozen=True)
class Alias:
    """A header under which a column is found; lower ranks are tried first."""

    canonical: str
    header: str
    rank: int
    unit: str = ""


def family(role: str) -> str:
    """Return the catalogue section of a role.

    >>> family("plans.city_plan"), family("parcels")
    ('plans', 'parcels')
    """
    return role.partition(".")[0]


def own_specs(role: str) -> dict[str, ColumnSpec]:
    """Return the columns of a role by canonical name."""
    section = load.table("columns.toml")[family(role)]
    return {name: ColumnSpec(name=name, **fields) for name, fields in section.items()}


def specs(role: str) -> dict[str, ColumnSpec]:
    """Return the columns a source of this role may have: parcels may carry every project column, too.

    >>> [specs("parcels")[name].kind for name in ("parcel_id", "land_price")]
    ['id', 'money']
    """
    own = own_specs(role)
    if family(role) == "parcels":
        return {**own_specs("projects"), **own}
    return own


def id_column(role: str) -> str:
    """Return the canonical id of a layer role, or an empty text where its rows have none."""
    ids = [spec.name for spec in own_specs(role).values() if spec.kind == "id"]
    return ids[0] if ids else ""


@cache
def aliases(role: str) -> tuple[Alias, ...]:
    """Return every header that names a column of a role, the canonical name first."""
    known = specs(role)
    found = [Alias(name, name, 0) for name in known]
    sections = [family(role)] + (["projects"] if family(role) == "parcels" else [])
    for standard in load.merged("column_aliases").values():
        units: dict[str, str] = standard.get("units", {})
        for section in sections:
            for canonical, headers in standard.get(section, {}).items():
                if canonical in known:
                    found += [Alias(canonical, h, standard["rank"], units.get(h, "")) for h in headers]
    return tuple(dict.fromkeys(found))


def by_content() -> dict[str, Any]:
    """Return what a column is taken for when its cells contradict its name."""
    return dict(load.merged("column_aliases")["by_content"])
