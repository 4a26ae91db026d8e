"""Reads rule packs, bundled or by path, and refuses what is not exactly right."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from landzone.catalog import load
from landzone.catalog.limit_tables import TableSource
from landzone.catalog.messages import refusal
from landzone.catalog.pack_reader import PackReader, nearest
from landzone.model.rules import RulePack


def bundled_packs() -> list[str]:
    """Return the ids of the rule packs that ship with landzone."""
    return load.names("rule_packs", ".toml")


def load_pack(reference: str, folder: Path | None = None) -> RulePack:
    """Read one rule pack.

    Parameters
    ----------
    reference : str
        Id of a bundled pack, or path of a TOML file (ends in ``.toml``), relative to ``folder``.
    folder : Path, optional
        Folder of the study.

    Raises
    ------
    Refusal
        ``RULE_PACK_…`` with file, line and rule id: nothing of a pack is ever skipped or guessed.

    Examples
    --------
    >>> pack = load_pack("seed-004-cluster-2014")
    >>> [rule.limits[0].limit for rule in pack.rules if rule.id in ("S004-DENS", "S004-INV", "S004-REVENUE")]
    [0.5, 1000.0, 200000.0]
    """
    if not reference.endswith(".toml"):
        if reference not in bundled_packs():
            near = nearest(reference, bundled_packs())
            raise refusal("RULE_PACK_NOT_FOUND", file=reference, near=near)
        return read_pack(
            load.text(f"rule_packs/{reference}.toml"), f"{reference}.toml", expected_id=reference
        )
    path = (folder or Path()) / reference
    if not path.is_file():
        raise refusal("RULE_PACK_NOT_FOUND", file=reference, near=nearest(reference, bundled_packs()))
    raw = path.read_bytes()
    try:
        content = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refusal("RULE_PACK_SYNTAX", file=reference, detail=str(error)) from error
    pack = read_pack(content, reference, sha256=hashlib.sha256(raw).hexdigest(), folder=path.parent)
    return replace(pack, text=content)


def load_packs(references: Sequence[str], folder: Path | None = None) -> tuple[RulePack, ...]:
    """Read several packs; a pack or a rule id may occur only once among them."""
    packs: list[RulePack] = []
    seen: dict[str, str] = {}
    for reference in references:
        pack = load_pack(reference, folder)
        for name in (pack.id, *(rule.id for rule in pack.rules)):
            if name in seen:
                raise refusal("RULE_PACK_TWICE", file=reference, name=name, other=seen[name])
        seen |= dict.fromkeys((pack.id, *(rule.id for rule in pack.rules)), reference)
        packs.append(pack)
    return tuple(packs)


def list_rules() -> tuple[RulePack, ...]:
    """Return every bundled rule pack with its rules."""
    return tuple(load_pack(name) for name in bundled_packs())


def read_pack(
    content: str,
    file: str,
    expected_id: str = "",
    sha256: str = "",
    folder: Path | None = None,
    tables: Mapping[str, str] | None = None,
) -> RulePack:
    """Read the text of a pack.

    ``file`` is what messages call it, ``sha256`` the hash of its bytes, ``folder`` where its tables of limits lie
    (None: only those that ship with landzone), ``tables`` their text where it was kept.
    """
    sha256 = sha256 or hashlib.sha256(content.encode("utf-8")).hexdigest()
    content = content.replace("\r\n", "\n")
    try:
        table = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise refusal("RULE_PACK_SYNTAX", file=file, detail=str(error)) from error
    return PackReader(file, content.split("\n"), TableSource(folder, tables or {})).pack(
        table, expected_id, sha256
    )
