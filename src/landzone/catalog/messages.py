"""Messages by code, in Chinese and English: what is wrong and what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from landzone.catalog import load
from landzone.errors import LimitError, Place, Refusal

LANGUAGES = ("zh", "en")
_HEADLESS = re.compile(r"^[::\s]+")
"""What is left of "{subject_id}: …" where a row has no id."""


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def message(code: str, lang: str, /, **params: Any) -> str:
    """Return the sentence of a code: what is wrong, then what to do.

    Texts live in ``catalog/messages/*.toml``, one table a code: ``[CODE]`` with ``kind``, ``zh`` and ``en``,
    each a list of two: what is wrong, what to do. ``{name}`` stands for a parameter.
    """
    entry = load.merged("messages")[code]
    what, remedy = entry[lang]
    joiner = " " if lang == "en" else ""
    return joiner.join(
        part for part in (what.format_map(_Blank(params)), remedy.format_map(_Blank(params))) if part
    )


def refusal(
    code: str,
    *,
    file: str = "",
    layer: str = "",
    row: object = "",
    column: str = "",
    choices: Sequence[str] = (),
    **params: Any,
) -> Refusal:
    """Return the refusal of a code, ready to be raised, with its texts in every language.

    >>> print(refusal("FILE_EMPTY", file="parcels.geojson"))
    FILE_EMPTY  parcels.geojson: the file is empty. Export the layer again.
    """
    place = Place(file=file, layer=layer, row=str(row), column=column)
    known = {"file": file, "layer": layer, "row": row, "column": column, **params}
    return Refusal(code, place, {lang: message(code, lang, **known) for lang in LANGUAGES}, choices)


def out_of_limit(code: str, *, file: str, **params: Any) -> LimitError:
    """Return the error of a limit that was hit, ready to be raised, with its texts in every language."""
    said = refusal(code, file=file, **params)
    return LimitError(said.code, said.place, said.texts)


def problem_messages(frame: Any, lang: str) -> list[str]:
    """Return one sentence a row of a problem frame (columns of ``model.problems``)."""
    texts = []
    for row in frame.itertuples(index=False):
        fields = {"source": row.source, "file": row.source, "layer": row.layer, "subject_id": row.subject_id}
        fields |= {"column": row.column, "raw_value": row.raw_value, "before": row.before, "after": row.after}
        said = message(row.code, lang, **{**fields, **json.loads(row.params or "{}")})
        texts.append(_HEADLESS.sub("", said))
    return texts
