"""Builds ``01_first_audit.ipynb``; run ``python notebooks/make_01.py`` after a change. Outputs stay out of git."""

# ruff: noqa: E501

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

HERE = Path(__file__).parent
CELLS = [
    """# A first audit / 第一次审计

We open the example zone, look at what is wrong with its data, audit it, and follow one verdict back to rows and clause.
Then the same with real parcels of Cambridge, Massachusetts.

先打开示例集聚区,看数据有什么问题,再审计,并把一个结论追溯到数据行和条款;然后用美国剑桥市的真实宗地再做一遍。""",
    """>import tempfile
from pathlib import Path

import landzone as lz

here = Path.cwd()
data = next(folder / "data" for folder in (here, *here.parents) if (folder / "data" / "example_zone").is_dir())
out = Path(tempfile.mkdtemp(prefix="landzone-notebook-"))""",
    "## Open a study / 打开研究",
    """>study = lz.open_study(data / "example_zone" / "study.toml")
study.crs.name, {name: len(layer.frame) for name, layer in study.layers.items()}""",
    "The as-of date decides about dates. Nothing reads today's date. / 基准日期必须给出。",
    """>audit = lz.audit(study, as_of="2026-06-30", lang="en")
audit.rejects[["source", "row", "subject_id", "code", "column", "message"]]""",
    "Rows in = rows used + rows rejected. Readings that lose nothing are repairs. / 行数必须对得上。",
    """>audit.repairs[["source", "column", "code", "message"]]""",
    "## Zones / 区域",
    """>figures = ["building_density_ratio", "investment_intensity_wan_cny_per_ha", "investment_coverage_ratio", "idle_ratio", "alignment_ratio"]
audit.zones.set_index("zone_id")[figures].round(4)""",
    "## A finding and where it comes from / 一个结论的来历",
    """>finding = audit.findings.query("subject_id == 'JQ01' and rule_id == 'S004-DENS'").iloc[0]
finding[["verdict", "observed", "op", "limit", "numerator", "denominator", "gap", "gap_unit", "clause", "source", "message"]]""",
    "The observed value is numerator ÷ denominator; the numerator is the ground under buildings on industrial land.",
    """>zone = audit.zones.set_index("zone_id").loc["JQ01"]
assert finding["observed"] == zone["industrial_footprint_m2"] / zone["industrial_land_m2"]
zone["industrial_footprint_m2"], zone["industrial_land_m2"]""",
    "Where money is missing, the verdict is unknown unless the land with data decides alone. / 缺数据就是“证据不足”。",
    """>audit.findings.query("rule_id == 'S004-INV'")[["subject_id", "verdict", "observed", "lower", "coverage_ratio", "needed", "message"]]""",
    "## Suspected idle land / 疑似闲置",
    """>idle = audit.parcels[audit.parcels["idle_class"].isin(["A1", "A2", "A_gov", "A_pending", "B"])]
idle[["parcel_id", "idle_class", "idle_since_date", "next_threshold_date", "idle_fee_wan_cny", "area_m2"]]""",
    "## Plans on the same ground / 多规比对",
    """>audit.patches.groupby(["zone_id", "kind", "type"])["area_m2"].sum().round(1)""",
    "The patches close to the zone. / 图斑之和等于区域。",
    """>patches = audit.patches.groupby("zone_id")["area_m2"].sum()
(patches / audit.zones.set_index("zone_id")["area_m2"] - 1).abs().max()""",
    "## The map / 地图\n\nIt is a `folium.Map`: add layers of your own before you save it.",
    """>audit.map()""",
    """>audit.save(out / "example")
sorted(path.name for path in (out / "example").iterdir())""",
    """## Cambridge, Massachusetts

Published parcels, assessment rows, zoning and overlay districts. There are no footprints, so density is unknown, never 0.""",
    """>cambridge = lz.audit(lz.open_study(data / "cambridge_ma" / "study.toml"), as_of="2014-06-30", lang="en")
cambridge.zones.set_index("name")[["parcels_count", "area_m2", "alignment_ratio", "conflict_m2"]].round(3)""",
    """>cambridge.findings.groupby(["rule_id", "verdict"]).size()""",
    """>cambridge.constraints.groupby("constraint")["area_m2"].sum().round(0)""",
]


def build() -> nbformat.NotebookNode:
    """Return the notebook without outputs; ids of cells are their numbers, so that a rebuild changes nothing."""
    cells = []
    for number, text in enumerate(CELLS):
        make = new_code_cell if text.startswith(">") else new_markdown_cell
        cells.append(make(text.removeprefix(">"), id=f"cell-{number:02}"))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


if __name__ == "__main__":
    nbformat.write(build(), HERE / "01_first_audit.ipynb")
