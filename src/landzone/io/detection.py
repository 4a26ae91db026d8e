"""Which code page some bytes are writing in: read strictly, judged by the characters that come out.

A few short names are the hard case: two bytes of GBK are two bytes of Big5 and one letter of UTF-8, too. There a wrong
answer is worse than none, see docs/adr/0012-code-pages.md.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from landzone.catalog import load
from landzone.io.formats import setting

CANDIDATES = ("utf-8", "gbk", "gb18030", "big5")
SURE, _BEYOND_DOUBT, CLEARLY_WRONG = 0.7, 0.95, 0.5
_FEW = 6
_SCORED_BYTES = 1 << 20
_OK_ORDINALS = (
    (0x2000, 0x206F), (0x2070, 0x209F), (0x2100, 0x22FF), (0x2460, 0x24FF), (0x25A0, 0x25FF),
    (0x3000, 0x303F), (0x3200, 0x33FF), (0xAC00, 0xD7A3), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF),
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """Bytes of one text; ``may_be_cut`` where they fill their field, so the last character may be broken."""

    data: bytes
    may_be_cut: bool = False


def decode(data: bytes, codec: str, may_be_cut: bool = False) -> tuple[str, bool]:
    """Return the text of some bytes, read strictly, and whether a broken last character was left out.

    >>> decode("建筑面积".encode()[:10], "utf-8", may_be_cut=True)
    ('建筑面', True)
    """
    try:
        return data.decode(codec), False
    except UnicodeDecodeError:
        if not may_be_cut:
            raise
    decoder = codecs.getincrementaldecoder(codec)("strict")
    return decoder.decode(data, final=False), True


def detect(samples: Sequence[Sample]) -> str | None:
    """Return the codec in which the bytes are writing, None where no reading is plausible or two readings are.

    UTF-8 is believed where it decodes, unless the result is no writing while another reading is (the GBK bytes
    of 卤 are the sign ± in UTF-8, so two or three such characters alone decide nothing). Between the Chinese code pages
    the share of common characters decides; a few characters alone do not.
    """
    scores = {codec: score(samples, codec) for codec in CANDIDATES}
    utf8 = scores["utf-8"]
    rest = {c: s for c, s in scores.items() if c != "utf-8" and s is not None}
    best = max(rest, key=lambda c: rest[c], default="")
    best_score = rest.get(best, 0.0)
    if utf8 is not None:
        if rest and _short_forms_only(_joined(samples, "utf-8")):
            return None
        if utf8 >= CLEARLY_WRONG or best_score < _BEYOND_DOUBT:
            return "utf-8"
    if best_score >= SURE:
        few = len({c for c in _joined(samples, best) if not c.isascii()}) < _FEW
        return _by_familiar_letters(samples, rest) if few else best
    western = score(samples, "cp1252")
    sure = western is not None and western >= SURE and best_score < CLEARLY_WRONG
    return "cp1252" if sure and not _lone(_joined(samples, "cp1252")) else None


def _short_forms_only(text: str) -> bool:
    """Tell whether a UTF-8 reading beyond ASCII is a few letters of two bytes, which two bytes of GBK look like."""
    letters = {c for c in text if not c.isascii()}
    return max(letters) < "\u0800" and len(letters) < _FEW and _lone(text)


def _lone(text: str) -> bool:
    """Tell whether a text has letters beyond ASCII that do not stand beside an ASCII letter, as in m² or Málaga."""
    around = f" {text} "
    return any(
        not char.isascii()
        and not ("\u00a0" <= char <= "\u024f" and any(c.isascii() and c.isalpha() for c in (before, after)))
        for before, char, after in zip(around, around[1:], around[2:], strict=False)
    )


def _by_familiar_letters(samples: Sequence[Sample], scores: Mapping[str, float]) -> str | None:
    """Return the code page in which a few letters are those that land data is made of, None where that is in doubt."""
    shares = {}
    for codec, common in scores.items():
        letters = {c for c in _joined(samples, codec) if not c.isascii()}
        enough = len(letters) > 1 or len(scores) == 1
        shares[codec] = (
            len(letters & _familiar()) / len(letters) if enough and common >= CLEARLY_WRONG else 0.0
        )
    best = max(shares, key=lambda c: shares[c])
    family = {"gbk", "gb18030"} if best != "big5" else {"big5"}
    others = [share for codec, share in shares.items() if codec not in family]
    if others and (shares[best] < SURE or max(others) > shares[best] / 2):
        return None
    return best


@cache
def _familiar() -> frozenset[str]:
    """Return the Chinese characters of the catalogue: of column names, classes and common names."""
    words = json.dumps([load.merged("column_aliases"), setting("familiar_letters")], ensure_ascii=False)
    return frozenset(c for c in words if "\u3007" <= c <= "\u9fff" or "\uff00" <= c <= "\uffef") | frozenset(
        "（）、。"
    )


def _joined(samples: Sequence[Sample], codec: str) -> str:
    return "\n".join(decode(s.data, codec, s.may_be_cut)[0] for s in samples)


def score(samples: Sequence[Sample], codec: str) -> float | None:
    """Return how plausible the texts are in a codec, 0…1, None where they do not decode."""
    texts: list[str] = []
    size = 0
    for sample in samples:
        try:
            text, _ = decode(sample.data, codec, sample.may_be_cut)
        except UnicodeDecodeError:
            return None
        if size < _SCORED_BYTES:
            texts.append(text[: _SCORED_BYTES - size])
            size += len(sample.data)
    joined = "\n".join(texts)
    return None if joined.isascii() else plausible(joined)


def plausible(text: str) -> float:
    """Return the share of the characters beyond ASCII that writing is made of.

    Common Chinese characters (level 1 of GB 2312 or of Big5), Hangul, punctuation and full-width forms count. Greek
    and Cyrillic do not: pairs of GBK bytes look like them in UTF-8; nor do kana: common Big5 bytes look like them in
    GBK. Accented Latin letters count beside a plain letter only, because mojibake is runs of them.

    >>> plausible("鹤壁市甲公司"), plausible("ºÏ±ÚÊÐ")
    (1.0, 0.0)
    """
    total = good = 0
    for place, char in enumerate(text):
        if char.isascii():
            continue
        total += 1
        ordinal = ord(char)
        if 0x00A0 <= ordinal <= 0x024F:
            good += _latin_in_place(text, place)
        elif not _inside_latin(text, place):
            good += any(low <= ordinal <= high for low, high in _OK_ORDINALS) or _common_hanzi(char)
    return good / total if total else 1.0


def _latin_in_place(text: str, place: int) -> bool:
    before = text[place - 1] if place else " "
    after = text[place + 1] if place + 1 < len(text) else " "
    if text[place].isalpha():
        return (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha())
    return not any(0x00A0 <= ord(c) <= 0x024F for c in (before, after))


def _inside_latin(text: str, place: int) -> bool:
    """Tell whether a character stands in a word of small Latin letters, as in the mojibake of Århus."""
    around = text[max(place - 1, 0) : place] + text[place + 1 : place + 2]
    return any("a" <= c <= "z" for c in around)


def _common_hanzi(char: str) -> bool:
    if not 0x4E00 <= ord(char) <= 0x9FFF:
        return False
    for codec, low, high in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)):
        try:
            if low <= char.encode(codec)[0] <= high:
                return True
        except UnicodeEncodeError:
            continue
    return False
