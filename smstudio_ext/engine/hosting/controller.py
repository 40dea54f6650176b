"""Makes endpoints what their rows say: brings fleets up, exchanges them, keeps them alive, takes them down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstudio_ext.engine.hosting import async_store
from smstudio_ext.engine.hosting.endpoints import KIND
from smstudio_ext.engine.hosting.fleet import Instance
from smstudio_ext.engine.hosting.health import watch_servers
from smstudio_ext.engine.hosting.invocations import flush_invocations
from smstudio_ext.engine.hosting.rollout import Rollout
from smstudio_ext.engine.hosting.serverless import release_idle
from smstudio_ext.engine.hosting.utilisation import publish_utilisation
from smstudio_ext.engine.hosting.work import LOOK_SECONDS, EndpointWork
from smstudio_ext.engine.runtime.reconciler import DONE, After, Next, controller

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.resources import Resource

LINGER_SECONDS = 0.5
"""How long a server that takes no new requests stays, for those that were just sent to it."""

_DRAIN_SECONDS = 60.0
_DELETE_GRACE = 2.0


@controller
class EndpointController:
    """Moves endpoints along `hosting.states.ENDPOINT`.

    An endpoint in service is never finished: a server that ends is started again. All that a step needs after a
    crash of the engine is in the row; processes are found again by their folders.
    """

    kind = KIND

    def step(self, ctx: EngineContext, resource: Resource) -> Next:
        """One step of an endpoint."""
        work = EndpointWork(ctx, resource)
        if resource.status == "Failed":
            return _clear_failed(work)
        if resource.status == "Deleting":
            return _take_down(work)
        if resource.status in ("Creating", "Updating"):
            step = Rollout(work).forward()
        elif resource.status == "RollingBack":
            step = Rollout(work).back()
        else:
            step = _keep(work)
        if resource.status == "Creating" or not isinstance(step, After):
            return step
        if resource.status == "InService":
            return step
        # servers are looked after in the middle of a deployment as well
        retiring = work.retire(LINGER_SECONDS, _drain(work))
        pauses = [step.seconds, watch_servers(work), publish_utilisation(work)]
        return After(min([*pauses, retiring] if retiring is not None else pauses))


def _keep(work: EndpointWork) -> Next:
    """Starts ended servers again and takes retired and idle ones away."""
    serving = work.fleet("serving")
    assert serving is not None
    pauses = [
        work.tend(serving, work.fleet("next")),
        work.retire(LINGER_SECONDS, _drain(work)),
        release_idle(work, serving),
        watch_servers(work),
        publish_utilisation(work),
    ]
    return After(min(pause for pause in pauses if pause is not None))


def _drain(work: EndpointWork) -> float:
    """Seconds that a server gets for the requests that it is answering."""
    serving = work.fleet("serving")
    return _DRAIN_SECONDS if serving is None or serving.asynchronous is None else 3600.0


def _take_down(work: EndpointWork) -> Next:
    """Stops everything; when all is gone, the row goes too."""
    instances = [Instance(**entry["instance"]) for entry in work.resource.internal["retired"]]
    for key in ("serving", "next"):
        fleet = work.fleet(key)
        instances += [instance for _, instance in fleet.instances()] if fleet else []
    gone = [work.servers.stopped(instance, grace=_DELETE_GRACE) for instance in instances]
    if not all(gone):
        return After(LOOK_SECONDS)
    flush_invocations(work.ctx)  # whoever sees the endpoint gone finds all that was captured
    work.servers.remove()
    async_store.forget(work.ctx, work.resource.region, work.resource.name)
    work.ctx.store.resources.delete(*work.resource.key)
    return DONE


def _clear_failed(work: EndpointWork) -> Next:
    """Takes away what a failed creation left running."""
    pause = work.retire(0.0, _DELETE_GRACE)
    if pause is not None:
        return After(pause)
    work.servers.remove()
    # a deletion may have come meanwhile, and it must not be taken for finished
    work.edit(lambda row: setattr(row, "finished", True), during=frozenset({"Failed"}))
    return DONE
