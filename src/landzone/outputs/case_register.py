"""``register.xlsx``: the register of cases (案件台账). The program keeps its own columns; what people write survives.

Rows are matched by parcel id and project id. A register that exists is opened and changed in place, so that the order
of rows, columns and sheets of a person's own, comments and colours stay. A person's cell is never written over: status,
decision and remark are never touched, and a cell of ours that a person has changed keeps the person's words and is
listed.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from landzone.catalog import load
from landzone.catalog.labels import labels
from landzone.catalog.messages import refusal
from landzone.outputs.case_files import replace
from landzone.outputs.wording import clean

KEYS = ("parcel_id", "project_id")
COMPUTED = (
    "parcel_id", "project_id", "holder", "zone_id", "area_m2", "area_mu", "idle_class", "conclusion",
    "idle_since_date", "idle_fee", "next_threshold_date", "due", "contradictions", "file", "first_listed", "state",
)  # fmt: skip
"""Columns of the program."""

WRITTEN = ("status", "decision", "remark")
"""Columns of people."""

ONCE = ("parcel_id", "project_id", "first_listed")
_MEMORY = "_landzone"
_HEAD_ROW = 3
_ZIP_TIME = (2000, 1, 1, 0, 0, 0)
_FILLS = {"ours": "DCE9F5", "theirs": "FFF6CC", "edited": "FBD9B5"}
_WIDTHS = {"parcel_id": 24, "project_id": 22, "holder": 22, "conclusion": 34, "contradictions": 30, "file": 26,
           "state": 24, "status": 16, "decision": 30, "remark": 36, "idle_class": 20}  # fmt: skip

Key = tuple[str, str]


@dataclass
class Checks:
    """What a person has to look at: rows of (kind, row, parcel, project, column, written by hand, by the program)."""

    rows: list[tuple[str, int, str, str, str, str, str]] = field(default_factory=list)

    def count(self, kind: str) -> int:
        """Return how many checks are of a kind."""
        return sum(row[0] == kind for row in self.rows)


def check(path: Path) -> None:
    """Refuse a register that cannot be opened, before anything is written."""
    if path.exists():
        _opened(path)


def update(
    path: Path,
    cases: Sequence[Mapping[str, Any]],
    as_of: str,
    lang: str,
    money: str = "",
    kept_files: Sequence[str] = (),
) -> Checks:
    """Bring a register up to date, or begin one.

    Parameters
    ----------
    path : Path
        The workbook; written whole or not at all.
    cases : sequence of mapping
        A row a case with the columns ``COMPUTED`` but ``first_listed`` and ``state``; ``code`` is the bare class.
    as_of : str
        Day of the audit.
    lang : str
        Language of a new register; an old one keeps its headings.
    money : str
        What people read for the unit of money.
    kept_files : sequence of str
        Case files of a person that were not written over.

    Raises
    ------
    Refusal
        ``REGISTER_UNREADABLE``, ``REGISTER_WITHOUT_IDS``: nothing is changed.
    """
    book = _opened(path) if path.exists() else _begun(lang, money)
    register = _Register(book, lang, money)
    missing = [register.titles[name] for name in KEYS if name not in register.columns]
    if missing:
        raise refusal(
            "REGISTER_WITHOUT_IDS", file=str(path), columns=labels("report", lang)["joiner"].join(missing)
        )
    register.bring_up_to_date(cases, as_of)
    for name in kept_files:
        register.checks.rows.append(("file_kept", 0, "", "", "", name, ""))
    register.close()
    replace(path, _dated(book))
    return register.checks


def _opened(path: Path) -> Any:
    try:
        return openpyxl.load_workbook(path)
    except (
        OSError,
        ValueError,
        KeyError,
        zipfile.BadZipFile,
        openpyxl.utils.exceptions.InvalidFileException,
    ) as error:
        raise refusal("REGISTER_UNREADABLE", file=str(path), error=type(error).__name__) from error


def _begun(lang: str, money: str) -> Any:
    words = labels("cases", lang)
    book = openpyxl.Workbook()
    page = book.active
    page.title = words["register_sheet"]
    page["A1"], page["A2"] = words["register_title"], words["register_note"]
    page["A1"].font = Font(bold=True, size=16)
    side = Side(style="thin", color="B8C0C8")
    for place, name in enumerate((*COMPUTED, *WRITTEN), 1):
        cell = page.cell(_HEAD_ROW, place, words[f"r_{name}"].format(money=money))
        cell.font, cell.border = Font(bold=True), Border(left=side, right=side, top=side, bottom=side)
        cell.fill = PatternFill("solid", fgColor=_FILLS["theirs" if name in WRITTEN else "ours"])
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        page.column_dimensions[get_column_letter(place)].width = _WIDTHS.get(name, 14)
    page.row_dimensions[_HEAD_ROW].height = 32
    page.freeze_panes = f"C{_HEAD_ROW + 1}"
    page.auto_filter.ref = f"A{_HEAD_ROW}:{get_column_letter(len(COMPUTED) + len(WRITTEN))}{_HEAD_ROW}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
    page.page_setup.fitToHeight, page.sheet_properties.pageSetUpPr.fitToPage = 0, True
    choices = load.table("cases.toml")["statuses"][lang]
    offered = DataValidation(
        type="list", formula1='"' + ",".join(choices) + '"', allow_blank=True, showErrorMessage=False
    )
    letter = get_column_letter(len(COMPUTED) + 1)
    offered.add(f"{letter}{_HEAD_ROW + 1}:{letter}10000")
    page.add_data_validation(offered)
    return book


class _Register:
    def __init__(self, book: Any, lang: str, money: str) -> None:
        self.book, self.lang = book, lang
        self.words = labels("cases", lang)
        self.titles = {name: self.words[f"r_{name}"].format(money=money) for name in (*COMPUTED, *WRITTEN)}
        self.page, self.head = self._sheet()
        self.columns = self._headings()
        self.memory: dict[str, dict[str, str]] = self._remembered()
        self.checks = Checks()
        self.last = self.head
        """The last row in which something is written."""

    def _known(self) -> dict[str, str]:
        """Return headings in every language, without their units, with the column each means."""
        return {
            _plain(labels("cases", lang)[f"r_{name}"]): name
            for lang in ("zh", "en")
            for name in (*COMPUTED, *WRITTEN)
        }

    def _sheet(self) -> tuple[Any, int]:
        """Find the sheet and the row of headings: the first row in which an id column is named."""
        known = self._known()
        for page in self.book.worksheets:
            if page.title == _MEMORY:
                continue
            for row in page.iter_rows(min_row=1, max_row=30):
                names = {known.get(_plain(_text(cell.value))) for cell in row}
                if names & set(KEYS):
                    return page, row[0].row
        return self.book.worksheets[0], _HEAD_ROW

    def _headings(self) -> dict[str, int]:
        known, found = self._known(), {}
        for cell in self.page[self.head]:
            name = known.get(_plain(_text(cell.value)))
            if name and name not in found:
                found[name] = cell.column
        return found

    def _remembered(self) -> dict[str, dict[str, str]]:
        if _MEMORY not in self.book.sheetnames:
            return {}
        text = "".join(_text(row[0]) for row in self.book[_MEMORY].iter_rows(max_col=1, values_only=True))
        try:
            found: dict[str, dict[str, str]] = json.loads(text)
        except ValueError:
            return {}
        return found

    def get(self, row: int, name: str) -> str:
        """Return the text of a cell; empty where the column is gone."""
        return _text(self.page.cell(row, self.columns[name]).value) if name in self.columns else ""

    def rows(self) -> dict[Key, list[int]]:
        """Return the rows of each case; rows without an id are checked, empty ones passed over."""
        found: dict[Key, list[int]] = {}
        for row in range(self.head + 1, self.page.max_row + 1):
            if not any(_text(cell.value) for cell in self.page[row]):
                continue
            self.last = row
            key = (self.get(row, "parcel_id"), self.get(row, "project_id"))
            if not all(key):
                self._check("without_id", row, key)
                continue
            found.setdefault(key, []).append(row)
        return found

    def _check(
        self, kind: str, row: int, key: Key, column: str = "", written: str = "", computed: str = ""
    ) -> None:
        self.checks.rows.append((kind, row, *key, column, written, computed))

    def bring_up_to_date(self, cases: Sequence[Mapping[str, Any]], as_of: str) -> None:
        """Write the computed cells of every case, add new ones below, and check the rest."""
        rows, last = self.rows(), self.last
        kept = {tuple(json.loads(name)): values for name, values in self.memory.items()}
        self.memory = {}
        for case in cases:
            key = (clean(str(case["parcel_id"])), clean(str(case["project_id"])))
            own = rows.pop(key, None)
            before = kept.get(key, {})
            if own is None:
                last += 1
                own = [last]
            first = before.get("first_listed") or as_of
            told = {**case, "first_listed": first, "state": self.words["state_listed"].format(as_of=as_of)}
            for row in own:
                self._fill(row, key, told, before)
            self._compare(own, key, case, before)
            self._remember(key, told)
        self.last = last
        for key, own in rows.items():
            self._not_listed(key, own, kept.get(key), as_of)

    def _fill(self, row: int, key: Key, told: Mapping[str, Any], before: Mapping[str, str]) -> None:
        for name in COMPUTED:
            if name not in self.columns:
                continue
            cell, value = self.page.cell(row, self.columns[name]), told.get(name)
            there, new = _text(cell.value), _text(value)
            was = before.get(name, "")
            if there and there not in (was, new):
                if name not in ONCE:
                    self._check("edited", row, key, self._heading(name), there, new)
                    cell.fill = PatternFill("solid", fgColor=_FILLS["edited"])
                continue
            if there != new:
                cell.value = value if value not in ("", None) else None
            self._dress(cell, name, value)

    def _dress(self, cell: Any, name: str, value: Any) -> None:
        if isinstance(value, str):
            cell.data_type = "s"
            cell.number_format = "@"
        elif isinstance(value, float):
            cell.number_format = "#,##0.00"
        if name == "file" and value:
            cell.hyperlink = str(value)
            cell.font = Font(color="1D5FA8", underline="single")
        if cell.fill.fgColor.rgb == f"00{_FILLS['edited']}":
            cell.fill = PatternFill()

    def _compare(self, rows: list[int], key: Key, case: Mapping[str, Any], before: Mapping[str, str]) -> None:
        """Check several rows of one case, and a decision that was written on another class."""
        if len(rows) > 1:
            told = labels("report", self.lang)["joiner"].join(str(row) for row in rows)
            self._check("duplicate", rows[0], key, "", told)
            decisions = {self.get(row, "decision") for row in rows} - {""}
            if len(decisions) > 1:
                self._check(
                    "conflict", rows[0], key, self._heading("decision"), " | ".join(sorted(decisions))
                )
        was = before.get("code", "")
        decided = any(self.get(row, name) for row in rows for name in ("decision", "status"))
        if was and was != case["code"] and decided:
            told = before.get("idle_class") or was
            self._check("changed", rows[0], key, self._heading("idle_class"), told, str(case["idle_class"]))

    def _not_listed(self, key: Key, rows: list[int], before: Mapping[str, str] | None, as_of: str) -> None:
        """Keep the rows of a case that is not suspected any more, or that a person has added."""
        kind = "gone" if before else "added"
        words = self.words["state_gone"].format(as_of=as_of) if before else self.words["state_other"]
        for row in rows:
            self._check(kind, row, key)
            if "state" not in self.columns:
                continue
            cell = self.page.cell(row, self.columns["state"])
            if _text(cell.value) in ("", (before or {}).get("state", ""), words):
                cell.value = words
        if before:
            self.memory[json.dumps(key, ensure_ascii=False)] = {**before, "state": words}

    def _remember(self, key: Key, told: Mapping[str, Any]) -> None:
        own = {name: _text(told.get(name)) for name in (*COMPUTED, "code")}
        self.memory[json.dumps(key, ensure_ascii=False)] = own

    def _heading(self, name: str) -> str:
        return _text(self.page.cell(self.head, self.columns[name]).value) if name in self.columns else name

    def close(self) -> None:
        """Write what was remembered and what has to be checked."""
        if self.page.auto_filter.ref:
            self.page.auto_filter.ref = re.sub(r"\d+$", str(self.last), self.page.auto_filter.ref)
        for sheet in (_MEMORY, *(labels("cases", lang)["checks_sheet"] for lang in ("zh", "en"))):
            if sheet in self.book.sheetnames:
                del self.book[sheet]
        page = self.book.create_sheet(self.words["checks_sheet"])
        page["A1"] = self.words["checks_title"]
        page["A1"].font = Font(bold=True, size=14)
        heads = [
            self.words[name]
            for name in (
                "kc_kind",
                "kc_row",
                "r_parcel_id",
                "r_project_id",
                "kc_column",
                "kc_written",
                "kc_computed",
            )
        ]
        for place, text in enumerate(heads, 1):
            page.cell(2, place, text).font = Font(bold=True)
            page.column_dimensions[get_column_letter(place)].width = (40, 8, 24, 22, 18, 40, 40)[place - 1]
        for number, (kind, row, *rest) in enumerate(sorted(self.checks.rows), 3):
            page.cell(number, 1, self.words[f"k_{kind}"])
            page.cell(number, 2, row or None)
            for place, text in enumerate(rest, 3):
                cell = page.cell(number, place)
                cell.value, cell.data_type, cell.number_format = text, "s", "@"
        if not self.checks.rows:
            page.cell(3, 1, self.words["checks_none"])
        memory = self.book.create_sheet(_MEMORY)
        text = json.dumps(self.memory, ensure_ascii=False, sort_keys=True)
        for number, at in enumerate(range(0, len(text), 30_000), 1):
            cell = memory.cell(number, 1)
            cell.value, cell.data_type = text[at : at + 30_000], "s"
        memory.sheet_state = "veryHidden"


def _plain(title: str) -> str:
    """Return a heading without its unit in brackets.

    >>> _plain("闲置费测算（万元）"), _plain("Fee computed ({money})")
    ('闲置费测算', 'Fee computed')
    """
    return re.sub(r"[（(].*", "", title).strip()


def _text(value: Any) -> str:
    """Return a cell as text; a whole number as Excel shows it."""
    if value is None:
        return ""
    if isinstance(value, float):
        return format(value, ".10g")
    return str(value).strip()


def _dated(book: Any) -> bytes:
    """Return the bytes of a workbook with fixed times: equal registers are equal bytes."""
    stream = io.BytesIO()
    book.save(stream)
    fresh = io.BytesIO()
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(fresh, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(
                    rb"(<dcterms:(created|modified)[^>]*>)[^<]*", rb"\g<1>2000-01-01T00:00:00Z", data
                )
            new.writestr(entry, data)
    return fresh.getvalue()
