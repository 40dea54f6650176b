"""A real Jupyter server process with the extension, and a client that is signed in to it."""

from __future__ import annotations

import json
import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from smstudio_ext.engine.server import lifecycle
from smstudio_ext.notebooks.home import environments_dir
from tests.conftest import PATIENCE, eventually
from tests.ports import HeldPort

ROOT = Path(__file__).resolve().parents[2]
AWS_CONFIG = """\
[default]
region = us-west-2
[profile work]
region = eu-west-1
aws_access_key_id = AKIAWORK
aws_secret_access_key = very-secret-text
"""


class JupyterServer:
    """One Jupyter server on folders of its own.

    Attributes:
        root: what its file browser shows.
        engine_dir: data directory of its local engine.
    """

    def __init__(
        self,
        home: Path,
        settings: dict[str, Any] | None = None,
        aws_config: str = AWS_CONFIG,
        authorizer: str = "jupyter_server.auth.AllowAllAuthorizer",
        extensions: tuple[str, ...] = (),
        environment: dict[str, str] | None = None,
    ) -> None:
        self.home = home
        self._further = environment or {}
        self.root = home / "files"
        self.engine_dir = home / "engine"
        self.token = secrets.token_hex(16)
        self._held = HeldPort()
        self.port = self._held.number
        self.root.mkdir(parents=True)
        (home / "aws-config").write_text(aws_config)
        config = home / "config"
        config.mkdir()
        settings = {"data_dir": str(self.engine_dir), **(settings or {})}
        (config / "jupyter_server_config.json").write_text(
            json.dumps(
                {
                    "ServerApp": {
                        "jpserver_extensions": {"smstudio_ext": True, **dict.fromkeys(extensions, True)},
                        "port": self.port,
                        "authorizer_class": authorizer,
                    },
                    "IdentityProvider": {"token": self.token},
                    "SmStudioApp": settings,
                }
            )
        )
        self.log = home / "server.log"
        self._config = config
        self.start()

    def start(self) -> None:
        """Starts the server on its folders; again after an end of it that was not `close`."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "jupyter_server",
                    "--allow-root",
                    "--no-browser",
                    "--ServerApp.port_retries=0",
                    f"--ServerApp.root_dir={self.root}",
                    "--ServerApp.base_url=/base/",
                ],
                env=self._environment(self._config),
                stdout=log,
                stderr=log,
            )
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}/base/smstudio/api/",
            headers={"Authorization": f"token {self.token}"},
            timeout=PATIENCE,
            trust_env=False,
        )
        eventually(self._answers, what=f"the Jupyter server's start: {self.log}")

    def close(self) -> None:
        """Ends the server and its engine."""
        self.client.close()
        self.process.terminate()
        self.process.wait(PATIENCE)
        self._held.release()
        lifecycle.reset_engine(self.engine_dir)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a GET that must succeed."""
        return self.expect(200, "GET", path, params=query)

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        """The JSON of a POST that must succeed."""
        return self.expect(status, "POST", path, json=body if body is not None else {})

    def expect(self, status: int, method: str, path: str, **options: Any) -> Any:
        """The JSON of an answer that must have a status."""
        answer = self.client.request(method, path, **options)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def fails(self, status: int, method: str, path: str, **options: Any) -> dict[str, Any]:
        """The error of an answer that must have a status, checked for its form."""
        error: dict[str, Any] = self.expect(status, method, path, **options)
        assert set(error) == {"code", "message", "hint", "request_id", "fields"}
        assert error["code"]
        assert error["message"]
        assert error["request_id"]
        assert "Traceback" not in json.dumps(error)
        return error

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended: {self.log.read_text()}")
        try:
            return self.client.get("openapi.json").status_code == 200
        except httpx.TransportError:
            return False

    def _environment(self, config: Path) -> dict[str, str]:
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "JUPYTER", "SMSTUDIO"))
        }
        return {
            **clean,
            "HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
            "JUPYTER_CONFIG_DIR": str(config),
            "JUPYTER_DATA_DIR": str(self.home / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
            "AWS_CONFIG_FILE": str(self.home / "aws-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.home / "no-credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "SMSTUDIO_ENVIRONMENTS": str(
                environments_dir()
            ),  # images are built once for all servers of tests
            **self._further,
        }


StartServer = Callable[..., JupyterServer]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """One Jupyter server for the tests of this process, with a real engine."""
    running = JupyterServer(tmp_path_factory.mktemp("jupyter"))
    yield running
    running.close()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Starts servers for one test alone."""
    started: list[JupyterServer] = []

    def start(settings: dict[str, Any] | None = None, *more: str) -> JupyterServer:
        started.append(JupyterServer(tmp_path / f"jupyter{len(started)}", settings, *more))
        return started[-1]

    yield start
    for running in started:
        running.close()


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    """Address of a moto server, a stand-in for AWS."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    running = ThreadedMotoServer(port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()
