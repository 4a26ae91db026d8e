"""Finds the line of a key in the text of a study file, so that a refusal can name it."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEAD = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"\s*([^#=\[\]]+?)\s*=")


def key_line(text: str, path: Sequence[str | int]) -> int:
    """Return the line of a key, else of what it stands in (an inline table, a section); 0: neither is there.

    Parameters
    ----------
    text : str
        A TOML file.
    path : sequence of str or int
        The names from the outside in; a number is the place of a section among those of one name.

    Examples
    --------
    >>> zones, star = "[evaluation.zones]\\nideals = { a = 0 }\\n", "[[evaluation.stars]]\\nstars = 1\\n"
    >>> own = zones + star + star
    >>> key_line(own, ("evaluation", "zones", "ideals", "a")), key_line(own, ("evaluation", "stars", 1, "stars"))
    (2, 6)
    >>> key_line(own, ("evaluation", "zones", "weights")), key_line(own, ("idle", "x"))
    (1, 0)
    """
    wanted = tuple(path)
    best, line = 0, 0
    within: tuple[str | int, ...] = ()
    counts: dict[tuple[str, ...], int] = {}
    for number, row in enumerate(text.splitlines(), 1):
        head, key = _HEAD.match(row), _KEY.match(row)
        here: tuple[str | int, ...] = within
        if head:
            names = _names(head[2])
            here = within = names
            if head[1] == "[[":
                counts[names] = counts.get(names, -1) + 1
                here = within = (*names, counts[names])
        elif key:
            here = (*within, *_names(key[1]))
        else:
            continue
        if len(here) > best and wanted[: len(here)] == here:
            best, line = len(here), number
    return line


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
