"""Times the study of Cambridge in a process of its own: python benchmarks/cambridge.py."""

from __future__ import annotations

import resource
import time
from pathlib import Path

import landzone as lz

STUDY = Path(__file__).parents[1] / "data" / "cambridge_ma" / "study.toml"


def main() -> None:
    started = time.perf_counter()
    study = lz.open_study(STUDY)
    opened = time.perf_counter()
    audit = lz.audit(study, as_of="2014-06-30")
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"parcels {len(audit.parcels)}, assessment rows {len(audit.result.projects)}")
    print(f"open and check {opened - started:.1f} s, audit {done - opened:.1f} s, peak memory {peak:.0f} MiB")


if __name__ == "__main__":
    main()
