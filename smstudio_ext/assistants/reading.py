"""Tools that only read: what there is, how jobs go, what runs and what it costs."""

from __future__ import annotations

from typing import Any, Literal

from smstudio_ext.assistants.telling import told_whole
from smstudio_ext.magics.place import PLACE

JobWord = Literal["autopilot", "tuning", "training", "processing", "transform"]
Document = dict[str, Any]

_LONGEST_LIST = 100
_LONGEST_LOG = 500
_HIDDEN = ("environment", "Environment")
"""Members whose values are not told: people keep secrets in environment variables."""


@told_whole
def sagemaker_status() -> Document:
    """Tell where SageMaker's tools work: the local engine on this machine or an AWS account, region, and identity."""
    target = PLACE.target()
    return {
        "target": target.kind,
        "region": target.region,
        **target.identity(),
        "execution_role": target.role_arn(),
    }


@told_whole
def sagemaker_list_jobs(kind: JobWord | None = None, running_only: bool = False, limit: int = 20) -> Document:
    """List SageMaker jobs, the newest first.

    Args:
        kind: autopilot, tuning, training, processing or transform; every kind by default.
        running_only: only jobs that run now.
        limit: how many at most, 1 to 100.
    """
    from smstudio_ext.studio.jobs import newest_jobs

    found = newest_jobs(PLACE.target(), _limit(limit), kind=kind, running=running_only)
    rows = [
        {
            "kind": job.kind.word,
            "name": job.name,
            "status": job.status,
            "created": job.created.isoformat(),
            "seconds": round(job.seconds, 1),
        }
        for job in found
    ]
    return {"jobs": rows}


@told_whole
def sagemaker_describe_job(name: str) -> Document:
    """Describe one SageMaker job of any kind by its name: status, inputs, hyperparameters, metrics, failure reason."""
    from smstudio_ext.studio.automl import describe_automl_job
    from smstudio_ext.studio.jobs import describe_job, kind_of
    from smstudio_ext.studio.training import describe_training_job
    from smstudio_ext.studio.tuning import describe_tuning_job

    target = PLACE.target()
    kind = kind_of(target, name)
    pages: dict[str, Any] = {
        "training": describe_training_job,
        "autopilot": describe_automl_job,
        "tuning": describe_tuning_job,
    }
    if kind.word in pages:
        return {"kind": kind.word, **without_secrets(pages[kind.word](target, name).model_dump(mode="json"))}
    return {"kind": kind.word, **without_secrets(plain(describe_job(target, kind, name)))}


@told_whole
def sagemaker_job_log(name: str, lines: int = 100) -> Document:
    """Read the last lines of the log of a training, processing or transform job.

    Args:
        name: of the job.
        lines: how many at most, 1 to 500.
    """
    from smstudio_ext.studio.jobs import kind_of, log_lines

    target = PLACE.target()
    text = next(log_lines(target, kind_of(target, name), name))
    most = max(1, min(lines, _LONGEST_LOG))
    return {"name": name, "lines": text[-most:], "left_out": max(0, len(text) - most)}


@told_whole
def sagemaker_leaderboard(experiment: str, limit: int = 20) -> Document:
    """Read the leaderboard of an Autopilot experiment: its candidates with their metrics, the best first.

    Args:
        experiment: name of the Autopilot job.
        limit: how many candidates at most, 1 to 100.
    """
    from smstudio_ext.studio.automl import list_candidates
    from smstudio_ext.studio.models.automl import ListCandidates

    page = list_candidates(PLACE.target(), experiment, ListCandidates(max_results=_limit(limit)))
    rows = [
        {
            "name": each.name,
            "status": each.status,
            "best": each.is_best,
            "objective": each.objective.value if each.objective else None,
            "metrics": {metric.name: metric.value for metric in each.metrics if metric.set != "Train"},
            "failure_reason": each.failure_reason,
        }
        for each in page.items
    ]
    return {"objective": page.objective_metric, "direction": page.direction, "candidates": rows}


@told_whole
def sagemaker_list_endpoints(limit: int = 20) -> Document:
    """List SageMaker endpoints with their status, the newest first."""
    answer = PLACE.target().client("sagemaker").list_endpoints(
        SortBy="CreationTime", SortOrder="Descending", MaxResults=_limit(limit)
    )  # fmt: skip
    return {"endpoints": [plain(each) for each in answer["Endpoints"]]}


