"""The side of a relay that looks like a kernel: its five ZeroMQ sockets, signatures, and who asked what."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, cast

from smstudio_ext.notebooks.gateway.wire import Frame

MOST_ASKED = 10_000
"""Requests that may wait for an answer; older ones are forgotten."""

_LINGER = 1000
"""Milliseconds in which what was sent may still go out after a socket was closed."""


@dataclass
class Message:
    """A message of a client here.

    Attributes:
        channel: `shell`, `control` or `stdin`.
        idents: who sent it.
        header: parsed.
        frame: as it goes to the gateway.
    """

    channel: str
    idents: list[bytes]
    header: dict[str, Any]
    frame: Frame = field(repr=False)

    @property
    def type(self) -> str:
        """Its `msg_type`."""
        return str(self.header.get("msg_type") or "")

    @property
    def id(self) -> str:
        """Its `msg_id`."""
        return str(self.header.get("msg_id") or "")

    def content(self) -> dict[str, Any]:
        """Its content, parsed."""
        found = json.loads(self.frame.parts[3])
        return found if isinstance(found, dict) else {}


class LocalSide:
    """The sockets of a connection file, bound.

    Args:
        connection: content of the file that jupyter_client wrote.
    """

    def __init__(self, connection: dict[str, Any]) -> None:
        import zmq
        import zmq.asyncio
        from jupyter_client.session import Session

        self._session = Session(
            key=connection["key"].encode(), signature_scheme=connection["signature_scheme"]
        )
        self._context: Any = zmq.asyncio.Context()
        self._connection = connection
        self._sockets = {
            "shell": self._bind(zmq.ROUTER, "shell"),
            "control": self._bind(zmq.ROUTER, "control"),
            "stdin": self._bind(zmq.ROUTER, "stdin"),
            "iopub": self._bind(zmq.PUB, "iopub"),
            "hb": self._bind(zmq.ROUTER, "hb"),
        }
        self._asked: dict[str, Message] = {}
        self._received: asyncio.Queue[Message] = asyncio.Queue()
        self._info: dict[str, Any] | None = None
        self._probes: dict[str, tuple[list[str], str]] = {}
        self._readers = [
            asyncio.get_running_loop().create_task(self._read(channel))
            for channel in ("shell", "control", "stdin")
        ]

    def _bind(self, kind: int, channel: str) -> Any:
        import zmq

        socket = self._context.socket(kind)
        socket.linger = _LINGER
        if channel != "hb":
            socket.sndhwm = socket.rcvhwm = 0  # what a cell prints is not dropped
        if kind == zmq.ROUTER:
            socket.router_handover = 1  # a client that comes again under its name takes its place
        if self._connection.get("curve_secretkey"):
            socket.curve_server = True
            socket.curve_secretkey = self._connection["curve_secretkey"].encode()
            socket.curve_publickey = self._connection["curve_publickey"].encode()
        ip, port = self._connection["ip"], self._connection[f"{channel}_port"]
        joint = "-" if self._connection["transport"] == "ipc" else ":"
        socket.bind(f"{self._connection['transport']}://{ip}{joint}{port}")
        return socket

    async def receive(self) -> Message:
        """The next message of a client whose signature is right."""
        return await self._received.get()

    async def _read(self, channel: str) -> None:
        socket = self._sockets[channel]
        while True:
            message = self._parse(channel, await socket.recv_multipart())
            if message is not None:
                self._received.put_nowait(message)

    def _parse(self, channel: str, blobs: list[bytes]) -> Message | None:
        import hmac

        try:
            idents, rest = self._session.feed_identities(blobs)
            blobs = cast("list[bytes]", rest)
            signature, parts, buffers = blobs[0], blobs[1:5], blobs[5:]
            if len(parts) != 4 or not hmac.compare_digest(signature, self._session.sign(parts)):
                return None
            header = json.loads(parts[0])
        except (ValueError, IndexError):
            return None
        return (
            Message(channel, idents, header, Frame(channel, parts, buffers))
            if isinstance(header, dict)
            else None
        )

    async def answer_heartbeats(self) -> None:
        """Sends back what comes on the heartbeat's socket."""
        socket = self._sockets["hb"]
        while True:
            await socket.send_multipart(await socket.recv_multipart())

    def remember(self, message: Message) -> None:
        """Notes a request, whose answer goes to the one who asked."""
        if message.channel != "stdin" and message.type.endswith("_request"):
            self._asked[message.id] = message
            if len(self._asked) > MOST_ASKED:
                self._asked.pop(next(iter(self._asked)))

    async def pass_on(self, frame: Frame) -> str:
        """Gives a message of the kernel to the clients here.

        Returns:
            `restarting`, `dead` or `ending` (somebody there shut it down) when that is said of the kernel; else nothing.
        """
        parent = _parsed(frame.parts[1]).get("msg_id")
        if parent in self._probes:
            if frame.channel == "shell":
                await self._answered_all(*self._probes.pop(parent))
            return ""
        if frame.channel == "iopub":
            header = _parsed(frame.parts[0])
            if header.get("msg_type") == "status":
                state = str(_parsed(frame.parts[3]).get("execution_state"))
                if state in ("restarting", "autorestarting", "dead"):
                    return "dead" if state == "dead" else "restarting"
            if header.get("msg_type") == "shutdown_reply":
                return "restarting" if _parsed(frame.parts[3]).get("restart") else "ending"
            await self._send("iopub", [str(header.get("msg_type") or "message").encode()], frame)
            return ""
        asked = self._asked.get(str(parent))
        if asked is not None and asked.type == "kernel_info_request":
            self._info = _parsed(frame.parts[3])
        if asked is None:
            return ""
        if frame.channel != "stdin":
            del self._asked[asked.id]
        await self._send(frame.channel, asked.idents, frame)
        return ""

    def probe(self, lost: str) -> Frame:
        """A question after which the kernel has answered all that was asked before.

        Args:
            lost: what those are told whose answer is missing then.
        """
        message = self._session.msg("kernel_info_request", {})
        asked = [each.id for each in self._asked.values() if each.channel == "shell"]
        self._probes[message["header"]["msg_id"]] = (asked, lost)
        return Frame("shell", self._packed(message))

    async def _answered_all(self, before: list[str], lost: str) -> None:
        for asked in [self._asked[each] for each in before if each in self._asked]:
            await self._fail(asked, lost)

    async def reply(self, message: Message, kind: str, content: dict[str, Any]) -> None:
        """Answers a client in the kernel's place."""
        made = self._session.msg(kind, content, parent=message.header)
        await self._send(message.channel, message.idents, Frame(message.channel, self._packed(made)))

    async def answer_alone(self, message: Message, text: str) -> None:
        """Answers for a kernel that is gone: what it was, else an error with the reason."""
        if message.type == "kernel_info_request" and self._info is not None:
            await self._publish("status", {"execution_state": "busy"}, message)
            await self.reply(message, "kernel_info_reply", self._info)
            await self._publish("status", {"execution_state": "idle"}, message)
        elif message.type == "interrupt_request":
            await self.reply(message, "interrupt_reply", {"status": "ok"})
        elif message.channel != "stdin" and message.type.endswith("_request"):
            await self._fail(message, text)

    async def tell(self, text: str) -> None:
        """Says something in the output of the cell that runs; nowhere when none does."""
        running = next((each for each in self._asked.values() if each.type == "execute_request"), None)
        if running is not None:
            await self._publish("stream", {"name": "stderr", "text": f"{text}\n"}, running)

    async def fail_all(self, message: str) -> None:
        """Ends every cell that waits, with an error that says why."""
        for asked in list(self._asked.values()):
            await self._fail(asked, message)

    async def _fail(self, asked: Message, message: str) -> None:
        self._asked.pop(asked.id, None)
        error = {"ename": "GatewayError", "evalue": message, "traceback": [f"GatewayError: {message}"]}
        if asked.type == "execute_request":
            await self._publish("error", error, asked)
        kind = asked.type.removesuffix("_request") + "_reply"
        await self.reply(asked, kind, {"status": "error", "execution_count": 0, **error})
        await self._publish("status", {"execution_state": "idle"}, asked)

    async def _publish(self, kind: str, content: dict[str, Any], parent: Message) -> None:
        made = self._session.msg(kind, content, parent=parent.header)
        await self._send("iopub", [kind.encode()], Frame("iopub", self._packed(made)))

    def _packed(self, message: dict[str, Any]) -> list[bytes]:
        pack = self._session.pack
        return [pack(message[name]) for name in ("header", "parent_header", "metadata", "content")]

    async def _send(self, channel: str, idents: list[bytes], frame: Frame) -> None:
        socket = self._sockets.get(channel)
        if socket is not None:
            signature = self._session.sign(frame.parts)
            await socket.send_multipart([*idents, b"<IDS|MSG>", signature, *frame.parts, *frame.buffers])

    def close(self) -> None:
        """Closes the sockets; what was sent still goes out."""
        for reader in self._readers:
            reader.cancel()
        for socket in self._sockets.values():
            socket.close()
        self._context.term()


def _parsed(part: bytes) -> dict[str, Any]:
    try:
        found = json.loads(part)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
