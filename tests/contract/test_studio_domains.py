"""Domains, user profiles, spaces, apps, start-up scripts, own images and presigned addresses, by unmodified boto3."""

from __future__ import annotations

import base64
import http.client
import json
import os
import secrets
import socket
import threading
import venv
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.conftest import RunningEngine, eventually

ROLE = "arn:aws:iam::000000000000:role/service-role/studio"
GROUP = "/aws/sagemaker/studio"


def unique(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(4)}"


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


@pytest.fixture
def sagemaker(engine: RunningEngine) -> Any:
    """A client of a region that only these tests use."""
    return engine.client("sagemaker", region="eu-west-3")


@pytest.fixture
def domain(sagemaker: Any) -> Iterator[str]:
    """A domain of the test's own; the test leaves nothing in it."""
    made = sagemaker.create_domain(
        DomainName=unique("team"), AuthMode="IAM", DefaultUserSettings={"ExecutionRole": ROLE}
    )
    yield made["DomainId"]
    sagemaker.delete_domain(DomainId=made["DomainId"], RetentionPolicy={"HomeEfsFileSystem": "Delete"})


@pytest.fixture
def user(sagemaker: Any, domain: str) -> Iterator[dict[str, str]]:
    """A user profile of it."""
    key = {"DomainId": domain, "UserProfileName": "ada"}
    sagemaker.create_user_profile(**key)
    yield key
    sagemaker.delete_user_profile(**key)


def script(sagemaker: Any, text: str, app_type: str = "KernelGateway") -> str:
    """A lifecycle configuration."""
    arn: str = sagemaker.create_studio_lifecycle_config(
        StudioLifecycleConfigName=unique("script"),
        StudioLifecycleConfigContent=base64.b64encode(text.encode()).decode(),
        StudioLifecycleConfigAppType=app_type,
    )["StudioLifecycleConfigArn"]
    return arn


def started(sagemaker: Any, key: dict[str, str], **members: Any) -> dict[str, Any]:
    """The description of a new app that is not Pending any more."""
    sagemaker.create_app(**key, **members)

    def settled() -> dict[str, Any] | None:
        now: dict[str, Any] = sagemaker.describe_app(**key)
        return now if now["Status"] != "Pending" else None

    found: dict[str, Any] | None = eventually(settled, what=f"start of {key['AppName']}")
    assert found is not None
    return found


def end(sagemaker: Any, key: dict[str, str]) -> dict[str, Any]:
    """Deletes an app; its last description."""
    sagemaker.delete_app(**key)

    def ended() -> dict[str, Any] | None:
        now: dict[str, Any] = sagemaker.describe_app(**key)
        return now if now["Status"] == "Deleted" else None

    found: dict[str, Any] | None = eventually(ended, what=f"end of {key['AppName']}")
    assert found is not None
    return found


def kernel_app(user: dict[str, str], name: str | None = None) -> dict[str, str]:
    return {**user, "AppType": "KernelGateway", "AppName": name or unique("app")}


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


def test_own_images_have_versions_that_do_not_change(sagemaker: Any, tmp_path: Path) -> None:
    name = unique("own")
    sagemaker.create_image(ImageName=name, RoleArn=ROLE, DisplayName="Own")
    file = tmp_path / "requirements.txt"
    file.write_text("ipykernel\n")
    for token in ("one", "one", "two"):
        sagemaker.create_image_version(
            ImageName=name, BaseImage=str(file), ClientToken=token, Aliases=["latest"]
        )
    file.write_text("changed\n")
    found = sagemaker.list_image_versions(ImageName=name, SortBy="VERSION", SortOrder="ASCENDING")
    assert [version["Version"] for version in found["ImageVersions"]] == [1, 2]
    assert sagemaker.describe_image_version(ImageName=name, Alias="latest")["Version"] == 2
    kept = sagemaker.describe_image_version(ImageName=name, Version=1)
    assert (kept["BaseImage"], Path(kept["ContainerImage"]).read_text()) == (str(file), "ipykernel\n")
    sagemaker.update_image_version(
        ImageName=name, Version=1, AliasesToAdd=["latest", "old"], MLFramework="PyTorch 2.1"
    )
    assert sagemaker.list_aliases(ImageName=name, Version=1)["SageMakerImageVersionAliases"] == [
        "latest",
        "old",
    ]
    assert sagemaker.list_aliases(ImageName=name, Version=2)["SageMakerImageVersionAliases"] == []
    sagemaker.delete_image_version(ImageName=name, Version=2)
    sagemaker.create_image_version(ImageName=name, BaseImage=str(file), ClientToken="three")
    assert sagemaker.describe_image_version(ImageName=name)["Version"] == 3  # a number is used once
    sagemaker.update_image(ImageName=name, DeleteProperties=["DisplayName"], Description="ours")
    described = sagemaker.describe_image(ImageName=name)
    assert ("DisplayName" in described, described["Description"]) == (False, "ours")
    sagemaker.delete_image(ImageName=name)
    with pytest.raises(ClientError, match="does not exist"):
        sagemaker.list_image_versions(ImageName=name)


