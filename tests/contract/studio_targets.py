"""Targets of the contract tests: the real engine, and moto as a server that we did not write."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from smstudio_ext.target import LocalEngine, Target
from tests.conftest import RunningEngine

MOTO_ROLE = "arn:aws:iam::123456789012:role/Autopilot"


def engine_target(engine: RunningEngine) -> Target:
    """The engine of the tests as a target."""
    info = engine.info
    return Target.local(LocalEngine(info.url, info.access_key, info.secret_key, info.region))


@pytest.fixture(scope="module")
def moto_target() -> Iterator[Target]:
    """A moto server as an AWS account."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
            patch.delenv(name, raising=False)
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_CONFIG_FILE", "/dev/null")
        server = ThreadedMotoServer(port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        yield Target.aws(None, "us-east-1", MOTO_ROLE, endpoint_url=f"http://{host}:{port}")
        server.stop()


@pytest.fixture(params=["engine", "moto"])
def place(request: pytest.FixtureRequest) -> Target:
    """Each of the two."""
    if request.param == "engine":
        return engine_target(request.getfixturevalue("engine"))
    found: Target = request.getfixturevalue("moto_target")
    return found
