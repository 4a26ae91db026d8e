"""Who asks for a source, and where its problems are listed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from landzone.catalog.messages import refusal
from landzone.errors import Refusal
from landzone.model.problems import Problems


@dataclass(frozen=True)
class Origin:
    """One source of a study while it is being read.

    Attributes
    ----------
    file : str
        The file as the study names it, without the layer.
    role : str
        Role in the study: ``parcels``, ``plans.city_plan``, ``projects`` …
    problems : Problems
        Where rejects, repairs and notes go.
    work : Path
        Private folder; copies live there and nowhere else.
    layer : str
        Layer or sheet that was asked for, empty where none was named.
    encoding : str
        Code page forced by the study, empty where it is to be found.
    """

    file: str
    role: str
    problems: Problems
    work: Path
    layer: str = ""
    encoding: str = ""

    def refuse(self, code: str, **params: Any) -> Refusal:
        """Return the refusal of a code about this file, ready to be raised."""
        return refusal(code, file=self.file, **params)

    def note(self, code: str, **fields: Any) -> None:
        """List a note about this source."""
        self.problems.note(code, source=self.file, layer=self.role, **fields)

    def reject(self, code: str, **fields: Any) -> None:
        """List rows or cells of this source that are not used."""
        self.problems.reject(code, source=self.file, layer=self.role, **fields)
