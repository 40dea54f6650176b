"""What magics add: loading, Autopilot on churn beside the engine's own time, and the memory that ten million rows take.

Peers in the same run: IPython without the extension; `python -m typer --help`; pandas' `to_csv` with boto3's upload.
Processor time stands beside wall time, as other work on the machine makes the latter longer.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULT = Path(__file__).parent / "results" / "magics.json"
ALLOWED = {"load_ms": 150.0, "help_ms": 200.0, "autopilot_adds_s": 1.0, "memory_mb": 300.0}
ROUNDS = 7
ROWS = 10_000_000
KINDS = ("peer", "pandas csv", "pandas parquet", "polars query csv", "predict")

_LOAD = """
import time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell()
wall, processor = time.perf_counter(), time.process_time()
shell.run_line_magic("load_ext", "smstudio_ext")
print(time.perf_counter() - wall, time.process_time() - processor)
"""


def load_times() -> tuple[float, float]:
    """Milliseconds of `%load_ext` in a fresh process: wall, processor (medians)."""
    found = [_printed([sys.executable, "-c", _LOAD]) for _ in range(ROUNDS)]
    return tuple(1000 * statistics.median(column) for column in zip(*found, strict=True))  # type: ignore[return-value]


def command_times(*arguments: str) -> tuple[float, float]:
    """Milliseconds of a whole Python process: wall, processor (medians)."""
    found = []
    for _ in range(ROUNDS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        found.append((time.perf_counter() - began, spent))
    return tuple(1000 * statistics.median(column) for column in zip(*found, strict=True))  # type: ignore[return-value]


def autopilot(candidates: int) -> tuple[float, float, float]:
    """Seconds of `%sm_autopilot` on the churn sample, of the engine's job from creation to end, of this process's processor."""
    import io

    import pandas as pd
    from IPython.core.interactiveshell import InteractiveShell

    from smstudio_ext.studio.samples import sample, sample_csv

    shell = InteractiveShell()  # type: ignore[no-untyped-call]
    shell.run_line_magic("load_ext", "smstudio_ext")
    shell.user_ns["churn"] = pd.read_csv(io.BytesIO(sample_csv("churn")))
    shell.run_cell("%smstudio")  # type: ignore[no-untyped-call]
    column = sample("churn").target
    began, processor = time.perf_counter(), time.process_time()
    shell.run_cell(  # type: ignore[no-untyped-call]
        f"%sm_autopilot churn --target {column} --max-candidates {candidates} -o found"
    ).raise_error()
    took, processor = time.perf_counter() - began, time.process_time() - processor
    return took, float(shell.user_ns["found"].job.elapsed_seconds), processor


def memory(kind: str, rows: int) -> dict[str, float]:
    """What one way of sending a long table takes, in this process.

    Returns:
        Peak of memory above what the table itself takes (MB), seconds, and the table's size (MB).
    """
    import numpy as np
    import pandas as pd
    import polars as pl

    from smstudio_ext.magics import predictions, values
    from smstudio_ext.magics.place import PLACE
    from smstudio_ext.studio.buckets import ensure_bucket

    target = PLACE.target()
    bucket, _ = ensure_bucket(target, None)
    generator = np.random.default_rng(0)
    frame = pd.DataFrame({name: generator.normal(size=rows) for name in "abcdef"})
    frame["n"] = np.arange(rows)
    size = frame.memory_usage().sum() / 1e6
    values.in_s3(target, frame.head(1000), "bench/warm", form="csv")
    values.in_s3(target, frame.head(1000), "bench/warm", form="parquet")
    before = _peak(reset=True)
    began = time.perf_counter()
    if kind == "peer":
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "data.csv"
            frame.to_csv(path, index=False)
            target.client("s3").upload_file(str(path), bucket, "bench/peer.csv")
    elif kind == "predict":
        answer = predictions.asked(
            lambda body, _: ("text/csv", b"0.5\n" * body.count(b"\n")), frame, "text/csv"
        )
        assert len(answer) == rows
    elif kind.startswith("polars"):
        frame.head(0)
        query = pl.from_pandas(frame).lazy().with_columns((pl.col("a") * 2).alias("z"))
        before = _peak(reset=True)
        values.in_s3(target, query, "bench/polars", form="csv")
    else:
        values.in_s3(target, frame, "bench/pandas", form="csv" if kind.endswith("csv") else "parquet")
    return {"peak_mb": _peak() - before, "seconds": time.perf_counter() - began, "table_mb": size}


def _peak(*, reset: bool = False) -> float:
    """The most memory that this process held since the last reset, MB."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    return float(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1000


