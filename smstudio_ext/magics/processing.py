"""What `%%sm_process` does: a cell as a processing job."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.magics import cells
from smstudio_ext.magics.failure import MagicFailure, plain_methods
from smstudio_ext.magics.pairs import pairs
from smstudio_ext.magics.runs import JobRun, print_lines
from smstudio_ext.magics.show import Live, Table, progress, span
from smstudio_ext.magics.training import experiment_of_jobs, image_members

if TYPE_CHECKING:
    from smstudio_ext.target import Target

_RUNNING = ("InProgress", "Stopping")
_CODE = "/opt/ml/processing/input/code"
_RESULTS = "/opt/ml/processing/output/smstudio"
_OWN = ("code", "smstudio")


@plain_methods
class ProcessingRun(JobRun):
    """A processing job as the magic returns it."""

    word = "processing"

    @property
    def job(self) -> dict[str, Any]:
        """AWS's description of the job."""
        found: dict[str, Any] = self._target.client("sagemaker").describe_processing_job(
            ProcessingJobName=self.name
        )
        return found

    @property
    def status(self) -> str:
        """InProgress, Stopping, Completed, Failed or Stopped."""
        return str(self.job["ProcessingJobStatus"])

    @property
    def outputs(self) -> dict[str, str]:
        """S3 address of each output folder."""
        found = self.job.get("ProcessingOutputConfig", {}).get("Outputs", [])
        return {
            each["OutputName"]: each["S3Output"]["S3Uri"] for each in found if each["OutputName"] not in _OWN
        }

    def follow(self, *, quiet: bool = False) -> None:
        """Shows the state and the log until the job ends."""
        from smstudio_ext.studio.waiting import moments

        live, log = Live(), self._log()
        for seconds in moments(self._target.kind):
            job = self.job
            status = job["ProcessingJobStatus"]
            live.show(*progress(f"Processing job {self.name}", None, [status, span(seconds)]))
            if not quiet:
                print_lines(log)
            if status not in _RUNNING:
                break
        if status == "Failed":
            why = job.get("FailureReason") or job.get("ExitMessage") or "no reason was given"
            raise MagicFailure(f"{self.name} failed: {why}", hint=f"The whole log: %sm_logs {self.name}")

    def variables(self, names: list[str]) -> dict[str, Any]:
        """Variables that the cell made and that were asked back.

        Raises:
            MagicFailure: the job did not complete.
        """
        if not names:
            return {}
        job = self.job
        if job["ProcessingJobStatus"] != "Completed":
            raise MagicFailure(
                f"{self.name} is {job['ProcessingJobStatus']}: there are no variables to bring back."
            )
        outputs = {
            each["OutputName"]: each["S3Output"]["S3Uri"] for each in job["ProcessingOutputConfig"]["Outputs"]
        }
        found = cells.of_folder(self._target, outputs["smstudio"])
        return {name: found[name] for name in names}

    def _table(self) -> Table:
        title = f"{self.name}: {self.status}"
        return Table(["Output", "S3 address"], list(self.outputs.items()), title=title, empty=title)


def create(target: Target, given: Any, cell: str, names: dict[str, Any], name: str) -> None:
    """Asks for the cost on AWS, sends data and program and creates the job.

    Args:
        given: the magic's parsed arguments.
        names: the notebook's variables.
        name: of the job.
    """
    from smstudio_ext.magics.consent import asked_before_sending
    from smstudio_ext.studio import buckets

    cells.check_cell(cell)
    bucket = target.default_bucket()
    base = f"s3://{bucket}/{name}"
    role = target.role_arn()
    if role is None:
        raise MagicFailure("No execution role is known.", hint="Name one: %smstudio aws --role ARN")
    request: dict[str, Any] = {
        "ProcessingJobName": name,
        "RoleArn": role,
        "AppSpecification": {
            "ImageUri": _image(target, given),
            "ContainerEntrypoint": ["python3", f"{_CODE}/{cells.ENTRY_POINT}"],
        },
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": given.instance, "VolumeSizeInGB": 30}
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": given.max_runtime},
        **experiment_of_jobs(),
    }
    data, values = _input_data(given, names), cells.chosen(names, given.inputs or [])
    asked_before_sending(target, "CreateProcessingJob", lambda: request)
    buckets.ensure_bucket(target, None)
    request["ProcessingInputs"] = [
        _input("code", f"{base}/code", _CODE),
        *_inputs(target, data, name),
    ]
    folders = {each: f"/opt/ml/processing/output/{each}" for each in given.output_folder or []}
    if given.outputs:
        folders["smstudio"] = _RESULTS
    if folders:
        request["ProcessingOutputConfig"] = {
            "Outputs": [_output(each, f"{base}/output/{each}", path) for each, path in folders.items()]
        }
    with tempfile.TemporaryDirectory(prefix="smstudio-") as folder:
        cells.packed(Path(folder), cell, values, given.outputs or [], _RESULTS)
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                buckets.upload_file(
                    target, path, bucket, f"{name}/code/{path.relative_to(folder).as_posix()}"
                )
    target.client("sagemaker").create_processing_job(**request)


def _image(target: Target, given: Any) -> str:
    from smstudio_ext.studio.algorithms import image_of

    members = image_members(target, given.image, given.version, script=True)
    return members.get("image") or image_of(target, given.image, given.version, framework=True) or ""


def _input_data(given: Any, names: dict[str, Any]) -> dict[str, Any]:
    """What each input is: a table, a file's name, an S3 address."""
    from smstudio_ext.magics.values import looked_up

    wanted = pairs(given.input, "--input")
    for channel in wanted:
        if channel in _OWN:
            raise MagicFailure(f"The input name {channel!r} is taken; choose another.")
    return {channel: looked_up(text, names) for channel, text in wanted.items()}


def _inputs(target: Target, data: dict[str, Any], name: str) -> list[dict[str, Any]]:
    from smstudio_ext.magics.values import in_s3

    return [
        _input(
            channel,
            in_s3(target, value, f"notebook-data/{name}/{channel}", form="parquet"),
            f"/opt/ml/processing/input/{channel}",
        )
        for channel, value in data.items()
    ]


def _input(name: str, uri: str, path: str) -> dict[str, Any]:
    source = {"S3Uri": uri, "LocalPath": path, "S3DataType": "S3Prefix", "S3InputMode": "File"}
    return {"InputName": name, "S3Input": source}


def _output(name: str, uri: str, path: str) -> dict[str, Any]:
    return {"OutputName": name, "S3Output": {"S3Uri": uri, "LocalPath": path, "S3UploadMode": "EndOfJob"}}
