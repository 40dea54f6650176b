"""S3 next to moto_server: 64 MiB PUT and GET, small objects, a listing of 2,500 keys, and the engine's memory.

Run: `python benchmarks/bench_s3.py [--rounds 7] [--small 200] [--keys 2500] [--big-gib 5]`. Plain boto3 for both, alternating, so that a busy
machine slows both; medians. `--big-gib` streams one object through the engine alone (0 leaves it out; needs twice
that space for a moment) and watches its memory.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import psutil
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from moto_peer import start_moto

from smstudio_ext.engine.server import lifecycle

RESULTS = Path(__file__).resolve().parent / "results" / "s3.json"
MIB = 1 << 20
BUCKET = "bench-bucket"


class Peak(threading.Thread):
    """Watches the resident memory of a process."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process(pid)
        self._stop_watching = threading.Event()
        self.before = self._process.memory_info().rss / MIB
        self.peak = self.before

    def run(self) -> None:
        while not self._stop_watching.wait(0.01):
            self.peak = max(self.peak, self._process.memory_info().rss / MIB)

    def __enter__(self) -> Peak:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_watching.set()
        self.join()


class Stream(io.RawIOBase):
    """A body of many bytes that is nowhere as a whole."""

    def __init__(self, size: int) -> None:
        self._block = os.urandom(8 * MIB)
        self._size = size
        self._at = 0
        self.md5 = hashlib.md5()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        wanted = min(size if size >= 0 else self._size, self._size - self._at, len(self._block))
        piece = self._block[:wanted]
        self._at += wanted
        self.md5.update(piece)
        return piece


def client(url: str, access_key: str, secret_key: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=Config(retries={"max_attempts": 1}),
    )


def seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def sizes(servers: dict[str, Any], rounds: int) -> dict[str, dict[str, float]]:
    """MB/s of PUT and GET of 64 MiB."""
    data = os.urandom(64 * MIB)
    took: dict[str, dict[str, list[float]]] = {name: {"put": [], "get": []} for name in servers}
    for number in range(rounds + 1):
        for name, s3 in servers.items():
            put = seconds(lambda s3=s3: s3.put_object(Bucket=BUCKET, Key="big", Body=data))  # type: ignore[misc]
            get = seconds(lambda s3=s3: s3.get_object(Bucket=BUCKET, Key="big")["Body"].read())  # type: ignore[misc]
            if number:
                took[name]["put"].append(put)
                took[name]["get"].append(get)
    return {
        name: {kind: len(data) / 1e6 / statistics.median(times) for kind, times in kinds.items()}
        for name, kinds in took.items()
    }


def small(servers: dict[str, Any], count: int) -> dict[str, dict[str, float]]:
    """Milliseconds of a PUT and a GET of 1 KiB."""
    took: dict[str, dict[str, list[float]]] = {name: {"put": [], "get": []} for name in servers}
    for number in range(count):
        for name, s3 in servers.items():
            key = f"small/{number}"
            took[name]["put"].append(
                seconds(lambda s3=s3, key=key: s3.put_object(Bucket=BUCKET, Key=key, Body=b"x" * 1024))  # type: ignore[misc]
            )
            took[name]["get"].append(
                seconds(lambda s3=s3, key=key: s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())  # type: ignore[misc]
            )
    return {
        name: {kind: statistics.median(times) * 1000 for kind, times in kinds.items()}
        for name, kinds in took.items()
    }


def listing(servers: dict[str, Any], keys: int) -> dict[str, float]:
    """Milliseconds to list many keys, page by page."""
    took: dict[str, list[float]] = {name: [] for name in servers}
    for s3 in servers.values():
        for number in range(keys):
            s3.put_object(Bucket=BUCKET, Key=f"list/{number:06d}", Body=b"")
    for _ in range(5):
        for name, s3 in servers.items():
            pages = s3.get_paginator("list_objects_v2")
            took[name].append(
                seconds(
                    lambda pages=pages: [
                        len(page["Contents"]) for page in pages.paginate(Bucket=BUCKET, Prefix="list/")
                    ]  # type: ignore[misc]
                )
            )
    return {name: statistics.median(times) * 1000 for name, times in took.items()}


