"""The notebook instances pages' functions against the real engine and against moto."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from smstudio_ext.routes.errors import failure_of
from smstudio_ext.studio import notebook_instances, notebook_instances_form, notebook_lifecycles
from smstudio_ext.studio.changes import take_snapshot
from smstudio_ext.studio.models.base import Tag
from smstudio_ext.studio.models.notebook_instances import (
    ListNotebookInstances,
    ListNotebookLifecycleConfigs,
    NotebookInstance,
    NotebookInstanceForm,
    NotebookLifecycleConfigForm,
    OpenNotebookInstance,
)
from smstudio_ext.studio.models.training import LogsQuery
from smstudio_ext.studio.problems import BadInput, Conflict, Missing
from tests.conftest import eventually
from tests.contract.studio_targets import engine_target

if TYPE_CHECKING:
    from smstudio_ext.target import Target
    from tests.conftest import RunningEngine


@pytest.fixture(scope="module", autouse=True)
def managed_policies() -> Iterator[None]:
    """moto knows AWS's own policies only when asked to, before its accounts are made."""
    from moto.backends import get_backend
    from moto.core.config import default_user_config

    default_user_config["iam"]["load_aws_managed_policies"] = True
    for account in list(get_backend("iam").values()):
        for backend in list(account.values()):
            backend.reset()
    yield
    default_user_config["iam"]["load_aws_managed_policies"] = False


def unique(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(4)}"


def form(target: Target, **changes: Any) -> NotebookInstanceForm:
    values = {"name": unique("page"), "instance_type": "ml.t2.medium", "role_arn": target.role_arn()}
    return NotebookInstanceForm.model_validate({**values, **changes})


def settled(target: Target, name: str, status: str) -> NotebookInstance:
    def look() -> NotebookInstance | None:
        found = notebook_instances.describe_notebook_instance(target, name)
        return found if found.status == status else None

    return eventually(look, timeout=180, what=status)


def removed(target: Target, name: str) -> None:
    found = notebook_instances.describe_notebook_instance(target, name)
    if found.can_stop:
        notebook_instances.stop_notebook_instance(target, name)
        eventually(lambda: notebook_instances.describe_notebook_instance(target, name).can_delete, timeout=60)
    notebook_instances.delete_notebook_instance(target, name)


def test_the_life_of_an_instance_on_the_pages(place: Target) -> None:
    """Create with a new role and no buckets, as the walk-through of the developer guide does; stop; delete."""
    wanted = form(place, new_role=True, role_arn=None, role_buckets="none", tags=[Tag(key="team", value="a")])
    made = notebook_instances_form.create_notebook_instance(place, wanted)
    assert made.role_arn.rpartition("/")[2].startswith("AmazonSageMaker-ExecutionRole-")
    attached = place.client("iam").list_attached_role_policies(RoleName=made.role_arn.rpartition("/")[2])
    assert [each["PolicyName"] for each in attached["AttachedPolicies"]] == ["AmazonSageMakerFullAccess"]

    page = settled(place, wanted.name, "InService")
    assert page.instance_type == "ml.t2.medium"
    assert page.volume_gb == 5
    assert (page.can_open, page.can_stop, page.can_start, page.can_delete) == (True, True, False, False)
    listed = notebook_instances.list_notebook_instances(place, ListNotebookInstances(search=wanted.name))
    assert [(row.name, row.status) for row in listed.items] == [(wanted.name, "InService")]
    assert ("NotebookInstance", wanted.name) in take_snapshot(place).resources
    with pytest.raises(Conflict):
        notebook_instances_form.create_notebook_instance(place, wanted)

    notebook_instances.stop_notebook_instance(place, wanted.name)
    page = settled(place, wanted.name, "Stopped")
    assert (page.can_open, page.can_stop, page.can_start, page.can_delete) == (False, False, True, True)
    notebook_instances.delete_notebook_instance(place, wanted.name)

    def gone() -> bool:
        try:
            notebook_instances.describe_notebook_instance(place, wanted.name)
        except Missing:
            return True
        return False

    eventually(gone)


def test_what_an_instance_may_not_do_now_is_said_in_words_of_aws(place: Target) -> None:
    wanted = form(place)
    notebook_instances_form.create_notebook_instance(place, wanted)
    settled(place, wanted.name, "InService")
    with pytest.raises(Exception, match="Unable to transition to \\(Deleting\\)") as refusal:
        notebook_instances.delete_notebook_instance(place, wanted.name)
    failure = failure_of(refusal.value, local=place.kind == "local")
    assert failure is not None
    assert 400 <= failure.status < 500
    removed(place, wanted.name)


