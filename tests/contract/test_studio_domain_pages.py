"""The Domain page's functions against the real engine, against moto for what moto has, and stubbed for the rest of AWS."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from smstudio_ext.routes.errors import failure_of
from smstudio_ext.studio import domain_apps, domain_members, domains, lifecycle_configs, own_images
from smstudio_ext.studio.models.domains import (
    AppLogDownload,
    AppLogQuery,
    AppPlace,
    CreateApp,
    CreateDomain,
    CreateProfile,
    CreateSpace,
    DeleteDomain,
    PresignDomain,
    Sharing,
    UpdateDomain,
)
from smstudio_ext.studio.models.studio_assets import AttachImage, AttachScript, CreateScript
from smstudio_ext.studio.problems import BadInput, Missing
from smstudio_ext.target import Target
from tests.conftest import RunningEngine, eventually
from tests.contract.studio_targets import engine_target

WHEN = datetime(2026, 1, 1, tzinfo=timezone.utc)


def unique(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(4)}"


@pytest.fixture
def local(engine: RunningEngine) -> Target:
    return engine_target(engine)


@pytest.fixture
def domain(local: Target) -> Iterator[str]:
    """A domain with the user `ada`, made by Quick start; gone afterwards with all that is in it."""
    made = domains.create_domain(local, CreateDomain(name=unique("page"), user_name="ada"))
    yield made.id
    for app in domains.domain_apps(local, made.id).items:
        if app.status not in ("Deleted", "Deleting"):
            place = AppPlace(owner_kind=app.owner_kind, owner=app.owner, type=app.type, name=app.name)  # type: ignore[arg-type]
            domain_apps.delete_app(local, made.id, place)
    eventually(lambda: all(a.status == "Deleted" for a in domains.domain_apps(local, made.id).items))
    page = domains.describe_domain(local, made.id)
    for space in page.spaces:
        domain_members.delete_space(local, made.id, space.name)
    for profile in page.profiles:
        domain_members.delete_profile(local, made.id, profile.name)
    domains.delete_domain(local, made.id, DeleteDomain(delete_home=True))


def test_quick_start_makes_a_domain_with_a_user_and_sharing(place: Target) -> None:
    name = unique("quick")
    made = domains.create_domain(place, CreateDomain(name=name, user_name="ada"))
    assert made.id in [item.id for item in domains.list_domains(place).items]
    page = domains.describe_domain(place, made.id)
    assert (page.name, page.auth_mode) == (name, "IAM")
    assert page.execution_role
    if place.kind == "local":
        assert page.sharing.output_allowed
        assert [profile.name for profile in page.profiles] == ["ada"]
        assert (page.notices, page.app_types[0]) == ([], "KernelGateway")
        domain_members.delete_profile(place, made.id, "ada")
    else:  # moto has no user profiles, spaces and apps: the page shows what there is
        assert (page.profiles, page.spaces, domains.domain_apps(place, made.id).items) == ([], [], [])
        assert "closed Studio Classic" in page.notices[0]
        assert page.app_types == ["JupyterLab", "CodeEditor"]
    domains.delete_domain(place, made.id, DeleteDomain())
    assert made.id not in [item.id for item in domains.list_domains(place).items]


def test_on_aws_a_domain_gets_the_default_vpc(moto_target: Target) -> None:
    made = domains.create_domain(moto_target, CreateDomain(name=unique("vpc")))
    page = moto_target.client("sagemaker").describe_domain(DomainId=made.id)
    assert page["VpcId"].startswith("vpc-")
    assert page["SubnetIds"]


def test_standard_setup_keeps_what_is_chosen(local: Target) -> None:
    form = CreateDomain(
        quick=False,
        name=unique("standard"),
        auth_mode="SSO",
        network="VpcOnly",
        vpc_id="vpc-12345678",
        subnet_ids=["subnet-12345678"],
        security_group_ids=["sg-12345678"],
        sharing=Sharing(output_allowed=False),
    )
    made = domains.create_domain(local, form)
    page = domains.describe_domain(local, made.id)
    assert (page.auth_mode, page.network, page.vpc_id) == ("SSO", "VpcOnly", "vpc-12345678")
    assert (page.subnet_ids, page.security_group_ids) == (["subnet-12345678"], ["sg-12345678"])
    assert (page.sharing.output_allowed, page.profiles) == (False, [])
    with pytest.raises(Missing):
        domains.update_domain(
            local, made.id, UpdateDomain(sharing=Sharing(s3_output_path="s3://no-such-bucket-here/x"))
        )
    domains.update_domain(local, made.id, UpdateDomain(sharing=Sharing(output_allowed=True)))
    assert domains.describe_domain(local, made.id).sharing.output_allowed
    domains.delete_domain(local, made.id, DeleteDomain())


def test_users_spaces_and_apps_come_and_go(local: Target, domain: str) -> None:
    domain_members.create_profile(local, domain, CreateProfile(name="grace"))
    with pytest.raises(BadInput) as private:
        domain_members.create_space(local, domain, CreateSpace(name="lab", sharing="Private"))
    assert private.value.fields[0][0] == "owner"
    domain_members.create_space(
        local, domain, CreateSpace(name="lab", sharing="Private", owner="grace", volume_gb=5)
    )
    app = CreateApp(owner="ada", type="KernelGateway", name="one", instance_type="ml.m5.large")
    domain_apps.create_app(local, domain, app)
    page = domains.describe_domain(local, domain)
    assert [profile.name for profile in page.profiles] == ["ada", "grace"]
    assert [(space.name, space.sharing, space.owner) for space in page.spaces] == [
        ("lab", "Private", "grace")
    ]
    row = domains.domain_apps(local, domain).items[0]
    assert (row.name, row.owner, row.instance_type, row.image) == (
        "one",
        "ada",
        "ml.m5.large",
        "datascience-1.0",
    )
    assert (row.script, row.log_stream) == (None, None)
    with pytest.raises(ClientError) as refused:
        domains.delete_domain(local, domain, DeleteDomain())
    failure = failure_of(refused.value, local=True)
    assert failure is not None
    assert failure.status == 409
    made = domain_members.presign_domain(local, domain, PresignDomain(user="ada", expires_in_seconds=60))
    assert made.url.startswith(local.client("sagemaker").meta.endpoint_url)


def test_scripts_are_attached_run_and_their_logs_read(local: Target, domain: str) -> None:
    name = unique("page-script")
    lifecycle_configs.create_script(
        local,
        CreateScript(
            name=name, app_type="KernelGateway", text="#!/bin/bash\necho あ from the page\nexit 4\n"
        ),
    )
    assert lifecycle_configs.describe_script(local, name).text.startswith("#!/bin/bash\necho あ")
    lifecycle_configs.attach_script(local, name, AttachScript(domain_id=domain, default=True))
    lifecycle_configs.attach_script(local, name, AttachScript(domain_id=domain, user="ada"))
    row = next(row for row in lifecycle_configs.list_scripts(local).items if row.name == name)
    places = [
        each for each in lifecycle_configs.domain_attachments(local, domain).places if each.arn == row.arn
    ]
    assert [(each.user, each.default) for each in places] == [(None, True), ("ada", False)]
    assert [script.name for script in domains.describe_domain(local, domain).scripts] == [name]
    domain_apps.create_app(local, domain, CreateApp(owner="ada", type="KernelGateway", name="scripted"))

    def failed() -> Any:
        app = next(a for a in domains.domain_apps(local, domain).items if a.name == "scripted")
        return app if app.status == "Failed" else None

    app = eventually(failed, what="end of the script")
    place = AppPlace(owner="ada", type="KernelGateway", name="scripted")
    assert "exit code 4" in (domain_apps.app_failure(local, domain, place).reason or "")
    log = domain_apps.app_log(local, domain, AppLogQuery(stream=app.log_stream))
    assert [line.message for line in log.lines] == ["あ from the page"]
    text = b"".join(domain_apps.app_log_text(local, domain, AppLogDownload(stream=app.log_stream)))
    assert "あ from the page" in text.decode()
    with pytest.raises(BadInput):
        domain_apps.app_log(local, domain, AppLogQuery(stream="d-other/x/y/z/LifecycleConfigOnStart"))
    unwritten = AppLogQuery(stream=f"{domain}/ada/KernelGateway/none/LifecycleConfigOnStart")
    assert domain_apps.app_log(local, domain, unwritten).lines == []
    for user in (None, "ada"):
        lifecycle_configs.attach_script(
            local, name, AttachScript(domain_id=domain, user=user, attached=False)
        )
    domain_apps.delete_app(local, domain, place)
    eventually(lambda: all(a.status == "Deleted" for a in domains.domain_apps(local, domain).items))
    lifecycle_configs.delete_script(local, name)


def test_a_script_that_is_too_long_is_refused_before_it_is_sent(local: Target) -> None:
    with pytest.raises(BadInput) as refused:
        lifecycle_configs.create_script(
            local, CreateScript(name="long", app_type="KernelGateway", text="#" * 12289)
        )
    assert refused.value.fields[0][0] == "text"


def test_images_are_attached_and_detached(local: Target, domain: str, tmp_path: Path) -> None:
    name = unique("own.image")
    (tmp_path / "requirements.txt").write_text("ipykernel\n")
    form = AttachImage(
        name=name, display_name="Own", kind="requirements", source="requirements.txt", domain_id=domain
    )
    made = own_images.attach_image(local, form, tmp_path / "requirements.txt")
    assert (made.version, made.status) == (1, "CREATED")
    assert own_images.attach_image(local, form, tmp_path / "requirements.txt").version == 2
    image = next(image for image in own_images.list_images(local).items if image.name == name)
    assert image.display_name == "Own"
    assert [version.number for version in own_images.image_versions(local, name).versions] == [2, 1]
    assert domains.describe_domain(local, domain).images == [name]
    sagemaker = local.client("sagemaker")
    kernels = sagemaker.describe_app_image_config(AppImageConfigName=name.replace(".", "-"))
    assert kernels["KernelGatewayImageConfig"]["KernelSpecs"] == [
        {"Name": "python3", "DisplayName": "Python 3"}
    ]
    own_images.delete_image(local, name)
    assert domains.describe_domain(local, domain).images == []
    assert name not in [image.name for image in own_images.list_images(local).items]


@pytest.mark.parametrize("kind", ["requirements", "environment", "container"])
def test_what_is_no_source_of_an_image_is_said_at_its_field(local: Target, tmp_path: Path, kind: Any) -> None:
    path = tmp_path if kind == "requirements" else tmp_path / "none"
    form = AttachImage(name="bad", kind=kind, source="somewhere")
    with pytest.raises(BadInput) as refused:
        own_images.attach_image(local, form, path)
    assert refused.value.fields[0][0] == "source"


def test_an_image_that_cannot_be_made_is_not_offered(local: Target, domain: str, tmp_path: Path) -> None:
    name = unique("bad")
    (tmp_path / "empty").mkdir()
    form = AttachImage(name=name, kind="environment", source="empty", domain_id=domain)
    made = own_images.attach_image(local, form, tmp_path / "empty")
    assert made.status == "CREATE_FAILED"
    assert "neither bin/python nor a kernel.json" in (made.failure_reason or "")
    assert domains.describe_domain(local, domain).images == []
    own_images.delete_image(local, name)


@pytest.fixture
def aws() -> tuple[Target, Stubber]:
    """AWS as a target whose answers the test gives; botocore holds them to its model."""
    target = Target.aws(None, "us-east-1", "arn:aws:iam::123456789012:role/studio")
    client = _plain_client()
    target._clients["sagemaker"] = client
    stub = Stubber(client)
    stub.activate()
    return target, stub


def _plain_client() -> Any:
    import boto3

    return boto3.client(
        "sagemaker", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )


def test_a_domain_of_aws_is_shown_whole(aws: tuple[Target, Stubber]) -> None:
    target, stub = aws
    arn = "arn:aws:sagemaker:us-east-1:123456789012:studio-lifecycle-config/stop-idle"
    part = {"LifecycleConfigArns": [arn], "DefaultResourceSpec": {"LifecycleConfigArn": arn}}
    stub.add_response(
        "describe_domain",
        {
            "DomainId": "d-abc",
            "DomainName": "prod",
            "DomainArn": "arn:aws:sagemaker:us-east-1:123456789012:domain/d-abc",
            "Status": "InService",
            "AuthMode": "SSO",
            "CreationTime": WHEN,
            "LastModifiedTime": WHEN,
            "DefaultUserSettings": {"KernelGatewayAppSettings": part},
        },
        {"DomainId": "d-abc"},
    )
    listed = {"DomainIdEquals": "d-abc", "MaxResults": 100}
    profile = {"DomainId": "d-abc", "UserProfileName": "ada", "Status": "InService", "CreationTime": WHEN}
    stub.add_response("list_user_profiles", {"UserProfiles": [profile], "NextToken": "2"}, listed)
    second = {**profile, "UserProfileName": "grace", "Status": "Pending"}
    stub.add_response("list_user_profiles", {"UserProfiles": [second]}, {**listed, "NextToken": "2"})
    space = {"DomainId": "d-abc", "SpaceName": "lab", "Status": "InService", "CreationTime": WHEN}
    stub.add_response("list_spaces", {"Spaces": [space]}, listed)
    app = {
        "DomainId": "d-abc",
        "SpaceName": "lab",
        "AppType": "JupyterLab",
        "AppName": "default",
        "Status": "InService",
        "CreationTime": WHEN,
        "ResourceSpec": {"InstanceType": "ml.t3.medium", "LifecycleConfigArn": arn},
    }
    page = domains.describe_domain(target, "d-abc")
    stub.assert_no_pending_responses()
    stub.add_response("list_apps", {"Apps": [app]}, listed)
    assert [profile.name for profile in page.profiles] == ["ada", "grace"]
    assert (page.scripts[0].name, page.scripts[0].default) == ("stop-idle", True)
    row = domains.domain_apps(target, "d-abc").items[0]
    assert (row.owner_kind, row.owner, row.script) == ("Space", "lab", "stop-idle")
    assert row.log_stream == "d-abc/lab/JupyterLab/default/LifecycleConfigOnStart"


def test_aws_makes_new_apps_in_spaces(aws: tuple[Target, Stubber]) -> None:
    target, stub = aws
    form = CreateApp(owner="ada", type="JupyterLab", name="default", instance_type="ml.t3.medium")
    with pytest.raises(BadInput, match="made in a space"):
        domain_apps.create_app(target, "d-abc", form)
    key = {"DomainId": "d-abc", "SpaceName": "lab", "AppType": "JupyterLab", "AppName": "default"}
    arn = "arn:aws:sagemaker:us-east-1:123456789012:app/d-abc/lab/jupyterlab/default"
    stub.add_response(
        "create_app", {"AppArn": arn}, {**key, "ResourceSpec": {"InstanceType": "ml.t3.medium"}}
    )
    domain_apps.create_app(target, "d-abc", form.model_copy(update={"owner_kind": "Space", "owner": "lab"}))
    stub.assert_no_pending_responses()


def test_aws_refusal_of_a_closed_app_is_told_as_it_is(aws: tuple[Target, Stubber]) -> None:
    target, stub = aws
    stub.add_client_error(
        "create_app", "ValidationException", "Studio Classic is no longer available for new customers."
    )
    form = CreateApp(owner="ada", type="KernelGateway", name="one")
    with pytest.raises(ClientError) as refused:
        domain_apps.create_app(target, "d-abc", form)
    failure = failure_of(refused.value, local=False)
    assert failure is not None
    assert (failure.status, failure.message) == (
        400,
        "Studio Classic is no longer available for new customers.",
    )


def test_on_aws_images_are_containers(aws: tuple[Target, Stubber]) -> None:
    target, stub = aws
    base = "123456789012.dkr.ecr.us-east-1.amazonaws.com/own:1"
    with pytest.raises(BadInput, match="Amazon ECR"):
        own_images.attach_image(
            target, AttachImage(name="own", kind="requirements", source="r.txt"), Path("r.txt")
        )
    image = "arn:aws:sagemaker:us-east-1:123456789012:image/own"
    stub.add_response("create_image", {"ImageArn": image})
    version = "arn:aws:sagemaker:us-east-1:123456789012:image-version/own/3"
    stub.add_response("create_image_version", {"ImageVersionArn": version})
    stub.add_response(
        "describe_image_version", {"ImageVersionStatus": "CREATING"}, {"ImageName": "own", "Version": 3}
    )
    stub.add_response("create_app_image_config", {})
    made = own_images.attach_image(target, AttachImage(name="own", kind="container", source=base), None)
    stub.assert_no_pending_responses()
    assert (made.version, made.status) == (3, "CREATING")
