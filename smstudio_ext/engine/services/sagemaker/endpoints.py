"""Endpoint configurations and endpoints at the wire."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.hosting import configs, controller, endpoints
from smstudio_ext.engine.hosting.invocations import flush_invocations
from smstudio_ext.engine.runtime.listing import list_page
from smstudio_ext.engine.services.registry import operation

# the reconciler finds the controller by its registration
CONTROLLER = controller.EndpointController


@operation("sagemaker", "CreateEndpointConfig")
def create_endpoint_config(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Makes an endpoint configuration."""
    return {"EndpointConfigArn": configs.create_endpoint_config(ctx, call.region, request).arn}


@operation("sagemaker", "DescribeEndpointConfig")
def describe_endpoint_config(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Describes an endpoint configuration."""
    return configs.get_endpoint_config(ctx, call.region, request["EndpointConfigName"]).document


@operation("sagemaker", "ListEndpointConfigs")
def list_endpoint_configs(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Lists endpoint configurations."""
    page = list_page(ctx, call.region, configs.KIND, request)
    items = [
        {"EndpointConfigName": item.name, "EndpointConfigArn": item.arn, "CreationTime": item.created}
        for item in page.items
    ]
    return {"EndpointConfigs": items, "NextToken": page.next_token}


@operation("sagemaker", "DeleteEndpointConfig")
def delete_endpoint_config(ctx: EngineContext, call: Call, request: dict[str, Any]) -> None:
    """Takes an endpoint configuration away."""
    configs.delete_endpoint_config(ctx, call.region, request["EndpointConfigName"])


@operation("sagemaker", "CreateEndpoint")
def create_endpoint(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Starts the creation of an endpoint."""
    return {"EndpointArn": endpoints.create_endpoint(ctx, call.region, request).arn}


@operation("sagemaker", "DescribeEndpoint", settles=("Endpoint", "EndpointName"))
def describe_endpoint(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Describes an endpoint."""
    return endpoints.get_endpoint(ctx, call.region, request["EndpointName"]).document


@operation("sagemaker", "ListEndpoints")
def list_endpoints(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Lists endpoints."""
    page = list_page(ctx, call.region, endpoints.KIND, request)
    items = [
        {
            "EndpointName": item.name,
            "EndpointArn": item.arn,
            "CreationTime": item.created,
            "LastModifiedTime": item.document["LastModifiedTime"],
            "EndpointStatus": item.status,
        }
        for item in page.items
    ]
    return {"Endpoints": items, "NextToken": page.next_token}


@operation("sagemaker", "UpdateEndpoint")
def update_endpoint(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Starts the change of an endpoint to another configuration."""
    return {"EndpointArn": endpoints.update_endpoint(ctx, call.region, request).arn}


@operation("sagemaker", "UpdateEndpointWeightsAndCapacities")
def update_endpoint_weights_and_capacities(
    ctx: EngineContext, call: Call, request: dict[str, Any]
) -> dict[str, Any]:
    """Changes weights and instance counts of variants."""
    return {"EndpointArn": endpoints.update_weights_and_capacities(ctx, call.region, request).arn}


@operation("sagemaker", "DeleteEndpoint")
def delete_endpoint(ctx: EngineContext, call: Call, request: dict[str, Any]) -> None:
    """Starts the end of an endpoint; what its requests left is written at once."""
    endpoints.delete_endpoint(ctx, call.region, request["EndpointName"])
    flush_invocations(ctx)
