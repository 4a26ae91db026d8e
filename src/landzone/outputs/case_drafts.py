"""Drafts of 闲置土地调查通知书 and 闲置土地认定书: what the file knows is filled in, the rest is left blank."""

from __future__ import annotations

from collections.abc import Mapping
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
        self.blank = case.say("blank")

    def notice(self) -> Report:
        """Return the draft of the notice of investigation."""
        say = self.case.say
        days = next(term.days for term in procedure_terms() if term.kind == "reply")
        proofs = self.case.proofs(self.parcel, self.projects)
        wanted: list[Block] = [Paragraph(say("n_content", days=days))]
        wanted += [
            Paragraph(say("n_material", number=number, proof=line[0]))
            for number, line in enumerate(proofs, 1)
        ]
        as_of, conclusion = self.case.result.as_of.isoformat(), self.case.conclusion(self.parcel)
        return self._report(
            "notice_title",
            [
                (say("n_1"), [self._parcel()]),
                (say("n_2"), [Paragraph(say("n_facts", as_of=as_of, conclusion=conclusion))]),
                (say("n_3"), wanted),
                (say("n_4"), [Paragraph(say("n_rights"))]),
                (say("n_5"), [Paragraph(say("n_contact", blank=self.blank))]),
            ],
        )

    def determination(self) -> Report:
        """Return the draft of the determination; its conclusion is left to people."""
        say, lang = self.case.say, self.case.result.lang
        reading = self.case.study.settings.idle.anniversary
        steps: list[Block] = [Paragraph(say("d_facts"))]
        for row in self.projects:
            lines = clock_lines(row, self.case.result.as_of, lang, reading, self.case.money)
            steps += [Paragraph(f"{number}. {clean(line)}") for number, line in enumerate(lines, 1)]
        fee = self.case.value(f"idle_fee_{self.case.money}", self.parcel.get(f"idle_fee_{self.case.money}"))
        conclusion = say("d_conclusion", conclusion=self.case.conclusion(self.parcel), blank=self.blank)
        end: list[Block] = [Paragraph(conclusion)]
        if fee:
            end.append(Paragraph(say("d_fee", fee=fee)))
        return self._report(
            "determination_title",
            [
                (say("n_1"), [self._parcel()]),
                (say("d_2"), steps),
                (say("d_3"), [*self._claims(), Paragraph(say("d_cause", blank=self.blank))]),
                (say("d_4"), end),
                (say("d_5"), [Paragraph(say("d_remedy", blank=self.blank))]),
            ],
        )

    def _report(self, title: str, parts: list[tuple[str, list[Block]]]) -> Report:
        say = self.case.say
        head: list[Block] = [
            Paragraph(say("draft_note"), "note"),
            Paragraph(say("draft_number", blank=self.blank)),
            Paragraph(say("draft_to", holder=self._given(self.parcel, "holder"))),
            Paragraph(say("draft_address", blank=self.blank)),
        ]
        sections = [Section(say("draft_banner"), tuple(head))]
        sections += [Section(name, tuple(blocks)) for name, blocks in parts]
        return Report(
            lang=self.case.result.lang,
            title=say(title),
            subtitle=clean(self.parcel_id),
            banner=say("draft_banner"),
            sections=tuple(sections),
            signatures=("", say("n_seal")),
        )

    def _given(self, row: Mapping[str, Any], name: str) -> str:
        return clean(self.case.value(name, row.get(name))) or self.blank

    def _parcel(self) -> Paragraph:
        several = self.case.words.join([self._given(row, "project_id") for row in self.projects])
        contracts = [self._given(row, "contract_date") for row in self.projects]
        return Paragraph(
            self.case.say(
                "n_parcel",
                parcel=clean(self.parcel_id),
                area=self.case.value("area_m2", self.parcel.get("area_m2")) or self.blank,
                use=self._given(self.parcel, "use_name"),
                project=several or self.blank,
                contract=self.case.words.join(list(dict.fromkeys(contracts))) or self.blank,
                blank=self.blank,
            )
        )

    def _claims(self) -> list[Block]:
        found: list[Block] = []
        for row in self.projects:
            code = row.get("gov_cause_code")
            if not isinstance(code, str) or not code:
                continue
            entry = load.table("idle_law.toml")["causes"].get(code)
            lang = self.case.result.lang
            cause = self.case.words.beside(clean(code), entry[lang] if entry else "")
            verified = self.case.value("gov_cause_verified", row.get("gov_cause_verified"))
            told = self.case.say("d_claimed", cause=cause, verified=verified or self.case.say("unknown"))
            found.append(Paragraph(told))
        return found
