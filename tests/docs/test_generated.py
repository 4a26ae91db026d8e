"""The pages of docs/ say what the code says, and every code, column and command is written down."""

from __future__ import annotations

import re
from pathlib import Path

import pyogrio
import pytest

from landzone import docs
from landzone.catalog import load
from landzone.catalog.columns import own_specs, specs

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "landzone"
USED = re.compile(r"(?:refusal|_refuse|\.note|\.reject|\.repair)\(\s*\"([A-Z][A-Z0-9]*_[A-Z0-9_]+)\"")
OF_A_PLAN = re.compile(r".+_(code|name|common|sector)")
CARRIED = {"zones": "zones", "parcels": "parcels", "buildings": "buildings", "projects": "projects"}


def source_text() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(SOURCE.rglob("*.py")))


@pytest.mark.parametrize(
    "name", ["cli.md", "columns.md", "document-rows.md", "errors.md", "measures.md", "rules.md"]
)
def test_a_page_on_disk_is_the_generated_page(name: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == docs.pages()[name], "run make docs"


def test_write_puts_every_page_into_a_folder(tmp_path: Path) -> None:
    assert sorted(path.name for path in docs.write(tmp_path / "new")) == sorted(docs.pages())


def test_every_code_that_is_used_has_a_message() -> None:
    assert set(USED.findall(source_text())) - set(load.merged("messages")) == set()


def test_every_message_is_used() -> None:
    """A code stands in the source, or in a table of the catalogue that the source reads."""
    tables = [path for path in (SOURCE / "catalog").rglob("*.toml") if path.parent.name != "messages"]
    text = source_text() + "\n".join(path.read_text("utf-8") for path in tables)
    words = set(re.findall(r"\w+", text))
    assert [code for code in load.merged("messages") if code not in words] == []


def test_every_message_says_what_is_wrong_in_both_languages() -> None:
    for code, entry in load.merged("messages").items():
        assert entry["kind"] in docs.KINDS, code
        for lang in ("zh", "en"):
            assert len(entry[lang]) == 2, code
            assert entry[lang][0], code


def test_a_message_fills_in_the_same_words_in_both_languages() -> None:
    """What ends in the name of a language differs by language; {zh}, the Chinese name of a column, is Chinese."""
    differing = []
    for code, entry in load.merged("messages").items():
        names = []
        for lang in ("zh", "en"):
            found = re.findall(r"\{(\w+)", " ".join(entry[lang]))
            names.append({name.removesuffix(f"_{lang}") for name in found} - {"zh"})
        if names[0] != names[1]:
            differing.append(code)
    assert differing == []


def test_every_command_is_documented_with_an_example() -> None:
    text = (ROOT / "docs" / "cli.md").read_text("utf-8")
    wanted = [
        "",
        "audit",
        "cases",
        "check",
        "compare",
        "conform",
        "demo",
        "doctor",
        "explain",
        "export",
        "init",
        "list",
        "prepare",
        "render",
        "verify",
    ]
    assert sorted(docs.commands()) == wanted
    for name in filter(None, docs.commands()):
        assert f"## landzone {name}\n" in text
        assert f"Example: landzone {name}" in text


def test_every_input_column_is_documented() -> None:
    text = (ROOT / "docs" / "columns.md").read_text("utf-8")
    for role in load.table("columns.toml"):
        for name in own_specs(role):
            assert f"| `{name}` |" in text, (role, name)


def test_every_column_of_an_audit_is_documented(example_folder: Path) -> None:
    """Columns of the example zone; those of the source (src_), of each plan and of the input are told by rule."""
    known = docs.output_columns()
    missing = []
    for table, _ in pyogrio.list_layers(example_folder / "audit.gpkg"):
        if table == "layer_styles":
            continue
        carried = {spec.frame_name for spec in specs(CARRIED[table]).values()} if table in CARRIED else set()
        for column in pyogrio.read_info(example_folder / "audit.gpkg", layer=table)["fields"]:
            by_plan = table in ("patches", "class_combinations") and OF_A_PLAN.fullmatch(column)
            if not (column in known[table] or column in carried or column.startswith("src_") or by_plan):
                missing.append(f"{table}.{column}")
    assert missing == []


def test_both_readmes_show_the_measures_of_the_catalogue() -> None:
    for name, lang in (("README.md", "en"), ("README.zh-CN.md", "zh")):
        text = (ROOT / name).read_text("utf-8")
        shown = text.partition("<!-- measures -->\n")[2].partition("\n<!-- /measures -->")[0]
        assert shown == docs.measure_table(lang), name


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "docs/README.md"])
def test_links_inside_the_repository_lead_somewhere(name: str) -> None:
    page = ROOT / name
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
