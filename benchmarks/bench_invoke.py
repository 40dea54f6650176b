"""Single-row invocation of an endpoint against a bare uvicorn + xgboost server (and MLflow's), in the same run.

Both serve the same small XGBoost classifier. The same client measures both: raw HTTP over a kept-alive TCP connection,
request bytes made beforehand (signed by botocore for the endpoint, plain for the bare server), rounds taken in turn.

Latency: one connection, one request at a time. Throughput: 16 connections, each with one request under way.

    python benchmarks/bench_invoke.py [--rounds 10] [--requests 300] [--mlflow PYTHON | --no-mlflow]

`mlflow models serve` is measured in an environment that is made for the run with uv and thrown away; without uv, or where mlflow
cannot be installed, it is left out and that is said. `--mlflow` names the interpreter of an environment that is there already.

Latencies of a fraction of a millisecond mean little on a busy machine: `chrt -r 5 python benchmarks/bench_invoke.py` (Linux, root) has
both servers and the client go before everything else; the results say so.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

from smstudio_ext.engine.server import lifecycle

FEATURES = 20
TURN = 25
"""Requests that one server is asked before it is the other one's turn."""
NAME = "bench-invoke"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
RESULTS = Path(__file__).parent / "results" / "invoke.json"

BARE_SERVER = """
import asyncio, sys
import numpy as np, uvicorn, xgboost as xgb
booster = xgb.Booster(model_file=sys.argv[1])
booster.set_param({"nthread": 1})
async def app(scope, receive, send):
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    rows = np.array([[float(cell) for cell in line.split(b",")] for line in body.splitlines()], dtype=np.float32)
    answer = "\\n".join(str(score) for score in booster.inplace_predict(rows)).encode()
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"content-type", b"text/csv"), (b"content-length", str(len(answer)).encode())]})
    await send({"type": "http.response.body", "body": answer})
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), http="httptools", loop="uvloop", lifespan="off",
            access_log=False, log_level="warning", timeout_keep_alive=600)
"""


class Client:
    """One kept-alive connection that sends ready-made requests and waits for whole answers."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def exchange(self, request: bytes) -> tuple[float, bytes]:
        """Seconds from the first byte sent to the last one received, and the answer's body."""
        begin = time.perf_counter()
        self._socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        while len(body) < length:
            body += self._more()
        seconds = time.perf_counter() - begin
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{head!r} {body!r}")
        return seconds, body

    def _more(self) -> bytes:
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data


def train(folder: Path) -> Path:
    """A classifier of 100 trees of depth 4 on 20 features; returns the model file."""
    import numpy as np
    import xgboost as xgb

    generator = np.random.default_rng(7)
    features = generator.normal(size=(2000, FEATURES)).astype(np.float32)
    labels = (features[:, 0] + features[:, 1] * features[:, 2] > 0).astype(int)
    matrix = xgb.DMatrix(features, labels)
    booster = xgb.train({"objective": "binary:logistic", "max_depth": 4, "nthread": 1}, matrix, 100)
    path = folder / "xgboost-model.json"
    booster.save_model(path)
    return path


def rows(count: int) -> list[bytes]:
    """CSV rows to send."""
    import numpy as np

    values = np.random.default_rng(11).normal(size=(count, FEATURES))
    return [",".join(f"{value:.6g}" for value in row).encode() for row in values]


def deploy(info: lifecycle.EngineInfo, model: Path) -> float:
    """Deploys the model; returns seconds from CreateEndpoint to InService."""
    import boto3

    options: dict[str, Any] = {
        "endpoint_url": info.url,
        "region_name": info.region,
        "aws_access_key_id": info.access_key,
        "aws_secret_access_key": info.secret_key,
    }
    s3, sagemaker = boto3.client("s3", **options), boto3.client("sagemaker", **options)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.add(model, "xgboost-model")
    s3.create_bucket(Bucket="bench")
    s3.put_object(Bucket="bench", Key="model.tar.gz", Body=buffer.getvalue())
    sagemaker.create_model(
        ModelName=NAME, PrimaryContainer={"Image": IMAGE, "ModelDataUrl": "s3://bench/model.tar.gz"}
    )
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": NAME,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=NAME, ProductionVariants=[variant])
    begin = time.perf_counter()
    sagemaker.create_endpoint(EndpointName=NAME, EndpointConfigName=NAME)
    while (answer := sagemaker.describe_endpoint(EndpointName=NAME))["EndpointStatus"] == "Creating":
        time.sleep(0.01)
    if answer["EndpointStatus"] != "InService":
        raise RuntimeError(answer)
    return time.perf_counter() - begin


