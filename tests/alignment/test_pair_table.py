"""Which difference two common classes make: the whole table."""

from __future__ import annotations

import pytest

from landzone.alignment.pair_table import AlignmentTypes, Kind, PlaceClass
from landzone.catalog import load

TABLE = {
    "C": {"C": "D1", "K": "D3", "R": "D4", "P": "D5", "N": "D6", "W": "D6"},
    "K": {"K": "D2", "R": "D2", "P": "D2", "N": "D2", "W": "D2"},
    "R": {"R": "D2", "P": "D2", "N": "D2", "W": "D2"},
    "P": {"P": "D2", "N": "D2", "W": "D2"},
    "N": {"N": "D2", "W": "D2"},
    "W": {"W": "D2"},
}


def place(*claims: str) -> PlaceClass:
    members = tuple(sorted((claim[0], claim[1:]) for claim in claims))
    return PlaceClass("|".join(claims), "|".join(sorted({claim[0] for claim in claims})), "", members)


@pytest.mark.parametrize(("first", "second"), [(a, b) for a, row in TABLE.items() for b in row])
def test_every_pair_either_way_round(types: AlignmentTypes, first: str, second: str) -> None:
    want = TABLE[first][second]
    assert types.of_pair((first, ""), (second, "")) == types.of_pair((second, ""), (first, "")) == want
    kind = Kind.CONFLICT if want in {"D3", "D4", "D5", "D6", "D7"} else Kind.AGREE
    assert types.combination([place(first), place(second)]) == (kind, want)


@pytest.mark.parametrize(
    ("a", "b", "want"),
    [("工业", "居住", "D7"), ("工业", "工业", "D1"), ("工业", "", "D1"), ("-", "居住", "D1"), ("", "", "D1")],
)
def test_sectors_disagree_only_where_both_say_something(
    types: AlignmentTypes, a: str, b: str, want: str
) -> None:
    assert types.of_pair(("C", a), ("C", b)) == want
    assert types.of_pair(("R", a), ("N", b)) == "D2"


def test_severities(types: AlignmentTypes) -> None:
    found = {name: one.severity for name, one in types.types.items()}
    assert found == {
        "D1": "none",
        "D2": "none",
        "D3": "medium",
        "D4": "high",
        "D5": "severe",
        "D6": "medium",
        "D7": "low",
        "D8": "info",
        "D9": "severe",
        "D10": "severe",
        "D11": "high",
        "D12": "medium",
    }
    ranked = sorted(types.types.values(), key=lambda one: one.rank)
    order = [types.severities.index(one.severity) for one in ranked if one.id in TABLE["C"].values()]
    assert order == sorted(order)
    assert all(set(one.meaning) == set(one.next_step) == {"zh", "en"} for one in ranked)


@pytest.mark.parametrize(
    ("said", "kind", "name"),
    [
        ([], Kind.UNCOVERED, "D8"),
        ([None], Kind.UNCOVERED, "D8"),
        ([place("C")], Kind.AGREE, "D1"),
        ([place("P")], Kind.AGREE, "D2"),
        ([place("C"), None], Kind.UNCOVERED, "D8"),
        ([place("C"), place("?")], Kind.UNCOVERED, "D8"),
        ([place("C"), place("R"), None], Kind.CONFLICT, "D4"),
        ([place("C"), place("C"), place("C")], Kind.AGREE, "D1"),
        ([place("C"), place("K"), place("P")], Kind.CONFLICT, "D5"),
        ([place("K"), place("N"), place("W")], Kind.AGREE, "D2"),
        ([place("C工"), place("C居"), place("N")], Kind.CONFLICT, "D6"),
        ([place("C", "P")], Kind.CONFLICT, "D5"),
        ([place("K", "P")], Kind.AGREE, "D2"),
        ([place("C工", "C居")], Kind.AGREE, "D1"),
        ([place("C工", "C居"), place("C工")], Kind.CONFLICT, "D7"),
        ([place("?", "R"), place("C")], Kind.CONFLICT, "D4"),
    ],
)
def test_combinations(types: AlignmentTypes, said: list[PlaceClass | None], kind: Kind, name: str) -> None:
    assert types.combination(said) == (kind, name)
    assert types.combination(said[::-1]) == (kind, name)


def test_a_broken_table_is_refused() -> None:
    table = load.table("alignment_types.toml")
    types = table["types"]
    for change in (
        {"D4": types["D4"] | {"second": ["R", "P"]}},
        {"D4": types["D4"] | {"severity": "awful"}},
        {"D4": types["D4"] | {"rank": 1}},
    ):
        with pytest.raises(ValueError, match=r"D4|D5|rank"):
            AlignmentTypes.read(table | {"types": types | change})
