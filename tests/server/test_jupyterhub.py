"""Several users through a real JupyterHub: its test spawner, its test authenticator, one server a user."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from smstudio_ext.engine.server import lifecycle
from tests.conftest import PATIENCE, busy_machine, eventually
from tests.ports import HeldPort

pytest.importorskip("jupyterhub", reason="pip install jupyterhub")
pytestmark = pytest.mark.timeout(1200)  # three servers, each of which a busy machine may start slowly

ROOT = Path(__file__).resolve().parents[2]
SHARED = ("ann", "ben")
"""Users whose servers have one data directory; eve's has her own."""

CONFIG = """\
import sys
from aiohttp import ClientTimeout
sys.path.insert(0, "{root}")
from tests.server.hub_spawner import WatchedSpawner
c.JupyterHub.spawner_class = WatchedSpawner
c.JupyterHubHTTPClient.session_options = {{"timeout": ClientTimeout(total=60)}}  # 300 by itself: longer than anybody waits
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.JupyterHub.db_url = "sqlite:///{home}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{home}/cookie"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allowed_users = {{"ann", "ben", "eve"}}
c.SimpleLocalProcessSpawner.home_dir_template = "{home}/{{username}}"
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser", "--allow-root"]
c.Spawner.start_timeout = 225  # a server that ends is noticed at once: this is for one that hangs
c.Spawner.http_timeout = 150
c.Spawner.environment = {{
    "JUPYTER_CONFIG_DIR": "{home}/config",
    "PYTHONPATH": "{root}",
    "PYTHONFAULTHANDLER": "1",
    "SMSTUDIO_HOME": lambda spawner: "{home}/shared" if spawner.user.name in {shared} else "{home}/own-of-eve",
}}
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.ConfigurableHTTPProxy.pid_file = "{home}/proxy.pid"
c.JupyterHub.services = [{{"name": "tests", "api_token": "{token}"}}]
c.JupyterHub.load_roles = [
    {{"name": "tests", "services": ["tests"], "scopes": ["admin:users", "admin:servers", "tokens", "access:servers"]}}
]
"""


class Hub:
    """A running hub; `client` administers it."""

    def __init__(self, home: Path, proxy: str) -> None:
        self.home = home
        self._held = [HeldPort() for _ in range(3)]
        self.port, hub_port, api_port = (each.number for each in self._held)
        token = secrets.token_hex(16)
        (home / "config").mkdir(parents=True)
        # The language servers' start asks npm, nbdime's asks git: nothing of this test.
        extensions = {"smstudio_ext": True, "jupyter_lsp": False, "nbdime": False}
        (home / "config" / "jupyter_server_config.json").write_text(
            json.dumps({"ServerApp": {"jpserver_extensions": extensions}})
        )
        (home / "hub.py").write_text(
            CONFIG.format(
                port=self.port,
                hub_port=hub_port,
                api_port=api_port,
                home=home,
                root=ROOT,
                shared=SHARED,
                proxy=proxy,
                token=token,
            )
        )
        with (home / "hub.log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", str(home / "hub.py")],
                cwd=home,
                stdout=log,
                stderr=log,
            )
        self.client = self.signed_in(token)
        try:
            eventually(self._answers, what=f"the hub's start: {home / 'hub.log'}")
        except BaseException:
            self.process.terminate()
            raise

    def signed_in(self, token: str) -> httpx.Client:
        """A client with a token of the hub's."""
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}/",
            headers={"Authorization": f"token {token}"},
            timeout=PATIENCE,
            trust_env=False,
        )

    def users(self, *names: str) -> list[httpx.Client]:
        """Starts users' servers; clients that are signed in as those users, with all that a browser of theirs may."""
        for name in names:
            self._start(name)
        return [self.signed_in(self._post(f"hub/api/users/{name}/tokens")["token"]) for name in names]

    def _start(self, name: str) -> None:
        """Starts the server of a user, and again if a start failed, which is told among the warnings."""
        deadline = time.monotonic() + 2.5 * PATIENCE  # a hung start, and another one
        while not self._is_ready(name):
            if time.monotonic() > deadline:
                raise AssertionError(f"the server of {name} did not start: {busy_machine()}\n{self._log()}")
            answer = self.client.post(f"hub/api/users/{name}/server", json={})  # 202, while it starts
            if answer.status_code != 201:
                time.sleep(0.5)
        if re.search(r"\[[EC] [^]]*JupyterHub |giving up", self._log(), re.IGNORECASE):
            warnings.warn(f"Not every start went well: {self._log()}", stacklevel=2)

    def _log(self) -> str:
        """The end of what the hub and the servers printed, without the answers to our own questions."""
        lines = (self.home / "hub.log").read_text().splitlines()
        return "\n".join(line for line in lines if "(tests@" not in line)[-9000:]

    def _is_ready(self, name: str) -> bool:
        return bool(self.client.get(f"hub/api/users/{name}").json()["servers"].get("", {}).get("ready"))

    def _post(self, path: str) -> Any:
        answer = self.client.post(path, json={})
        assert answer.status_code < 300, answer.text
        return answer.json()

    def close(self) -> None:
        """Ends the hub with its proxy, its servers and their engines."""
        for name in (*SHARED, "eve"):
            self.client.delete(f"hub/api/users/{name}/server")
        self.client.close()
        self.process.terminate()
        self.process.wait(PATIENCE)
        for each in self._held:
            each.release()
        for folder in ("shared", "own-of-eve"):
            lifecycle.reset_engine(self.home / folder)

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"the hub ended: {self._log()}")
        try:
            return self.client.get("hub/api/users").status_code == 200
        except httpx.TransportError:
            return False


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    proxy = _proxy()
    if proxy is None:
        pytest.skip("needs JupyterHub's proxy: npm install configurable-http-proxy")
    running = Hub(tmp_path_factory.mktemp("hub"), proxy)
    yield running
    running.close()


