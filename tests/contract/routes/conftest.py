"""The two places, each with one Jupyter server for all tests of a worker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.contract.routes.gate import Gate
from tests.contract.routes.place import AWS_CONFIG, AWS_REGION, AWS_ROLE, Place
from tests.contract.routes.stand_ins import stand_ins
from tests.server.conftest import JupyterServer


@pytest.fixture(scope="session")
def gate() -> Iterator[Gate]:
    """Moto with the gate in front."""
    running = Gate(stand_ins())
    # Moto reads its data about EC2 on the first call, which takes seconds: before anybody waits for it.
    ec2: Any = boto3.client(
        "ec2",
        region_name=AWS_REGION,
        endpoint_url=running.url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    ec2.describe_vpcs()
    yield running
    running.close()


@pytest.fixture(scope="session")
def aws_place(tmp_path_factory: pytest.TempPathFactory, gate: Gate) -> Iterator[Place]:
    """A server whose target is moto."""
    home = tmp_path_factory.mktemp("routes-aws") / "jupyter"
    settings = {"target": "aws", "aws_profile": "moto", "role_arn": AWS_ROLE}
    server = JupyterServer(
        home,
        settings,
        AWS_CONFIG.format(url=gate.url),
        extensions=("tests.contract.routes.quick_waits",),
        environment={"SMSTUDIO_CONFIRM_COSTS": "0"},  # who asks for a confirmation has tests of its own
    )
    yield Place("aws", server, gate)
    server.close()


@pytest.fixture(scope="session")
def local_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server whose target is the engine."""
    server = JupyterServer(tmp_path_factory.mktemp("routes-local") / "jupyter")
    server.post("engine/start")
    yield Place("local", server, None)
    server.close()


@pytest.fixture(params=["local", "aws"])
def place(request: pytest.FixtureRequest) -> Place:
    """Each of the two."""
    found: Place = request.getfixturevalue(f"{request.param}_place")
    return found
