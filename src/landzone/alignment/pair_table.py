"""The table of difference types: what two common classes at one place amount to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, product
from typing import Any

UNKNOWN = "?"
CONSTRUCTION = "C"

NO_SECTOR = frozenset({"", "-"})
"""Sectors that say nothing and therefore disagree with nothing."""


class Kind(StrEnum):
    """The four kinds of patches."""

    AGREE = "agree"
    CONFLICT = "conflict"
    PRECISION = "precision"
    UNCOVERED = "uncovered"


@dataclass(frozen=True)
class PlaceClass:
    """What one plan says of a place.

    ``members`` are its claims as (common class, sector): one, or several where the plan overlaps itself.
    ``code``, ``common`` and ``sector`` are the distinct values, sorted and joined by ``|``.
    """

    code: str
    common: str
    sector: str
    members: tuple[tuple[str, str], ...]

    @property
    def present(self) -> tuple[tuple[str, str], ...]:
        """Return the claims that say something; ``?`` counts as absent."""
        return tuple(member for member in self.members if member[0] != UNKNOWN)


@dataclass(frozen=True)
class DifferenceType:
    """One line of the table: ``meaning`` and ``next_step`` by language, ``rank`` the gravity."""

    id: str
    severity: str
    rank: int
    disagrees: bool
    meaning: dict[str, str]
    next_step: dict[str, str]


@dataclass(frozen=True)
class AlignmentTypes:
    """The pair table of the catalogue (``alignment_types.toml``), read once and passed down."""

    types: Mapping[str, DifferenceType]
    same: Mapping[frozenset[str], str]
    other_sector: Mapping[frozenset[str], str]
    absent: str
    precision_severity: str
    severities: tuple[str, ...]
    present_classes: frozenset[str]
    contrary_classes: frozenset[str]
    use_conflict: str

    @property
    def by_rank(self) -> dict[int, DifferenceType]:
        """Return the types by their gravity."""
        return {one.rank: one for one in self.types.values()}

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> AlignmentTypes:
        """Read the parsed TOML file.

        Raises
        ------
        ValueError
            Where two types claim one pair of classes, a severity is unknown or two ranks are equal.
        """
        severities = tuple(table["severities"])
        types, same, other = {}, dict[frozenset[str], str](), dict[frozenset[str], str]()
        absent, use = "", ""
        for name, entry in table["types"].items():
            if entry["severity"] not in severities:
                raise ValueError(f"{name}: unknown severity {entry['severity']}")
            types[name] = DifferenceType(
                name,
                entry["severity"],
                entry["rank"],
                entry["disagrees"],
                {"zh": entry["zh"], "en": entry["en"]},
                {"zh": entry["next_zh"], "en": entry["next_en"]},
            )
            target = other if entry.get("other_sector") else same
            for pair in product(entry.get("first", ()), entry.get("second", ())):
                if target.setdefault(frozenset(pair), name) != name:
                    raise ValueError(f"{name}: the pair {pair} belongs to another type already")
            absent = name if entry.get("absent") else absent
            use = name if "present" in entry else use
        if len({one.rank for one in types.values()}) < len(types):
            raise ValueError("two types have one rank")
        built, contrary = table["types"][use]["present"], table["types"][use]["plan"]
        severity = table["kinds"]["precision"]["severity"]
        return cls(
            types, same, other, absent, severity, severities, frozenset(built), frozenset(contrary), use
        )

    def of_pair(self, first: tuple[str, str], second: tuple[str, str]) -> str:
        """Return the type of two claims (common class, sector); the order does not matter."""
        pair = frozenset((first[0], second[0]))
        differ = first[1] != second[1] and first[1] not in NO_SECTOR and second[1] not in NO_SECTOR
        if differ and pair in self.other_sector:
            return self.other_sector[pair]
        return self.same[pair]

    def gravest(self, names: Sequence[str]) -> str:
        """Return the gravest of several types."""
        return max(names, key=lambda name: self.types[name].rank)

    def disagreement(self, one: PlaceClass, two: PlaceClass) -> str:
        """Return the gravest type in which two plans disagree at a place, empty where they do not."""
        return self._disagreeing(self.of_pair(a, b) for a, b in product(one.present, two.present))

    def contradiction(self, place: PlaceClass) -> str:
        """Return the gravest type in which a plan that overlaps itself disagrees with itself, empty: none.

        Only claims of different common classes contradict each other: two uses of one class are a question of detail.
        """
        return self._disagreeing(
            self.of_pair(a, b) for a, b in combinations(place.present, 2) if a[0] != b[0]
        )

    def _disagreeing(self, found: Iterable[str]) -> str:
        names = [name for name in found if self.types[name].disagrees]
        return self.gravest(names) if names else ""

    def combination(self, classes: Sequence[PlaceClass | None]) -> tuple[Kind, str]:
        """Return the kind and the type of a place from what each plan says (None: the plan is absent).

        Two present claims that disagree make a conflict, also two claims of one plan whose common classes
        differ; else a plan that is absent makes the place uncovered; else the plans agree.
        The type is the gravest of all pairs.
        """
        said = [place for place in classes if place and place.present]
        disagree = [self.disagreement(one, two) for one, two in combinations(said, 2)]
        disagree = [name for name in [*disagree, *map(self.contradiction, said)] if name]
        if disagree:
            return Kind.CONFLICT, self.gravest(disagree)
        if not classes or len(said) < len(classes):
            return Kind.UNCOVERED, self.absent
        claims = [place.present for place in said]
        found = [self.of_pair(a, b) for one, two in combinations(claims, 2) for a, b in product(one, two)]
        found += [self.of_pair(a, b) for one in claims for a, b in combinations(one, 2) if a[0] != b[0]]
        own = [self.of_pair(claim, claim) for one in claims for claim in one]
        return Kind.AGREE, self.gravest(found + own)
