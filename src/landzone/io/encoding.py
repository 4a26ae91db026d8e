"""Code pages: what is declared, what the bytes say, and which of them is believed.

A wrong code page turns the owner's name in a penalty letter into garbage without any error. So bytes are
decoded strictly, the result has to look like writing, and a guess is always said aloud.
"""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from landzone.io.detection import CANDIDATES, CLEARLY_WRONG, SURE, Sample, detect, score
from landzone.io.formats import setting
from landzone.io.origin import Origin

_PROPOSED_BYTES = 1 << 16


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
        raise origin.refuse("ENCODING_UNKNOWN", readings=_readings(texts))
    return CodePage(found, guessed=True)


def _readings(samples: Sequence[Sample]) -> str:
    """Return how a few texts would read in the code pages that could be meant, for a person to choose.

    charset-normalizer knows many more code pages than are believed here without being stated; it only proposes.
    """
    from charset_normalizer import from_bytes

    few = [sample.data for sample in samples[:3]]
    proposed = list(from_bytes(b"\n".join(s.data for s in samples)[:_PROPOSED_BYTES]))[:3]
    readings: dict[str, str] = {}
    for codec in (*CANDIDATES, *(match.encoding for match in proposed)):
        with contextlib.suppress(UnicodeDecodeError):
            text = " ".join(data.decode(codec) for data in few)[:40]
            readings.setdefault(
                "".join(c if c.isprintable() else "?" for c in text), codec_of(codec) or codec
            )
    return "; ".join(f"{CodePage(codec).title}: {text}" for text, codec in readings.items()) or "-"


def _contradicts(samples: Sequence[Sample], codec: str, found: str | None) -> bool:
    """Tell whether a declared code page cannot be the one the texts were written in."""
    declared = score(samples, codec)
    if declared is None:
        return True
    family = {"gbk", "gb18030"}
    if found is None or found == codec or {found, codec} <= family:
        return False
    return declared < CLEARLY_WRONG and (score(samples, found) or 0.0) >= SURE


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
