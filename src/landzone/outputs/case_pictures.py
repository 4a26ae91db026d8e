"""Pictures that a person has put into a folder for a case: found by the id of the parcel, scaled down, hashed."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from landzone.catalog import load


@dataclass(frozen=True)
class CasePicture:
    """One picture: its file name, the SHA-256 of the file as it lay there, and JPEG bytes (empty: no picture)."""

    file: str
    sha256: str
    jpeg: bytes


def picture_files(folder: Path, parcel_ids: list[str]) -> dict[str, list[Path]]:
    """Return the pictures of each parcel: files whose name begins with its id, and those in a folder named after it.

    What follows the id must not go on with a letter or a digit, so that ``P1`` does not take the pictures of ``P10``.
    """
    endings = tuple(load.table("cases.toml")["pictures"]["endings"])
    found: dict[str, list[Path]] = {name: [] for name in parcel_ids}
    if not folder.is_dir():
        return found
    longest_first = sorted(parcel_ids, key=lambda name: (-len(name), name))
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name in found:
                inside = sorted(p for p in path.iterdir() if p.is_file())
                found[path.name] += [p for p in inside if p.suffix.lower() in endings]
        elif path.suffix.lower() in endings:
            name = path.stem
            owner = next(
                (one for one in longest_first if name.startswith(one) and not name[len(one) :][:1].isalnum()),
                None,
            )
            if owner is not None:
                found[owner].append(path)
    return found


def read_picture(path: Path) -> CasePicture:
    """Read one picture; a file that is none, or too large, comes back without bytes."""
    own = load.table("cases.toml")["pictures"]
    data = path.read_bytes()
    sha = hashlib.sha256(data).hexdigest()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
            if image.width * image.height > own["most_pixels"]:
                return CasePicture(path.name, sha, b"")
            shown = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return CasePicture(path.name, sha, b"")
    shown.thumbnail((own["longest_px"], own["longest_px"]))
    stream = io.BytesIO()
    shown.save(stream, format="JPEG", quality=85)
    return CasePicture(path.name, sha, stream.getvalue())
