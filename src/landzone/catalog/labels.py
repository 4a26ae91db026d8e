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
