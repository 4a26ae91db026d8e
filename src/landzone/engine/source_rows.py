"""Which row of which file a parcel and a project were read from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landzone.model.study import Study

COLUMNS = ["layer", "subject_id", "parcel_id", "source", "row"]


def source_rows(study: Study) -> pd.DataFrame:
    """Return where each parcel and each row of the ledger stands in its source.

    Returns
    -------
    DataFrame
        ``layer`` (``parcels`` or ``projects``), ``subject_id`` (parcel or project id), ``parcel_id``, ``source`` (file
        as the study names it) and ``row`` (number of the record in it). Sorted by layer, subject, parcel and row.
    """
    parcels = study.layers["parcels"]
    ids = parcels.frame.index.to_numpy()
    parts = [_part("parcels", ids, ids, parcels.source.source, parcels.frame)]
    ledger = study.tables.get("projects")
    if ledger is not None:
        own = ledger.frame
        parts.append(_part("projects", own["project_id"], own["parcel_id"], ledger.source.source, own))
    found = pd.concat(parts, ignore_index=True)
    return found.sort_values(["layer", "subject_id", "parcel_id", "row"], kind="stable", ignore_index=True)


def _part(layer: str, subjects: object, parcels: object, source: str, frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame["source_row"] if "source_row" in frame else np.zeros(len(frame), dtype=np.int64)
    columns = {"subject_id": subjects, "parcel_id": parcels}
    texts = {name: np.asarray(values, dtype=object) for name, values in columns.items()}
    table = pd.DataFrame({"layer": layer, **texts, "source": source, "row": np.asarray(rows, dtype=np.int64)})
    return table.astype(dict.fromkeys(COLUMNS[:-1], "str"))[COLUMNS]
