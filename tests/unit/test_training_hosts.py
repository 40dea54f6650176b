"""Training jobs on several hosts: what each is told, how they meet, how they end."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.runtime import training
from smstudio_ext.engine.runtime.cluster import host_addresses, hosts_of, resource_config
from tests.unit.job_stand import ACCOUNT, BUCKET, REGION, JobStand, channel, job_stand
from tests.unit.own_image import own_image
from tests.unit.script_jobs import train_script

TWO = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[JobStand]:
    with job_stand(tmp_path / "data", cpus=4) as made:
        yield made


def streams(stand: JobStand, name: str) -> dict[str, list[str]]:
    """Log lines by host."""
    group = "/aws/sagemaker/TrainingJobs"
    found = {}
    for stream in stand.ctx.logs.streams(REGION, group, f"{name}/"):
        host = "-".join(stream.name.split("/")[1].split("-")[:2])
        found[host] = [event.message for event in stand.ctx.logs.read(REGION, group, stream.name).events]
    return found


def archive(stand: JobStand, key: str) -> dict[str, str]:
    with stand.ctx.objects.open(BUCKET, key) as file, tarfile.open(fileobj=io.BytesIO(file.read())) as tar:
        return {
            member.name: tar.extractfile(member).read().decode()  # type: ignore[union-attr]
            for member in tar.getmembers()
            if member.isfile()
        }


# Each host sends its rank to algo-1, as torch.distributed and the Rabit tracker of xgboost do: a name, and any port.
MEET = """
import json, os, socket
base = os.environ["SMSTUDIO_OPT_ML"]
config = json.load(open(base + "/input/config/resourceconfig.json"))
me, hosts = config["current_host"], config["hosts"]
print("host", me, socket.gethostname(), socket.gethostbyname(me).rsplit(".", 1)[1])
if me == "algo-1":
    server = socket.create_server(("algo-1", 29500))
    said = []
    for _ in hosts[1:]:
        connection, _ = server.accept()
        said.append(connection.makefile().readline().strip())
    print("met", sorted(said))
else:
    for attempt in range(1000):
        try:
            client = socket.create_connection(("algo-1", 29500))
            break
        except ConnectionRefusedError:
            import time
            time.sleep(0.01)
    client.sendall((me + "\\n").encode())
