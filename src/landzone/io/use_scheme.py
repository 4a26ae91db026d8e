"""Finds out in which class scheme land uses are coded, from field names, codes and class names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from landzone.catalog.crosswalks import (
    Crosswalk,
    LandClass,
    crosswalk,
    known_names,
    plain_name,
    principal_code,
    use_schemes,
)
from landzone.catalog.messages import LANGUAGES, message, refusal
from landzone.model.problems import Problems

MOST_CODES = 0.9
"""A scheme that knows the codes of fewer rows than this is not the scheme of the column."""
_SHOWN = 10


@dataclass(frozen=True)
class Usage:
    """One distinct code with one of its names and the number of rows that carry the two."""

    code: str
    name: str
    rows: int

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


def usages(
    codes: pd.Series, names: pd.Series | None, principal: Callable[[str], str] = principal_code
) -> list[Usage]:
    """Return the distinct codes (principal part) with their names, sorted; rows without a code left out."""
    place, words = pd.factorize(codes.astype("str"))
    principals = [principal(str(word)) for word in words]
    own, said = pd.factorize(names.astype("str")) if names is not None else (np.full(len(place), -1), [])
    told = [*(str(name) for name in said), ""]  # the last one, which -1 is the place of, has no name
    pairs = place.astype(np.int64) * len(told) + own % len(told)
    counts: Counter[tuple[str, str]] = Counter()
    for pair, rows in zip(*np.unique(pairs[place >= 0], return_counts=True), strict=True):
        counts[(principals[pair // len(told)], told[pair % len(told)])] += int(rows)
    return [Usage(code, name, rows) for (code, name), rows in sorted(counts.items()) if code]


def share_known(scheme: Crosswalk, found: Sequence[Usage]) -> float:
    """Return the share of rows whose code the scheme knows."""
    whole = sum(u.rows for u in found)
    return sum(u.rows for u in found if scheme.find(u.code)) / whole if whole else 0.0


def contradictions(scheme: Crosswalk, found: Sequence[Usage]) -> list[Usage]:
    """Return codes whose name is that of another class: 0601 农村道路 where 0601 is 工业用地.

    A name that no scheme knows contradicts nothing.
    """
    known = known_names()
    return [
        u
        for u in found
        if u.name
        and scheme.find(u.code)
        and plain_name(u.name) in known
        and not scheme.agrees(u.code, u.name)
    ]


def named_right(scheme: Crosswalk, found: Sequence[Usage]) -> int:
    """Return how many codes carry exactly the name of their class."""
    hits = 0
    for usage in found:
        entry = scheme.find(usage.code)
        hits += bool(usage.name and entry and plain_name(entry.name) == plain_name(usage.name))
    return hits


def same_reading(schemes: Sequence[Crosswalk], found: Sequence[Usage]) -> bool:
    """Tell whether schemes read all codes alike, so that it does not matter which one it is."""
    return not differing(schemes, found)


def differing(schemes: Sequence[Crosswalk], found: Sequence[Usage]) -> list[str]:
    """Return the codes that schemes read differently."""

    def reading(scheme: Crosswalk, code: str) -> tuple[str, str, bool | None] | None:
        entry = scheme.find(code)
        return (entry.common, entry.sector, entry.industrial) if entry else None

    codes = sorted({u.code for u in found})
    return [c for c in codes if len({reading(s, c) for s in schemes}) > 1]


def shown(items: Sequence[object]) -> str:
    """Return the first items as one text."""
    return ", ".join(str(i) for i in items[:_SHOWN]) + (" …" if len(items) > _SHOWN else "")


def announced(scheme: Crosswalk, header: str) -> bool:
    """Tell whether a field name announces a scheme."""
    return header.strip().casefold() in {f.casefold() for f in scheme.fields}


def narrow(schemes: Sequence[Crosswalk], found: Sequence[Usage], header: str) -> list[Crosswalk]:
    """Return the schemes that are left: by names, by the field name, then one for all that read alike."""
    left = list(schemes)
    best = max((named_right(s, found) for s in left), default=0)
    if best:
        left = [s for s in left if named_right(s, found) == best]
    if any(announced(s, header) for s in left):
        left = [s for s in left if announced(s, header)]
    return left[:1] if left and same_reading(left, found) else left


def add_use_classes(
    frame: pd.DataFrame, *, source: str, header: str, stated: str | None, problems: Problems
) -> tuple[pd.DataFrame, str]:
    """Tell for each parcel what its use code means.

    Parameters
    ----------
    frame : DataFrame
        Parcels with ``use_code`` and perhaps ``use_name``.
    source, header : str
        File and field name the codes came from; the name of the field is evidence.
    stated : str or None
        ``use_scheme`` of the study.
    problems : Problems
        Takes notes on the scheme and on codes it does not know.

    Returns
    -------
    frame : DataFrame
        With ``use_common`` (C K R P N W ?, missing without a code) and ``use_is_industrial`` (boolean, missing
        where the class does not tell). Unchanged where there are no codes or no scheme fits them.
    scheme : str
        Id of the scheme, empty where there is none.

    Raises
    ------
    Refusal
        USE_SCHEME_AMBIGUOUS when two schemes fit and differ, USE_SCHEME_CONFLICT when names contradict the codes.
    """
    if "use_code" not in frame:
        return frame, ""
    found = usages(frame["use_code"], frame.get("use_name"))
    if not found:
        return frame, ""
    place = {"source": source, "layer": "parcels", "column": "use_code"}
    scheme = crosswalk(stated) if stated else _find(found, source, header)
    if scheme is None:
        params = {"codes": shown(sorted({u.code for u in found}))}
        problems.note("USE_SCHEME_UNKNOWN", **place, params=params)
        return frame, ""
    against = contradictions(scheme, found)
    if against:
        raise _conflict(scheme, against, found, source)
    if not stated:
        problems.note(
            "USE_SCHEME", **place, params={"scheme": scheme.scheme, **_reason(scheme, found, header)}
        )
    _note_unmapped(scheme, found, problems, place)
    return _with_classes(frame, scheme, found), scheme.scheme


def _find(found: Sequence[Usage], source: str, header: str) -> Crosswalk | None:
    schemes = use_schemes()
    hinted = [s for s in schemes if announced(s, header)]
    for group in (hinted, schemes):
        full = [s for s in group if share_known(s, found) == 1.0]
        most = [s for s in group if share_known(s, found) >= MOST_CODES]
        fitting = full or most
        if fitting:
            clean = [s for s in fitting if not contradictions(s, found)]
            if not clean:
                raise _conflict(fitting[0], contradictions(fitting[0], found), found, source)
            left = narrow(clean, found, header)
            if len(left) > 1:
                codes = shown(differing(left, found))
                names = ", ".join(s.scheme for s in left)
                raise refusal("USE_SCHEME_AMBIGUOUS", file=source, column=header, schemes=names, codes=codes)
            return left[0]
    return None


def _conflict(scheme: Crosswalk, against: Sequence[Usage], found: Sequence[Usage], source: str) -> Exception:
    better = [
        s for s in use_schemes() if share_known(s, found) >= MOST_CODES and not contradictions(s, found)
    ]
    names = ", ".join(s.scheme for s in better)
    return refusal(
        "USE_SCHEME_CONFLICT",
        file=source,
        column="use_code",
        scheme=scheme.scheme,
        pairs=shown(against),
        **scheme_hint(names),
    )


def scheme_hint(names: str) -> dict[str, str]:
    """Return the schemes that would fit, as a sentence in every language; nothing where there is none."""
    return {f"hint_{lang}": message("SCHEME_HINT", lang, names=names) if names else "" for lang in LANGUAGES}


def _reason(scheme: Crosswalk, found: Sequence[Usage], header: str) -> Mapping[str, str]:
    code = "USE_SCHEME_BY_NAMES" if named_right(scheme, found) else "USE_SCHEME_BY_CODES"
    code = "USE_SCHEME_BY_FIELD" if announced(scheme, header) else code
    return {f"why_{lang}": message(code, lang, header=header) for lang in LANGUAGES}


def _note_unmapped(
    scheme: Crosswalk, found: Sequence[Usage], problems: Problems, place: Mapping[str, str]
) -> None:
    unknown = [u for u in found if scheme.find(u.code) is None]
    if unknown:
        params = {"codes": shown(sorted({u.code for u in unknown})), "scheme": scheme.scheme}
        count = sum(u.rows for u in unknown)
        problems.note("USE_CODE_UNMAPPED", **place, params={**params, "count": count})


def _with_classes(frame: pd.DataFrame, scheme: Crosswalk, found: Sequence[Usage]) -> pd.DataFrame:
    classes: dict[str, LandClass | None] = {u.code: scheme.find(u.code) for u in found}
    raw = frame["use_code"].dropna().unique()
    entries = {text: classes.get(principal_code(str(text))) for text in raw}
    common = {text: entry.common if entry else "?" for text, entry in entries.items()}
    industrial = {text: entry.industrial if entry else None for text, entry in entries.items()}
    out = frame.copy()
    out["use_common"] = frame["use_code"].map(common).astype("str")
    out["use_is_industrial"] = frame["use_code"].map(industrial).astype("boolean")
    return out
