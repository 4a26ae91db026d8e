"""What people read about a conflict of a drawn boundary: the clause behind it, who is asked, what to do next."""

from __future__ import annotations

from landzone.catalog import load
from landzone.catalog.patch_texts import next_step as step_of_type
from landzone.model.layer import Constraint, SpatialPlan


def plan_kind_of(plan: SpatialPlan) -> str:
    """Return the kind of a plan by its name, by a word for it, or by its title; its name where there is none.

    >>> from landzone.model.layer import InputRecord, Layer
    >>> layer = Layer("plans.tugui", None, InputRecord("plans.tugui", ""))
    >>> plan_kind_of(SpatialPlan("tugui", layer))
    'land_use_plan'
    """
    kinds = load.merged("plan_types")
    for kind, entry in kinds.items():
        named = plan.name == kind or plan.name.lower() in entry["words"]
        if named or plan.title in entry["title"].values():
            return kind
    return plan.name


def plan_clause(plan: SpatialPlan, lang: str, unverified: str) -> str:
    """Return the clause that binds to a plan, marked where it was not held against the official text; else nothing."""
    entry = load.table("conform.toml")["clauses"].get(plan_kind_of(plan))
    return str(entry["text"]) + (unverified if entry["unverified"] else "") if entry else ""


def plan_office(plan: SpatialPlan, lang: str) -> str:
    """Return who answers for a plan."""
    return plan.office.get(lang, "") or str(load.table("conform.toml")["offices"]["plan"][lang])


def line_office(line: Constraint, lang: str) -> str:
    """Return who answers for a line of control."""
    offices = load.table("conform.toml")["offices"]
    return str(offices.get(line.name, offices["line"])[lang])


def next_step(type_id: str, lang: str) -> str:
    """Return what is suggested for a conflict of a type; one without a type is a matter for its authority.

    >>> next_step("", "en")
    'Ask the authority of that line before going on.'
    """
    found = step_of_type("conflict", type_id, lang)
    return found or str(load.table("conform.toml")["next_step"]["line"][lang])
