"""Shifts an endpoint's traffic among its variants and changes their instance counts."""

from __future__ import annotations

from typing import Any

from smstudio_ext.studio.limits import check_request
from smstudio_ext.studio.models.base import Accepted
from smstudio_ext.studio.models.hosting import ChangeTraffic
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.target import Target

_TRAFFIC_FIELDS = {
    "DesiredWeightsAndCapacities.DesiredWeight": "variants",
    "DesiredWeightsAndCapacities.DesiredInstanceCount": "variants",
    "DesiredWeightsAndCapacities.VariantName": "variants",
}


def change_traffic(target: Target, name: str, form: ChangeTraffic) -> Accepted:
    """Shifts weights and instance counts; the endpoint goes on answering.

    Raises:
        BadInput: a variant that the endpoint has not, or all weights zero.
    """
    sagemaker = target.client("sagemaker")
    known = variant_names(sagemaker, name)
    unknown = [each.name for each in form.variants if each.name not in known]
    if unknown:
        text = f"the endpoint has no variant {', '.join(unknown)}"
        raise BadInput(text, fields=[("variants", text)])
    weights = [each.weight for each in form.variants if each.weight is not None]
    if len(weights) == len(known) and not any(weights):
        raise BadInput("All weights are zero.", fields=[("variants", "at least one weight must be above 0")])
    wanted = []
    for each in form.variants:
        entry: dict[str, Any] = {"VariantName": each.name}
        if each.weight is not None:
            entry["DesiredWeight"] = each.weight
        if each.instances is not None:
            entry["DesiredInstanceCount"] = each.instances
        wanted.append(entry)
    request = {"EndpointName": name, "DesiredWeightsAndCapacities": wanted}
    check_request(sagemaker, "UpdateEndpointWeightsAndCapacities", request, _TRAFFIC_FIELDS)
    sagemaker.update_endpoint_weights_and_capacities(**request)
    return Accepted(name=name)


def variant_names(sagemaker: Any, name: str) -> list[str]:
    """Names of an endpoint's production variants.

    Raises:
        botocore.exceptions.ClientError: there is no such endpoint.
    """
    endpoint = sagemaker.describe_endpoint(EndpointName=name)
    return [variant["VariantName"] for variant in endpoint.get("ProductionVariants", [])]
