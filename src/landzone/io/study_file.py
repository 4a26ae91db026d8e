"""Reads study.toml: every key known, every value of the right type, else a refusal that names the key."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from landzone.catalog.messages import refusal
from landzone.errors import Refusal
from landzone.io.database_url import masked
from landzone.io.study_lines import key_line
from landzone.io.study_spec import StudySpec, keys_at

FILE_NAME = "study.toml"


@dataclass(frozen=True)
class Reason:
    """What a file of a folder was taken for, and the word that said so; no role: not used.

    ``how`` is ``name`` for a word of its name, ``columns`` for one of its headers.
    """

    file: str
    role: str = ""
    word: str = ""
    how: str = "name"

    @property
    def code(self) -> str:
        """Code of the note."""
        if not self.role:
            return "FILE_NOT_TAKEN"
        return "FILE_TAKEN" if self.how == "name" else "FILE_TAKEN_BY_COLUMNS"

    def params(self) -> dict[str, str]:
        """Return what the note says."""
        return {"role": self.role, "word": self.word} if self.role else {}


@dataclass(frozen=True)
class FolderNote:
    """What was concluded from the values of a file where no name and no header says it."""

    file: str
    code: str
    said: Mapping[str, Any] = field(default_factory=dict)

    def params(self) -> dict[str, Any]:
        """Return what the note says."""
        return dict(self.said)


@dataclass(frozen=True)
class StudyFile:
    """What is to be opened: the specification, the folder its sources are relative to, and where it came from.

    ``path`` is empty for a folder without a study file; ``reasons`` then says for each file what it was taken
    for, ``concluded`` what else was found out from its values. ``raw`` is the table as written, ``text`` the file.
    """

    spec: StudySpec
    folder: Path
    path: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    concluded: tuple[FolderNote, ...] = ()
    text: str = ""


def read_study_file(path: Path) -> StudyFile:
    """Read a study file.

    Parameters
    ----------
    path : Path
        A ``study.toml``. Sources in it are relative to its folder.

    Raises
    ------
    Refusal
        STUDY_NOT_FOUND, STUDY_SYNTAX, STUDY_UNKNOWN_KEY, STUDY_KEY_MISSING, STUDY_VALUE.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise refusal("STUDY_NOT_FOUND", file=path.name) from None
    except UnicodeDecodeError:
        raise refusal("STUDY_ENCODING", file=path.name) from None
    except OSError as error:
        raise refusal("STUDY_NOT_READABLE", file=path.name, reason=error.strerror or "") from None
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise refusal("STUDY_SYNTAX", file=path.name, reason=str(error)) from None
    return StudyFile(spec=parse(raw, path.name, text), folder=path.parent, path=str(path), raw=raw, text=text)


def parse(raw: Mapping[str, Any], file: str = FILE_NAME, text: str = "") -> StudySpec:
    """Turn the table of a study file into a specification.

    >>> spec = parse({"layers": {"parcels": {"source": "parcels.shp"}}})
    >>> spec.study.money, spec.alignment.sliver_width_m, spec.layers.parcels.same_id
    ('wan_cny', 1.0, 'reject')
    """
    try:
        return StudySpec.model_validate(dict(raw))
    except ValidationError as error:
        raise _first_fault(error, file, text) from None


def _first_fault(error: ValidationError, file: str, text: str) -> Refusal:
    faults = error.errors(include_url=False)
    unknown = [f for f in faults if f["type"] == "extra_forbidden"]
    fault = (unknown or faults)[0]
    path = tuple(str(part) for part in fault["loc"])
    key, line = ".".join(path), key_line(text, fault["loc"]) or ""
    if fault["type"] == "extra_forbidden":
        names = keys_at(path[:-1])
        near = difflib.get_close_matches(path[-1], names, n=1, cutoff=0.0)
        return refusal(
            "STUDY_UNKNOWN_KEY", file=file, row=line, column=key, near=near[0] if near else "",
            known=", ".join(names),
        )  # fmt: skip
    if fault["type"] == "missing":
        return refusal("STUDY_KEY_MISSING", file=file, row=line, column=key)
    return refusal(
        "STUDY_VALUE", file=file, row=line, column=key, value=_short(fault["input"]),
        expected=_expected(dict(fault)),
    )  # fmt: skip


def _expected(fault: Mapping[str, Any]) -> str:
    message = re.sub(r"^(Value error|Assertion failed), ", "", str(fault["msg"]))
    return re.sub(r"^Input should be (a valid )?", "", message)


def _short(value: object) -> str:
    text = masked(repr(value))
    return text if len(text) <= 60 else text[:57] + "..."
