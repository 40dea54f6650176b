"""Commands, magics and tools of assistants ask for a cost on AWS before they create anything; moto plays the account."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from smstudio_ext.aws_rules import NO_QUESTIONS
from tests.contract.studio_targets import MOTO_ROLE

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from smstudio_ext.target import Target


REGION = "eu-north-1"
"""Where no other test works; its prices are not known here, and those of us-east-1 stand in."""


@pytest.fixture
def account(moto_target: Target, monkeypatch: pytest.MonkeyPatch) -> Target:
    """Moto as the account of this process's environment."""
    monkeypatch.setenv(NO_QUESTIONS, "1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", str(moto_target._endpoint_url))
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    return moto_target.in_region(REGION)


@pytest.fixture
def job(account: Target) -> str:
    """A training job that made a model."""
    name = f"priced-{secrets.token_hex(3)}"
    request: dict[str, Any] = {
        "TrainingJobName": name,
        "AlgorithmSpecification": {
            "TrainingImage": "a.dkr.ecr.us-east-1.amazonaws.com/x:1",
            "TrainingInputMode": "File",
        },
        "RoleArn": MOTO_ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://priced/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(NO_QUESTIONS, "0")
        account.client("sagemaker").create_training_job(**request)
    return name


def endpoints(account: Target) -> list[str]:
    return [each["EndpointName"] for each in account.client("sagemaker").list_endpoints()["Endpoints"]]


def models(account: Target) -> int:
    return len(account.client("sagemaker").list_models()["Models"])


def run(*arguments: str, given: str = "") -> Any:
    from smstudio_ext.cli.app import app

    return CliRunner().invoke(app, [*arguments], input=given)


def test_a_command_asks_and_says_how_to_agree(account: Target, job: str) -> None:
    command = ("endpoints", "deploy", job, "--target", "aws", "--no-wait", "--count", "2")
    before = models(account)
    for answer in ("n\n", ""):  # no, and nobody there
        refused = run(*command, given=answer)
        assert refused.exit_code == 1
        assert "0.23 USD an hour until" in refused.output
        assert "Say --yes" in refused.output
    assert job not in endpoints(account)
    assert models(account) == before
    assert run(*command, "--name", f"{job}-asked", given="y\n").exit_code == 0
    agreed = run(*command, "--yes", "--json")
    assert (agreed.exit_code, "0.23 USD an hour" in agreed.stderr) == (0, True)
    assert {job, f"{job}-asked"} <= set(endpoints(account))


@pytest.fixture
def shell(account: Target, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    from IPython.core.interactiveshell import InteractiveShell

    from smstudio_ext.magics import load_ipython_extension
    from smstudio_ext.magics.place import PLACE

    found = InteractiveShell()
    load_ipython_extension(found)
    PLACE.choose("aws", region=REGION, role_arn=MOTO_ROLE)
    yield found
    PLACE.choose("local")


def test_a_magic_asks_under_its_cell(
    account: Target,
    job: str,
    shell: InteractiveShell,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from smstudio_ext.magics.failure import MagicFailure

    answers = iter(["n", "y"])
    monkeypatch.setattr("builtins.input", lambda text: next(answers))
    with pytest.raises(MagicFailure, match="not confirmed"):
        shell.run_line_magic("sm_deploy", f"{job} --no-wait")
    assert "0.115 USD an hour until" in capsys.readouterr().out
    assert job not in endpoints(account)
    shell.run_line_magic("sm_deploy", f"{job} --no-wait")
    assert job in endpoints(account)
    shell.run_line_magic("sm_deploy", f"{job} --name {job}-yes --yes --no-wait")
    assert f"{job}-yes" in endpoints(account)


MAGICS = {
    "autopilot": ("sm_autopilot", "table --target y", None, "list_auto_ml_jobs", "AutoMLJobName"),
    "train": (
        "sm_train",
        "--image xgboost -p num_round=2 --channel train=table --target y",
        None,
        "list_training_jobs",
        "TrainingJobName",
    ),
    "cell": (
        "sm_train",
        "--image sklearn --channel train=table -i table",
        "print(1)\n",
        "list_training_jobs",
        "TrainingJobName",
    ),
    "process": (
        "sm_process",
        "--input rows=table",
        "print(1)\n",
        "list_processing_jobs",
        "ProcessingJobName",
    ),
}


@pytest.mark.parametrize("kind", list(MAGICS))
def test_magics_ask_before_they_send_the_data(
    account: Target, shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    import pandas as pd

    from smstudio_ext.magics.failure import MagicFailure

    magic, line, cell, listing, member = MAGICS[kind]
    name = f"{kind}-{secrets.token_hex(3)}"
    shell.user_ns["table"] = pd.DataFrame({"x": [1.0, 2.0], "y": [0, 1]})
    line = f"{line} --name {name} --no-wait"

    def run() -> None:
        if cell is None:
            shell.run_line_magic(magic, line)
        else:
            shell.run_cell_magic(magic, line, cell)

    def sent() -> list[str]:
        s3 = account.client("s3")
        buckets = [each["Name"] for each in s3.list_buckets()["Buckets"]]
        return [
            each["Key"]
            for bucket in buckets
            for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])
            if name in each["Key"]
        ]

    def made() -> list[str]:
        found = getattr(account.client("sagemaker"), listing)(NameContains=name)
        return [each[member] for each in next(v for v in found.values() if isinstance(v, list))]

    questions: list[str] = []

    def answered(text: str) -> Any:
        def answer(question: str) -> str:
            questions.append(question)
            return text

        return answer

    monkeypatch.setattr("builtins.input", answered("n"))
    with pytest.raises(MagicFailure, match="not confirmed"):
        run()
    assert (sent(), made(), len(questions)) == ([], [], 1)
    monkeypatch.setattr("builtins.input", answered("y"))
    if kind == "autopilot":  # which moto does not offer
        with pytest.raises(MagicFailure, match="CreateAutoMLJobV2 is not offered"):
            run()
    else:
        run()
        assert made() == [name]
    assert (bool(sent()), len(questions)) == (True, 2)


def test_a_notebook_that_runs_alone_is_told_how_to_agree(
    job: str, shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ipykernel.kernelbase import StdinNotImplementedError

    from smstudio_ext.magics.failure import MagicFailure

    def nobody(_text: str) -> str:
        raise StdinNotImplementedError(
            "raw_input was called, but this frontend does not support input requests."
        )

    monkeypatch.setattr("builtins.input", nobody)
    with pytest.raises(MagicFailure) as told:
        shell.run_line_magic("sm_deploy", f"{job} --no-wait")
    assert "--yes" in (told.value.hint or "")


def test_objects_of_magics_ask_too(
    account: Target, job: str, shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    from smstudio_ext.magics.endpoint_magics import named
    from smstudio_ext.magics.failure import MagicFailure
    from smstudio_ext.magics.place import PLACE

    monkeypatch.setattr("builtins.input", lambda text: "no")
    with pytest.raises(MagicFailure, match="not confirmed"):
        named(PLACE.target(), job).deploy(f"{job}-object", wait=False)
    assert f"{job}-object" not in endpoints(account)


def test_an_assistant_shows_the_estimate_and_comes_back_with_its_token(
    account: Target, job: str, shell: InteractiveShell
) -> None:
    from smstudio_ext.assistants.acting import sagemaker_deploy

    question = sagemaker_deploy(job, f"{job}-tool")
    assert (question["created"], question["cost"]["hourly"]) == (False, 0.115)
    assert f"{job}-tool" not in endpoints(account)
    assert sagemaker_deploy(job, f"{job}-tool", confirm_cost="made-up")["created"] is False
    dearer = sagemaker_deploy(job, f"{job}-tool", "ml.m5.24xlarge", confirm_cost=question["confirm_cost"])
    assert dearer["created"] is False
    assert (
        sagemaker_deploy(job, f"{job}-tool", confirm_cost=question["confirm_cost"])["endpoint"]
        == f"{job}-tool"
    )
    assert f"{job}-tool" in endpoints(account)
