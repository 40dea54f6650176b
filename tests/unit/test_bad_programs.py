"""Programs that misbehave: they end alone, with the reason, and harm neither the engine nor other jobs."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.runtime import training, volumes
from smstudio_ext.engine.runtime.cgroups import kills_in, make_group, remove_group
from smstudio_ext.engine.runtime.instances import Slot
from smstudio_ext.engine.runtime.volumes import VolumeWatch, folder_mb
from smstudio_ext.engine.store import Resource
from tests.conftest import eventually
from tests.unit.job_stand import REGION, JobStand, job_stand, training_request
from tests.unit.own_image import own_image


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[JobStand]:
    with job_stand(tmp_path / "data") as made:
        yield made


def reason(stand: JobStand, program: str, **members: Any) -> str:
    """FailureReason of a job of such a program."""
    image = own_image(stand, "bad", train=program)
    stand.train("job", AlgorithmSpecification=image, **members)
    row = stand.settle("job", timeout=60)
    assert row.status == "Failed", stand.log(row)
    assert stand.ctx.slots.usage()["cpus_used"] == 0
    assert not Path(row.internal["folder"]).exists()
    return str(row.document["FailureReason"])


def test_a_program_that_exits_3(stand: JobStand) -> None:
    assert reason(stand, "raise SystemExit(3)") == "AlgorithmError: , exit code: 3"


def test_a_program_that_writes_the_failure_file(stand: JobStand) -> None:
    program = "open('/opt/ml/output/failure', 'w').write('no\\nlabels'); raise SystemExit(1)"
    assert reason(stand, program) == "AlgorithmError: no\nlabels, exit code: 1"


@pytest.mark.parametrize(
    "leave",
    [
        "os.mkfifo(failure)",  # whoever reads it waits for a writer that never comes
        "os.symlink(os.environ['SECRET'], failure)",
        "os.mkdir(failure)",
    ],
)
def test_what_is_no_failure_file_tells_nothing_and_holds_nobody_up(
    stand: JobStand, tmp_path: Path, leave: str
) -> None:
    (tmp_path / "secret").write_text("a secret of this machine")
    program = f"import os\nfailure = '/opt/ml/output/failure'\n{leave}\nraise SystemExit(1)"
    told = reason(stand, program, Environment={"SECRET": str(tmp_path / "secret")})
    assert told == "AlgorithmError: , exit code: 1"


def test_of_a_huge_failure_file_the_beginning_is_told(stand: JobStand) -> None:
    program = "open('/opt/ml/output/failure', 'w').write('labels missing ' * 1_000_000); raise SystemExit(1)"
    told = reason(stand, program)
    assert told.startswith("AlgorithmError: labels missing labels")
    assert told.endswith(", exit code: 1")
    assert len(told) <= 1024


def test_a_program_that_ends_itself_by_a_signal_is_not_out_of_memory(stand: JobStand) -> None:
    group = make_group(f"smstudio-test-{os.getpid()}", 512)
    if group is None:
        pytest.skip(
            "this user may not make memory control groups, and without one nobody knows who sent SIGKILL"
        )
    remove_group(group)
    program = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    assert reason(stand, program) == "AlgorithmError: , exit code: 137"


def test_a_program_that_is_no_program(stand: JobStand) -> None:
    assert reason(stand, "#!/no/such/interpreter\n") == "AlgorithmError: , exit code: 127"


def test_a_program_that_hangs_is_stopped_at_its_longest_runtime(stand: JobStand) -> None:
    image = own_image(
        stand, "hangs", train="import time\nopen('/opt/ml/model/m', 'w').write('x')\ntime.sleep(600)"
    )
    stand.train("job", AlgorithmSpecification=image, StoppingCondition={"MaxRuntimeInSeconds": 1})
    row = stand.settle("job")
    assert (row.status, row.document["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert stand.keys("out/") == ["out/job/output/model.tar.gz"]


def test_children_that_leave_group_and_session_do_not_outlive_the_job(
    stand: JobStand, tmp_path: Path
) -> None:
    program = f"""
import os, time
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            open("{tmp_path}/pids", "a").write(f"{{os.getpid()}}\\n")
            time.sleep(600)
        os._exit(0)
while len(open("{tmp_path}/pids", "a+").name and open("{tmp_path}/pids").read().split()) < 3:
    time.sleep(0.01)
"""
    image = own_image(stand, "forks", train=program)
    stand.train("job", AlgorithmSpecification=image)
    assert stand.settle("job").status == "Completed"
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 3
    for pid in pids:
        assert not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2]


def test_memory_beyond_the_slot_is_a_clear_failure_and_others_go_on(stand: JobStand, tmp_path: Path) -> None:
    other = training_request("other", {}, {"do": "until", "until": tmp_path / "go"})
    training.create_training_job(stand.ctx, REGION, other, slot=Slot(1, 100))
    stand.reach("other", "Training")
    image = own_image(stand, "eats", train="held = []\nwhile True: held.append(bytearray(b'x') * 50_000_000)")
    request = training_request("job", {}, {"AlgorithmSpecification": image})
    training.create_training_job(stand.ctx, REGION, request, slot=Slot(1, 300))
    told = stand.settle("job", timeout=60).document["FailureReason"]
    assert told.startswith("ClientError: Out of memory: the job needed more than it was granted (300 MiB")
    (tmp_path / "go").touch()
    assert stand.settle("other").status == "Completed"


def test_the_kernel_keeps_the_limit_where_control_groups_may_be_made() -> None:
    group = make_group(f"smstudio-test-{os.getpid()}", 64)
    if group is None:
        pytest.skip("this user may not make memory control groups")
    try:
        assert kills_in(group) == 0
    finally:
        remove_group(group)
    assert not group.exists()


def test_a_program_that_fills_its_volume_is_ended(stand: JobStand) -> None:
    program = """
