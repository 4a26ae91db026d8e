"""Reads one damaged file after another for test_mutations.py; answers each with one line of JSON."""

from __future__ import annotations

import json
import sys
import traceback
import warnings
from pathlib import Path

import shapely

from landzone.errors import LandzoneError
from landzone.io.tables import read_table
from landzone.io.vector import read_vector
from landzone.model.problems import ProblemKind, Problems


def answer(folder: Path, source: str, work: Path, table: bool) -> dict[str, object]:
    problems = Problems()
    reader = read_table if table else read_vector
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            raw = reader(source, folder, role="parcels", problems=problems, work=work)
            raw.cells.astype(object).to_dict("list")
            if raw.geometry is not None:
                shapely.to_wkb(raw.geometry)
            said = len(problems.frame(ProblemKind.NOTE)) + len(problems.frame(ProblemKind.REJECT))
    except LandzoneError as error:
        return {"status": "refused", "code": getattr(error, "code", type(error).__name__)}
    except BaseException:  # noqa: BLE001 - whatever it is, it is reported
        return {"status": "traceback", "text": traceback.format_exc()[-3000:]}
    return {"status": "read", "rows": raw.rows_in, "used": len(raw.cells), "said": said}


def main() -> None:
    print(json.dumps({"status": "ready"}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        print(
            json.dumps(answer(Path(order["folder"]), order["source"], Path(order["work"]), order["table"])),
            flush=True,
        )


if __name__ == "__main__":
    main()
