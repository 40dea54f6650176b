"""Which endpoints serve a model, and what is said when a model that is in use is deleted."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from smstudio_ext.engine.hosting.endpoints import KIND
from smstudio_ext.engine.hosting.fleet import Fleet, endpoint_directory
from smstudio_ext.engine.hosting.servers import NOTICES, log_group

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.resources import Resource

log = logging.getLogger(__name__)

NOTICE_STREAM = "notices"
"""Log stream, beside those of the model servers, in which the engine writes to the owner of an endpoint."""


def endpoints_serving(ctx: EngineContext, region: str, model: str) -> list[Resource]:
    """Endpoints whose servers have the model loaded, or are loading it."""
    return [
        row
        for row in ctx.store.resources.unfinished([KIND])
        if row.region == region and row.status != "Deleting" and _serves(row, model)
    ]


def warn_of_deletion(ctx: EngineContext, region: str, model: str) -> list[str]:
    """Says in the engine's log, and in the log of each endpoint concerned, that a model in use is deleted.

    The endpoints go on: they have a copy of the model's data of their own. What no longer works is to make another endpoint
    of a configuration that names the model.

    Returns:
        Names of the endpoints.
    """
    rows = endpoints_serving(ctx, region, model)
    for row in rows:
        text = (
            f"WARNING: model {model} was deleted while endpoint {row.name} serves it. The endpoint goes on with its own copy; a "
            f"new endpoint, or an update to a configuration that names {model}, fails until the model is made again."
        )
        log.warning(text)
        _note(ctx, row, text)
    return [row.name for row in rows]


def _serves(row: Resource, model: str) -> bool:
    fleets = [Fleet.from_json(row.internal[key]) for key in ("serving", "next") if row.internal.get(key)]
    return any(variant.model == model for fleet in fleets for variant in fleet.all_variants())


def _note(ctx: EngineContext, row: Resource, text: str) -> None:
    path = endpoint_directory(ctx.settings, row.region, row.name, row.internal["id"]) / NOTICES
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{int(ctx.clock.now() * 1000):013d} {text}\n")
    except OSError:  # the endpoint is just being taken away
        return
    ctx.logs.register(row.region, log_group(row.name), NOTICE_STREAM, path)
