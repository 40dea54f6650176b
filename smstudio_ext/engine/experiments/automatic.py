"""Trial components that jobs make of themselves, and the experiments of Autopilot jobs; in the jobs' own transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.experiments.components import associate, new_component
from smstudio_ext.engine.experiments.entities import new_experiment, new_trial
from smstudio_ext.engine.experiments.jobs import SOURCES, component_of, facts_of
from smstudio_ext.engine.experiments.naming import COMPONENT, EXPERIMENT, TRIAL, does_not_exist
from smstudio_ext.engine.store.resources import Resource, find_resource, find_resource_by_arn, insert_resource

if TYPE_CHECKING:
    from smstudio_ext.engine.experiments.index import ComponentIndex

Document = dict[str, Any]

AUTOML = "AutoMLJob"
AUTOML_SUFFIX = "-aws-auto-ml-job"
TRIAL_SUFFIX = "-aws-trial"
BY_SAGEMAKER: Document = {}
"""`CreatedBy` of what SageMaker makes by itself."""


class AutomaticComponents:
    """Follows the writes of jobs."""

    def __init__(self, index: ComponentIndex) -> None:
        self._index = index

    def follow_job(self, connection: Connection, job: Resource, deleted: bool) -> list[Resource]:
        """Keeps the trial component of a training, processing or transform job like the job.

        Raises:
            ResourceNotFound: ExperimentConfig names an experiment or trial that is not there.
        """
        if deleted:
            return []
        if job.version == 1:
            return self.make(connection, job)
        changed = self._update(connection, job)
        return [] if changed is None else [changed]

    def follow_automl_job(self, connection: Connection, job: Resource, deleted: bool) -> list[Resource]:
        """Makes the experiment of an Autopilot job."""
        if deleted or job.version > 1:
            return []
        return [self.make_automl(connection, job)]

    def make_automl(self, connection: Connection, job: Resource) -> Resource:
        """The experiment of an Autopilot job, made if it is not there."""
        name = job.name + AUTOML_SUFFIX
        there = _find(connection, EXPERIMENT, job.region, name)
        if there is not None:
            return there
        source = {"SourceArn": job.arn, "SourceType": "SageMakerAutoMLJob"}
        request = {"ExperimentName": name, "Source": source}
        experiment = new_experiment(job.region, request, job.created, BY_SAGEMAKER)
        insert_resource(connection, experiment)
        return experiment

    def make(self, connection: Connection, job: Resource) -> list[Resource]:
        """The component of a job, with the trial and experiment that it belongs to; returns what was written."""
        facts = facts_of(connection, job)
        config = job.document.get("ExperimentConfig") or {}
        name = component_of(job.kind, job.name)
        request: Document = {
            "TrialComponentName": name,
            "DisplayName": config.get("TrialComponentDisplayName") or name,
            "Source": {"SourceArn": job.arn, "SourceType": SOURCES[job.kind].source_type},
            **facts,
        }
        component = new_component(job.region, request, job.created, BY_SAGEMAKER)
        if _find(connection, COMPONENT, job.region, name) is not None:
            return []  # a user made one of that name
        written: list[Resource] = []
        trial = self._trial(connection, job, config, written)
        self._index.insert(connection, component)
        written.append(component)
        if trial is not None:
            associate(connection, self._index, job.region, name, trial, job.created)
        return written

    def _update(self, connection: Connection, job: Resource) -> Resource | None:
        name = component_of(job.kind, job.name)
        component = find_resource(connection, COMPONENT, job.region, name)
        if component is None or (component.document.get("Source") or {}).get("SourceArn") != job.arn:
            return None
        facts = facts_of(connection, job)
        if not _news(component.document, facts):
            return None
        return self._index.change(
            connection, job.region, name, job.modified, lambda document: _take_over(document, facts)
        )

    def _trial(
        self, connection: Connection, job: Resource, config: Document, written: list[Resource]
    ) -> Resource | None:
        """The trial that a new component goes into, or None: it stays unassigned."""
        automl = job.document.get("AutoMLJobArn")
        if automl is not None and not config:
            maker = find_resource_by_arn(connection, automl)
            if maker is None:
                return None  # the Autopilot job was deleted meanwhile
            experiment = self.make_automl(connection, maker)
            return self._new_trial(connection, job, experiment.name, written)
        trial_name, experiment_name = config.get("TrialName"), config.get("ExperimentName")
        if trial_name:
            trial = _find(connection, TRIAL, job.region, trial_name)
            if trial is None:
                raise does_not_exist(TRIAL, job.region, trial_name)
            return trial
        if experiment_name:
            found = _find(connection, EXPERIMENT, job.region, experiment_name)
            if found is None:
                raise does_not_exist(EXPERIMENT, job.region, experiment_name)
            return self._new_trial(connection, job, found.name, written)
        return None

    def _new_trial(
        self, connection: Connection, job: Resource, experiment: str, written: list[Resource]
    ) -> Resource:
        name = job.name + TRIAL_SUFFIX
        there = _find(connection, TRIAL, job.region, name)
        if there is not None:
            return there
        request = {"TrialName": name, "Source": _source(job)}
        trial = new_trial(job.region, request, experiment, job.created, BY_SAGEMAKER)
        insert_resource(connection, trial)
        written.append(trial)
        return trial


def _source(job: Resource) -> Document:
    return {"SourceArn": job.arn, "SourceType": SOURCES[job.kind].source_type}


def _find(connection: Connection, kind: str, region: str, name: str) -> Resource | None:
    """An entity by name in any case of letters."""
    return find_resource_by_arn(connection, sagemaker_arn(kind, region, name))


def _news(document: Document, facts: Document) -> bool:
    """Whether a job tells something that its component does not."""
    for member, value in facts.items():
        if isinstance(value, dict) and member != "Status":
            kept = document.get(member) or {}
            if any(key not in kept for key in value):
                return True
        elif document.get(member) != value:
            return True
    return False


def _take_over(document: Document, facts: Document) -> None:
    """What the job tells; keys that a user has written stay as they are."""
    for member, value in facts.items():
        if isinstance(value, dict) and member != "Status":
            document[member] = {**value, **(document.get(member) or {})}
        else:
            document[member] = value
