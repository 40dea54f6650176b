"""Domains over the REST API of a real Jupyter server, and a presigned address that opens it."""

from __future__ import annotations

import hashlib
import json
import secrets
import stat
import time
from typing import TYPE_CHECKING

import httpx

from tests.conftest import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.conftest import JupyterServer


def test_domain_page_over_rest(server: JupyterServer) -> None:
    server.post("engine/start")
    options = server.get("domain-form/options")
    assert options["suggested_name"].startswith("default-")
    made = server.post("domains", {"name": "rest-domain", "user_name": "ada"}, status=201)
    path = f"domains/{made['id']}"
    error = server.fails(400, "POST", "domains", json={"name": "bad name"})
    assert error["fields"][0]["field"] == "name"
    server.fails(409, "POST", "domains", json={"name": "rest-domain"})
    server.post(f"{path}/users", {"name": "grace"}, status=201)
    server.post(f"{path}/spaces", {"name": "lab", "owner": "grace"}, status=201)
    script = {"name": "rest-script", "app_type": "KernelGateway", "text": "echo hello\n"}
    server.post("lifecycle-configs", script, status=201)
    arn = server.get("lifecycle-configs/rest-script")["arn"]
    app = {"owner": "ada", "type": "KernelGateway", "name": "one"}
    server.post(f"{path}/apps", {**app, "script_arn": arn}, status=202)
    row = eventually(
        lambda: (found := server.get(f"{path}/apps")["items"][0])["status"] == "InService" and found,
        what="the app's start",
    )
    log = server.get(f"{path}/apps/log", stream=row["log_stream"])
    assert [line["message"] for line in log["lines"]] == ["hello"]
    whole = server.client.get(f"{path}/apps/log/download", params={"stream": row["log_stream"]})
    assert "hello" in whole.text
    assert whole.headers["content-disposition"].startswith("attachment")
    server.fails(400, "GET", f"{path}/apps/log", params={"stream": "d-other/x"})
    server.expect(
        200, "PUT", "lifecycle-configs/rest-script/attached", json={"domain_id": made["id"], "default": True}
    )
    server.fails(409, "DELETE", "lifecycle-configs/rest-script")
    server.fails(409, "DELETE", path)
    server.post(f"{path}/apps/delete", app, status=202)
    eventually(lambda: server.get(f"{path}/apps")["items"][0]["status"] == "Deleted", what="the app's end")
    server.expect(200, "DELETE", f"{path}/spaces/lab")
    for user in ("ada", "grace"):
        server.expect(200, "DELETE", f"{path}/users/{user}")
    server.expect(200, "DELETE", path)
    server.fails(404, "GET", path)
    server.expect(200, "DELETE", "lifecycle-configs/rest-script")


def test_images_are_made_of_files_of_the_server_and_of_environments_anywhere(server: JupyterServer) -> None:
    server.post("engine/start")
    (server.root / "requirements.txt").write_text("ipykernel\n")
    form = {"name": "rest-image", "kind": "requirements", "source": "requirements.txt"}
    assert server.post("own-images", form, status=201)["version"] == 1
    server.fails(400, "POST", "own-images", json={**form, "source": "../outside.txt"})
    spec = server.post(
        "own-images", {"name": "rest-spec", "kind": "kernelspec", "source": "python3"}, status=201
    )
    assert spec["status"] == "CREATED"
    assert {image["name"] for image in server.get("own-images")["items"]} >= {"rest-image", "rest-spec"}
    for name in ("rest-image", "rest-spec"):
        server.expect(200, "DELETE", f"own-images/{name}")


def test_a_presigned_address_opens_this_server_once(server: JupyterServer) -> None:
    server.post("engine/start")
    server.post("presence", {"page": "a-page", "visible": True})
    record = server.engine_dir / "studio" / "servers" / f"{server.process.pid}.json"
    eventually(record.exists, what="the record of the server")
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    user = json.loads(record.read_text())["user"]
    domain = eventually(
        lambda: next((d for d in server.get("domains")["items"] if d["name"].startswith("default-")), None)
    )
    assert domain is not None
    path = f"domains/{domain['id']}"
    eventually(
        lambda: (
            [a["name"] for a in server.get(f"{path}/apps")["items"] if a["type"] == "JupyterServer"]
            == ["default"]
        ),
        what="the app of the server",
    )
    form = {"user": user, "expires_in_seconds": 60, "session_seconds": 1800}
    url = server.post(f"{path}/url", form)["url"]
    with httpx.Client(trust_env=False) as browser:
        opened = browser.get(url)
        assert opened.status_code == 302
        enter = opened.headers["location"].replace("localhost", "127.0.0.1")
        assert enter.startswith(f"http://127.0.0.1:{server.port}/base/smstudio/enter?ticket=")
        written = json.loads(_ticket_file(server, enter.partition("ticket=")[2]).read_text())
        assert (written["user"], written["seconds"]) == (user, 1800)
        entered = browser.get(enter)
        assert (entered.status_code, entered.headers["location"]) == (302, "/base/lab")
        assert server.token not in str(entered.headers)
        place = f"http://127.0.0.1:{server.port}/base"
        assert browser.get(f"{place}/api/status").status_code == 200
        assert browser.get(f"{place}/api/me").json()["identity"]["display_name"] == user
        assert browser.get(url).status_code == 403  # the address was used
    with httpx.Client(trust_env=False) as other:
        assert other.get(enter).status_code == 403  # and so was the ticket
        assert other.get(f"{place}/api/status").status_code == 403


def test_a_session_of_a_presigned_address_ends(server: JupyterServer) -> None:
    place = f"http://127.0.0.1:{server.port}/base"
    process = server.process.pid
    with httpx.Client(trust_env=False) as browser:
        entered = browser.get(f"{place}/smstudio/enter?ticket={_ticket(server, process, seconds=1)}")
        assert entered.status_code == 302
        kept = entered.headers["set-cookie"].partition(";")[0]  # a browser that forgets no cookie
        eventually(
            lambda: (
                httpx.get(f"{place}/api/status", headers={"cookie": kept}, trust_env=False).status_code == 403
            ),
            what="the session's end",
        )
        for ticket in (
            _ticket(server, process, seconds=60, expires=-1),
            _ticket(server, process + 1, seconds=60),
            "../servers/x",
            "",
        ):
            refused = browser.get(f"{place}/smstudio/enter?ticket={ticket}")
            assert refused.status_code == 403
            assert "does not open Studio" in refused.text
            assert "set-cookie" not in refused.headers


def _ticket(server: JupyterServer, process: int, *, seconds: float, expires: float = 60) -> str:
    """A ticket as the engine writes it."""
    ticket = secrets.token_urlsafe(32)
    content = {"user": "ada", "server": process, "seconds": seconds, "expires": time.time() + expires}
    file = _ticket_file(server, ticket)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))
    return ticket


def _ticket_file(server: JupyterServer, ticket: str) -> Path:
    """Where the engine keeps a ticket."""
    return server.engine_dir / "studio" / "tickets" / f"{hashlib.sha256(ticket.encode()).hexdigest()}.json"
