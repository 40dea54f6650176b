"""MLflow's experiments into SageMaker: a run becomes a trial component that `load_run` and the pages find."""

from __future__ import annotations

import math
import mimetypes
import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from smstudio_ext.studio.exchange import mapping
from smstudio_ext.studio.exchange.mapping import Exchanged
from smstudio_ext.studio.problems import Missing
from smstudio_ext.target import Target

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Experiment, Run

Progress = Callable[[str], None]
_MEDIA_TYPE = re.compile(r"[-\w]+/[-\w+]+")
_AWS_BATCH = 10
_LOCAL_BATCH = 1000


def import_mlflow(
    target: Target,
    uri: str,
    *,
    experiment: str | None = None,
    artifacts: bool = True,
    progress: Progress = lambda text: None,
) -> Exchanged:
    """Copies experiments of a tracking server or folder; what was copied before is left as it is.

    Args:
        uri: `http(s)://...`, `sqlite:///...`, or a folder.
        experiment: only this one; all that hold runs otherwise.
        artifacts: copy the files too, to the default bucket under `mlflow/`.
        progress: is told of each run.

    Raises:
        NotOffered: mlflow is not installed.
        Missing: no experiment of that name.
        mlflow.exceptions.MlflowException: the tracking server cannot be read.
    """
    client = mapping.mlflow_client(uri)
    done = Exchanged()
    for found in _experiments(client, experiment):
        runs = _runs(client, found.experiment_id)
        first = next(runs, None)
        if first is None:
            continue
        name = mapping.entity_name(found.name)
        copier = _Copier(target, client, name, done, artifacts=artifacts)
        copier.open(found)
        done.experiments.append(name)
        for run in (first, *runs):
            progress(f"{found.name}: {run.info.run_name or run.info.run_id}")
            copier.copy(run)
    return done