def test_fields_that_aws_would_refuse_are_named(place: Target) -> None:
    bad = form(
        place,
        name="not_a_name",
        volume_gb=1,
        instance_type="ml.nothing.large",
        allowed_ips="10.0.0.0/8 here",
        direct_internet=False,
        tags=[Tag(key="")],
    )
    with pytest.raises(BadInput) as refusal:
        notebook_instances_form.create_notebook_instance(place, bad)
    assert {field for field, _ in refusal.value.fields} == {
        "name",
        "volume_gb",
        "instance_type",
        "allowed_ips",
        "subnet_id",
        "tags",
    }


def test_lifecycle_configurations_on_the_pages(place: Target) -> None:
    name = unique("config")
    notebook_lifecycles.create_lifecycle_config(
        place, NotebookLifecycleConfigForm(name=name, on_start="#!/bin/bash\r\necho hi\r\n")
    )
    page = notebook_lifecycles.describe_lifecycle_config(place, name)
    assert (page.on_create, page.on_start) == ("", "#!/bin/bash\necho hi\n")
    assert page.used_by == []
    with pytest.raises(BadInput, match="16384"):
        notebook_lifecycles.create_lifecycle_config(
            place, NotebookLifecycleConfigForm(name=unique("large"), on_start="x" * 12300)
        )
    with pytest.raises(BadInput, match="at least one"):
        notebook_lifecycles.create_lifecycle_config(place, NotebookLifecycleConfigForm(name=unique("empty")))
    notebook_lifecycles.delete_lifecycle_config(place, name)
    with pytest.raises(Missing):
        notebook_lifecycles.describe_lifecycle_config(place, name)


def test_options_name_limits_and_what_has_no_meaning_here(place: Target) -> None:
    options = notebook_instances_form.notebook_options(place)
    assert (options.min_volume_gb, options.max_volume_gb) == (5, 16384)
    assert options.name.max_length == 63
    assert "ml.t2.medium" in [each.name for each in options.instance_types]
    assert bool(options.without_meaning) == (place.kind == "local")


def test_configurations_are_changed_listed_and_attached(engine: RunningEngine) -> None:
    """What moto lacks: lists and updates of configurations, changes of settings, links, logs, tags."""
    target = engine_target(engine)
    config, wanted = unique("config"), form(target, allowed_ips="127.0.0.1  10.0.0.0/8")
    notebook_lifecycles.create_lifecycle_config(
        target, NotebookLifecycleConfigForm(name=config, on_create="echo made", on_start="echo old")
    )
    notebook_lifecycles.update_lifecycle_config(
        target, config, NotebookLifecycleConfigForm(on_start="echo new")
    )
    listed = notebook_lifecycles.list_lifecycle_configs(target, ListNotebookLifecycleConfigs(search=config))
    assert [row.name for row in listed.items] == [config]
    wanted.lifecycle_config = config
    notebook_instances_form.create_notebook_instance(target, wanted)
    page = settled(target, wanted.name, "InService")
    assert page.allowed_ips == ["127.0.0.1", "10.0.0.0/8"]
    assert notebook_lifecycles.describe_lifecycle_config(target, config).used_by == [wanted.name]
    link = notebook_instances.open_notebook_instance(target, wanted.name, OpenNotebookInstance(view="tree"))
    assert link.url.startswith("http://127.0.0.1:")
    assert link.url.endswith("&view=tree")
    lines = notebook_instances.notebook_instance_logs(target, wanted.name, LogsQuery(from_start=True))
    assert lines.stream == f"{wanted.name}/progress"
    assert any("Attaching the ML storage volume: 5 GB" in line.message for line in lines.lines)
    script = notebook_instances.notebook_instance_logs(
        target, wanted.name, LogsQuery(from_start=True, stream=f"{wanted.name}/LifecycleConfigOnStart")
    )
    assert [line.message for line in script.lines] == ["new"]
    with pytest.raises(Missing):
        notebook_instances.notebook_instance_logs(target, wanted.name, LogsQuery(stream="other/progress"))

    notebook_instances.stop_notebook_instance(target, wanted.name)
    settled(target, wanted.name, "Stopped")
    change = form(target, name=wanted.name, instance_type="ml.t3.large", volume_gb=9, root_access=False)
    notebook_instances_form.update_notebook_instance(target, wanted.name, change)
    page = settled(target, wanted.name, "Stopped")
    assert (page.instance_type, page.volume_gb, page.root_access) == ("ml.t3.large", 9, False)
    assert (page.lifecycle_config, page.allowed_ips) == (None, [])
    notebook_instances.delete_notebook_instance(target, wanted.name)
