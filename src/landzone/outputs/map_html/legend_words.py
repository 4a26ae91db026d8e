"""The words of a legend, as the page says them: a sheet and the page beside it name their classes alike."""

from __future__ import annotations

from typing import Any

from landzone.outputs.map_html.themes import Limit, Theme
from landzone.outputs.wording import Wording

_PLAIN = ("floor_area_ratio",)
_RATES = ("investment_intensity_per_ha",)
_CLOSED_ABOVE = (">=", "<")
_SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "==": "="}
_DIGITS = 6


def class_words(theme: Theme, entry: dict[str, Any], words: Wording) -> str:
    """Return a class in words: a label of the catalogue, or a span of numbers.

    Parameters
    ----------
    theme : Theme
    entry : dict
        One of ``theme.classes``.
    words : Wording
        In the language of the legend.
    """
    if not theme.numeric:
        return words.word(theme.vocabulary, entry["code"])
    if entry.get("code") == "missing":
        return words.word("ui", "missing")
    low, high = entry["from"], entry["to"]
    above = theme.limit is None or theme.limit.op in _CLOSED_ABOVE
    if low is None and high is None:
        return words.word("ui", "any_value")
    if low is None:
        return words.word("ui", "below" if above else "below_closed").format(b=number(high, theme.key))
    if high is None:
        return words.word("ui", "above" if above else "above_open").format(a=number(low, theme.key))
    return words.word("ui", "between").format(a=number(low, theme.key), b=number(high, theme.key))


def number(value: float, key: str) -> str:
    """Return a break between classes, which is rounded already, as people read it.

    >>> number(0.455, "building_density_ratio"), number(1500.0, "investment_intensity_per_ha")
    ('45.5 %', '1,500')
    """
    if key.endswith("_ratio") and key not in _PLAIN:
        return f"{value * 100:.9g} %"
    text = f"{value:,.{_DIGITS}f}"
    return text.rstrip("0").rstrip(".")


def theme_words(key: str, words: Wording) -> str:
    """Return the title of a theme with the unit of its numbers."""
    title = words.word("theme", key)
    title = words.title(key) if title == key else title
    return words.beside(title, words.money_per_ha) if key in _RATES else title


def split_words(theme: Theme, words: Wording) -> str:
    """Return how the numbers of a theme were parted: at the limit of a rule, or by quantiles."""
    if not theme.numeric or len(theme.classes) < 3:
        return ""
    limit: Limit | None = theme.limit
    if limit is None:
        return words.word("ui", "legend_quantile")
    unit = f" {words.money_per_ha}" if theme.key in _RATES else ""
    return words.word("ui", "legend_limit").format(
        rule=limit.rule_id,
        op=_SIGNS[limit.op],
        limit=number(limit.value, theme.key) + unit,
        kind=words.word("subject", limit.subject_kind),
    )
