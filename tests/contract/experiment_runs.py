"""Components of an experiment that tests of the experiments pages look at."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

import pytest

from smstudio_ext.studio import components
from smstudio_ext.studio.models.components import ComponentQuery, ComponentScope, RowsQuery
from smstudio_ext.studio.models.experiments import ColumnFilter
from smstudio_ext.target import Target
from tests.contract.studio_targets import engine_target

if TYPE_CHECKING:
    from tests.conftest import RunningEngine

RUNS = 25
F1 = "Metrics.validation:f1"


def unique(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(4)}"


def condition(name: str, operator: Any, value: str | None = None) -> ColumnFilter:
    return ColumnFilter(name=name, operator=operator, value=value)


def make_trial(target: Target, experiment: str, trial: str) -> None:
    sagemaker = target.client("sagemaker")
    sagemaker.create_experiment(ExperimentName=experiment)
    sagemaker.create_trial(TrialName=trial, ExperimentName=experiment)


class Runs:
    """Components of one experiment with two trials; every fifth is in neither."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.experiment = unique("exp")
        self.trials = [f"{self.experiment}-first", f"{self.experiment}-second"]
        self.names = [f"{self.experiment}-run-{number:02d}" for number in range(RUNS)]
        sagemaker = target.client("sagemaker")
        metrics = target.client("sagemaker-metrics")
        sagemaker.create_experiment(ExperimentName=self.experiment, Tags=[{"Key": "team", "Value": "blue"}])
        for trial in self.trials:
            sagemaker.create_trial(TrialName=trial, ExperimentName=self.experiment)
        for number, name in enumerate(self.names):
            sagemaker.create_trial_component(
                TrialComponentName=name,
                DisplayName=f"{self.experiment}-shown-{number}",
                Status={"PrimaryStatus": "Completed" if number % 2 else "Failed"},
                Parameters={
                    "eta": {"NumberValue": number / 100},
                    "depth": {"NumberValue": 3 + number % 2},
                    "note": {"StringValue": "<img src=x onerror=alert(1)> \u202eעברית"},
                },
                InputArtifacts={"train": {"MediaType": "text/csv", "Value": f"s3://data/{number}.csv"}},
            )
            metrics.batch_put_metrics(
                TrialComponentName=name,
                MetricData=[
                    {
                        "MetricName": "validation:f1",
                        "Timestamp": int(time.time()),
                        "Step": step,
                        "Value": number / 100 + step / 1000,
                    }
                    for step in range(3)
                ],
            )
            if number % 5:
                sagemaker.associate_trial_component(
                    TrialComponentName=name, TrialName=self.trials[number % 2]
                )

    @property
    def scope(self) -> ComponentScope:
        return ComponentScope(kind="experiment", names=[self.experiment])

    def query(self, **changes: Any) -> ComponentQuery:
        return ComponentQuery(**({"scope": self.scope} | changes))

    def rows(self, columns: list[str] | None = None, offset: int = 0, **changes: Any) -> Any:
        return components.list_component_rows(
            self.target, RowsQuery(query=self.query(**changes), columns=columns or [], offset=offset)
        )


@pytest.fixture(scope="module")
def runs(engine: RunningEngine) -> Runs:
    return Runs(engine_target(engine))
