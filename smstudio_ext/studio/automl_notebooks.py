"""The notebooks that Autopilot writes, read from where the job says they lie."""

from __future__ import annotations

import json
from typing import Any

from smstudio_ext.studio.buckets import split_s3_uri
from smstudio_ext.studio.models.automl_pages import AutoMLNotebook, NotebookKind
from smstudio_ext.studio.problems import BadInput, Conflict, Missing
from smstudio_ext.target import Target

MAX_BYTES = 64 * 1024 * 1024
"""Largest notebook that is shown."""

_LOCATIONS: dict[NotebookKind, str] = {
    "candidate-definition": "CandidateDefinitionNotebookLocation",
    "data-exploration": "DataExplorationNotebookLocation",
}


def read_notebook(target: Target, name: str, kind: str) -> AutoMLNotebook:
    """A notebook of a job.

    Raises:
        Missing: there is no such kind, or the job has not written it.
        Conflict: what lies there is no notebook.
    """
    known: NotebookKind | None = next((each for each in _LOCATIONS if each == kind), None)
    if known is None:
        raise Missing(
            f"Experiments have no notebook {kind!r}.", hint=f"There are {' and '.join(_LOCATIONS)}."
        )
    job = target.client("sagemaker").describe_auto_ml_job_v2(AutoMLJobName=name)
    location: str | None = job.get("AutoMLJobArtifacts", {}).get(_LOCATIONS[known])
    if not location:
        waiting = job["AutoMLJobStatus"] == "InProgress"
        raise Missing(
            f"The experiment {name!r} has no such notebook{' yet' if waiting else ''}.",
            hint="It is written when the data are analyzed." if waiting else None,
        )
    bucket, key = split_s3_uri(location)
    answer = target.client("s3").get_object(Bucket=bucket, Key=key)
    if answer["ContentLength"] > MAX_BYTES:
        raise BadInput(
            f"{location} has {answer['ContentLength']} bytes, too many to show.", hint="Copy it from S3."
        )
    with answer["Body"] as body:
        content: bytes = body.read()
    return AutoMLNotebook(
        kind=known,
        file_name=key.rpartition("/")[2],
        s3_uri=location,
        size=len(content),
        notebook=_document(content, location),
    )


def _document(content: bytes, location: str) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if (
        not isinstance(document, dict)
        or not isinstance(document.get("cells"), list)
        or document.get("nbformat") != 4
    ):
        raise Conflict(f"{location} is no notebook of format 4.")
    return document
