"""Data and bad requests over a real Jupyter server: preview, upload, S3 browser, samples."""

from __future__ import annotations

import hashlib
import random
from typing import TYPE_CHECKING

import httpx
import pytest

from smstudio_ext.studio.samples import sample_csv

if TYPE_CHECKING:
    from tests.server.conftest import JupyterServer


def test_file_is_previewed_uploaded_and_browsed(server: JupyterServer) -> None:
    (server.root / "in a folder").mkdir(exist_ok=True)
    body = sample_csv("churn")
    (server.root / "in a folder" / "churn ü.csv").write_bytes(body)
    local = server.post("data/preview", {"source": "in a folder/churn ü.csv", "sample_rows": 5})
    assert (local["row_count"], local["row_count_exact"], len(local["rows"])) == (3333, True, 5)
    sent = server.post("data/upload", {"path": "/in a folder/churn ü.csv"}, status=201)
    assert sent["s3_uri"] == "s3://sagemaker-us-east-1-000000000000/uploads/churn ü.csv"
    assert sent["size"] == len(body)
    remote = server.post("data/preview", {"source": sent["s3_uri"], "sample_rows": 5})
    assert remote["columns"] == local["columns"]
    assert remote["rows"] == local["rows"]
    assert sent["bucket"] in [bucket["name"] for bucket in server.get("buckets")["items"]]
    top = server.get("objects", bucket=sent["bucket"])
    assert "uploads/" in top["prefixes"]
    folder = server.get("objects", bucket=sent["bucket"], prefix="uploads/")
    assert ("churn ü.csv", len(body)) in [(found["name"], found["size"]) for found in folder["objects"]]


def test_large_file_is_uploaded_in_parts(server: JupyterServer) -> None:
    body = random.Random(7).randbytes(40 * 1024 * 1024)
    (server.root / "large.bin").write_bytes(body)
    sent = server.post("data/upload", {"path": "large.bin", "key": "deep/folder/"}, status=201)
    assert sent["key"] == "deep/folder/large.bin"
    from smstudio_ext.engine.server import lifecycle
    from smstudio_ext.target import LocalEngine, Target

    info = lifecycle.read_engine(server.engine_dir)
    assert info is not None
    s3 = Target.local(LocalEngine(info.url, info.access_key, info.secret_key, info.region)).client("s3")
    found = s3.get_object(Bucket=sent["bucket"], Key=sent["key"])
    assert "-" in found["ETag"]
    assert hashlib.sha256(found["Body"].read()).digest() == hashlib.sha256(body).digest()


def test_large_objects_and_prefixes_are_estimated(server: JupyterServer) -> None:
    body = b"name,value\n" + b"abcdefgh,12345678\n" * 300_000
    (server.root / "many.csv").write_bytes(body)
    for number in (1, 2):
        server.post("data/upload", {"path": "many.csv", "key": f"many/part-{number}.csv"}, status=201)
    bucket = server.get("buckets")["default_bucket"]
    one = server.post("data/preview", {"source": f"s3://{bucket}/many/part-1.csv"})
    assert not one["row_count_exact"]
    assert abs(one["row_count"] - 300_000) < 300
    both = server.post("data/preview", {"source": f"s3://{bucket}/many/"})
    assert (both["objects"], both["size"]) == (2, 2 * len(body))
    assert abs(both["row_count"] - 600_000) < 600


def test_samples_are_listed_and_put(server: JupyterServer) -> None:
    samples = server.get("samples")["items"]
    assert {sample["name"] for sample in samples} >= {"churn", "bank", "houses", "wheat"}
    location = server.post("samples/houses", status=201)
    preview = server.post("data/preview", {"source": location["s3_uri"]})
    assert location["target"] in [column["name"] for column in preview["columns"]]
    server.fails(404, "POST", "samples/mars", json={})


@pytest.mark.parametrize(
    "path", ["../outside.csv", "/etc/passwd", "a/../../outside.csv", "link.csv", "x\0y", "n" * 300]
)
@pytest.mark.parametrize("route", ["data/preview", "data/upload"])
def test_nothing_outside_the_root_is_read(server: JupyterServer, route: str, path: str) -> None:
    outside = server.root.parent / "outside.csv"
    outside.write_text("secret,words\n" + "1,2\n" * 600)
    link = server.root / "link.csv"
    if not link.is_symlink():
        link.symlink_to(outside)
    member = "source" if route == "data/preview" else "path"
    answer = server.client.post(route, json={member: path})
    assert answer.status_code in (400, 404), answer.text
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("s3://", 400),
        ("s3://UPPER/key", 400),
        ("s3://nobodys-bucket-of-all/key.csv", 404),
        ("no-such-file.csv", 404),
        ("", 400),
        ("x" * 3000, 400),
    ],
)
def test_bad_sources_are_refused(server: JupyterServer, source: str, status: int) -> None:
    server.fails(status, "POST", "data/preview", json={"source": source})


def test_uploads_to_bad_places_are_refused(server: JupyterServer) -> None:
    (server.root / "small.csv").write_text("x,y\n1,2\n")
    server.fails(404, "POST", "data/upload", json={"path": "small.csv", "bucket": "nobodys-bucket-of-all"})
    server.fails(400, "POST", "data/upload", json={"path": "small.csv", "key": "k" * 1025})
    server.fails(404, "GET", "objects", params={"bucket": "nobodys-bucket-of-all"})
    server.fails(400, "GET", "objects")


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b'{"source": 5}',
        b'{"source": "a", "sample_rows": 0}',
        b'{"sauce": "a"}',
        b"null",
    ],
)
def test_malformed_bodies_are_bad_input(server: JupyterServer, content: bytes) -> None:
    error = server.fails(400, "POST", "data/preview", content=content)
    assert error["code"] == "BadInput"


def test_requests_that_are_too_large_are_refused(server: JupyterServer) -> None:
    server.fails(413, "POST", "endpoints/x/invoke", content=b"[" + b"1," * 5_000_000 + b"1]")


@pytest.mark.parametrize("name", ["x" * 300, "a b", "ü", "%2e%2e", "a%2Fb", "a;b", "'--"])
@pytest.mark.parametrize(
    "path", ["automl-jobs/{}", "training-jobs/{}", "endpoints/{}", "automl-jobs/{}/candidates"]
)
def test_names_that_cannot_be_are_refused(server: JupyterServer, path: str, name: str) -> None:
    answer = server.client.get(httpx.URL(path.format(name)))
    assert answer.status_code in (400, 404), answer.text
    assert answer.json()["code"]


@pytest.mark.parametrize(
    "query",
    [
        {"max_results": "0"},
        {"max_results": "101"},
        {"max_results": "many"},
        {"sort_by": "Colour"},
        {"status": "Fine"},
        {"next_token": "garbage"},
    ],
)
@pytest.mark.parametrize("path", ["automl-jobs", "training-jobs", "endpoints"])
def test_bad_queries_are_refused(server: JupyterServer, path: str, query: dict[str, str]) -> None:
    server.fails(400, "GET", path, params=query)
