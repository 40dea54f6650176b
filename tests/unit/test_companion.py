"""The SDK companion, in subprocesses with the real SageMaker SDK."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.companion import hook

HOOK_DIR = Path(hook.__file__).parent / "path"


def run(code: str, environment: dict[str, str], *flags: str) -> str:
    """Output of a program in an interpreter of its own."""
    done = subprocess.run(
        [sys.executable, *flags, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout.strip()


class FakeTime:
    """A clock that sleeps by moving on."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def time(self) -> float:
        return self.now

    monotonic = time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_loops_that_show_a_log_look_at_the_state_after_each_short_sleep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    real = FakeTime()
    quick = hook.QuickTime(real, hook.LOOK)
    for _ in range(3):
        looked = quick.time()
        quick.sleep(10)
        assert quick.time() - looked >= 30
    assert sum(real.slept) <= 1.0


def test_time_limits_are_counted_in_real_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    real = FakeTime()
    quick = hook.QuickTime(real)
    for _ in range(30):
        quick.sleep(5)
    assert quick.time() == real.now

    class Module:
        """A module of the SDK with its loop that shows a log."""

        time = sys.modules["time"]
        seen: list[bool] = []

        @staticmethod
        def _logs_for_job(
            session: Any, name: str, wait: bool, poll: int, kind: str, timeout: Any = None
        ) -> None:
            Module.seen.append(bool(Module.time.plain))  # type: ignore[attr-defined]

    hook._quick_logs(Module)
    Module._logs_for_job(None, "job", True, 10, "All", 60)
    Module._logs_for_job(None, "job", True, 10, "All", timeout=60)
    Module._logs_for_job(None, "job", True, 10, "All")
    assert Module.seen == [True, True, False]


def test_sleeps_grow_with_a_long_wait_up_to_half_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    real = FakeTime()
    quick = hook.QuickTime(real)
    while real.now < 1000 + 600:
        quick.sleep(10)
    assert real.slept[0] == hook.QuickTime.FIRST < real.slept[25] < real.slept[-1] == 0.5
    quick.sleep(0.1)
    assert real.slept[-1] == 0.1  # never longer than what was asked
    real.now += 100  # the next wait begins anew
    quick.sleep(10)
    assert real.slept[-1] == hook.QuickTime.FIRST


def test_what_is_waited_for_after_new_work_is_looked_at_soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    import botocore.config
    import botocore.session

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    real = FakeTime()
    quick = hook.QuickTime(real)
    for _ in range(100):
        quick.sleep(10)
    assert real.slept[-1] == hook.QuickTime.LONGEST

    class Module:
        """A module with botocore's session."""

        class Session(botocore.session.Session):
            """One that the hook may change."""

    hook._use_local_sts(Module)
    client = Module.Session().create_client(
        "sagemaker",
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=botocore.config.Config(retries={"total_max_attempts": 1}),
    )
    for call, expected in (
        (client.list_training_jobs, hook.QuickTime.LONGEST),
        (lambda: client.create_model(ModelName="m"), hook.QuickTime.FIRST),
    ):
        with pytest.raises(Exception, match="Could not connect"):
            call()
        quick.sleep(10)
        assert real.slept[-1] == expected


@pytest.mark.parametrize("name", ["_botocore_resolver", "botocore_resolver"])
def test_the_table_of_addresses_is_read_once(name: str) -> None:
    reads: list[object] = []

    class Module:
        """A module of the SDK with its reader of botocore's addresses."""

    setattr(Module, name, lambda: reads.append(object()) or reads[-1])
    hook._addresses_read_once(Module)
    assert getattr(Module, name)() is getattr(Module, name)()
    assert len(reads) == 1


def test_tuning_jobs_are_named_to_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = types.ModuleType("sagemaker.utils")
    module.sagemaker_short_timestamp = lambda: "261121-0907"
    hook._short_names_to_the_second(module)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_ENDPOINT_URL_SAGEMAKER", raising=False)
    assert module.sagemaker_short_timestamp() == "261121-0907"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    assert re.fullmatch(r"\d{6}-\d{6}", module.sagemaker_short_timestamp())


