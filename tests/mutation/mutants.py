"""Changes one comparison or sum at a time in `rules/` and `measures/` and runs the tests that should notice.

Usage: python tests/mutation/mutants.py [MODULE …] [--list]     (e.g. rules.exact measures.price; default: all of them)

The tests of `rules/`, `measures/` and the rule packs run once, with coverage told apart by test. Then every mutant
lives in a process of its own, forked from this one: the code of its functions is exchanged in place, and only the tests
that reach the changed line run, the quickest first, until one fails. Truth tables and examples alone count: random
laws are left out, for they cost most of the time and notice a changed threshold by luck. A mutant that no test notices
is a survivor; those in `equivalent.toml` cannot be noticed, for the reason that stands there. Exits 1 if one is left.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import io
import os
import signal
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import coverage
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SOURCE = ROOT / "src" / "landzone"
TESTS = ["tests/rules", "tests/measures", "tests/packs", "src/landzone/rules", "src/landzone/measures"]
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip
CALLS = {
    "sum": "mean", "max": "min", "min": "max", "any": "all", "all": "any", "maximum": "minimum", "minimum": "maximum",
}  # fmt: skip
SECONDS = 240
"""How long the tests of one mutant may take, in CPU time; one that never ends is noticed, too."""


@dataclass(frozen=True)
class Mutant:
    """One change: where it is, what it was and became, and the code of its module with it."""

    module: str
    lines: range
    before: str
    after: str
    code: CodeType

    @property
    def name(self) -> str:
        """What `equivalent.toml` calls it; lines move, the text of the place does not."""
        return f"{self.module}: {self.before} -> {self.after}"


def mutants(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of a file."""
    text = path.read_text("utf-8")
    module = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    whole = ast.parse(text)
    statement = _statements(whole)
    for place, node in enumerate(ast.walk(whole)):
        change = _change(node)
        if change is None:
            continue
        tree = ast.parse(text)
        twin = next(n for number, n in enumerate(ast.walk(tree)) if number == place)
        before = ast.unparse(node)
        _apply(twin, change)
        yield Mutant(module, statement[node], before, ast.unparse(twin), compile(tree, str(path), "exec"))


def _statements(tree: ast.Module) -> dict[ast.AST, range]:
    """Return the lines of the statement that each node is part of: coverage knows only where a part begins."""
    found: dict[ast.AST, range] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            found[node] = range(node.lineno, max(last, node.lineno) + 1)
        for child in ast.iter_child_nodes(node):
            found[child] = found.get(node, range(0))
    return found


def _change(node: ast.AST) -> type[ast.cmpop] | str | None:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return COMPARISONS.get(type(node.ops[0]))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return CALLS.get(node.func.attr)
    return None


def _apply(node: ast.AST, change: type[ast.cmpop] | str) -> None:
    if isinstance(node, ast.Compare) and isinstance(change, type):
        node.ops = [change()]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node.func.attr = str(change)


def _functions(owner: ModuleType | type, module: str) -> Iterator[FunctionType]:
    """Yield the functions of a module or class that were written there, those under decorators, too."""
    for value in vars(owner).values():
        inner = (getattr(value, name, None) for name in ("fget", "func", "__func__"))
        found = next(filter(None, inner), value)  # of a property, a cached property, a class method
        found = inspect.unwrap(found) if callable(found) else found
        if inspect.isclass(found) and found.__module__ == module and found is not owner:
            yield from _functions(found, module)
        elif isinstance(found, FunctionType) and found.__module__ == module:
            yield found


