"""Where the study that ships with landzone lies."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from landzone.catalog.messages import refusal

NAME = "example_zone"
STUDY_FILE = "study.toml"


def example_study() -> Path:
    """Return the study file of the bundled example zone: in the installed package, else in the clone.

    Returns
    -------
    Path
        ``study.toml`` inside ``landzone/data/example_zone``, or inside ``data/example_zone`` of a clone.

    Raises
    ------
    Refusal
        ``FILE_MISSING`` where neither is there.

    Examples
    --------
    >>> example_study().name
    'study.toml'
    """
    package = Path(str(files("landzone")))
    homes = (package / "data", package.parents[1] / "data")
    for home in homes:
        found = home / NAME / STUDY_FILE
        if found.is_file():
            return found
    raise refusal("FILE_MISSING", file=f"data/{NAME}/{STUDY_FILE}")
