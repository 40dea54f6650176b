"""Domains, user profiles, spaces, apps, start-up scripts, own images and presigned addresses, by unmodified boto3."""

from __future__ import annotations

import base64
import json
import os
import venv
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from tests.conftest import RunningEngine, eventually
from tests.contract.domain_stand import (
    GROUP,
    ROLE,
    code_of,
    domain,
    end,
    kernel_app,
    open_url,
    sagemaker,
    script,
    started,
    unique,
    user,
)

__all__ = ["domain", "sagemaker", "user"]  # fixtures


def test_a_fresh_region_has_a_domain_and_a_user_until_they_are_deleted(engine: RunningEngine) -> None:
    fresh = engine.client("sagemaker", region="ap-northeast-3")
    profile = fresh.list_user_profiles()["UserProfiles"]
    domains = fresh.list_domains()["Domains"]
    assert len(domains) == len(profile) == 1
    assert domains[0]["DomainName"].startswith("default-")
    assert profile[0]["DomainId"] == domains[0]["DomainId"]
    whole = fresh.describe_domain(DomainId=domains[0]["DomainId"])
    assert (whole["Status"], whole["AuthMode"]) == ("InService", "IAM")
    sharing = whole["DefaultUserSettings"]["SharingSettings"]
    assert sharing["NotebookOutputOption"] == "Allowed"
    bucket = sharing["S3OutputPath"].split("/")[2]
    engine.client("s3", region="ap-northeast-3").head_bucket(Bucket=bucket)
    fresh.delete_user_profile(DomainId=profile[0]["DomainId"], UserProfileName=profile[0]["UserProfileName"])
    fresh.delete_domain(DomainId=domains[0]["DomainId"])
    assert fresh.list_domains()["Domains"] == fresh.list_user_profiles()["UserProfiles"] == []
    assert fresh.list_apps()["Apps"] == fresh.list_spaces()["Spaces"] == []


def test_who_makes_a_domain_first_gets_no_other(engine: RunningEngine) -> None:
    fresh = engine.client("sagemaker", region="ap-south-2")
    fresh.create_domain(DomainName="mine", AuthMode="IAM", DefaultUserSettings={"ExecutionRole": ROLE})
    assert [found["DomainName"] for found in fresh.list_domains()["Domains"]] == ["mine"]
    with pytest.raises(ClientError, match=r"Domain \[mine\] already exists") as error:
        fresh.create_domain(DomainName="mine", AuthMode="IAM", DefaultUserSettings={"ExecutionRole": ROLE})
    assert code_of(error) == "ResourceInUse"


def test_things_go_in_the_order_apps_users_and_spaces_domain(sagemaker: Any, domain: str) -> None:
    user = {"DomainId": domain, "UserProfileName": "grace"}
    sagemaker.create_user_profile(**user)
    sagemaker.create_space(
        DomainId=domain,
        SpaceName="lab",
        OwnershipSettings={"OwnerUserProfileName": "grace"},
        SpaceSharingSettings={"SharingType": "Private"},
    )
    app = kernel_app({"DomainId": domain, "SpaceName": "lab"})
    started(sagemaker, app)
    for call, key in (
        (sagemaker.delete_domain, {"DomainId": domain}),
        (sagemaker.delete_space, {"DomainId": domain, "SpaceName": "lab"}),
        (sagemaker.delete_user_profile, user),
    ):
        with pytest.raises(ClientError, match="associated with it") as error:
            call(**key)
        assert code_of(error) == "ResourceInUse"
    end(sagemaker, app)
    sagemaker.delete_space(DomainId=domain, SpaceName="lab")
    sagemaker.delete_user_profile(**user)
    for call, key in (
        (sagemaker.describe_space, {"DomainId": domain, "SpaceName": "lab"}),
        (sagemaker.describe_user_profile, user),
        (sagemaker.describe_domain, {"DomainId": "d-nothingthere"}),
        (sagemaker.delete_app, kernel_app(user, "none")),
    ):
        with pytest.raises(ClientError, match="does not exist") as error:
            call(**key)
        assert code_of(error) == "ResourceNotFound"


