"""Prices from AWS's own offer file: regions, sources, what is no such file."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.studio.price_files import keep_offer
from smstudio_ext.studio.prices import known_regions, price_table
from smstudio_ext.studio.problems import BadInput


def product(region: str, component: str, name: str) -> dict[str, Any]:
    return {
        "productFamily": "ML Instance",
        "attributes": {"regionCode": region, "component": component, "instanceName": name},
    }


def terms(price: str, currency: str = "USD", unit: str = "Hrs") -> dict[str, Any]:
    return {"x": {"priceDimensions": {"y": {"unit": unit, "pricePerUnit": {currency: price}}}}}


OFFER = {
    "formatVersion": "v1.0",
    "offerCode": "AmazonSageMaker",
    "version": "20261101000000",
    "publicationDate": "2026-11-01T00:00:00Z",
    "products": {
        "A": product("eu-west-1", "Hosting", "ml.m5.large"),
        "B": product("eu-west-1", "Training", "ml.m5.large"),
        "C": product("eu-west-1", "Studio-notebook", "ml.t3.medium"),
        "D": product("ap-northeast-2", "Batch Transform", "ml.m5.large"),
        "E": product("eu-west-1", "Feature Store", "ml.m5.large"),
        "F": product("cn-north-1", "Hosting", "ml.m5.large"),
        "G": product("eu-west-1", "Hosting", "ml.free.large"),
    },
    "terms": {
        "OnDemand": {
            "A": terms("0.128"),
            "B": terms("0.129"),
            "C": terms("0.054"),
            "D": terms("0.142"),
            "E": terms("9"),
            "F": terms("0.9", "CNY"),
            "G": terms("0.0000000000"),
        }
    },
}


def test_prices_of_every_region_of_a_file_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "index.json"
    file.write_text(json.dumps(OFFER))
    assert keep_offer(str(file), tmp_path / "data") == {"ap-northeast-2": 1, "eu-west-1": 3}
    ireland = price_table("eu-west-1", tmp_path / "data")
    assert (ireland.price("Endpoint", "ml.m5.large"), ireland.price("Training", "ml.m5.large")) == (
        0.128,
        0.129,
    )
    assert ireland.price("Studio", "ml.t3.medium") == 0.054
    assert ireland.price("Endpoint", "ml.free.large") is None
    assert (ireland.source.exact, ireland.source.date) == (True, "2026-11-01")
    assert "20261101000000" in ireland.source.source
    assert price_table("ap-northeast-2", tmp_path / "data").price("Transform", "ml.m5.large") == 0.142
    assert not price_table("eu-west-3", tmp_path / "data").source.exact
    known = known_regions(tmp_path / "data")
    assert {"us-east-1", "eu-west-1", "ap-northeast-2"} <= set(known)
    assert known["eu-west-1"] == "2026-11-01"


def test_other_regions_stay_when_one_is_renewed(tmp_path: Path) -> None:
    for name, price in (("one", "0.128"), ("two", "0.13")):
        products = {"A": product("eu-west-1" if name == "one" else "eu-north-1", "Hosting", "ml.m5.large")}
        offer = {**OFFER, "products": products, "terms": {"OnDemand": {"A": terms(price)}}}
        (tmp_path / name).write_bytes(gzip.compress(json.dumps(offer).encode()))
        keep_offer(str(tmp_path / name), tmp_path / "data")
    for region, price in (("eu-west-1", 0.128), ("eu-north-1", 0.13)):
        assert price_table(region, tmp_path / "data").price("Endpoint", "ml.m5.large") == price


class Offers(BaseHTTPRequestHandler):
    """AWS's bulk price list, played."""

    def do_GET(self) -> None:
        content = json.dumps(OFFER).encode()
        self.send_response(200 if self.path.endswith("index.json") else 403)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = HTTPServer(("127.0.0.1", 0), Offers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_file_may_be_an_address(address: str, tmp_path: Path) -> None:
    assert keep_offer(f"{address}/offers/index.json", tmp_path)["eu-west-1"] == 3
    with pytest.raises(BadInput, match="cannot be read"):
        keep_offer(f"{address}/nothing", tmp_path)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"\x1f\x8bxx", "read|JSON"),
        (b"[1]", "no price list"),
        (json.dumps({**OFFER, "offerCode": "AmazonEC2"}).encode(), "no price list"),
        (json.dumps({**OFFER, "products": {"F": OFFER["products"]["F"]}}).encode(), "US dollars"),  # type: ignore[index]
    ],
    ids=["empty", "cut", "gzip", "list", "other", "yuan"],
)
def test_what_is_no_price_list_changes_nothing(content: bytes, text: str, tmp_path: Path) -> None:
    file = tmp_path / "file.json"
    file.write_bytes(content)
    with pytest.raises(BadInput, match=text):
        keep_offer(str(file), tmp_path / "data")
    with pytest.raises(BadInput, match="cannot be read"):
        keep_offer(str(tmp_path / "missing.json"), tmp_path / "data")
    assert not (tmp_path / "data").exists()
