"""Python code that does what a form does: boto3, SageMaker SDK 2 and SageMaker SDK 3."""

from __future__ import annotations

import json
import re
from typing import Any

from smstudio_ext.studio.algorithms import sdk_class
from smstudio_ext.studio.models.training_form import TrainingChannel, TrainingForm

Document = dict[str, Any]

_WIDTH = 88
_INTERNAL = "sagemaker_"


class Call:
    """A call to be printed as an argument, e.g. `TrainingInput("s3://...", content_type="text/csv")`."""

    def __init__(self, name: str, /, *positional: Any, **named: Any) -> None:
        self.name = name
        self.positional = positional
        self.named = {key: value for key, value in named.items() if value not in (None, {}, [], "")}


class Expression:
    """A Python expression that is printed as it is."""

    def __init__(self, text: str) -> None:
        self.text = text


def boto3_code(operation: str, request: Document, region: str, *, service: str = "sagemaker") -> str:
    """A script that sends the request; `operation` is the client's method."""
    call = literal(Call(f"{service.replace('-', '_')}.{operation}", **request))
    return f'import boto3\n\n{service.replace("-", "_")} = boto3.client("{service}", region_name="{region}")\n{call}\n'


def sdk2_code(form: TrainingForm, request: Document) -> str:
    """A script for the SageMaker SDK 2 (estimators)."""
    estimator, imports = _estimator(form, request)
    inputs = {channel.name: _training_input(channel) for channel in form.channels}
    lines = [*imports, "from sagemaker.inputs import TrainingInput" if inputs else ""]
    head = "\n".join(line for line in lines if line)
    fit = literal(Call("estimator.fit", *([inputs] if inputs else []), job_name=form.name))
    return f"{head}\n\nestimator = {literal(estimator)}\n{_left_out(form)}{fit}\n"


def estimator_code(form: TrainingForm, request: Document) -> tuple[list[str], str]:
    """Import lines of SDK 2 and the expression that makes the estimator."""
    estimator, imports = _estimator(form, request)
    return imports, f"estimator = {literal(estimator)}\n{_left_out(form)}"


def input_literals(form: TrainingForm) -> dict[str, Call]:
    """The channels as SDK 2 takes them."""
    return {channel.name: _training_input(channel) for channel in form.channels}


def sdk3_code(form: TrainingForm, request: Document) -> str:
    """A script for the SageMaker SDK 3 (ModelTrainer)."""
    stopping = request.get("StoppingCondition", {})
    names = ["Compute", "OutputDataConfig"]
    arguments: Document = {
        "training_image": request["AlgorithmSpecification"]["TrainingImage"],
        "role": request["RoleArn"],
        "base_job_name": form.name,
        "compute": Call(
            "Compute",
            instance_type=form.instance_type,
            instance_count=form.instance_count,
            volume_size_in_gb=form.volume_gb,
            enable_managed_spot_training=True if form.spot else None,
        ),
        "output_data_config": Call(
            "OutputDataConfig", s3_output_path=request["OutputDataConfig"]["S3OutputPath"]
        ),
    }
    if form.source == "script" and form.script is not None:
        names.append("SourceCode")
        folder, entry = _script_parts(form)
        arguments["source_code"] = Call("SourceCode", source_dir=folder, entry_script=entry)
    if stopping:
        names.append("StoppingCondition")
        arguments["stopping_condition"] = Call(
            "StoppingCondition",
            max_runtime_in_seconds=stopping.get("MaxRuntimeInSeconds"),
            max_wait_time_in_seconds=stopping.get("MaxWaitTimeInSeconds"),
        )
    if form.checkpoint_s3_uri:
        names.append("CheckpointConfig")
        arguments["checkpoint_config"] = Call("CheckpointConfig", s3_uri=form.checkpoint_s3_uri)
    arguments["hyperparameters"] = _own_parameters(form)
    arguments["environment"] = form.environment
    arguments["training_input_mode"] = form.input_mode if form.input_mode != "File" else None
    if form.tags:
        names.append("Tag")
        arguments["tags"] = [Call("Tag", key=tag.key, value=tag.value) for tag in form.tags]
    if form.metric_definitions:
        names.append("MetricDefinition")
    channels = [_channel3(channel, names) for channel in form.channels]
    train = Call("trainer.train", **({"input_data_config": channels} if channels else {}))
    imports = f"from sagemaker.train import ModelTrainer\n{_import('sagemaker.core.training.configs', sorted(set(names)))}"
    lines = [f"trainer = {literal(Call('ModelTrainer', **arguments))}"]
    if form.metric_definitions:
        made = [
            Call("MetricDefinition", name=each.name, regex=each.regex) for each in form.metric_definitions
        ]
        lines.append(literal(Call("trainer.with_metric_definitions", made)))
    lines.append(f"{_left_out(form)}{literal(train)}")
    return f"{imports}\n\n" + "\n".join(lines) + "\n"