def test_settings_are_inherited_and_changed_member_by_member(
    sagemaker: Any, domain: str, user: dict[str, str]
) -> None:
    first, second = script(sagemaker, "echo 1"), script(sagemaker, "echo 2")
    defaults = {"InstanceType": "ml.m5.large", "LifecycleConfigArn": first}
    sagemaker.update_domain(
        DomainId=domain,
        DefaultUserSettings={
            "KernelGatewayAppSettings": {"DefaultResourceSpec": defaults, "LifecycleConfigArns": [first]}
        },
    )
    settings = sagemaker.describe_domain(DomainId=domain)["DefaultUserSettings"]
    assert settings["ExecutionRole"] == ROLE
    app = kernel_app(user)
    inherited = started(sagemaker, app)["ResourceSpec"]
    assert (inherited["InstanceType"], inherited["LifecycleConfigArn"]) == ("ml.m5.large", first)
    end(sagemaker, app)
    own = {"DefaultResourceSpec": {"LifecycleConfigArn": second}, "LifecycleConfigArns": [second]}
    sagemaker.update_user_profile(**user, UserSettings={"KernelGatewayAppSettings": own})
    app = kernel_app(user)
    assert started(sagemaker, app)["ResourceSpec"]["LifecycleConfigArn"] == second
    end(sagemaker, app)
    name = second.rsplit("/", 1)[1]
    with pytest.raises(ClientError, match="attached to UserProfile") as error:
        sagemaker.delete_studio_lifecycle_config(StudioLifecycleConfigName=name)
    assert code_of(error) == "ResourceInUse"
    app = kernel_app(user)
    unscripted = started(sagemaker, app, ResourceSpec={"LifecycleConfigArn": "None"})
    assert unscripted["Status"] == "InService"
    end(sagemaker, app)


def test_settings_must_name_what_is_there(sagemaker: Any, user: dict[str, str]) -> None:
    missing = "arn:aws:sagemaker:eu-west-3:000000000000:studio-lifecycle-config/none"
    for part, message in (
        ({"LifecycleConfigArns": [missing]}, "does not exist"),
        ({"LifecycleConfigArns": [script(sagemaker, "echo", "JupyterServer")]}, "not KernelGateway"),
        ({"DefaultResourceSpec": {"LifecycleConfigArn": script(sagemaker, "echo")}}, "must also be in"),
        ({"CustomImages": [{"ImageName": "none", "AppImageConfigName": "none"}]}, r"Image \[none\]"),
    ):
        with pytest.raises(ClientError, match=message) as error:
            sagemaker.update_user_profile(**user, UserSettings={"KernelGatewayAppSettings": part})
        assert code_of(error) == "ValidationException"


def test_apps_are_listed_by_owner_also_after_their_end(
    engine: RunningEngine, sagemaker: Any, domain: str, user: dict[str, str]
) -> None:
    keys = [kernel_app(user, f"kernel-{number}") for number in range(3)]
    for key in keys:
        assert started(sagemaker, key)["Status"] == "InService"
    with pytest.raises(ClientError, match="already exists") as error:
        sagemaker.create_app(**keys[0])
    assert code_of(error) == "ResourceInUse"
    ended = end(sagemaker, keys[1])
    assert ended["LastHealthCheckTimestamp"] >= ended["CreationTime"]
    pages = sagemaker.get_paginator("list_apps").paginate(
        DomainIdEquals=domain, UserProfileNameEquals="ada", PaginationConfig={"PageSize": 2}
    )
    rows = [row for page in pages for row in page["Apps"]]
    assert [(row["AppName"], row["Status"]) for row in rows] == [
        ("kernel-0", "InService"),
        ("kernel-1", "Deleted"),
        ("kernel-2", "InService"),
    ]
    # the name is free again, and both lives stay apart
    sagemaker.create_app(**keys[1])
    again = [
        row for row in sagemaker.list_apps(DomainIdEquals=domain)["Apps"] if row["AppName"] == "kernel-1"
    ]
    assert sorted(row["Status"] for row in again) == ["Deleted", "InService"]
    with pytest.raises(ClientError, match="DomainIdEquals must be specified"):
        sagemaker.list_apps(UserProfileNameEquals="ada")
    with pytest.raises(ClientError, match="Exactly one of UserProfileName and SpaceName"):
        sagemaker.create_app(DomainId=domain, AppType="KernelGateway", AppName="x")
    with pytest.raises(ClientError, match="not offered here"):
        sagemaker.create_app(**{**keys[0], "AppType": "Canvas"})
    for key in keys:
        end(sagemaker, key)


