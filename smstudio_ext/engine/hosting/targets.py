"""What an invocation needs before it is sent: a model of many, a container of several, a server of a serverless variant."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.hosting.chain import TARGET_CONTAINER
from smstudio_ext.engine.hosting.multi_model import (
    ARCHIVE,
    CACHE_HIT,
    LOADED_MODELS,
    LOADING_SECONDS,
    MODEL,
)
from smstudio_ext.engine.hosting.runtime_errors import Throttled, ValidationError
from smstudio_ext.engine.hosting.serverless import activity, request_servers
from smstudio_ext.engine.hosting.servers import MODELS
from smstudio_ext.engine.hosting.sources import TAR, ModelDataMissing, fetch
from smstudio_ext.engine.settings import ACCOUNT_ID
from smstudio_ext.engine.store.objects import parse_s3_uri

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.hosting.invocations import Invocation, Router
    from smstudio_ext.engine.hosting.link import Reply
    from smstudio_ext.engine.hosting.metrics import InvocationMetrics
    from smstudio_ext.engine.hosting.routes import EndpointRoute, VariantRoute

START_SECONDS = 60.0
"""Seconds that an invocation waits for a server of a serverless variant."""
TARGET_MODEL = "x-amzn-sagemaker-target-model"


async def headers_for(
    ctx: EngineContext, invocation: Invocation, route: EndpointRoute, variant: VariantRoute
) -> dict[str, str]:
    """The headers that the model server gets.

    Raises:
        ValidationError: the request names a container or a model that is not there, or none where one must be named.
    """
    _check_container(invocation, variant)
    if variant.models is None:
        if invocation.model is not None:
            raise ValidationError(
                f"TargetModel is not supported: endpoint {invocation.endpoint} of account {ACCOUNT_ID} is not a multi-model "
                "endpoint."
            )
        if invocation.container is None:
            return invocation.headers
        return {**invocation.headers, TARGET_CONTAINER: invocation.container}
    if invocation.model is None:
        raise ValidationError(
            f"Endpoint {invocation.endpoint} of account {ACCOUNT_ID} is a multi-model endpoint: TargetModel is required."
        )
    name, archive = await asyncio.to_thread(_model_archive, ctx, variant.models, invocation.model, route)
    return {**invocation.headers, TARGET_MODEL: invocation.model, MODEL: name, ARCHIVE: archive}


@contextlib.asynccontextmanager
async def admitted(
    ctx: EngineContext, router: Router, invocation: Invocation, variant: VariantRoute
) -> AsyncIterator[None]:
    """Counts a request of a serverless variant, and waits until it has a server.

    Raises:
        Throttled: MaxConcurrency requests are under way.
    """
    if variant.serverless is None:
        yield
        return
    record, key = activity(ctx), (invocation.region, invocation.endpoint, variant.name)
    running = record.running.get(key, 0)
    if running >= variant.serverless["MaxConcurrency"]:
        raise Throttled("Rate exceeded")
    record.begin(key, ctx.clock.monotonic())
    _count_concurrency(router.metrics, invocation, variant, running + 1)
    try:
        wanted = min(running + 1, variant.serverless["MaxConcurrency"], max(1, ctx.settings.cpus))
        if variant.size < wanted:
            await asyncio.to_thread(request_servers, ctx, *key, wanted)
        if not variant.servers:
            await _first_server(router, invocation, variant.name)
        yield
    finally:
        record.end(key, ctx.clock.monotonic())


def _count_concurrency(
    metrics: InvocationMetrics, invocation: Invocation, variant: VariantRoute, running: int
) -> None:
    """Metrics of a serverless variant when a request begins and so many are under way."""
    assert variant.serverless is not None
    dimensions = {"EndpointName": invocation.endpoint, "VariantName": variant.name}
    shares = {"ServerlessConcurrentExecutionsUtilization": running / variant.serverless["MaxConcurrency"]}
    provisioned = variant.serverless.get("ProvisionedConcurrency") or 0
    if provisioned:
        kind = "Spillover" if running > provisioned else ""
        metrics.add(
            invocation.region,
            dimensions,
            f"ServerlessProvisionedConcurrency{kind}Invocations",
            "Count",
            1.0,
        )
        shares["ServerlessProvisionedConcurrencyUtilization"] = min(1.0, running / provisioned)
    for name, share in shares.items():
        metrics.add(invocation.region, dimensions, name, "None", share)


async def _first_server(router: Router, invocation: Invocation, name: str) -> None:
    """Waits for the first server of a variant that had none; the time counts as ModelSetupTime."""
    begin = time.monotonic()
    while (left := begin + START_SECONDS - time.monotonic()) > 0:
        route = router.routes.find(invocation.region, invocation.endpoint)
        found = None if route is None else route.named(name)
        if found is None or found.servers:
            break
        await router.routes.changed(invocation.region, invocation.endpoint, min(left, 0.25))
    seconds = time.monotonic() - begin
    dimensions = {"EndpointName": invocation.endpoint, "VariantName": name}
    router.metrics.add(invocation.region, dimensions, "ModelSetupTime", "Microseconds", seconds * 1e6)


def count_models(
    metrics: InvocationMetrics, invocation: Invocation, variant: VariantRoute, reply: Reply
) -> None:
    """Metrics of a multi-model variant, from what its server says; the headers go no further."""
    if CACHE_HIT not in reply.headers:
        return
    dimensions = {"EndpointName": invocation.endpoint, "VariantName": variant.name}
    hit, loading = reply.headers.pop(CACHE_HIT), float(reply.headers.pop(LOADING_SECONDS))
    loaded = float(reply.headers.pop(LOADED_MODELS))
    metrics.add(invocation.region, dimensions, "ModelCacheHit", "None", float(hit))
    metrics.add(invocation.region, dimensions, "LoadedModelCount", "None", loaded)
    if hit == "0":
        metrics.add(invocation.region, dimensions, "ModelLoadingTime", "Microseconds", loading * 1e6)
        metrics.add(invocation.region, dimensions, "ModelLoadingWaitTime", "Microseconds", loading * 1e6)


def _check_container(invocation: Invocation, variant: VariantRoute) -> None:
    target = invocation.container
    if variant.containers and target is None:
        raise ValidationError(
            f"TargetContainerHostname is required: the containers of endpoint {invocation.endpoint} of account {ACCOUNT_ID} "
            f"are invoked directly. Containers: {', '.join(variant.containers)}."
        )
    if target is None:
        return
    if not variant.containers:
        raise ValidationError(
            f"TargetContainerHostname is not supported: endpoint {invocation.endpoint} of account {ACCOUNT_ID} does not "
            "have a model with InferenceExecutionConfig Mode Direct."
        )
    if target not in variant.containers:
        raise ValidationError(
            f"Container {target} not found for endpoint {invocation.endpoint} of account {ACCOUNT_ID}. Containers: "
            f"{', '.join(variant.containers)}."
        )


def _model_archive(ctx: EngineContext, prefix: str, model: str, route: EndpointRoute) -> tuple[str, str]:
    """A name for the content of a model of many, and where the engine keeps a copy of its archive."""
    location = parse_s3_uri(prefix if prefix.endswith("/") else prefix + "/")
    key = location.key + model.lstrip("/")
    missing = ValidationError(
        f"Failed to download model data(bucket: {location.bucket}, key: {key}). Please ensure that there is an object located "
        "at the URL and that the role passed to CreateModel has permissions to download the model."
    )
    try:
        found = ctx.objects.head(location.bucket, key)
    except AwsError:
        raise missing from None
    if found is None or ".." in model.split("/"):
        raise missing
    name = f"{model}@{found.etag}"
    assert route.directory is not None
    target = route.directory / "artifacts" / MODELS / hashlib.sha256(name.encode()).hexdigest()[:32]
    try:
        fetch(ctx.objects, f"s3://{location.bucket}/{key}", TAR, target, model)
    except ModelDataMissing:
        raise missing from None
    return name, str(target)
