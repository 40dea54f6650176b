"""Domains through boto3: own images, and addresses that open Studio once."""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.conftest import RunningEngine
from tests.contract.domain_stand import ROLE, domain, open_url, sagemaker, unique, user

__all__ = ["domain", "sagemaker", "user"]  # fixtures


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
