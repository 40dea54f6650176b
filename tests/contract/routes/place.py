"""One of the two places that routes are asked at: a Jupyter server on the local engine, or on moto as an AWS account."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import boto3

from smstudio_ext.engine.server import lifecycle

if TYPE_CHECKING:
    import httpx

    from tests.contract.routes.gate import Gate
    from tests.server.conftest import JupyterServer

PlaceKind = Literal["local", "aws"]
AWS_REGION = "us-east-2"
AWS_ROLE = "arn:aws:iam::123456789012:role/Autopilot"
LOCAL_ROLE = "arn:aws:iam::000000000000:role/AmazonSageMaker-ExecutionRole"
AWS_CONFIG = """\
[profile moto]
region = us-east-2
endpoint_url = {url}
aws_access_key_id = testing
aws_secret_access_key = testing
[profile away]
region = us-east-2
endpoint_url = http://127.0.0.1:9
aws_access_key_id = testing
aws_secret_access_key = testing
[profile empty]
region = us-east-2
endpoint_url = {url}
"""


_new_client: Any = boto3.client  # by a name that is not known here


class Place:
    """A Jupyter server with its target.

    Attributes:
        gate: in front of moto; none for the engine.
        region, role: of the target.
        made: what tests made here and share, by name.
    """

    def __init__(self, kind: PlaceKind, server: JupyterServer, gate: Gate | None) -> None:
        self.kind: PlaceKind = kind
        self.server = server
        self.gate = gate
        self.region = AWS_REGION if kind == "aws" else "us-east-1"
        self.role = AWS_ROLE if kind == "aws" else LOCAL_ROLE
        account = self.role.split(":")[4]
        self.bucket = f"sagemaker-{self.region}-{account}"
        self.made: dict[str, Any] = {}
        self._numbers = itertools.count(1)
        self._clients: dict[str, Any] = {}

    @property
    def aws(self) -> bool:
        """Whether the target is the AWS account."""
        return self.kind == "aws"

    def client(self, service: str) -> Any:
        """A plain boto3 client of the target."""
        if service not in self._clients:
            self._clients[service] = _new_client(service, region_name=self.region, **self._access())
        return self._clients[service]

    def forget_clients(self) -> None:
        """Makes clients anew: the engine was restarted, at another port."""
        self._clients.clear()

    def name(self, prefix: str) -> str:
        """A name that nothing here has."""
        return f"{prefix}-{next(self._numbers)}"

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` made the first time."""
        if name not in self.made:
            self.made[name] = make()
        return self.made[name]

    def request(
        self, method: str, path: str, *, query: dict[str, Any] | None = None, body: Any = None
    ) -> httpx.Response:
        """Asks a route."""
        options: dict[str, Any] = {"params": query or {}}
        if method in ("POST", "PUT"):
            options["json"] = body if body is not None else {}
        return self.server.client.request(method, path, **options)

    def _access(self) -> dict[str, Any]:
        if self.gate is not None:
            return {
                "endpoint_url": self.gate.url,
                "aws_access_key_id": "testing",
                "aws_secret_access_key": "testing",
            }
        info = lifecycle.read_engine(self.server.engine_dir)
        assert info is not None, "the engine runs from the first request on"
        return {
            "endpoint_url": info.url,
            "aws_access_key_id": info.access_key,
            "aws_secret_access_key": info.secret_key,
        }