class _Copier:
    """Copies the runs of one experiment."""

    def __init__(
        self, target: Target, client: MlflowClient, experiment: str, done: Exchanged, *, artifacts: bool
    ) -> None:
        self._target = target
        self._sagemaker = target.client("sagemaker")
        self._metrics = target.client("sagemaker-metrics")
        self._client = client
        self._experiment = experiment
        self._trial = mapping.RUN_GROUP.format(experiment)[: mapping.LONGEST_NAME]
        self._done = done
        self._artifacts = artifacts

    def open(self, found: Experiment) -> None:
        """Makes the experiment and its group of runs unless they are there."""
        description = found.tags.get("mlflow.note.content", f"Imported from MLflow: {found.name}")
        _unless_there(
            self._sagemaker.create_experiment, ExperimentName=self._experiment, Description=description[:3072]
        )
        _unless_there(self._sagemaker.create_trial, TrialName=self._trial, ExperimentName=self._experiment)

    def copy(self, run: Run) -> None:
        """Makes the component of a run, with everything that belongs to it."""
        name = mapping.entity_name(self._experiment, run.info.run_name or "run", run.info.run_id[:8])
        if not self._begin(name, run):
            return
        self._sagemaker.associate_trial_component(TrialComponentName=name, TrialName=self._trial)
        self._put_metrics(name, run)
        if self._artifacts:
            self._put_artifacts(name, run)
        status = {"PrimaryStatus": mapping.component_status(run.info.status)}
        times = _times(run)
        self._sagemaker.update_trial_component(TrialComponentName=name, Status=status, **times)
        arn = self._sagemaker.describe_trial_component(TrialComponentName=name)["TrialComponentArn"]
        tags = [{"Key": mapping.STATE_TAG, "Value": mapping.DONE}]
        self._sagemaker.add_tags(ResourceArn=arn, Tags=tags)
        self._done.runs += 1

    def _begin(self, name: str, run: Run) -> bool:
        """Makes the component; False when it was copied before or the name belongs to another one."""
        try:
            there = self._sagemaker.describe_trial_component(TrialComponentName=name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFound":
                raise
        else:
            tags = {
                tag["Key"]: tag["Value"]
                for tag in self._sagemaker.list_tags(ResourceArn=there["TrialComponentArn"])["Tags"]
            }
            if tags.get(mapping.STATE_TAG) == mapping.DONE:
                self._done.known += 1
                return False
            if mapping.STATE_TAG not in tags:
                self._done.left_out.append(f"{name}: a trial component of that name exists")
                return False
            self._discard(name)  # of an import that was ended in its middle
        self._sagemaker.create_trial_component(
            TrialComponentName=name,
            DisplayName=mapping.entity_name(run.info.run_name or run.info.run_id),
            Status={"PrimaryStatus": "InProgress"},
            Parameters=self._parameters(name, run),
            Tags=self._tags(run),
            StartTime=_times(run)["StartTime"],
        )
        return True

    def _discard(self, name: str) -> None:
        try:
            self._sagemaker.disassociate_trial_component(TrialComponentName=name, TrialName=self._trial)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFound":
                raise
        self._sagemaker.delete_trial_component(TrialComponentName=name)

    def _parameters(self, name: str, run: Run) -> dict[str, Any]:
        given = run.data.params
        kept = {
            key: mapping.parameter(value)
            for key, value in list(given.items())[: mapping.MOST_PARAMETERS]
            if len(key) <= mapping.LONGEST_KEY
        }
        if len(kept) < len(given):
            self._done.left_out.append(f"{name}: {len(given) - len(kept)} of {len(given)} parameters")
        cut = [key for key in kept if len(given[key]) > mapping.LONGEST_VALUE]
        if cut:
            self._done.left_out.append(
                f"{name}: the end of {', '.join(cut)} (beyond {mapping.LONGEST_VALUE} characters)"
            )
        return kept

    def _tags(self, run: Run) -> list[dict[str, str]]:
        own = [
            mapping.RUN_TAG,
            {"Key": mapping.RUN_ID_TAG, "Value": run.info.run_id},
            {"Key": mapping.STATE_TAG, "Value": mapping.BEGUN},
        ]
        theirs = [
            {"Key": key, "Value": value[: mapping.LONGEST_TAG_VALUE]}
            for key, value in run.data.tags.items()
            if not key.startswith("mlflow.")
            and key
            and len(key) <= mapping.LONGEST_TAG_KEY
            and not key.lower().startswith("aws:")
        ]
        return own + theirs[: mapping.MOST_TAGS]

    def _put_metrics(self, name: str, run: Run) -> None:
        batch: list[dict[str, Any]] = []
        size = _AWS_BATCH if self._target.kind == "aws" else _LOCAL_BATCH
        unfit = 0
        for key in run.data.metrics:
            for point in self._client.get_metric_history(run.info.run_id, key):
                if not math.isfinite(point.value):
                    unfit += 1
                    continue
                batch.append(
                    {
                        "MetricName": key,
                        "Value": point.value,
                        "Timestamp": _moment(point.timestamp),
                        **({"Step": point.step} if point.step >= 0 else {}),
                    }
                )
                if len(batch) == size:
                    self._put(name, batch)
                    batch = []
        if batch:
            self._put(name, batch)
        if unfit:
            self._done.left_out.append(f"{name}: {unfit} metric values that are no finite numbers")

    def _put(self, name: str, batch: list[dict[str, Any]]) -> None:
        answer = self._metrics.batch_put_metrics(TrialComponentName=name, MetricData=batch)
        errors = answer.get("Errors") or []
        self._done.metrics += len(batch) - len(errors)
        if errors:
            self._done.left_out.append(f"{name}: {len(errors)} metric values ({errors[0]['Code']})")

    def _put_artifacts(self, name: str, run: Run) -> None:
        bucket = self._target.default_bucket()
        s3 = self._target.client("s3")
        prefix = f"mlflow/{self._experiment}/{run.info.run_id}"
        uris: dict[str, str] = {}
        with tempfile.TemporaryDirectory() as folder:
            for path in _files(self._client, run.info.run_id):
                local = Path(self._client.download_artifacts(run.info.run_id, path, folder))
                if not uris:
                    _unless_there(s3.create_bucket, Bucket=bucket, **_place(self._target.region))
                s3.upload_file(str(local), bucket, f"{prefix}/{path}")
                local.unlink()
                uris[path] = f"s3://{bucket}/{prefix}/{path}"
                self._done.artifacts += 1
        if not uris:
            return
        shown = dict(list(uris.items())[: mapping.MOST_ARTIFACTS])
        if len(uris) > mapping.MOST_ARTIFACTS:  # all are copied; the component lists as many as it may
            shown = dict(list(uris.items())[: mapping.MOST_ARTIFACTS - 1])
            shown["artifacts"] = f"s3://{bucket}/{prefix}/"
        outputs = {path[-128:]: {"Value": uri, **_media_type(path)} for path, uri in shown.items()}
        self._sagemaker.update_trial_component(TrialComponentName=name, OutputArtifacts=outputs)


def _experiments(client: MlflowClient, name: str | None) -> Iterator[Experiment]:
    if name is not None:
        found = client.get_experiment_by_name(name)
        if found is None:
            raise Missing(f"MLflow has no experiment named {name!r}.")
        yield found
        return
    token = None
    while True:
        page = client.search_experiments(page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _runs(client: MlflowClient, experiment_id: str) -> Iterator[Run]:
    token = None
    while True:
        page = client.search_runs([experiment_id], max_results=1000, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _files(client: MlflowClient, run_id: str, folder: str | None = None) -> Iterator[str]:
    for one in client.list_artifacts(run_id, folder):
        if one.is_dir:
            yield from _files(client, run_id, one.path)
        else:
            yield one.path


def _times(run: Run) -> dict[str, datetime]:
    found = {"StartTime": _moment(run.info.start_time)}
    if run.info.end_time:
        found["EndTime"] = _moment(run.info.end_time)
    return found


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc)


def _media_type(path: str) -> dict[str, str]:
    found = mimetypes.guess_type(path)[0]
    return {"MediaType": found} if found and len(found) <= 64 and _MEDIA_TYPE.fullmatch(found) else {}


def _place(region: str) -> dict[str, Any]:
    return {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}


def _unless_there(create: Callable[..., Any], **members: Any) -> None:
    try:
        create(**members)
    except ClientError as error:
        found = error.response["Error"]
        if "already" not in f"{found['Code']} {found['Message']}".lower():
            raise
