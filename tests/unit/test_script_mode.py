"""Training with scripts of the user's: what a script sees, how it is told when it fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.runtime import training
from tests.conftest import eventually
from tests.unit.job_stand import ACCOUNT, REGION, JobStand, job_stand
from tests.unit.script_jobs import SKLEARN, archive, log, make_wheel, script_request, train_script

TELL = """
import json, os, sys
told = {"argv": sys.argv, "cwd": os.getcwd(), "path0": sys.path[0], "name": __name__,
        "env": {k: v for k, v in os.environ.items() if k.startswith("SM_")}}
json.dump(told, open(os.path.join(os.environ["SM_OUTPUT_DATA_DIR"], "told.json"), "w"))
open(os.environ["SM_MODEL_DIR"] + "/model.txt", "w").write("m")
"""


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[JobStand]:
    with job_stand(tmp_path / "data") as made:
        yield made


def told(stand: JobStand, name: str) -> dict[str, Any]:
    """What the script wrote into its output."""
    import io
    import tarfile

    with stand.ctx.objects.open("bucket", f"out/{name}/output/output.tar.gz") as file:
        with tarfile.open(fileobj=io.BytesIO(file.read())) as tar:
            member = tar.extractfile("told.json")
            assert member is not None
            content: dict[str, Any] = json.load(member)
            return content


def test_a_script_sees_what_the_training_toolkit_gives(stand: JobStand) -> None:
    uri = stand.put("train/a.csv", "1,2\n")
    row = train_script(
        stand,
        "job",
        {"train.py": TELL, "lib/x.py": ""},
        channels={"train": uri, "more-data": uri},
        hyperparameters={
            "epochs": 3,
            "learning-rate": 0.5,
            "flag": True,
            "off": False,
            "text": "a b",
            "layers": [1, 2],
            "map": {"b": 1, "a": 2},
            "nothing": None,
            "n": 7,
            "sagemaker_estimator_module": "x",
        },
    )
    assert row.status == "Completed", (row.document.get("FailureReason"), log(stand, "job"))
    assert stand.keys("out/job/output/") == ["out/job/output/model.tar.gz", "out/job/output/output.tar.gz"]
    seen = told(stand, "job")
    arguments = [
        *(
            "--epochs",
            "3",
            "--flag",
            "True",
            "--layers",
            "[1, 2]",
            "--learning-rate",
            "0.5",
            "--map",
            "a=2,b=1",
        ),
        *("-n", "7", "--nothing", "", "--off", "False", "--text", "a b"),
    ]
    assert seen["argv"] == ["train.py", *arguments]
    assert (seen["cwd"], seen["path0"], seen["name"]) == ("/opt/ml/code", "/opt/ml/code", "__main__")
    env = seen["env"]
    assert json.loads(env["SM_USER_ARGS"]) == arguments
    expected = {
        "SM_HOSTS": '["algo-1"]',
        "SM_CURRENT_HOST": "algo-1",
        "SM_CURRENT_INSTANCE_TYPE": "ml.m5.large",
        "SM_CURRENT_INSTANCE_GROUP": "homogeneousCluster",
        "SM_CURRENT_INSTANCE_GROUP_HOSTS": '["algo-1"]',
        "SM_INSTANCE_GROUPS": '["homogeneousCluster"]',
        "SM_IS_HETERO": "false",
        "SM_DISTRIBUTION_INSTANCE_GROUPS": "[]",
        "SM_USER_ENTRY_POINT": "train.py",
        "SM_MODULE_NAME": "train",
        "SM_FRAMEWORK_MODULE": "sagemaker_sklearn_container.training:main",
        "SM_FRAMEWORK_PARAMS": '{"sagemaker_estimator_module":"x"}',
        "SM_CHANNELS": '["more-data","train"]',
        "SM_CHANNEL_TRAIN": "/opt/ml/input/data/train",
        "SM_CHANNEL_MORE-DATA": "/opt/ml/input/data/more-data",
        "SM_HP_EPOCHS": "3",
        "SM_HP_LEARNING-RATE": "0.5",
        "SM_HP_FLAG": "true",
        "SM_HP_TEXT": "a b",
        "SM_HP_LAYERS": "[1,2]",
        "SM_HP_NOTHING": "",
        "SM_MODEL_DIR": "/opt/ml/model",
        "SM_INPUT_DIR": "/opt/ml/input",
        "SM_INPUT_CONFIG_DIR": "/opt/ml/input/config",
        "SM_OUTPUT_DIR": "/opt/ml/output",
        "SM_OUTPUT_DATA_DIR": "/opt/ml/output/data",
        "SM_OUTPUT_INTERMEDIATE_DIR": "/opt/ml/output/intermediate",
        "SM_LOG_LEVEL": "20",
        "SM_NUM_GPUS": "0",
        "SM_NUM_NEURONS": "0",
        "SM_NUM_CPUS": "2",
    }
    assert {name: env.get(name) for name in expected} == expected
    of_one_name = {name for name in env if name.startswith(("SM_CHANNEL_", "SM_HP_"))}
    given = ("epochs", "learning-rate", "flag", "off", "text", "layers", "map", "nothing", "n")
    assert of_one_name == {"SM_CHANNEL_TRAIN", "SM_CHANNEL_MORE-DATA"} | {
        f"SM_HP_{name}".upper() for name in given
    }
    assert json.loads(env["SM_HPS"])["map"] == {"a": 2, "b": 1}
    assert env["SM_MODULE_DIR"].endswith("/job.tar.gz")
    everything = json.loads(env["SM_TRAINING_ENV"])
    assert everything["job_name"] == "job"
    assert everything["channel_input_dirs"]["train"] == "/opt/ml/input/data/train"
    assert everything["is_master"] is True
    assert everything["hyperparameters"]["epochs"] == 3
    assert "sagemaker_program" not in everything["hyperparameters"]
    text = log(stand, "job")
    assert (
        "the image sagemaker-scikit-learn:1.2-1-cpu-py3 runs with what is installed here: scikit-learn"
        in text
    )
    assert "Invoking user script" in text
    assert "Reporting training SUCCESS" in text


@pytest.mark.parametrize("beside", [{}, {"scripts/numpy.py": "x = 1"}], ids=["warm", "own interpreter"])
def test_a_script_in_a_folder_finds_the_modules_of_the_source(
    stand: JobStand, beside: dict[str, str | bytes]
) -> None:
    script = "import os, sys, settings\nprint('rate', settings.RATE, sys.path[0], os.environ['PYTHONPATH'])"
    files: dict[str, str | bytes] = {"scripts/train.py": script, "settings.py": "RATE = 7", **beside}
    row = train_script(stand, "job", files, "scripts/train.py")
    assert row.status == "Completed", (row.document.get("FailureReason"), log(stand, "job"))
    assert "rate 7 /opt/ml/code/scripts /opt/ml/code" in log(stand, "job")
    assert "\nPYTHONPATH=/opt/ml/code" in log(stand, "job")


@pytest.mark.parametrize(
    ("script", "code", "output"),
    [
        ("import sys\nprint('going')\nsys.exit(3)", 3, ""),
        ("x = 1\nraise ValueError('the label is missing')", 1, "ValueError: the label is missing"),
        ("import nowhere", 1, "ModuleNotFoundError: No module named 'nowhere'"),
        ("print(", 1, "SyntaxError: '(' was never closed"),
        (
            "import argparse\np = argparse.ArgumentParser()\np.parse_args()",
            2,
            "error: unrecognized arguments",
        ),
        ("import os\nos.abort()", 134, ""),
    ],
)
def test_a_failing_script_is_told_in_the_toolkits_words(
    stand: JobStand, script: str, code: int, output: str
) -> None:
    row = train_script(stand, "job", {"train.py": script}, hyperparameters={"x": 1})
    reason = row.document["FailureReason"]
    assert row.status == "Failed"
    assert reason.startswith(f'AlgorithmError: ExecuteUserScriptError:\nExitCode {code}\nErrorMessage "'), (
        reason
    )
    assert output in (reason if "argparse" not in script else log(stand, "job"))
    assert reason.endswith('python3 train.py -x 1", exit code: 1'), reason
    assert "Reporting training FAILURE" in log(stand, "job")
    assert "become_script" not in log(stand, "job")


def test_a_failure_file_of_the_script_is_the_reason(stand: JobStand) -> None:
    script = "open('/opt/ml/output/failure', 'w').write('too few rows')\nraise SystemExit(4)"
    row = train_script(stand, "job", {"train.py": script})
    assert row.document["FailureReason"] == "AlgorithmError: too few rows, exit code: 1"


@pytest.mark.parametrize(
    ("files", "entry", "words"),
    [
        (
            {"other.py": ""},
            "train.py",
            "No file named 'train.py' was found in the source directory; it holds: other.py",
        ),
        ({"../evil.py": ""}, "train.py", "holds the unsafe path '../evil.py'"),
        ({"/abs.py": ""}, "train.py", "holds the unsafe path '/abs.py'"),
    ],
)
def test_a_source_that_cannot_run_says_why(
    stand: JobStand, files: dict[str, str | bytes], entry: str, words: str
) -> None:
    row = train_script(stand, "job", files, entry)
    assert row.status == "Failed"
    assert words in row.document["FailureReason"]


def test_a_source_that_is_no_archive_says_so(stand: JobStand) -> None:
    place = stand.data_dir / "broken.tar.gz"
    place.write_bytes(b"not a tar file")
    for name, source, words in (
        ("a", str(stand.data_dir / "none"), "does not exist"),
        ("b", str(place), None),
    ):
        training.create_training_job(stand.ctx, REGION, script_request(name, source))
        reason = stand.settle(name).document["FailureReason"]
        # a single file is copied as it is, as the toolkit does it
        assert (words or "it holds: broken.tar.gz") in reason


def test_shell_scripts_and_packages_are_entry_points_too(stand: JobStand) -> None:
    shell = "#!/bin/bash\nset -e\npython -c 'import helper; helper.main()' \"$@\"\n"
    helper = "import os, json, sys\ndef main():\n    json.dump(sys.argv[1:], open(os.environ['SM_OUTPUT_DATA_DIR'] + '/told.json', 'w'))\n"
    row = train_script(
        stand, "shell", {"run.sh": shell, "helper.py": helper}, "run.sh", hyperparameters={"text": "a 'b"}
    )
    assert row.status == "Completed", (row.document.get("FailureReason"), log(stand, "shell"))
    assert told(stand, "shell") == ["--text", "a 'b"]
    setup = "from setuptools import setup\nsetup(name='mine', version='1.0', py_modules=['mine'])\n"
    pytest.importorskip("setuptools")
    row = train_script(
        stand,
        "package",
        {"setup.py": setup, "mine.py": helper + "if __name__ == '__main__':\n    main()\n"},
        "mine.py",
        hyperparameters={"y": 2},
    )
    assert row.status == "Completed", (row.document.get("FailureReason"), log(stand, "package"))
    assert told(stand, "package") == ["-y", "2"]


def test_requirements_make_one_environment_for_all_jobs(stand: JobStand, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "smst_probe", "value = 42\n")
    script = (
        "import smst_probe, numpy, sys, os, json\n"
        "json.dump([smst_probe.value, smst_probe.__file__, sys.executable], open(os.environ['SM_OUTPUT_DATA_DIR'] + '/told.json', 'w'))"
    )
    files: dict[str, str | bytes] = {
        "train.py": script,
        "requirements.txt": f"./{wheel.name}\nnumpy\n",
        wheel.name: wheel.read_bytes(),
    }
    seen = []
    for name in ("first", "second"):
        row = train_script(stand, name, files)
        assert row.status == "Completed", (row.document.get("FailureReason"), log(stand, name))
        seen.append(told(stand, name))
    assert seen[0][0] == 42
    assert seen[0][1] == seen[1][1]  # the same environment
    assert seen[0][2] != seen[1][2]  # an interpreter each
    (made,) = (stand.ctx.settings.data_dir / "cache" / "environments").glob("*/ready")
    packages = {path.name for path in (made.parent / "lib").glob("*/site-packages/*")}
    assert {name for name in packages if name.startswith("numpy")} == set()  # the installed one is used
    assert "Installing dependencies from requirements.txt" in log(stand, "first")


def test_requirements_that_cannot_be_had_fail_with_the_installers_words(
    stand: JobStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    files: dict[str, str | bytes] = {
        "train.py": TELL,
        "requirements.txt": "no-such-package-of-smstudio==1.2.3\n",
    }
    row = train_script(stand, "job", files)
    reason = row.document["FailureReason"]
    assert reason.startswith("AlgorithmError: InstallRequirementsError:\nExitCode "), reason
    assert "no-such-package-of-smstudio" in reason
    assert 'Command "python3 -m pip install -r requirements.txt"' in reason
    assert not list((stand.ctx.settings.data_dir / "cache" / "environments").glob("*/ready"))


def test_stop_reaches_the_script(stand: JobStand) -> None:
    script = (
        "import signal, sys, time\n"
        "def leave(*_):\n    open('/opt/ml/model/saved', 'w').write('x')\n    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, leave)\nprint('waiting', flush=True)\ntime.sleep(600)\n"
    )
    source = stand.data_dir / "source.tar.gz"
    source.write_bytes(archive({"train.py": script}))
    training.create_training_job(stand.ctx, REGION, script_request("job", str(source)))
    row = stand.reach("job", "Training")
    eventually(
        lambda: "waiting\n" in Path(row.internal["log"]).read_text().replace("waiting", "waiting", 1),
        what="the script",
    )
    training.stop_training_job(stand.ctx, REGION, "job")
    assert stand.settle("job").status == "Stopped"
    assert "out/job/output/model.tar.gz" in stand.keys("out/")


def test_scripts_run_on_several_hosts(stand: JobStand) -> None:
    script = (
        "import json, os, socket\n"
        "env = json.loads(os.environ['SM_TRAINING_ENV'])\n"
        "print('HOST', env['current_host'], env['hosts'], env['is_master'], socket.gethostbyname('algo-2') != '', flush=True)\n"
    )
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}
    row = train_script(stand, "job", {"train.py": script}, ResourceConfig=resources)
    assert row.status == "Completed", (row.document.get("FailureReason"), log(stand, "job"))
    assert "HOST algo-1 ['algo-1', 'algo-2'] True True" in log(stand, "job")
    assert "HOST algo-2 ['algo-1', 'algo-2'] False True" in log(stand, "job", "algo-2")


def test_a_framework_that_is_missing_names_its_package(stand: JobStand) -> None:
    pytest.importorskip("importlib")
    row = train_script(stand, "job", {"train.py": TELL}, image=f"{ACCOUNT}/mxnet-training:1.9.0-cpu-py38")
    reason = row.document["FailureReason"]
    assert "the package 'mxnet' is missing" in reason
    assert "pip install mxnet" in reason


def test_the_image_alone_has_no_program(stand: JobStand) -> None:
    request = script_request("job", "x")
    request["HyperParameters"] = {}
    training.create_training_job(stand.ctx, REGION, request)
    assert "has no training program of its own" in stand.settle("job").document["FailureReason"]
    assert SKLEARN


def test_an_entry_point_of_the_request_runs_with_the_frameworks_python(stand: JobStand) -> None:
    driver = "#!/bin/bash\nset -e\npython3 --version\npython3 /opt/ml/input/data/code/train.py\n"
    stand.put("code/train.py", "import sklearn, sys; open('/opt/ml/model/m', 'w').write(sys.executable)")
    stand.put("drivers/sm_train.sh", driver)
    request = script_request(
        "job", "x", channels={"code": "s3://bucket/code/", "sm_drivers": "s3://bucket/drivers/"}
    )
    request["HyperParameters"] = {}
    request["AlgorithmSpecification"]["ContainerEntrypoint"] = [
        "/bin/bash",
        "-c",
        "chmod +x /opt/ml/input/data/sm_drivers/sm_train.sh && /opt/ml/input/data/sm_drivers/sm_train.sh",
    ]
    training.create_training_job(stand.ctx, REGION, request)
    row = stand.settle("job")
    assert row.status == "Completed", (row.document.get("FailureReason"), log(stand, "job"))
    assert "Python 3." in log(stand, "job")


OLD = """
import argparse, os
from sagemaker_containers.beta.framework import content_types, encoders, env, modules, transformer, worker
import sagemaker_containers
from sagemaker_containers import entry_point
from sagemaker_training import environment
from sklearn.externals import joblib
import numpy as np, pandas as pd
e = sagemaker_containers.training_env()
assert e.hyperparameters["epochs"] == 2 and environment.Environment().model_dir == "/opt/ml/model"
assert e.channel_input_dirs == {} and e.num_cpus >= 1
frame = pd.DataFrame({"a": ["x", "y"], "b": np.array([1.5, 2], dtype=np.float)}).append({"a": "z", "b": 1}, ignore_index=True)
pd.get_dummies(frame).to_csv(e.output_data_dir + "/dummies.csv", index=False)
assert open(e.output_data_dir + "/dummies.csv").read().splitlines()[1] == "1.5,1,0,0"
joblib.dump(frame, os.path.join(e.model_dir, "model.joblib"))
entry_point._wait_hostname_resolution()
with open("/tmp/part.py", "w") as file:
    file.write("import os, sys; open(sys.argv[1], 'w').write(os.environ['PART'])")
entry_point.run("/tmp", "part.py", [e.output_data_dir + "/part.txt"], {"PART": "run"})
assert open(e.output_data_dir + "/part.txt").read() == "run"
try:
    entry_point.run("/tmp", "part.py", ["/no/such/folder/x"], {"PART": ""}, capture_error=True)
except Exception as error:
    assert "FileNotFoundError" in str(error)
"""


@pytest.mark.parametrize("own", [False, True], ids=["warm", "own interpreter"])
def test_scripts_of_older_images_run_as_they_are(stand: JobStand, own: bool) -> None:
    row = train_script(
        stand,
        "job",
        {"train.py": OLD},
        hyperparameters={"epochs": 2},
        image=f"{ACCOUNT}/sagemaker-scikit-learn:0.20.0-cpu-py3",
        Environment={"OMP_NUM_THREADS": "1"} if own else {},
    )
    assert row.status == "Completed", (row.document.get("FailureReason"), log(stand, "job"))
