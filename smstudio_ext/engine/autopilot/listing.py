"""Pages of candidates and of a tuning job's training jobs."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.autopilot.candidates import CandidateBook
from smstudio_ext.engine.autopilot.ensembling.book import EnsembleBook
from smstudio_ext.engine.autopilot.ensembling.modes import is_ensembling
from smstudio_ext.engine.autopilot.naming import JobNames
from smstudio_ext.engine.autopilot.ranking import objective_of, ranked
from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.runtime import training, trials, tuning

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store import Resource

Document = dict[str, Any]

DEFAULT_PAGE = 10


def list_candidates(
    ctx: EngineContext, job: Resource, request: Document
) -> tuple[list[Document], str | None]:
    """One page of a job's candidates and the token of the next page.

    Args:
        request: input of ListCandidatesForAutoMLJob.
    """
    if "plan" not in job.internal:
        return [], None
    wanted = request.get("CandidateNameEquals")
    status = request.get("StatusEquals")
    if is_ensembling(job):
        found = [
            candidate
            for candidate in EnsembleBook(ctx, job).candidates()
            if wanted in (None, candidate["CandidateName"]) and status in (None, candidate["CandidateStatus"])
        ]
    else:
        found = _tuned(ctx, job, wanted, status)
    sort_by = request.get("SortBy", "CreationTime")
    descending = request.get("SortOrder", "Ascending") == "Descending"
    ordered = _sorted_candidates(found, sort_by, descending)
    return page_of(ordered, "CandidateName", f"candidates|{sort_by}|{descending}", request)


def _tuned(ctx: EngineContext, job: Resource, wanted: str | None, status: str | None) -> list[Document]:
    """Candidates of a tuning job."""
    tuning_job = ctx.store.resources.find(tuning.KIND, job.region, JobNames(job.name, job.region).tuning())
    if tuning_job is None:
        return []
    book = CandidateBook(ctx, job, tuning_job)
    if wanted is not None:
        rows = [ctx.store.resources.find(training.KIND, job.region, wanted)]
    else:
        rows = list(ctx.store.resources.children(tuning_job.parent_key, training.KIND, job.region))
    return [
        candidate
        for row in rows
        if row is not None and row.parent == tuning_job.parent_key and status in (None, row.status)
        for candidate in [book.describe(row)]
        if candidate is not None
    ]


def list_trials(
    ctx: EngineContext, tuning_job: Resource, request: Document
) -> tuple[list[Document], str | None]:
    """One page of HyperParameterTrainingJobSummaries and the token of the next page.

    Args:
        request: input of ListTrainingJobsForHyperParameterTuningJob.
    """
    status = request.get("StatusEquals")
    rows = ctx.store.resources.children(tuning_job.parent_key, training.KIND, tuning_job.region)
    found = [trials.training_job_summary(tuning_job, row) for row in rows if status in (None, row.status)]
    sort_by = request.get("SortBy", "Name")
    descending = request.get("SortOrder", "Ascending") == "Descending"
    members = {"Name": "TrainingJobName", "CreationTime": "CreationTime", "Status": "TrainingJobStatus"}
    if sort_by in members:
        found.sort(key=lambda one: (one[members[sort_by]], one["TrainingJobName"]), reverse=descending)
    else:
        known = [one for one in found if "FinalHyperParameterTuningJobObjectiveMetric" in one]
        known.sort(
            key=lambda one: one["FinalHyperParameterTuningJobObjectiveMetric"]["Value"], reverse=descending
        )
        found = known  # AWS leaves out training jobs without a value when it sorts by it
    return page_of(found, "TrainingJobName", f"trials|{sort_by}|{descending}", request)


def page_of(
    items: list[Document], name: str, shape: str, request: Document
) -> tuple[list[Document], str | None]:
    """The part of a sorted list that a request asks for; tokens name the last item seen.

    Args:
        name: member with the item's unique name.
        shape: what the list is and how it is sorted; part of the token.

    Raises:
        ValidationException: the token is not one of this listing.
    """
    start = 0
    token = request.get("NextToken")
    if token:
        seen = _read_token(token, shape)
        positions = [number for number, item in enumerate(items) if item[name] == seen]
        if not positions:
            raise ValidationException("Invalid NextToken: the listing has changed, start it again.")
        start = positions[0] + 1
    end = start + int(request.get("MaxResults") or DEFAULT_PAGE)
    part = items[start:end]
    more = end < len(items) and bool(part)
    return part, _make_token(part[-1][name], shape) if more else None


def _sorted_candidates(candidates: list[Document], sort_by: str, descending: bool) -> list[Document]:
    if sort_by == "FinalObjectiveMetricValue":
        with_value = [one for one in candidates if objective_of(one) is not None]
        return ranked(with_value, descending=descending) + [
            one for one in candidates if objective_of(one) is None
        ]
    member = "CandidateStatus" if sort_by == "Status" else "CreationTime"
    return sorted(candidates, key=lambda one: (one[member], one["CandidateName"]), reverse=descending)


def _make_token(name: str, shape: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([shape, name]).encode()).decode()


def _read_token(token: str, shape: str) -> str:
    try:
        found, name = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError):
        raise ValidationException("Invalid NextToken: it was not returned by this engine.") from None
    if found != shape:
        raise ValidationException("Invalid NextToken: it belongs to a listing with another sort order.")
    return str(name)
