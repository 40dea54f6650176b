"""Processing jobs with programs of the user's, through their controller."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.experiments.entities import create_experiment
from smstudio_ext.engine.runtime import processing
from smstudio_ext.engine.store import Resource
from tests.conftest import eventually
from tests.unit.job_stand import ACCOUNT, BUCKET, REGION, JobStand, job_stand
from tests.unit.script_jobs import make_wheel

SKLEARN = f"{ACCOUNT}/sagemaker-scikit-learn:0.23-1-cpu-py3"
GROUP = "/aws/sagemaker/ProcessingJobs"
CODE = "/opt/ml/processing/input/code"


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[JobStand]:
    with job_stand(tmp_path / "data") as made:
        yield made


def run(stand: JobStand, name: str, script: str | None, **members: Any) -> Resource:
    """Runs a job with a script at /opt/ml/processing/input/code/script.py to its end."""
    create(stand, name, script, **members)
    return stand.settle(name, processing.KIND)


def create(stand: JobStand, name: str, script: str | None, **members: Any) -> Resource:
    inputs = [s3_input("in", stand.put("in/a.txt", "one"), "/opt/ml/processing/input/data")]
    if script is not None:
        inputs.append(s3_input("code", stand.put(f"code/{name}/script.py", script), CODE))
    request: dict[str, Any] = {
        "ProcessingJobName": name,
        "RoleArn": "arn:aws:iam::000000000000:role/test",
        "AppSpecification": {"ImageUri": SKLEARN, "ContainerEntrypoint": ["python3", f"{CODE}/script.py"]},
        "ProcessingInputs": inputs + members.pop("inputs", []),
        "ProcessingOutputConfig": {"Outputs": [s3_output("out", "out", "/opt/ml/processing/output")]},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}
        },
    }
    request["AppSpecification"].update(members.pop("application", {}))
    request["ProcessingResources"]["ClusterConfig"].update(members.pop("cluster", {}))
    return processing.create_processing_job(stand.ctx, REGION, {**request, **members})


def s3_input(name: str, uri: str, path: str, **members: str) -> dict[str, Any]:
    return {
        "InputName": name,
        "S3Input": {"S3Uri": uri, "LocalPath": path, "S3DataType": "S3Prefix", **members},
    }


def s3_output(name: str, prefix: str, path: str, mode: str = "EndOfJob") -> dict[str, Any]:
    return {
        "OutputName": name,
        "S3Output": {"S3Uri": f"s3://{BUCKET}/{prefix}", "LocalPath": path, "S3UploadMode": mode},
    }


def log(stand: JobStand, name: str, host: str = "algo-1") -> str:
    (stream,) = stand.ctx.logs.streams(REGION, GROUP, f"{name}/{host}")
    events = stand.ctx.logs.read(REGION, GROUP, stream.name).events
    return "\n".join(event.message for event in events)


SCRIPT = """
import json, os, sys
from pathlib import Path
import pandas, sklearn
text = Path("/opt/ml/processing/input/data/a.txt").read_text()
config = json.load(open("/opt/ml/config/processingjobconfig.json"))
hosts = json.load(open("/opt/ml/config/resourceconfig.json"))
told = {
    "argv": sys.argv, "name": __name__, "file": __file__, "env": os.environ["WHO"], "text": text,
    "job": config["ProcessingJobName"], "host": hosts["current_host"], "main": sys.modules["__main__"].__dict__ is globals(),
}
Path("/opt/ml/processing/output/sub").mkdir()
Path("/opt/ml/processing/output/sub/told.json").write_text(json.dumps(told))
Path("/opt/ml/output/message").write_text("all rows are fine")
print("done", flush=True)
"""


def test_a_script_runs_with_its_inputs_arguments_and_environment(stand: JobStand) -> None:
    create_experiment(stand.ctx.store, REGION, {"ExperimentName": "e"}, {})
    row = run(
        stand,
        "job",
        SCRIPT,
        Environment={"WHO": "me"},
        application={"ContainerArguments": ["--split", "0.2"]},
        ExperimentConfig={"ExperimentName": "e"},
    )
    assert row.status == "Completed", row.document.get("FailureReason") + log(stand, "job")
    told = json.loads(stand.text("out/sub/told.json"))
    assert told == {
        "argv": [f"{CODE}/script.py", "--split", "0.2"],
        "name": "__main__",
        "file": f"{CODE}/script.py",
        "env": "me",
        "text": "one",
        "job": "job",
        "host": "algo-1",
        "main": True,
    }
    assert row.document["ExitMessage"] == "all rows are fine"
    assert row.document["ExperimentConfig"] == {"ExperimentName": "e"}
    assert "runs with what is installed here: scikit-learn" in log(stand, "job")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("import sys; sys.exit(3)", "AlgorithmError: See job logs for more information, exit code: 3"),
        ("raise ValueError('bad rows')", "AlgorithmError: See job logs for more information, exit code: 1"),
        (
            "import sys; sys.exit('no rows')",
            "AlgorithmError: See job logs for more information, exit code: 1",
        ),
        (
            "import os; os.kill(os.getpid(), 6)",
            "AlgorithmError: See job logs for more information, exit code: 134",
        ),
    ],
)
def test_a_script_that_fails_is_told_by_its_exit_code(stand: JobStand, script: str, reason: str) -> None:
    row = run(stand, "job", script)
    assert row.status == "Failed"
    assert row.document["FailureReason"] == reason
    assert "ExitMessage" not in row.document
    text = log(stand, "job")
    if "ValueError" in script:
        assert 'script.py", line 1, in <module>' in text
        assert "ValueError: bad rows" in text
        assert "become_script" not in text


def test_a_failed_script_leaves_its_message_and_its_outputs(stand: JobStand) -> None:
    row = run(
        stand,
        "job",
        "open('/opt/ml/output/message', 'w').write('column x is empty')\n"
        "open('/opt/ml/processing/output/part.txt', 'w').write('half')\nraise SystemExit(1)",
    )
    assert row.status == "Failed"
    assert row.document["ExitMessage"] == "column x is empty"
    assert stand.text("out/part.txt") == "half"


def test_what_is_no_message_file_holds_nobody_up(stand: JobStand) -> None:
    row = run(stand, "fifo", "import os\nos.mkfifo('/opt/ml/output/message')")
    assert row.status == "Completed", row.document
    assert "ExitMessage" not in row.document


OWN = """
import os, subprocess, sys, threading, atexit, multiprocessing, signal, random
import numpy
def square(x): return x * x
if __name__ == "__main__":
    out = open("/opt/ml/processing/output/out.txt", "w")
    child = subprocess.run([sys.executable, "-c", "import sys, numpy, pip; print(sys.prefix)"], capture_output=True, text=True)
    print("child", child.stdout.strip() == sys.prefix, file=out)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print("spawn", pool.map(square, [3]), file=out)
    with multiprocessing.get_context("fork").Pool(1) as pool:
        print("fork", pool.map(square, [4]), file=out)
    print("pip", subprocess.run("which pip python3 python", shell=True, capture_output=True, text=True).stdout.count("ml-python/bin"), file=out)
    print("sigint", signal.getsignal(signal.SIGINT) is signal.default_int_handler, file=out)
    print("cwd", os.listdir("."), file=out)
    out.flush()
    atexit.register(lambda: print("goodbye", file=out, flush=True))
    threading.Timer(0.2, lambda: print("thread", file=out, flush=True)).start()
