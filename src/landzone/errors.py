"""Every way in which landzone stops, with its exit code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Place:
    """Where something is wrong: file, layer, row and column, each as far as known."""

    file: str = ""
    layer: str = ""
    row: str = ""
    column: str = ""

    def __str__(self) -> str:
        head = self.file + (f"#{self.layer}" if self.layer else "")
        tail = "/".join(part for part in (self.row, self.column) if part)
        return f"{head} {tail}".strip()


class LandzoneError(Exception):
    """The common root; ``exit_code`` is what the command line returns."""

    exit_code: ClassVar[int] = 1


class Refusal(LandzoneError):
    """Input that cannot lead to a true audit. No result is written.

    Parameters
    ----------
    code : str
        Stable code of ``docs/errors.md``, for instance ``CRS_MISSING``.
    place : Place
        File, layer, row and column.
    texts : mapping of language to sentence
        What is wrong and what to do, in ``zh`` and ``en``.
    choices : sequence of str
        Names among which the user has to choose, such as the layers of a file.
    """

    exit_code = 3

    def __init__(
        self, code: str, place: Place, texts: Mapping[str, str], choices: Sequence[str] = ()
    ) -> None:
        self.code = code
        self.place = place
        self.texts = dict(texts)
        self.choices = tuple(choices)
        super().__init__(self.text("en"))

    def text(self, lang: str) -> str:
        """Return ``CODE  place: what is wrong. what to do.`` in one language."""
        where = str(self.place)
        return f"{self.code}  {where}{': ' if where else ''}{self.texts.get(lang, '')}"

    def __reduce__(self) -> tuple[type[Refusal], tuple[str, Place, dict[str, str], tuple[str, ...]]]:
        return (type(self), (self.code, self.place, self.texts, self.choices))


class UsageError(LandzoneError):
    """A wrong call: an option that does not exist, a date that is none."""

    exit_code = 2


class OutputError(LandzoneError):
    """The results could not be written."""

    exit_code = 5


class LimitError(Refusal):
    """Out of time, memory or disk; the file that took too much is named."""

    exit_code = 6
