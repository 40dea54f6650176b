"""Autopilot's default mode against FLAML, AutoGluon and a tuned LightGBM: scores, times, memory, in turn in one session.

Run: `python benchmarks/bench_automl_peers.py --sets churn abalone --seeds 0 1 --budget 60 --append`. Peers run in environments of
their own: `--flaml-python PATH`, `--autogluon-python PATH` (interpreters that have `flaml[automl]`, `autogluon.tabular[all]`), or a
peer is left out. Data come from `$SMSTUDIO_BENCH_DATA` (default `../shared/data` beside the repository): `<set>/meta.json` and its
file. Seed 0 is the split of `<set>/split.json`, others are stratified random fifths. Slices of sets and seeds add up in the results file
with `--append`; `--table` only prints it. Test scores choose nothing.
Every tool uses the cores that it may (`taskset -c 0 python benchmarks/bench_automl_peers.py ...` gives it one).
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import bench_autopilot
import numpy as np
import psutil

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "automl_peers.json"
DATA = Path(os.environ.get("SMSTUDIO_BENCH_DATA", HERE.parent.parent / "shared" / "data"))
METRICS = {
    "churn": "F1",
    "bank_clean": "AUC",
    "abalone": "RMSE",
    "california": "RMSE",
    "letter": "Accuracy",
    "adult": "AUC",
    "bank": "AUC",
    "covertype6k": "Accuracy",
}
DROPPED = {"bank_clean": ["y_no"]}
PROBLEMS = {
    "regression": "Regression",
    "binary": "BinaryClassification",
    "multiclass": "MulticlassClassification",
}
PEERS = {
    "flaml": "flaml",
    "autogluon-medium": "autogluon",
    "autogluon-best": "autogluon",
    "tuned-gbm": "flaml",
}
SMALLER_IS_BETTER = ("RMSE", "LogLoss")
SINGLE = "tuned-gbm"
"""A single model, the measure of AutoML tools rather than one of them."""
CORES = len(os.sched_getaffinity(0))


def main() -> None:
    """Runs the slice, writes the results, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sets", nargs="+", default=["churn", "bank_clean", "abalone", "california", "letter"]
    )
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--budget", type=int, default=60)
    parser.add_argument("--tools", nargs="+", default=["autopilot", "flaml", "autogluon-medium", "tuned-gbm"])
    parser.add_argument("--mode", default="AUTO")
    parser.add_argument("--flaml-python")
    parser.add_argument("--autogluon-python")
    parser.add_argument("--append", action="store_true")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    kept = json.loads(given.results.read_text())["results"] if given.append or given.table else []
    if not given.table:
        for name in given.sets:
            for seed in given.seeds:
                for tool in given.tools:
                    found = run(tool, name, seed, given)
                    if found is None:
                        continue
                    kept = [one for one in kept if _key(one) != _key(found)] + [found]
                    print(json.dumps(found), flush=True)
                    given.results.parent.mkdir(exist_ok=True)
                    given.results.write_text(json.dumps({"results": kept}, indent=1) + "\n")
    print(table(kept))


def _key(one: dict[str, Any]) -> tuple[Any, ...]:
    return one["set"], one["seed"], one["tool"], one["budget"], one["cores"]