"""


@pytest.mark.parametrize("own", [False, True], ids=["warm", "own interpreter"])
def test_a_script_finds_an_interpreter_like_any_other(stand: JobStand, own: bool) -> None:
    row = run(stand, "job", OWN, Environment={"OMP_NUM_THREADS": "1"} if own else {})
    assert row.status == "Completed", log(stand, "job")
    assert stand.text("out/out.txt").splitlines() == [
        "child True",
        "spawn [9]",
        "fork [16]",
        "pip 3",
        "sigint True",
        "cwd []",
        "thread",
        "goodbye",
    ]


def test_two_warm_jobs_draw_different_numbers(stand: JobStand) -> None:
    script = "import numpy, random\nopen('/opt/ml/processing/output/{}', 'w').write(f'{{numpy.random.rand()}} {{random.random()}}')"
    for name in ("a", "b"):
        assert run(stand, name, script.format(name)).status == "Completed"
    first, second = stand.text("out/a").split(), stand.text("out/b").split()
    assert first[0] != second[0]
    assert first[1] != second[1]


def test_a_module_of_the_users_is_not_taken_for_one_that_is_loaded(stand: JobStand) -> None:
    stand.put("code/job/numpy.py", "mine = True\n")
    script = "import numpy\nopen('/opt/ml/processing/output/x', 'w').write(str(numpy.mine))"
    inputs = [s3_input("mine", f"s3://{BUCKET}/code/job/", CODE)]
    create_named = {
        "application": {"ContainerEntrypoint": ["python3", f"{CODE}/script.py"]},
        "inputs": inputs,
    }
    stand.put("code/job/script.py", script)
    assert run(stand, "job", None, **create_named).status == "Completed", log(stand, "job")
    assert stand.text("out/x") == "True"


def test_a_shell_script_unpacks_its_source_as_the_framework_processor_does(stand: JobStand) -> None:
    runproc = f"""#!/bin/bash
