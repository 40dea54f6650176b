"""Asynchronous endpoints: takes invocations into a queue that outlives the engine, and works it off."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.hosting import async_store
from smstudio_ext.engine.hosting.async_store import AsyncInvocation
from smstudio_ext.engine.hosting.invocations import Answer, Invocation, Router, ValidationError, router
from smstudio_ext.engine.settings import ACCOUNT_ID
from smstudio_ext.engine.store.objects import parse_s3_uri

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext

log = logging.getLogger(__name__)

INPUT_LIMIT = 1024 * 1024 * 1024
"""Largest input of an asynchronous invocation, bytes."""
INLINE_LIMIT = 128_000
DEFAULT_TTL = 21_600.0
DEFAULT_TIMEOUT = 900.0
DEFAULT_CONCURRENCY = 4
"""Invocations that an instance answers at a time, if the configuration does not say."""

_PART = "hosting.async"
_IDLE_SECONDS = 1.0
_RETRY_SECONDS = 2.0


@dataclass
class Accepted:
    """What the caller of InvokeEndpointAsync is told."""

    inference_id: str
    output: str
    failure: str | None


@dataclass
class Wish:
    """The parameters of InvokeEndpointAsync.

    Attributes:
        input: InputLocation; None when `body` is given.
        extension: S3OutputPathExtension, a folder below the output path.
        file_name: Filename of the output in place of `<id>.out`.
    """

    region: str
    endpoint: str
    input: str | None
    body: bytes = b""
    content_type: str = ""
    accept: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    inference_id: str | None = None
    extension: str | None = None
    file_name: str | None = None
    ttl: float = DEFAULT_TTL
    timeout: float = DEFAULT_TIMEOUT


@dataclass
class _Lane:
    """The queue of one endpoint."""

    waiting: deque[AsyncInvocation] = field(default_factory=deque)
    running: int = 0
    worker: asyncio.Task[None] | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)


class AsyncQueue:
    """The queues of all asynchronous endpoints. Belongs to the event loop."""

    def __init__(self, ctx: EngineContext) -> None:
        self._ctx = ctx
        self._router: Router = router(ctx)
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Takes up what an engine before this one left."""
        for invocation in await asyncio.to_thread(lambda: list(async_store.waiting(self._ctx))):
            self._enqueue(invocation)

    async def accept(self, wish: Wish) -> Accepted:
        """Puts an invocation into its endpoint's queue.

        Raises:
            ValidationError: no asynchronous endpoint of that name is in service, or the input is not there.
        """
        route = self._router.route(Invocation(wish.region, wish.endpoint, b""))
        if route.asynchronous is None:
            raise ValidationError(
                f"Endpoint {wish.endpoint} of account {ACCOUNT_ID} is not an asynchronous endpoint; call InvokeEndpoint."
            )
        await asyncio.to_thread(self._check_input, wish)
        identity = str(uuid.uuid4())
        output = route.asynchronous["OutputConfig"]
        place = output.get("S3OutputPath") or await asyncio.to_thread(self._default_place, wish.region)
        name = "/".join(
            filter(None, [(wish.extension or "").strip("/"), wish.file_name or f"{identity}.out"])
        )
        failure = output.get("S3FailurePath")
        invocation = AsyncInvocation(
            region=wish.region,
            endpoint=wish.endpoint,
            inference_id=wish.inference_id or identity,
            input=wish.input,
            body=None if wish.input is not None else base64.b64encode(wish.body).decode(),
            output=f"{place.rstrip('/')}/{name}",
            failure=f"{failure.rstrip('/')}/{identity}-error.out" if failure else None,
            content_type=wish.content_type,
            accept=wish.accept,
            headers=wish.headers,
            accepted=self._ctx.clock.now(),
            expires=wish.ttl,
            timeout=wish.timeout,
        )
        await asyncio.to_thread(async_store.save, self._ctx, invocation)
        self._enqueue(invocation)
        return Accepted(invocation.inference_id, invocation.output, invocation.failure)

    def close(self) -> None:
        """Stops working; what waits stays in the store."""
        for lane in self._lanes.values():
            if lane.worker is not None:
                with contextlib.suppress(RuntimeError):  # its loop has ended before
                    lane.worker.cancel()

    def _default_place(self, region: str) -> str:
        """Where answers go when the configuration has no S3OutputPath: the bucket that the SDK takes too."""
        bucket = f"sagemaker-{region}-{ACCOUNT_ID}"
        if self._ctx.objects.bucket(bucket) is None:
            with contextlib.suppress(AwsError):  # another request was first
                self._ctx.objects.create_bucket(bucket, region)
        return f"s3://{bucket}/async-endpoint-outputs"

    def _check_input(self, wish: Wish) -> None:
        if wish.input is None:
            if not wish.body or len(wish.body) > INLINE_LIMIT:
                raise ValidationError(f"Give an InputLocation, or a Body of 1 to {INLINE_LIMIT} bytes.")
            return
        try:
            location = parse_s3_uri(wish.input)
            found = self._ctx.objects.head(location.bucket, location.key)
        except AwsError:
            found = None
        if found is None:
            raise ValidationError(f"Failed to access the input object at {wish.input}: there is none.")
        if found.size > INPUT_LIMIT:
            raise ValidationError(f"The input at {wish.input} is larger than {INPUT_LIMIT} bytes.")

    def _enqueue(self, invocation: AsyncInvocation) -> None:
        lane = self._lanes.setdefault((invocation.region, invocation.endpoint), _Lane())
        lane.waiting.append(invocation)
        lane.wake.set()
        if lane.worker is None or lane.worker.done():
            key = (invocation.region, invocation.endpoint)
            lane.worker = asyncio.get_running_loop().create_task(self._work(key, lane))

    async def _work(self, key: tuple[str, str], lane: _Lane) -> None:
        """Starts invocations as fast as the endpoint's servers may take them, until the queue is empty."""
        while lane.waiting:
            lane.wake.clear()
            status = self._ctx.store.resources.status("Endpoint", *key)
            if status is None or status == "Deleting":
                lane.waiting.clear()
                return
            expired = self._ctx.clock.now() - lane.waiting[0].accepted > lane.waiting[0].expires
            route = self._router.routes.find(*key)
            per_instance = DEFAULT_CONCURRENCY
            servers = 0
            if route is not None and route.asynchronous is not None:
                client = route.asynchronous.get("ClientConfig") or {}
                per_instance = client.get("MaxConcurrentInvocationsPerInstance", DEFAULT_CONCURRENCY)
                servers = len(route.links())
            if expired or lane.running < per_instance * servers:
                invocation = lane.waiting.popleft()
                lane.running += 1
                task = asyncio.get_running_loop().create_task(self._run(invocation, lane))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
                continue
            if servers:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(lane.wake.wait(), _IDLE_SECONDS)
            else:
                await self._router.routes.changed(*key, _IDLE_SECONDS)

    async def _run(self, invocation: AsyncInvocation, lane: _Lane) -> None:
        try:
            if await self._answer(invocation):
                await asyncio.to_thread(async_store.done, self._ctx, invocation)
            else:
                await asyncio.sleep(_RETRY_SECONDS)
                self._enqueue(invocation)
        except Exception:  # a full disk, say: it stays in the store and is taken up by the next engine
            log.exception("asynchronous invocation %s could not be finished", invocation.inference_id)
        finally:
            lane.running -= 1
            lane.wake.set()

    async def _answer(self, invocation: AsyncInvocation) -> bool:
        """Asks the model and stores its answer, or why there is none; False when it is to be tried again."""
        begun = self._ctx.clock.now()
        if begun - invocation.accepted > invocation.expires:
            await self._fail(invocation, "The request expired before it was processed.", "ExpiredRequests")
            return True
        try:
            body, content_type = await asyncio.to_thread(self._input, invocation)
            asked = Invocation(
                invocation.region,
                invocation.endpoint,
                body,
                content_type,
                invocation.accept,
                invocation.headers,
                timeout=invocation.timeout,
            )
            route = self._router.route(asked)
            variant = route.choose() or route.variants[0]
            answer = await self._router.ask(asked, route, variant)
        except AwsError as error:
            if error.code == "ServiceUnavailable":
                return False
            await self._fail(invocation, error.message, "InvocationFailures")
            return True
        try:
            await asyncio.to_thread(self._store, invocation.output, answer)
        except AwsError as error:  # its bucket is gone: the next try would end the same way
            reason = f"The answer could not be written to {invocation.output}: {error.message}"
            await self._fail(invocation, reason, "InvocationFailures")
            return True
        if route.capture is not None:
            self._router.capture.add(route.capture, asked, answer)
        self._measure(invocation, "InvocationsProcessed", begun)
        return True

    def _input(self, invocation: AsyncInvocation) -> tuple[bytes, str]:
        inline = invocation.inline_body()
        if inline is not None or invocation.input is None:
            return inline or b"", invocation.content_type
        location = parse_s3_uri(invocation.input)
        found = self._ctx.objects.head(location.bucket, location.key)
        if found is None:
            raise ValidationError(f"The input object at {invocation.input} is gone.")
        with self._ctx.objects.open(location.bucket, location.key) as file:
            return file.read(), invocation.content_type or found.content_type or "application/octet-stream"

    def _store(self, place: str, answer: Answer) -> None:
        location = parse_s3_uri(place)
        self._ctx.objects.put_bytes(
            location.bucket, location.key, answer.body, content_type=answer.content_type
        )

    async def _fail(self, invocation: AsyncInvocation, reason: str, metric: str) -> None:
        if invocation.failure is not None:
            answer = Answer(reason.encode(), "text/plain", "")
            try:
                await asyncio.to_thread(self._store, invocation.failure, answer)
            except AwsError as error:
                log.warning(
                    "failure of asynchronous invocation %s not stored: %s", invocation.inference_id, error
                )
        self._measure(invocation, metric, None)

    def _measure(self, invocation: AsyncInvocation, metric: str, begun: float | None) -> None:
        dimensions = {"EndpointName": invocation.endpoint}
        add, region = self._router.metrics.add, invocation.region
        add(region, dimensions, metric, "Count", 1.0)
        if begun is not None:
            now = self._ctx.clock.now()
            for name, seconds in (
                ("TimeInBacklog", begun - invocation.accepted),
                ("TotalProcessingTime", now - invocation.accepted),
            ):
                add(region, dimensions, name, "Milliseconds", max(0.0, seconds) * 1000)


def async_queue(ctx: EngineContext) -> AsyncQueue:
    """The queue of an engine, made at its first use."""
    found = ctx.parts.get(_PART)
    if found is None:
        found = ctx.parts[_PART] = AsyncQueue(ctx)
    assert isinstance(found, AsyncQueue)
    return found


async def open_hosting(ctx: EngineContext) -> None:
    """What hosting does on the event loop when an engine starts."""
    await async_queue(ctx).open()
