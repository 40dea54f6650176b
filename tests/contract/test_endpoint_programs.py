"""Programs of strangers behind endpoints, through the wire: own `serve` programs and pickles, alive, crashing, hostile."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.exceptions
import pytest

from tests.conftest import RunningEngine, eventually
from tests.contract.endpoint_wire import BUCKET, Wire, archive, booster, refused, wire

__all__ = ["booster", "wire"]  # fixtures

OLD_XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:0.90-1-cpu-py3"
SCIKIT_LEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"

SERVE = """#!/usr/bin/env python3
import http.server, json, os, socketserver, time
MARK = "X-Amzn-SageMaker-Custom-Attributes"
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): pass
    def do_GET(self): self.answer(200, b"")
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if body == b"die": os._exit(9)
        if body == b"busy": return self.answer(503, b"too busy")
        if body.startswith(b"stream "):
            self.send_response(200); self.send_header("Content-Type", "text/plain")
            self.send_header("Transfer-Encoding", "chunked"); self.end_headers()
            for word in (b"one ", b"two ", b"three"):
                self.wfile.write(b"%x\\r\\n%s\\r\\n" % (len(word), word)); self.wfile.flush()
                while not os.path.exists(body[7:]): time.sleep(0.01)
            self.wfile.write(b"0\\r\\n\\r\\n"); return
        self.answer(200, json.dumps({name.lower(): value for name, value in self.headers.items()}).encode())
    def answer(self, status, body):
        self.send_response(status); self.send_header("Content-Length", str(len(body)))
        self.send_header(MARK, "mine"); self.send_header("Content-Type", "application/json")
        self.end_headers(); self.wfile.write(body)
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
print("at your service", flush=True)
Server(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def program(wire: Wire, engine: RunningEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An endpoint whose model is a program of the user's own."""
    folder = tmp_path_factory.mktemp("own-image")
    (folder / "serve").write_text(SERVE)
    (folder / "serve").chmod(0o755)
    registered = engine.data_dir / "images"
    registered.mkdir(exist_ok=True)
    (registered / "own-server.json").write_text(json.dumps({"name": "own-server", "folder": str(folder)}))
    wire.sagemaker.create_model(ModelName="program", PrimaryContainer={"Image": "own-server"})
    wire.config("program")
    wire.sagemaker.create_endpoint(EndpointName="program", EndpointConfigName="program")
    wire.sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="program")
    yield "program"
    wire.remove("program")


def test_a_program_gets_and_gives_the_headers_of_an_invocation(wire: Wire, program: str) -> None:
    answer = wire.invoke(program, b"x", CustomAttributes="tenant=7", InferenceId="id-7", Accept="text/plain")
    headers = json.loads(answer["Body"].read())
    assert headers["x-amzn-sagemaker-custom-attributes"] == "tenant=7"
    assert headers["x-amzn-sagemaker-inference-id"] == "id-7"
    assert headers["accept"] == "text/plain"
    assert answer["CustomAttributes"] == "mine"
    streams = wire.logs.describe_log_streams(logGroupName="/aws/sagemaker/Endpoints/program")["logStreams"]
    events = wire.logs.get_log_events(
        logGroupName="/aws/sagemaker/Endpoints/program", logStreamName=streams[0]["logStreamName"]
    )["events"]
    assert "at your service" in [event["message"] for event in events]


def test_a_stream_comes_piece_by_piece(wire: Wire, program: str, tmp_path: Path) -> None:
    gate = tmp_path / "go-on"
    answer = wire.runtime.invoke_endpoint_with_response_stream(
        EndpointName=program, Body=b"stream " + os.fsencode(gate), ContentType="text/plain"
    )
    came = []
    for event in answer["Body"]:
        came.append(event["PayloadPart"]["Bytes"])
        gate.touch()  # the second piece waits until the first one is here
    assert b"".join(came) == b"one two three"
    assert came[0] == b"one "


def test_a_program_that_crashes_is_started_again(wire: Wire, program: str) -> None:
    error = refused(lambda: wire.invoke(program, b"busy"), "ModelError", "503", "too busy")
    assert error.response["OriginalStatusCode"] == 503  # type: ignore[typeddict-item]
    refused(lambda: wire.invoke(program, b"die"), "ModelError")

    def answers() -> bool:
        try:
            return bool(wire.invoke(program, b"x")["CustomAttributes"] == "mine")
        except botocore.exceptions.ClientError as error:
            # ModelError: the server that ends with its program took one more request
            if error.response["Error"]["Code"] not in ("ServiceUnavailable", "ModelError"):
                raise
            return False

    eventually(answers)
    assert wire.sagemaker.describe_endpoint(EndpointName=program)["EndpointStatus"] == "InService"


class Hostile:
    """A pickle that runs a command where it is loaded."""

    def __init__(self, command: str) -> None:
        self._command = command

    def __reduce__(self) -> Any:
        return (os.system, (self._command,))


def settled(wire: Wire, name: str) -> dict[str, Any]:
    """An endpoint that is no longer being created."""

    def look() -> dict[str, Any] | None:
        described: dict[str, Any] = wire.sagemaker.describe_endpoint(EndpointName=name)
        return described if described["EndpointStatus"] != "Creating" else None

    return eventually(look, timeout=60) or {}


def test_the_xgboost_image_runs_nothing_that_a_pickle_names(wire: Wire, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    content = pickle.dumps(Hostile(f"touch {seen}"))
    wire.s3.put_object(Bucket=BUCKET, Key="named.tar.gz", Body=archive({"xgboost-model": content}))
    container = {"Image": OLD_XGBOOST, "ModelDataUrl": f"s3://{BUCKET}/named.tar.gz"}
    wire.sagemaker.create_model(ModelName="named", PrimaryContainer=container)
    wire.config("named")
    wire.sagemaker.create_endpoint(EndpointName="named", EndpointConfigName="named")
    described = settled(wire, "named")
    assert described["EndpointStatus"] == "Failed"
    assert "system, which is not allowed here" in described["FailureReason"]
    assert not seen.exists()
    wire.remove("named")


def test_a_strangers_pickle_is_loaded_by_a_process_of_the_endpoint_only(
    wire: Wire, engine: RunningEngine, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    code = b"import os, pickle\ndef model_fn(folder):\n    return pickle.load(open(os.path.join(folder, 'model.pkl'), 'rb'))\n"
    files = {
        "model.pkl": pickle.dumps(Hostile(f"echo $PPID >> {seen}; kill -9 $PPID")),
        "code/inference.py": code,
    }
    wire.s3.put_object(Bucket=BUCKET, Key="hostile.tar.gz", Body=archive(files))
    container = {
        "Image": SCIKIT_LEARN,
        "ModelDataUrl": f"s3://{BUCKET}/hostile.tar.gz",
        "Environment": {
            "SAGEMAKER_PROGRAM": "inference.py",
            "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
        },
    }
    wire.sagemaker.create_model(ModelName="strangers-pickle", PrimaryContainer=container)
    wire.config("strangers-pickle")
    wire.sagemaker.create_endpoint(EndpointName="strangers-pickle", EndpointConfigName="strangers-pickle")
    described = settled(wire, "strangers-pickle")
    assert described["EndpointStatus"] == "Failed"
    assert "exit code -9" in described["FailureReason"]
    loaders = {int(line) for line in seen.read_text().split()}
    assert loaders
    assert engine.info.pid not in loaders
    os.kill(engine.info.pid, 0)  # the engine lives
    wire.remove("strangers-pickle")