cd {CODE}
set -e
pip uninstall --yes typing
python --version
python job.py "$@"
"""
    stand.put(
        "code/job/job.py", "import sys; open('/opt/ml/processing/output/x', 'w').write(' '.join(sys.argv))"
    )
    entry = s3_input(
        "entrypoint", stand.put("entry/runproc.sh", runproc), "/opt/ml/processing/input/entrypoint"
    )
    row = run(
        stand,
        "job",
        None,
        inputs=[s3_input("code", f"s3://{BUCKET}/code/job/", CODE), entry],
        application={
            "ContainerEntrypoint": ["/bin/bash", "/opt/ml/processing/input/entrypoint/runproc.sh"],
            "ContainerArguments": ["--x", "1"],
        },
    )
    assert row.status == "Completed", log(stand, "job")
    assert stand.text("out/x") == "job.py --x 1"


def test_a_package_that_a_job_installs_stays_in_the_job(stand: JobStand, tmp_path: Path) -> None:
    package = tmp_path / "sdist" / "smst_probe.py"
    package.parent.mkdir()
    wheel = make_wheel(tmp_path, "smst_probe", "value = 42\n")
    script = (
        "import subprocess, sys\n"
        "subprocess.check_call([sys.executable, '-m', 'pip', 'install', '-q', '--no-index', '/opt/ml/processing/input/wheel/"
        f"{wheel.name}'])\n"
        "import smst_probe\nopen('/opt/ml/processing/output/x', 'w').write(str(smst_probe.value) + ' ' + smst_probe.__file__)"
    )
    stand.ctx.objects.put_bytes(BUCKET, f"wheel/{wheel.name}", wheel.read_bytes())
    row = run(
        stand,
        "job",
        script,
        inputs=[s3_input("wheel", f"s3://{BUCKET}/wheel/", "/opt/ml/processing/input/wheel")],
    )
    assert row.status == "Completed", log(stand, "job")
    value, place = stand.text("out/x").split()
    assert value == "42"
    assert "/ml-python/lib/" in place
    assert not Path(place).exists()


def test_hosts_share_the_objects_and_know_each_other(stand: JobStand) -> None:
    for name in "abc":
        stand.put(f"many/{name}.txt", name)
    script = (
        "import json, os, socket\nfrom pathlib import Path\n"
        "r = json.load(open('/opt/ml/config/resourceconfig.json'))\n"
        "socket.gethostbyname('algo-2')\n"
        "names = sorted(os.listdir('/opt/ml/processing/many'))\n"
        "Path('/opt/ml/processing/output', r['current_host']).write_text(' '.join(names + r['hosts']))"
    )
    many = s3_input(
        "many", f"s3://{BUCKET}/many/", "/opt/ml/processing/many", S3DataDistributionType="ShardedByS3Key"
    )
    row = run(stand, "job", script, inputs=[many], cluster={"InstanceCount": 2})
    assert row.status == "Completed", log(stand, "job") + log(stand, "job", "algo-2")
    assert stand.text("out/algo-1") == "a.txt c.txt algo-1 algo-2"
    assert stand.text("out/algo-2") == "b.txt algo-1 algo-2"


def test_manifests_and_pipes_are_inputs_too(stand: JobStand) -> None:
    import gzip

    stand.put("set/b.txt", "bee")
    stand.put("set/c.txt", "sea")
    manifest = stand.put("set.manifest", json.dumps([{"prefix": f"s3://{BUCKET}/set/"}, "b.txt"]))
    stand.put("zip/z.gz", gzip.compress(b"packed"))
    script = (
        "import os\nout = open('/opt/ml/processing/output/x', 'w')\n"
        "print(os.listdir('/opt/ml/processing/set'), open('/opt/ml/processing/pipe_0').read(), file=out)"
    )
    inputs = [
        s3_input("set", manifest, "/opt/ml/processing/set", S3DataType="ManifestFile"),
        s3_input(
            "pipe",
            f"s3://{BUCKET}/zip/",
            "/opt/ml/processing/pipe",
            S3InputMode="Pipe",
            S3CompressionType="Gzip",
        ),
    ]
    row = run(stand, "job", script, inputs=inputs)
    assert row.status == "Completed", log(stand, "job")
    assert stand.text("out/x") == "['b.txt'] packed\n"


def test_an_input_that_a_script_changes_stays_as_it_is_in_s3(stand: JobStand) -> None:
    row = run(stand, "job", "open('/opt/ml/processing/input/data/a.txt', 'a').write(' and two')")
    assert row.status == "Completed", log(stand, "job")
    assert stand.text("in/a.txt") == "one"


def test_continuous_outputs_are_stored_while_the_job_runs(stand: JobStand, tmp_path: Path) -> None:
    go = tmp_path / "go"
    script = (
        "import os, time\nopen('/opt/ml/processing/live/a', 'w').write('1')\n"
        f"while not os.path.exists({str(go)!r}): time.sleep(0.02)\n"
    )
    outputs = {"Outputs": [s3_output("live", "live", "/opt/ml/processing/live", "Continuous")]}
    create(stand, "job", script, ProcessingOutputConfig=outputs)

    def stored() -> bool:
        stand.ctx.reconciler.run_due()
        row = stand.job("job", processing.KIND)
        if row.internal["phase"] == "run":
            stand.ctx.reconciler.wake(*row.key)
        return stand.keys("live/") == ["live/a"]

    eventually(stored, what="the output in S3")
    assert stand.job("job", processing.KIND).status == "InProgress"
    go.touch()
    assert stand.settle("job", processing.KIND).status == "Completed"


def test_a_job_can_be_stopped(stand: JobStand) -> None:
    create(stand, "job", "import time\nprint('up', flush=True)\ntime.sleep(600)")
    eventually(lambda: stand.ctx.reconciler.run_due() or _printed(stand), what="the script")
    processing.stop_processing_job(stand.ctx, REGION, "job")
    row = stand.settle("job", processing.KIND)
    assert row.status == "Stopped"
    with pytest.raises(ValidationException, match="in status Stopped"):
        processing.stop_processing_job(stand.ctx, REGION, "job")


def _printed(stand: JobStand) -> bool:
    row = stand.job("job", processing.KIND)
    return (
        row.internal["phase"] == "run"
        and Path(row.internal["log"]).exists()
        and " up" in Path(row.internal["log"]).read_text()
    )


@pytest.mark.parametrize(
    ("members", "words"),
    [
        (
            {"inputs": [{"InputName": "q", "DatasetDefinition": {"LocalPath": "/opt/ml/processing/q"}}]},
            "DatasetDefinition",
        ),
        (
            {"inputs": [s3_input("z", f"s3://{BUCKET}/z", "/opt/ml/processing/z", S3CompressionType="Gzip")]},
            "Gzip can only be used if Pipe",
        ),
        (
            {"inputs": [s3_input("in", f"s3://{BUCKET}/z", "/opt/ml/processing/z")]},
            "InputName must be unique",
        ),
        ({"inputs": [s3_input("z", f"s3://{BUCKET}/z", "/etc")]}, "must be below /opt/ml"),
        ({"inputs": [{"InputName": "z"}]}, "needs an S3Input"),
        (
            {
                "ProcessingOutputConfig": {
                    "Outputs": [{"OutputName": "f", "FeatureStoreOutput": {"FeatureGroupName": "g"}}]
                }
            },
            "FeatureStoreOutput is not offered",
        ),
        ({"application": {"ContainerEntrypoint": None}}, None),
        ({"cluster": {"InstanceType": ""}}, "needs InstanceType"),
    ],
)
def test_requests_that_cannot_run_are_refused(
    stand: JobStand, members: dict[str, Any], words: str | None
) -> None:
    if words is None:
        row = run(stand, "job", None, **members)
        assert "has no program of its own for processing jobs" in row.document["FailureReason"]
        return
    with pytest.raises(ValidationException, match=words):
        create(stand, "job", None, **members)