def test_users_have_servers_of_their_own_and_share_what_their_domain_has(hub: Hub) -> None:
    ann, ben, eve = hub.users("ann", "ben", "eve")
    (hub.home / "ann" / "report.ipynb").write_text(
        json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    made = ann.post("user/ann/smstudio/api/snapshots", json={"path": "report.ipynb"})
    assert made.status_code == 201, made.text
    snapshot = made.json()
    assert snapshot["user"] == "ann"

    # Nobody gets into the server of another user.
    for other in (ben, eve):
        for path in ("smstudio/api/status", f"smstudio/api/snapshots/{snapshot['name']}", "api/contents"):
            assert other.get(f"user/ann/{path}").status_code == 403

    # Ben's server works with the same domain: he opens the link in his own, and does not own the snapshot.
    seen = ben.get(f"user/ben/smstudio/api/snapshots/{snapshot['name']}")
    assert seen.status_code == 200, seen.text
    assert seen.json()["snapshot"]["own"] is False
    assert ben.delete(f"user/ben/smstudio/api/snapshots/{snapshot['name']}").status_code == 403
    assert ben.get("user/ben/smstudio/api/snapshots").json()["items"] == []
    profiles = ben.get("user/ben/smstudio/api/domains").json()
    assert len(profiles["items"]) == 1

    # Eve's has a data directory, and so an engine and a domain, of its own: the link says nothing there.
    missing = eve.get(f"user/eve/smstudio/api/snapshots/{snapshot['name']}")
    assert missing.status_code == 404, missing.text
    assert (hub.home / "shared" / "engine.json").is_file()
    assert (hub.home / "own-of-eve" / "engine.json").is_file()


def test_a_link_to_a_snapshot_leads_each_user_to_their_own_server(hub: Hub) -> None:
    hub.users("ben")  # else the link leads to a page that starts a server, and waits there
    link = f"http://127.0.0.1:{hub.port}/hub/user-redirect/lab?smstudio-snapshot=ann.abc"
    with httpx.Client(trust_env=False, timeout=PATIENCE) as browser:
        asked = browser.get(link)
        assert asked.status_code == 302
        assert "/hub/login?next=" in asked.headers["location"]
        login = browser.get(httpx.URL(link).join(asked.headers["location"]))
        assert login.status_code == 200
        signed = browser.post(
            login.url,
            data={"username": "ben", "password": "", "_xsrf": browser.cookies["_xsrf"]},
        )
        assert signed.status_code == 302, signed.text
        led = browser.get(link)
        while "/hub/" in led.headers["location"]:  # the page that starts a server, which sees that one runs
            led = browser.get(httpx.URL(link).join(led.headers["location"]))
            assert led.status_code == 302, led.text
        assert led.headers["location"].endswith("/user/ben/lab?smstudio-snapshot=ann.abc")


def _proxy() -> str | None:
    for folder in (ROOT / "node_modules" / ".bin", ROOT / "ui-tests" / "node_modules" / ".bin"):
        if (folder / "configurable-http-proxy").exists():
            return str(folder / "configurable-http-proxy")
    return shutil.which("configurable-http-proxy")
