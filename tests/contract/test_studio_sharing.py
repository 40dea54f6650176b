"""Snapshots of notebooks in the domain's S3 location, against the engine and against moto."""

from __future__ import annotations

from typing import Any

import pytest

from smstudio_ext.studio.models.snapshots import GitInformation, ListSnapshots
from smstudio_ext.studio.problems import BadInput, Conflict, Missing, Refused
from smstudio_ext.studio.sharing import sharing_options
from smstudio_ext.studio.snapshots import (
    create_snapshot,
    delete_snapshot,
    describe_snapshot,
    list_snapshots,
)
from smstudio_ext.studio.studio_user import profile_name, studio_user
from smstudio_ext.target import LocalEngine, Target
from tests.conftest import RunningEngine
from tests.contract.studio_targets import moto_target, place  # noqa: F401 - fixtures

ROLE = "arn:aws:iam::000000000000:role/AmazonSageMaker-ExecutionRole"
GIT = GitInformation(
    url="https://git.example.com/a.git", branch="main", commit="c" * 40, path="a", changed=False
)


def notebook(text: str = "42") -> dict[str, Any]:
    output = {"output_type": "stream", "name": "stdout", "text": text}
    code = {
        "cell_type": "code",
        "id": "a",
        "source": "6 * 7",
        "metadata": {"trusted": True},
        "outputs": [output],
        "execution_count": 1,
    }
    spec = {
        "name": "python3__SAGEMAKER_INTERNAL__arn:aws:sagemaker:us-east-1:081325390199:image/datascience-1.0",
        "display_name": "Python 3 (Data Science)",
    }
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"instance_type": "ml.t3.medium", "kernelspec": spec},
        "cells": [code],
    }


def shared(target: Target, name: str = "report.ipynb", output: bool = True) -> Any:
    return create_snapshot(target, notebook(), name, git=None, include_output=output)


@pytest.fixture
def sharing(place: Target, request: pytest.FixtureRequest) -> Target:  # noqa: F811 - a fixture
    """A target with a domain that lets notebooks be shared.

    The engine has one by itself in a region where no other test made or deleted domains.
    """
    if place.kind == "local":
        return _region(request.getfixturevalue("engine"), "eu-central-2")
    if not place.client("sagemaker").list_domains()["Domains"]:
        place.client("s3").create_bucket(Bucket="studio-sharing-of-moto")
        settings = {"S3OutputPath": "s3://studio-sharing-of-moto/shared/", "NotebookOutputOption": "Allowed"}
        place.client("sagemaker").create_domain(
            DomainName="team",
            AuthMode="IAM",
            DefaultUserSettings={"ExecutionRole": ROLE, "SharingSettings": settings},
            SubnetIds=["subnet-1"],
            VpcId="vpc-1",
        )
    return place


def test_a_snapshot_is_made_shown_listed_and_deleted(sharing: Target) -> None:
    made = create_snapshot(sharing, notebook(), "made 報告.ipynb", git=GIT, include_output=True)
    assert made.own
    assert made.git == GIT
    assert (made.instance_type, made.kernel, made.image) == (
        "ml.t3.medium",
        "Python 3 (Data Science)",
        "datascience-1.0",
    )
    seen = describe_snapshot(sharing, made.name)
    assert seen.snapshot == made
    assert seen.notebook["cells"][0]["outputs"][0]["text"] == "42"
    assert seen.notebook["cells"][0]["metadata"] == {}
    assert seen.notebook["metadata"] == notebook()["metadata"]
    found = list_snapshots(sharing, ListSnapshots(search="MADE 報"))
    assert [each.name for each in found.items] == [made.name]
    delete_snapshot(sharing, made.name)
    for gone in (describe_snapshot, delete_snapshot):
        with pytest.raises(Missing, match="may have been deleted") as failure:
            gone(sharing, made.name)
        assert "target" in str(failure.value.hint)
    assert not list_snapshots(sharing, ListSnapshots(search="MADE 報")).items


def test_outputs_stay_at_home_unless_they_are_asked_for(sharing: Target) -> None:
    made = shared(sharing, output=False)
    cell = describe_snapshot(sharing, made.name).notebook["cells"][0]
    assert (cell["outputs"], cell["execution_count"]) == ([], None)
    bucket, key = made.s3_uri.removeprefix("s3://").split("/", 1)
    body = sharing.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    assert b"42" not in body


def test_a_list_goes_on_where_it_stopped(sharing: Target) -> None:
    names = [shared(sharing, f"paged-{number}.ipynb").name for number in range(5)]
    page, seen = list_snapshots(sharing, ListSnapshots(search="paged-", max_results=2)), []
    while True:
        seen += [each.name for each in page.items]
        if page.next_token is None:
            break
        query = ListSnapshots(search="paged-", max_results=2, next_token=page.next_token)
        page = list_snapshots(sharing, query)
    assert seen == names[::-1], "the newest comes first"
    with pytest.raises(BadInput):
        list_snapshots(sharing, ListSnapshots(next_token="../x"))


def test_what_somebody_put_in_place_of_a_snapshot_does_no_harm(sharing: Target) -> None:
    made = shared(sharing, "replaced.ipynb")
    bucket, key = made.s3_uri.removeprefix("s3://").split("/", 1)
    s3 = sharing.client("s3")
    s3.put_object(Bucket=bucket, Key=key, Body=b"<script>")
    with pytest.raises(Conflict, match="no notebook"):
        describe_snapshot(sharing, made.name)
    details = key.replace("notebook.ipynb", "snapshot.json")
    for body in (b"[]", b"{}", b"<", b'{"file_name": 1}'):
        s3.put_object(Bucket=bucket, Key=details, Body=body)
        with pytest.raises(Conflict, match="no description"):
            describe_snapshot(sharing, made.name)
    assert not list_snapshots(sharing, ListSnapshots(search="replaced")).items
    delete_snapshot(sharing, made.name)


