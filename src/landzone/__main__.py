"""``python -m landzone`` and the ``landzone`` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from landzone.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
