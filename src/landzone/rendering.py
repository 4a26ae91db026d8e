"""Makes map, workbook and reports again from the folder of a finished audit; nothing is measured or judged anew."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from landzone import run_record, shaping
from landzone.io.audit_folder import TABLES_FILE, open_audit
from landzone.outputs import write_beside, write_pages
from landzone.outputs.public import publishable
from landzone.outputs.publish import publish, work_folder

_WRITTEN_LAST = ("outputs", "started_at", "study_path", "rendered")

Progress = Callable[[str, float], None]


def render(
    folder: Path,
    lang: str | None = None,
    *,
    public: bool = False,
    approval: str = "",
    basemap: str = "",
    maps: bool = False,
    atlas: bool = False,
    tiles: str = "",
    progress: Progress = lambda name, share: None,
) -> Path:
    """Write the pages of an audit again and return its folder.

    Parameters
    ----------
    folder : Path
        What ``landzone audit`` has written. ``audit.gpkg`` stays as it is.
    lang : {"zh", "en"}, optional
        Language of the pages; that of the audit where it is not given.
    public : bool
        Leave out what must not be published (see ``outputs.public``); ``removed.txt`` lists what was left out.
        ``audit.gpkg`` and ``run.json`` stay internal.
    approval : str
        Approval number of the map (审图号), printed as it is given; none is ever invented.

    basemap : str
        A service (``tianditu-vector``, ``tianditu-imagery``, ``osm``, ``amap``, ``tencent``), a folder of tiles, an
        MBTiles file or a GeoTIFF under the map. A service is asked by the page for pictures when it is opened; local
        ones are put into the page.
    maps : bool
        Write the maps of the reports as files, too: ``maps/*.png`` and ``maps/*.pdf``. What an earlier call wrote
        beside the pages and this one is not asked for goes.
    atlas : bool
        Write ``atlas/index.html`` and a page for each zone.
    tiles : {"", "pmtiles", "mvt"}
        Write vector tiles for a web server into ``tiles``, and what they cannot show into ``tiles/tiles.json``.

    Raises
    ------
    Refusal
        Where the folder holds no audit of this version.
    """
    study, result = open_audit(folder)
    if lang is not None and lang != result.lang:
        result = shaping.in_language(study, result, lang)
    started_at = datetime.fromisoformat(result.run["started_at"])
    run = {key: value for key, value in result.run.items() if key not in _WRITTEN_LAST}
    shown = replace(result, run=run)
    with work_folder(folder) as work:
        fresh = work / "new"
        fresh.mkdir()
        shutil.copyfile(folder / TABLES_FILE, fresh / TABLES_FILE)
        if public:
            study, shown = publishable(study, shown, fresh, approval)
        write_pages(study, shown, fresh, progress, basemap)
        write_beside(study, shown, fresh, basemap, maps=maps, atlas=atlas, tiles=tiles)
        path = result.run.get("study_path", "")
        asked = {
            "public": public,
            "approval": approval,
            "basemap": basemap,
            "maps": maps,
            "atlas": atlas,
            "tiles": tiles,
        }
        run["rendered"] = {"lang": result.lang, **asked}
        run_record.write(replace(shown, run=run), fresh, started_at=started_at, study_path=path)
        publish(fresh, folder)
    return folder
