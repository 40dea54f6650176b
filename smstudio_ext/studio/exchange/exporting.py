"""SageMaker's experiments into MLflow: a trial component becomes a run."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.studio.exchange import mapping
from smstudio_ext.studio.exchange.mapping import Exchanged
from smstudio_ext.studio.problems import Missing
from smstudio_ext.studio.search import hints, search_all
from smstudio_ext.target import Target

if TYPE_CHECKING:
    from mlflow import MlflowClient

Progress = Callable[[str], None]
ARN_TAG = "sagemaker.trial_component_arn"
_MOST = 1_000_000
_AT_ONCE = 1000
"""Metric values and parameters in one call of MLflow's log_batch (of which parameters: 100)."""
_LARGEST_ARTIFACT = 1 << 30


def export_mlflow(
    target: Target,
    uri: str,
    *,
    experiment: str | None = None,
    artifacts: bool = True,
    progress: Progress = lambda text: None,
) -> Exchanged:
    """Copies experiments to a tracking server or folder; components that are there already are left as they are.

    Args:
        uri: `http(s)://...`, `sqlite:///...`, or a folder.
        experiment: only this one; all otherwise.
        artifacts: copy output artifacts that are single objects in S3.
        progress: is told of each run.

    Raises:
        NotOffered: mlflow is not installed.
        Missing: no experiment of that name.
        mlflow.exceptions.MlflowException: the tracking server cannot be written.
    """
    client = mapping.mlflow_client(uri)
    done = Exchanged()
    names = [one["ExperimentName"] for one in search_all(target, "Experiment", at_most=_MOST)]
    if experiment is not None:
        if experiment not in names:
            raise Missing(f"There is no experiment named {experiment!r}.")
        names = [experiment]
    for name in sorted(names):
        found = client.get_experiment_by_name(name)
        experiment_id = found.experiment_id if found else client.create_experiment(name)
        known = _known(client, experiment_id)
        done.experiments.append(name)
        inside = {"Filters": [{"Name": "Parents.ExperimentName", "Operator": "Equals", "Value": name}]}
        for component in search_all(
            target,
            "ExperimentTrialComponent",
            inside,
            at_most=_MOST,
            sort_by="CreationTime",
            descending=False,
            page=500,
        ):
            if component["TrialComponentArn"] in known:
                done.known += 1
                continue
            progress(f"{name}: {component['TrialComponentName']}")
            _copy(target, client, experiment_id, component, done, artifacts=artifacts)
            done.runs += 1
    return done


def _known(client: MlflowClient, experiment_id: str) -> set[str]:
    """ARNs of the components that were exported to their end."""
    found: set[str] = set()
    token = None
    while True:
        page = client.search_runs([experiment_id], max_results=1000, page_token=token)
        for run in page:
            if run.info.status != "RUNNING" or run.data.tags.get("sagemaker.status") in (
                "InProgress",
                "Stopping",
            ):
                found.add(run.data.tags.get(ARN_TAG, ""))
        token = page.token
        if not token:
            return found


def _copy(
    target: Target,
    client: MlflowClient,
    experiment_id: str,
    component: dict[str, Any],
    done: Exchanged,
    *,
    artifacts: bool,
) -> None:
    from mlflow.entities import Metric, Param

    name = component["TrialComponentName"]
    status = (component.get("Status") or {}).get("PrimaryStatus")
    start = component.get("StartTime") or component["CreationTime"]
    tags = {
        tag["Key"]: tag["Value"]
        for tag in component.get("Tags") or ()
        if not tag["Key"].startswith("mlflow:")
    }
    tags |= {ARN_TAG: component["TrialComponentArn"]}
    run = client.create_run(
        experiment_id,
        start_time=_milliseconds(start),
        tags=tags,
        run_name=component.get("DisplayName") or name,
    )
    given = component.get("Parameters") or {}
    params = [Param(key, mapping.parameter_text(value)) for key, value in given.items()]
    for at in range(0, len(params), 100):
        client.log_batch(run.info.run_id, params=params[at : at + 100])
    points = [Metric(*point) for point in _points(target, component, _milliseconds(start))]
    for at in range(0, len(points), _AT_ONCE):
        client.log_batch(run.info.run_id, metrics=points[at : at + _AT_ONCE])
    done.metrics += len(points)
    if artifacts:
        _copy_artifacts(target, client, run.info.run_id, component, done)
    if status:
        client.set_tag(run.info.run_id, "sagemaker.status", status)
    ended = component.get("EndTime")
    client.set_terminated(
        run.info.run_id, mapping.run_status(status), _milliseconds(ended) if ended else _milliseconds(start)
    )