def test_a_script_runs_at_the_start_of_an_app_and_its_log_has_no_credentials(
    engine: RunningEngine, sagemaker: Any, domain: str, user: dict[str, str]
) -> None:
    arn = script(
        sagemaker,
        "#!/bin/bash\nset -eux\nenv | sort\nenv | base64 -w0\nset +x\necho\n"
        'test -n "$SAGEMAKER_BASE_DIR"\ncat $SAGEMAKER_BASE_DIR/metadata/resource-metadata.json\necho\ntouch made-here\n',
    )
    key = kernel_app(user)
    assert started(sagemaker, key, ResourceSpec={"LifecycleConfigArn": arn})["Status"] == "InService"
    stream = f"{domain}/ada/KernelGateway/{key['AppName']}/LifecycleConfigOnStart"
    events = engine.client("logs", region="eu-west-3").get_log_events(
        logGroupName=GROUP, logStreamName=stream
    )["events"]
    text = "\n".join(event["message"] for event in events)
    assert "AWS_SECRET_ACCESS_KEY=********" in text
    assert engine.info.secret_key not in text
    assert engine.info.access_key not in text
    assert base64.b64encode(engine.info.secret_key.encode()).decode()[4:-8] not in text
    facts = json.loads(next(line for line in text.splitlines() if line.startswith('{"AppType"')))
    assert (facts["DomainId"], facts["UserProfileName"]) == (domain, "ada")
    assert (engine.data_dir / "studio" / "homes" / domain / "ada" / "made-here").exists()
    end(sagemaker, key)


def test_pip_of_a_script_is_that_of_the_image(
    engine: RunningEngine, sagemaker: Any, user: dict[str, str], tmp_path: Path
) -> None:
    venv.create(tmp_path / "image", with_pip=False)
    arn = script(
        sagemaker, f"set -eu\nwhich python > {tmp_path}/python\npip list --quiet > {tmp_path}/list\n"
    )
    key = kernel_app(user)

    def add(params: dict[str, Any], **_: Any) -> None:
        params["headers"]["x-smstudio-environment"] = str(tmp_path / "image")

    sagemaker.meta.events.register("before-call.sagemaker.CreateApp", add)
    assert started(sagemaker, key, ResourceSpec={"LifecycleConfigArn": arn})["Status"] == "InService"
    assert (tmp_path / "python").read_text().strip() == str(tmp_path / "image" / "bin" / "python")
    assert (tmp_path / "list").read_text().strip() == ""  # not the packages of this test's environment
    end(sagemaker, key)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("echo working\nexit 3\n", "non zero exit code 3", id="exit"),
        pytest.param("#!/no/such/shell\necho\n", "non zero exit code 127", id="no-shell"),
        pytest.param("kill -9 $$\n", "non zero exit code 137", id="killed"),
    ],
)
def test_an_app_whose_script_fails_is_failed(
    sagemaker: Any, domain: str, user: dict[str, str], text: str, reason: str
) -> None:
    arn, key = script(sagemaker, text), kernel_app(user)
    failed = started(sagemaker, key, ResourceSpec={"LifecycleConfigArn": arn})
    assert failed["Status"] == "Failed"
    assert reason in failed["FailureReason"]
    assert f"{domain}/ada/KernelGateway/{key['AppName']}/LifecycleConfigOnStart" in failed["FailureReason"]
    end(sagemaker, key)


