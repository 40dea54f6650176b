"""The ProductionVariants of DescribeEndpoint, made from what serves and what is wanted."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.hosting.fleet import Fleet, Variant


def variant_summaries(serving: Fleet | None, wanted: Fleet, now: float) -> list[dict[str, Any]]:
    """ProductionVariantSummary of every variant.

    Args:
        serving: the fleet that takes the traffic; None while an endpoint is being created.
        wanted: the fleet it is to have (the same one when nothing changes).
        now: when this state began, for VariantStatus.
    """
    return _summaries(None if serving is None else serving.variants, wanted.variants, serving is wanted, now)


def shadow_summaries(serving: Fleet | None, wanted: Fleet, now: float) -> list[dict[str, Any]]:
    """The same of the shadow variants."""
    return _summaries(None if serving is None else serving.shadows, wanted.shadows, serving is wanted, now)


def _summaries(
    serving: list[Variant] | None, wanted: list[Variant], settled: bool, now: float
) -> list[dict[str, Any]]:
    wishes = {variant.name: variant for variant in wanted}
    if serving is None:
        return [_summary(variant, None, variant, "Creating", now) for variant in wanted]
    if settled:
        return [_summary(variant, variant, variant, None, now) for variant in serving]
    return [_summary(variant, variant, wishes.get(variant.name), "Updating", now) for variant in serving]


def _summary(
    shown: Variant, current: Variant | None, wanted: Variant | None, status: str | None, now: float
) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "VariantName": shown.name,
        "DeployedImages": [
            {
                "SpecifiedImage": container.image,
                "ResolvedImage": container.resolved_image or container.image,
                "ResolutionTime": shown.resolved_at,
            }
            for container in shown.containers
        ],
        "CurrentWeight": current.weight if current else 0.0,
        "DesiredWeight": wanted.weight if wanted else 0.0,
    }
    if shown.serverless is None:
        summary["CurrentInstanceCount"] = current.count if current else 0
        summary["DesiredInstanceCount"] = wanted.count if wanted else 0
    else:
        summary["CurrentServerlessConfig"] = (current or shown).serverless
        summary["DesiredServerlessConfig"] = wanted.serverless if wanted else None
    if shown.routing != "RANDOM":
        summary["RoutingConfig"] = {"RoutingStrategy": shown.routing}
    if status:
        summary["VariantStatus"] = [{"Status": status, "StartTime": now}]
    return {name: value for name, value in summary.items() if value is not None}
