"""A ``folium.Map`` that carries all its scripts and styles, and the page it is saved as."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import folium
from branca.element import Element

from landzone.errors import OutputError
from landzone.outputs.map_html import assets

_OUTSIDE_ATTRIBUTES = {
    "script": "src", "link": "href", "img": "src", "iframe": "src", "embed": "src", "object": "data",
    "source": "src", "video": "src", "audio": "src", "image": "href", "use": "href",
}  # fmt: skip
_INSIDE = ("data:", "blob:", "#", "about:")
_TILES = re.compile(
    r"L\.(?:tileLayer(?:\.\w+)?|imageOverlay|videoOverlay)\s*\(\s*[\"'`]((?:https?:)?//[^\"'`]*)"
)
_CSS_OUTSIDE = re.compile(r"(?:url\(\s*['\"]?|@import\s+['\"])((?:https?:)?//[^'\")\s]+)")
_HEAD = "<head>"


class Verbatim(Element):  # type: ignore[misc]
    """Text that goes into the page as it is. It is never read as a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self, **kwargs: Any) -> str:
        """Return the text."""
        return self._text


def script_tag(source: str) -> Verbatim:
    """Return a script as an element; ``</`` inside would end it early and is escaped."""
    return Verbatim("<script>" + re.sub(r"</(?=script)", r"<\\/", source, flags=re.IGNORECASE) + "</script>")


def style_tag(source: str) -> Verbatim:
    """Return a style sheet as an element."""
    return Verbatim("<style>" + source + "</style>")


class OfflineMap(folium.Map):  # type: ignore[misc]
    """A ``folium.Map`` without a basemap whose scripts and styles all stand in the page itself.

    Plain folium layers can be added to it. ``save`` refuses what would need a network; ``save(...,
    online=True)`` writes such a page all the same, without the policy that forbids outside requests.
    """

    default_js: ClassVar[list[tuple[str, str]]] = []
    default_css: ClassVar[list[tuple[str, str]]] = []

    def __init__(self, **options: Any) -> None:
        super().__init__(tiles=None, zoom_control=False, control_scale=False, fade_animation=False, **options)
        self._id = "landzone"
        self.hosts: tuple[str, ...] = ()

    def render(self, **kwargs: Any) -> None:
        """Put Leaflet into the head of the page, then what folium puts there."""
        figure = self.get_root()
        figure.header.add_child(Verbatim("<title>landzone</title>"), name="landzone_title")
        figure.header.add_child(style_tag(assets.leaflet_style()), name="leaflet_css")
        figure.header.add_child(script_tag(assets.leaflet_script()), name="leaflet")
        super().render(**kwargs)

    def page(self, *, online: bool = False) -> str:
        """Return the whole page.

        Raises
        ------
        OutputError
            When something in it would have to be fetched from elsewhere; the message names it.
        """
        for element in _tree(self):
            if isinstance(element, folium.map.Icon):
                raise OutputError(
                    "folium.Icon needs scripts that are not part of the map: use folium.Marker without an icon, "
                    "folium.CircleMarker or folium.DivIcon"
                )
        html: str = self.get_root().render()
        if online:
            return html
        refuse_outside(html)
        return with_policy(html, self.hosts)

    def save(
        self,
        outfile: str | bytes | Path | BinaryIO,
        close_file: bool = True,
        *,
        online: bool = False,
        **kwargs: Any,
    ) -> None:
        """Write the page into a file, checked to need no network unless ``online``."""
        data = self.page(online=online).encode("utf-8")
        if isinstance(outfile, (str, bytes, Path)):
            Path(outfile.decode() if isinstance(outfile, bytes) else outfile).write_bytes(data)
            return
        outfile.write(data)
        if close_file:
            outfile.close()


def _tree(element: Element) -> Iterator[Element]:
    for child in element._children.values():
        yield child
        yield from _tree(child)


class _Reader(HTMLParser):
    """Reads a page as a browser would: outside addresses, and the inline scripts that run."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.outside: list[str] = []
        self.scripts: list[str] = []
        self._inside = ""
        self._runs = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        address = values.get(_OUTSIDE_ATTRIBUTES.get(tag, ""), "").strip()
        if address and not address.startswith(_INSIDE):
            self.outside.append(f"<{tag}> {address}")
        self.outside += [f"<{tag}> {found}" for found in _CSS_OUTSIDE.findall(values.get("style", ""))]
        if tag in ("script", "style"):
            self._inside = tag
            self._runs = values.get("type", "") in ("", "text/javascript", "module")
            if tag == "script" and self._runs:
                self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.outside += [f"<style> {found}" for found in _CSS_OUTSIDE.findall(data)]
        elif self._inside == "script" and self._runs:
            self.scripts[-1] += data


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


def refuse_outside(html: str) -> None:
    """Raise ``OutputError`` when a page would fetch anything, naming what."""
    reader = _read(html)
    outside = reader.outside + [f"tiles {a}" for text in reader.scripts for a in _TILES.findall(text)]
    if outside:
        names = ", ".join(sorted(set(outside))[:5])
        raise OutputError(
            f"the map would need a network: {names}. Remove the layer or plugin that asks for it, "
            "or save with online=True"
        )


def with_policy(html: str, hosts: Sequence[str] = ()) -> str:
    """Return the page with a Content-Security-Policy: only its own scripts run, nothing is fetched.

    ``hosts`` are those of a basemap that was chosen; pictures alone may come from there.
    """
    hashes = sorted({_digest(text) for text in _read(html).scripts if text.strip()})
    policy = (
        "default-src 'none'; script-src " + " ".join(f"'sha256-{digest}'" for digest in hashes)
        + "; style-src 'unsafe-inline'; img-src " + " ".join(["data:", "blob:", *hosts])
        + "; base-uri 'none'; form-action 'none'"
    )  # fmt: skip
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    head, tail = html.split(_HEAD, 1)
    return f'{head}{_HEAD}<meta charset="utf-8">{meta}{tail}'


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def fix_names(page: OfflineMap) -> None:
    """Give the figure of a map fixed names, so that the same map gives the same bytes."""
    root = page.get_root()
    for place, element in enumerate([root, root.header, root.html, root.script]):
        element._id = f"landzone{place}"