def _codes(code: CodeType) -> Iterator[CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner
            yield from _codes(inner)


def exchange(mutant: Mutant) -> bool:
    """Give the functions of a loaded module the code of a mutant; false where the change lies outside functions."""
    module = importlib.import_module(f"landzone.{mutant.module}")
    fresh = {code.co_qualname: code for code in _codes(mutant.code)}
    changed = False
    for function in _functions(module, module.__name__):
        new = fresh.get(function.__code__.co_qualname)
        if new is not None and new != function.__code__:
            function.__code__ = new
            changed = True
    return changed


class Session:
    """A plugin: runs the collected tests once with coverage, then those of each mutant in forks."""

    def __init__(self, wanted: list[Mutant]) -> None:
        self.wanted = wanted
        self.seconds: dict[str, float] = defaultdict(float)
        self.failed = False
        self.left: list[Mutant] = []

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out the tests with random examples."""
        items[:] = [item for item in items if item.get_closest_marker("hypothesis") is None]

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keep how long tests take, and whether one failed."""
        self.seconds[report.nodeid] += report.duration
        self.failed |= report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of the usual loop."""
        reach = self._reach(session)
        if self.failed:
            raise pytest.Exit("the tests fail without any mutant", 2)
        items = {item.nodeid: item for item in session.items}
        for number, mutant in enumerate(self.wanted, 1):
            nodes = {node for line in mutant.lines for node in reach.get((mutant.module, line), ())}
            chosen = sorted(nodes, key=lambda node: (self.seconds[node], node))
            if self._survives(mutant, [items[node] for node in chosen]):
                self.left.append(mutant)
                told = f"{len(chosen)} tests reach it" if chosen else "no test reaches it"
                print(
                    f"survives: line {mutant.lines[0]}: {mutant.name} ({told})",
                    file=sys.__stdout__,
                    flush=True,
                )
            if number % 25 == 0:
                print(f"{number} of {len(self.wanted)}", file=sys.__stderr__, flush=True)
        return True

    def _reach(self, session: pytest.Session) -> dict[tuple[str, int], set[str]]:
        """Run every test and return which of them reach each line."""
        folders = [str(SOURCE / "rules"), str(SOURCE / "measures")]
        watch = coverage.Coverage(data_file=None, source=folders, config_file=False, messages=False)
        watch.start()
        for place, item in enumerate(session.items):
            watch.switch_context(item.nodeid)
            following = session.items[place + 1] if place + 1 < len(session.items) else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        watch.stop()
        data, found = watch.get_data(), defaultdict(set)
        for file in data.measured_files():
            module = ".".join(Path(file).relative_to(SOURCE).with_suffix("").parts)
            for line, nodes in data.contexts_by_lineno(file).items():
                found[module, line] |= set(filter(None, nodes))
        return found

    def _survives(self, mutant: Mutant, items: list[pytest.Item]) -> bool:
        started = time.monotonic()
        child = os.fork()
        if child == 0:
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            if not exchange(mutant):
                print(f"not exchanged: {mutant.name}", file=sys.__stderr__, flush=True)
                os._exit(0)
            self.failed = False
            for item in items:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
                if self.failed:
                    os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if time.monotonic() - started > SECONDS:
            print(f"slow: {mutant.name}", file=sys.__stderr__, flush=True)
        return os.waitstatus_to_exitcode(status) == 0


def main() -> int:
    """Run all mutants and print the survivors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", help="rules, measures, or single modules such as rules.exact")
    parser.add_argument(
        "--tests", nargs="*", default=TESTS, help="tests to run, all of these rooms by default"
    )
    parser.add_argument("--list", action="store_true", help="print the mutants and run nothing")
    options = parser.parse_args()
    files = sorted([*SOURCE.glob("rules/*.py"), *SOURCE.glob("measures/*.py")])
    found = [m for path in files for m in mutants(path)]
    if options.modules:
        found = [m for m in found if {m.module, m.module.partition(".")[0]} & set(options.modules)]
    if options.list:
        print("\n".join(f"{m.lines[0]}\t{m.name}" for m in found))
        return 0
    known = tomllib.loads((HERE / "equivalent.toml").read_text("utf-8"))["equivalent"]
    plugin = Session([m for m in found if m.name not in known])
    os.chdir(ROOT)
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        code = pytest.main(["-q", "-s", "-p", "no:cacheprovider", *options.tests], plugins=[plugin])
    if code:
        print(f"pytest ended with {int(code)}", file=sys.stderr)
        return 2
    equivalent = len(found) - len(plugin.wanted)
    print(f"{len(found)} mutants, {len(plugin.left)} survivors, {equivalent} known as equivalent")
    return 1 if plugin.left else 0


if __name__ == "__main__":
    sys.exit(main())
