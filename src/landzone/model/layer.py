"""Layers and tables that have passed the gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd


@dataclass(frozen=True)
class ColumnUse:
    """A column of a file and what it was taken for; ``how`` as `landzone.io.columns.Match` tells it."""

    canonical: str
    header: str
    how: str
    unit: str = ""
    filled: int = 0
    """Rows in use with a value."""


@dataclass(frozen=True)
class InputRecord:
    """One input as it was found: what ``run.json`` says of it under ``inputs``."""

    role: str
    source: str
    layer: str = ""
    rows_in: int = 0
    rows_used: int = 0
    rows_rejected: int = 0
    crs: str = ""
    encoding: str = ""
    sha256: dict[str, str] = field(default_factory=dict)
    columns: tuple[ColumnUse, ...] = ()


@dataclass(frozen=True)
class Layer:
    """A frame of valid polygons in the working CRS.

    The index is the text id of the unit, unique and sorted; layers without ids (plans, constraints) are
    sorted by content and numbered. Canonical columns are typed and carry their unit:

    =========  =======================================  =====================
    kind       name in the frame                        dtype
    =========  =======================================  =====================
    id, text   as in the contract (``use_code``)        ``str`` (missing: NaN)
    area       ``<name>_m2`` (``registered_area_m2``)   float64, m²
    money      ``<name>_fen`` (``land_price_fen``)      Int64, fen
    date       ``<name>_date`` (``agreed_start_date``)  datetime64[s]
    length     ``<name>_m`` (``storey_height_m``)       float64, m
    ratio      ``<name>_ratio``                         float64, 0…1
    number     as in the contract (``floors``)          float64
    yesno      as in the contract (``completed``)       boolean
    =========  =======================================  =====================

    ``source_row`` is the record number in the file, ``rejected_cells`` the canonical names of the cells of
    the row that were rejected, joined by ``|`` (empty: none). Unmapped columns keep their name after ``src_``.
    A canonical column that the source does not have is absent from the frame.
    """

    role: str
    frame: gpd.GeoDataFrame
    source: InputRecord


@dataclass(frozen=True)
class Table:
    """A ledger without geometry, with the same typing as ``Layer``; index = text id of the row's unit."""

    role: str
    frame: pd.DataFrame
    source: InputRecord
    key: str = "parcel_id"


@dataclass(frozen=True)
class SpatialPlan:
    """A plan: polygons with ``code``, ``class_name``, ``common`` (C K R P N W ?), ``sector`` and ``class3``.

    ``class_name_en`` is the English name of the class scheme, empty where it has none. ``role`` is ``plan`` or
    ``present`` (现状). ``title`` is what people call the plan, ``kind`` its kind in the catalogue (empty: none),
    ``office`` who answers for it, by language. ``precedence``: codes of which the first one holds where the plan
    overlaps itself; others that overlap stay side by side.
    """

    name: str
    layer: Layer
    role: str = "plan"
    crosswalk: str = ""
    title: str = ""
    valid_from: str = ""
    valid_to: str = ""
    kind: str = ""
    precedence: tuple[str, ...] = ()
    office: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Constraint:
    """A line of control such as 永久基本农田: ``rule`` is ``presence`` or ``inside``."""

    name: str
    layer: Layer
    rule: str = "presence"
    type: str = ""
    severity: str = "info"
    title: str = ""
    clause: str = ""


@dataclass(frozen=True)
class Raster:
    """A raster beside the ledger: evidence, never a verdict.

    A pixel counts as ``built lit bare green changed`` by its value in ``classes``, or where it is above or below a
    number. ``minus`` is a second raster on the same grid that is subtracted first (DSM - DTM, later - earlier).
    """

    name: str
    path: str
    classes: dict[str, tuple[int, ...]]
    source: InputRecord
    above: dict[str, float] = field(default_factory=dict)
    below: dict[str, float] = field(default_factory=dict)
    minus: str = ""
    date: str = ""
