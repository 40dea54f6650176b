"""Deploys a candidate of an Autopilot experiment to an endpoint."""

from __future__ import annotations

from typing import Any

from smstudio_ext.studio.automl import RESPONSE_KEYS_VARIABLE, containers_of, response_keys
from smstudio_ext.studio.deployment import deploy_containers
from smstudio_ext.studio.models.automl import DeployCandidate, Deployed
from smstudio_ext.studio.problems import BadInput, Conflict, Missing
from smstudio_ext.target import Target


def deploy_candidate(target: Target, name: str, form: DeployCandidate) -> Deployed:
    """Makes the model, the endpoint configuration and the endpoint.

    Raises:
        BadInput: with the fields that AWS would refuse.
        Missing: the experiment has no such candidate, or none yet.
        Conflict: the endpoint's name is in use, or the candidate is not finished.
    """
    sagemaker = target.client("sagemaker")
    job = sagemaker.describe_auto_ml_job_v2(AutoMLJobName=name)
    containers = candidate_containers(candidate_document(sagemaker, job, form.candidate), form.response_keys)
    return deploy_containers(target, form, containers, job["RoleArn"])


def candidate_document(sagemaker: Any, job: dict[str, Any], wanted: str | None) -> dict[str, Any]:
    """AWS's description of a candidate of a job; of the best one when none is named.

    Raises:
        Missing: there is no such candidate, or none yet.
    """
    best: dict[str, Any] | None = job.get("BestCandidate")
    if wanted is None or (best and best["CandidateName"] == wanted):
        if not best:
            raise Missing(
                f"The experiment {job['AutoMLJobName']!r} has no best candidate yet.",
                hint="Wait until a trial is completed.",
            )
        return best
    answer = sagemaker.list_candidates_for_auto_ml_job(
        AutoMLJobName=job["AutoMLJobName"], CandidateNameEquals=wanted
    )
    found: list[dict[str, Any]] = answer.get("Candidates", [])
    if not found:
        raise Missing(f"The experiment {job['AutoMLJobName']!r} has no candidate {wanted!r}.")
    return found[0]


def candidate_containers(candidate: dict[str, Any], keys: list[str]) -> list[dict[str, Any]]:
    """The containers that make up a candidate's model and answer these keys.

    Raises:
        BadInput: it cannot answer one of them.
        Conflict: it is not finished.
    """
    return _with_response_keys(_containers(candidate), keys)


def _containers(candidate: dict[str, Any]) -> list[dict[str, Any]]:
    containers = containers_of(candidate)
    if not containers:
        raise Conflict(
            f"The candidate {candidate['CandidateName']!r} is {candidate['CandidateStatus']} and has no model to deploy.",
            hint="Choose a completed trial.",
        )
    return [
        {
            "Image": container["Image"],
            "ModelDataUrl": container["ModelDataUrl"],
            "Environment": dict(container.get("Environment", {})),
        }
        for container in containers
    ]


def _with_response_keys(containers: list[dict[str, Any]], keys: list[str]) -> list[dict[str, Any]]:
    """Sets what the containers hand on, as the SDK's `AutoML.deploy(inference_response_keys=...)` does.

    Each container that supports keys outputs those of the chosen ones that it supports; the next one takes them as its
    input.
    """
    if not keys:
        return containers
    supported = response_keys(containers)
    unknown = [key for key in keys if key not in supported]
    if unknown:
        offered = ", ".join(supported) or "none"
        text = f"{', '.join(unknown)} cannot be answered by this candidate; it offers: {offered}"
        raise BadInput(text, fields=[("response_keys", text)])
    handed_on = ""
    for container in containers:
        environment = container["Environment"]
        offered_here = [key.strip() for key in environment.get(RESPONSE_KEYS_VARIABLE, "").split(",")]
        chosen = ",".join(key for key in keys if key in offered_here)
        if handed_on and environment.get(RESPONSE_KEYS_VARIABLE):
            environment["SAGEMAKER_INFERENCE_INPUT"] = handed_on
        if chosen:
            environment["SAGEMAKER_INFERENCE_OUTPUT"] = chosen
        handed_on = chosen
    return containers
