"""What the kernel found, by the ids of the study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from landzone.alignment.ground import PlanGround
from landzone.engine.kernel import ANSWERS, Partial
from landzone.model.coded import coded
from landzone.model.ids import ascending
from landzone.model.ledger import BuildingPieces
from landzone.units import IntArray

_SHARE = ("left", "right", "units")


@dataclass(frozen=True)
class Found:
    """Numbers of all parcels in the order of the study (see ``kernel.measure_parcels``), and the ids of the parcels."""

    numbers: Partial
    parcels: pd.Index

    def column(self, name: str, *, named: bool = True) -> pd.Series:
        """Return one number a parcel."""
        return pd.Series(self.numbers[name], self.parcels, name="area" if named else None)

    def optional(self, name: str, *, named: bool = True) -> pd.Series | None:
        """Return one number a parcel; None where it was not asked for."""
        return self.column(name, named=named) if name in self.numbers else None

    def cover(self, name: str) -> pd.Series | None:
        """Return the ground of each parcel under a set; None without that set."""
        return self.optional(f"cover:{name}")

    def places(self, name: str) -> IntArray:
        """Return the position in a set of each piece."""
        return self.numbers[f"pair:{name}:right"]

    def pieces(self, name: str, key: str, ids: pd.Index) -> pd.DataFrame:
        """Return the pieces of a set on parcels: ``parcel_id``, the id in the set, ``area``."""
        left, area = self.numbers[f"pair:{name}:left"], self.numbers[f"pair:{name}:units"]
        return pd.DataFrame({"parcel_id": self.parcels[left], key: ids[self.places(name)], "area": area})

    def footprints(self, name: str) -> BuildingPieces | None:
        """Return the pieces of footprints on parcels by their places; None without that set."""
        if f"pair:{name}:left" not in self.numbers:
            return None
        return BuildingPieces(*(self.numbers[f"pair:{name}:{part}"] for part in ("left", "right", "units")))

    def core(self) -> pd.DataFrame | None:
        """Return ``area`` and ``cover`` of the cores of parcels, -1 where there is none; None without buildings."""
        if "core_area" not in self.numbers:
            return None
        return pd.DataFrame({name: self.column(f"core_{name}") for name in ("area", "cover")})

    def conformity(self) -> pd.Series:
        """Return the conformity of each parcel with the plans, lines of control left aside."""
        words = np.array([str(one) for one in ANSWERS], dtype=object)
        return pd.Series(words[self.numbers["conformity"]], self.parcels, name="conformity", dtype="str")

    def shares(self, plans: Sequence[PlanGround]) -> pd.DataFrame:
        """Return the ground of parcels under the classes of plans, as ``alignment.shares.plan_shares`` does.

        Plan, code and common class are categories.
        """
        classes = [one for plan in plans for one in plan.classes]
        first = np.cumsum([0, *(len(plan.classes) for plan in plans)])
        parts = [
            (left, np.full(len(left), number), first[number] + label, units)
            for number, plan in enumerate(plans)
            for left, label, units in [[self.numbers[f"share:{plan.name}:{c}"] for c in _SHARE]]
        ]
        none = np.zeros(0, dtype=np.int64)
        left, plan, label, units = (np.concatenate(part) for part in zip((none,) * 4, *parts, strict=True))
        texts = {
            "plan": coded([one.name for one in plans], plan),
            "code": coded([one.code for one in classes], label),
            "common": coded([one.common for one in classes], label),
        }
        keys = [_ranks(self.parcels)[left], *(text.codes for text in texts.values())]
        order = np.lexsort(keys[::-1])
        ids = pd.array(self.parcels, dtype="str").take(left[order])
        told = {name: text[order] for name, text in texts.items()}
        return pd.DataFrame({"parcel_id": ids, **told, "area": units[order]}, copy=False)


def _ranks(ids: pd.Index) -> IntArray:
    """Return the place of each id in their order."""
    places = np.arange(len(ids), dtype=np.int64)
    if ascending(ids):
        return places
    ranks = np.empty_like(places)
    ranks[ids.argsort()] = places
    return ranks
