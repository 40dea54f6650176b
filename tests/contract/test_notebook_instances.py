"""Notebook instances at the wire: names, states and messages as AWS has them, on the engine and on moto."""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING, Any

import botocore.exceptions
import pytest

from tests.conftest import eventually

if TYPE_CHECKING:
    from smstudio_ext.target import Target
    from tests.conftest import RunningEngine

ROLE = "arn:aws:iam::123456789012:role/Notebooks"
ECHO = [{"Content": base64.b64encode(b"echo hello").decode()}]


def unique(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(4)}"


def refused(call: Any, **members: Any) -> str:
    """The error of a call as boto3 raises it."""
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(**members)
    assert error.value.response["Error"]["Code"] == "ValidationException"
    return str(error.value.response["Error"]["Message"])


@pytest.fixture(scope="module")
def running(engine: RunningEngine) -> Any:
    """The name of an instance in service, and a client."""
    client, name = engine.client("sagemaker"), unique("wire")
    client.create_notebook_instance(NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=ROLE)
    client.get_waiter("notebook_instance_in_service").wait(NotebookInstanceName=name)
    yield client, name
    client.stop_notebook_instance(NotebookInstanceName=name)
    client.get_waiter("notebook_instance_stopped").wait(NotebookInstanceName=name)
    client.delete_notebook_instance(NotebookInstanceName=name)
    client.get_waiter("notebook_instance_deleted").wait(NotebookInstanceName=name)


def test_messages_of_missing_and_taken_names(place: Target) -> None:
    client, name = place.client("sagemaker"), unique("none")
    assert refused(client.describe_notebook_instance, NotebookInstanceName=name) == "RecordNotFound"
    assert refused(client.stop_notebook_instance, NotebookInstanceName=name) == "RecordNotFound"
    assert refused(client.delete_notebook_instance, NotebookInstanceName=name) == "RecordNotFound"
    client.create_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=name, OnStart=ECHO)
    text = refused(client.create_notebook_instance_lifecycle_config, NotebookInstanceLifecycleConfigName=name)
    assert text.endswith("(Details: Notebook Instance Lifecycle Config already exists.)")
    described = client.describe_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=name)
    assert described["OnStart"] == ECHO
    assert described["NotebookInstanceLifecycleConfigArn"].endswith(
        f":notebook-instance-lifecycle-config/{name}"
    )
    client.delete_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=name)
    for call in (
        client.describe_notebook_instance_lifecycle_config,
        client.delete_notebook_instance_lifecycle_config,
    ):
        text = refused(call, NotebookInstanceLifecycleConfigName=name)
        assert text.endswith("(Details: Notebook Instance Lifecycle Config does not exist.)")


def test_describe_has_the_members_of_the_model_and_its_defaults(running: Any) -> None:
    client, name = running
    described = client.describe_notebook_instance(NotebookInstanceName=name)
    assert described["NotebookInstanceArn"].endswith(f":notebook-instance/{name}")
    wanted = {
        "InstanceType": "ml.t3.medium",
        "RoleArn": ROLE,
        "VolumeSizeInGB": 5,
        "RootAccess": "Enabled",
        "DirectInternetAccess": "Enabled",
        "SecurityGroups": [],
    }
    assert {key: described[key] for key in wanted} == wanted
    listed = client.list_notebook_instances(NameContains=name, StatusEquals="InService")["NotebookInstances"]
    assert [row["NotebookInstanceName"] for row in listed] == [name]
    assert client.list_notebook_instances(NameContains=name, StatusEquals="Failed")["NotebookInstances"] == []


