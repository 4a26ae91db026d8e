"""The map at 20,000 or 100,000 generated parcels, in a real browser without network: python benchmarks/map.py 100k.

Parcels have 12 to 20 corners and ten attributes, a building each; 2,000 patches of difference and the findings on
parcels and zones come along. With ``--peers`` the same parcels are written by stock folium and by
``geopandas.explore`` (their pages are blank without a network, so only size and CPU time of writing are compared).
Times of the browser are wall times and say something on a quiet machine alone, but for ``page_cpu_s``: the CPU seconds
of the page's main thread until every tile was drawn. ``--no-browser`` leaves them out.
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import landzone as lz
from landzone.outputs import map_html

SIZES = {"1k": (32, 32), "20k": (142, 141), "100k": (317, 316)}
PATCHES = 2_000
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
ATTRIBUTES = [
    "parcel_id", "zone_id", "area_m2", "holder", "use_name", "building_density_ratio", "floor_area_ratio",
    "investment_intensity_wan_cny_per_ha", "idle_class", "conformity",
]  # fmt: skip
FRAMES = """
async (steps) => {
  const app = landzone.app, map = app.map, gaps = {};
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  for (const [name, act] of Object.entries({
    'zoom in': () => map.setZoom(map.getZoom() + 2), 'zoom out': () => map.setZoom(map.getZoom() - 2),
    'far out': () => map.setZoom(12), 'close': () => map.setZoom(16), 'pan': () => map.panBy([600, 300]),
    'other theme': () => app.setTheme(app.layers.parcels, 2), 'patches shown': () => map.addLayer(app.layers.patches),
    'findings opened': () => app.page('findings'), 'search opened': () => app.page('parcels_tab'),
    'first search': () => { app.parcelList.input.value = '00077'; app.parcelList.apply(); },
    'first card': () => app.go(app.layers.parcels, 777),
  })) {
    let last = performance.now(), longest = 0, going = true;
    const tick = (now) => {
      longest = Math.max(longest, now - last);
      last = now;
      if (going) { requestAnimationFrame(tick); }
    };
    requestAnimationFrame(tick);
    act();
    await wait(1500);
    going = false;
    gaps[name] = Math.round(longest);
  }
  return gaps;
}
"""


def made_up() -> Any:
    """Load the factory of made-up audits that the tests use."""
    where = Path(__file__).parents[1] / "tests" / "outputs" / "made_up_audit.py"
    spec = importlib.util.spec_from_file_location("made_up_audit", where)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["made_up_audit"] = module
    spec.loader.exec_module(module)
    return module


def generated(columns: int, rows: int) -> Any:
    """Return a made-up audit whose parcels have 12 to 20 corners, with many patches."""
    made = made_up().make(columns, rows)
    rng = np.random.default_rng(20261126)
    middle = shapely.centroid(made.result.parcels.geometry.to_numpy())
    x, y = shapely.get_x(middle), shapely.get_y(middle)
    corners = rng.integers(12, 21, len(x))
    shapes = np.empty(len(x), dtype=object)
    for count in range(12, 21):
        chosen = np.flatnonzero(corners == count)
        turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
        radius = 50 * (0.9 + 0.1 * rng.random((len(chosen), count)))
        ring = np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=-1)
        shapes[chosen] = shapely.polygons(ring + np.stack([x[chosen], y[chosen]], axis=-1)[:, None])
    parcels = made.result.parcels.set_geometry(gpd.GeoSeries(shapes, crs=made.result.parcels.crs))
    places = rng.choice(len(x), size=min(PATCHES, len(x)), replace=False)
    patches = gpd.GeoDataFrame(
        pd.concat(
            [made.result.patches.iloc[[2]].drop(columns="geometry")] * len(places), ignore_index=True
        ).assign(patch_id=[f"P{i:05d}" for i in range(len(places))], area_m2=rng.random(len(places)) * 900),
        geometry=shapely.box(x[places] - 15, y[places] - 10, x[places] + 15, y[places] + 10),
        crs=made.result.patches.crs,
    )
    return replace(made, result=replace(made.result, parcels=parcels, patches=patches))


def written(made: Any, folder: Path) -> tuple[Path, float]:
    """Write the map and return its path and the CPU seconds it took: a shared machine stretches the others."""
    started = time.process_time()
    path = map_html.write(made.study, made.result, folder)
    return path, time.process_time() - started


def opened(path: Path) -> dict[str, Any]:
    """Open a map without network and return when the page was seen, when every tile was drawn, and its frame gaps."""
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.on(
            "request",
            lambda r: None if r.url.startswith(("file:", "data:", "blob:")) else asked.append(r.url),
        )
        inside = page.context.new_cdp_session(page)
        inside.send("Performance.enable", {"timeDomain": "threadTicks"})
        started = time.perf_counter()
        page.goto(path.as_uri())
        page.wait_for_function(
            "() => window.landzone && landzone.app && landzone.app.legend &&"
            " Object.values(landzone.app.layers).every(l => !l._busy && l._queue.length === 0)"
        )
        drawn = time.perf_counter() - started
        seen = page.evaluate("() => performance.getEntriesByType('paint')[0].startTime / 1000")
        told = {m["name"]: m["value"] for m in inside.send("Performance.getMetrics")["metrics"]}
        gaps = page.evaluate(FRAMES)
        version = browser.version
        browser.close()
    return {
        "seen_s": round(seen, 2),
        "drawn_s": round(drawn, 2),
        "page_cpu_s": round(told["TaskDuration"], 2),
        "gaps_ms": gaps,
        "requests": len(asked),
        "chromium": version,
    }


def peers(made: Any, folder: Path) -> None:
    """Write the parcels with stock folium and with ``explore``; print size and time."""
    frame = made.result.parcels[[*ATTRIBUTES, "geometry"]].to_crs(4326)
    for name in ("stock folium", "geopandas.explore"):
        started = time.process_time()
        if name == "stock folium":
            page = folium.Map(location=[33, 114])
            folium.GeoJson(frame, popup=folium.GeoJsonPopup(ATTRIBUTES)).add_to(page)
        else:
            page = frame.explore(column="idle_class", popup=ATTRIBUTES)
        path = folder / "peer.html"
        page.save(path)
        took = time.process_time() - started
        print(
            f"{name}: {path.stat().st_size / 1e6:.1f} MB, written in {took:.1f} CPU s, blank without a network"
        )


def main() -> None:
    """Print the figures of one size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--no-browser", action="store_true")
    chosen = parser.parse_args()
    made = generated(*SIZES[chosen.size])
    with tempfile.TemporaryDirectory() as folder:
        runs = [written(made, Path(folder)) for _ in range(chosen.repeats)]
        path = runs[0][0]
        seconds = statistics.median(took for _, took in runs)
        print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}")
        print(f"landzone {lz.__version__}, folium {folium.__version__}, geopandas {gpd.__version__}")
        print(
            f"{len(made.result.parcels):,} parcels: {path.stat().st_size / 1e6:.2f} MB, written in {seconds:.1f} CPU s"
        )
        for _ in range(0 if chosen.no_browser else chosen.repeats):
            print(opened(path))
        if chosen.peers:
            peers(made, Path(folder))


if __name__ == "__main__":
    main()