def _points(target: Target, component: dict[str, Any], start: int) -> list[tuple[str, float, int, int]]:
    """(name, value, milliseconds, step) of every value that the target gives; of job metrics the last one."""
    summaries = component.get("Metrics") or []
    found: list[tuple[str, float, int, int]] = []
    for at in range(0, len(summaries), 50):
        part = summaries[at : at + 50]
        queries = [_query(component, one["MetricName"], axis) for one in part for axis in _AXES]
        metrics = target.client("sagemaker-metrics")
        with hints(metrics, period=0):
            results = metrics.batch_get_metrics(MetricQueries=queries)["MetricQueryResults"]
        for number, one in enumerate(part):
            by_step, by_time = results[2 * number], results[2 * number + 1]
            found += _series(one, by_step, by_time, start, exact=target.kind == "local")
    return found


_AXES = ("IterationNumber", "Timestamp")


def _query(component: dict[str, Any], name: str, axis: str) -> dict[str, Any]:
    return {
        "MetricName": name,
        "ResourceArn": component["TrialComponentArn"],
        "MetricStat": "Last",
        "Period": "IterationNumber" if axis == "IterationNumber" else "OneMinute",
        "XAxisType": axis,
    }


def _series(
    summary: dict[str, Any], by_step: dict[str, Any], by_time: dict[str, Any], start: int, *, exact: bool
) -> list[tuple[str, float, int, int]]:
    name = summary["MetricName"]
    scale = 1 if exact else 1000  # the local engine tells milliseconds, AWS seconds
    steps, times = by_step.get("XAxisValues") or [], [x * scale for x in by_time.get("XAxisValues") or []]
    if steps:
        moments = times if len(times) == len(steps) else [start] * len(steps)
        return list(zip([name] * len(steps), by_step["MetricValues"], moments, steps, strict=True))
    if times:
        return [
            (name, value, time, step)
            for step, (value, time) in enumerate(zip(by_time["MetricValues"], times, strict=True))
        ]
    last = summary.get("Last")
    return [] if last is None else [(name, last, _milliseconds(summary.get("TimeStamp")) or start, 0)]


def _copy_artifacts(
    target: Target, client: MlflowClient, run_id: str, component: dict[str, Any], done: Exchanged
) -> None:
    from botocore.exceptions import ClientError

    s3 = target.client("s3")
    for name, one in (component.get("OutputArtifacts") or {}).items():
        uri = one.get("Value", "")
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        if not uri.startswith("s3://") or not key or key.endswith("/"):
            continue
        try:
            size = s3.head_object(Bucket=bucket, Key=key)["ContentLength"]
        except ClientError:
            done.left_out.append(f"{component['TrialComponentName']}: {uri} cannot be read")
            continue
        if size > _LARGEST_ARTIFACT:
            done.left_out.append(f"{component['TrialComponentName']}: {uri} is larger than 1 GiB")
            continue
        with tempfile.TemporaryDirectory() as folder:
            local = Path(folder) / Path(key).name
            s3.download_file(bucket, key, str(local))
            inside = str(Path(name).parent) if "/" in name else None
            client.log_artifact(run_id, str(local), inside)
        done.artifacts += 1


def _milliseconds(moment: datetime | None) -> int:
    return 0 if moment is None else int(moment.timestamp() * 1000)