def test_what_a_running_instance_refuses(running: Any) -> None:
    client, name = running
    arn = client.describe_notebook_instance(NotebookInstanceName=name)["NotebookInstanceArn"]
    ending = f"for Notebook Instance ({arn})"
    assert (
        refused(
            client.create_notebook_instance,
            NotebookInstanceName=name,
            InstanceType="ml.t3.medium",
            RoleArn=ROLE,
        )
        == f"Cannot create a duplicate Notebook Instance ({arn})"
    )
    for call, allowed, aim in (
        (client.start_notebook_instance, "Stopped, Failed", "Pending"),
        (client.delete_notebook_instance, "Stopped, Failed", "Deleting"),
        (client.update_notebook_instance, "Stopped, Failed", "Updating"),
    ):
        text = refused(call, NotebookInstanceName=name)
        assert text == f"Status (InService) not in ([{allowed}]). Unable to transition to ({aim}) {ending}"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"VolumeSizeInGB": 4}, "VolumeSizeInGB|volumeSizeInGB"),
        ({"InstanceType": "ml.nothing.large"}, "[iI]nstanceType"),
        ({"LifecycleConfigName": "there-is-none"}, "Lifecycle Config does not exist"),
        ({"DefaultCodeRepository": "there-is-none"}, "Cannot find CodeRepository"),
        ({"DirectInternetAccess": "Disabled"}, "SubnetId"),
        (
            {
                "DefaultCodeRepository": "https://a/same.git",
                "AdditionalCodeRepositories": ["https://b/same"],
            },
            "same name",
        ),
    ],
    ids=["volume", "type", "config", "repository", "internet", "folders"],
)
def test_bad_settings_are_refused(engine: RunningEngine, members: dict[str, Any], said: str) -> None:
    client, name = engine.client("sagemaker", config=_unchecked()), unique("bad")
    with pytest.raises(botocore.exceptions.ClientError, match=said):
        client.create_notebook_instance(
            **{"NotebookInstanceName": name, "InstanceType": "ml.t3.medium", "RoleArn": ROLE, **members}
        )
    assert client.list_notebook_instances(NameContains=name)["NotebookInstances"] == []


def test_scripts_must_be_base64_and_not_too_long(engine: RunningEngine) -> None:
    client = engine.client("sagemaker", config=_unchecked())
    for content, said in (("not base64!", "base64"), ("QUFB" * 4097, "16384")):
        with pytest.raises(botocore.exceptions.ClientError, match=said):
            client.create_notebook_instance_lifecycle_config(
                NotebookInstanceLifecycleConfigName=unique("bad"), OnCreate=[{"Content": content}]
            )


def test_lists_are_paged_and_sorted(engine: RunningEngine) -> None:
    client, token = engine.client("sagemaker"), secrets.token_hex(4)
    names = [f"page-{token}-{number}" for number in range(5)]
    for name in names:
        client.create_code_repository(
            CodeRepositoryName=name, GitConfig={"RepositoryUrl": f"https://example.com/{name}.git"}
        )
    pages = client.get_paginator("list_code_repositories").paginate(
        NameContains=f"page-{token}", SortBy="Name", SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    found = [row["CodeRepositoryName"] for page in pages for row in page["CodeRepositorySummaryList"]]
    assert found == names
    client.update_code_repository(
        CodeRepositoryName=names[0],
        GitConfig={"SecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"},
    )
    config = client.describe_code_repository(CodeRepositoryName=names[0])["GitConfig"]
    assert config["RepositoryUrl"] == f"https://example.com/{names[0]}.git"
    assert config["SecretArn"].endswith(":s")
    assert "already existing" in refused(
        client.create_code_repository,
        CodeRepositoryName=names[0],
        GitConfig={"RepositoryUrl": "https://a/b/c.git"},
    )
    for name in names:
        client.delete_code_repository(CodeRepositoryName=name)
    assert "Cannot find" in refused(client.describe_code_repository, CodeRepositoryName=names[0])


def test_tags_are_those_of_the_instance(running: Any) -> None:
    client, name = running
    arn = client.describe_notebook_instance(NotebookInstanceName=name)["NotebookInstanceArn"]
    client.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "a"}])
    assert client.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "a"}]
    eventually(
        lambda: (
            client.describe_notebook_instance(NotebookInstanceName=name)["NotebookInstanceStatus"]
            == "InService"
        )
    )


def _unchecked() -> Any:
    from botocore.config import Config

    return Config(parameter_validation=False)
