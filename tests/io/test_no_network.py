"""Nothing that stands in a file makes a reader open a socket: a server listens, and nobody calls."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from landzone.errors import LandzoneError, Refusal
from landzone.io.reader import Reader
from landzone.io.vector import read_vector
from landzone.model.problems import Problems


class Listener:
    """A server on loopback that counts who connects."""

    def __init__(self) -> None:
        self.calls: list[bytes] = []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(0.1)
        self.address = f"127.0.0.1:{self.server.getsockname()[1]}"
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._listen)
        self.thread.start()

    def _listen(self) -> None:
        while not self.done.is_set():
            with contextlib.suppress(TimeoutError):
                caller, _ = self.server.accept()
                with caller:
                    caller.settimeout(0.5)
                    with contextlib.suppress(TimeoutError):
                        self.calls.append(caller.recv(200))

    def close(self) -> None:
        self.done.set()
        self.thread.join()
        self.server.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    one = Listener()
    yield one
    one.close()


def harmful(folder: Path, host: str) -> list[str]:
    """Write files that point to a server, and return what a study could name as a source."""
    url = f"http://{host}/x"
    vrt = (
        f'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/vsicurl/{url}.geojson</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    ring = "<gml:posList>0 0 0 1 1 1 0 0</gml:posList>"
    member = (
        '<gml:featureMember><a:lot xmlns:a="u"><a:g><gml:Polygon srsName="{crs}"><gml:exterior><gml:LinearRing>'
        f"{ring}</gml:LinearRing></gml:exterior></gml:Polygon></a:g><a:id>1</a:id>"
        f'<a:ref xmlns:x="http://www.w3.org/1999/xlink" x:href="{url}#p"/></a:lot></gml:featureMember>'
    )
    gml = (
        '<c:FeatureCollection xmlns:c="u" xmlns:gml="http://www.opengis.net/gml" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="u {url}.xsd">{member}</c:FeatureCollection>'
    )
    polygon = {"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1], [0, 0]]]}
    feature = {"type": "Feature", "properties": {"id": "1"}, "geometry": polygon}
    crs = {"type": "link", "properties": {"href": f"{url}.prj", "type": "proj4"}}
    named = {"type": "name", "properties": {"name": f"{url}/crs/4547"}}
    texts = {
        "vrt.shp": vrt,
        "vrt.geojson": vrt,
        "vrt.kml": vrt,
        "link.kml": '<kml xmlns="http://www.opengis.net/kml/2.2"><NetworkLink><Link>'
        f"<href>{url}.kml</href></Link></NetworkLink></kml>",
        "dtd.kml": f'<!DOCTYPE kml SYSTEM "{url}.dtd"><kml xmlns="http://www.opengis.net/kml/2.2"/>',
        "schema.gml": gml.format(crs="EPSG:4490"),
        "crs.gml": gml.format(crs=f"{url}#4490"),
        "link.geojson": json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}),
        "named.geojson": json.dumps({"type": "FeatureCollection", "crs": named, "features": [feature]}),
        "table.tab": f'!table\n!version 300\nDefinition Table\n  Type LINKED\n  File "{url}.tab"\n',
        "esri.json": json.dumps({"url": url, "geometryType": "esriGeometryPolygon", "features": []}),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    with zipfile.ZipFile(folder / "link.kmz", "w") as archive:
        archive.writestr("doc.kml", texts["link.kml"])
    addresses = [
        f"/vsicurl/{url}.shp",
        f"{url}.geojson",
        f"WFS:{url}",
        f"vsicurl/{url}",
        f"GeoJSON:{url}.geojson",
    ]
    return [*texts, "link.kmz", *addresses]


def test_no_source_makes_a_reader_call_a_server(listener: Listener, tmp_path: Path) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    sources = harmful(folder, listener.address)
    codes = {}
    with Reader(tmp_path / "work", seconds=60.0) as reader:
        for source in sources:
            try:
                reader.vector(source, folder, role="parcels", problems=Problems())
                codes[source] = "read"
            except LandzoneError as error:
                codes[source] = getattr(error, "code", "")
    assert listener.calls == []
    read = {source for source, code in codes.items() if code == "read"}
    assert read <= {"schema.gml", "crs.gml", "named.geojson"}, codes
    assert codes["vrt.shp"] in ("FORMAT_MISMATCH", "FILE_INCOMPLETE")
    assert (codes["vrt.geojson"], codes["dtd.kml"], codes["link.geojson"]) == (
        "FORMAT_MISMATCH",
        "XML_DTD",
        "CRS_LINKED",
    )
    assert {codes[source] for source in sources[-5:]} <= {"FILE_UNSAFE_PATH", "FILE_MISSING"}


def test_the_server_would_hear_a_call(listener: Listener) -> None:
    host, _, port = listener.address.partition(":")
    with socket.create_connection((host, int(port))) as call:
        call.sendall(b"hello")
    listener.close()
    assert listener.calls == [b"hello"]


def test_an_xml_file_in_an_unknown_code_page_is_refused_in_words(tmp_path: Path) -> None:
    """Found by the mutations: QTF-8 for UTF-8."""
    head = "<?xml version='1.0' standalone='no' encoding='QTF-8'?>"
    for text in (head, f"\ufeff{head}"):
        (tmp_path / "p.kml").write_text(f'{text}<kml xmlns="http://www.opengis.net/kml/2.2"/>', "utf-8")
        with pytest.raises(Refusal) as refused:
            read_vector("p.kml", tmp_path, role="parcels", problems=Problems(), work=tmp_path / "w")
        assert refused.value.code in ("ENCODING_NAME", "FILE_CORRUPT")
