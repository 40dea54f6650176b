"""Experiments and trials: created, changed, listed and deleted by AWS's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.experiments.naming import (
    EXPERIMENT,
    TRIAL,
    already_exists,
    does_not_exist,
)
from smstudio_ext.engine.store import tables
from smstudio_ext.engine.store.resources import (
    Resource,
    ResourceStore,
    find_resource,
)

if TYPE_CHECKING:
    from smstudio_ext.engine.store.resources import Store

Document = dict[str, Any]


def find_entity(resources: ResourceStore, kind: str, region: str, name: str) -> Resource:
    """An experiment, trial or trial component by name (in any case of letters) or ARN.

    Raises:
        ResourceNotFound: there is none.
    """
    found = None
    if not name.startswith("arn:"):
        found = resources.find(kind, region, name)
    if found is None:
        arn = name if name.startswith("arn:") else sagemaker_arn(kind, region, name)
        found = resources.find_by_arn(arn)
    if found is None or found.kind != kind or found.region != region:
        raise does_not_exist(kind, region, name)
    return found


def new_experiment(region: str, request: Document, now: float, by: Document) -> Resource:
    """An experiment that is not written yet."""
    name = request["ExperimentName"]
    arn = sagemaker_arn(EXPERIMENT, region, name)
    document: Document = {
        "ExperimentName": name,
        "ExperimentArn": arn,
        "DisplayName": request.get("DisplayName") or name,
        "CreationTime": now,
        "CreatedBy": by,
        "LastModifiedTime": now,
        "LastModifiedBy": by,
    }
    _copy(request, document, "Description", "Source")
    return Resource(EXPERIMENT, region, name, arn, "Created", now, now, document, finished=True)


def new_trial(region: str, request: Document, experiment: str, now: float, by: Document) -> Resource:
    """A trial of an experiment that is not written yet."""
    name = request["TrialName"]
    arn = sagemaker_arn(TRIAL, region, name)
    document: Document = {
        "TrialName": name,
        "TrialArn": arn,
        "DisplayName": request.get("DisplayName") or name,
        "ExperimentName": experiment,
        "CreationTime": now,
        "CreatedBy": by,
        "LastModifiedTime": now,
        "LastModifiedBy": by,
    }
    _copy(request, document, "MetadataProperties", "Source")
    parent = f"{EXPERIMENT}/{experiment}"
    return Resource(TRIAL, region, name, arn, "Created", now, now, document, parent=parent, finished=True)


def create_experiment(store: Store, region: str, request: Document, by: Document) -> Resource:
    """Makes an experiment.

    Raises:
        ValidationException: the name is taken.
    """
    made = new_experiment(region, request, store.clock.now(), by)
    return _create(store, made, request)


def create_trial(store: Store, region: str, request: Document, by: Document) -> Resource:
    """Makes a trial of an experiment.

    Raises:
        ResourceNotFound: there is no such experiment.
        ValidationException: the name is taken.
    """
    experiment = find_entity(store.resources, EXPERIMENT, region, request["ExperimentName"])
    made = new_trial(region, request, experiment.name, store.clock.now(), by)
    return _create(store, made, request)


def update_entity(
    store: Store, kind: str, region: str, name: str, members: Document, by: Document
) -> Resource:
    """Changes members of an experiment or trial.

    Raises:
        ResourceNotFound: there is none.
    """
    found = find_entity(store.resources, kind, region, name)

    def edit(resource: Resource) -> None:
        resource.document.update(members)
        resource.document["LastModifiedTime"] = max(store.clock.now(), resource.modified)
        resource.document["LastModifiedBy"] = by

    missing = does_not_exist(kind, region, name)
    return store.resources.change(kind, region, found.name, edit, durable=False, missing=missing)


def delete_entity(store: Store, kind: str, region: str, name: str) -> Resource:
    """Takes an experiment or a trial away that has nothing in it (see `keep_whole`).

    Raises:
        ResourceNotFound: there is none.
        ValidationException: an experiment has trials, or a trial has components.
    """
    found = find_entity(store.resources, kind, region, name)
    return store.resources.delete(*found.key, missing=does_not_exist(*found.key))


def keep_whole(connection: Connection, resource: Resource, deleted: bool) -> list[Resource]:
    """Holds, in the transaction that writes, what AWS holds: nothing is deleted that something is in, nor put into nothing.

    Raises:
        ResourceNotFound: the experiment of a new trial is gone.
        ValidationException: what is to be deleted still has something in it.
    """
    region = resource.region
    if resource.kind == TRIAL and not deleted:
        experiment = resource.document["ExperimentName"]
        if find_resource(connection, EXPERIMENT, region, experiment) is None:
            raise does_not_exist(EXPERIMENT, region, experiment)
    elif resource.kind == TRIAL:
        component = first_component(connection, region, resource.name)
        if component is not None:
            raise ValidationException(
                f"Trial '{resource.arn}' still has trial components, such as '{component}'. Disassociate them first."
            )
    elif deleted:
        trial = _first_trial(connection, resource)
        if trial is not None:
            raise ValidationException(
                f"Experiment '{resource.arn}' still has trials, such as '{trial}'. Delete them first."
            )
    return []


def _first_trial(connection: Connection, experiment: Resource) -> str | None:
    table = tables.resources
    row = connection.execute(
        select(table.c.name)
        .where(
            table.c.parent == experiment.parent_key,
            table.c.kind == TRIAL,
            table.c.region == experiment.region,
        )
        .limit(1)
    ).first()
    return None if row is None else str(row.name)


def first_component(connection: Connection, region: str, trial: str) -> str | None:
    """The name of a component of a trial, or None."""
    members, components = tables.trial_members, tables.trial_components
    row = connection.execute(
        select(components.c.name)
        .join(members, members.c.component == components.c.id)
        .where(members.c.region == region, members.c.trial == trial)
        .limit(1)
    ).first()
    return None if row is None else str(row.name)


def _create(store: Store, resource: Resource, request: Document) -> Resource:
    taken = already_exists(resource.kind, resource.name)
    return store.resources.create(resource, request.get("Tags") or (), durable=False, taken=taken)


def _copy(request: Document, document: Document, *members: str) -> None:
    for member in members:
        if request.get(member) is not None:
            document[member] = request[member]
