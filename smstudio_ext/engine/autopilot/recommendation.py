"""The notebooks of an Autopilot job: one processing job writes them, beside the search or as the end of a pilot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.autopilot.generated import names
from smstudio_ext.engine.autopilot.naming import seed_of
from smstudio_ext.engine.autopilot.plan import NOTEBOOKS_IMAGE, TRANSFORMER_IMAGE
from smstudio_ext.engine.autopilot.problemtypes import problem_type_of
from smstudio_ext.engine.autopilot.registries import image_uri
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.runtime import processing
from smstudio_ext.engine.store.objects import parse_s3_uri

if TYPE_CHECKING:
    from smstudio_ext.engine.autopilot.children import Family
    from smstudio_ext.engine.store import Resource

Document = dict[str, Any]

INSTANCE_TYPE = "ml.m5.4xlarge"
_HOUR = 3600
# The first model does not wait for the notebooks: they come when it is there, at the latest with the reports.
_SEARCH = frozenset({"ModelTuning", "TrainingModels"})
_REPORTS = frozenset({"GeneratingExplainabilityReport", "GeneratingModelInsightsReport"})


@dataclass(frozen=True)
class Outcome:
    """How it ended.

    Attributes:
        artifacts: AutoMLJobArtifacts; None when there are none.
        failure: why not.
    """

    artifacts: dict[str, str] | None
    failure: str | None = None


def advance(family: Family) -> Outcome | None:
    """Starts the job when it has not been; None while it runs."""
    row = family.find(processing.KIND, family.names.recommender())
    if row is None:
        try:
            row = _start(family)
        except AwsError as error:
            return Outcome(None, f"The notebooks were not written: {error.message}")
    if not row.finished:
        return None
    if row.status != "Completed":
        reason = row.document.get("ExitMessage") or row.document.get("FailureReason")
        return Outcome(None, f"The notebooks were not written: {reason or f'{row.name} is {row.status}.'}")
    return Outcome(_artifacts(family))


def is_due(job: Resource) -> bool:
    """Whether the notebooks should be written now, or are being written, and the job's row does not say so yet."""
    document = job.document
    if not problem_type_of(job.internal["specification"]).reports:
        return False
    if "AutoMLJobArtifacts" in document or job.internal.get("notebooks") == "failed":
        return False
    stage = document["AutoMLJobSecondaryStatus"]
    first = stage in _SEARCH and bool(job.internal.get("best"))
    return first or stage in _REPORTS or bool(job.internal.get("notebooks"))


def note(job: Resource, outcome: Outcome | None) -> None:
    """Writes how far the notebooks are into the job's row."""
    if outcome is None:
        job.internal["notebooks"] = "started"
    elif outcome.artifacts:
        job.document["AutoMLJobArtifacts"] = outcome.artifacts
    else:
        job.internal["notebooks"] = "failed"
        if outcome.failure is not None:
            reasons = job.document.setdefault("PartialFailureReasons", [])
            reasons.append({"PartialFailureMessage": outcome.failure[:1024]})


def _artifacts(family: Family) -> dict[str, str]:
    found = {}
    for member, name in names.NOTEBOOKS.items():
        uri = f"{family.candidates_uri}/notebooks/{name}"
        place = parse_s3_uri(uri)
        if family.ctx.objects.head(place.bucket, place.key) is not None:
            found[member] = uri
    return found


def _start(family: Family) -> Resource:
    request: Document = {
        "ProcessingJobName": family.names.recommender(),
        "ProcessingInputs": [
            _input("analysis", f"{family.candidates_uri}/analysis.json"),
            _input("candidates", f"{family.candidates_uri}/candidates.json"),
            _input("preprocessed-data", f"{family.tree.preprocessed}/"),
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "notebooks",
                    "S3Output": {
                        "S3Uri": f"{family.candidates_uri}/notebooks",
                        "LocalPath": "/opt/ml/processing/output/notebooks",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": INSTANCE_TYPE, "InstanceCount": 1, "VolumeSizeInGB": 50}
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": _HOUR},
        "AppSpecification": {"ImageUri": image_uri(family.region, NOTEBOOKS_IMAGE)},
        "Environment": {
            names.JOB: family.names.job,
            names.OUTPUT: family.spec.output_path,
            names.MODULE: family.candidates_uri,
            names.TRANSFORMER_VERSION: TRANSFORMER_IMAGE.partition(":")[2],
            names.REGION: family.region,
            names.SEED: str(seed_of(family.names.job)),
        },
        "RoleArn": family.spec.role,
    }
    return processing.create_processing_job(
        family.ctx, family.region, request, parent=family.parent, slot=family.one_core()
    )


def _input(name: str, uri: str) -> Document:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"/opt/ml/processing/input/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
        },
    }
