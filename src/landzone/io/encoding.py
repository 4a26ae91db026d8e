"""Code pages: what is declared, what the bytes say, and which of them is believed.

A wrong code page turns the owner's name in a penalty letter into garbage without any error. So bytes are
decoded strictly, the result has to look like writing, and a guess is always said aloud.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from landzone.io.formats import setting
from landzone.io.origin import Origin

_CANDIDATES = ("utf-8", "gbk", "gb18030", "big5")
_SURE, _BEYOND_DOUBT, _CLEARLY_WRONG = 0.7, 0.95, 0.5
_SCORED_BYTES = 1 << 20
_OK_ORDINALS = (
    (0x2000, 0x206F), (0x2070, 0x209F), (0x2100, 0x22FF), (0x2460, 0x24FF), (0x25A0, 0x25FF),
    (0x3000, 0x30FF), (0x3200, 0x33FF), (0xAC00, 0xD7A3), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF),
)  # fmt: skip


@dataclass(frozen=True)
class CodePage:
    """A code page that was settled on: Python codec, the name people use, and whether it had to be guessed."""

    codec: str
    guessed: bool = False

    @property
    def title(self) -> str:
        """Name as people write it, for instance ``GBK``."""
        titles: dict[str, str] = setting("code_page_titles")
        return titles.get(self.codec, self.codec.upper())


@dataclass(frozen=True)
class Sample:
    """Bytes of one text; ``may_be_cut`` where they fill their field, so the last character may be broken."""

    data: bytes
    may_be_cut: bool = False


def codec_of(name: str) -> str | None:
    """Return the Python codec of a code page name as found in ``.cpg`` and study files, None if unknown.

    >>> codec_of("ANSI 936"), codec_of("UTF-8"), codec_of("klingon")
    ('gbk', 'utf-8', None)
    """
    key = re.sub(r"[\s_\-]", "", name).lower()
    known: dict[str, str] = setting("code_pages")
    if key in known:
        return known[key]
    try:
        b"".decode(name.strip())  # LookupError, too, for the codecs of Python that are no code pages
        return codecs.lookup(name.strip()).name
    except (LookupError, ValueError):
        return None


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


def settle(
    samples: Iterable[Sample], origin: Origin, *, stated: str = "", hint: str = "", where: str = ".cpg"
) -> CodePage:
    """Settle the code page of a source from its texts.

    The code page that the study forces (``origin.encoding``) comes first, then ``stated`` (a ``.cpg`` file), then
    ``hint`` (a language byte); the first two are checked against the bytes and refused where they lie.

    Parameters
    ----------
    samples : iterable of Sample
        All texts of the source that are not ASCII.
    stated, hint : str
        Names of code pages, empty where there is none.
    where : str
        What has to be corrected when ``stated`` lies.

    Returns
    -------
    CodePage
        ``guessed`` is true where only the bytes spoke; the caller says it in the notes.

    Raises
    ------
    Refusal
        ``ENCODING_CONFLICT``, ``ENCODING_UNKNOWN``, ``ENCODING_NAME``.
    """
    texts = [s for s in samples if not s.data.isascii()]
    if origin.encoding and codec_of(origin.encoding) is None:
        raise origin.refuse("ENCODING_NAME", declared=origin.encoding)
    declared = origin.encoding or (stated if codec_of(stated) else "")
    codec = codec_of(declared) if declared else None
    if not texts:
        return CodePage(codec or "utf-8")
    found = detect(texts)
    if codec is not None:
        if _contradicts(texts, codec, found):
            place = "encoding" if origin.encoding else where
            title = CodePage(found).title if found else "?"
            raise origin.refuse("ENCODING_CONFLICT", declared=CodePage(codec).title, found=title, where=place)
        return CodePage(codec)
    hinted = codec_of(hint) if hint else None
    if hinted is not None and not _contradicts(texts, hinted, found):
        return CodePage(hinted)
    if found is None:
        raise origin.refuse("ENCODING_UNKNOWN")
    return CodePage(found, guessed=True)


def detect(samples: Sequence[Sample]) -> str | None:
    """Return the codec in which the bytes are writing, None where no reading is plausible.

    UTF-8 is believed where it decodes, unless the result is no writing while another reading is (the GBK bytes
    of 联通 are also valid UTF-8). Between the Chinese code pages the share of common characters decides.
    """
    scores = {codec: _score(samples, codec) for codec in _CANDIDATES}
    utf8 = scores["utf-8"]
    rest = {c: s for c, s in scores.items() if c != "utf-8" and s is not None}
    best = max(rest, key=lambda c: rest[c] or 0.0, default=None)
    best_score = (rest[best] or 0.0) if best else 0.0
    if utf8 is not None and (utf8 >= _CLEARLY_WRONG or best_score < _BEYOND_DOUBT):
        return "utf-8"
    if best is not None and best_score >= _SURE:
        return best
    western = _score(samples, "cp1252")
    return "cp1252" if western is not None and western >= _SURE else None


def _contradicts(samples: Sequence[Sample], codec: str, found: str | None) -> bool:
    """Tell whether a declared code page cannot be the one the texts were written in."""
    score = _score(samples, codec)
    if score is None:
        return True
    family = {"gbk", "gb18030"}
    if found is None or found == codec or {found, codec} <= family:
        return False
    return score < _CLEARLY_WRONG and (_score(samples, found) or 0.0) >= _SURE


def _score(samples: Sequence[Sample], codec: str) -> float | None:
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

    Common Chinese characters (level 1 of GB 2312 or of Big5), kana, Hangul, punctuation and full-width forms
    count. Greek and Cyrillic do not: pairs of GBK bytes look like them in UTF-8. Accented Latin letters count
    beside a plain letter only, because mojibake is runs of them.

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
        else:
            good += any(low <= ordinal <= high for low, high in _OK_ORDINALS) or _common_hanzi(char)
    return good / total if total else 1.0


def _latin_in_place(text: str, place: int) -> bool:
    before = text[place - 1] if place else " "
    after = text[place + 1] if place + 1 < len(text) else " "
    if text[place].isalpha():
        return (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha())
    return not any(0x00A0 <= ord(c) <= 0x024F for c in (before, after))


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


def read_text(data: bytes, origin: Origin) -> tuple[str, CodePage]:
    """Return the text of a whole text file and its code page; a byte order mark settles it.

    UTF-8 is the standard of text files, so it is not reported as a guess.
    """
    if origin.encoding and codec_of(origin.encoding) is None:
        raise origin.refuse("ENCODING_NAME", declared=origin.encoding)
    marks = ((codecs.BOM_UTF8, "utf-8", "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16", "utf-16"))
    for mark, codec, reader in (*marks, (codecs.BOM_UTF16_BE, "utf-16", "utf-16")):
        if data.startswith(mark):
            return _decoded(data, reader, CodePage(codec), origin)
    head = data[: 1 << 16]
    if b"\0" in head:
        zeros_odd = head[1::2].count(0) > head[0::2].count(0)
        page = CodePage("utf-16-le" if zeros_odd else "utf-16-be", guessed=not origin.encoding)
    else:
        # whole lines: a cut through the file at a fixed byte could split a character
        page = settle((Sample(line) for line in data.splitlines()), origin)
        page = CodePage(page.codec, page.guessed and page.codec != "utf-8")
    return _decoded(data, page.codec, page, origin)


def _decoded(data: bytes, reader: str, page: CodePage, origin: Origin) -> tuple[str, CodePage]:
    forced = codec_of(origin.encoding) if origin.encoding else None
    if forced and forced != page.codec and not (forced[:6] == page.codec[:6] == "utf-16"):
        declared = CodePage(forced).title
        raise origin.refuse("ENCODING_CONFLICT", declared=declared, found=page.title, where="encoding")
    try:
        return data.decode(reader), page
    except UnicodeDecodeError:
        raise origin.refuse("ENCODING_UNKNOWN") from None