def signed(info: lifecycle.EngineInfo, body: bytes) -> bytes:
    """The bytes of a signed InvokeEndpoint request."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    url = f"{info.url}/endpoints/{NAME}/invocations"
    request = AWSRequest("POST", url, data=body, headers={"Content-Type": "text/csv", "Accept": "text/csv"})
    SigV4Auth(Credentials(info.access_key, info.secret_key), "sagemaker", info.region).add_auth(request)
    return raw(f"/endpoints/{NAME}/invocations", info.url.split("/")[2], dict(request.headers.items()), body)


def raw(path: str, host: str, headers: dict[str, str], body: bytes) -> bytes:
    """The bytes of a POST request."""
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {host}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join([*lines, f"Content-Length: {len(body)}"]) + "\r\n\r\n").encode() + body


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def connect(port: int, patience: float = 30.0) -> Client:
    """A client, once the server answers."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return Client(port)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def summary(seconds: list[float]) -> dict[str, float]:
    """p50, p90 and p99 in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100)
    return {name: round(cuts[at] * 1000, 4) for name, at in (("p50", 49), ("p90", 89), ("p99", 98))}


def measure(info: lifecycle.EngineInfo, port: int, rounds: int, requests: int) -> dict[str, dict[str, float]]:
    """Times both servers in turns over the same rows."""
    bodies = rows(requests)
    ours, bare = connect(int(info.url.rsplit(":", 1)[1])), connect(port)
    theirs = [raw("/invocations", f"127.0.0.1:{port}", {"Content-Type": "text/csv"}, body) for body in bodies]
    taken: dict[str, list[float]] = {"endpoint": [], "bare": []}
    for number in range(rounds + 1):
        signed_requests = [signed(info, body) for body in bodies]
        for at in range(
            0, requests, TURN
        ):  # short turns, so that what else the machine does meets both alike
            for name, client, batch in (("bare", bare, theirs), ("endpoint", ours, signed_requests)):
                answers = [client.exchange(request) for request in batch[at : at + TURN]]
                if number:  # the first round warms both up
                    taken[name] += [seconds for seconds, _ in answers]
        print(f"round {number}: {answers[-1][1].decode()[:24]}", file=sys.stderr)
    return {name: summary(seconds) for name, seconds in taken.items()}


class Pump(asyncio.Protocol):
    """A connection that sends ready-made requests one after the other, as fast as answers come."""

    def __init__(self, requests: list[bytes], done: asyncio.Future[None]) -> None:
        self._requests = iter(requests)
        self._done = done
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._data += data
        end = self._data.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._data[:end].lower()
        at = head.index(b"content-length:") + 15
        stop = head.find(b"\r\n", at)
        if len(self._data) < end + 4 + int(head[at : stop if stop > 0 else None]):
            return
        if not head.startswith(b"http/1.1 200"):
            self._done.set_exception(RuntimeError(self._data.decode()))
            return
        self._data = b""
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is not None:
            self._transport.write(request)
        elif not self._done.done():
            self._done.set_result(None)
            self._transport.close()


async def _pump(port: int, batches: list[list[bytes]]) -> float:
    loop = asyncio.get_running_loop()
    done = [loop.create_future() for _ in batches]
    begin = time.perf_counter()
    for batch, future in zip(batches, done, strict=True):
        await loop.create_connection(
            lambda batch=batch, future=future: Pump(batch, future), "127.0.0.1", port
        )
    await asyncio.gather(*done)
    return sum(map(len, batches)) / (time.perf_counter() - begin)


def throughput(info: lifecycle.EngineInfo, port: int, rounds: int, requests: int) -> dict[str, list[float]]:
    """Requests a second of both servers, round by round."""
    import uvloop

    connections = 16
    bodies = rows(requests)
    theirs = [raw("/invocations", f"127.0.0.1:{port}", {"Content-Type": "text/csv"}, body) for body in bodies]
    found: dict[str, list[float]] = {"endpoint": [], "bare": []}
    own_port = int(info.url.rsplit(":", 1)[1])
    for number in range(rounds + 1):
        ours = [signed(info, body) for body in bodies]
        for name, where, batch in (("bare", port, theirs), ("endpoint", own_port, ours)):
            rate = uvloop.run(_pump(where, [batch] * connections))
            if number:
                found[name].append(rate)
            print(f"round {number} {name}: {rate:.0f}/s", file=sys.stderr)
    return found


MLFLOW_SAVE = """
import sys, mlflow.xgboost, xgboost as xgb
booster = xgb.Booster(model_file=sys.argv[1])
mlflow.xgboost.save_model(booster, sys.argv[2])
"""


def mlflow_interpreter(folder: Path) -> str | None:
    """The interpreter of a new environment with mlflow and this environment's xgboost; None where that cannot be had."""
    import xgboost

    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if uv is None:
        print("mlflow is left out: uv, which makes its environment, is not installed.", file=sys.stderr)
        return None
    place = folder / "mlflow-environment"
    python = str(place / "bin" / "python")
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, str(place)],
        [uv, "pip", "install", "--quiet", "--python", python, "mlflow", f"xgboost=={xgboost.__version__}"],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"mlflow is left out: it cannot be installed here. {done.stderr.strip()}", file=sys.stderr)
            return None
    return python