def test_settings_of_the_sdk_are_checked_once_and_wrong_ones_each_time() -> None:
    checked: list[Any] = []

    class Module:
        """A module of the SDK with its settings' check."""

        @staticmethod
        def validate_sagemaker_config(sagemaker_config: Any = None) -> None:
            checked.append(sagemaker_config)
            if "wrong" in sagemaker_config:
                raise ValueError("wrong")

    hook._settings_of_manager_checked_once(type("Manager", (), {"SageMakerConfig": Module}))
    for _ in range(3):
        Module().validate_sagemaker_config({"right": 1})
        with pytest.raises(ValueError, match="wrong"):
            Module.validate_sagemaker_config({"wrong": 1})
    assert checked.count({"right": 1}) == 1
    assert checked.count({"wrong": 1}) == 3


def test_a_path_without_an_engine_is_left_alone() -> None:
    environment = {**os.environ, "PYTHONPATH": str(HOOK_DIR)}
    environment.pop("AWS_ENDPOINT_URL", None)
    out = run(
        "import sys; print(any(getattr(f, 'mark', '') == 'sdk-companion' for f in sys.meta_path))",
        environment,
    )
    assert out == "False"


def test_the_hook_imports_nothing_and_runs_a_hidden_sitecustomize(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import builtins\nbuiltins.other_ran = True\n")
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "PYTHONPATH": f"{HOOK_DIR}{os.pathsep}{tmp_path}",
    }
    code = (
        "import sys, builtins; print(builtins.other_ran, "
        "any(getattr(f, 'mark', '') == 'sdk-companion' for f in sys.meta_path), "
        "any(name in sys.modules for name in ('botocore', 'typing', 'threading')))"
    )
    assert run(code, environment) == "True True False"


def test_packages_that_need_pkg_resources_work_without_it() -> None:
    code = """
import sys
class Without:  # as if setuptools were new, or away
    def find_spec(self, name, path=None, target=None):
        if name == "pkg_resources" and not any(type(f).__name__ == "_OldFinder" for f in sys.meta_path):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Without())
import pkg_resources
print(pkg_resources.require("boto3")[0].version == pkg_resources.get_distribution("boto3>=1").version)
print(pkg_resources.parse_version("1.10") > pkg_resources.parse_version("1.9"))
try:
    pkg_resources.require("no-such-distribution")
except pkg_resources.DistributionNotFound as error:
    print(error)
"""
    environment = {**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "PYTHONPATH": str(HOOK_DIR)}
    assert run(code, environment).splitlines() == [
        "True",
        "True",
        "The 'no-such-distribution' distribution was not found",
    ]


def test_sts_of_the_public_address_goes_to_the_engine(engine: Any) -> None:
    code = (
        "import boto3; sts = boto3.client('sts', region_name='us-east-1', endpoint_url='https://sts.us-east-1.amazonaws.com');"
        "print(sts.get_caller_identity()['Account'])"
    )
    assert run(code, engine.environment()) == "000000000000"


@pytest.mark.sdk
def test_sagemaker_sdk_finds_role_bucket_and_uploads(engine: Any, tmp_path: Path) -> None:
    data = tmp_path / "train.csv"
    data.write_text("1,2\n")
    code = f"""
import socket
asked = []
real = socket.getaddrinfo
socket.getaddrinfo = lambda host, *a, **k: (asked.append(host), real(host, *a, **k))[1]
import sagemaker
from sagemaker.predictor import csv_serializer, json_serializer, csv_deserializer, json_deserializer
from sagemaker.session import s3_input
session = sagemaker.Session()
print(sagemaker.get_execution_role())
print(session.default_bucket())
print(session.upload_data({str(data)!r}, key_prefix="companion"))
print(csv_serializer.serialize([1, 2]), s3_input('s3://b/k').config == sagemaker.s3_input('s3://b/k').config)
print(sorted(set(asked)))
"""
    role, bucket, uploaded, old, asked = run(code, engine.environment()).splitlines()[-5:]
    assert role == "arn:aws:iam::000000000000:role/AmazonSageMaker-ExecutionRole"
    assert bucket == "sagemaker-us-east-1-000000000000"
    assert uploaded == f"s3://{bucket}/companion/train.csv"
    assert old == "1,2 True"
    assert asked in ("['127.0.0.1']", "[]")
