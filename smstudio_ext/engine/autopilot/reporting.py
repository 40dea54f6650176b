"""The reports on the best candidate: two processing jobs side by side, followed one after the other."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.autopilot.naming import seed_of
from smstudio_ext.engine.autopilot.plan import REPORTS_IMAGE
from smstudio_ext.engine.autopilot.registries import image_uri
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.runtime import processing, training
from smstudio_ext.engine.store.objects import parse_s3_uri

if TYPE_CHECKING:
    from smstudio_ext.engine.autopilot.children import Family
    from smstudio_ext.engine.store import Resource

Document = dict[str, Any]

INSTANCE_TYPE = "ml.m5.4xlarge"
LATE = 2.0
"""Seconds after MaxAutoMLJobRuntimeInSeconds that a report may still take when nothing follows it."""
_SHARE = 0.1
_LEAST, _MOST = 2.0, 10.0
_STOP_GRACE = 0.3


@dataclass(frozen=True)
class Report:
    """One of the reports.

    Attributes:
        stage, error: AutoMLJobSecondaryStatus while it is written, and when that failed.
        member: its member of CandidateArtifactLocations.
        part: name of its processing job's part and of its output folder.
        folder: where it lies under `documentation/`.
        title: what messages call it.
    """

    stage: str
    error: str
    member: str
    part: str
    folder: str
    title: str


EXPLAINABILITY = Report(
    "GeneratingExplainabilityReport",
    "ExplainabilityError",
    "Explainability",
    "explainability",
    "explainability/output",
    "explainability report",
)
INSIGHTS = Report(
    "GeneratingModelInsightsReport",
    "ModelInsightsError",
    "ModelInsights",
    "model_insights",
    "model_insights",
    "model insights report",
)
REPORTS = (EXPLAINABILITY, INSIGHTS)


@dataclass(frozen=True)
class Outcome:
    """How a report ended: where it lies, or why there is none."""

    location: str
    failure: str | None = None


def reserve(limit: int | None) -> float:
    """Seconds of a job's time limit that are kept for the reports on its best candidate."""
    return 0.0 if limit is None else min(4.0, 0.06 * limit)


def advance(family: Family, job: Resource, report: Report) -> Outcome | None:
    """Starts both reports when they have not been; None while this one is being written."""
    name = job.document["BestCandidate"]["CandidateName"]
    location = f"{family.tree.documentation}/{report.folder}/{name}"
    try:
        for one in REPORTS:
            _start(family, job, one, f"{family.tree.documentation}/{one.folder}/{name}")
    except AwsError as error:
        return Outcome(location, f"The {report.title} was not written: {error.message}")
    row = family.find(processing.KIND, family.names.report(report.part))
    if row is None:
        return Outcome(location, f"The {report.title} was not written: its processing job was deleted.")
    if row.finished:
        return Outcome(location, None if row.status == "Completed" else _reason(row, report))
    left = time_left(family, job)
    if left is not None and left <= 0:
        if row.status == "InProgress":
            processing.stop_processing_job(family.ctx, family.region, row.name, grace=_STOP_GRACE)
        return Outcome(
            location,
            f"The {report.title} was not written: MaxAutoMLJobRuntimeInSeconds ({family.spec.max_runtime}) was reached before it "
            "was ready. Raise MaxAutoMLJobRuntimeInSeconds.",
        )
    return None


def time_left(family: Family, job: Resource) -> float | None:
    """Seconds that the reports still have; None without a limit."""
    if family.spec.max_runtime is None:
        return None
    end = job.created + family.spec.max_runtime
    # A deployment still has to follow: it gets the extra seconds.
    late = LATE if family.spec.endpoint_name is None else 0.0
    return float(end + late - family.ctx.clock.now())


def note(job: Resource, outcome: Outcome, report: Report) -> None:
    """Writes how a report ended into the job's row."""
    if outcome.failure is not None:
        reasons = job.document.setdefault("PartialFailureReasons", [])
        reasons.append({"PartialFailureMessage": outcome.failure[:1024]})
        return
    best = job.document["BestCandidate"]
    locations = best.setdefault("CandidateProperties", {}).setdefault("CandidateArtifactLocations", {})
    locations[report.member] = outcome.location
    job.internal["artifact_locations"] = {best["CandidateName"]: dict(locations)}


def _start(family: Family, job: Resource, report: Report, location: str) -> None:
    name = family.names.report(report.part)
    if family.find(processing.KIND, name) is not None:
        return
    inputs, request = _inputs(family, job), _write_request(family, job)
    output = f"/opt/ml/processing/output/{report.part}"
    document = {
        "ProcessingJobName": name,
        "ProcessingInputs": [_input("request", request), *inputs],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": report.part,
                    "S3Output": {"S3Uri": location, "LocalPath": output, "S3UploadMode": "EndOfJob"},
                }
            ]
        },
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": INSTANCE_TYPE, "InstanceCount": 1, "VolumeSizeInGB": 50}
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "AppSpecification": {"ImageUri": image_uri(family.region, REPORTS_IMAGE)},
        "Environment": {"AUTOML_REPORT": report.part},
        "RoleArn": family.spec.role,
    }
    processing.create_processing_job(
        family.ctx, family.region, document, parent=family.parent, slot=family.one_core()
    )


def _inputs(family: Family, job: Resource) -> list[Document]:
    best = job.document["BestCandidate"]
    found = [
        _input("analysis", f"{family.candidates_uri}/analysis.json"),
        _input("data", f"{family.tree.preprocessed}/"),
    ]
    for number, container in enumerate(best["InferenceContainers"]):
        found.append(_input(f"model-{number}", container["ModelDataUrl"], f"models/{number}"))
    trained = family.find(training.KIND, best["CandidateName"])
    if trained is not None:
        # Predictions for rows that a fold's model had not seen, where the algorithm wrote them.
        folder = trained.document["OutputDataConfig"]["S3OutputPath"].rstrip("/")
        uri = f"{folder}/{trained.name}/output/output.tar.gz"
        place = parse_s3_uri(uri)
        if family.ctx.objects.head(place.bucket, place.key) is not None:
            found.append(_input("held-out", uri))
    return found


def _write_request(family: Family, job: Resource) -> str:
    best = job.document["BestCandidate"]
    now = family.ctx.clock.now()
    left = time_left(family, job)
    request = {
        "Job": job.name,
        "Candidate": best["CandidateName"],
        "Containers": [
            {"Image": one["Image"], "Environment": one.get("Environment") or {}}
            for one in best["InferenceContainers"]
        ],
        "Metrics": (best.get("CandidateProperties") or {}).get("CandidateMetrics") or [],
        "Seed": seed_of(job.name),
        # A report takes a tenth of what the search took, within bounds.
        "Seconds": round(min(_MOST, max(_LEAST, _SHARE * (now - job.created))), 2),
        "Deadline": None if left is None else round(now + left - 0.5, 2),
    }
    uri = f"{family.tree.documentation}/request.json"
    place = parse_s3_uri(uri)
    family.ctx.objects.put_bytes(
        place.bucket, place.key, json.dumps(request, indent=1).encode(), content_type="application/json"
    )
    return uri


def _input(name: str, uri: str, path: str | None = None) -> Document:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"/opt/ml/processing/input/{path or name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
        },
    }


def _reason(row: Resource, report: Report) -> str:
    for member in ("ExitMessage", "FailureReason"):
        if row.document.get(member):
            return f"The {report.title} was not written: {row.document[member]}"
    return f"The {report.title} was not written: processing job {row.name} ended in status {row.status}."
