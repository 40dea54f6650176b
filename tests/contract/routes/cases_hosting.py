"""Cases of models and endpoints."""

from __future__ import annotations

from typing import Any

from tests.contract.routes import things
from tests.contract.routes.case import Case, lists, named
from tests.contract.routes.place import Place

VARIANT = "AllTraffic"


def _endpoint(p: Place) -> tuple[str]:
    return (things.endpoint(p),)


def _scaling(p: Place) -> tuple[str]:
    return (things.scaling_endpoint(p),)


def _invocation(p: Place) -> dict[str, Any]:
    return {"body": "0.9,0.9"}


CASES: dict[str, Case] = {
    "listModels": Case(query=lambda p: {"search": things.model(p)}, check=lists(things.model)),
    "describeModel": Case(parts=lambda p: (things.model(p),), check=named(things.model)),
    "listModelEndpoints": Case(parts=lambda p: (things.model(p),)),
    "listModelTransformJobs": Case(parts=lambda p: (things.model(p),)),
    "deleteModel": Case(parts=lambda p: (things.new_model(p),)),
    "deployModel": Case(
        parts=lambda p: (things.model(p),), body=lambda p: {"endpoint_name": p.name("of-model")}
    ),
    "listEndpoints": Case(query=lambda p: {"search": things.endpoint(p)}, check=lists(things.endpoint)),
    "getEndpointTags": Case(parts=_endpoint),
    "describeEndpoint": Case(parts=_endpoint, check=named(things.endpoint)),
    "deleteEndpoint": Case(
        parts=lambda p: (things.new_endpoint(p),),
        query=lambda p: {"config": "true"},
        check=lambda p, gone: bool(gone["done"]),
    ),
    "invokeEndpoint": Case(
        parts=_endpoint, body=_invocation, check=lambda p, found: found["status"] == "Complete"
    ),
    "invokeEndpointAsync": Case(parts=lambda p: (things.async_endpoint(p),), body=_invocation),
    "getAsyncResult": Case(
        parts=lambda p: (things.async_endpoint(p),),
        query=lambda p: {"output_s3_uri": f"s3://{p.bucket}/async/not-yet.out"},
        check=lambda p, found: found["status"] == "Pending",
    ),
    "getInvocationCode": Case(parts=_endpoint, body=_invocation),
    "changeTraffic": Case(
        parts=lambda p: (things.new_endpoint(p),),
        body=lambda p: {"variants": [{"name": VARIANT, "weight": 2}]},
    ),
    "getEndpointMetrics": Case(parts=_endpoint),
    "getEndpointScaling": Case(parts=_endpoint),
    "setScaling": Case(parts=_scaling, body=lambda p: {"variant": VARIANT, "max": 3}),
    "stopScaling": Case(parts=lambda p: (things.new_scaling(p),), query=lambda p: {"variant": VARIANT}),
    "removeScalingPolicy": Case(
        parts=_scaling, query=lambda p: {"variant": VARIANT, "policy": things.scaling_policy(p)}
    ),
    "setScalingSchedule": Case(parts=_scaling, body=lambda p: things.schedule("night")),
    "removeScalingSchedule": Case(
        parts=_scaling, query=lambda p: {"variant": VARIANT, "name": things.new_schedule(p)}
    ),
    "getUpdateOptions": Case(parts=_endpoint),
    "updateEndpoint": Case(
        parts=lambda p: (things.new_endpoint(p),),
        body=lambda p: {"variants": [{"name": VARIANT, "instance_count": 2}]},
    ),
    "getCapturedData": Case(parts=lambda p: (things.capturing_endpoint(p),)),
    "getEndpointLogs": Case(parts=_endpoint),
    "downloadEndpointLog": Case(parts=_endpoint),
    "setEndpointTags": Case(parts=_endpoint, body=lambda p: {"tags": [{"key": "team", "value": "a"}]}),
}
