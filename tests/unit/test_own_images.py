"""Images of one's own: registered folders, commands of the request, and a container engine that is a stand-in program."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from smstudio_ext.cli.app import app
from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.images import containers
from smstudio_ext.engine.images.contract import Launch
from smstudio_ext.engine.images.own import OwnImages
from smstudio_ext.engine.images.registry import ImageRegistry
from smstudio_ext.engine.runtime import processing
from smstudio_ext.engine.runtime.launching import container_command
from tests.unit.job_stand import ACCOUNT, BUCKET, IMAGE, REGION, JobStand, job_stand
from tests.unit.own_image import own_image

TRAIN = """
import json, os, sys
parameters = json.load(open("/opt/ml/input/config/hyperparameters.json"))
print("arguments", sys.argv[1:], "folder", os.path.basename(os.getcwd()), os.environ["COLOUR"])
open("/opt/ml/model/model.json", "w").write(json.dumps(parameters))
"""


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[JobStand]:
    with job_stand(tmp_path / "data") as made:
        yield made


def test_a_registered_folder_trains_without_a_container_engine(stand: JobStand, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "train").write_text(f"#!/usr/bin/env python3\n{TRAIN}")
    (folder / "train").chmod(0o755)
    done = CliRunner().invoke(
        app, ["images", "register", "team/mine", str(folder), "--data", str(stand.data_dir)]
    )
    assert done.exit_code == 0, done.output
    specification = {"TrainingImage": f"{ACCOUNT}/team/mine:v2", "TrainingInputMode": "File"}
    stand.train("job", AlgorithmSpecification=specification, depth=3, Environment={"COLOUR": "blue"})
    row = stand.settle("job")
    assert row.status == "Completed", (row.document["FailureReason"], stand.log(row))
    assert stand.log(row) == ["arguments [] folder mine blue"]
    assert stand.keys("out/") == ["out/job/output/model.tar.gz"]


def test_the_command_line_registers_lists_and_removes(tmp_path: Path) -> None:
    folder, data = tmp_path / "mine", ["--data", str(tmp_path / "data")]
    folder.mkdir()
    runner = CliRunner()
    assert (
        "none of the programs"
        in runner.invoke(app, ["images", "register", "mine", str(folder), *data]).output
    )
    (folder / "serve").write_text("#!/bin/sh\n")
    assert "chmod +x" in runner.invoke(app, ["images", "register", "mine", str(folder), *data]).output
    (folder / "serve").chmod(0o755)
    assert (
        "no repository name" in runner.invoke(app, ["images", "register", "Mine!", str(folder), *data]).output
    )
    assert runner.invoke(app, ["images", "register", "mine", str(folder), *data]).exit_code == 0
    assert f"mine: {folder} (serve)" in runner.invoke(app, ["images", "list", *data]).output
    listed = json.loads(runner.invoke(app, ["images", "list", "--json", *data]).output)
    assert listed == [{"name": "mine", "folder": str(folder)}]
    registry = ImageRegistry(discover=False, own=OwnImages(tmp_path / "data/images"))
    assert "mine" in registry.repositories()
    assert registry.resolve("mine").facts == {"folder": str(folder)}
    assert runner.invoke(app, ["images", "remove", "mine", *data]).exit_code == 0
    assert "No image" in runner.invoke(app, ["images", "remove", "mine", *data]).output
    with pytest.raises(ValidationException, match="smstudio images register mine FOLDER"):
        registry.resolve("mine")


def test_a_folder_that_went_away_is_told_at_once(stand: JobStand) -> None:
    image = own_image(stand, "gone", serve="pass")
    found = stand.ctx.images.resolve(image["TrainingImage"])
    with pytest.raises(ValidationException, match="has no program 'train'"):
        container_command(stand.ctx, found, "train", Path("/nowhere"), {})
    (stand.data_dir.parent / "image-gone/serve").unlink()
    with pytest.raises(ValidationException, match="has no program"):
        stand.train("job", AlgorithmSpecification=image)


def test_an_entrypoint_of_the_request_runs_in_the_sandbox_with_bash_and_python(stand: JobStand) -> None:
    # as ModelTrainer of SDK v3 starts its driver
    stand.put(
        "drivers/sm_train.sh", "#!/bin/bash\npython3 /opt/ml/input/data/sm_drivers/go.py && echo trained\n"
    )
    stand.put(
        "drivers/go.py",
        "import sys; open('/opt/ml/input/sm_training.env', 'w').write('x'); print('driver', sys.argv)",
    )
    specification = {
        "TrainingImage": IMAGE,
        "TrainingInputMode": "File",
        "ContainerEntrypoint": ["/bin/bash"],
        "ContainerArguments": [
            "-c",
            "chmod +x /opt/ml/input/data/sm_drivers/sm_train.sh && /opt/ml/input/data/sm_drivers/sm_train.sh",
        ],
        "TrainingImageConfig": {"TrainingRepositoryAccessMode": "Platform"},
    }
    stand.train(
        "job", AlgorithmSpecification=specification, channels={"sm_drivers": f"s3://{BUCKET}/drivers/"}
    )
    row = stand.settle("job")
    assert row.status == "Completed", (row.document["FailureReason"], stand.log(row))
    assert stand.log(row) == ["driver ['/opt/ml/input/data/sm_drivers/go.py']", "trained"]


def test_an_exit_code_of_two_of_an_own_program_is_no_client_error(stand: JobStand) -> None:
    image = own_image(
        stand, "two", train="open('/opt/ml/output/failure', 'w').write('why'); raise SystemExit(2)"
    )
    stand.train("job", AlgorithmSpecification=image)
    assert stand.settle("job").document["FailureReason"] == "AlgorithmError: why, exit code: 2"


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program named docker that records its calls and runs `train` of a folder as the container's program."""
    program = tmp_path / "bin/docker"
    program.parent.mkdir()
    program.write_text(f"""#!/bin/bash
printf '%s\\n' "$(printf '%q ' "$@")" >> {tmp_path}/calls
case "$1" in
  version) exit 0;;
  image) [ "$3" = "{ACCOUNT}/boxed:1" ];;
  rm) exit 0;;
  run)
    for argument in "$@"; do case "$argument" in *:/opt/ml) folder="${{argument%:/opt/ml}}";; esac; done
    echo "in the box"
    echo model > "$folder/model/weights"
    exit $(cat {tmp_path}/code 2>/dev/null || echo 0);;
esac
""")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("SMSTUDIO_CONTAINER_ENGINE", raising=False)
    return tmp_path


