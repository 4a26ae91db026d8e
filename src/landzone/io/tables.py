"""Tables: CSV, Excel and dBase files and tables of a database, cells as found."""

from __future__ import annotations

from pathlib import Path

from landzone.io.content import check_content
from landzone.io.csv_table import read_csv
from landzone.io.database_url import is_database
from landzone.io.dbf import read_dbf
from landzone.io.formats import format_of
from landzone.io.origin import Origin
from landzone.io.postgis import read_postgis
from landzone.io.raw import Raw
from landzone.io.safety import locate, parts_of, private_folder, private_room, split_source, stage
from landzone.io.workbook import read_workbook
from landzone.model.problems import Problems


def read_table(
    source: str,
    folder: Path,
    *,
    role: str,
    problems: Problems,
    encoding: str | None = None,
    work: Path,
) -> Raw:
    """Read a table: ``path[#sheet]`` of CSV, XLSX or DBF, or ``postgresql://…?table=schema.table``.

    Parameters
    ----------
    source : str
        Relative to ``folder``.
    folder : Path
        Folder of the study.
    role : str
        Role in the study; stands in the column ``layer`` of the problems.
    problems : Problems
        Takes notes and rows that cannot be read.
    encoding : str, optional
        Code page, where the study states it.
    work : Path
        Folder for private copies.

    Returns
    -------
    Raw
        Without geometry. Cells of CSV are texts, of XLSX Python values, of DBF typed by the table. ``rows``
        are line, sheet row and record number; lines and rows without any text are no rows.

    Raises
    ------
    Refusal
        When the file cannot be trusted; see ``catalog/messages/files.toml``.
    """
    if is_database(source):
        return read_postgis(source, role=role, problems=problems, spatial=False)
    file, layer = split_source(source, folder)
    path = locate(file, folder)
    with private_room(work) as room:
        return _read(path, Origin(file, role, problems, room, layer, encoding or ""))


def _read(path: Path, origin: Origin) -> Raw:
    expected = format_of(path)
    if expected is None or expected.key not in ("csv", "xlsx", "xls", "dbf"):
        raise origin.refuse("FORMAT_UNSUPPORTED", suffix=path.suffix.lower() or path.name)
    check_content(path, expected, origin)
    copies, hashes = stage(parts_of(path, origin), private_folder(origin.work))
    copy = copies[path.suffix.lower()]
    if expected.key in ("xlsx", "xls"):
        sheet = read_workbook(copy, origin)
        return Raw(
            role=origin.role,
            source=origin.file,
            layer=sheet.name,
            cells=sheet.cells,
            rows=sheet.rows,
            rows_in=len(sheet.rows),
            sha256=hashes,
        )
    if origin.layer and origin.layer.lower() != path.stem.lower():
        raise origin.refuse("LAYER_MISSING", wanted=origin.layer, layers=path.stem)
    if expected.key == "dbf":
        table = read_dbf(copy, origin, cpg=copies.get(".cpg"))
        cells, rows, rows_in, page = table.cells, table.places + 1, len(table.places), table.page
    else:
        text = read_csv(copy, origin)
        cells, rows, rows_in, page = text.cells, text.rows, text.rows_in, text.page
    if rows_in == 0:
        raise origin.refuse("NO_ROWS")
    return Raw(
        role=origin.role,
        source=origin.file,
        layer=path.stem,
        cells=cells,
        rows=rows,
        rows_in=rows_in,
        encoding=page.title,
        encoding_guessed=page.guessed,
        sha256=hashes,
    )
