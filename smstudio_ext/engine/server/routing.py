"""Finds out which service, protocol and operation a request is for."""

from __future__ import annotations

from dataclasses import dataclass, field

from botocore.model import OperationModel

from smstudio_ext.engine.protocol import models, query_wire
from smstudio_ext.engine.protocol.http import HttpRequest
from smstudio_ext.engine.protocol.models import ServiceApi


@dataclass
class Target:
    """Where a request goes.

    Attributes:
        service: botocore's service name; the signing name where botocore knows none.
        protocol: how this request speaks (`json`, `query`, `rest-json`, `rest-xml`).
        operation: its name; "" when it cannot be told (S3 tells its own apart).
        labels: percent-encoded labels of a REST path.
        form: fields of a query request.
    """

    service: str
    protocol: str
    api: ServiceApi | None
    operation: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    json_version: str = "1.1"

    @property
    def model(self) -> OperationModel | None:
        """The model of the operation, if the service has it."""
        return self.api.operation(self.operation) if self.api is not None and self.operation else None


def find_service(http: HttpRequest, signing_name: str | None) -> Target:
    """The service and protocol of a request, from what needs no body.

    Args:
        signing_name: of the credential scope; None for an unsigned request, whose wire is guessed so that the
            refusal has a shape that its client reads.
    """
    prefix, _, name = http.headers.get("x-amz-target", "").rpartition(".")
    if signing_name is None:
        return _guess(http, prefix, name)
    if signing_name == "s3":
        return Target("s3", "rest-xml", None)
    if signing_name == "sagemaker" and not prefix:
        for service in models.SIGNED_AS_SAGEMAKER:
            api = models.load(service)
            found = api.match(http.method, http.path) if api is not None else None
            if api is not None and found is not None:
                return Target(service, "rest-json", api, *found)
    api = models.by_signing_name(signing_name)
    if api is None:
        return Target(signing_name, "json" if prefix else "rest-json", None, name)
    content_type = http.headers.get("content-type", "")
    if prefix:
        version = "1.0" if "json-1.0" in content_type else "1.1"
        return Target(api.name, "json", api, name, json_version=version)
    if "query" in api.protocols or "ec2" in api.protocols:
        return Target(api.name, "query", api)
    if api.protocol.startswith("rest"):
        found = api.match(http.method, http.path)
        return Target(api.name, api.protocol, api, *(found or ("", {})))
    return Target(api.name, "json", api)


def find_query_operation(target: Target, http: HttpRequest, body: bytes) -> None:
    """Fills in the operation of a query request, which is in its body."""
    target.form = query_wire.fields(body, http.query)
    target.operation = target.form.get("Action", "")


def _guess(http: HttpRequest, prefix: str, name: str) -> Target:
    if prefix:
        return Target(prefix, "json", None, name)
    if (
        http.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        or "Action=" in http.query
    ):
        return Target("", "query", None)
    runtime = models.load("sagemaker-runtime")
    if runtime is not None and runtime.match(http.method, http.path):
        return Target("sagemaker-runtime", "rest-json", runtime)
    return Target("s3", "rest-xml", None)
