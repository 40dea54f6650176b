"""Lifecycle configurations of notebook instances over boto3; scripts are plain text here and base64 at the wire."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from smstudio_ext.studio.limits import shape_at, shape_problems
from smstudio_ext.studio.listing import list_request
from smstudio_ext.studio.models.base import Accepted
from smstudio_ext.studio.models.notebook_instances import (
    ListNotebookLifecycleConfigs,
    NotebookLifecycleConfig,
    NotebookLifecycleConfigForm,
    NotebookLifecycleConfigPage,
    NotebookLifecycleConfigSummary,
)
from smstudio_ext.studio.problems import BadInput, Missing
from smstudio_ext.target import Target

Document = dict[str, Any]

_NAME = "NotebookInstanceLifecycleConfigName"
_MOST_LOOKED_AT = 100


def list_lifecycle_configs(
    target: Target, query: ListNotebookLifecycleConfigs
) -> NotebookLifecycleConfigPage:
    """One page of the list."""
    request = list_request(query)
    if request is None:
        return NotebookLifecycleConfigPage(items=[], next_token=None)
    answer = target.client("sagemaker").list_notebook_instance_lifecycle_configs(**request)
    return NotebookLifecycleConfigPage(
        items=[
            NotebookLifecycleConfigSummary(
                name=item[_NAME],
                arn=item["NotebookInstanceLifecycleConfigArn"],
                created=item["CreationTime"],
                modified=item.get("LastModifiedTime") or item["CreationTime"],
            )
            for item in answer.get("NotebookInstanceLifecycleConfigs", [])
        ],
        next_token=answer.get("NextToken"),
    )


def describe_lifecycle_config(target: Target, name: str) -> NotebookLifecycleConfig:
    """A lifecycle configuration with its scripts, and the instances that run it.

    Raises:
        Missing: there is none of that name.
    """
    from botocore.exceptions import ClientError

    sagemaker = target.client("sagemaker")
    try:
        found = sagemaker.describe_notebook_instance_lifecycle_config(**{_NAME: name})
    except ClientError as error:
        if "does not exist" in error.response["Error"].get("Message", ""):
            raise Missing(f"There is no lifecycle configuration named {name!r}.") from error
        raise
    instances = sagemaker.list_notebook_instances(
        NotebookInstanceLifecycleConfigNameContains=name, MaxResults=_MOST_LOOKED_AT
    )
    return NotebookLifecycleConfig(
        name=name,
        arn=found["NotebookInstanceLifecycleConfigArn"],
        created=found["CreationTime"],
        modified=found.get("LastModifiedTime") or found["CreationTime"],
        on_create=_text(found.get("OnCreate")),
        on_start=_text(found.get("OnStart")),
        used_by=[
            item["NotebookInstanceName"]
            for item in instances.get("NotebookInstances", [])
            if item.get(_NAME) == name
        ],
    )


def create_lifecycle_config(target: Target, form: NotebookLifecycleConfigForm) -> Accepted:
    """Creates one.

    Raises:
        BadInput: with the fields that AWS would refuse.
    """
    target.client("sagemaker").create_notebook_instance_lifecycle_config(**_request(target, form, "Create"))
    return Accepted(name=form.name)


def update_lifecycle_config(target: Target, name: str, form: NotebookLifecycleConfigForm) -> Accepted:
    """Changes the scripts; instances run them at their next start.

    Raises:
        BadInput: with the fields that AWS would refuse.
    """
    request = _request(target, form.model_copy(update={"name": name}), "Update")
    target.client("sagemaker").update_notebook_instance_lifecycle_config(**request)
    return Accepted(name=name)


def delete_lifecycle_config(target: Target, name: str) -> Accepted:
    """Deletes it."""
    target.client("sagemaker").delete_notebook_instance_lifecycle_config(**{_NAME: name})
    return Accepted(name=name)


def _request(target: Target, form: NotebookLifecycleConfigForm, verb: str) -> Document:
    sagemaker = target.client("sagemaker")
    request: Document = {
        _NAME: form.name,
        # an empty list takes a script away
        "OnCreate": _script(form.on_create),
        "OnStart": _script(form.on_start),
    }
    if verb == "Create":
        request = {key: value for key, value in request.items() if value}
    operation = f"{verb}NotebookInstanceLifecycleConfig"
    shape = sagemaker.meta.service_model.operation_model(operation).input_shape
    fields = {_NAME: "name"}
    problems = [(fields.get(path, path), text) for path, text in shape_problems(shape, request)]
    most = shape_at(sagemaker, "NotebookInstanceLifecycleConfigContent").metadata["max"]
    problems = [each for each in problems if each[0] == "name"]
    for field, text in (("on_create", form.on_create), ("on_start", form.on_start)):
        size = len(base64.b64encode(text.encode()))
        if size > most:
            problems.append((field, f"has {size} characters as base64; at most {most} are allowed"))
    if not form.on_create.strip() and not form.on_start.strip():
        problems.append(("on_start", "write at least one of the two scripts"))
    if not form.name:
        problems.append(("name", "is required"))
    if problems:
        unique = list(dict.fromkeys(problems))
        raise BadInput("; ".join(f"{field}: {text}" for field, text in unique), fields=unique)
    return request


def _script(text: str) -> list[Document]:
    # Windows line endings would break the first line of a script
    content = text.replace("\r\n", "\n")
    return [{"Content": base64.b64encode(content.encode()).decode()}] if content.strip() else []


def _text(scripts: list[Document] | None) -> str:
    content = next((script.get("Content", "") for script in scripts or []), "")
    try:
        return base64.b64decode(content, validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return str(content)
