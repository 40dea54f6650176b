"""The /opt/ml folder and the environment of a training job, file by file as the containers expect them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from smstudio_ext.engine.runtime import cluster, metric_files

HOST = "algo-1"
_CONFIG_FILES = {
    "CheckpointConfig": "checkpointconfig.json",
    "DebugHookConfig": "debughookconfig.json",
    "ProfilerConfig": "profilerconfig.json",
    "TensorBoardOutputConfig": "tensorboardoutputconfig.json",
}


def write_training_config(ml: Path, document: dict[str, Any], host: str = HOST) -> None:
    """Makes the folders and `input/config/*.json` of one host of a training job.

    Args:
        ml: what is shown at /opt/ml.
        document: the Describe document of the job.
        host: name of the host.
    """
    for name in (
        "input/config",
        "input/data",
        "model",
        "output/data",
        "output/intermediate",
        metric_files.DIRECTORY,
        "checkpoints",
        "code",
    ):
        (ml / name).mkdir(parents=True, exist_ok=True)
    config = ml / "input" / "config"
    _write(
        config / "hyperparameters.json",
        {k: str(v) for k, v in (document.get("HyperParameters") or {}).items()},
    )
    hosts = cluster.hosts_of(document["ResourceConfig"])
    resources = cluster.resource_config(hosts, host)
    channels = input_data_config(document, resources["current_group_name"])
    _write(config / "resourceconfig.json", resources)
    _write(config / "inputdataconfig.json", channels)
    mode = document["AlgorithmSpecification"].get("TrainingInputMode", "File")
    _write(config / "init-config.json", {"inputMode": mode, "channels": channels})
    _write(
        config / "trainingjobconfig.json",
        {key: value for key, value in document.items() if _is_request_member(key)},
    )
    for member, name in _CONFIG_FILES.items():
        if document.get(member):
            _write(config / name, document[member])


def resource_config(instance: str) -> dict[str, Any]:
    """`resourceconfig.json` of a job on one instance."""
    return cluster.resource_config([cluster.Host(HOST, instance)], HOST)


def input_data_config(document: dict[str, Any], group: str | None = None) -> dict[str, dict[str, str]]:
    """`inputdataconfig.json`: how each channel comes (to the hosts of an instance group, if one is given)."""
    channels: dict[str, dict[str, str]] = {}
    mode = (document.get("AlgorithmSpecification") or {}).get("TrainingInputMode", "File")
    for channel in document.get("InputDataConfig") or []:
        source = channel["DataSource"]["S3DataSource"]
        groups = source.get("InstanceGroupNames")
        if group is not None and groups and group not in groups:
            continue
        facts = {
            "TrainingInputMode": channel.get("InputMode") or mode,
            "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
            "RecordWrapperType": channel.get("RecordWrapperType", "None"),
        }
        if channel.get("ContentType"):
            facts["ContentType"] = channel["ContentType"]
        channels[channel["ChannelName"]] = facts
    return channels


def training_environment(ml: Path, document: dict[str, Any], cpus: float, host: str = HOST) -> dict[str, str]:
    """SM_* and job variables of one host; paths are those of the folder itself, which holds everywhere."""
    parameters = {k: str(v) for k, v in (document.get("HyperParameters") or {}).items()}
    resources = cluster.resource_config(cluster.hosts_of(document["ResourceConfig"]), host)
    channels = input_data_config(document, resources["current_group_name"])
    groups = {group["instance_group_name"]: group for group in resources["instance_groups"]}
    own = groups[resources["current_group_name"]]
    variables = {
        "TRAINING_JOB_NAME": document["TrainingJobName"],
        "TRAINING_JOB_ARN": document["TrainingJobArn"],
        "SAGEMAKER_METRICS_DIRECTORY": str(ml / metric_files.DIRECTORY),
        "SM_HOSTS": json.dumps(resources["hosts"]),
        "SM_CURRENT_HOST": host,
        "SM_NETWORK_INTERFACE_NAME": resources["network_interface_name"],
        "SM_CURRENT_INSTANCE_TYPE": resources["current_instance_type"],
        "SM_CURRENT_INSTANCE_GROUP": resources["current_group_name"],
        "SM_CURRENT_INSTANCE_GROUP_HOSTS": json.dumps(own["hosts"]),
        "SM_INSTANCE_GROUPS": json.dumps(list(groups)),
        "SM_INSTANCE_GROUPS_DICT": json.dumps(groups),
        "SM_IS_HETERO": "true" if len({g["instance_type"] for g in groups.values()}) > 1 else "false",
        "SM_RESOURCE_CONFIG": json.dumps(resources),
        "SM_INPUT_DATA_CONFIG": json.dumps(channels),
        "SM_HPS": json.dumps(parameters),
        "SM_INPUT_DIR": str(ml / "input"),
        "SM_INPUT_CONFIG_DIR": str(ml / "input" / "config"),
        "SM_MODEL_DIR": str(ml / "model"),
        "SM_OUTPUT_DIR": str(ml / "output"),
        "SM_OUTPUT_DATA_DIR": str(ml / "output" / "data"),
        "SM_OUTPUT_INTERMEDIATE_DIR": str(ml / "output" / "intermediate"),
        "SM_CHANNELS": json.dumps(sorted(channels)),
        "SM_NUM_CPUS": str(max(1, round(cpus))),
        "SM_NUM_GPUS": "0",
        "SM_NUM_NEURONS": "0",
        "SM_LOG_LEVEL": "20",
    }
    for name, value in parameters.items():
        variables[f"SM_HP_{_variable(name)}"] = value
    for name in channels:
        variables[f"SM_CHANNEL_{_variable(name)}"] = str(ml / "input" / "data" / name)
    variables.update(document.get("Environment") or {})
    return variables


def _variable(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "_", name).upper()


def _is_request_member(name: str) -> bool:
    return not name.endswith(("Status", "Time", "Transitions", "Seconds"))


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value))
