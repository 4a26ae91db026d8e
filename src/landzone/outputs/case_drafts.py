"""Drafts of 闲置土地调查通知书 and 闲置土地认定书: what the file knows is filled in, the rest is left blank."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from landzone.catalog import load
from landzone.catalog.idle_law import procedure_terms
from landzone.catalog.idle_steps import clock_lines
from landzone.outputs.case_content import CaseWriter
from landzone.outputs.report_content import Block, Paragraph, Report, Section
from landzone.outputs.wording import clean


class DraftWriter:
    """Writes the drafts of one case."""

    def __init__(self, case: CaseWriter, parcel_id: str) -> None:
        self.case = case
        self.parcel = case.parcels[parcel_id][0]
        self.parcel_id = parcel_id
        self.projects = case.projects.get(parcel_id, [])
        self.blank, self.seal = case.say("blank"), case.say("n_seal")

    def notice(self) -> Report:
        """Return the draft of the notice of investigation, with the six items of article 6."""
        say = self.case.say
        days = next(term.days for term in procedure_terms() if term.kind == "reply")
        asked = [say("n_rights_proof"), say("n_cause_proof"), *self.case.asked(self.parcel)]
        asked.append(say("n_other_proof", blank=self.blank))
        wanted = [say("n_content", days=days)]
        wanted += [say("n_material", number=number, proof=proof) for number, proof in enumerate(asked, 1)]
        as_of, conclusion = self._day(self.case.result.as_of.isoformat()), self.case.conclusion(self.parcel)
        return self._report(
            "notice_title",
            {
                "n_1": self._parcel(),
                "n_2": [say("n_facts", as_of=as_of, conclusion=conclusion)],
                "n_3": wanted,
                "n_4": [say("n_rights"), say("n_duties")],
                "n_5": [self.blank, say("n_end"), say("n_contact", blank=self.blank), self.seal],
            },
        )

    def determination(self) -> Report:
        """Return the draft of the determination, with the items of article 10; its conclusion is left to people."""
        say = self.case.say
        as_of, conclusion = self._day(self.case.result.as_of.isoformat()), self.case.conclusion(self.parcel)
        return self._report(
            "determination_title",
            {
                "d_1": self._parcel(),
                "d_2": [say("d_facts", as_of=as_of, conclusion=conclusion, blank=self.blank)],
                "d_3": [
                    *self._claims(),
                    say("d_cause", blank=self.blank),
                    say("d_conclusion", blank=self.blank),
                ],
                "d_4": [
                    say("d_other", blank=self.blank),
                    say("d_end"),
                    say("n_contact", blank=self.blank),
                    self.seal,
                ],
                "d_annex": self._steps(),
            },
        )

    def _steps(self) -> list[str]:
        """Return how the class was computed, project by project, and the fee where there is one."""
        say, lang = self.case.say, self.case.result.lang
        reading = self.case.study.settings.idle.anniversary
        steps = [say("d_steps")]
        for row in self.projects:
            lines = clock_lines(row, self.case.result.as_of, lang, reading, self.case.money)
            steps += [f"{number}. {clean(line)}" for number, line in enumerate(lines, 1)]
        fee = self.case.value(f"idle_fee_{self.case.money}", self.parcel.get(f"idle_fee_{self.case.money}"))
        return [*steps, say("d_fee", fee=fee)] if fee else steps

    def _report(self, title: str, parts: dict[str, list[str]]) -> Report:
        say = self.case.say
        head: list[Block] = [
            Paragraph(say("draft_note"), "note"),
            Paragraph(say("draft_number", blank=self.blank)),
            Paragraph(say("draft_to", holder=self._given(self.parcel, "holder"))),
            Paragraph(say("draft_address", blank=self.blank)),
        ]
        sections = [Section(say("draft_banner"), tuple(head))]
        sections += [Section(say(key), tuple(map(self._paragraph, own))) for key, own in parts.items()]
        return Report(
            lang=self.case.result.lang,
            title=say(title),
            subtitle=clean(self.parcel_id),
            banner=say("draft_banner"),
            sections=tuple(sections),
        )

    def _paragraph(self, text: str) -> Paragraph:
        return Paragraph(text, "end" if text == self.seal else "body")

    def _given(self, row: Mapping[str, Any], name: str) -> str:
        text = clean(self.case.value(name, row.get(name)))
        return (self._day(text) if name.endswith("_date") else text) or self.blank

    def _day(self, text: str) -> str:
        """Return a date as an official letter writes it; what is no date stays as it is."""
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return text
        return self.case.say("draft_day", year=day.year, month=day.month, day=day.day)

    def _parcel(self) -> list[str]:
        """Return contract, parcel and dates of each project; one paragraph of blanks where there is no project."""
        say, told = self.case.say, []
        for row in self.projects or [{}]:
            supplement = self._given(row, "supplement_start_date")
            told.append(
                say(
                    "n_parcel",
                    parcel=clean(self.parcel_id),
                    area=self.case.value("area_m2", self.parcel.get("area_m2")) or self.blank,
                    use=self._given(self.parcel, "use_name"),
                    project=self._given(row, "project_id"),
                    contract=self._given(row, "contract_date"),
                    start=self._given(row, "agreed_start_date"),
                    supplement=say("n_supplement", day=supplement) if supplement != self.blank else "",
                    delivery=self._given(row, "delivery_date"),
                    blank=self.blank,
                )
            )
        return told

    def _claims(self) -> list[str]:
        found: list[str] = []
        for row in self.projects:
            code = row.get("gov_cause_code")
            if not isinstance(code, str) or not code:
                continue
            entry = load.table("idle_law.toml")["causes"].get(code)
            lang = self.case.result.lang
            cause = self.case.words.beside(clean(code), entry[lang] if entry else "")
            verified = self.case.value("gov_cause_verified", row.get("gov_cause_verified"))
            told = self.case.say("d_claimed", cause=cause, verified=verified or self.case.say("unknown"))
            found.append(told)
        return found
