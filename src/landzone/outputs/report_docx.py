"""``report.docx``: the report as a document to be signed."""

from __future__ import annotations

from pathlib import Path

from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.docx_body import Look, columns_without_lines, line, paragraph, picture, table
from landzone.outputs.docx_form import BODY, HEADING, SUBHEADING, TITLE, form
from landzone.outputs.report_content import Block, Map, Paragraph, Report, TextTable, build


def write(study: Study, result: AuditResult, folder: Path) -> Path:
    """Write ``report.docx`` into a folder and return its path."""
    path = folder / "report.docx"
    path.write_bytes(document(build(study, result)))
    return path


def document(report: Report) -> bytes:
    """Return a report as the bytes of a Word document; equal reports are equal bytes."""
    zh = report.lang == "zh"
    parts = [
        line(report.title, TITLE, 22, before=24),
        line(report.subtitle, SUBHEADING, 15 if zh else 12, before=10, after=16),
    ]
    pictures: list[tuple[str, bytes]] = []
    for section in report.sections:
        parts.append(paragraph(section.title, Look(style="Heading1")))
        parts += [_block(block, pictures, zh=zh) for block in section.blocks]
    if report.signatures:
        look = Look(BODY, 16 if zh else 12, before=16, after=16, single=True)
        parts += [line("", BODY, 12, "left", before=30), columns_without_lines(report.signatures, look)]
    return form(report.lang).filled("".join(parts), report.banner, report.title, report.subtitle, pictures)


def _block(block: Block, pictures: list[tuple[str, bytes]], *, zh: bool) -> str:
    if isinstance(block, TextTable):
        return table(block)
    if isinstance(block, Map):
        pictures.append((block.kind, block.png))
        return picture(len(pictures), block.caption, block.png) + line(block.caption, HEADING, 10.5, after=8)
    if isinstance(block, Paragraph):
        return paragraph(block.text, _looks(block.kind, zh=zh))
    return paragraph(block.text, Look())


def _looks(kind: str, *, zh: bool) -> Look:
    """Return how a paragraph of a kind looks: Chinese ones begin two characters in."""
    if kind == "note":
        return Look(size=14, indent=28) if zh else Look(size=10)
    if kind == "heading":
        return Look(bold=True, before=12, keep=True, indent=32 if zh else 0)
    if kind == "end":
        return Look(align="right", before=30)
    return Look(indent=32 if zh else 0)
