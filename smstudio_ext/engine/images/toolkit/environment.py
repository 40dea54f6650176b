"""The training environment as AWS's training toolkit gives it: `SM_*` variables, arguments, and the `Environment` object.

Written anew after the behaviour of https://github.com/aws/sagemaker-training-toolkit (environment.py, mapping.py).
Standard library only.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

OPT_ML = Path("/opt/ml")
PREFIX = "sagemaker_"
PROGRAM = "sagemaker_program"
SUBMIT_DIRECTORY = "sagemaker_submit_directory"
LOG_LEVEL = "sagemaker_container_log_level"
JOB_NAME = "sagemaker_job_name"
REGION = "sagemaker_region"
S3_OUTPUT = "sagemaker_s3_output"
_OWN = frozenset(
    {
        PROGRAM,
        SUBMIT_DIRECTORY,
        LOG_LEVEL,
        JOB_NAME,
        REGION,
        S3_OUTPUT,
        "sagemaker_enable_cloudwatch_metrics",
        "default_user_module_name",
        "_tuning_objective_metric",
    }
)
"""Hyperparameters that are the SDK's and the tuner's own."""

_DISTRIBUTIONS = tuple(
    f"sagemaker_{name}_enabled"
    for name in (
        "mpi",
        "parameter_server",
        "distributed_dataparallel",
        "pytorch_ddp",
        "pytorch_xla_multi_worker",
        "multi_worker_mirrored_strategy",
        "torch_distributed",
    )
)


def base_dir() -> Path:
    """What the container's programs see as /opt/ml."""
    told = os.environ.get("SMSTUDIO_OPT_ML")
    if told:
        return Path(told)
    real = os.environ.get("SAGEMAKER_BASE_DIR")
    return Path(real) if real and not _is_bound(Path(real)) else OPT_ML


