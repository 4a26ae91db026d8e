"""How features are coloured: classes, colours and the class of every feature, decided here and not in the page.

Colours are safe for the common kinds of colour blindness (ColorBrewer YlGnBu and PuOr, Okabe-Ito). What is
missing is hatched, what does not apply is dotted: a pattern is never a step of a scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landzone.catalog import load
from landzone.units import IntArray

_STEPS = 5
_STEPS_BEYOND = 3
_STEPS_SHORT = 2
_DIGITS = 3
_LIMIT_BELONGS_ABOVE = (">=", "<")
_MORE_IS_GOOD = (">=", ">")


@dataclass(frozen=True)
class Limit:
    """A rule's limit on the quantity of a theme."""

    value: float
    op: str
    rule_id: str
    subject_kind: str


@dataclass(frozen=True)
class Theme:
    """One way to colour a layer. ``classes`` go to the page, ``places`` is the class of each feature."""

    key: str
    classes: list[dict[str, Any]]
    places: list[int]
    limit: Limit | None = None
    numeric: bool = False
    vocabulary: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return what the page has to know, but for the places."""
        limit = None if self.limit is None else vars(self.limit)
        return {
            "key": self.key,
            "classes": self.classes,
            "limit": limit,
            "numeric": self.numeric,
            "vocabulary": self.vocabulary,
        }


def styles() -> dict[str, Any]:
    """Return the palettes of the catalogue."""
    return load.table("labels/map_styles.toml")


def known(theme: Theme) -> bool:
    """Tell whether a feature has a value of a theme: neither missing nor unknown."""
    blank = [place for place, entry in enumerate(theme.classes) if entry.get("pattern")]
    return bool((~np.isin(theme.places, blank)).any())


def by_code(key: str, values: pd.Series, vocabulary: str) -> Theme:
    """Colour by a closed set of codes in the order of the palette; other words share a class of their own.

    Parameters
    ----------
    key : str
        Column, and key of its label.
    values : Series of text
        Codes; a missing one is drawn like the palette's class for ``""``.
    vocabulary : str
        Name of the palette and of the table of labels.
    """
    palette: dict[str, Any] = styles()[vocabulary]
    codes = list(palette)
    place = {code: i for i, code in enumerate(codes)}
    words, at = _words(values)
    other = place.get("other", len(codes) - 1)
    missing = place.get("missing", other)
    known = np.array([place.get(word, missing if word == "" else other) for word in words])
    classes = [{"code": code, **palette[code]} for code in codes]
    return Theme(key, classes, known[at].tolist(), vocabulary=vocabulary)


def _words(values: pd.Series) -> tuple[list[str], IntArray]:
    """Return the distinct words of a column, the last one empty for what is missing, and the place of each row's."""
    at, kinds = pd.factorize(values)
    words = [*(str(kind) for kind in kinds), ""]
    return words, np.where(at < 0, len(words) - 1, at).astype(np.int64)


def by_name(key: str, values: pd.Series) -> Theme:
    """Colour by names that come from the data, sorted; after the last colour the colours start again."""
    wheel: Sequence[dict[str, Any]] = styles()["wheel"]
    words, at = _words(values)
    names = sorted({words[number] for number in np.unique(at)})
    place = {name: i for i, name in enumerate(names)}
    known = np.array([place.get(word, -1) for word in words])
    classes = [{"name": name, **wheel[i % len(wheel)]} for i, name in enumerate(names)]
    return Theme(key, classes, known[at].tolist())


def by_number(key: str, values: pd.Series, limit: Limit | None = None) -> Theme:
    """Colour by a quantity: quantile classes, split at the limit of a rule where there is one.

    The breaks are rounded to three significant digits before any feature is classed, so the legend is
    exact. A value equal to the limit lies on the side on which the rule puts it.
    """
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    known = numbers[np.isfinite(numbers)]
    ramps = styles()["ramps"]
    if limit is None:
        breaks = _breaks(known, _STEPS)
        colours = _spread(ramps["sequential"], len(breaks) + 1)
        side = "right"
    else:
        breaks, colours, side = _around(known, limit, ramps)
    places = np.searchsorted(np.array(breaks), numbers, side=side)  # type: ignore[call-overload]
    places[~np.isfinite(numbers)] = len(colours)
    edges: list[float | None] = [None, *breaks, None]
    classes: list[dict[str, Any]] = [
        {"from": edges[i], "to": edges[i + 1], "fill": colour} for i, colour in enumerate(colours)
    ]
    classes.append({"code": "missing", **styles()["missing"]})
    extra = {"low": float(known.min()), "high": float(known.max())} if known.size else {}
    return Theme(key, classes, [int(p) for p in places], limit=limit, numeric=True, extra=extra)


def _around(
    known: NDArray[np.float64], limit: Limit, ramps: dict[str, list[str]]
) -> tuple[list[float], list[str], str]:
    above_included = limit.op in _LIMIT_BELONGS_ABOVE
    upper = known >= limit.value if above_included else known > limit.value
    good_above = limit.op in _MORE_IS_GOOD
    steps_low, steps_high = (_STEPS_SHORT, _STEPS_BEYOND) if good_above else (_STEPS_BEYOND, _STEPS_SHORT)
    low = [b for b in _breaks(known[~upper], steps_low) if b < limit.value]
    high = [b for b in _breaks(known[upper], steps_high) if b > limit.value]
    short, beyond = ramps["short"], ramps["beyond"]
    if good_above:
        colours = _spread(short, len(low) + 1) + _spread(beyond, len(high) + 1)
    else:
        colours = _spread(beyond, len(low) + 1)[::-1] + _spread(short, len(high) + 1)[::-1]
    return [*low, limit.value, *high], colours, "right" if above_included else "left"


def _breaks(known: NDArray[np.float64], steps: int) -> list[float]:
    different = np.unique(known)
    steps = min(steps, len(different))
    if steps < 2:
        return []
    inner = np.quantile(different, np.arange(1, steps) / steps)
    rounded = {float(f"{value:.{_DIGITS}g}") for value in inner.tolist()}
    return sorted(value for value in rounded if different[0] < value <= different[-1])


def _spread(ramp: Sequence[str], count: int) -> list[str]:
    if count == 1:
        return [ramp[len(ramp) // 2]]
    return [ramp[round(i * (len(ramp) - 1) / (count - 1))] for i in range(count)]
