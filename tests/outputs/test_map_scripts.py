"""The pure functions of the page, tested by node."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

TESTS = Path(__file__).parents[1] / "js"


def test_the_scripts_pass_their_own_tests() -> None:
    node = shutil.which("node")
    assert node, "node is missing: make system installs it"
    files = sorted(str(path) for path in TESTS.glob("*.test.js"))
    assert files
    run = subprocess.run([node, "--test", *files], capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
