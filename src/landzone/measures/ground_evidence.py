"""What stands on each parcel, by footprints that may lie off and by rasters: evidence, never a verdict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

STANDING, VACANT, UNCLEAR = "standing", "vacant", "unclear"


@dataclass(frozen=True)
class EvidenceTerms:
    """From which shares on something stands, or nothing does (``catalog/parameters.toml``, ``[evidence]``).

    Attributes
    ----------
    least_share : float
        Footprints that cover less of a parcel than this are taken for no building.
    built_from, vacant_below : float
        Built share of the pixels of a raster from which something stands, below which nothing does.
    open_from : float
        Share of bare or green pixels from which nothing stands.
    least_pixels : float
        A parcel with fewer pixels is unclear.
    least_covered : float
        Share of a parcel that a raster must have data for.
    """

    least_share: float
    built_from: float
    vacant_below: float
    open_from: float
    least_pixels: float
    least_covered: float


def footprint_says(
    core_share: pd.Series, own_share: pd.Series, has_core: pd.Series, terms: EvidenceTerms
) -> pd.Series:
    """Return ``standing``, ``vacant`` or ``unclear`` for each parcel.

    - standing: footprints cover the least share of the interior core (the parcel less a rim as wide as footprints
      may be shifted);
    - vacant: they do not, and buildings that lie mostly in the parcel do not cover that share of it either;
    - unclear: only the rim is built on, or the parcel is too narrow to have a core.

    A footprint of a neighbour that is shifted by less than the rim never reaches the core, so it builds on nothing.

    Examples
    --------
    >>> terms = EvidenceTerms(0.02, 0.3, 0.05, 0.8, 4, 0.9)
    >>> footprint_says(pd.Series([0.4, 0.0, 0.0]), pd.Series([0.3, 0.0, 0.1]), pd.Series([True] * 3), terms).tolist()
    ['standing', 'vacant', 'unclear']
    """
    standing = has_core & (core_share >= terms.least_share)
    vacant = has_core & (core_share < terms.least_share) & (own_share < terms.least_share)
    words = np.select([standing, vacant], [STANDING, VACANT], UNCLEAR)
    return pd.Series(words, index=core_share.index, dtype="str")


def raster_says(shares: pd.DataFrame, terms: EvidenceTerms) -> pd.Series:
    """Return what the pixels under each parcel say.

    Parameters
    ----------
    shares : DataFrame
        ``built`` or ``lit``, ``bare``, ``green`` as far as the raster tells them (0…1), ``covered_ratio`` and
        ``pixels_count``.

    Examples
    --------
    >>> terms = EvidenceTerms(0.02, 0.3, 0.05, 0.8, 4, 0.9)
    >>> rows = pd.DataFrame({"built": [0.5, 0.01, 0.2, 0.5], "covered_ratio": 1.0, "pixels_count": [80, 80, 80, 2]})
    >>> raster_says(rows, terms).tolist()
    ['standing', 'vacant', 'unclear', 'unclear']
    """
    blank = pd.Series(np.nan, index=shares.index)
    built = shares["built"] if "built" in shares else shares.get("lit", blank)
    free = shares.get("bare", pd.Series(0.0, index=shares.index)) + shares.get("green", 0.0)
    known = (shares["covered_ratio"] >= terms.least_covered) & (shares["pixels_count"] >= terms.least_pixels)
    standing = known & (built >= terms.built_from) & ~(free >= terms.open_from)
    empty = known & ((free >= terms.open_from) | ("built" in shares and (built < terms.vacant_below)))
    vacant = empty & ~(built >= terms.built_from)
    words = np.select(
        [standing.to_numpy(dtype=bool), vacant.to_numpy(dtype=bool)], [STANDING, VACANT], UNCLEAR
    )
    return pd.Series(words, index=shares.index, dtype="str")
