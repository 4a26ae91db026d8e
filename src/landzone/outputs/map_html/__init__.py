"""The map: one page that opens with a double click, needs no network and is a ``folium.Map`` at heart."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import shapely
from folium.elements import MacroElement
from folium.template import Template

from landzone.catalog import load
from landzone.catalog.labels import titles
from landzone.errors import OutputError
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.map_html import assets, content, findings
from landzone.outputs.map_html.basemap import chosen
from landzone.outputs.map_html.holdings import held
from landzone.outputs.map_html.layer import PolygonLayer, data_block
from landzone.outputs.map_html.lonlat import Degrees, plane_of
from landzone.outputs.map_html.page import OfflineMap, Verbatim, fix_names, script_tag, style_tag
from landzone.outputs.map_html.themed import ThemedLayer

__all__ = ["OfflineMap", "PolygonLayer", "build", "compose", "write"]

FILE_NAME = "map.html"
_BLOCK = "landzone-study"
_ORDER = {
    "parcels_old": 5, "patches_old": 6, "parcels": 10, "patches": 20, "idle_changes": 24, "use_conflicts": 30,
    "buildings": 40, "contradictions": 43, "conflict_changes": 44, "verdict_changes": 46, "constraints": 50,
    "zones": 60,
}  # fmt: skip


def write(study: Study, result: AuditResult, folder: Path, basemap: str = "") -> Path:
    """Write ``map.html`` into a folder and return its path.

    Raises
    ------
    OutputError
        When the file cannot be written, or when the page would need a network.
    """
    path = folder / FILE_NAME
    page = build(study, result, basemap).page()
    try:
        path.write_bytes(page.encode("utf-8"))
    except OSError as error:
        raise OutputError(f"{path.name} could not be written: {error.strerror}") from error
    return path


def build(study: Study, result: AuditResult, basemap: str = "") -> OfflineMap:
    """Return the map of an audit as a ``folium.Map`` to which further folium layers can be added.

    Layers: zones, parcels by theme, buildings, difference patches, constraint hits, use conflicts. The figures
    on the map are those of the result; shapes are rounded for display only. ``basemap`` is a service of
    ``catalog/basemaps.toml``, or local tiles or a GeoTIFF that are put into the page; none where it is empty.
    More than a page can hold is not drawn, and the page says so (``holdings.held``).
    """
    shown, out = held(result)
    more = {f"{name}_left_out": count for name, count in out.items()}
    return compose(study, shown, content.themed_layers(study, shown), basemap, more=more)


def compose(
    study: Study,
    result: AuditResult,
    themed: Mapping[str, ThemedLayer],
    basemap: str = "",
    links: Mapping[str, Any] | None = None,
    more: Mapping[str, Any] | None = None,
    hidden: Collection[str] = (),
) -> OfflineMap:
    """Return the map of a result, or of a part of one, whose layers were coloured before.

    Parameters
    ----------
    result : AuditResult
        With the rows of the layers, in their order, and the findings on them.
    themed : mapping
        The layers of ``content.LAYERS``.
    links : mapping, optional
        Pages of an atlas that the page leads to: ``name index whole previous next``.
    more : mapping, optional
        What the page is told besides, in place of what it would be told of the result.
    hidden : collection of str
        Layers that are not drawn when the map opens.
    """
    under = chosen(basemap, _around(study, result)) if basemap else None
    layers = content.encoded(study, themed, under.shift if under else "")
    boxes = [layer.packed.bounds for layer in layers.values() if layer.packed.count]
    whole = _union(boxes) if boxes else (73.0, 18.0, 135.0, 54.0)
    middle = [(whole[1] + whole[3]) / 2, (whole[0] + whole[2]) / 2]
    page = OfflineMap(location=middle, zoom_start=13, max_zoom=22, min_zoom=3)
    fix_names(page)
    drawn = {
        name: PolygonLayer(
            name,
            layer.payload,
            layer.packed.bounds,
            show=layer.shown and name not in hidden,
            order=_ORDER[name],
        )
        for name, layer in layers.items()
    }
    for layer in drawn.values():
        layer.add_to(page)
    about = _about(study, result, whole) | dict(more or {})
    about["buildings_left_out"] = content.left_out(themed)
    if under is not None:
        page.hosts = under.hosts
        about["basemap"] = under.as_json()
    if links is not None:
        about["links"] = dict(links)
        about["page"] = links["name"]
    _Panel(about, list(drawn.values())).add_to(page)
    return page


def _around(study: Study, result: AuditResult) -> tuple[float, float, float, float]:
    """Return the box of zones and parcels in degrees, a little wider."""
    shapes = [*result.zones.geometry, *result.parcels.geometry]
    west, south, east, north = shapely.total_bounds(Degrees(study.crs).shapes(shapes)).tolist()
    wide, high = 0.1 * (east - west), 0.1 * (north - south)
    return west - wide, south - high, east + wide, north + high


def _union(boxes: list[tuple[float, float, float, float]]) -> tuple[float, float, float, float]:
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def _about(study: Study, result: AuditResult, bounds: tuple[float, float, float, float]) -> dict[str, Any]:
    settings = study.settings
    position = Degrees(study.crs).position
    return {
        "name": settings.name,
        "as_of": result.as_of.isoformat(),
        "lang": result.lang,
        "area": str(settings.area),
        "area_kind": str(settings.area_kind),
        "money": settings.money,
        "crs": study.crs.name,
        "sources": _sources(study),
        "plane": plane_of(study.crs) if position.own and not study.notice else None,
        "datum": {"name": position.datum, "world": position.world},
        "bounds": bounds,
        "plans": {
            name: titles("plan_types/plans.toml", name, plan.title) for name, plan in study.plans.items()
        },
        "constraints": {
            name: titles("constraints.toml", name, line.title) for name, line in study.constraints.items()
        },
        "words": {key: value for key, value in content.words().items() if key != "fields"},
        "findings": findings.payload(study, result),
        "notice": dict(study.notice),
    }


def _sources(study: Study) -> list[str]:
    names = list(dict.fromkeys(one.source for one in study.inputs))
    most = load.table("map.toml")["most_sources"]
    return names[:most] + (["…"] if len(names) > most else [])


class _Panel(MacroElement):  # type: ignore[misc]
    """Title bar, layer panel, legend, lists, search and cards around the map."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            landzone.start({{ this._parent.get_name() }}, landzone.read("{{ this.block }}"), {
            {%- for layer in this.layers %}
                "{{ layer.layer_name }}": {{ layer.get_name() }},
            {%- endfor %}
            });
        {% endmacro %}
        """
    )

    def __init__(self, about: dict[str, Any], layers: list[PolygonLayer]) -> None:
        super().__init__()
        self._name = "Panel"
        self._id = "landzone"
        self.block = _BLOCK
        self.layers = layers
        self._about = about

    def render(self, **kwargs: Any) -> None:
        figure = self.get_root()
        notice = " ".join(content.words()["ui"]["noscript"].values())
        figure.html.add_child(Verbatim(f"<noscript>{notice}</noscript>"), name="landzone_noscript")
        figure.header.add_child(style_tag(assets.application_style()), name="landzone_style")
        figure.header.add_child(script_tag(assets.application_script()), name="landzone_panel")
        figure.html.add_child(data_block(_BLOCK, self._about), name=_BLOCK)
        super().render(**kwargs)
