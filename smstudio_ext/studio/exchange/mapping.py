"""How MLflow's words become SageMaker's, and the other way round."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from smstudio_ext.studio.problems import NotOffered

if TYPE_CHECKING:
    from mlflow import MlflowClient

RUN_GROUP = "Default-Run-Group-{}"
"""Name of the trial that holds an experiment's runs, as `sagemaker.experiments.Run` makes it."""
RUN_TAG = {"Key": "sagemaker:trial-component-source", "Value": "run"}
"""Marks the components that `sagemaker.experiments.list_runs` and `load_run` find."""
RUN_ID_TAG = "mlflow:run-id"
STATE_TAG = "mlflow:import"
BEGUN, DONE = "begun", "done"
LONGEST_NAME = 120
LONGEST_KEY = 320
LONGEST_VALUE = 2500
LONGEST_TAG_KEY = 128
LONGEST_TAG_VALUE = 256
MOST_TAGS = 45
"""Of the 50 that a resource may have; the others are ours."""
MOST_PARAMETERS = 300
MOST_ARTIFACTS = 30
_STATUS = {
    "RUNNING": "InProgress",
    "SCHEDULED": "InProgress",
    "FINISHED": "Completed",
    "FAILED": "Failed",
    "KILLED": "Stopped",
}
_BACK = {
    "InProgress": "RUNNING",
    "Stopping": "RUNNING",
    "Completed": "FINISHED",
    "Failed": "FAILED",
    "Stopped": "KILLED",
}


@dataclass
class Exchanged:
    """What an import or export did.

    Attributes:
        left_out: what the other side cannot hold, a line each.
    """

    experiments: list[str] = field(default_factory=list)
    runs: int = 0
    known: int = 0
    metrics: int = 0
    artifacts: int = 0
    left_out: list[str] = field(default_factory=list)


def mlflow_client(uri: str) -> MlflowClient:
    """A client of a tracking server (`http://...`), a data base (`sqlite:///...`) or a folder.

    Raises:
        NotOffered: mlflow is not installed.
    """
    try:
        from mlflow import MlflowClient
    except ImportError:
        raise NotOffered(
            "MLflow is not installed.", hint='Install it with: pip install "smstudio-ext[mlflow]"'
        ) from None
    if "://" not in uri or uri.startswith("file:"):
        os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")  # a folder is what was asked for
    return MlflowClient(tracking_uri=uri)


def entity_name(*parts: str) -> str:
    """A name that SageMaker takes: letters, digits and single hyphens, at most 120, in lower case as the SDK makes them."""
    text = re.sub(r"[^a-z0-9]+", "-", "-".join(parts).lower()).strip("-")
    return text[:LONGEST_NAME].rstrip("-") or "unnamed"


def component_status(status: str) -> str:
    """The status of a trial component for a run's."""
    return _STATUS.get(status, "InProgress")


def run_status(status: str | None) -> str:
    """The status of a run for a trial component's; a component without one is over."""
    return _BACK.get(status or "Completed", "FINISHED")


def parameter(value: str) -> dict[str, Any]:
    """An MLflow parameter (a string) as a trial component's: a number if it is one."""
    try:
        number = float(value)
    except ValueError:
        return {"StringValue": value[:LONGEST_VALUE]}
    return {"NumberValue": number} if math.isfinite(number) else {"StringValue": value}


def parameter_text(value: dict[str, Any]) -> str:
    """A trial component's parameter as MLflow's string; whole numbers without a point."""
    if "StringValue" in value:
        return str(value["StringValue"])
    number = float(value["NumberValue"])
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
