"""Sharing and examples over a real Jupyter server: who may, what copies carry, what is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.server.conftest import JupyterServer

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def write(server: JupyterServer, name: str, text: str = "1") -> None:
    """A notebook that claims to be trusted, with output."""
    html = {"output_type": "display_data", "metadata": {}, "data": {"text/html": HOSTILE}}
    cell = {
        "cell_type": "code",
        "id": "a",
        "source": text,
        "metadata": {"trusted": True},
        "outputs": [html],
        "execution_count": 1,
    }
    metadata = {"instance_type": "ml.m5.large", "kernelspec": {"name": "python3", "display_name": "P"}}
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": [cell]}
    path = server.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))


def share(server: JupyterServer, name: str, **options: Any) -> dict[str, Any]:
    made: dict[str, Any] = server.post("snapshots", {"path": name, **options}, status=201)
    return made


def test_a_notebook_is_shared_seen_and_copied(server: JupyterServer) -> None:
    write(server, "shared/report 1.ipynb")
    made = share(server, "shared/report 1.ipynb", include_output=True)
    assert (made["file_name"], made["own"], made["cells"]) == ("report 1.ipynb", True, 1)
    write(server, "shared/report 1.ipynb", "changed later")
    seen = server.get(f"snapshots/{made['name']}")
    assert seen["snapshot"] == made
    assert seen["notebook"]["cells"][0]["source"] == "1"
    body = {"folder": "shared", "file_name": "mine"}
    copy = server.post(f"snapshots/{made['name']}/copy", body, status=201)
    assert copy == {"path": "shared/mine.ipynb"}
    document = json.loads((server.root / "shared" / "mine.ipynb").read_text())
    assert document["metadata"]["instance_type"] == "ml.m5.large"
    assert HOSTILE in document["cells"][0]["outputs"][0]["data"]["text/html"]


def test_copies_of_others_notebooks_are_not_trusted(server: JupyterServer) -> None:
    write(server, "hostile.ipynb")
    made = share(server, "hostile.ipynb", include_output=True)
    server.post(f"snapshots/{made['name']}/copy", {"file_name": "copied hostile"}, status=201)
    url = f"http://127.0.0.1:{server.port}/base/api/contents/copied%20hostile.ipynb"
    model = httpx.get(url, headers={"Authorization": f"token {server.token}"}, trust_env=False).json()
    assert model["content"]["cells"][0]["metadata"].get("trusted") is False


def test_snapshots_are_listed_and_deleted(server: JupyterServer) -> None:
    write(server, "listed.ipynb")
    names = [share(server, "listed.ipynb")["name"] for _ in range(3)]
    found = server.get("snapshots", search="listed", max_results=2)
    assert [each["name"] for each in found["items"]] == names[:0:-1]
    rest = server.get("snapshots", search="listed", max_results=2, next_token=found["next_token"])
    assert [each["name"] for each in rest["items"]] == names[:1]
    server.expect(200, "DELETE", f"snapshots/{names[0]}")
    gone = server.fails(404, "GET", f"snapshots/{names[0]}")
    assert gone["message"] == "This snapshot does not exist; it may have been deleted."
    assert "new link" in gone["hint"]
    server.fails(404, "DELETE", f"snapshots/{names[0]}")
    server.fails(404, "POST", f"snapshots/{names[0]}/copy", json={"file_name": "x"})


def test_strangers_see_nothing(server: JupyterServer) -> None:
    write(server, "private.ipynb")
    made = share(server, "private.ipynb")
    base = f"http://127.0.0.1:{server.port}/base/"
    with httpx.Client(base_url=base, trust_env=False) as stranger:
        for path in ("sharing", "snapshots", f"snapshots/{made['name']}", "examples", "examples/xgboost"):
            assert stranger.get(f"smstudio/api/{path}").status_code == 403, path
        copy = stranger.post(f"smstudio/api/snapshots/{made['name']}/copy", json={"file_name": "x"})
        assert copy.status_code == 403


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"path": "no such.ipynb"}),
        (400, {"path": "plain.txt"}),
        (400, {"path": "broken.ipynb"}),
        (404, {"path": "../../etc/passwd"}),
        (400, {"path": ""}),
        (400, {"path": "a.ipynb", "include_everything": True}),
    ],
    ids=["missing", "text", "broken", "outside", "empty", "unknown"],
)
def test_what_is_no_notebook_is_not_shared(server: JupyterServer, status: int, body: dict[str, Any]) -> None:
    (server.root / "plain.txt").write_text("text")
    (server.root / "broken.ipynb").write_text("{")
    server.fails(status, "POST", "snapshots", json=body)


def test_copies_replace_nothing_and_stay_in_the_root(server: JupyterServer) -> None:
    def refused(status: int, **body: str) -> dict[str, Any]:
        return server.fails(status, "POST", "examples/k-means/copy", json=body)

    server.post("examples/k-means/copy", {"file_name": "taken"}, status=201)
    assert "already" in refused(409, file_name="taken.ipynb")["message"]
    (server.root / "folder.ipynb").mkdir(exist_ok=True)
    refused(409, file_name="folder")
    refused(404, folder="no such folder", file_name="a")
    refused(404, folder="../..", file_name="a")
    assert refused(400, file_name="../a")["fields"][0]["field"] == "file_name"
    (server.root / ".hidden").mkdir(exist_ok=True)
    refused(404, folder=".hidden", file_name="a")


def test_git_is_told_without_secrets(server: JupyterServer) -> None:
    if shutil.which("git") is None:
        pytest.skip("needs Git")
    write(server, "repository/a.ipynb")
    folder = server.root / "repository"
    url = "https://me:token@git.example.com/notebooks.git"
    for command in (["init", "-q"], ["remote", "add", "origin", url]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    options = server.expect(200, "GET", "sharing", params={"path": "repository/a.ipynb"})
    assert options["enabled"]
    assert options["git"]["url"] == "https://git.example.com/notebooks.git"
    assert share(server, "repository/a.ipynb")["git"] is None
    made = share(server, "repository/a.ipynb", include_git=True)
    assert made["git"] == options["git"]
    assert "token" not in json.dumps(server.get(f"snapshots/{made['name']}"))
    nothing = server.expect(200, "GET", "sharing", params={"path": "no such.ipynb"})
    assert nothing["git"] is None


def test_the_gallery_shows_and_copies_examples(server: JupyterServer) -> None:
    items = server.get("examples")["items"]
    assert [each["language"] for each in items if each["section"] == "walkthroughs"] == [
        "ja",
        "ja",
        "ko",
        "en",
        "en",
    ]
    view = server.get("examples/xgboost")
    assert view["example"] in items
    assert "smstudio_example" not in view["notebook"]["metadata"]
    copy = server.post("examples/xgboost/copy", {"file_name": "mine xgboost"}, status=201)
    copied = json.loads((server.root / copy["path"]).read_text())
    assert copied["metadata"]["kernelspec"]["name"] == "python3-datascience-1.0"
    server.fails(404, "GET", "examples/no-such")
    server.fails(404, "GET", "examples/..%2Fexamples%2Fxgboost")


def test_an_s3_folder_is_a_source_of_examples(server: JupyterServer) -> None:
    write(server, "from a bucket.ipynb", "in S3")
    sent = server.post("data/upload", {"path": "from a bucket.ipynb", "key": "gallery/deep/"}, status=201)
    address = f"s3://{sent['bucket']}/gallery"
    source = server.post("example-sources", {"address": address}, status=201)
    assert (source["kind"], source["notebooks"]) == ("s3", 1)
    found = [each for each in server.get("examples")["items"] if each["source"] == source["id"]]
    assert [(each["title"], each["description"]) for each in found] == [("from a bucket", "deep")]
    view = server.get(f"examples/{found[0]['name']}")
    assert view["notebook"]["cells"][0]["source"] == "in S3"
    body = {"file_name": "copied from a bucket"}
    copy = server.post(f"examples/{found[0]['name']}/copy", body, status=201)
    copied = json.loads((server.root / copy["path"]).read_text())
    assert copied["cells"][0]["metadata"].get("trusted") is not True
    server.expect(200, "DELETE", f"example-sources/{source['id']}")
    server.fails(404, "GET", f"examples/{found[0]['name']}")
    server.fails(404, "DELETE", f"example-sources/{source['id']}")
    error = server.fails(400, "POST", "example-sources", json={"address": "ext::sh -c x"})
    assert error["fields"][0]["field"] == "address"
    server.fails(404, "POST", "example-sources", json={"address": "s3://nobodys-bucket-of-all/x/"})
    server.fails(400, "POST", "example-sources", json={"address": "/x", "branch": "-x"})
