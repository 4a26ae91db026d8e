"""What the kernel found, by the ids of the study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from landzone.alignment.ground import PlanGround
from landzone.alignment.shares import COLUMNS
from landzone.engine.kernel import ANSWERS, Partial
from landzone.model.ledger import BuildingPieces
from landzone.units import IntArray


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
        """Return the ground of parcels under the classes of plans, as ``alignment.shares.plan_shares`` does."""
        tables = []
        for plan in plans:
            left, label, units = (self.numbers[f"share:{plan.name}:{c}"] for c in ("left", "right", "units"))
            codes = np.array([one.code for one in plan.classes], dtype=object)[label]
            commons = np.array([one.common for one in plan.classes], dtype=object)[label]
            columns = [self.parcels.to_numpy()[left], plan.name, codes, commons, units]
            tables.append(pd.DataFrame(dict(zip(COLUMNS, columns, strict=True))))
        table = pd.concat(tables) if tables else pd.DataFrame(columns=list(COLUMNS))
        table = table.astype(COLUMNS)
        return table.sort_values(["parcel_id", "plan", "code", "common"], kind="stable", ignore_index=True)