@pytest.mark.parametrize(
    ("base", "reason"),
    [
        pytest.param(
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/x:1", "is a container image", id="container"
        ),
        pytest.param("/no/such/requirements.txt", "There is no file", id="missing"),
        pytest.param("/etc", "neither bin/python nor a kernel.json", id="folder"),
        pytest.param("/etc/hostname", "none of the offered forms", id="other"),
    ],
)
def test_a_version_of_nothing_usable_fails_and_says_why(sagemaker: Any, base: str, reason: str) -> None:
    name = unique("bad")
    sagemaker.create_image(ImageName=name, RoleArn=ROLE)
    sagemaker.create_image_version(ImageName=name, BaseImage=base, ClientToken="t")
    version = sagemaker.describe_image_version(ImageName=name)
    assert version["ImageVersionStatus"] == "CREATE_FAILED"
    assert reason in version["FailureReason"]
    sagemaker.delete_image(ImageName=name)


def test_image_configurations_get_awss_defaults(sagemaker: Any) -> None:
    name = unique("config")
    kernels = {"KernelSpecs": [{"Name": "python3", "DisplayName": "Own Python"}]}
    sagemaker.create_app_image_config(AppImageConfigName=name, KernelGatewayImageConfig=kernels)
    found = sagemaker.describe_app_image_config(AppImageConfigName=name)["KernelGatewayImageConfig"]
    assert found["FileSystemConfig"] == {
        "MountPath": "/home/sagemaker-user",
        "DefaultUid": 1000,
        "DefaultGid": 100,
    }
    with pytest.raises(ClientError, match="must be 1000 and 100, or 0 and 0"):
        sagemaker.update_app_image_config(
            AppImageConfigName=name,
            KernelGatewayImageConfig={**kernels, "FileSystemConfig": {"DefaultUid": 5, "DefaultGid": 5}},
        )
    sagemaker.update_app_image_config(
        AppImageConfigName=name, KernelGatewayImageConfig={"KernelSpecs": [{"Name": "ir"}]}
    )
    listed = sagemaker.list_app_image_configs(NameContains=name)["AppImageConfigs"]
    assert listed[0]["KernelGatewayImageConfig"]["KernelSpecs"] == [{"Name": "ir"}]
    sagemaker.delete_app_image_config(AppImageConfigName=name)
    with pytest.raises(ClientError, match="does not exist"):
        sagemaker.describe_app_image_config(AppImageConfigName=name)


def open_url(url: str, method: str = "GET") -> tuple[int, str, str]:
    """Status, Location and body of an address, without a signature and without following."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=120)
    connection.request(method, f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, answer.headers.get("Location") or "", body


@pytest.fixture
def lab(engine: RunningEngine) -> Iterator[str]:
    """Something that listens and has told the engine that it is JupyterLab."""
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/user/a"
    folder = engine.data_dir / "studio" / "servers"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{secrets.token_hex(4)}.json"
    file.write_text(json.dumps({"url": f"{url}/", "entrance": True, "pid": os.getpid(), "user": "ada"}))
    yield url
    file.unlink()
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_presigned_address_opens_the_lab_once(
    engine: RunningEngine, sagemaker: Any, user: dict[str, str], lab: str
) -> None:
    url = sagemaker.create_presigned_domain_url(**user)["AuthorizedUrl"]
    assert open_url(url, "HEAD")[0] == 405  # a look is no use
    status, location, _ = open_url(url)
    assert status == 302
    assert location.startswith(f"{lab}/smstudio/enter?ticket=")
    status, location, body = open_url(url)
    assert (status, location) == (403, "")
    assert "was used already" in body
    assert open_url(url[:-1] + ("x" if url[-1] != "x" else "y"))[0] == 403
    other = sagemaker.create_presigned_domain_url(**user)["AuthorizedUrl"]
    assert open_url(other.replace(user["DomainId"], "d-otherdomain1"))[0] == 403
    assert open_url(other.partition("/auth")[0])[0] == 403
    unchecked = engine.client("sagemaker", region="eu-west-3", config=Config(parameter_validation=False))
    for seconds in (4, 301):
        with pytest.raises(ClientError, match="expiresInSeconds"):
            unchecked.create_presigned_domain_url(**user, ExpiresInSeconds=seconds)
    with pytest.raises(ClientError, match="does not exist"):
        sagemaker.create_presigned_domain_url(**{**user, "UserProfileName": "nobody"})


def test_without_a_lab_an_address_says_how_to_start_one_and_stays_good(
    engine: RunningEngine, sagemaker: Any, user: dict[str, str]
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    folder = engine.data_dir / "studio" / "servers"
    folder.mkdir(parents=True, exist_ok=True)
    gone = folder / "gone.json"
    gone.write_text(json.dumps({"url": f"http://127.0.0.1:{port}/", "entrance": True, "pid": os.getpid()}))
    url = sagemaker.create_presigned_domain_url(**user, ExpiresInSeconds=60)["AuthorizedUrl"]
    for _ in range(2):
        status, _, body = open_url(url)
        assert status == 503
        assert "jupyter lab" in body
    gone.unlink()


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
