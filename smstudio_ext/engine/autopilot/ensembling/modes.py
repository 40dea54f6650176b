"""Which training mode an Autopilot job runs in."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from smstudio_ext.engine.store.objects import parse_s3_uri

if TYPE_CHECKING:
    from smstudio_ext.engine.autopilot.specification import Specification
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store import Resource

TUNING = "HYPERPARAMETER_TUNING"
ENSEMBLING = "ENSEMBLING"

SMALL_BYTES = 100 * 1000 * 1000
"""AUTO takes ENSEMBLING up to this size (https://docs.aws.amazon.com/sagemaker/latest/dg/autopilot-model-support-validation.html)."""
MOST_OBJECTS = 1000
"""Of a prefix with more objects AUTO does not know the size and takes HYPERPARAMETER_TUNING."""


def resolve_mode(ctx: EngineContext, spec: Specification) -> str:
    """The mode that a job runs in: what the request names, or AWS's choice by the size of the data for AUTO.

    A pilot ends with candidate definitions, which only HYPERPARAMETER_TUNING has; sample weights count in ENSEMBLING only.
    """
    if spec.mode != "AUTO":
        return spec.mode
    if spec.sample_weight is not None:
        return ENSEMBLING
    # CreateAutoMLJob without a mode is what notebooks of its first years send: they read the candidates' definitions.
    if spec.pilot or not (spec.mode_given or spec.v2):
        return TUNING
    size = input_bytes(ctx, spec)
    return ENSEMBLING if size is not None and size <= SMALL_BYTES else TUNING


def is_ensembling(job: Resource) -> bool:
    """Whether an Autopilot job's row is one of mode ENSEMBLING."""
    return bool(job.internal["specification"]["mode"] == ENSEMBLING)


def input_bytes(ctx: EngineContext, spec: Specification) -> int | None:
    """Bytes of the training channel's objects; None when AWS's service would not know them."""
    channel = spec.training
    if channel.data_type != "S3Prefix":
        return None
    place = parse_s3_uri(channel.uri)
    found = list(islice(ctx.objects.iterate(place.bucket, place.key), MOST_OBJECTS + 1))
    return sum(one.size for one in found) if len(found) <= MOST_OBJECTS else None
