"""Changes one comparison or sum at a time in `rules/` and `measures/` and runs the tests that should notice.

Usage: python tests/mutation/mutants.py [MODULE …] [--list]     (e.g. rules.exact measures.price; default: all of them)

Every mutant runs in a process forked from one that has the libraries loaded. A mutant that no test notices is a
survivor; those in `equivalent.toml` cannot be noticed, for the reason that stands there. Exits 1 if another survives.
"""

from __future__ import annotations

import argparse
import ast
import importlib.abc
import importlib.util
import io
import os
import sys
import tomllib
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import geopandas  # noqa: F401  (loaded once, before the forks)
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SOURCE = ROOT / "src" / "landzone"
RULES, PACKS, MEASURES = "tests/rules", "tests/packs", "tests/measures"
TESTS = {
    "rules.indicators": [f"{PACKS}/test_own_pack.py"],
    "rules": [RULES, f"{PACKS}/test_document_rows.py"],
    "measures.idle": [MEASURES],
    "measures": [f"{PACKS}/test_zone_measures.py", f"{MEASURES}/test_tables.py", MEASURES, PACKS],
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE,), ast.LtE: (ast.Lt,), ast.Gt: (ast.GtE,), ast.GtE: (ast.Gt,), ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}  # fmt: skip
CALLS = {"sum": "mean", "max": "min", "min": "max", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """One change: where it is, what it was and became, and the source with it."""

    module: str
    line: int
    before: str
    after: str
    source: str

    @property
    def name(self) -> str:
        """What `equivalent.toml` calls it; lines move, the text of the place does not."""
        return f"{self.module}: {self.before} -> {self.after}"


def mutants(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of a file."""
    text = path.read_text("utf-8")
    module = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    for place, node in enumerate(ast.walk(ast.parse(text))):
        for change in _changes(node):
            tree = ast.parse(text)
            twin = next(n for number, n in enumerate(ast.walk(tree)) if number == place)
            before = ast.unparse(node)
            _apply(twin, change)
            yield Mutant(module, node.lineno, before, ast.unparse(twin), ast.unparse(tree))


def _changes(node: ast.AST) -> list[object]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return list(COMPARISONS.get(type(node.ops[0]), ()))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS:
        return [CALLS[node.func.attr]]
    return []


def _apply(node: ast.AST, change: object) -> None:
    if isinstance(node, ast.Compare) and isinstance(change, type):
        node.ops = [change()]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node.func.attr = str(change)


class _Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module its changed source."""

    def __init__(self, mutant: Mutant) -> None:
        self.name, self.source = f"landzone.{mutant.module}", mutant.source

    def find_spec(self, fullname, path=None, target=None):  # type: ignore[no-untyped-def]
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.name else None

    def exec_module(self, module) -> None:  # type: ignore[no-untyped-def]
        exec(compile(self.source, f"<{self.name}>", "exec"), module.__dict__)


def _tests(module: str) -> list[str]:
    """Return the tests of a module: those under the longest name that it begins with, the quick ones first."""
    return TESTS[max((name for name in TESTS if module.startswith(name)), key=len)]


def survives(mutant: Mutant) -> bool:
    """Run the tests on one mutant in a process of its own; true if all of them pass."""
    child = os.fork()
    if child == 0:
        sys.meta_path.insert(0, _Loader(mutant))
        os.chdir(ROOT)
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *_tests(mutant.module)])
        os._exit(int(code))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def main() -> int:
    """Run all mutants and print the survivors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*")
    parser.add_argument("--list", action="store_true", help="print the mutants and run nothing")
    options = parser.parse_args()
    files = sorted([*SOURCE.glob("rules/*.py"), *SOURCE.glob("measures/*.py")])
    found = [m for path in files for m in mutants(path)]
    if options.modules:
        found = [m for m in found if m.module in options.modules]
    if options.list:
        print("\n".join(f"{m.line}\t{m.name}" for m in found))
        return 0
    known = tomllib.loads((HERE / "equivalent.toml").read_text("utf-8"))["equivalent"]
    left = []
    for number, mutant in enumerate(found, 1):
        if mutant.name in known:
            continue
        if survives(mutant):
            left.append(mutant)
            print(f"survives: line {mutant.line}: {mutant.name}", flush=True)
        if number % 25 == 0:
            print(f"{number} of {len(found)}", file=sys.stderr, flush=True)
    print(
        f"{len(found)} mutants, {len(left)} survivors, {sum(m.name in known for m in found)} known as equivalent"
    )
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
