"""Which row of which file a parcel and a project were read from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landzone.model.coded import coded
from landzone.model.ids import ranks
from landzone.model.study import Study

COLUMNS = ["layer", "subject_id", "parcel_id", "source", "row"]


def source_rows(study: Study) -> pd.DataFrame:
    """Return where each parcel and each row of the ledger stands in its source.

    Returns
    -------
    DataFrame
        ``layer`` (``parcels`` or ``projects``), ``subject_id`` (parcel or project id), ``parcel_id``, ``source`` (file
        as the study names it) and ``row`` (number of the record in it); layer and source are categories. Sorted by
        layer, subject, parcel and row.
    """
    parcels = study.layers["parcels"]
    ids = parcels.frame.index
    sources = {"parcels": parcels.source.source}
    parts = [_part(pd.Series(ids), pd.Series(ids), parcels.frame)]
    ledger = study.tables.get("projects")
    if ledger is not None:
        own = ledger.frame
        sources["projects"] = ledger.source.source
        parts.append(_part(own["project_id"], own["parcel_id"], own))
    layer = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    found = pd.concat(parts, ignore_index=True)
    found["layer"], found["source"] = coded([*sources], layer), coded([*sources.values()], layer)
    return found[COLUMNS]


def _part(subjects: pd.Series, parcels: pd.Series, frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame["source_row"].to_numpy() if "source_row" in frame else np.zeros(len(frame))
    rows = rows.astype(np.int64)
    order = np.lexsort((rows, ranks(parcels), ranks(subjects)))
    texts = {"subject_id": subjects, "parcel_id": parcels}
    columns = {name: pd.array(own, dtype="str").take(order) for name, own in texts.items()}
    return pd.DataFrame({**columns, "row": rows[order]}, copy=False)