def boxed(name: str = "boxed:1") -> dict[str, str]:
    return {"TrainingImage": f"{ACCOUNT}/{name}", "TrainingInputMode": "File"}


def test_docker_runs_an_image_that_it_has_with_the_contract(stand: JobStand, docker: Path) -> None:
    stand.train("job", AlgorithmSpecification=boxed(), Environment={"COLOUR": "blue"})
    row = stand.settle("job")
    assert row.status == "Completed", (row.document["FailureReason"], stand.log(row))
    assert stand.log(row) == ["in the box"]
    calls = (docker / "calls").read_text().splitlines()
    (run,) = [line for line in calls if line.startswith("run ")]
    assert run.rstrip().endswith(f"{ACCOUNT}/boxed:1 train")
    for words in (
        "--rm",
        "--network host",
        "--cpus 2",
        "--memory ",
        "COLOUR=blue",
        "SM_MODEL_DIR=/opt/ml/model",
    ):
        assert words in run
    (name,) = [word for word in run.split() if word.startswith("smstudio-")]
    assert any(line.split() == ["rm", "--force", name] for line in calls)  # whatever became of its client
    assert stand.keys("out/") == ["out/job/output/model.tar.gz"]


def test_docker_gets_the_limits_and_hosts_of_a_processing_job(stand: JobStand, docker: Path) -> None:
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}
    processing.create_processing_job(
        stand.ctx,
        REGION,
        {
            "ProcessingJobName": "job",
            "RoleArn": "arn:aws:iam::000000000000:role/test",
            "AppSpecification": {"ImageUri": f"{ACCOUNT}/boxed:1", "ContainerArguments": ["--fast"]},
            "ProcessingResources": {"ClusterConfig": cluster},
        },
    )
    row = stand.settle("job", processing.KIND)
    assert row.status == "Completed", row.document
    calls = (docker / "calls").read_text().splitlines()
    runs = [line for line in calls if line.startswith("run ")]
    assert len(runs) == 2
    for run in runs:
        assert run.rstrip().endswith(f"{ACCOUNT}/boxed:1 --fast")
        assert "--cpus 1 " in run  # each host its share of this machine's two
        assert "--memory " in run
        assert run.count("--add-host algo-") == 2
    assert {name for run in runs for name in ("algo-1", "algo-2") if f"--hostname {name}" in run} == {
        "algo-1",
        "algo-2",
    }


def test_a_container_that_fails_fails_the_job(stand: JobStand, docker: Path) -> None:
    (docker / "code").write_text("4")
    stand.train("job", AlgorithmSpecification=boxed())
    assert stand.settle("job").document["FailureReason"] == "AlgorithmError: , exit code: 4"


def test_an_image_that_docker_does_not_have_names_both_ways(stand: JobStand, docker: Path) -> None:
    with pytest.raises(ValidationException) as caught:
        stand.train("job", AlgorithmSpecification=boxed("other:1"))
    assert f"docker pull {ACCOUNT}/other:1" in caught.value.message
    assert "smstudio images register other FOLDER" in caught.value.message


def test_without_docker_the_error_says_so(stand: JobStand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSTUDIO_CONTAINER_ENGINE", "none")
    with pytest.raises(ValidationException, match="neither Docker nor Podman"):
        stand.train("job", AlgorithmSpecification=boxed())


def test_a_serving_container_publishes_its_port_on_loopback(docker: Path, tmp_path: Path) -> None:
    image = ImageRegistry(discover=False).resolve(f"{ACCOUNT}/boxed:1")
    command = containers.launch(
        Launch(
            "serve", image, tmp_path, {"SAGEMAKER_BIND_TO_PORT": "4321", "A": f"{tmp_path}/model"}, tmp_path
        )
    )
    text = " ".join(command.argv)
    assert "--publish 127.0.0.1:4321:8080" in text
    assert "A=/opt/ml/model" in text
    assert command.argv[-1] == "serve"


@pytest.mark.skipif(
    "SMSTUDIO_TEST_CONTAINER_IMAGE" not in os.environ,
    reason="names an image with a `train` program that a real Docker or Podman has",
)
def test_a_real_container_engine_runs_a_real_image(stand: JobStand) -> None:
    uri = os.environ["SMSTUDIO_TEST_CONTAINER_IMAGE"]
    stand.train("job", AlgorithmSpecification={"TrainingImage": uri, "TrainingInputMode": "File"})
    row = stand.settle("job", timeout=300)
    assert row.status == "Completed", (row.document.get("FailureReason"), stand.log(row))
