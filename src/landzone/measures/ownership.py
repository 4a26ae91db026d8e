"""Who owns the ground: state-owned and collective land told apart by the words of the source."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from landzone.measures.idle_evidence import COLLECTIVE, STATE
from landzone.measures.ledger_columns import rejected
from landzone.measures.words import by_word

OTHER = "other"


@dataclass(frozen=True)
class OwnershipWords:
    """How sources write ownership: words and codes, beginnings, and marks of collective land."""

    state: Collection[str]
    collective: Collection[str]
    state_prefixes: tuple[str, ...] = ()
    collective_marks: tuple[str, ...] = ()

    def kind(self, text: str) -> str:
        """Return ``state``, ``collective`` or ``other`` (a text that says neither, or both)."""
        word = text.strip().lower()
        as_state = word in self.state or (bool(self.state_prefixes) and word.startswith(self.state_prefixes))
        as_own = word in self.collective or any(mark in word for mark in self.collective_marks)
        if as_state == as_own:
            return OTHER
        return STATE if as_state else COLLECTIVE


def ownership_kind(parcels: pd.DataFrame, words: OwnershipWords) -> pd.Series:
    """Return for each parcel ``state``, ``collective``, ``other`` (cannot be told), or missing where nothing is said.

    Parameters
    ----------
    parcels : DataFrame
        ``ownership`` (text, may be absent) and ``rejected_cells``.
    words : OwnershipWords

    Examples
    --------
    >>> words = OwnershipWords({"20"}, {"30"}, ("国有",), ("集体",))
    >>> ownership_kind(pd.DataFrame({"ownership": ["国有土地使用权", "30", "争议"]}), words).tolist()
    ['state', 'collective', 'other']
    """
    blank = pd.Series(None, index=parcels.index, dtype="str")
    if "ownership" not in parcels:
        return blank.rename("ownership")
    kinds = by_word(parcels["ownership"], lambda text: words.kind(text) if text.strip() else None)
    wrong = rejected(parcels, ["ownership"])["ownership"]
    if wrong.any():
        kinds = kinds.mask(wrong, OTHER)
    return kinds.rename("ownership")
