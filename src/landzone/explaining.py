"""Where a number of a finished audit comes from: rows, arithmetic, clause, limit and margin, from its folder alone."""

from __future__ import annotations

import math
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from landzone.catalog import load
from landzone.catalog.finding_texts import finding_messages, quantity, ways_to_pass
from landzone.catalog.idle_steps import clock_lines
from landzone.catalog.labels import labels
from landzone.catalog.measure_list import measure_spec
from landzone.catalog.messages import refusal
from landzone.io.audit_folder import open_audit
from landzone.model.result import AuditResult
from landzone.model.rules import Rule, RulePack
from landzone.model.study import Study

MOST_ROWS = 20
_OWN = {
    "parcel": ("parcels", "parcel_id"),
    "zone": ("zones", "zone_id"),
    "building": ("buildings", "building_id"),
}


def explain(folder: Path, subject: str, rule: str = "", lang: str = "") -> list[str]:
    """Return the lines that explain what was found of a subject, by one rule or by all.

    Parameters
    ----------
    folder : Path
        What ``landzone audit`` has written; nothing else is read.
    subject : str
        Id of a zone, parcel, project, enterprise or building; ``all`` is the region.
    rule : str
        Id of a rule; every rule that speaks of the subject where empty.
    lang : str
        ``zh`` or ``en``; the language of the audit where empty.

    Raises
    ------
    Refusal
        ``EXPLAIN_SUBJECT``, ``EXPLAIN_RULE``: there is no such subject or rule; the nearest is named.
    """
    study, result = open_audit(folder)
    return _Explainer(study, result, lang or result.lang).lines(subject, rule, str(folder))


