"""The scripts and styles of the page, all from this package."""

from __future__ import annotations

import base64
import re
from functools import cache
from importlib.resources import files

_ROOT = files("landzone.outputs.map_html") / "assets"

LIBRARY = ("codec.js", "space.js", "format.js", "plane.js", "polygons.js")
APPLICATION = (
    "dom.js",
    "facts.js",
    "legend.js",
    "lists.js",
    "detail.js",
    "tools.js",
    "measure.js",
    "compare.js",
    "basemap.js",
    "app.js",
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_URL = re.compile(r"url\(\s*['\"]?(images/[\w.-]+\.png)['\"]?\s*\)")
_OUTSIDE_BEHAVIOUR = "behavior: url(#default#VML);"


@cache
def text(name: str) -> str:
    """Return a text file of the assets."""
    return (_ROOT / name).read_text(encoding="utf-8").replace("\r\n", "\n")


@cache
def image(name: str) -> str:
    """Return a PNG of Leaflet as a data address."""
    data = (_ROOT / "vendor" / "leaflet" / name).read_bytes()
    return "data:image/png;base64," + base64.b64encode(data).decode("ascii")


@cache
def leaflet_script() -> str:
    """Leaflet, with its marker pictures set from data and the one thing folium's popups ask of jQuery."""
    icons = {
        "iconUrl": image("marker-icon.png"),
        "iconRetinaUrl": image("marker-icon-2x.png"),
        "shadowUrl": image("marker-shadow.png"),
    }
    options = ",".join(f'{key}:"{value}"' for key, value in icons.items())
    marker = f"L.Icon.Default.imagePath='';L.Icon.Default.mergeOptions({{{options}}});"
    return "\n".join([text("vendor/leaflet/leaflet.js"), marker, text("folium.js")])


@cache
def leaflet_style() -> str:
    """Leaflet's style sheet without comments, its pictures inside."""
    css = _COMMENT.sub("", text("vendor/leaflet/leaflet.css")).replace(_OUTSIDE_BEHAVIOUR, "")
    return _URL.sub(lambda m: f"url({image(m[1].removeprefix('images/'))})", css)


@cache
def library_script() -> str:
    """What every polygon layer needs: inflating, decoding, index, drawing."""
    return "\n".join([text("vendor/fflate/fflate.js"), *(text(name) for name in LIBRARY)])


@cache
def application_script() -> str:
    """The panel around the map."""
    return "\n".join(text(name) for name in APPLICATION)


@cache
def application_style() -> str:
    """The style sheet of the panel."""
    return _COMMENT.sub("", text("map.css"))