open(base + "/model/common.txt", "w").write(me)
open(base + f"/model/{me}.txt", "w").write("shard")
open(base + f"/output/data/{me}.log", "w").write("done")
"""


def test_hosts_meet_by_name_and_their_models_become_one(stand: JobStand) -> None:
    image = own_image(stand, "meet", train=MEET)
    stand.train("job", AlgorithmSpecification=image, ResourceConfig={**TWO, "InstanceCount": 3})
    row = stand.settle("job")
    assert row.status == "Completed", (row.document.get("FailureReason"), streams(stand, "job"))
    said = streams(stand, "job")
    assert said["algo-1"] == ["host algo-1 algo-1 1", "met ['algo-2', 'algo-3']"]
    assert said["algo-3"] == ["host algo-3 algo-3 3"]
    model = archive(stand, "out/job/output/model.tar.gz")
    assert model == {
        "common.txt": "algo-1",
        "algo-1.txt": "shard",
        "algo-2.txt": "shard",
        "algo-3.txt": "shard",
    }
    assert sorted(archive(stand, "out/job/output/output.tar.gz")) == [
        "algo-1.log",
        "algo-2.log",
        "algo-3.log",
    ]
    assert stand.ctx.slots.usage()["cpus_used"] == 0
    assert not Path(row.internal["folder"]).exists()


def test_each_host_gets_its_configuration_its_shard_and_variables(stand: JobStand, tmp_path: Path) -> None:
    for number in range(5):
        stand.put(f"in/{number}.csv", str(number))
    shards = channel("train", f"s3://{BUCKET}/in/")
    shards["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key"
    both = [shards, channel("validation", f"s3://{BUCKET}/in/")]
    stand.train("job", ResourceConfig=TWO, InputDataConfig=both, say="x", do="until", until=tmp_path / "go")
    row = stand.reach("job", "Training")
    folders = [Path(row.internal["folder"]), Path(row.internal["folder"]) / "hosts/algo-2"]
    data = [folder / "ml/input/data" for folder in folders]
    assert [sorted(path.name for path in place.joinpath("train").iterdir()) for place in data] == [
        ["0.csv", "2.csv", "4.csv"],
        ["1.csv", "3.csv"],
    ]
    assert all(len(list(place.joinpath("validation").iterdir())) == 5 for place in data)
    config = json.loads((folders[1] / "ml/input/config/resourceconfig.json").read_text())
    assert config["current_host"] == "algo-2"
    assert config["hosts"] == ["algo-1", "algo-2"]
    assert config["instance_groups"] == [
        {
            "instance_group_name": "homogeneousCluster",
            "instance_type": "ml.m5.large",
            "hosts": ["algo-1", "algo-2"],
        }
    ]
    env = json.loads((folders[1] / "process/spec.json").read_text())["env"]
    assert (env["SM_CURRENT_HOST"], json.loads(env["SM_HOSTS"])) == ("algo-2", ["algo-1", "algo-2"])
    assert stand.ctx.slots.usage()["cpus_used"] == 4  # both hosts' slots, granted together
    (tmp_path / "go").touch()
    assert stand.settle("job").status == "Completed"


def test_a_failed_host_stops_the_others_and_gives_the_reason(stand: JobStand) -> None:
    program = """
import os, sys, time, signal
if os.environ["SM_CURRENT_HOST"] == "algo-2":
    open(os.environ["SMSTUDIO_OPT_ML"] + "/output/failure", "w").write("rank 1 lost its data")
    sys.exit(3)