def run(tool: str, name: str, seed: int, given: argparse.Namespace) -> dict[str, Any] | None:
    """One tool on one split; None for a peer without an environment."""
    python = None
    if tool in PEERS:
        python = given.flaml_python if PEERS[tool] == "flaml" else given.autogluon_python
        if not python:
            print(f"{tool} is left out: no interpreter for it was given.", file=sys.stderr)
            return None
    folder = Path(tempfile.mkdtemp(prefix="smstudio-peers-"))
    try:
        task, truth = prepare(name, seed, folder)
        if python:
            answer = peer(tool, python, folder, given.budget)
        else:
            answer = ours(folder, task, given.budget, given.mode)
        place = {"set": name, "seed": seed, "tool": tool, "budget": given.budget, "cores": CORES}
        return {**place, **(answer if "failure" in answer else judge(task, truth, answer))}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def prepare(name: str, seed: int, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Writes the split's files; returns the task and the test rows' true values."""
    meta = json.loads((DATA / name / "meta.json").read_text())
    with (DATA / name / meta["file"]).open(newline="") as stream:
        header, *rows = list(csv.reader(stream))
    for column in DROPPED.get(name, []):
        at = header.index(column)
        header.pop(at)
        for row in rows:
            row.pop(at)
    target = meta["target"] if meta["target"] in header else header[-1]
    at = header.index(target)
    problem = PROBLEMS[meta["task"]]
    labels = [row[at] for row in rows]
    if seed == 0:
        split = json.loads((DATA / name / "split.json").read_text())
        train, test = split["train"], split["test"]
    else:
        train, test = fifth(labels, problem, seed)
    for part, chosen in (("train", train), ("test", test)):
        with (folder / f"{part}.csv").open("w", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows([header, *(rows[row] for row in chosen)])
    task = {"target": target, "problem": problem, "metric": METRICS[name], "seed": seed}
    if problem == "BinaryClassification":
        task["positive"] = min(set(labels), key=labels.count)
    (folder / "task.json").write_text(json.dumps(task))
    return task, [labels[row] for row in test]


def fifth(labels: list[str], problem: str, seed: int) -> tuple[list[int], list[int]]:
    """A stratified random split, four fifths to one."""
    generator = np.random.default_rng(seed)
    key = (
        np.array([float(one) for one in labels])
        if problem == "Regression"
        else np.unique(labels, return_inverse=True)[1]
    )
    order = np.lexsort((generator.random(len(labels)), key))
    held = np.zeros(len(labels), dtype=bool)
    for start in range(0, len(order), 5):
        block = order[start : start + 5]
        held[block[generator.integers(len(block))]] = True
    return np.flatnonzero(~held).tolist(), np.flatnonzero(held).tolist()


class Meter:
    """Peak proportional memory of a process and everything below it, sampled from a thread."""

    def __init__(self, pid: int) -> None:
        self.peak = 0
        self._root = psutil.Process(pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            total = 0
            try:
                for process in (self._root, *self._root.children(recursive=True)):
                    try:
                        total += process.memory_full_info().pss
                    except (psutil.Error, AttributeError):
                        continue
            except psutil.Error:
                return
            self.peak = max(self.peak, total)

    def stop(self) -> int:
        """Ends the sampling; returns the peak in bytes."""
        self._over.set()
        self._thread.join()
        return self.peak


def peer(tool: str, python: str, folder: Path, budget: int) -> dict[str, Any]:
    """Runs a peer in its own interpreter."""
    begin, before = time.monotonic(), os.times()
    command = [python, str(HERE / "automl_peer.py"), tool, str(folder), str(budget)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    meter = Meter(process.pid)
    _, errors = process.communicate()
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    measured = {"cpu_seconds": cpu, "seconds": time.monotonic() - begin, "peak_mb": meter.stop() / 2**20}
    if process.returncode:
        return {"failure": errors.decode()[-400:], **measured}
    return {**json.loads((folder / "answer.json").read_text()), **measured}


def ours(folder: Path, task: dict[str, Any], budget: int, mode: str) -> dict[str, Any]:
    """One Autopilot job on a fresh engine, its best candidate deployed and asked."""
    with bench_autopilot.engine() as info:
        client, s3 = bench_autopilot.connect(info, "sagemaker"), bench_autopilot.connect(info, "s3")
        s3.create_bucket(Bucket="bench")
        s3.put_object(Bucket="bench", Key="input/train.csv", Body=(folder / "train.csv").read_bytes())
        memory, meter, begin = Meter(info.pid), bench_autopilot.CpuMeter(info.pid), time.monotonic()
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bench/input/train.csv"}}
        client.create_auto_ml_job(
            AutoMLJobName="bench",
            InputDataConfig=[{"DataSource": source, "TargetAttributeName": task["target"]}],
            OutputDataConfig={"S3OutputPath": "s3://bench/output"},
            ProblemType=task["problem"],
            AutoMLJobObjective={"MetricName": task["metric"]},
            AutoMLJobConfig={"Mode": mode, "CompletionCriteria": {"MaxAutoMLJobRuntimeInSeconds": budget}},
            RoleArn=bench_autopilot.ROLE,
        )
        job, _, first = bench_autopilot.follow(client, "bench", begin, meter)
        fit = time.monotonic() - begin
        measured = {"cpu_seconds": meter.seconds, "seconds": fit, "peak_mb": memory.stop() / 2**20}
        if "BestCandidate" not in job:
            return {"failure": str(job.get("FailureReason")), **measured}
        best = job["BestCandidate"]
        found = ask(info, client, best, folder, task)
    value = best["FinalAutoMLJobObjectiveMetric"]["Value"]
    return {
        "fit_seconds": fit,
        "validation": value,
        "first_model_seconds": first,
        "best": best["CandidateName"],
        **found,
        **measured,
    }


def ask(info: Any, client: Any, best: dict[str, Any], folder: Path, task: dict[str, Any]) -> dict[str, Any]:
    """The test rows' answers from an endpoint, and how long one row takes."""
    containers = best["InferenceContainers"]
    classes = task["problem"] != "Regression"
    if classes:
        keys = "predicted_label,probabilities,labels"
        # In a chain each container gets what the one before it answers; `labels` is made by the last one.
        containers[-1]["Environment"]["SAGEMAKER_INFERENCE_OUTPUT"] = keys
        if len(containers) > 1:
            containers[1]["Environment"]["SAGEMAKER_INFERENCE_OUTPUT"] = "predicted_label,probabilities"
            containers[-1]["Environment"]["SAGEMAKER_INFERENCE_INPUT"] = "predicted_label,probabilities"
    client.create_model(ModelName="bench", Containers=containers, ExecutionRoleArn=bench_autopilot.ROLE)
    variant = {
        "VariantName": "v",
        "ModelName": "bench",
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    client.create_endpoint_config(EndpointConfigName="bench", ProductionVariants=[variant])
    client.create_endpoint(EndpointName="bench", EndpointConfigName="bench")
    while (status := client.describe_endpoint(EndpointName="bench")["EndpointStatus"]) == "Creating":
        time.sleep(0.1)
    if status != "InService":
        raise SystemExit(f"the endpoint is {status}")
    with (folder / "test.csv").open(newline="") as stream:
        header, *rows = list(csv.reader(stream))
    at = header.index(task["target"])
    rows = [row[:at] + row[at + 1 :] for row in rows]
    runtime = bench_autopilot.connect(info, "sagemaker-runtime")

    def invoke(part: list[list[str]]) -> list[list[str]]:
        answer = runtime.invoke_endpoint(
            EndpointName="bench", ContentType="text/csv", Body=bench_autopilot.as_csv(part)
        )
        return list(csv.reader(answer["Body"].read().decode().splitlines()))

    invoke(rows[:1])
    taken = []
    for number in range(50):
        begin = time.perf_counter()
        invoke(rows[number : number + 1])
        taken.append(time.perf_counter() - begin)
    begin = time.monotonic()
    answers = [line for start in range(0, len(rows), 500) for line in invoke(rows[start : start + 500])]
    measured = {"predict_seconds": time.monotonic() - begin, "row_p50_ms": 1000 * float(np.median(taken))}
    if not classes:
        return {"values": [float(line[0]) for line in answers], **measured}
    return {
        "labels": [line[0] for line in answers],
        "probabilities": [json.loads(line[1]) for line in answers],
        "names": json.loads(answers[0][2]),
        **measured,
    }


def judge(task: dict[str, Any], truth: list[str], answer: dict[str, Any]) -> dict[str, Any]:
    """The scores of an answer, with bootstrap standard errors, beside what was measured."""
    generator = np.random.default_rng(1)
    rows = np.arange(len(truth))
    value = score(task, truth, answer, rows)
    again = [score(task, truth, answer, generator.choice(rows, len(rows))) for _ in range(50)]
    found: dict[str, Any] = {"metric": task["metric"], "score": value, "se": float(np.std(again))}
    if task["problem"] != "Regression":
        found["log_loss"] = score({**task, "metric": "LogLoss"}, truth, answer, rows)
    for name in (
        "validation", "first_model_seconds", "fit_seconds", "predict_seconds", "row_p50_ms", "seconds", "cpu_seconds", "peak_mb", "best",
    ):  # fmt: skip
        if name in answer:
            found[name] = answer[name] if isinstance(answer[name], str) else round(answer[name], 5)
    return found


def score(task: dict[str, Any], truth: list[str], answer: dict[str, Any], rows: Any) -> float:
    """One metric on some of the test rows."""
    metric = task["metric"]
    if metric == "RMSE":
        error = np.array(answer["values"])[rows] - np.array([float(one) for one in truth])[rows]
        return float(np.sqrt(np.mean(error**2)))
    names = answer["names"]
    true = _codes(names, truth)[rows]
    if metric in ("Accuracy", "F1"):
        labels = _codes(names, answer["labels"])[rows]
        if metric == "Accuracy":
            return float(np.mean(true == labels))
        positive = _codes(names, [task["positive"]])[0]
        hits = np.sum((true == positive) & (labels == positive))
        return float(2 * hits / max(1, np.sum(true == positive) + np.sum(labels == positive)))
    probabilities = np.array(answer["probabilities"])[rows]
    if metric == "LogLoss":
        return float(-np.mean(np.log(np.clip(probabilities[np.arange(len(true)), true], 1e-15, 1))))
    positive = _codes(names, [task["positive"]])[0]
    return auc((true == positive).astype(int), probabilities[:, positive])


def _codes(names: list[str], labels: list[str]) -> Any:
    """Places of labels among names; 1 and 1.0 are one class."""
    places = {}
    for code, name in enumerate(names):
        places[name] = code
        places[_plain(name)] = code
    return np.array([places[label] if label in places else places[_plain(label)] for label in labels])


def _plain(name: str) -> str:
    try:
        return repr(float(name))
    except ValueError:
        return name


def auc(true: Any, value: Any) -> float:
    """Area under the ROC curve by ranks."""
    _, inverse, counts = np.unique(value, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positives, negatives = int(true.sum()), int((1 - true).sum())
    return float((ranks[true == 1].sum() - positives * (positives + 1) / 2) / max(1, positives * negatives))


def table(results: list[dict[str, Any]]) -> str:
    """Markdown: means by set and tool, then mean ranks over sets and seeds that all tools of a budget have run."""
    lines = [
        "| budget | cores | set | metric | tool | seeds | score | log loss | leaderboard score | fit s | first model s | predict s | row p50 ms "
        "| CPU s | peak MB |",
        "| --- |" + " --- |" * 14,
    ]
    good = [one for one in results if "score" in one]
    for place in sorted({(one["budget"], one["cores"], one["set"]) for one in good}):
        group = [one for one in good if (one["budget"], one["cores"], one["set"]) == place]
        for tool in dict.fromkeys(one["tool"] for one in group):
            own = [one for one in group if one["tool"] == tool]
            cells = [
                *map(str, place), own[0]["metric"], tool, str(len(own)), f"{_mean(own, 'score')} ± {_spread(own)}",
                _mean(own, "log_loss"), _mean(own, "validation"),
            ]  # fmt: skip
            measured = (
                "fit_seconds",
                "first_model_seconds",
                "predict_seconds",
                "row_p50_ms",
                "cpu_seconds",
                "peak_mb",
            )
            cells += [_mean(own, member, 1) for member in measured]
            lines.append("| " + " | ".join(cells) + " |")
    for budget, cores in sorted({(one["budget"], one["cores"]) for one in good}):
        group = [one for one in good if (one["budget"], one["cores"]) == (budget, cores)]
        lines += ["", f"Mean rank at {budget} s on {cores} core(s), 1 is best:"]
        several = [one for one in group if one["tool"] != SINGLE]
        lines += [f"- {ranks(each)}" for each in ([several, group] if len(several) < len(group) else [group])]
    failures = [one for one in results if "failure" in one]
    lines += [
        f"Failed: {one['tool']} on {one['set']}, seed {one['seed']}: {one['failure']}" for one in failures
    ]
    return "\n".join(lines)


def ranks(results: list[dict[str, Any]]) -> str:
    """Mean ranks of the tools over the splits that each of them has run."""
    tools = list(dict.fromkeys(one["tool"] for one in results))
    by_split: dict[tuple[str, int], dict[str, float]] = {}
    for one in results:
        sign = 1 if one["metric"] in SMALLER_IS_BETTER else -1
        by_split.setdefault((one["set"], one["seed"]), {})[one["tool"]] = sign * one["score"]
    whole = [scores for scores in by_split.values() if len(scores) == len(tools)]
    if not whole:
        return "no split that all tools have run"
    found = {
        tool: np.mean(
            [
                1 + sum(o < s[tool] for o in s.values()) + 0.5 * (sum(o == s[tool] for o in s.values()) - 1)
                for s in whole
            ]
        )
        for tool in tools
    }
    shown = ", ".join(
        f"{tool} {value:.2f}" for tool, value in sorted(found.items(), key=lambda item: item[1])
    )
    return f"{shown} ({len(whole)} splits)"


def _mean(rows: list[dict[str, Any]], member: str, digits: int = 4) -> str:
    values = [row[member] for row in rows if member in row]
    if not values:
        return "-"
    mean = float(np.mean(values))
    return f"{mean:,.0f}" if abs(mean) > 1000 else f"{mean:.{digits}f}"


def _spread(rows: list[dict[str, Any]]) -> str:
    values = [row["score"] for row in rows]
    error = float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else rows[0]["se"]
    return f"{error:,.0f}" if error > 100 else f"{error:.4f}"


if __name__ == "__main__":
    main()
