"""Tests of what a notebook's environment is: images, instance types, names of the real Studio, start-up scripts."""

from __future__ import annotations

import base64
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.stub import Stubber

from smstudio_ext.notebooks import placing, studio_names
from smstudio_ext.notebooks.images.catalogue import Image
from smstudio_ext.notebooks.images.recipes import Kernel
from smstudio_ext.notebooks.instance_types import Machine
from smstudio_ext.studio import environments, startup_scripts
from smstudio_ext.studio.instance_table import list_instance_types, machine_text, shortfall
from smstudio_ext.studio.models.environments import ChooseEnvironment, EnvironmentQuery
from smstudio_ext.studio.problems import BadInput, Missing, NotOffered

ARN = "arn:aws:sagemaker:us-east-1:081325390199"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data directory of its own, and no choices of other tests."""
    monkeypatch.setenv("SMSTUDIO_HOME", str(tmp_path))
    monkeypatch.setattr(placing, "_choices", {})


def image(id_: str, *kernels: str, state: Any = "built", gpu: bool = False) -> Image:
    return Image(id_, id_.title(), tuple(Kernel(name) for name in kernels), gpu, (), state)


IMAGES = [
    image("datascience-1.0", "python3-datascience-1.0"),
    image("datascience-current", "python3-datascience-current"),
    image("python-3.6", "python3-python-3.6"),
    image("pytorch-2-cpu", "python3-pytorch-2-cpu"),
    image("pytorch-2-gpu", "python3-pytorch-2-gpu", state="unavailable", gpu=True),
    image("sparkanalytics-1.0", "pyspark-sparkanalytics-1.0", "python3-sparkanalytics-1.0"),
    image("my-own", "python3-my-own"),
]


@pytest.mark.parametrize(
    ("name", "kernel"),
    [
        (f"python3__SAGEMAKER_INTERNAL__{ARN}:image/datascience-1.0", "python3-datascience-1.0"),
        (f"python3__SAGEMAKER_INTERNAL__{ARN}:environment/datascience", "python3-datascience-1.0"),
        (
            f"python3__SAGEMAKER_INTERNAL__{ARN}:image/sagemaker-data-science-310-v1",
            "python3-datascience-current",
        ),
        (f"python3__SAGEMAKER_INTERNAL__{ARN}:image/sagemaker-base-python-38", "python3-python-3.6"),
        (f"python3__SAGEMAKER_INTERNAL__{ARN}:image/pytorch-1.8-cpu-py36", "python3-pytorch-2-cpu"),
        (f"python3__SAGEMAKER_INTERNAL__{ARN}:image/pytorch-1.8-gpu-py36", "python3-pytorch-2-cpu"),
        (
            f"pysparkkernel__SAGEMAKER_INTERNAL__{ARN}:image/sagemaker-sparkmagic",
            "pyspark-sparkanalytics-1.0",
        ),
        (
            f"python3__SAGEMAKER_INTERNAL__{ARN}:image/sagemaker-sparkanalytics-v1",
            "python3-sparkanalytics-1.0",
        ),
        (
            "python3__SAGEMAKER_INTERNAL__arn:aws:sagemaker:eu-west-1:111122223333:image/my-own",
            "python3-my-own",
        ),
        (f"python3__SAGEMAKER_INTERNAL__{ARN}:image/mxnet-1.6-cpu-py36", None),
        (f"python3__SAGEMAKER_INTERNAL__{ARN}:image/", None),
        ("python3-datascience-1.0", None),
        ("python3", None),
    ],
    ids=lambda value: str(value).rpartition("/")[2] or "empty",
)
def test_names_of_the_real_studio(name: str, kernel: str | None) -> None:
    found = studio_names.matching(name, IMAGES)
    assert (found[1].name if found else None) == kernel


def test_the_catalogue_as_the_dialog_shows_it() -> None:
    offer = environments.list_environments(local=True)
    ids = [each.id for each in offer.images]
    assert {"datascience-1.0", "python-3.6", "pytorch-2-gpu"} <= set(ids)
    assert offer.default.image == "datascience-1.0"
    assert offer.default.kernel == "python3-datascience-1.0"
    assert offer.default.instance_type == "ml.t3.medium"
    assert offer.default.startup_script is None
    gpu = next(each for each in offer.images if each.id == "pytorch-2-gpu")
    assert gpu.instance_type == "ml.g4dn.xlarge"
    assert offer.notice is None
    assert "Studio Classic" in (environments.list_environments(local=False).notice or "")


def test_a_choice_is_kept_for_the_sessions_kernel(tmp_path: Path) -> None:
    name = str(tmp_path / "book.ipynb")
    form = ChooseEnvironment(path="book.ipynb", kernel="python3-python-3.6", instance_type="ml.m5.24xlarge")
    answer = environments.choose_environment(form, session_name=name)
    assert "384 GiB" in (answer.warning or "")
    assert placing.wanted(name, gpu=False).instance_type == "ml.m5.24xlarge"
    plain = ChooseEnvironment(path="book.ipynb", kernel="python3", instance_type="ml.m5.large")
    assert environments.choose_environment(plain, session_name=name).instance_type is None
    assert placing.wanted(name, gpu=False).instance_type == "ml.t3.medium"


def test_a_choice_that_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "_images", lambda: IMAGES)
    wrong = ChooseEnvironment(path="a.ipynb", kernel="python3-python-3.6", instance_type="ml.x9.huge")
    with pytest.raises(BadInput) as refused:
        environments.choose_environment(wrong, session_name="/a.ipynb")
    assert refused.value.fields[0][0] == "instance_type"
    gpu = ChooseEnvironment(path="a.ipynb", kernel="python3-pytorch-2-gpu", instance_type="ml.g4dn.xlarge")
    with pytest.raises(BadInput, match="cannot run here"):
        environments.choose_environment(gpu, session_name="/a.ipynb")
    script = ChooseEnvironment(
        path="a.ipynb", kernel="python3-python-3.6", instance_type="ml.m5.large", startup_script=f"{ARN}:x/a"
    )
    with pytest.raises(BadInput, match="AWS account"):
        environments.choose_environment(script, session_name="/a.ipynb", local=False)
    assert placing.chosen("/a.ipynb") is None
    with pytest.raises(Missing):
        environments.find_image("not-there")


def test_what_a_notebook_would_run_on() -> None:
    studio = f"python3__SAGEMAKER_INTERNAL__{ARN}:image/datascience-1.0"
    query = EnvironmentQuery(path="a.ipynb", kernel=studio, instance_type="ml.m5.large")
    found = environments.notebook_environment(query, session_name="/a.ipynb")
    assert (found.kernel, found.kernel_text) == ("python3-datascience-1.0", "Python 3 (Data Science)")
    assert (found.instance_type, found.instance_text) == ("ml.m5.large", "2 vCPU + 8 GiB")
    assert not found.placed
    placing.choose("/a.ipynb", "ml.c5.large")
    chosen = environments.notebook_environment(query, session_name="/a.ipynb")
    assert chosen.instance_type == "ml.c5.large"
    odd = EnvironmentQuery(path="a.ipynb", kernel="python3-python-3.6", instance_type="nonsense")
    assert environments.notebook_environment(odd, session_name="").instance_type == "ml.t3.medium"
    plain = environments.notebook_environment(
        EnvironmentQuery(path="b.ipynb", kernel="ir"), session_name="/b.ipynb"
    )
    assert plain.image is None
    assert plain.instance_type is None
    assert " vCPU + " in plain.instance_text


def test_the_table_of_instance_types() -> None:
    table = list_instance_types("us-east-1")
    assert [each.name for each in table.items[:4]] == [
        "ml.t3.medium",
        "ml.c5.large",
        "ml.m5.large",
        "ml.g4dn.xlarge",
    ]
    assert all(each.fast_launch for each in table.items[:4])
    assert table.items[0].price == 0.05
    assert table.prices.exact
    assert not list_instance_types("ap-northeast-9").prices.exact


def test_what_a_machine_lacks_in_words() -> None:
    machine = Machine(vcpus=2, memory_gib=23.47, gpus=0)
    assert machine_text(machine) == "2 vCPU + 23 GiB"
    assert machine_text(Machine(8, 64, 2)) == "8 vCPU + 64 GiB + 2 GPU"
    assert shortfall("ml.t3.medium", machine) is None
    assert shortfall("ml.x9.huge", machine) is None
    text = shortfall("ml.g4dn.xlarge", machine)
    assert text == (
        "ml.g4dn.xlarge has 4 vCPU, 1 GPU; this machine has 2 vCPU, no GPU. The instance gets what is there."
    )


class StubbedTarget:
    """A target whose SageMaker answers what a test says."""

    def __init__(self, kind: str = "local") -> None:
        self.kind = kind
        self.sagemaker = botocore.session.get_session().create_client(
            "sagemaker", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        self.stub = Stubber(self.sagemaker)
        self.stub.activate()

    def client(self, service: str) -> Any:
        assert service == "sagemaker"
        return self.sagemaker


def settings(*names: str, default: str | None = None) -> dict[str, Any]:
    app: dict[str, Any] = {"LifecycleConfigArns": [f"{ARN}:studio-lifecycle-config/{name}" for name in names]}
    if default:
        app["DefaultResourceSpec"] = {"LifecycleConfigArn": f"{ARN}:studio-lifecycle-config/{default}"}
    return {"KernelGatewayAppSettings": app}


@pytest.mark.parametrize("kind", ["local", "aws"])
def test_start_up_scripts_of_user_and_domain(kind: str) -> None:
    target: Any = StubbedTarget(kind)
    domain = {"DomainId": "d-1", "DomainName": "one", "DefaultUserSettings": settings("a", "b", default="a")}
    target.stub.add_response("list_domains", {"Domains": [{"DomainId": "d-1"}]})
    target.stub.add_response("describe_domain", domain)
    target.stub.add_response("list_user_profiles", {"UserProfiles": [{"UserProfileName": "me"}]})
    target.stub.add_response(
        "describe_user_profile", {"DomainId": "d-1", "UserSettings": settings("c", default="c")}
    )
    target.stub.add_response("describe_domain", domain)
    found = startup_scripts.list_startup_scripts(target)
    assert [each.name for each in found.items] == ["c", "a", "b"]
    assert [each.name for each in found.items if each.default] == (["c"] if kind == "local" else [])
    assert (found.note is None) == (kind == "local")
    assert (found.domain_id, found.user_profile) == ("d-1", "me")


def test_no_domain_no_scripts() -> None:
    target: Any = StubbedTarget()
    target.stub.add_response("list_domains", {"Domains": []})
    found = startup_scripts.list_startup_scripts(target)
    assert found.items == []
    assert "no Studio domain" in (found.note or "")


@pytest.mark.parametrize("content", [b"#!/bin/bash\necho \xc3\xa9\n", b"\xff\xfe\x00"], ids=["text", "bytes"])
def test_the_text_of_a_script(content: bytes) -> None:
    target: Any = StubbedTarget()
    target.stub.add_response(
        "describe_studio_lifecycle_config",
        {
            "StudioLifecycleConfigArn": f"{ARN}:studio-lifecycle-config/a",
            "StudioLifecycleConfigName": "a",
            "StudioLifecycleConfigAppType": "KernelGateway",
            "CreationTime": datetime(2024, 1, 1, tzinfo=timezone.utc),
            "StudioLifecycleConfigContent": base64.b64encode(content).decode(),
        },
    )
    if content.startswith(b"#!"):
        assert startup_scripts.read_startup_script(target, "a").content == content.decode()
    else:
        with pytest.raises(NotOffered):
            startup_scripts.read_startup_script(target, "a")
