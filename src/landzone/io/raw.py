"""What a reader hands to the gate: cells as found, nothing interpreted yet."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray


@dataclass(frozen=True)
class Raw:
    """One layer or table as read from its source.

    Attributes
    ----------
    role, source, layer : str
        Role in the study (``parcels``, ``plans.city_plan``, ``projects`` …), the source as the study names
        it, and the layer or sheet that was used.
    cells : DataFrame
        Attribute columns in the order of the source, RangeIndex. Text fields are ``str``, integer fields
        ``Int64``, real fields ``float64``, date fields ``datetime64``; columns of a spreadsheet are ``object``
        and keep Python values (str, int, float, bool, datetime where the cell is styled as a date).
        Texts are as found: nothing is stripped, ``NA`` and ``NULL`` stay texts.
    rows : int64 array
        Number of each record as a person finds it: 1-based record for layers, sheet or line number for tables.
    rows_in : int
        Records in the source, those included that the reader itself had to reject (already listed).
    geometry : object array or None
        Shapely geometries as read (None where null), with Z and M if they had it. None for tables.
    crs : pyproj.CRS or None
        As the source declares it.
    encoding : str
        Code page that was used, and ``encoding_guessed`` whether it had to be found from the bytes.
    sha256 : dict
        One hash for each part of the source.
    crs_assumed : bool
        True where ``crs`` is only the default of the format (GeoJSON without a ``crs`` member).
    """

    role: str
    source: str
    layer: str
    cells: pd.DataFrame
    rows: NDArray[np.int64]
    rows_in: int
    geometry: NDArray[np.object_] | None = None
    crs: pyproj.CRS | None = None
    encoding: str = ""
    encoding_guessed: bool = False
    sha256: dict[str, str] = field(default_factory=dict)
    crs_assumed: bool = False
