"""A process that stands for one kernel of a gateway: ZeroMQ sockets of a kernel here, one web socket to the gateway there."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

from smstudio_ext.notebooks.gateway.config import Gateway, GatewayProblem, parse
from smstudio_ext.notebooks.gateway.local import LocalSide, Message
from smstudio_ext.notebooks.gateway.registry import State, write_state
from smstudio_ext.notebooks.gateway.remote import Dropped, Refused, RemoteSide
from smstudio_ext.notebooks.gateway.rest import GatewayApi
from smstudio_ext.notebooks.wording import Said

GIVE_UP_SECONDS = 300.0
"""How long a relay tries to get a broken connection back."""

_FIRST_WAIT = 0.25
_LONGEST_WAIT = 10.0
_PARENT_LOOK = 1.0
_LOOK_SECONDS = 15.0
_DOUBT_WAITS = (0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)
"""Before looks at a kernel that says that it ends."""


class Ending(Enum):
    """Why a relay ends by itself; its value is the code of what there is to say then."""

    GONE = "gateway-gone"
    DIED = "gateway-died"
    RESTARTED = "gateway-restarted"
    LOST = "gateway-lost"


ASKED = 0
"""Exit code of a relay that was told to end, and has ended the kernel there."""

ENDED = 41
"""Exit code of a relay whose kernel, or connection, ended."""


class Relay:
    """Carries messages between the clients of a kernel here and the kernel on the gateway.

    Args:
        local: the sockets that clients here see.
        gateway: where the kernel is.
        kernel_id: its id there.
        note: is told how the connection goes.
        give_up: seconds after which a broken connection is given up.
        locale: language of what cells are told.
    """

    def __init__(
        self,
        local: LocalSide,
        gateway: Gateway,
        kernel_id: str,
        note: Callable[[State], None],
        *,
        give_up: float = GIVE_UP_SECONDS,
        locale: str = "en",
    ) -> None:
        self.local = local
        self.gateway = gateway
        self.kernel_id = kernel_id
        self._api = GatewayApi(gateway)
        self._note = note
        self._give_up = give_up
        self._remote = RemoteSide(gateway, kernel_id)
        self._locale = locale
        self._place = f"{gateway.name} ({gateway.host})"
        loop = asyncio.get_running_loop()
        self._over: asyncio.Future[Said] = loop.create_future()
        self._stopped: asyncio.Future[None] = loop.create_future()
        self._doubt = asyncio.Event()
        self._interrupting: asyncio.Task[None] | None = None
        self._kept = False  # the kernel there stays when this process ends

    async def run(self) -> int:
        """Works until it is told to end; the exit code.

        A relay whose kernel is gone stays, and says so to whoever asks it: only its user starts the kernel anew. One whose
        kernel the gateway started again ends, so that its server connects to the new one.
        """
        here = [self._begun(work) for work in (self._upwards, self.local.answer_heartbeats)]
        there = [self._begun(work) for work in (self._downwards, self._look)]
        ends: set[asyncio.Future[Any]] = {self._over, self._stopped}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in there:
            task.cancel()
        code = ASKED
        if self._over.done():
            self._remote.close()
            await self.local.fail_all(self._words(self._over.result()))
            self._note(State("ended", self._over.result().code, self._over.result().values))
            if self._over.result().code == Ending.RESTARTED.value:
                code = ENDED
            else:
                await self._stopped
        for task in here:
            task.cancel()
        if code == ASKED and not self._kept:
            await self._end_there()
        self._remote.close()
        self.local.close()
        return code

    def stop(self) -> None:
        """Ends the relay and the kernel there."""
        if not self._stopped.done():
            self._stopped.set_result(None)

    def _begun(self, work: Callable[[], Any]) -> asyncio.Task[None]:
        return asyncio.create_task(self._guarded(work))

    def _end(self, ending: Ending, *more: str) -> None:
        if not self._over.done():
            self._over.set_result(Said(ending.value, (self._place, *more)))

    def _words(self, said: Said) -> str:
        return said.in_language(self._locale)

    async def _tell(self, code: str, *more: str) -> None:
        await self.local.tell(self._words(Said(code, (self._place, *more))))

    async def _guarded(self, work: Callable[[], Any]) -> None:
        try:
            await work()
        except asyncio.CancelledError:
            raise
        except Exception:  # whatever breaks one direction ends the kernel; its reason is in the server's log
            self._end(Ending.LOST, "0")
            raise

    async def _upwards(self) -> None:
        """What clients here send."""
        while True:
            message = await self.local.receive()
            if message.type == "shutdown_request":
                restart = bool(message.content().get("restart"))
                await self.local.reply(message, "shutdown_reply", {"status": "ok", "restart": restart})
                self._kept = restart  # whoever starts it anew does so there
                self.stop()
            elif self._over.done():
                await self.local.answer_alone(message, self._words(self._over.result()))
            elif message.type == "interrupt_request":
                self._interrupting = asyncio.create_task(self._interrupt(message))
            else:
                self.local.remember(message)
                await self._remote.send(message.frame)

    async def _interrupt(self, message: Message) -> None:
        content = {"status": "ok"}
        try:
            await asyncio.to_thread(self._api.interrupt, self.kernel_id)
        except GatewayProblem as problem:
            content = {"status": "error", "ename": "GatewayError", "evalue": str(problem)}
            await self._tell("gateway-interrupt", str(problem))
        await self.local.reply(message, "interrupt_reply", content)

    async def _downwards(self) -> None:
        """What the kernel there sends; gets the connection back when it breaks."""
        first = True
        while True:
            if not await self._connected(first=first):
                return
            if not first:
                lost = self._words(Said("gateway-answer", (self._place,)))
                await self._remote.send(self.local.probe(lost))
            first = False
            with contextlib.suppress(Dropped):
                while True:
                    frame = await self._remote.receive()
                    said = await self.local.pass_on(frame)
                    if said == "ending":
                        self._doubt.set()
                    elif said:
                        self._end(Ending.RESTARTED if said == "restarting" else Ending.DIED)
                        return

    async def _connected(self, *, first: bool) -> bool:
        """Connects, again and again; False when the kernel is gone, or the gateway stays away."""
        began = time.monotonic()
        wait = _FIRST_WAIT
        told = False
        while True:
            try:
                await self._remote.connect()
            except Refused as refusal:
                print(f"Gateway {self._place}: {refusal}", file=sys.stderr)
            else:
                if told:
                    await self._tell("gateway-back")
                self._note(State("connected"))
                return True
            if await self._gone():
                self._end(Ending.GONE)
                return False
            if time.monotonic() - began > self._give_up:
                self._end(Ending.LOST, f"{self._give_up:g}")
                return False
            if not told and not first:
                told = True
                self._note(State("reconnecting", "gateway-broke", (self._place,)))
                await self._tell("gateway-broke")
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    async def _look(self) -> None:
        """Looks from time to time whether the kernel is still there: a gateway keeps the web socket of one that is gone."""
        while True:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._doubt.wait(), _LOOK_SECONDS)
            for wait in _DOUBT_WAITS if self._doubt.is_set() else (0.0,):
                await asyncio.sleep(wait)
                if await self._gone():
                    self._end(Ending.GONE)
                    return
            self._doubt.clear()

    async def _gone(self) -> bool:
        """Whether the kernel is not there any more; False while the gateway does not say."""
        try:
            return await asyncio.to_thread(self._api.kernel, self.kernel_id) is None
        except GatewayProblem:
            return False

    async def _end_there(self) -> None:
        if self._interrupting is not None:  # jupyter_client interrupts just before it ends a kernel
            await self._interrupting
        try:
            await asyncio.to_thread(self._api.end, self.kernel_id)
        except GatewayProblem as problem:
            print(f"The kernel {self.kernel_id} was not shut down. {problem}", file=sys.stderr)


async def _follow_parent(relay: Relay) -> None:
    """Ends the kernel when the process that started it ended without a word (a killed papermill)."""
    parent = int(os.environ.get("JPY_PARENT_PID", "0"))
    while parent:
        if os.getppid() != parent:
            relay.stop()
            return
        await asyncio.sleep(_PARENT_LOOK)


async def _main(connection: dict[str, Any], said: dict[str, Any]) -> int:
    state_path = Path(said["state_file"])
    relay = Relay(
        LocalSide(connection),
        parse(said["gateway"]),
        said["kernel_id"],
        lambda new: write_state(state_path, new),
        give_up=float(said.get("give_up") or GIVE_UP_SECONDS),
        locale=str(said.get("locale") or "en"),
    )
    loop = asyncio.get_running_loop()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # interrupts come as messages
    loop.add_signal_handler(signal.SIGTERM, relay.stop)
    follower = loop.create_task(_follow_parent(relay))
    try:
        return await relay.run()
    finally:
        follower.cancel()


def main(arguments: list[str]) -> int:
    """Runs the relay of the connection file that the arguments name; what it connects to stands on its standard input."""
    connection = json.loads(Path(arguments[arguments.index("-f") + 1]).read_text())
    said = json.loads(
        sys.stdin.read()
    )  # not in arguments or variables: other processes could read the token there
    return asyncio.run(_main(connection, said))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
