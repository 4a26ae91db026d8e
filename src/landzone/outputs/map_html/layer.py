"""A folium layer for very many polygons, drawn on canvas by the page."""

from __future__ import annotations

from typing import Any

from branca.element import Figure, MacroElement
from folium.map import Layer
from folium.template import Template

from landzone.outputs.map_html import assets, codec
from landzone.outputs.map_html.page import Verbatim, script_tag


class PolygonLayer(Layer):  # type: ignore[misc]
    """Many polygons as one folium layer: a megabyte where GeoJSON would take twenty.

    The shapes travel as integers, the columns as dictionaries, both deflated; canvas tiles are drawn from a
    grid index, so 100,000 parcels pan and zoom. No text from data goes through a template: it stands in a
    JSON block and is shown as plain text only.

    Parameters
    ----------
    name : str
        Plain ASCII name, unique on the map; it becomes a variable of the page.
    payload : dict
        What ``content.layers`` says of the layer.
    bounds : tuple
        West, south, east, north in degrees.
    show : bool
        Whether the layer is drawn when the map opens.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = landzone.polygonLayer(landzone.read("{{ this.block }}"), {{ this.order }});
            {%- if this.show %}
            {{ this.get_name() }}.addTo({{ this._parent.get_name() }});
            {%- endif %}
        {% endmacro %}
        """
    )

    def __init__(
        self,
        name: str,
        payload: dict[str, Any],
        bounds: tuple[float, float, float, float],
        *,
        show: bool = True,
        order: int = 1,
    ) -> None:
        if not (name.isascii() and name.isidentifier()):
            raise ValueError("the name of a polygon layer becomes a variable: ASCII letters, digits and _")
        super().__init__(name=name, overlay=True, control=True, show=show)
        self._name = "Polygons"
        self._id = name
        self.block = f"landzone-{name}"
        self.order = int(order)
        self._payload = payload
        self._bounds = bounds

    def _get_self_bounds(self) -> list[list[float | None]]:
        west, south, east, north = self._bounds
        return [[south, west], [north, east]]

    def render(self, **kwargs: Any) -> None:
        """Put the library once, and the data of this layer, into the page."""
        figure = self.get_root()
        assert isinstance(figure, Figure), "a layer is drawn as part of a map"
        figure.header.add_child(script_tag(assets.library_script()), name="landzone_library")
        figure.html.add_child(data_block(self.block, self._payload), name=self.block)
        MacroElement.render(self, **kwargs)  # Layer.render would add a child of a random name at every call


def data_block(name: str, value: Any) -> Verbatim:
    """Return a block of JSON that the page reads and nobody runs."""
    return Verbatim(f'<script type="application/json" id="{name}">{codec.json_text(value)}</script>')