def measure_mlflow(python: str, folder: Path, model: Path, requests: int) -> dict[str, float]:
    """Latency and throughput of `mlflow models serve` with one worker."""
    saved, port = folder / "mlflow-model", free_port()
    environment = {**os.environ, "PATH": f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("PYTHONPATH", None)
    subprocess.run([python, "-c", MLFLOW_SAVE, str(model), str(saved)], check=True, env=environment)
    command = [
        python,
        "-m",
        "mlflow",
        "models",
        "serve",
        "-m",
        str(saved),
        "-p",
        str(port),
        "--env-manager",
        "local",
    ]
    server = subprocess.Popen([*command, "--workers", "1"], env=environment, start_new_session=True)
    try:
        names = ",".join(f"f{number}" for number in range(FEATURES)).encode()
        batch = [
            raw("/invocations", f"127.0.0.1:{port}", {"Content-Type": "text/csv"}, names + b"\n" + body)
            for body in rows(requests)
        ]
        client = connect(port, 120.0)
        seconds = [client.exchange(request)[0] for request in batch][20:]
        rate = asyncio.run(_pump(port, [batch[:50]] * 16))
    finally:
        os.killpg(server.pid, 15)
        server.wait()
    return {**summary(seconds), "per_second": round(rate, 1)}


def main() -> None:
    """Runs the comparison, prints a table and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--requests", type=int, default=300, help="a round")
    parser.add_argument("--mlflow", help="interpreter of an environment with mlflow and xgboost")
    parser.add_argument("--no-mlflow", action="store_true", help="leave `mlflow models serve` out")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        model = train(folder)
        mlflow = None if arguments.no_mlflow else arguments.mlflow or mlflow_interpreter(folder)
        port = free_port()
        # a session of its own, as the engine has: the kernel's scheduler deals out time among sessions
        bare = subprocess.Popen(
            [sys.executable, "-c", BARE_SERVER, str(model), str(port)], start_new_session=True
        )
        info = lifecycle.start_engine(folder / "engine")
        try:
            in_service = deploy(info, model)
            result: dict[str, Any] = dict(measure(info, port, arguments.rounds, arguments.requests))
            rates = throughput(info, port, arguments.rounds, arguments.requests)
            if mlflow:
                result["mlflow"] = measure_mlflow(mlflow, folder, model, arguments.requests)
        finally:
            lifecycle.reset_engine(folder / "engine")
            bare.terminate()
            bare.wait()
    result["ratio_p50"] = round(result["endpoint"]["p50"] / result["bare"]["p50"], 2)
    for name, found in rates.items():
        result[name]["per_second"] = round(statistics.median(found), 1)
    result["ratio_throughput"] = round(result["endpoint"]["per_second"] / result["bare"]["per_second"], 2)
    if "mlflow" in result:
        result["ratio_throughput_mlflow"] = round(
            result["endpoint"]["per_second"] / result["mlflow"]["per_second"], 1
        )
    result["creating_to_in_service_s"] = round(in_service, 3)
    result["conditions"] = {
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
        "scheduler": "real-time" if os.sched_getscheduler(0) != os.SCHED_OTHER else "normal",
        "requests": arguments.rounds * arguments.requests,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print("| server | p50 ms | p90 ms | p99 ms | requests/s |\n| --- | --- | --- | --- | --- |")
    for name in ("bare", "endpoint", "mlflow"):
        if name in result:
            row = result[name]
            print(f"| {name} | {row['p50']} | {row['p90']} | {row['p99']} | {row['per_second']} |")
    print(
        f"\nratio of p50: {result['ratio_p50']}; of throughput: {result['ratio_throughput']}; Creating to InService: {result['creating_to_in_service_s']} s"
    )


if __name__ == "__main__":
    main()
