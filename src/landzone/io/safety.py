"""What is checked before a source is opened, and the private copy that is opened instead of it.

GDAL opens by content: a VRT saved as ``.shp`` would read other files and the network. So a path has to be one
of a plain local file, its content has to be what its suffix promises, and only a copy under a neutral name is
ever given to a reader. Inputs are never changed and nothing is written beside them.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType

from landzone.catalog.messages import refusal
from landzone.io.database_url import masked
from landzone.io.formats import setting
from landzone.io.origin import Origin

_REMOTE = re.compile(r"^(/vsi|\\\\|//)|://|^[A-Za-z][A-Za-z0-9_+.-]+:|[\x00-\x1f<>|]")
_CHUNK = 1 << 20


@cache
def gdal() -> ModuleType:
    """Return pyogrio with the network off and the drivers that follow references unloaded.

    Drivers can be unloaded only before GDAL registers them; where another library was faster, the content
    check alone stands between a file and those drivers.
    """
    names = ",".join(setting("gdal")["skip"])
    before = os.environ.get("GDAL_SKIP")
    if "pyogrio" not in sys.modules:
        os.environ["GDAL_SKIP"] = names
    try:
        import pyogrio.errors
        import pyogrio.raw
    finally:
        if before is None:
            os.environ.pop("GDAL_SKIP", None)
        else:
            os.environ["GDAL_SKIP"] = before
    from pyproj.network import set_network_enabled  # type: ignore[attr-defined]

    set_network_enabled(False)
    options = dict(setting("gdal")["options"])
    options["OGR_ARC_STEPSIZE"] = str(setting("limits")["arc_step_degrees"])
    options["PROJ_NETWORK"] = "OFF"
    options["CPL_LOG"] = os.devnull  # what GDAL has to say comes back as warnings; nothing goes to stderr
    pyogrio.set_gdal_config_options(options)
    module: ModuleType = pyogrio
    return module


def split_source(source: str, folder: Path) -> tuple[str, str]:
    """Return path and layer of ``path[#layer]``; a ``#`` in the name of an existing file is part of the name.

    >>> split_source("zones.gpkg#zones", Path("."))
    ('zones.gpkg', 'zones')
    """
    if "#" not in source or _REMOTE.search(source.rpartition("#")[0]):
        return source, ""
    if os.path.lexists(folder / source):
        return source, ""
    path, _, layer = source.rpartition("#")
    return path, layer


def locate(file: str, folder: Path) -> Path:
    """Return the path of a source after the checks that need no opening.

    Raises
    ------
    Refusal
        ``FILE_UNSAFE_PATH`` for addresses and driver prefixes (``/vsi…``, ``http://``, ``WFS:``),
        ``FILE_MISSING``, ``FILE_LINK`` for symlinks and devices, ``FILE_EMPTY``.
    """
    drive = sys.platform == "win32" and re.match(r"^[A-Za-z]:[\\/]", file)
    if not file.strip() or (_REMOTE.search(file[2:] if drive else file)):
        raise refusal("FILE_UNSAFE_PATH", file=masked(file))
    path = folder / file
    if not os.path.lexists(path):
        raise refusal("FILE_MISSING", file=file, hint=_hint(path))
    step = folder
    for part in Path(file).parts if not Path(file).is_absolute() else ():
        step = step / part
        if step.is_symlink():
            raise refusal("FILE_LINK", file=file, part=part)
    check_plain(path, file)
    return path


def _hint(path: Path) -> str:
    if not path.parent.is_dir():
        return ""
    stem = path.stem.lower()
    near = sorted(p.name for p in path.parent.iterdir() if p.stem.lower() == stem)
    return f"({'; '.join(near)})" if near else ""


def check_plain(path: Path, file: str) -> None:
    """Refuse links, devices and empty files; folders have to hold plain files only."""
    mode = path.lstat().st_mode
    if stat.S_ISDIR(mode):
        for inner in sorted(path.iterdir()):
            if not stat.S_ISREG(inner.lstat().st_mode):
                raise refusal("FILE_LINK", file=file, part=inner.name)
    elif not stat.S_ISREG(mode):
        raise refusal("FILE_LINK", file=file, part=path.name)
    elif path.stat().st_size == 0:
        raise refusal("FILE_EMPTY", file=file)


def parts_of(path: Path, origin: Origin) -> dict[str, Path]:
    """Return the files of one data set by lower-case suffix; names and suffixes may be in any case.

    Raises
    ------
    Refusal
        ``FILE_INCOMPLETE`` naming the suffixes that are not there.
    """
    suffix = path.suffix.lower()
    found = {suffix: path}
    wanted = setting("parts").get(suffix)
    if wanted is None:
        return found
    siblings: dict[str, Path] = {}
    for other in sorted(path.parent.iterdir()):
        if other.stem.lower() == path.stem.lower():
            exact = other.stem == path.stem
            if exact or other.suffix.lower() not in siblings:
                siblings[other.suffix.lower()] = other
    missing = [s for s in wanted["needed"] if s not in siblings]
    if missing:
        needed = ", ".join([suffix, *wanted["needed"]])
        raise origin.refuse("FILE_INCOMPLETE", missing=", ".join(missing), needed=needed)
    for part in [*wanted["needed"], *wanted["optional"]]:
        if part in siblings:
            if siblings[part].is_symlink() or not siblings[part].is_file():
                raise origin.refuse("FILE_LINK", part=siblings[part].name)
            found[part] = siblings[part]
    if suffix == ".gpkg":
        for tail in ("-wal", "-journal"):
            log = path.with_name(path.name + tail)
            if log.is_file() and not log.is_symlink():
                found[suffix + tail] = log
    return found


@contextmanager
def private_room(work: Path) -> Iterator[Path]:
    """Give a new folder under ``work`` that only this process uses, and remove it with its copies afterwards.

    GDAL takes ``!`` in a path for an archive separator, so such work folders give way to the system's own.
    """
    work.mkdir(parents=True, exist_ok=True)
    home = None if "!" in str(work.resolve()) else work
    with tempfile.TemporaryDirectory(prefix="read-", dir=home, ignore_cleanup_errors=True) as room:
        yield Path(room)


def private_folder(room: Path) -> Path:
    """Return a new folder in a private room."""
    return Path(tempfile.mkdtemp(dir=room))


def stage(parts: Mapping[str, Path], target: Path) -> tuple[dict[str, Path], dict[str, str]]:
    """Copy the parts of a data set as ``data.<suffix>`` and return the copies and the SHA-256 of each part.

    Parameters
    ----------
    parts : mapping of suffix to path
        A folder (File Geodatabase) is copied with the files in it.
    target : Path
        Private folder, see `private_folder`.

    Returns
    -------
    copies : dict of suffix to path
    sha256 : dict of file name to hash
    """
    copies: dict[str, Path] = {}
    hashes: dict[str, str] = {}
    for suffix, path in parts.items():
        copy = target / f"data{suffix}"
        if path.is_dir():
            copy.mkdir()
            for inner in _files(path):
                hashes[f"{path.name}/{inner.name}"] = copy_file(inner, copy / inner.name)
        else:
            hashes[path.name] = copy_file(path, copy)
        copies[suffix] = copy
    return copies, hashes


def _files(folder: Path) -> Iterable[Path]:
    return (p for p in sorted(folder.iterdir()) if p.suffix.lower() != ".lock")


def copy_file(source: Path, target: Path) -> str:
    """Copy one file in pieces and return its SHA-256."""
    digest = hashlib.sha256()
    with source.open("rb") as reader, target.open("wb") as writer:
        while piece := reader.read(_CHUNK):
            digest.update(piece)
            writer.write(piece)
    return digest.hexdigest()