@pytest.mark.parametrize(
    "name", ["", "x", "a.b", "../../etc/passwd", f"a.{'0' * 31}", f"a/b.{'0' * 32}", f"-a.{'0' * 32}"]
)
def test_names_that_lead_elsewhere_are_no_links(sharing: Target, name: str) -> None:
    with pytest.raises(Missing, match="no link"):
        describe_snapshot(sharing, name)


def test_colleagues_open_each_others_snapshots_but_delete_their_own(
    sharing: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "ann@example.com")
    made = shared(sharing, "of-ann.ipynb")
    assert made.user == "ann-example-com"
    monkeypatch.setenv("JUPYTERHUB_USER", "bob")
    seen = describe_snapshot(sharing, made.name)
    assert not seen.snapshot.own
    assert not list_snapshots(sharing, ListSnapshots(search="of-ann")).items
    with pytest.raises(Refused, match="only ann-example-com can delete it"):
        delete_snapshot(sharing, made.name)
    monkeypatch.setenv("JUPYTERHUB_USER", "ann@example.com")
    delete_snapshot(sharing, made.name)


@pytest.mark.parametrize(
    ("given", "name"), [("a", "a"), ("a_b--c.", "a-b-c"), ("ü", "default"), ("x" * 70, "x" * 63)]
)
def test_names_of_users_become_names_of_profiles(given: str, name: str) -> None:
    assert profile_name(given) == name


def _region(engine: RunningEngine, region: str) -> Target:
    info = engine.info
    return Target.local(LocalEngine(info.url, info.access_key, info.secret_key, region), region)


def test_the_domain_decides_about_outputs(engine: RunningEngine) -> None:
    target = _region(engine, "eu-north-1")
    user = studio_user(target)
    assert user is not None
    settings = {**user.settings["SharingSettings"], "NotebookOutputOption": "Disabled"}
    client = target.client("sagemaker")
    client.update_domain(DomainId=user.domain_id, DefaultUserSettings={"SharingSettings": settings})
    assert not sharing_options(target, None).output_allowed
    with pytest.raises(BadInput, match="does not let cell outputs be shared"):
        shared(target)
    assert not shared(target, output=False).include_output


def test_without_a_domain_nothing_is_shared(engine: RunningEngine) -> None:
    target = _region(engine, "eu-south-1")
    client = target.client("sagemaker")
    for domain in client.list_domains()["Domains"]:
        name = domain["DomainId"]
        for profile in client.list_user_profiles(DomainIdEquals=name)["UserProfiles"]:
            client.delete_user_profile(DomainId=name, UserProfileName=profile["UserProfileName"])
        client.delete_domain(DomainId=name, RetentionPolicy={"HomeEfsFileSystem": "Delete"})
    options = sharing_options(target, None)
    assert not options.enabled
    assert "no SageMaker domain" in str(options.reason)
    assert "Quick start" in str(options.hint)
    with pytest.raises(Conflict):
        shared(target)


def test_a_domain_without_a_place_for_snapshots_says_so(moto_target: Target) -> None:  # noqa: F811 - a fixture
    target = Target.aws(None, "us-west-1", endpoint_url=moto_target.client("s3").meta.endpoint_url)
    target.client("sagemaker").create_domain(
        DomainName="plain",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": ROLE},
        SubnetIds=["subnet-1"],
        VpcId="vpc-1",
    )
    options = sharing_options(target, None)
    assert (options.enabled, options.reason) == (
        False,
        "Notebook sharing is not enabled in the domain plain: it names no S3 location.",
    )


def test_who_works_on_aws_is_asked_once(
    moto_target: Target,  # noqa: F811 - a fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = Target.aws(None, "us-west-2", endpoint_url=moto_target.client("s3").meta.endpoint_url)
    client = target.client("sagemaker")
    form = {"AuthMode": "IAM", "SubnetIds": ["subnet-1"], "VpcId": "vpc-1"}

    def domain(name: str, **settings: Any) -> str:
        made = client.create_domain(
            DomainName=name, DefaultUserSettings={"ExecutionRole": ROLE, **settings}, **form
        )
        return str(made["DomainArn"].rpartition("/")[2])

    calls: list[str] = []
    client.meta.events.register("before-call", lambda model, **_: calls.append(model.name))
    silent = domain("silent")
    for _ in range(2):  # that sharing is off is not kept, as somebody may turn it on elsewhere
        assert not sharing_options(target, None).enabled
    assert calls.count("ListDomains") == 2
    client.delete_domain(DomainId=silent)
    domain("sharing", SharingSettings={"S3OutputPath": "s3://shared-in-us-west-2/x"})
    assert sharing_options(target, None).s3_uri.startswith("s3://shared-in-us-west-2/x/")  # type: ignore[union-attr]
    asked = len(calls)
    assert sharing_options(target, None).enabled
    assert len(calls) == asked
    domain("another")  # whatever is changed here may change the answer
    assert sharing_options(target, None).enabled
    assert len(calls) > asked + 1
    asked = len(calls)
    monkeypatch.setenv("JUPYTERHUB_USER", "bob")
    assert sharing_options(target, None).user == "bob"
    assert len(calls) > asked
