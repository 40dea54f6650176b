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
from smstudio_ext.notebooks.gateway.rest import GatewayApi, GatewayError

GIVE_UP_SECONDS = 300.0
"""How long a relay tries to get a broken connection back."""

_FIRST_WAIT = 0.25
_LONGEST_WAIT = 10.0
_PARENT_LOOK = 1.0


class Ending(Enum):
    """Why a relay ends; its value is the process's exit code."""

    ASKED = 0
    GONE = 41
    RESTARTED = 42
    LOST = 43


class Relay:
    """Carries messages between the clients of a kernel here and the kernel on the gateway.

    Args:
        local: the sockets that clients here see.
        gateway: where the kernel is.
        kernel_id: its id there.
        note: is told how the connection goes.
        give_up: seconds after which a broken connection is given up.
    """

    def __init__(
        self,
        local: LocalSide,
        gateway: Gateway,
        kernel_id: str,
        note: Callable[[State], None],
        *,
        give_up: float = GIVE_UP_SECONDS,
    ) -> None:
        self.local = local
        self.gateway = gateway
        self.kernel_id = kernel_id
        self._api = GatewayApi(gateway)
        self._note = note
        self._give_up = give_up
        self._remote = RemoteSide(gateway, kernel_id)
        self._ended: asyncio.Future[tuple[Ending, str]] = asyncio.get_running_loop().create_future()
        self._interrupting: asyncio.Task[None] | None = None
        self._kept = False  # the kernel there stays when this process ends

    async def run(self) -> int:
        """Works until the kernel ends, here or there; the exit code."""
        tasks = [
            asyncio.create_task(self._guarded(work))
            for work in (self._upwards, self._downwards, self.local.answer_heartbeats)
        ]
        ending, message = await self._ended
        for task in tasks:
            task.cancel()
        if ending is Ending.ASKED:
            if not self._kept:
                await self._end_there()
        else:
            await self.local.fail_all(message)
            self._note(State("ended", message, ending.name))
        self._remote.close()
        self.local.close()
        return int(ending.value)

    def stop(self) -> None:
        """Ends the relay and the kernel there."""
        self._finish(Ending.ASKED)

    def _finish(self, ending: Ending, message: str = "") -> None:
        if not self._ended.done():
            self._ended.set_result((ending, message))

    async def _guarded(self, work: Callable[[], Any]) -> None:
        try:
            await work()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # whatever breaks one direction ends the kernel, with its reason
            self._finish(Ending.LOST, f"The connection to the gateway failed: {error}")
            raise

    async def _upwards(self) -> None:
        """What clients here send."""
        while True:
            message = await self.local.receive()
            if message.type == "shutdown_request":
                restart = bool(message.content().get("restart"))
                await self.local.reply(message, "shutdown_reply", {"status": "ok", "restart": restart})
                self._kept = restart  # whoever starts it anew does so there
                self._finish(Ending.ASKED)
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
            await self.local.tell(f"The cell was not interrupted. {problem}")
        await self.local.reply(message, "interrupt_reply", content)

    async def _downwards(self) -> None:
        """What the kernel there sends; gets the connection back when it breaks."""
        first = True
        while True:
            if not await self._connected(first=first):
                return
            if not first:
                await self._remote.send(self.local.probe())
            first = False
            with contextlib.suppress(Dropped):
                while True:
                    frame = await self._remote.receive()
                    said = await self.local.pass_on(frame)
                    if said in ("restarting", "dead"):
                        self._kernel_died(said)
                        return

    def _kernel_died(self, said: str) -> None:
        where = f"on the gateway {self.gateway.name} ({self.gateway.host})"
        if said == "restarting":
            self._finish(
                Ending.RESTARTED,
                f"The kernel ended by itself {where}, and was started again there. Its variables are lost.",
            )
        else:
            self._finish(Ending.GONE, f"The kernel ended by itself {where}. Its variables are lost.")

    async def _connected(self, *, first: bool) -> bool:
        """Connects, again and again; False when the kernel is gone, or the gateway stays away."""
        began = time.monotonic()
        wait = _FIRST_WAIT
        reason = "The connection broke"
        told = False
        while True:
            try:
                await self._remote.connect()
            except Refused as refusal:
                reason = str(refusal)
            else:
                if told:
                    await self.local.tell(f"Connected to the gateway {self.gateway.name} again.")
                self._note(State("connected"))
                return True
            gone = await self._gone()
            if gone:
                self._finish(Ending.GONE, gone)
                return False
            if time.monotonic() - began > self._give_up:
                self._finish(
                    Ending.LOST,
                    f"The connection to the gateway {self.gateway.name} ({self.gateway.host}) was lost and did not come back "
                    f"within {self._give_up:g} s. {reason} The kernel may still run there.",
                )
                return False
            if not told and not first:
                told = True
                self._note(State("reconnecting", reason))
                await self.local.tell(
                    f"The connection to the gateway {self.gateway.name} ({self.gateway.host}) broke; connecting again. "
                    "The kernel there goes on."
                )
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    async def _gone(self) -> str:
        """Why the kernel is not there any more; empty while it is, or while the gateway does not say."""
        try:
            found = await asyncio.to_thread(self._api.kernel, self.kernel_id)
        except GatewayProblem:
            return ""
        if found is not None:
            return ""
        return (
            f"The kernel is not on the gateway {self.gateway.name} ({self.gateway.host}) any more: it was shut down there (by "
            "somebody, or because it was idle), or the gateway was started again. Its variables are lost."
        )

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


__all__ = ["Ending", "GatewayError", "Relay", "main"]

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
