"""Turns a layer that passed the gate into a plan: every class code read by one crosswalk."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj

from landzone.catalog import load
from landzone.catalog.crosswalks import (
    Crosswalk,
    bundled,
    classes_of,
    crosswalk,
    is_bundled,
)
from landzone.catalog.messages import LANGUAGES, refusal
from landzone.geometry.area import AreaMeasure
from landzone.io.plan_conversion import converted
from landzone.io.raw import Raw
from landzone.io.study_spec import PlanSpec
from landzone.io.use_scheme import (
    Usage,
    announced,
    contradictions,
    differing,
    narrow,
    scheme_hint,
    shown,
    usages,
)
from landzone.model.layer import Layer, SpatialPlan
from landzone.model.problems import Problems
from landzone.units import M2_PER_HA


@dataclass(frozen=True)
class PlanKind:
    """What the catalogue knows of a kind of plan."""

    name: str
    title: str = ""
    role: str = "plan"
    words: tuple[str, ...] = ()
    class_columns: tuple[str, ...] = ()
    crosswalks: tuple[str, ...] = ()
    office: Mapping[str, str] = field(default_factory=dict)


def plan_kinds() -> dict[str, PlanKind]:
    """Return the kinds of plans of the catalogue by name."""
    return {
        name: PlanKind(
            name,
            entry["title"]["zh"],
            entry["role"],
            tuple(entry["words"]),
            tuple(entry["class_columns"]),
            tuple(entry["crosswalks"]),
            entry.get("office", {}),
        )
        for name, entry in load.merged("plan_types").items()
    }


def plan_kind(name: str, role: str = "plan") -> PlanKind:
    """Return the kind of a plan by the name the study gives it, or by one of the words for that kind.

    >>> plan_kind("land_use_plan").crosswalks[0], plan_kind("my plan").crosswalks
    ('land-use-plan-control-zones', ())
    """
    kinds = plan_kinds()
    known = next((key for key, kind in kinds.items() if name == key or name.lower() in kind.words), None)
    if known is not None:
        return replace(kinds[known], name=known)
    return replace(kinds["present_use"], name=name, title=name) if role == "present" else PlanKind(name)


def class_header(raw: Raw, spec: PlanSpec, name: str) -> str:
    """Return the header of the class column by the kind of plan, empty where the general aliases decide."""
    if spec.class_column:
        return spec.class_column
    if spec.columns.get("code"):
        return spec.columns["code"]
    by_key = {_key(str(c)): str(c) for c in raw.cells.columns}
    wanted = plan_kind(name, spec.role).class_columns
    return next((by_key[_key(c)] for c in wanted if _key(c) in by_key), "")


def _key(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


@dataclass(frozen=True)
class _Reading:
    """A plan being read: where it came from, for messages."""

    name: str
    source: str
    header: str
    problems: Problems

    @property
    def section(self) -> str:
        return f"plans.{self.name}"

    def note(self, code: str, **params: Any) -> None:
        self.problems.note(code, source=self.source, layer=self.section, column=self.header, params=params)

    def refuse(self, code: str, **params: Any) -> Exception:
        return refusal(code, file=self.source, column=self.header, section=self.section, **params)


def read_plan(
    name: str, layer: Layer, spec: PlanSpec, *, header: str, folder: Path, crs: pyproj.CRS, problems: Problems
) -> SpatialPlan:
    """Give every shape of a plan its class.

    Parameters
    ----------
    name : str
        Name of the plan in the study.
    layer : Layer
        Gated shapes with ``code`` and perhaps ``class_name``.
    spec : PlanSpec
        ``crosswalk`` is a bundled id or the path of a CSV ``code,common,sector[,name]`` beside the study.
    header : str
        Field the codes came from.
    folder : Path
        Folder of the study.
    crs : pyproj.CRS
        Working CRS, for the area that a code without a class covers.
    problems : Problems
        Takes notes.

    Returns
    -------
    SpatialPlan
        With ``code`` (principal code as found), ``class_name``, ``common``, ``sector`` and ``class3`` (农用地 建设用地
        未利用地, empty where the scheme does not say); a shape without a code is ``?``.

    Raises
    ------
    Refusal
        PLAN_NO_CLASS, PLAN_CODE_UNMAPPED, PLAN_SCHEME_CONFLICT, PLAN_SCHEME_AMBIGUOUS, CROSSWALK_UNKNOWN,
        CROSSWALK_INVALID, PLAN_NO_CONVERSION, PLAN_CODE_NOT_CONVERTED, PLAN_PRECEDENCE_UNKNOWN.
    """
    reading = _Reading(name, layer.source.source, header, problems)
    frame = layer.frame
    if "code" not in frame and "class_name" in frame:
        frame = frame.assign(code=frame["class_name"])
    if "code" not in frame:
        columns = [c.removeprefix("src_") for c in frame.columns if c.startswith("src_")]
        raise reading.refuse("PLAN_NO_CLASS", found=", ".join(columns))
    found = usages(frame["code"], frame.get("class_name"))
    kind = plan_kind(spec.kind or name, spec.role)
    scheme = _scheme(reading, found, spec, kind, folder)
    found = usages(frame["code"], frame.get("class_name"), scheme.principal)
    areas = AreaMeasure(crs).m2(frame.geometry.to_numpy())
    _check(reading, scheme, found, frame["code"], areas)
    if spec.convert_to:
        frame, scheme = converted(frame, scheme, spec.convert_to, areas, reading.refuse, reading.note)
    classified = _classified(reading, frame, scheme)
    _check_precedence(reading, spec.precedence, classified["code"])
    role = spec.role if "role" in spec.model_fields_set else kind.role
    return SpatialPlan(
        name=name,
        layer=replace(layer, frame=classified),
        role=role,
        crosswalk=scheme.id,
        title=spec.title or kind.title or name,
        valid_from=spec.valid_from.isoformat() if spec.valid_from else "",
        valid_to=spec.valid_to.isoformat() if spec.valid_to else "",
        kind=kind.name if kind.title else spec.kind or "",
        precedence=spec.precedence,
        office=dict.fromkeys(LANGUAGES, spec.office) if spec.office else dict(kind.office),
    )


def recognise(
    name: str,
    raw: Raw,
    spec: PlanSpec,
    *,
    header: str,
    codes: pd.Series,
    names: pd.Series | None,
    folder: Path,
) -> Crosswalk:
    """Return the class scheme of a plan as `read_plan` would, from its codes alone.

    Raises
    ------
    Refusal
        PLAN_CODE_UNMAPPED, PLAN_SCHEME_CONFLICT, PLAN_SCHEME_AMBIGUOUS.
    """
    reading = _Reading(name, raw.source, header, Problems())
    found = usages(codes, names)
    scheme = _scheme(reading, found, spec, plan_kind(name, spec.role), folder)
    areas = np.zeros(len(codes)) if raw.crs is None else _m2(raw, raw.crs)
    _check(reading, scheme, usages(codes, names, scheme.principal), codes, areas)
    return scheme


def _m2(raw: Raw, crs: pyproj.CRS) -> Any:
    with np.errstate(invalid="ignore"):
        return AreaMeasure(crs).m2(raw.geometry) if raw.geometry is not None else np.zeros(len(raw.cells))


def _scheme(
    reading: _Reading, found: Sequence[Usage], spec: PlanSpec, kind: PlanKind, folder: Path
) -> Crosswalk:
    if spec.crosswalk:
        return _named(reading, spec.crosswalk, folder)
    tried = [crosswalk(n) for n in kind.crosswalks or bundled()]
    if not kind.crosswalks:
        hinted = [s for s in tried if announced(s, reading.header)]
        tried = hinted or tried
    known = [s for s in tried if all(s.find(u.code) for u in found)]
    clean = [s for s in known if not contradictions(s, found)]
    left = narrow(clean, found, reading.header)
    if len(left) > 1:
        names = ", ".join(s.id for s in left)
        raise reading.refuse("PLAN_SCHEME_AMBIGUOUS", schemes=names, codes=shown(differing(left, found)))
    if not left:
        # _check refuses this one, with the codes or the names that do not fit
        return max(known or tried, key=lambda s: (sum(u.rows for u in found if s.find(u.code)), s.id))
    reading.note("PLAN_SCHEME", crosswalk=left[0].id, section=reading.section)
    return left[0]


def _named(reading: _Reading, name: str, folder: Path) -> Crosswalk:
    if is_bundled(name):
        return crosswalk(name)
    path = folder / name
    if not path.is_file():
        raise reading.refuse("CROSSWALK_UNKNOWN", crosswalk=name, known=", ".join(bundled()))
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    try:
        return Crosswalk(id=name, classes=classes_of(text))
    except ValueError as error:
        raise refusal("CROSSWALK_INVALID", file=name, reason=str(error)) from None


def _check(
    reading: _Reading, scheme: Crosswalk, found: Sequence[Usage], codes: pd.Series, areas: Any
) -> None:
    unknown = sorted({u.code for u in found if scheme.find(u.code) is None})
    if unknown:
        principal = codes.map({c: scheme.principal(str(c)) for c in codes.dropna().unique()})
        by_code = pd.Series(areas).groupby(principal.to_numpy()).sum()
        listed = [f"{c} ({by_code[c] / M2_PER_HA:.4f} ha)" for c in unknown]
        raise reading.refuse("PLAN_CODE_UNMAPPED", crosswalk=scheme.id, codes=", ".join(listed))
    against = contradictions(scheme, found)
    if against:
        others = [crosswalk(n) for n in bundled() if n != scheme.id]
        better = [s.id for s in others if all(s.find(u.code) for u in found) and not contradictions(s, found)]
        raise reading.refuse(
            "PLAN_SCHEME_CONFLICT",
            crosswalk=scheme.id,
            pairs=shown(against),
            **scheme_hint(", ".join(better)),
        )


def _check_precedence(reading: _Reading, precedence: Sequence[str], codes: pd.Series) -> None:
    unknown = sorted(set(precedence) - set(codes))
    if unknown:
        known = ", ".join(sorted(set(codes) - {""}))
        raise reading.refuse("PLAN_PRECEDENCE_UNKNOWN", codes=", ".join(unknown), known=known)


def _classified(reading: _Reading, frame: Any, scheme: Crosswalk) -> Any:
    place, distinct = pd.factorize(frame["code"])
    texts = [str(text) for text in distinct]
    principal = {t: scheme.principal(t) for t in texts}
    entries = [scheme.find(principal[t]) for t in texts]
    _note_readings(reading, frame["code"], principal, scheme)

    def column(words: list[str], blank: str = "") -> Any:
        return pd.array([*words, blank], dtype="str").take(place)  # -1, a blank, is the place of the last one

    codes = column([principal[t] for t in texts])
    blank = codes == ""
    if blank.any():
        reading.note("PLAN_CLASS_BLANK", count=int(blank.sum()))
    own = column([e.name if e else "" for e in entries])
    if "class_name" in frame:
        given = frame["class_name"].astype("str")
        own = given.where(given.notna(), own)
    return frame.assign(
        code=codes,
        class_name=own,
        common=column([e.common if e else "?" for e in entries], "?"),
        sector=column([e.sector if e else "" for e in entries]),
        class_name_en=column([e.name_en if e else "" for e in entries]),
        class3=column([e.class3 if e else "" for e in entries]),
    )


def _note_readings(reading: _Reading, codes: pd.Series, principal: dict[str, str], scheme: Crosswalk) -> None:
    mixed = sorted(t for t, p in principal.items() if "/" in t and p not in ("", t.strip()))
    if mixed:
        count = int(codes.isin(mixed).sum())
        reading.note("PLAN_CODE_MIXED", count=count, before=mixed[0], after=principal[mixed[0]])
    for code in sorted(set(principal.values())):
        entry = scheme.find(code)
        if entry and code.isascii() and entry.code.upper() != code.upper():
            reading.note("PLAN_CODE_GENERAL", before=code, after=entry.code, crosswalk=scheme.id)
