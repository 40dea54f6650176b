"""Images for tests of the runtime: what they do is said by hyperparameters."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from smstudio_ext.engine.images.contract import AlgorithmError, ClientError, Predictor


def train(optml: Path) -> None:
    """`train` of the test image."""
    wanted = json.loads((optml / "input/config/hyperparameters.json").read_text())
    if "ran" in wanted:
        with open(wanted["ran"], "a") as file:
            file.write("ran\n")
    for line in wanted.get("say", "").split("|"):
        print(line)
    for path in sorted((optml / "input/data").rglob("*")):
        if path.is_file():
            print(f"{path.relative_to(optml / 'input/data')}={path.read_text()}")
    (optml / "model/model.txt").write_text("a model")
    if "output" in wanted:
        (optml / "output/data/report.txt").write_text(wanted["output"])
    getattr(sys.modules[__name__], f"do_{wanted.get('do', 'nothing')}")(optml, wanted)


def do_nothing(optml: Path, wanted: Mapping[str, str]) -> None:
    """Ends at once."""


def do_refuse(optml: Path, wanted: Mapping[str, str]) -> None:
    """A mistake of the job's owner."""
    raise AlgorithmError("the label column is empty")


def do_break(optml: Path, wanted: Mapping[str, str]) -> None:
    """A mistake of the image."""
    raise ValueError("kaputt")


def do_exit(optml: Path, wanted: Mapping[str, str]) -> None:
    """Ends without a word."""
    os._exit(7)


def do_wait(optml: Path, wanted: Mapping[str, str]) -> None:
    """Runs until it is stopped, with a child that left the group."""
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    if "deaf" in wanted:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)


def do_until(optml: Path, wanted: Mapping[str, str]) -> None:
    """Runs until a file is there."""
    while not Path(wanted["until"]).exists():
        time.sleep(0.01)


def do_grow(optml: Path, wanted: Mapping[str, str]) -> None:
    """Takes memory until it is ended."""
    taken = []
    while True:
        taken.append(bytearray(os.urandom(1 << 20)) * 16)
        time.sleep(0.005)


class Upper:
    """Answers with the body in capitals."""

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        if b"bad" in body:
            raise ClientError("bad row", 422)
        return body.upper(), content_type


class Counter:
    """Answers each request with its number of lines."""

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        return str(len(body.splitlines())).encode(), content_type


def load_upper(model_dir: Path, env: Mapping[str, str]) -> Predictor:
    """`serve` of the test image."""
    return Upper()


def load_counter(model_dir: Path, env: Mapping[str, str]) -> Predictor:
    """`serve` of the counting test image."""
    return Counter()


def process(optml: Path) -> None:
    """`process` of the test image: joins the inputs."""
    config = json.loads((optml / "config/processingjobconfig.json").read_text())
    given = sorted((optml / "processing/input").iterdir())
    if not given:
        raise AlgorithmError("no input")
    text = "".join(path.read_text() for path in given)
    (optml / "processing/output/joined.txt").write_text(text + config["Environment"]["END"])


def count_cores(optml: Path) -> None:
    """Prints the cores and the thread count that a job gets."""
    print("cores", len(os.sched_getaffinity(0)), "threads", os.environ["OMP_NUM_THREADS"])