def literal(value: Any, indent: int = 0) -> str:
    """A value as Python text, broken into lines where it is long."""
    flat = _flat(value)
    if len(flat) + indent <= _WIDTH and "\n" not in flat:
        return flat
    pad, end = " " * (indent + 4), " " * indent
    if isinstance(value, dict):
        rows = [f"{pad}{_flat(key)}: {literal(inner, indent + 4)},\n" for key, inner in value.items()]
        return "{\n" + "".join(rows) + end + "}"
    if isinstance(value, (list, tuple)):
        return "[\n" + "".join(f"{pad}{literal(inner, indent + 4)},\n" for inner in value) + end + "]"
    if isinstance(value, Call):
        rows = [f"{pad}{literal(inner, indent + 4)},\n" for inner in value.positional]
        rows += [f"{pad}{key}={literal(inner, indent + 4)},\n" for key, inner in value.named.items()]
        return f"{value.name}(\n" + "".join(rows) + end + ")"
    return flat


def _flat(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flat(key)}: {_flat(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_flat(inner) for inner in value) + "]"
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, Call):
        parts = [_flat(inner) for inner in value.positional]
        parts += [f"{key}={_flat(inner)}" for key, inner in value.named.items()]
        return f"{value.name}({', '.join(parts)})"
    return repr(value)


def _estimator(form: TrainingForm, request: Document) -> tuple[Call, list[str]]:
    stopping = request.get("StoppingCondition", {})
    arguments: Document = {
        "role": request["RoleArn"],
        "instance_count": form.instance_count,
        "instance_type": form.instance_type,
        "volume_size": form.volume_gb,
        "max_run": stopping.get("MaxRuntimeInSeconds"),
        "input_mode": form.input_mode if form.input_mode != "File" else None,
        "output_path": request["OutputDataConfig"]["S3OutputPath"],
        "hyperparameters": _own_parameters(form),
        "metric_definitions": [{"Name": each.name, "Regex": each.regex} for each in form.metric_definitions],
        "environment": form.environment,
        "use_spot_instances": True if form.spot else None,
        "max_wait": stopping.get("MaxWaitTimeInSeconds"),
        "checkpoint_s3_uri": form.checkpoint_s3_uri,
        "enable_network_isolation": True if form.network_isolation else None,
        "tags": [{"Key": tag.key, "Value": tag.value} for tag in form.tags],
    }
    image = request["AlgorithmSpecification"]["TrainingImage"]
    if form.source != "script" or form.script is None:
        return Call("Estimator", image_uri=image, **arguments), ["from sagemaker.estimator import Estimator"]
    folder, entry = _script_parts(form)
    own = {"entry_point": entry, "source_dir": folder}
    name = sdk_class(form.framework)
    if name is None or form.image:
        return Call("Estimator", image_uri=image, **own, **arguments), [
            "from sagemaker.estimator import Estimator"
        ]
    python = re.search(r"-(py\d+)$", image)
    versions = {
        "framework_version": form.version or image.rpartition(":")[2].split("-cpu")[0],
        "py_version": python[1] if python else "py3",
    }
    return Call(name, **own, **versions, **arguments), [f"from sagemaker.{form.framework} import {name}"]


def _script_parts(form: TrainingForm) -> tuple[str | None, str | None]:
    """Folder (or archive) and program of a script."""
    script = form.script
    if script is None:
        return None, None
    if script.s3_uri:
        return script.s3_uri, script.entry_point
    folder, _, file = (script.path or "").strip("/").rpartition("/")
    if script.entry_point and script.entry_point != file:
        return (script.path or "").strip("/"), script.entry_point
    return folder or ".", file


def _own_parameters(form: TrainingForm) -> dict[str, str]:
    return {
        name: value
        for name, value in form.hyperparameters.items()
        if value != "" and not name.startswith(_INTERNAL)
    }


def _training_input(channel: TrainingChannel) -> Call:
    return Call(
        "TrainingInput",
        channel.s3_uri,
        s3_data_type=channel.data_type if channel.data_type != "S3Prefix" else None,
        distribution=channel.distribution if channel.distribution != "FullyReplicated" else None,
        content_type=channel.content_type,
        compression=channel.compression if channel.compression != "None" else None,
        record_wrapping=channel.record_wrapper if channel.record_wrapper != "None" else None,
        input_mode=channel.input_mode,
        attribute_names=channel.attribute_names,
    )


def _channel3(channel: TrainingChannel, names: list[str]) -> Call:
    """A channel of SDK 3: the short form holds what it can, else AWS's own structure."""
    plain = TrainingChannel(name=channel.name, s3_uri=channel.s3_uri, content_type=channel.content_type)
    if channel == plain:
        names.append("InputData")
        return Call(
            "InputData",
            channel_name=channel.name,
            data_source=channel.s3_uri,
            content_type=channel.content_type,
        )
    names += ["Channel", "DataSource", "S3DataSource"]
    source = Call(
        "S3DataSource",
        s3_data_type=channel.data_type,
        s3_uri=channel.s3_uri,
        s3_data_distribution_type=channel.distribution,
        attribute_names=channel.attribute_names,
    )
    return Call(
        "Channel",
        channel_name=channel.name,
        data_source=Call("DataSource", s3_data_source=source),
        content_type=channel.content_type,
        compression_type=channel.compression if channel.compression != "None" else None,
        record_wrapper_type=channel.record_wrapper if channel.record_wrapper != "None" else None,
        input_mode=channel.input_mode,
    )


def _import(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= _WIDTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _left_out(form: TrainingForm) -> str:
    return f"# Not in this script, but in the request: {', '.join(form.further)}\n" if form.further else ""
