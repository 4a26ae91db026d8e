"""Words that people read, in Chinese and English."""

from __future__ import annotations

from functools import cache
from typing import Any

from landzone.catalog import load


@cache
def labels(topic: str, lang: str) -> dict[str, str]:
    """Return the words of one topic (a file of ``catalog/labels``) in one language.

    A file has a table per word: ``word = { zh = "…", en = "…" }``.

    >>> labels("report", "en")["title"]
    'Land audit report'
    """
    table: dict[str, dict[str, Any]] = load.table(f"labels/{topic}.toml")
    return {word: str(texts[lang]) for word, texts in table.items()}


def titles(file: str, name: str, own: str = "") -> dict[str, str]:
    """Return what a kind of plan or line is called, by language; a title of its own that no kind has is kept.

    >>> titles("plan_types/plans.toml", "city_plan")["en"], titles("plan_types/plans.toml", "x", "1号规划")["en"]
    ('City master plan', '1号规划')
    """
    kinds = load.table(file)
    known = [entry["title"] for entry in kinds.values() if own in entry["title"].values()]
    if not known and name in kinds and own in ("", name):
        known = [kinds[name]["title"]]
    return dict(known[0]) if known else {"zh": own or name, "en": own or name}
