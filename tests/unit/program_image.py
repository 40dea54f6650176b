"""An image for tests whose container is a program of its own: a small HTTP server."""

from __future__ import annotations

import sys
from pathlib import Path

from smstudio_ext.engine.images.contract import Command, Launch

PROGRAM = """
import http.server, os, socketserver, sys, time
model = open(os.environ["SAGEMAKER_BASE_DIR"] + "/model/tag").read() if os.environ.get("NEEDS_MODEL", "1") == "1" else "-"
if model == "broken":
    print("this model is broken"); sys.exit(7)

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def address_string(self): return "local"
    def log_message(self, *_): pass
    def do_GET(self):
        self.answer(200 if self.path == "/ping" else 404, b"")
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if body == b"die": os._exit(9)
        if body == b"refuse": return self.answer(422, b"not this one")
        if body == b"pid": return self.answer(200, str(os.getpid()).encode())
        if body.startswith(b"stream "):  # with a file that lets the second piece go
            self.send_response(200); self.send_header("Content-Type", "text/plain")
            self.send_header("Transfer-Encoding", "chunked"); self.end_headers()
            for word in (b"one ", b"two ", b"three"):
                self.wfile.write(b"%x\\r\\n%s\\r\\n" % (len(word), word)); self.wfile.flush()
                while not os.path.exists(body[7:]): time.sleep(0.01)
            self.wfile.write(b"0\\r\\n\\r\\n"); return
        mark = self.headers.get("X-Amzn-SageMaker-Custom-Attributes", "")
        self.answer(200, body + model.encode(), mark)
    def answer(self, status, body, mark=""):
        self.send_response(status); self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "text/plain")
        if mark: self.send_header("X-Amzn-SageMaker-Custom-Attributes", mark + "!")
        self.end_headers(); self.wfile.write(body)

class OnSocket(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

class OnPort(socketserver.ThreadingTCPServer):
    daemon_threads = True

if os.environ.get("USE_SOCKET"):
    OnSocket(os.environ["SMSTUDIO_BIND_TO_SOCKET"], Handler).serve_forever()
else:
    OnPort(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""


def run(program: str) -> None:
    """The program as an entry of this package's own processes."""
    exec(compile(program, "program", "exec"), {"__name__": "program"})


def launch(launch: Launch) -> Command:
    """How the program is started: on the socket or a port, as a program or as an entry."""
    socket = bool(launch.environment.get("USE_SOCKET"))
    if launch.environment.get("AS_ENTRY"):
        return Command(entry="program_image:run", args={"program": PROGRAM}, socket=socket)
    script = Path(launch.optml) / "serve.py"
    script.write_text(PROGRAM)
    return Command(
        argv=(sys.executable, "-S", "/opt/ml/serve.py" if _bound() else str(script)), socket=socket
    )


def _bound() -> bool:
    return False