def _printed(command: list[str]) -> list[float]:
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return [float(word) for word in done.stdout.split()]


def main() -> None:
    """Measures everything and prints a table; exit code 1 when a figure is too large."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--candidates", type=int, default=3)
    parser.add_argument("--memory", choices=KINDS, help="only this way of sending, as JSON (used by itself)")
    given = parser.parse_args()
    if given.memory:
        print(json.dumps(memory(given.memory, given.rows)))
        return
    with tempfile.TemporaryDirectory(prefix="smstudio-bench-") as folder:
        os.environ["SMSTUDIO_HOME"] = folder
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        try:
            found = _measured(given.rows, given.candidates)
        finally:
            from smstudio_ext.engine.server import lifecycle

            lifecycle.stop_engine(Path(folder))
    RESULT.write_text(json.dumps(found, indent=2) + "\n")
    _report(found)
    sys.exit(not all(found["within"].values()))


def _measured(rows: int, candidates: int) -> dict[str, Any]:
    load, help_ = load_times(), command_times("-m", "smstudio_ext.cli", "--help")
    empty = command_times("-c", "import typer")
    magic, engine, processor = autopilot(candidates)
    sent = {
        kind: json.loads(
            subprocess.run(
                [sys.executable, __file__, "--memory", kind, "--rows", str(_rows_of(kind, rows))],
                check=True,
                capture_output=True,
                text=True,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            ).stdout.splitlines()[-1]
        )
        for kind in KINDS
    }
    ours = [each["peak_mb"] for kind, each in sent.items() if kind.split()[0] in ("pandas", "polars")]
    return {
        "load_average": os.getloadavg()[0],
        "load_ms": {"wall": load[0], "processor": load[1]},
        "help_ms": {"wall": help_[0], "processor": help_[1], "import typer": empty[0]},
        "autopilot_s": {
            "magic": magic,
            "engine": engine,
            "adds": magic - engine,
            "processor": processor,
            "candidates": candidates,
        },
        "rows": rows,
        "sending": sent,
        "within": {
            "load": load[1] <= ALLOWED["load_ms"],
            "help": help_[1] <= ALLOWED["help_ms"],
            "autopilot": magic - engine <= ALLOWED["autopilot_adds_s"],
            "memory": max(ours) <= ALLOWED["memory_mb"],
        },
    }


def _rows_of(kind: str, rows: int) -> int:
    """The peer's table is a tenth as long: pandas writes CSV ten times as slowly."""
    return rows // 10 if kind == "peer" else rows


def _report(found: dict[str, Any]) -> None:
    load, help_, run = found["load_ms"], found["help_ms"], found["autopilot_s"]
    print("| what | peer | ours | allowed |\n| --- | --- | --- | --- |")
    print(f"| `%load_ext`, processor (wall) | | {load['processor']:.0f} ({load['wall']:.0f}) ms | 150 ms |")
    print(
        f"| `smstudio --help`, processor (wall) | import of typer {help_['import typer']:.0f} ms "
        f"| {help_['processor']:.0f} ({help_['wall']:.0f}) ms | 200 ms |"
    )
    print(
        f"| `%sm_autopilot` on churn, {run['candidates']} candidates | engine {run['engine']:.2f} s "
        f"| +{run['adds']:.2f} s ({run['processor']:.2f} s of the processor) | +1 s |"
    )
    for kind, each in found["sending"].items():
        print(
            f"| {_rows_of(kind, found['rows']):,} rows ({each['table_mb']:.0f} MB), {kind}: memory above the table "
            f"| | {each['peak_mb']:.0f} MB, {each['seconds']:.1f} s | {'300 MB' if kind not in ('peer', 'predict') else ''} |"
        )


if __name__ == "__main__":
    main()
