"""What AWS, or the algorithm, would refuse in a training form: found before anything is sent."""

from __future__ import annotations

import re
from typing import Any

from smstudio_ext.studio.algorithms import catalogue, hyperparameters_of
from smstudio_ext.studio.limits import shape_at, shape_problems
from smstudio_ext.studio.models.training_form import Hyperparameter, TrainingForm
from smstudio_ext.studio.training_request import channel_request

Problems = list[tuple[str, str]]

_FIELDS = {
    "TrainingJobName": "name",
    "AlgorithmSpecification.TrainingImage": "image",
    "AlgorithmSpecification.TrainingInputMode": "input_mode",
    "AlgorithmSpecification.MetricDefinitions": "metric_definitions",
    "AlgorithmSpecification.MetricDefinitions.Name": "metric_definitions",
    "AlgorithmSpecification.MetricDefinitions.Regex": "metric_definitions",
    "RoleArn": "role_arn",
    "InputDataConfig": "channels",
    "OutputDataConfig.S3OutputPath": "output_s3_uri",
    "ResourceConfig.InstanceType": "instance_type",
    "ResourceConfig.InstanceCount": "instance_count",
    "ResourceConfig.VolumeSizeInGB": "volume_gb",
    "StoppingCondition.MaxRuntimeInSeconds": "max_runtime_seconds",
    "StoppingCondition.MaxWaitTimeInSeconds": "max_wait_seconds",
    "CheckpointConfig.S3Uri": "checkpoint_s3_uri",
    "HyperParameters": "hyperparameters",
    "Environment": "environment",
    "Tags": "tags",
    "Tags.Key": "tags",
    "Tags.Value": "tags",
}
_CHANNEL_FIELDS = {
    "ChannelName": "name",
    "DataSource.S3DataSource.S3Uri": "s3_uri",
    "ContentType": "content_type",
    "DataSource.S3DataSource.AttributeNames": "attribute_names",
}


def form_problems(
    sagemaker: Any, form: TrainingForm, request: dict[str, Any], *, tuned: bool = False
) -> Problems:
    """Every problem of a form as (field, text).

    Args:
        request: the form's request.
        tuned: the form is what a tuning job tries: it has no name, and required hyperparameters may be tuned ones.
    """
    shape = sagemaker.meta.service_model.operation_model("CreateTrainingJob").input_shape
    checked = {key: value for key, value in request.items() if key != "InputDataConfig"}
    if tuned:
        checked["TrainingJobName"] = "tuned"
    found: Problems = [(_field(path), text) for path, text in shape_problems(shape, checked)]
    for index, channel in enumerate(form.channels):
        for path, text in shape_problems(shape_at(sagemaker, "Channel"), channel_request(channel)):
            found.append((f"channels.{index}.{_CHANNEL_FIELDS.get(path, path)}", text))
    if len(form.channels) > shape.members["InputDataConfig"].metadata.get("max", 20):
        found.append(("channels", "has too many entries; at most 20 are allowed"))
    found += _source_problems(form) + _channel_problems(form) + _other_problems(form)
    if form.source == "algorithm":
        found += hyperparameter_problems(form, complete=not tuned)
    if form.source == "image" and not request["AlgorithmSpecification"]["TrainingImage"]:
        found = [each for each in found if each[0] != "image"] + [("image", "is required")]
    return list(dict.fromkeys(found))


def hyperparameter_problems(form: TrainingForm, *, complete: bool) -> Problems:
    """What the algorithm would refuse in the hyperparameters.

    Args:
        complete: required ones must be there.
    """
    known = {each.name: each for each in hyperparameters_of(form.algorithm or "")}
    if not known:
        return []
    found: Problems = []
    for name, value in form.hyperparameters.items():
        if value == "" or name.startswith(("sagemaker_", "_")):
            continue
        if name not in known:
            found.append((f"hyperparameters.{name}", "is no hyperparameter of this algorithm"))
        elif problem := value_problem(known[name], value):
            found.append((f"hyperparameters.{name}", problem))
    for name, declared in known.items():
        if complete and declared.required and not form.hyperparameters.get(name):
            found.append((f"hyperparameters.{name}", "is required"))
    return found