import os, time
for number in range(12):
    with open(f"/opt/ml/output/data/{number}", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, 100 << 20)
time.sleep(600)
"""
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
    told = reason(stand, program, ResourceConfig=resources)
    assert told.startswith("ClientError: No space left on device: it wrote ")
    assert "its volume holds 1024 MiB (VolumeSizeInGB)" in told


def test_a_single_file_cannot_outgrow_the_volume(stand: JobStand) -> None:
    program = """
try:
    with open("/opt/ml/model/huge", "wb") as file:
        file.truncate((1 << 30) + 1)
except OSError as error:
    open("/opt/ml/output/failure", "w").write(error.strerror)
    raise SystemExit(1)
"""
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
    assert reason(stand, program, ResourceConfig=resources) == "AlgorithmError: File too large, exit code: 1"


def test_a_program_that_fails_of_a_full_volume_is_told_so(stand: JobStand) -> None:
    program = """
import os
with open("/opt/ml/model/huge", "wb") as file:
    os.posix_fallocate(file.fileno(), 0, 1 << 30)
    file.seek(0, os.SEEK_END)
    file.write(b"one byte more")
"""
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
    told = reason(stand, program, ResourceConfig=resources)
    assert told.startswith(
        "ClientError: No space left on device: it wrote 1024 MiB, and its volume holds 1024 MiB"
    )


@pytest.mark.parametrize("gigabytes", [5, 0], ids=["a volume", "the disk of the instance"])
def test_temporary_files_count_on_the_volume_and_go_with_the_job(stand: JobStand, gigabytes: int) -> None:
    program = "import tempfile\nprint(tempfile.mkdtemp())"
    image = own_image(stand, "temporary", train=program)
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": gigabytes}
    stand.train("job", AlgorithmSpecification=image, ResourceConfig=resources)
    assert stand.log(stand.settle("job"))[0].startswith("/opt/ml/tmp/")


def test_only_what_a_job_wrote_counts_and_growth_on_a_full_disk_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = tmp_path / "blob"
    blob.write_bytes(os.urandom(3 << 20))
    root = tmp_path / "ml"
    (root / "input/data").mkdir(parents=True)
    os.link(blob, root / "input/data/linked")
    (root / "model").mkdir()
    (root / "model/one").write_bytes(os.urandom(2 << 20))
    os.link(root / "model/one", root / "model/again")
    assert folder_mb(root) == 2
    monkeypatch.setattr(volumes, "LOOK_SECONDS", 0.0)
    watch = VolumeWatch(root, 0, reserve_mb=1 << 40)
    watch._pause = 0.0
    assert watch.problem() is None  # the disk is full, but not by this job
    (root / "model/two").write_bytes(os.urandom(20 << 20))
    watch._next = 0.0
    assert "left on the disk of this machine" in str(watch.problem())


def test_a_job_that_prints_without_end_on_a_full_disk_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volumes, "LOOK_SECONDS", 0.0)
    (tmp_path / "ml").mkdir()
    log = tmp_path / "job.log"
    watch = VolumeWatch(tmp_path / "ml", 5, reserve_mb=1 << 40, log=log)
    for megabytes, problem in ((0, False), (1, False), (20, True)):
        log.write_bytes(b"x" * (megabytes << 20))
        watch._next = 0.0
        assert ("left on the disk of this machine" in str(watch.problem())) == problem
    assert watch.used_mb == 0  # the log is not on the job's volume


def test_a_lost_process_is_run_again_as_often_as_the_request_allows(stand: JobStand) -> None:
    image = own_image(stand, "lost", train="import time\ntime.sleep(600)")
    stand.train("job", AlgorithmSpecification=image, RetryStrategy={"MaximumRetryAttempts": 1})

    def running(attempt: int) -> int | None:
        """The supervisor of an attempt."""
        row = stand.job("job")
        stand.ctx.reconciler.wake(*row.key)
        stand.ctx.reconciler.run_due()
        process = Path(row.internal["folder"]) / "process"
        if row.internal.get("attempt", 0) != attempt or stand.ctx.runner.state(process).pid is None:
            return None
        return int(json.loads((process / "process.json").read_text())["supervisor"])

    def ended() -> Resource | None:
        row = stand.job("job")
        stand.ctx.reconciler.wake(*row.key)  # a killed supervisor tells nobody
        stand.ctx.reconciler.run_due()
        return row if row.finished else None

    os.kill(eventually(lambda: running(0)) or 0, signal.SIGKILL)
    os.kill(eventually(lambda: running(1)) or 0, signal.SIGKILL)
    row = eventually(ended)
    assert row is not None
    assert row.status == "Failed"
    assert row.document["FailureReason"].startswith("InternalServerError: The process of the job was lost")
    steps = [step["Status"] for step in row.document["SecondaryStatusTransitions"]]
    assert steps.count("Restarting") == 1
    assert steps.count("Training") == 2
