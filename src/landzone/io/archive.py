"""Zip archives: judged by their directory first, then unpacked into a private folder."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from landzone.io.detection import plausible
from landzone.io.formats import limit
from landzone.io.origin import Origin

_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_CHUNK = 1 << 20


def check_archive(path: Path, origin: Origin) -> list[zipfile.ZipInfo]:
    """Return the members of a zip file after judging its directory; nothing is unpacked.

    Raises
    ------
    Refusal
        ``ZIP_UNSAFE_PATH`` for absolute paths, drives, ``..`` and links, ``ZIP_RATIO`` for a member that
        unpacks to far more than its packed size, ``ZIP_TOO_LARGE``, ``ZIP_ENCRYPTED``, ``FILE_CORRUPT``.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError) as error:
        raise origin.refuse("FILE_CORRUPT", detail=f"zip, {error}") from None
    total = sum(m.file_size for m in members)
    for member in members:
        name = member.filename
        unsafe = (
            name.startswith(("/", "\\"))
            or re.match(r"^[A-Za-z]:", name)
            or "\\" in name
            or any(part == ".." for part in PurePosixPath(name).parts)
            or stat.S_ISLNK(member.external_attr >> 16)
        )
        if unsafe:
            raise origin.refuse("ZIP_UNSAFE_PATH", member=name)
        if member.flag_bits & _ENCRYPTED_FLAG:
            raise origin.refuse("ZIP_ENCRYPTED", member=name)
        ratio = member.file_size / max(member.compress_size, 1)
        if member.file_size > limit("zip_ratio_from_bytes") and ratio > limit("zip_ratio"):
            raise origin.refuse("ZIP_RATIO", member=name, ratio=round(ratio), limit=limit("zip_ratio"))
    if len(members) > limit("zip_members") or total > limit("zip_total_bytes"):
        raise origin.refuse("ZIP_TOO_LARGE", members=len(members), bytes=total)
    return [m for m in members if not m.is_dir()]


def member_name(member: zipfile.ZipInfo) -> str:
    """Return the name of a member as its author saw it.

    Windows packs Chinese names in GBK without saying so, and `zipfile` reads them as cp437.
    """
    if member.flag_bits & _UTF8_FLAG or member.filename.isascii():
        return member.filename
    try:
        packed = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return member.filename
    for codec in ("utf-8", "gbk", "big5"):
        try:
            name = packed.decode(codec)
        except UnicodeDecodeError:
            continue
        if plausible(name) > 0.5:
            return name
    return member.filename


def unpack(path: Path, target: Path, origin: Origin) -> dict[str, Path]:
    """Unpack a judged archive and return the unpacked files by the name a person sees in the archive.

    No more bytes are written for a member than the directory announced.
    """
    members = check_archive(path, origin)
    found: dict[str, Path] = {}
    with zipfile.ZipFile(path) as archive:
        for number, member in enumerate(members):
            name = member_name(member)
            if "__MACOSX" in name or PurePosixPath(name).name.startswith("."):
                continue
            copy = target.joinpath(*_neutral(name, number))
            copy.parent.mkdir(parents=True, exist_ok=True)
            if copy.exists():
                raise origin.refuse("FILE_CORRUPT", detail=f"zip, {name} x 2")
            try:
                _write(archive, member, copy)
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
                raise origin.refuse("FILE_CORRUPT", detail=f"{name}, {error}") from None
            found[name] = copy
    return found


def _neutral(name: str, number: int) -> Sequence[str]:
    """Return a safe relative path: a geodatabase keeps its folder, a Shapefile its common stem."""
    path = PurePosixPath(name)
    parts = [re.sub(r"[!?%|#:*\"<>\x00-\x1f]", "_", part) for part in path.parts]
    return parts or [f"member{number}"]


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, copy: Path) -> None:
    left = member.file_size
    with archive.open(member) as reader, copy.open("wb") as writer:
        while piece := reader.read(_CHUNK):
            left -= len(piece)
            if left < 0:
                raise zipfile.BadZipFile("a member is longer than announced")
            writer.write(piece)