def value_problem(declared: Hyperparameter, value: str) -> str | None:
    """What is wrong with a hyperparameter's value; none when it will do."""
    text = value.strip()
    if text == declared.default:
        return None
    if declared.kind in ("integer", "number"):
        try:
            number = float(text)
        except ValueError:
            return "must be a whole number" if declared.kind == "integer" else "must be a number"
        if number != number or (declared.kind == "integer" and number != int(number)):
            return "must be a whole number" if declared.kind == "integer" else "must be a number"
        low, high = declared.min, declared.max
        if (low is not None and number < low) or (high is not None and number > high):
            return (
                f"must be between {low:g} and {high:g}" if None not in (low, high) else _one_side(low, high)
            )
    elif declared.kind == "choice" and text not in declared.choices:
        return f"must be one of {', '.join(declared.choices)}"
    elif declared.kind == "boolean" and text.lower() not in ("true", "false", "0", "1"):
        return "must be true or false"
    return None


def _one_side(low: float | None, high: float | None) -> str:
    return f"must be at least {low:g}" if low is not None else f"must be at most {high:g}"


def _field(path: str) -> str:
    if path in _FIELDS:
        return _FIELDS[path]
    head, _, rest = path.partition(".")
    if head in ("HyperParameters", "Environment"):
        return f"{_FIELDS[head]}.{rest}"
    return f"further.{path}"


def _source_problems(form: TrainingForm) -> Problems:
    if form.source == "algorithm":
        if not form.algorithm:
            return [("algorithm", "is required")]
        if form.algorithm not in catalogue():
            return [("algorithm", f"{form.algorithm!r} is not in the catalogue")]
        return []
    if form.source == "image":
        return []
    found: Problems = []
    if not form.framework and not form.image:
        found.append(("framework", "is required"))
    script = form.script
    if script is None or not (script.path or script.s3_uri):
        found.append(("script.path", "is required"))
    elif script.path and script.s3_uri:
        found.append(("script.path", "cannot be given together with an archive in S3"))
    elif script.s3_uri and not script.entry_point:
        found.append(("script.entry_point", "is required for an archive in S3"))
    return found


def _channel_problems(form: TrainingForm) -> Problems:
    found: Problems = []
    names = [channel.name for channel in form.channels]
    for index, channel in enumerate(form.channels):
        if channel.name and names.index(channel.name) != index:
            found.append((f"channels.{index}.name", f"{channel.name!r} is used twice"))
        if channel.s3_uri and not re.fullmatch(
            r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?", channel.s3_uri
        ):
            found.append((f"channels.{index}.s3_uri", "must look like s3://bucket/path"))
        if channel.data_type == "AugmentedManifestFile" and not channel.attribute_names:
            found.append((f"channels.{index}.attribute_names", "are needed for an augmented manifest"))
    if form.source == "algorithm" and form.algorithm in catalogue():
        for wanted in catalogue()[form.algorithm]["channels"]:
            if wanted["required"] and wanted["name"] not in names:
                found.append(("channels", f"this algorithm needs a channel {wanted['name']!r}"))
    return found


def _other_problems(form: TrainingForm) -> Problems:
    found: Problems = []
    if form.instance_count < 1:
        found.append(("instance_count", "must be at least 1"))
    if form.volume_gb < 1:
        found.append(("volume_gb", "must be at least 1"))
    if form.spot and form.max_wait_seconds and form.max_wait_seconds < (form.max_runtime_seconds or 0):
        found.append(("max_wait_seconds", "must not be less than the maximum runtime"))
    names = [each.name for each in form.metric_definitions]
    for each in form.metric_definitions:
        try:
            groups = re.compile(each.regex).groups
        except re.error as error:
            found.append(("metric_definitions", f"{each.name}: the expression is not valid: {error}"))
            continue
        if groups < 1:
            found.append(
                ("metric_definitions", f"{each.name}: the expression needs a group (…) around the value")
            )
    if len(set(names)) < len(names):
        found.append(("metric_definitions", "each name may be used once"))
    keys = [tag.key for tag in form.tags]
    if len(set(keys)) < len(keys):
        found.append(("tags", "each key may be used once"))
    return found