class Environment(Mapping[str, Any]):
    """A training job's facts: attributes, and the same as a mapping.

    Args:
        resource_config, input_data_config, hyperparameters: taken from `input/config/*.json` when not given.
        framework_module: `module:function` of the image's training program.
        base: folder that is /opt/ml.
    """

    def __init__(
        self,
        resource_config: dict[str, Any] | None = None,
        input_data_config: dict[str, Any] | None = None,
        hyperparameters: dict[str, Any] | None = None,
        *,
        framework_module: str | None = None,
        base: Path | None = None,
    ) -> None:
        root = base or base_dir()
        config = root / "input" / "config"
        resources = _read(config / "resourceconfig.json") if resource_config is None else resource_config
        channels = _read(config / "inputdataconfig.json") if input_data_config is None else input_data_config
        given = read_hyperparameters(config) if hyperparameters is None else hyperparameters
        own = {k: v for k, v in given.items() if k in _OWN or k.startswith(PREFIX)}
        program = os.environ.get("SAGEMAKER_PROGRAM") or own.get(PROGRAM)
        facts: dict[str, Any] = {
            "additional_framework_parameters": {k: v for k, v in own.items() if k not in _OWN},
            "channel_input_dirs": {name: str(root / "input" / "data" / name) for name in channels},
            "current_host": resources["current_host"],
            "current_instance_group": resources.get("current_group_name", "homogeneousCluster"),
            "current_instance_type": resources.get("current_instance_type", "local"),
            "framework_module": framework_module or os.environ.get("SAGEMAKER_TRAINING_MODULE"),
            "hosts": resources["hosts"],
            "hyperparameters": {k: v for k, v in given.items() if k not in own},
            "input_config_dir": str(config),
            "input_data_config": channels,
            "input_dir": str(root / "input"),
            "is_modelparallel_enabled": None,
            "is_smddpmprun_installed": False,
            "is_smddprun_installed": False,
            "job_name": os.environ.get("TRAINING_JOB_NAME") or own.get(JOB_NAME),
            "log_level": own.get(LOG_LEVEL, logging.INFO),
            "model_dir": str(root / "model"),
            "module_dir": str(own.get(SUBMIT_DIRECTORY, root / "code")),
            "module_name": module_name(None if program is None else str(program)),
            "network_interface_name": resources.get("network_interface_name", "eth0"),
            "num_cpus": _number("SM_NUM_CPUS", os.cpu_count() or 1),
            "num_gpus": _number("SM_NUM_GPUS", 0),
            "num_neurons": _number("SM_NUM_NEURONS", 0),
            "output_data_dir": str(root / "output" / "data"),
            "output_dir": str(root / "output"),
            "output_intermediate_dir": str(root / "output" / "intermediate"),
            "resource_config": resources,
            "topology": resources.get("topology", []),
            "user_entry_point": program,
        }
        facts.update(_groups(resources, facts))
        self._facts = dict(sorted(facts.items()))

    def __getattr__(self, name: str) -> Any:
        facts = self.__dict__.get("_facts", {})
        if name in facts:
            return facts[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __getitem__(self, name: str) -> Any:
        if name not in self._facts:
            raise KeyError(f"Trying to access non property {name}")
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def to_cmd_args(self) -> list[str]:
        """The script's arguments: `--name value`, in order of the names."""
        return to_cmd_args(self._facts["hyperparameters"])

    def to_env_vars(self) -> dict[str, str]:
        """The `SM_*` variables of the script."""
        facts = self._facts
        values: dict[str, Any] = {
            name: facts[name]
            for name in (
                "hosts",
                "network_interface_name",
                "user_entry_point",
                "resource_config",
                "input_data_config",
                "output_data_dir",
                "current_host",
                "current_instance_type",
                "current_instance_group",
                "current_instance_group_hosts",
                "instance_groups",
                "instance_groups_dict",
                "distribution_instance_groups",
                "is_hetero",
                "module_name",
                "log_level",
                "framework_module",
                "input_dir",
                "input_config_dir",
                "output_dir",
                "num_cpus",
                "num_gpus",
                "num_neurons",
                "model_dir",
                "module_dir",
                "output_intermediate_dir",
            )
        }
        values["hps"] = facts["hyperparameters"]
        values["framework_params"] = facts["additional_framework_parameters"]
        values["channels"] = sorted(facts["channel_input_dirs"])
        values["training_env"] = dict(self)
        values["user_args"] = self.to_cmd_args()
        for name, path in facts["channel_input_dirs"].items():
            values[f"channel_{name}"] = path
        for name, value in facts["hyperparameters"].items():
            values[f"hp_{name}"] = value
        return to_env_vars(values)


def _is_bound(real: Path) -> bool:
    try:
        return OPT_ML.samefile(real)
    except OSError:
        return False


def read_hyperparameters(config: Path | None = None) -> dict[str, Any]:
    """`hyperparameters.json` with each value read as JSON where it is JSON."""
    raw = _read((config or base_dir() / "input" / "config") / "hyperparameters.json")
    return {name: _value(value) for name, value in raw.items()}


def module_name(program: str | None) -> str | None:
    """The module that an entry point is: its name without `.py`."""
    if program and program.endswith(".py"):
        return program[:-3]
    return program


def to_cmd_args(mapping: Mapping[str, Any]) -> list[str]:
    """`{"a": 1, "bc": True}` as `["-a", "1", "--bc", "True"]`; mappings become `k=v,k=v`."""
    arguments: list[str] = []
    for name in sorted(mapping):
        value = mapping[name]
        arguments.append("" if not name else f"--{name}" if len(name) > 1 else f"-{name}")
        if isinstance(value, Mapping):
            arguments.append(",".join(f"{key}={item}" for key, item in sorted(value.items())))
        else:
            arguments.append(_text(value))
    return arguments


def to_env_vars(mapping: Mapping[str, Any]) -> dict[str, str]:
    """Names in capitals behind `SM_`; texts as they are, everything else as compact JSON with sorted keys."""
    values: dict[str, str] = {}
    for name, value in mapping.items():
        if value is None or isinstance(value, (str, bytes)):
            text = _text(value)
        else:
            text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        values[f"SM_{str(name).upper()}"] = text
    return values


def _groups(resources: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """Instance groups, and the hosts that distributed training runs on."""
    groups = resources.get("instance_groups") or []
    parameters = facts["additional_framework_parameters"]
    current = facts["current_instance_group"]
    chosen = parameters.get("sagemaker_distribution_instance_groups")
    if chosen is None:
        chosen = [current] if any(parameters.get(name) for name in _DISTRIBUTIONS) else []
    if groups:
        distributed = [
            h for group in groups if group["instance_group_name"] in chosen for h in group["hosts"]
        ]
    else:
        distributed = list(resources["hosts"])
    master = (distributed or resources["hosts"])[0]
    own: list[str] = next((g["hosts"] for g in groups if g["instance_group_name"] == current), [])
    return {
        "current_instance_group_hosts": own,
        "distribution_hosts": distributed,
        "distribution_instance_groups": chosen,
        "instance_groups": [group["instance_group_name"] for group in groups],
        "instance_groups_dict": {group["instance_group_name"]: group for group in groups},
        "is_hetero": len(groups) > 1,
        "is_master": resources["current_host"] == master,
        "master_hostname": master,
    }


def _value(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.decode("latin1") if isinstance(value, bytes) else str(value)


def _number(variable: str, default: int) -> int:
    try:
        return int(os.environ[variable])
    except (KeyError, ValueError):
        return default


def _read(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded
