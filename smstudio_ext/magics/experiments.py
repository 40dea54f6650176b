"""What `%%sm_run` keeps of a cell: parameters, metrics, figures and DataFrames, as a trial component."""

from __future__ import annotations

import ast
import base64
import math
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from smstudio_ext.magics.failure import MagicFailure, plain_errors
from smstudio_ext.magics.show import Table, Tabled

if TYPE_CHECKING:
    from smstudio_ext.target import Target

_NAME_ROOM = 100
_MOST_PARAMETERS = 300
_MOST_TEXT = 2500
_MOST_FRAMES = 10
_FRAME_ROWS = 100_000
_POINTS_AT_ONCE = 10


class Chosen:
    """The experiment of the runs and jobs that follow.

    Attributes:
        experiment, trial: names; None without a choice.
    """

    def __init__(self) -> None:
        self.experiment: str | None = None
        self.trial: str | None = None

    def choose(self, target: Target, experiment: str, trial: str | None) -> None:
        """Chooses an experiment and a trial; makes what is not there."""
        sagemaker = target.client("sagemaker")
        _made(sagemaker.create_experiment, ExperimentName=experiment)
        name = trial or f"{experiment[:_NAME_ROOM]}-{time.strftime('%Y%m%d-%H%M%S')}"
        _made(sagemaker.create_trial, TrialName=name, ExperimentName=experiment)
        self.experiment, self.trial = experiment, name

    def config(self) -> dict[str, str]:
        """ExperimentConfig of a job's request."""
        found = {"ExperimentName": self.experiment, "TrialName": self.trial}
        return {name: value for name, value in found.items() if value}


CHOSEN = Chosen()
"""The one of this kernel."""


class Run(Tabled):
    """A run of a cell.

    Attributes:
        name: of its trial component.
        parameters: name -> number or text.
        metrics: name -> its last value.
        artifacts: name -> S3 address.
        status: InProgress, Completed, Stopped or Failed.
    """

    def __init__(self, target: Target, name: str) -> None:
        self._target = target
        self._points: list[dict[str, Any]] = []
        self._steps: dict[str, int] = {}
        self.name = name
        self.parameters: dict[str, Any] = {}
        self.metrics: dict[str, float] = {}
        self.artifacts: dict[str, str] = {}
        self.status = "InProgress"

    def log_parameter(self, name: str, value: Any) -> None:
        """Keeps a parameter: a number, a text or a truth value."""
        self.parameters[name] = value

    def log_parameters(self, values: dict[str, Any]) -> None:
        """Keeps parameters."""
        self.parameters.update(values)

    def log_metric(self, name: str, value: float, step: int | None = None) -> None:
        """Keeps a value of a metric; steps count from 0 when none is given.

        Raises:
            MagicFailure: it is no finite number.
        """
        number = float(value)
        if not math.isfinite(number):
            raise MagicFailure(f"The metric {name!r} is {number}: only finite numbers can be kept.")
        at = self._steps.get(name, 0) if step is None else step
        self._steps[name] = at + 1
        self.metrics[name] = number
        self._points.append({"MetricName": name, "Timestamp": time.time(), "Step": at, "Value": number})
        if len(self._points) == _POINTS_AT_ONCE:
            self.flush()

    def log_artifact(self, name: str, content: bytes, media_type: str) -> str:
        """Puts something into S3 and keeps its address with the run."""
        from smstudio_ext.studio.buckets import ensure_bucket

        bucket, _ = ensure_bucket(self._target, None)
        key = f"runs/{self.name}/{name}"
        self._target.client("s3").put_object(Bucket=bucket, Key=key, Body=content, ContentType=media_type)
        self.artifacts[name] = f"s3://{bucket}/{key}"
        return self.artifacts[name]

    def flush(self) -> None:
        """Sends the values of metrics that are still here.

        Raises:
            MagicFailure: the service refused some.
        """
        points, self._points = self._points, []
        for start in range(0, len(points), _POINTS_AT_ONCE):
            answer = self._target.client("sagemaker-metrics").batch_put_metrics(
                TrialComponentName=self.name, MetricData=points[start : start + _POINTS_AT_ONCE]
            )
            errors = answer.get("Errors", [])
            if errors:
                raise MagicFailure(f"A metric was refused: {errors[0].get('Code')}")

    def begin(self) -> None:
        """Makes the trial component, in the chosen experiment."""
        sagemaker = self._target.client("sagemaker")
        sagemaker.create_trial_component(
            TrialComponentName=self.name,
            DisplayName=self.name,
            Status={"PrimaryStatus": "InProgress"},
            StartTime=datetime.now(timezone.utc),
        )
        if CHOSEN.trial:
            sagemaker.associate_trial_component(TrialComponentName=self.name, TrialName=CHOSEN.trial)

    def end(self, error: BaseException | None) -> None:
        """Writes down everything and the end."""
        self.flush()
        stopped = isinstance(error, KeyboardInterrupt)
        self.status = "Stopped" if stopped else "Failed" if error is not None else "Completed"
        status = {"PrimaryStatus": self.status}
        if error is not None:
            status["Message"] = f"{type(error).__name__}: {error}"[:1024]
        self._target.client("sagemaker").update_trial_component(
            TrialComponentName=self.name,
            Status=status,
            EndTime=datetime.now(timezone.utc),
            Parameters=dict([(n, _parameter(v)) for n, v in self.parameters.items()][:_MOST_PARAMETERS]),
            OutputArtifacts={name[:128]: {"Value": uri} for name, uri in list(self.artifacts.items())[:30]},
        )

    def _table(self) -> Table:
        rows: list[list[Any]] = [["Parameter", name, value] for name, value in self.parameters.items()]
        rows += [["Metric", name, value] for name, value in self.metrics.items()]
        rows += [["Artifact", name, uri] for name, uri in self.artifacts.items()]
        place = f" in {CHOSEN.experiment}" if CHOSEN.experiment else ""
        title = f"Run {self.name}{place}: {self.status}"
        return Table(["", "Name", "Value"], rows, title=title, empty=f"{title}; nothing was kept.")


def run_cell(target: Target, shell: Any, cell: str, *, name: str | None, auto: bool) -> Run:
    """Runs a cell and keeps what it did.

    Args:
        shell: the `InteractiveShell`.
        auto: keep constants, numbers, figures and DataFrames by themselves.

    Raises:
        MagicFailure: the cell failed; its own error was shown, and the run says Failed.
    """
    from IPython.utils.capture import capture_output

    run = Run(
        target, name or f"run-{time.strftime('%Y%m%d-%H%M%S')}-{time.monotonic_ns() // 1_000_000 % 1000:03d}"
    )
    run.begin()
    names = shell.user_ns
    hidden, before = names.get("run"), dict(names)
    names["run"] = run
    error: BaseException | None = None
    try:
        with capture_output(stdout=False, stderr=False, display=auto) as captured:
            result = shell.run_cell(cell, store_history=False)
        error = result.error_before_exec or result.error_in_exec
        for output in captured.outputs:
            output.display()
        if auto and error is None:
            _keep(run, cell, names, before, captured.outputs)
        run.log_artifact("cell.py", cell.encode(), "text/x-python")
    except BaseException as broken:
        error = broken
        raise
    finally:
        if hidden is not None:
            names["run"] = hidden
        else:
            names.pop("run", None)
        plain_errors(run.end)(error)
    if isinstance(error, KeyboardInterrupt):
        raise MagicFailure(
            f"The cell was interrupted; the run {run.name} is Stopped and keeps what was logged."
        )
    if error is not None:
        raise MagicFailure(f"The cell failed, and so did the run {run.name}.")
    return run


def _keep(run: Run, cell: str, names: dict[str, Any], before: dict[str, Any], outputs: list[Any]) -> None:
    """Keeps what the cell assigned and showed."""
    constants, assigned = assignments(cell)
    for name in constants:
        if isinstance(names.get(name), int | float | str | bool) and name not in run.parameters:
            run.log_parameter(name, names[name])
    frames = 0
    for name in assigned:
        value = names.get(name)
        if name in constants or value is None or value is before.get(name) or name in run.metrics:
            continue
        number = _number(value)
        if number is not None:
            run.log_metric(name, number)
        elif frames < _MOST_FRAMES and _is_frame(value):
            frames += 1
            run.log_artifact(f"{name}.csv", _csv(value), "text/csv")
    for at, output in enumerate(each for each in outputs if "image/png" in each.data):
        content = output.data["image/png"]
        run.log_artifact(
            f"figure-{at + 1}.png",
            base64.b64decode(content) if isinstance(content, str) else content,
            "image/png",
        )


def assignments(cell: str) -> tuple[list[str], list[str]]:
    """Names that a cell assigns a constant to, and all names that it assigns; outside of functions and classes."""
    constants: dict[str, None] = {}
    assigned: dict[str, None] = {}
    try:
        body = ast.parse(cell).body
    except SyntaxError:  # magics among the lines: nothing is kept by itself
        return [], []
    stack: list[ast.stmt] = list(reversed(body))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            literal = isinstance(node, ast.Assign | ast.AnnAssign) and _literal(node.value)
            for target in targets:
                for each in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
                    if isinstance(each, ast.Name):
                        assigned[each.id] = None
                        if literal:
                            constants[each.id] = None
                        else:
                            constants.pop(each.id, None)
        for inner in ("body", "orelse", "finalbody"):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                stack.extend(reversed(getattr(node, inner, [])))
    return list(constants), list(assigned)


def _literal(value: ast.expr | None) -> bool:
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub | ast.UAdd):
        value = value.operand
    return isinstance(value, ast.Constant) and isinstance(value.value, int | float | str | bool)


def _number(value: Any) -> float | None:
    """A finite number of Python or NumPy, which is no truth value."""
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return None
    module = type(value).__module__.split(".")[0]
    if not isinstance(value, int | float) and not (module == "numpy" and getattr(value, "shape", None) == ()):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _is_frame(value: Any) -> bool:
    from smstudio_ext.magics.tables import table_library

    return table_library(value) is not None and type(value).__name__ in ("DataFrame", "Table")


def _csv(value: Any) -> bytes:
    """The first rows of a table."""
    if hasattr(value, "to_csv"):
        return str(value.head(_FRAME_ROWS).to_csv(index=False)).encode()
    if hasattr(value, "write_csv"):
        return str(value.head(_FRAME_ROWS).write_csv()).encode()
    return str(value.slice(0, _FRAME_ROWS).to_pandas().to_csv(index=False)).encode()


def _parameter(value: Any) -> dict[str, Any]:
    if not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value):
        return {"NumberValue": float(value)}
    return {"StringValue": str(value)[:_MOST_TEXT]}


def _made(create: Any, **request: str) -> None:
    """Makes something that may be there already."""
    from botocore.exceptions import ClientError

    try:
        create(**request)
    except ClientError as error:
        found = error.response["Error"]
        there = found["Code"] in ("ResourceInUse", "ConflictException") or "already exist" in found.get(
            "Message", ""
        )
        if not there:
            raise
