"""Fonts of the map sheets: never a box where a letter should be."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager

CJK_FONTS = (
    "Microsoft YaHei", "SimHei", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback",
)  # fmt: skip
"""Fonts with Chinese characters, the first that is installed is taken."""

_LATIN = "DejaVu Sans"
_TRUETYPE = 42
_WIDE_FROM = 0x2E7F
_PARTS = re.compile(r"[\u2e80-\uffff]|[^\s\u2e80-\uffff]+\s*|\s+")


def cjk_font() -> str | None:
    """Return the first installed font of ``CJK_FONTS``, None where there is none."""
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((name for name in CJK_FONTS if name in installed), None)


def fonts(font: str | None) -> Any:
    """Return the context in which sheets are drawn: no font of the machine but those asked for."""
    family = [_LATIN, font] if font else [_LATIN]
    own = {
        "font.family": family,
        "axes.unicode_minus": True,
        "hatch.linewidth": 0.6,
        "pdf.fonttype": _TRUETYPE,
    }
    return mpl.rc_context(own)


def font_path(font: str | None) -> str:
    """Return the file of a font, that of the Latin one where none is named."""
    return str(font_manager.findfont(font or _LATIN))


@cache
def characters(font: str | None) -> frozenset[int]:
    """Return the code points that the fonts can draw."""
    known: set[int] = set()
    for name in (_LATIN, font):
        if name:
            known |= set(font_manager.get_font(font_path(name)).get_charmap())
    return frozenset(known)


def letters(text: str) -> int:
    """Return the width of a text in letters; a wide character counts twice.

    >>> letters("ab 地块")
    7
    """
    return sum(2 if ord(letter) > _WIDE_FROM else 1 for letter in text)


def wrapped(text: str, width: int, most: int = 99) -> str:
    r"""Break a text into lines of at most ``width`` letters; past ``most`` lines the rest is left out with "…".

    >>> wrapped("one two three", 8)
    'one two\nthree'
    """
    lines, line, used = [], "", 0
    for part in _PARTS.findall(text):
        own = letters(part)
        if line and used + own > width:
            lines.append(line.rstrip())
            line, used = "", 0
        line, used = line + part, used + own
    lines.append(line.rstrip())
    return "\n".join(lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1] + " …"])