class _Explainer:
    def __init__(self, study: Study, result: AuditResult, lang: str) -> None:
        self.study, self.result, self.lang = study, result, lang
        self.money = study.settings.money
        self.words = labels("explain", lang)
        self.verdicts = labels("measures", lang)
        self.packs = study.rule_packs
        self.rules = {(pack.id, rule.id): (pack, rule) for pack in study.rule_packs for rule in pack.rules}

    def say(self, key: str, **params: Any) -> str:
        return self.words[key].format(**params)

    def lines(self, subject: str, rule: str, folder: str) -> list[str]:
        findings = self.result.findings
        own = findings[findings["subject_id"] == subject]
        measures = self.result.tables.get("measures", pd.DataFrame(columns=["subject_id"]))
        rows = self.ledger(subject)
        if own.empty and rows.empty and not (measures["subject_id"] == subject).any():
            known = sorted({*findings["subject_id"], *measures["subject_id"]})
            raise refusal("EXPLAIN_SUBJECT", file=folder, subject=subject, near=_near(subject, known))
        if rule:
            chosen = own[own["rule_id"] == rule]
            if chosen.empty:
                known = sorted(set(own["rule_id"]))
                raise refusal(
                    "EXPLAIN_RULE", file=folder, rule=rule, subject=subject, near=_near(rule, known)
                )
            own = chosen
        said = finding_messages(own, self.packs, self.lang)
        own = own.assign(message=pd.Series(said, index=own.index, dtype="str"))
        found: list[str] = []
        told = not rule or (own["subject_kind"] == "project").any()
        if told:
            found += self.clock(rows)
        found += self.sources(subject)
        for row in own.sort_values(["subject_kind", "pack_id", "rule_id"], kind="stable").itertuples(
            index=False
        ):
            found += [*self.finding(row), *(self.rows(row) if rule else []), ""]
        if not rule:
            found += self.all_measures(measures[measures["subject_id"] == subject])
        return found

    def ledger(self, subject: str) -> pd.DataFrame:
        """Return the rows of the ledger that speak of a parcel or a project."""
        projects = self.result.projects
        return projects[(projects["project_id"] == subject) | (projects["parcel_id"] == subject)]

    def clock(self, rows: pd.DataFrame) -> list[str]:
        """Tell the legal clock of each row step by step, as the case file does."""
        reading = self.study.settings.idle.anniversary
        lines: list[str] = []
        for row in rows.to_dict("records"):
            if not isinstance(row.get("conclusion"), str):
                continue
            lines.append(self.say("clock", project=row["project_id"], parcel=row["parcel_id"]))
            steps = clock_lines(row, self.result.as_of, self.lang, reading, self.money)
            lines += [f"  {number}. {step}" for number, step in enumerate(steps, 1)]
            lines.append("")
        return lines

    def sources(self, subject: str) -> list[str]:
        """Name the rows of the files that the subject was read from."""
        rows = self.result.tables.get("source_rows", pd.DataFrame(columns=["subject_id", "parcel_id"]))
        own = rows[(rows["subject_id"] == subject) | (rows["parcel_id"] == subject)]
        lines = [
            self.say(
                "source_row",
                layer=row["layer"],
                subject=row["subject_id"],
                file=row["source"],
                row=row["row"],
            )
            for row in own.head(MOST_ROWS).to_dict("records")
        ]
        return [*lines, ""] if lines else []

    def finding(self, row: Any) -> list[str]:
        """Explain one finding: clause, arithmetic, limit, gap, coverage, sentence."""
        pack, rule = self.rules[(row.pack_id, row.rule_id)]
        kind = (
            load.table("labels/map.toml")["subject"]
            .get(row.subject_kind, {})
            .get(self.lang, row.subject_kind)
        )
        verdict = self.verdicts[row.verdict]
        head = self.say(
            "head",
            kind=kind,
            subject=row.subject_id,
            rule=row.rule_id,
            title=rule.title[self.lang],
            verdict=verdict,
        )
        return [
            head,
            *(f"  {line}" for line in [*self.clause(pack, rule), *self.arithmetic(row), *self.limit(row)]),
        ]

    def clause(self, pack: RulePack, rule: Rule) -> list[str]:
        force = self.verdicts[pack.binding.value]
        lines = [self.say("clause", source=pack.source, clause=rule.clause, force=force, quote=rule.quote)]
        spec = measure_spec(rule.measure) if rule.measure else None
        own = next((one for one in pack.indicators if one.name == rule.measure), None)
        if spec:
            lines.append(self.say("formula", measure=spec.title[self.lang], formula=spec.formula[self.lang]))
        elif own is not None:
            lines.append(self.say("formula", measure=own.title[self.lang], formula=own.formula or own.name))
        return [*lines, self.words["unverified"]] if rule.unverified else lines

    def arithmetic(self, row: Any) -> list[str]:
        def told(value: float, unit: str) -> str:
            return quantity(
                _number(value), unit, self.lang, _number(row.limit) if unit == row.unit else math.nan
            )

        sums = {
            "numerator": told(row.numerator, row.gap_unit),
            "denominator": told(row.denominator, row.denominator_unit or ""),
            "value": told(row.observed, row.unit),
            "lower": told(row.lower, row.unit),
        }
        lines = []
        if math.isfinite(_number(row.denominator)):
            lines.append(self.say("at_least" if _number(row.coverage_ratio) < 1 else "arithmetic", **sums))
        elif row.measure:
            lines.append(self.say("value", value=sums["value"]))
        if math.isfinite(_number(row.coverage_ratio)):
            upper = told(row.upper, row.unit)
            coverage = quantity(_number(row.coverage_ratio), "ratio", self.lang, 1.0)
            lines.append(self.say("coverage", coverage=coverage, lower=sums["lower"], upper=upper))
        return lines

    def limit(self, row: Any) -> list[str]:
        limit, observed = _number(row.limit), _number(row.observed)
        lines = []
        if math.isfinite(limit):
            margin = quantity(observed - limit, row.unit, self.lang, 0.0)
            text = quantity(limit, row.unit, self.lang)
            lines.append(self.say("limit", op=self.verdicts.get(row.op, row.op), limit=text, margin=margin))
        if row.verdict == "fail" and math.isfinite(_number(row.gap)):
            lines.append(self.say("gap", gap=ways_to_pass(row, self.lang)))
        if bool(row.borderline):
            lines.append(self.words["borderline"])
        return [*lines, self.say("message", message=row.message)]

    def rows(self, row: Any) -> list[str]:
        """List the rows behind a finding: those of the subject, or what a zone sums over, and those without data."""
        if row.subject_kind in ("zone", "region"):
            return self.summed(row)
        table, key = _OWN.get(row.subject_kind, ("projects", "project_id"))
        if row.subject_kind == "enterprise":
            key = "enterprise"
        frame = pd.DataFrame(getattr(self.result, table))
        own = frame[frame[key] == row.subject_id] if key in frame else frame.iloc[:0]
        lines = ["  " + self.say("own", table=table), *_table(_filled(own))]
        if row.subject_kind == "parcel":
            projects = self.result.projects
            lines += ["  " + self.say("own", table="projects")]
            lines += _table(_filled(projects[projects["parcel_id"] == row.subject_id]))
        return lines

    def summed(self, row: Any) -> list[str]:
        known = load.table("explain.toml")
        how = known.get(row.measure.replace(self.money, "wan_cny"), known["default"])
        names = [str(name).replace("wan_cny", self.money) for name in how["columns"]]
        value = str(how["value"]).replace("wan_cny", self.money)
        frame = pd.DataFrame(getattr(self.result, how["table"]))
        if "zone_id" in frame:
            here = (
                frame["zone_id"] == row.subject_id if row.subject_kind == "zone" else frame["zone_id"].notna()
            )
            frame = frame[here]
        if how.get("industrial") and "is_industrial" in frame:
            frame = frame[frame["is_industrial"].fillna(True).astype(bool)]
        key = f"{how['table'].removesuffix('s')}_id"
        shown = [name for name in dict.fromkeys([key, *names]) if name in frame]
        order = frame.sort_values([value] if value in frame else [key], ascending=False, kind="stable")
        lines = [
            "  " + self.say("rows", table=how["table"], count=len(frame), shown=min(len(frame), MOST_ROWS))
        ]
        lines += _table(order[shown].head(MOST_ROWS))
        lacking = frame[frame[value].isna()] if value in frame else frame.iloc[:0]
        if len(lacking) and key in lacking:
            ids = ", ".join(sorted(lacking[key].astype(str))[:MOST_ROWS])
            more = self.words["more"] if len(lacking) > MOST_ROWS else ""
            lines.append("  " + self.say("without", count=len(lacking), ids=ids + more))
        return lines

    def all_measures(self, measures: pd.DataFrame) -> list[str]:
        if measures.empty:
            return []
        lines = [self.words["measures"]]
        for row in measures.sort_values(["subject_kind", "measure"], kind="stable").itertuples(index=False):
            spec = measure_spec(row.measure)
            title = spec.title[self.lang] if spec else row.measure
            text = quantity(_number(row.value), row.unit, self.lang)
            lines.append(f"  {row.measure}  {title}  {text}")
        return lines


def _number(value: Any) -> float:
    return math.nan if value is None or pd.isna(value) else float(value)


def _near(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.5)
    return close[0] if close else ", ".join(known[:10])


def _filled(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out shapes and the columns in which no row has anything."""
    plain = frame.drop(columns=[name for name in ("geometry",) if name in frame])
    return plain.dropna(axis=1, how="all")


def _table(frame: pd.DataFrame) -> list[str]:
    """Write a table as lines; one row is written down its columns."""
    if len(frame) == 1:
        return [f"    {name}: {_cell(frame[name].iloc[0])}" for name in frame.columns]
    head = "\t".join(map(str, frame.columns))
    rows = ["\t".join(_cell(value) for value in row) for row in frame.itertuples(index=False)]
    return [f"    {line}" for line in [head, *rows]] if rows else []


def _cell(value: Any) -> str:
    if value is None or pd.isna(value):
        return "—"
    return f"{value:,.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
