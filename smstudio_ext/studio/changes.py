"""What changed at a target between two looks: for AWS, which tells nobody by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from smstudio_ext.target import Target

_RUNNING = frozenset(
    {"InProgress", "Pending", "Stopping", "Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"}
)
_LOOKED_AT = 100


@dataclass(frozen=True)
class Seen:
    """One resource as a list shows it."""

    kind: str
    name: str
    status: str
    secondary_status: str = ""
    modified: str = ""
    deleted: bool = False


@dataclass
class Snapshot:
    """What the lists showed, newest 100 of each kind."""

    resources: dict[tuple[str, str], Seen] = field(default_factory=dict)

    @property
    def busy(self) -> bool:
        """Whether something runs."""
        return any(seen.status in _RUNNING for seen in self.resources.values())


def take_snapshot(target: Target) -> Snapshot:
    """Asks for the lists that pages show: one call a list."""
    sagemaker = target.client("sagemaker")
    newest = {"SortBy": "CreationTime", "SortOrder": "Descending", "MaxResults": _LOOKED_AT}
    snapshot = Snapshot()
    for seen in (
        *_seen(sagemaker.list_auto_ml_jobs(**newest), "AutoMLJobSummaries", "AutoMLJob"),
        *_seen(sagemaker.list_training_jobs(**newest), "TrainingJobSummaries", "TrainingJob"),
        *_seen(sagemaker.list_endpoints(**newest), "Endpoints", "Endpoint"),
        *_seen(
            _offered(sagemaker.list_hyper_parameter_tuning_jobs, **newest),
            "HyperParameterTuningJobSummaries",
            "HyperParameterTuningJob",
        ),
        *_seen(_offered(sagemaker.list_transform_jobs, **newest), "TransformJobSummaries", "TransformJob"),
        *_seen(_offered(sagemaker.list_models, **newest), "Models", "Model"),
        *_seen(
            _offered(sagemaker.list_notebook_instances, **newest), "NotebookInstances", "NotebookInstance"
        ),
    ):
        snapshot.resources[(seen.kind, seen.name)] = seen
    return snapshot


def differences(before: Snapshot, now: Snapshot) -> list[Seen]:
    """New, changed and vanished resources."""
    changed = [seen for key, seen in now.resources.items() if before.resources.get(key) != seen]
    gone = [
        Seen(seen.kind, seen.name, "Deleted", deleted=True)
        for key, seen in before.resources.items()
        if key not in now.resources and not _fell_off(seen.kind, now)
    ]
    return changed + gone


def _fell_off(kind: str, now: Snapshot) -> bool:
    """Whether the list is full, so that its oldest entries may just have left it."""
    return sum(1 for found, _ in now.resources if found == kind) >= _LOOKED_AT


def _offered(list_them: Any, **request: Any) -> dict[str, Any]:
    """A list's answer; empty where the target does not offer the list, or not to us."""
    from botocore.exceptions import ClientError

    try:
        answer: dict[str, Any] = list_them(**request)
    except ClientError:
        return {}
    return answer


def _seen(answer: dict[str, Any], key: str, kind: str) -> Iterator[Seen]:
    for entry in answer.get(key, []):
        yield Seen(
            kind,
            entry[f"{kind}Name"],
            entry.get(f"{kind}Status", ""),  # a model has no states
            entry.get("AutoMLJobSecondaryStatus", entry.get("SecondaryStatus", "")),
            str(entry.get("LastModifiedTime", "")),
        )