time.sleep(600)
"""
    image = own_image(stand, "fails", train=program)
    stand.train("job", AlgorithmSpecification=image, ResourceConfig=TWO)
    row = stand.settle("job")
    assert (row.status, row.document["FailureReason"]) == (
        "Failed",
        "AlgorithmError: rank 1 lost its data, exit code: 3",
    )
    assert stand.ctx.slots.usage()["cpus_used"] == 0


def test_a_stop_ends_every_host_and_a_restart_follows_them_all(stand: JobStand) -> None:
    stand.train("job", do="wait", ResourceConfig=TWO)
    stand.reach("job", "Training")
    stand.restart()
    stand.reach("job", "Training")
    training.stop_training_job(stand.ctx, REGION, "job", grace=0.2)
    assert stand.settle("job").status == "Stopped"


def test_groups_of_a_heterogeneous_cluster_get_their_channels(stand: JobStand, tmp_path: Path) -> None:
    stand.put("in/a.csv", "1")
    only = channel("train", f"s3://{BUCKET}/in/")
    only["DataSource"]["S3DataSource"]["InstanceGroupNames"] = ["data"]
    groups = [
        {"InstanceType": "ml.m5.large", "InstanceCount": 1, "InstanceGroupName": "learn"},
        {"InstanceType": "ml.c5.xlarge", "InstanceCount": 1, "InstanceGroupName": "data"},
    ]
    resources = {"InstanceGroups": groups, "VolumeSizeInGB": 5}
    stand.train("job", ResourceConfig=resources, InputDataConfig=[only], do="until", until=tmp_path / "go")
    row = stand.reach("job", "Training")
    first, second = (
        Path(row.internal["folder"]) / place / "ml/input/config/inputdataconfig.json"
        for place in (".", "hosts/algo-2")
    )
    assert (json.loads(first.read_text()), list(json.loads(second.read_text()))) == ({}, ["train"])
    env = json.loads((second.parents[3] / "process/spec.json").read_text())["env"]
    assert (env["SM_CURRENT_INSTANCE_GROUP"], env["SM_IS_HETERO"]) == ("data", "true")
    (tmp_path / "go").touch()
    assert stand.settle("job").status == "Completed"


@pytest.mark.parametrize(
    ("resources", "words"),
    [
        (
            {**TWO, "InstanceGroups": [{"InstanceType": "ml.m5.large", "InstanceCount": 1, "InstanceGroupName": "a"}]},
            "not both",
        ),
        (
            {"InstanceGroups": [{"InstanceType": "ml.m5.large", "InstanceCount": 1, "InstanceGroupName": "a"}] * 2},
            "must be unique",
        ),
        ({"InstanceType": "ml.m5.large", "InstanceCount": 0}, "needs InstanceType and InstanceCount"),
    ],
)  # fmt: skip
def test_clusters_that_make_no_sense_are_refused(
    stand: JobStand, resources: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationException, match=words):
        stand.train("job", ResourceConfig=resources)


def test_jobs_have_address_blocks_of_their_own() -> None:
    hosts = hosts_of({"InstanceType": "ml.m5.large", "InstanceCount": 2})
    assert resource_config(hosts, "algo-2")["current_host"] == "algo-2"
    one, other = host_addresses("a", hosts), host_addresses("b", hosts)
    assert all(address.startswith("127.") for address in (*one.values(), *other.values()))
    assert not set(one.values()) & set(other.values())


GLOO = """
import json, os
import torch
import torch.distributed as distributed
hosts = json.loads(os.environ["SM_HOSTS"])
os.environ.update(MASTER_ADDR=hosts[0], MASTER_PORT="29500", GLOO_SOCKET_IFNAME=os.environ["SM_NETWORK_INTERFACE_NAME"])
distributed.init_process_group("gloo", rank=hosts.index(os.environ["SM_CURRENT_HOST"]), world_size=len(hosts))
numbers = torch.ones(2) * (distributed.get_rank() + 1)
distributed.all_reduce(numbers)
print("sum", numbers.tolist())
distributed.destroy_process_group()  # else torch may abort at the end
"""


def test_torch_distributed_finds_its_peers(stand: JobStand) -> None:
    pytest.importorskip("torch")
    image = own_image(stand, "gloo", train=GLOO)
    stand.train("job", AlgorithmSpecification=image, ResourceConfig=TWO)
    row = stand.settle("job", timeout=120)
    assert row.status == "Completed", (row.document.get("FailureReason"), streams(stand, "job"))
    assert streams(stand, "job") == {"algo-1": ["sum [3.0, 3.0]"], "algo-2": ["sum [3.0, 3.0]"]}


LAUNCHED = """
import os
import torch
import torch.distributed as distributed
distributed.init_process_group("gloo")
rank = torch.tensor([distributed.get_rank() + 1.0])
distributed.all_reduce(rank)
print("sum", rank.item(), "of", distributed.get_world_size(), os.environ["LOCAL_RANK"], os.environ["SM_CURRENT_HOST"])
distributed.destroy_process_group()
"""


def test_torchrun_starts_the_script_on_every_host(stand: JobStand) -> None:
    pytest.importorskip("torch")
    row = train_script(
        stand,
        "job",
        {"train.py": LAUNCHED},
        image=f"{ACCOUNT}/pytorch-training:2.0.0-cpu-py310",
        hyperparameters={"sagemaker_torch_distributed_enabled": True},
        timeout=120,
        ResourceConfig=TWO,
    )
    assert row.status == "Completed", (row.document.get("FailureReason"), streams(stand, "job"))
    shown = {
        host: [line for line in lines if line.startswith("sum")]
        for host, lines in streams(stand, "job").items()
    }
    assert shown == {"algo-1": ["sum 3.0 of 2 0 algo-1"], "algo-2": ["sum 3.0 of 2 0 algo-2"]}