def huge(s3: Any, pid: int, gib: float) -> dict[str, float]:
    """One huge object up (in parts) and down; what the engine's memory did."""
    size = int(gib * (1 << 30))
    body = Stream(size)
    digest = hashlib.md5()

    def download() -> None:
        stream = s3.get_object(Bucket=BUCKET, Key="huge")["Body"]
        while piece := stream.read(8 * MIB):
            digest.update(piece)

    with Peak(pid) as memory:
        config = TransferConfig(multipart_chunksize=64 * MIB, max_concurrency=2)
        up = seconds(lambda: s3.upload_fileobj(body, BUCKET, "huge", Config=config))
        down = seconds(download)
    if digest.digest() != body.md5.digest():
        raise SystemExit("the huge object came back changed")
    s3.delete_object(Bucket=BUCKET, Key="huge")
    return {
        "gib": gib,
        "up_mb_per_s": size / 1e6 / up,
        "down_mb_per_s": size / 1e6 / down,
        "rss_before_mb": memory.before,
        "rss_peak_mb": memory.peak,
    }


def main() -> None:
    """Runs the benchmark, prints a markdown table and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--small", type=int, default=200)
    parser.add_argument("--keys", type=int, default=2500)
    parser.add_argument("--big-gib", type=float, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / "engine"
        info = lifecycle.start_engine(directory)
        moto, moto_url = start_moto()
        moto_client = client(moto_url, "testing", "testing")
        servers = {"engine": client(info.url, info.access_key, info.secret_key), "moto": moto_client}
        try:
            for s3 in servers.values():
                s3.create_bucket(Bucket=BUCKET)
            with Peak(info.pid) as memory:
                result: dict[str, Any] = {
                    "cores": os.cpu_count(),
                    "load": os.getloadavg()[0],
                    "mb_per_s_64_mib": sizes(servers, arguments.rounds),
                    "rss_before_mb": memory.before,
                }
                result["rss_peak_mb"] = memory.peak
            result["small_ms"] = small(servers, arguments.small)
            result["list_ms"] = listing(servers, arguments.keys)
            if arguments.big_gib:
                result["huge"] = huge(servers["engine"], info.pid, arguments.big_gib)
        finally:
            moto.terminate()
            moto.wait()
            lifecycle.reset_engine(directory)
    report(result, arguments)


def report(result: dict[str, Any], arguments: argparse.Namespace) -> None:
    """Prints and keeps the figures."""
    rates, times, lists = result["mb_per_s_64_mib"], result["small_ms"], result["list_ms"]
    lines = ["| figure | engine | moto_server | ratio | wanted |", "| --- | ---: | ---: | ---: | --- |"]
    for kind in ("put", "get"):
        ours, theirs = rates["engine"][kind], rates["moto"][kind]
        lines.append(
            f"| {kind.upper()} 64 MiB, MB/s | {ours:.0f} | {theirs:.0f} | {ours / theirs:.1f} | >= 1 |"
        )
    lines.append(
        f"| RSS before and peak, MB | {result['rss_before_mb']:.0f}, {result['rss_peak_mb']:.0f} | | | flat |"
    )
    for kind in ("put", "get"):
        ours, theirs = times["engine"][kind], times["moto"][kind]
        lines.append(f"| {kind.upper()} 1 KiB, ms | {ours:.2f} | {theirs:.2f} | {ours / theirs:.2f} | |")
    ours, theirs = lists["engine"], lists["moto"]
    lines.append(f"| list {arguments.keys:,} keys, ms | {ours:.0f} | {theirs:.0f} | {ours / theirs:.2f} | |")
    if "huge" in result:
        one = result["huge"]
        lines.append(
            f"| {one['gib']:g} GiB up, down, MB/s | {one['up_mb_per_s']:.0f}, {one['down_mb_per_s']:.0f} | | | |"
        )
        lines.append(
            f"| RSS before and peak meanwhile, MB | {one['rss_before_mb']:.0f}, {one['rss_peak_mb']:.0f} | | | "
            "<= 100 more |"
        )
    print("\n".join(lines))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
