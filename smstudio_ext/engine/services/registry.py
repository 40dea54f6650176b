"""The table of operations that this engine offers; service modules fill it by decorators."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smstudio_ext.engine.context import Call, EngineContext
    from smstudio_ext.engine.protocol.http import HttpRequest, HttpResponse

Output = dict[str, Any] | bytes | None
Handler = Callable[["EngineContext", "Call", dict[str, Any]], "Output | Awaitable[Output]"]
QuickReader = Callable[[bytes], "tuple[dict[str, Any], dict[str, Any]] | None"]
RawHandler = Callable[["EngineContext", "Call", "HttpRequest"], "Awaitable[HttpResponse]"]

PageHandler = Callable[["EngineContext", "HttpRequest"], "HttpResponse"]


@dataclass(frozen=True)
class Operation:
    """One offered operation.

    Attributes:
        service: botocore's service name, e.g. `sagemaker`.
        name: operation name of the service model, e.g. `CreateTrainingJob`.
        handler: takes (context, call, validated input) and returns the output members, timestamps as
            seconds since the epoch, or (JSON protocols only) the body of the answer as it goes over the wire. Plain functions may block briefly on the store; `async` ones run on
            the event loop.
        inline: a quick read that runs on the event loop itself; others run in a worker thread.
        settles: for Describe calls that SDK waiters may be held on: kind of the described resource and the
            input member with its name.
        uncapped: members (by their last name at the wire, `maxResults`) whose greatest length or value AWS caps and
            this engine does not.
        sampled: list members of which only the first element is checked against the model; the handler checks the
            others, faster.
        quick: reads the body of a usual request in place of the model's reader, into what the handler takes and what is to be
            checked against the model; None for any other body.
    """

    service: str
    name: str
    handler: Handler
    inline: bool = False
    settles: tuple[str, str] | None = None
    uncapped: frozenset[str] = frozenset()
    sampled: tuple[str, ...] = ()
    quick: QuickReader | None = None

    def checked(self, request: dict[str, Any]) -> dict[str, Any]:
        """The part of an input that is checked against the model."""
        return {**request, **{member: request[member][:1] for member in self.sampled if member in request}}


OPERATIONS: dict[tuple[str, str], Operation] = {}
RAW_SERVICES: dict[str, RawHandler] = {}
RAW_OPERATIONS: dict[str, tuple[str, ...]] = {}
"""What raw services offer, for the coverage table; they tell their operations apart themselves."""

PAGES: dict[str, PageHandler] = {}
"""Addresses that a browser opens without a signature, by the beginning of their path; they check what they are given."""


def operation(
    service: str,
    name: str,
    *,
    inline: bool | None = None,
    settles: tuple[str, str] | None = None,
    uncapped: frozenset[str] = frozenset(),
    sampled: tuple[str, ...] = (),
    quick: QuickReader | None = None,
) -> Callable[[Handler], Handler]:
    """Registers a function as the implementation of `service:name`.

    Describe, List and Get operations run inline unless told otherwise.
    """
    on_loop = name.startswith(("Describe", "List", "Get")) if inline is None else inline

    def register(handler: Handler) -> Handler:
        OPERATIONS[(service, name)] = Operation(
            service, name, handler, on_loop, settles, uncapped, sampled, quick
        )
        return handler

    return register


def raw_service(service: str, operations: tuple[str, ...] = ()) -> Callable[[RawHandler], RawHandler]:
    """Registers the handler of a service that streams bodies or has its own wire rules (s3, runtime).

    Args:
        operations: those that the handler offers.
    """

    def register(handler: RawHandler) -> RawHandler:
        RAW_SERVICES[service] = handler
        RAW_OPERATIONS[service] = operations
        return handler

    return register


def page(prefix: str) -> Callable[[PageHandler], PageHandler]:
    """Registers the handler of unsigned requests whose path begins with `prefix` (`/_smstudio/...`).

    It runs in a worker thread and must itself refuse who may not open the page.
    """

    def register(handler: PageHandler) -> PageHandler:
        PAGES[prefix] = handler
        return handler

    return register
