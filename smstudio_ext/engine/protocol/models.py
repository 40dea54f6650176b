"""botocore's service models, loaded on first use: which operations a service has and how its wire looks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape, StructureShape

# The protocols of this engine, best first, as botocore picks them (CBOR left out: no client here needs it).
_PROTOCOLS = ("json", "rest-json", "rest-xml", "query", "ec2")

# Signing names that are not the name of botocore's service directory.
_BY_SIGNING_NAME = {"monitoring": "cloudwatch", "email": "ses", "elasticloadbalancing": "elbv2"}

# Services that sign as `sagemaker`, by the paths of their operations; the control plane itself has a target header.
SIGNED_AS_SAGEMAKER = (
    "sagemaker-runtime",
    "sagemaker-metrics",
    "sagemaker-featurestore-runtime",
    "sagemaker-edge",
    "sagemaker-a2i-runtime",
)

_loader = Loader()


@dataclass(frozen=True)
class Route:
    """An operation's place in a REST service: method and path template as a pattern."""

    method: str
    pattern: re.Pattern[str]
    operation: str
    weight: int


class ServiceApi:
    """One service: botocore's model and what is worked out from it once."""

    def __init__(self, name: str, model: ServiceModel) -> None:
        metadata = model.metadata
        protocols = metadata.get("protocols") or [metadata["protocol"]]
        self.name = name
        self.model = model
        self.protocol: str = next(
            (protocol for protocol in _PROTOCOLS if protocol in protocols), metadata["protocol"]
        )
        self.protocols: tuple[str, ...] = tuple(protocols)
        self.target_prefix: str = metadata.get("targetPrefix", "")
        self.json_version: str = metadata.get("jsonVersion", "1.0")
        self.query_compatible = "awsQueryCompatible" in metadata
        self.xml_namespace: str = metadata.get("xmlNamespace", "")
        self.operation_names = frozenset(model.operation_names)
        self._operations: dict[str, OperationModel] = {}
        self._routes: list[Route] | None = None

    def operation(self, name: str) -> OperationModel | None:
        """The model of an operation, or None where the service has none of that name."""
        found = self._operations.get(name)
        if found is None and name in self.operation_names:
            found = self._operations[name] = self.model.operation_model(name)
        return found

    def match(self, method: str, path: str) -> tuple[str, dict[str, str]] | None:
        """The operation at a REST path and its (still percent-encoded) labels."""
        if self._routes is None:
            self._routes = _routes(self.model)
        for route in self._routes:
            if route.method == method:
                found = route.pattern.fullmatch(path)
                if found is not None:
                    return route.operation, found.groupdict()
        return None

    def error_codes(self) -> dict[str, tuple[str, int]]:
        """Modelled errors: shape name -> (code on the wire, HTTP status)."""
        return _error_codes(self.name)


@cache
def load(service: str) -> ServiceApi | None:
    """The service of that botocore name, or None."""
    try:
        document = _loader.load_service_model(service, "service-2")
    except UnknownServiceError:
        return None
    return ServiceApi(service, ServiceModel(document, service))


def by_signing_name(signing_name: str) -> ServiceApi | None:
    """The service that signs with this name (the control plane for `sagemaker`)."""
    return load(_BY_SIGNING_NAME.get(signing_name, signing_name))


@cache
def _error_codes(service: str) -> dict[str, tuple[str, int]]:
    api = load(service)
    assert api is not None
    codes: dict[str, tuple[str, int]] = {}
    for shape in api.model.error_shapes:
        error: dict[str, Any] = shape.metadata.get("error", {})
        codes[shape.name] = (error.get("code", shape.name), int(error.get("httpStatusCode", 400)))
    return codes


def _routes(model: ServiceModel) -> list[Route]:
    routes = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        template = http["requestUri"].split("?")[0]
        pattern = ""
        for piece in re.split(r"(\{[^}]+\})", template):
            if piece.startswith("{"):
                label = piece[1:-1]
                pattern += f"(?P<{label.rstrip('+')}>{'.+' if label.endswith('+') else '[^/]+'})"
            else:
                pattern += re.escape(piece)
        weight = len(re.sub(r"\{[^}]+\}", "", template))
        routes.append(Route(http.get("method", "POST"), re.compile(pattern), name, weight))
    return sorted(routes, key=lambda route: -route.weight)


def members(shape: Shape) -> dict[str, Shape]:
    """Members of a structure."""
    assert isinstance(shape, StructureShape)
    found: dict[str, Shape] = shape.members
    return found