def test_a_hanging_script_ends_with_its_app(sagemaker: Any, user: dict[str, str], tmp_path: Path) -> None:
    arn = script(sagemaker, f"echo $$ > {tmp_path}/pid\nwhile true; do sleep 1; done\n")
    key = kernel_app(user)
    sagemaker.create_app(**key, ResourceSpec={"LifecycleConfigArn": arn})
    assert sagemaker.describe_app(**key)["Status"] == "Pending"
    pid = int(eventually(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip()))
    end(sagemaker, key)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_scripts_are_made_and_deleted_and_nothing_else(sagemaker: Any) -> None:
    name = unique("script")
    content = base64.b64encode(b"echo \xe3\x81\x82").decode()
    key = {"StudioLifecycleConfigName": name}
    members = {"StudioLifecycleConfigContent": content, "StudioLifecycleConfigAppType": "JupyterServer"}
    sagemaker.create_studio_lifecycle_config(**key, **members)
    assert sagemaker.describe_studio_lifecycle_config(**key)["StudioLifecycleConfigContent"] == content
    with pytest.raises(ClientError) as error:
        sagemaker.create_studio_lifecycle_config(**key, **members)
    assert code_of(error) == "ResourceInUse"
    listed = sagemaker.list_studio_lifecycle_configs(NameContains=name[:10], AppTypeEquals="JupyterServer")
    assert [row["StudioLifecycleConfigName"] for row in listed["StudioLifecycleConfigs"]] == [name]
    for bad in ("not base64!", base64.b64encode(b"\xff\xfe").decode()):
        with pytest.raises(ClientError, match="must be the script in base64"):
            sagemaker.create_studio_lifecycle_config(
                StudioLifecycleConfigName=unique("bad"), **{**members, "StudioLifecycleConfigContent": bad}
            )
    with pytest.raises(ClientError, match="less than or equal to 16384"):
        sagemaker.create_studio_lifecycle_config(
            StudioLifecycleConfigName=unique("long"),
            **{**members, "StudioLifecycleConfigContent": "A" * 16388},
        )
    sagemaker.delete_studio_lifecycle_config(**key)
    with pytest.raises(ClientError) as error:
        sagemaker.describe_studio_lifecycle_config(**key)
    assert code_of(error) == "ResourceNotFound"


def test_a_script_goes_on_when_the_engine_is_killed(own_engine: RunningEngine, tmp_path: Path) -> None:
    sagemaker = own_engine.client("sagemaker")
    profile = sagemaker.list_user_profiles()["UserProfiles"][0]
    user = {name: profile[name] for name in ("DomainId", "UserProfileName")}
    arn = script(
        sagemaker,
        f"echo once >> {tmp_path}/runs\nuntil [ -e {tmp_path}/go ]; do sleep 0.05; done\necho done\n",
    )
    waiting, running = kernel_app(user, "waiting"), kernel_app(user, "running")
    sagemaker.create_app(**waiting, ResourceSpec={"LifecycleConfigArn": arn})
    sagemaker.create_app(**running)
    url = sagemaker.create_presigned_domain_url(**user)["AuthorizedUrl"]
    eventually((tmp_path / "runs").exists, what="start of the script")
    own_engine.kill()
    own_engine.start()
    sagemaker = own_engine.client("sagemaker")
    assert sagemaker.describe_app(**waiting)["Status"] == "Pending"
    assert sagemaker.describe_app(**running)["Status"] == "InService"
    (tmp_path / "go").touch()
    eventually(lambda: sagemaker.describe_app(**waiting)["Status"] == "InService", what="end of the script")
    assert (tmp_path / "runs").read_text() == "once\n"
    # addresses are kept, too; this one waits for a JupyterLab
    port = urlsplit(own_engine.url).netloc
    assert open_url(url.replace(urlsplit(url).netloc, port))[0] == 503
