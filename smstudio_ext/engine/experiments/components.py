"""Trial components: created, changed, put into trials and deleted, each in one transaction with what Search reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import ResourceLimitExceeded, ValidationException
from smstudio_ext.engine.experiments.entities import find_entity
from smstudio_ext.engine.experiments.index import ComponentIndex
from smstudio_ext.engine.experiments.naming import COMPONENT, TRIAL, already_exists, does_not_exist
from smstudio_ext.engine.store import tables
from smstudio_ext.engine.store.resources import Resource, Store, find_resource

if TYPE_CHECKING:
    from sqlalchemy import Connection

Document = dict[str, Any]

MOST_PARAMETERS = 300
MOST_ARTIFACTS = 60
_MAPS = {
    "Parameters": (MOST_PARAMETERS, "parameters"),
    "InputArtifacts": (MOST_ARTIFACTS, "input artifacts"),
    "OutputArtifacts": (MOST_ARTIFACTS, "output artifacts"),
}
_members = tables.trial_members


def new_component(region: str, request: Document, now: float, by: Document) -> Resource:
    """A trial component that is not written yet."""
    name = request["TrialComponentName"]
    arn = sagemaker_arn(COMPONENT, region, name)
    document: Document = {
        "TrialComponentName": name,
        "TrialComponentArn": arn,
        "DisplayName": request.get("DisplayName") or name,
        "CreationTime": now,
        "CreatedBy": by,
        "LastModifiedTime": now,
        "LastModifiedBy": by,
        **{member: dict(request.get(member) or {}) for member in _MAPS},
    }
    for member in ("Status", "StartTime", "EndTime", "MetadataProperties", "Source"):
        if request.get(member) is not None:
            document[member] = request[member]
    check_sizes(document)
    status = (document.get("Status") or {}).get("PrimaryStatus") or "Created"
    return Resource(COMPONENT, region, name, arn, status, now, now, document, finished=True)


def check_sizes(document: Document) -> None:
    """Refuses a component with more parameters or artifacts than AWS keeps.

    Raises:
        ResourceLimitExceeded: as said.
        ValidationException: a parameter has no value, or two.
    """
    for member, (most, words) in _MAPS.items():
        if len(document.get(member) or {}) > most:
            raise ResourceLimitExceeded(
                f"The account-level service limit 'Total number of {words} allowed in a trial component' is {most}."
            )
    for name, value in (document.get("Parameters") or {}).items():
        if len(value) != 1:
            raise ValidationException(
                f"Parameter '{name}' must have exactly one of StringValue and NumberValue."
            )
        number = value.get("NumberValue", 0.0)
        if number != number or number in (float("inf"), float("-inf")):
            raise ValidationException(f"Parameter '{name}': NumberValue must be a finite number.")


class Components:
    """The trial components of an engine. All methods are safe from any thread."""

    def __init__(self, store: Store, index: ComponentIndex) -> None:
        self._store = store
        self._index = index

    def create(self, region: str, request: Document, by: Document) -> Resource:
        """Makes a trial component.

        Raises:
            ValidationException: the name is taken.
            ResourceLimitExceeded: too many parameters or artifacts.
        """
        component = new_component(region, request, self._store.clock.now(), by)
        try:
            with self._store.database.write(durable=False) as connection:
                self._index.insert(connection, component, request.get("Tags") or ())
        except IntegrityError:
            raise already_exists(COMPONENT, component.name) from None
        self._store.resources.published([component])
        return component

    def get(self, region: str, name: str) -> Resource:
        """A trial component by name or ARN.

        Raises:
            ResourceNotFound: there is none.
        """
        return find_entity(self._store.resources, COMPONENT, region, name)

    def update(self, region: str, name: str, request: Document, by: Document) -> Resource:
        """Applies an UpdateTrialComponent request: maps are merged, the last writer of a key wins.

        Raises:
            ResourceNotFound: there is none.
            ResourceLimitExceeded: it would have too many parameters or artifacts.
        """
        found = self.get(region, name)

        def edit(document: Document) -> None:
            _merge(document, request)
            document["LastModifiedBy"] = by
            check_sizes(document)

        with self._store.database.write(durable=False) as connection:
            changed = self._index.change(connection, region, found.name, self._store.clock.now(), edit)
        if changed is None:
            raise does_not_exist(COMPONENT, region, name)
        self._store.resources.published([changed])
        return changed

    def delete(self, region: str, name: str) -> Resource:
        """Takes a component away that is in no trial.

        Raises:
            ResourceNotFound: there is none.
            ValidationException: it is in a trial.
        """
        component = self.get(region, name)
        with self._store.database.write() as connection:
            number = self._index.number(connection, region, component.name)
            trial = connection.execute(
                select(_members.c.trial).where(_members.c.component == number).limit(1)
            ).first()
            if trial is not None:
                raise ValidationException(
                    f"Trial component '{component.arn}' is associated with trial '{trial.trial}'. Disassociate it first."
                )
            self._index.delete(connection, component)
        self._store.resources.published_deletion(component)
        return component

    def associate(self, region: str, component: str, trial: str) -> tuple[Resource, Resource]:
        """Puts a component into a trial; nothing happens when it is there.

        Raises:
            ResourceNotFound: one of the two is missing.
        """
        found, target = self.get(region, component), self._trial(region, trial)
        now = self._store.clock.now()
        with self._store.database.write(durable=False) as connection:
            associate(connection, self._index, region, found.name, target, now)
        self._store.resources.published([found])
        return found, target

    def disassociate(self, region: str, component: str, trial: str) -> tuple[Resource, Resource]:
        """Takes a component out of a trial.

        Raises:
            ResourceNotFound: one of the two is missing, or the component is not in the trial.
        """
        found, target = self.get(region, component), self._trial(region, trial)
        with self._store.database.write(durable=False) as connection:
            number = self._index.number(connection, region, found.name)
            gone = connection.execute(
                delete(_members).where(_members.c.component == number, _members.c.trial == target.name)
            ).rowcount
        if not gone:
            raise does_not_exist(COMPONENT, region, f"{found.name} in trial {target.name}")
        self._store.resources.published([found])
        return found, target

    def _trial(self, region: str, name: str) -> Resource:
        return find_entity(self._store.resources, TRIAL, region, name)


def associate(
    connection: Connection, index: ComponentIndex, region: str, component: str, trial: Resource, now: float
) -> None:
    """Puts a component into a trial within a transaction that is open.

    Raises:
        ResourceNotFound: the component or the trial is gone.
    """
    if find_resource(connection, TRIAL, region, trial.name) is None:
        raise does_not_exist(TRIAL, region, trial.name)
    number = index.number(connection, region, component)
    if number is None:
        raise does_not_exist(COMPONENT, region, component)
    there = connection.execute(
        select(_members.c.trial).where(_members.c.component == number, _members.c.trial == trial.name)
    ).first()
    if there is None:
        row = {
            "component": number,
            "trial": trial.name,
            "region": region,
            "experiment": trial.document["ExperimentName"],
            "associated": now,
        }
        connection.execute(insert(_members).values(**row))


def _merge(document: Document, request: Document) -> None:
    for member in _MAPS:
        kept = dict(document.get(member) or {})
        for key in request.get(f"{member}ToRemove") or ():
            kept.pop(key, None)
        kept.update(request.get(member) or {})
        document[member] = kept
    for member in ("DisplayName", "StartTime", "EndTime"):
        if request.get(member) is not None:
            document[member] = request[member]
    if request.get("Status"):
        document["Status"] = {**(document.get("Status") or {}), **request["Status"]}