@told_whole
def sagemaker_describe_endpoint(name: str) -> Document:
    """Describe one endpoint: status, variants with their instances and weights, failure reason."""
    found = PLACE.target().client("sagemaker").describe_endpoint(EndpointName=name)
    return dict(without_secrets(plain(found)))


@told_whole
def sagemaker_list_experiments(limit: int = 20) -> Document:
    """List SageMaker experiments, the newest first."""
    from smstudio_ext.studio.experiments import browse_experiments
    from smstudio_ext.studio.models.experiments import BrowseQuery

    page = browse_experiments(PLACE.target(), BrowseQuery(max_results=_limit(limit)))
    return {"experiments": [each.model_dump(mode="json") for each in page.items], "total": page.total}


@told_whole
def sagemaker_compare_trial_components(experiment: str, limit: int = 20) -> Document:
    """Compare the runs (trial components) of an experiment: their parameters and the last value of each metric.

    Args:
        experiment: name of the experiment.
        limit: how many runs at most, 1 to 100, the newest first.
    """
    from smstudio_ext.studio.search import search

    where = {"Filters": [{"Name": "Parents.ExperimentName", "Operator": "Equals", "Value": experiment}]}
    found = search(PLACE.target(), "ExperimentTrialComponent", where, limit=_limit(limit))
    rows = [
        {
            "name": each["TrialComponentName"],
            "status": (each.get("Status") or {}).get("PrimaryStatus"),
            "parameters": {
                name: value.get("NumberValue", value.get("StringValue"))
                for name, value in (each.get("Parameters") or {}).items()
            },
            "metrics": {metric["MetricName"]: metric.get("Last") for metric in each.get("Metrics") or []},
        }
        for each in found.results
    ]
    return {"runs": rows, "total": found.total}


@told_whole
def sagemaker_what_runs() -> Document:
    """Tell what runs now (Studio instances, endpoints, jobs) and what it costs so far on AWS, or would cost there."""
    from smstudio_ext.studio.running import get_running

    return dict(get_running(PLACE.target()).model_dump(mode="json"))


@told_whole
def sagemaker_list_s3(uri: str = "", limit: int = 50) -> Document:
    """List buckets (without an address), or what is under an S3 address.

    Args:
        uri: for example s3://bucket/folder/.
        limit: how many entries at most, 1 to 100.
    """
    from smstudio_ext.studio.buckets import list_buckets, list_objects, split_s3_uri
    from smstudio_ext.studio.models.data import ListObjects

    if not uri:
        return dict(list_buckets(PLACE.target()).model_dump(mode="json"))
    bucket, prefix = split_s3_uri(uri)
    query = ListObjects(bucket=bucket, prefix=prefix, max_results=_limit(limit))
    return dict(list_objects(PLACE.target(), query).model_dump(mode="json"))


@told_whole
def sagemaker_preview_s3(uri: str) -> Document:
    """Read the beginning of a text object in S3.

    Args:
        uri: for example s3://bucket/folder/data.csv.
    """
    from smstudio_ext.studio.buckets import peek_object
    from smstudio_ext.studio.models.data import PeekObject

    return dict(peek_object(PLACE.target(), PeekObject(uri=uri)).model_dump(mode="json"))


@told_whole
def sagemaker_list_algorithms(name: str | None = None) -> Document:
    """List the built-in algorithms, or one with its hyperparameters, channels and metrics: what a training job takes.

    Args:
        name: of an algorithm, for example xgboost; all of them, shortly, by default.
    """
    from smstudio_ext.studio.algorithms import catalogue
    from smstudio_ext.studio.problems import Missing

    known = catalogue()
    if name is None:
        return {"algorithms": [{"name": each, "title": table["title"]} for each, table in known.items()]}
    if name not in known:
        raise Missing(f"There is no algorithm {name!r}.", hint=f"There are: {', '.join(known)}.")
    return {
        "name": name,
        **{key: value for key, value in known[name].items() if key not in ("rank", "config")},
    }


def without_secrets(document: Any) -> Any:
    """A document whose environment variables keep their names alone."""
    if isinstance(document, list):
        return [without_secrets(each) for each in document]
    if not isinstance(document, dict):
        return document
    return {
        key: dict.fromkeys(value, "(not told)")
        if key in _HIDDEN and isinstance(value, dict)
        else without_secrets(value)
        for key, value in document.items()
    }


def plain(value: Any) -> Any:
    """An AWS answer as JSON has it: times as ISO 8601."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _limit(wanted: int) -> int:
    return max(1, min(wanted, _LONGEST_LIST))
