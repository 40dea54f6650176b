"""The form of notebook instances: what it offers, creating one, changing one."""

from __future__ import annotations

import ipaddress
import json
import os
from datetime import datetime, timezone
from typing import Any

from smstudio_ext.studio.choices import instance_types
from smstudio_ext.studio.cost_consent import confirm_request
from smstudio_ext.studio.limits import shape_at, shape_problems, text_limit
from smstudio_ext.studio.models.base import Accepted
from smstudio_ext.studio.models.notebook_instances import (
    CreatedNotebookInstance,
    NotebookInstanceForm,
    NotebookOptions,
)
from smstudio_ext.studio.notebook_instances import ALLOWED_TAG, describe_notebook_instance
from smstudio_ext.studio.problems import BadInput, Conflict
from smstudio_ext.studio.training_request import given
from smstudio_ext.target import Target

Document = dict[str, Any]

_CREATE = "CreateNotebookInstanceInput"
_MOST_NAMED = 100
PLATFORMS = (
    "notebook-al2023-v1",
    "notebook-al2-v3",
    "notebook-al2-v2",
    "notebook-al2-v1",
    "notebook-al1-v1",
)
_FULL_ACCESS = "policy/AmazonSageMakerFullAccess"
_WITHOUT_MEANING = (
    "platform",
    "accelerator",
    "minimum_imds",
    "role_arn",
    "root_access",
    "kms_key",
    "subnet_id",
    "security_groups",
    "direct_internet",
    "volume_gb",
)
"""Fields that change nothing on this machine; the page says why."""
_FIELDS = {
    "NotebookInstanceName": "name",
    "InstanceType": "instance_type",
    "PlatformIdentifier": "platform",
    "AcceleratorTypes": "accelerator",
    "VolumeSizeInGB": "volume_gb",
    "LifecycleConfigName": "lifecycle_config",
    "RoleArn": "role_arn",
    "KmsKeyId": "kms_key",
    "SubnetId": "subnet_id",
    "SecurityGroupIds": "security_groups",
    "DefaultCodeRepository": "default_repository",
    "AdditionalCodeRepositories": "additional_repositories",
    "Tags": "tags",
    "Tags.Key": "tags",
    "Tags.Value": "tags",
}


def notebook_options(target: Target) -> NotebookOptions:
    """What the form offers: instance types, lifecycle configurations, repositories, limits."""
    from botocore.exceptions import ClientError

    sagemaker, local = target.client("sagemaker"), target.kind == "local"
    types = frozenset(shape_at(sagemaker, _CREATE, "InstanceType").metadata["enum"])
    newest = {"SortBy": "CreationTime", "SortOrder": "Descending", "MaxResults": _MOST_NAMED}
    try:
        configs = sagemaker.list_notebook_instance_lifecycle_configs(**newest)
        names = [
            each["NotebookInstanceLifecycleConfigName"]
            for each in configs["NotebookInstanceLifecycleConfigs"]
        ]
    except ClientError:
        names = []  # the user may not list them, or the target lacks the list: a name can be typed
    try:
        found = sagemaker.list_code_repositories(**newest).get("CodeRepositorySummaryList", [])
        repositories = [each["CodeRepositoryName"] for each in found]
    except ClientError:
        repositories = []
    volume = shape_at(sagemaker, _CREATE, "VolumeSizeInGB").metadata
    return NotebookOptions(
        local=local,
        instance_types=instance_types(types, os.cpu_count() if local else None),
        platforms=list(PLATFORMS),
        accelerators=list(shape_at(sagemaker, _CREATE, "AcceleratorTypes.[]").metadata["enum"]),
        lifecycle_configs=names,
        repositories=repositories,
        role_arn=target.role_arn(),
        name=text_limit(sagemaker, _CREATE, "NotebookInstanceName"),
        min_volume_gb=volume["min"],
        max_volume_gb=volume["max"],
        max_additional_repositories=shape_at(sagemaker, _CREATE, "AdditionalCodeRepositories").metadata[
            "max"
        ],
        without_meaning=list(_WITHOUT_MEANING) if local else [],
    )


def create_notebook_instance(target: Target, form: NotebookInstanceForm) -> CreatedNotebookInstance:
    """Checks the form, makes the role when asked to, and creates the instance.

    Raises:
        BadInput: with the fields that AWS would refuse.
        Conflict: the name is in use.
    """
    from botocore.exceptions import ClientError

    sagemaker = target.client("sagemaker")
    placeholder = "arn:aws:iam::000000000000:role/new" if form.new_role else form.role_arn
    request = create_request(form, placeholder)
    _check(target, "CreateNotebookInstance", request, form)
    try:
        sagemaker.describe_notebook_instance(NotebookInstanceName=form.name)
    except ClientError:
        pass  # not found; any other trouble shows in the create call itself
    else:
        raise Conflict(
            f"A notebook instance named {form.name!r} exists already.", hint="Choose another name."
        )
    confirm_request(target, "CreateNotebookInstance", request)
    if form.new_role:
        request["RoleArn"] = make_role(target, form)
    answer = sagemaker.create_notebook_instance(**request)
    return CreatedNotebookInstance(
        name=form.name, arn=answer["NotebookInstanceArn"], role_arn=request["RoleArn"]
    )


def update_notebook_instance(target: Target, name: str, form: NotebookInstanceForm) -> Accepted:
    """Changes settings of a stopped instance.

    Raises:
        BadInput: with the fields that AWS would refuse.
    """
    sagemaker = target.client("sagemaker")
    before = describe_notebook_instance(target, name)
    if form.new_role:
        form = form.model_copy(update={"role_arn": make_role(target, form), "new_role": False})
    request: Document = {
        "NotebookInstanceName": name,
        "InstanceType": form.instance_type,
        "VolumeSizeInGB": form.volume_gb,
        "RootAccess": _enabled(form.root_access),
        **given(
            RoleArn=form.role_arn,
            PlatformIdentifier=form.platform,
            LifecycleConfigName=form.lifecycle_config,
            DefaultCodeRepository=form.default_repository,
        ),
    }
    if form.minimum_imds:
        request["InstanceMetadataServiceConfiguration"] = _imds(form.minimum_imds)
    if form.additional_repositories:
        request["AdditionalCodeRepositories"] = form.additional_repositories
    if form.accelerator:
        request["AcceleratorTypes"] = [form.accelerator]
    for flag, had, has in (
        ("DisassociateLifecycleConfig", before.lifecycle_config, form.lifecycle_config),
        ("DisassociateDefaultCodeRepository", before.default_repository, form.default_repository),
        (
            "DisassociateAdditionalCodeRepositories",
            before.additional_repositories,
            form.additional_repositories,
        ),
        ("DisassociateAcceleratorTypes", before.accelerators, form.accelerator),
    ):
        if had and not has:
            request[flag] = True
    _check(target, "UpdateNotebookInstance", request, form)
    sagemaker.update_notebook_instance(**request)
    _set_tags(target, before.arn, {tag.key: tag.value for tag in before.tags}, before.allowed_ips, form)
    return Accepted(name=name)


def create_request(form: NotebookInstanceForm, role: str | None) -> Document:
    """The `CreateNotebookInstance` request of a form."""
    request: Document = {
        "NotebookInstanceName": form.name,
        "InstanceType": form.instance_type,
        "RoleArn": role or "",
        "VolumeSizeInGB": form.volume_gb,
        "RootAccess": _enabled(form.root_access),
        "DirectInternetAccess": _enabled(form.direct_internet),
        **given(
            PlatformIdentifier=form.platform,
            LifecycleConfigName=form.lifecycle_config,
            KmsKeyId=form.kms_key,
            SubnetId=form.subnet_id,
            DefaultCodeRepository=form.default_repository,
        ),
    }
    if form.minimum_imds:
        request["InstanceMetadataServiceConfiguration"] = _imds(form.minimum_imds)
    if form.security_groups:
        request["SecurityGroupIds"] = form.security_groups
    if form.additional_repositories:
        request["AdditionalCodeRepositories"] = form.additional_repositories
    if form.accelerator:
        request["AcceleratorTypes"] = [form.accelerator]
    tags = [{"Key": tag.key, "Value": tag.value} for tag in form.tags]
    if (form.allowed_ips or "").strip():
        tags.append({"Key": ALLOWED_TAG, "Value": " ".join((form.allowed_ips or "").split())})
    if tags:
        request["Tags"] = tags
    return request


def make_role(target: Target, form: NotebookInstanceForm) -> str:
    """Makes the role that AWS's console makes: taken by SageMaker, full access to SageMaker, and to the chosen buckets.

    Returns:
        Its ARN.
    """
    iam = target.client("iam")
    stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    name = f"AmazonSageMaker-ExecutionRole-{stamp}"
    role = iam.create_role(
        RoleName=name,
        Path="/service-role/",
        AssumeRolePolicyDocument=json.dumps(trust),
        Description="SageMaker execution role created by smstudio_ext",
    )["Role"]
    arn: str = role["Arn"]
    partition = arn.split(":")[1]
    iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:{partition}:iam::aws:{_FULL_ACCESS}")
    if form.role_buckets != "none":
        names = ["*"] if form.role_buckets == "any" else form.bucket_names
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["s3:ListBucket"],
                    "Resource": [f"arn:{partition}:s3:::{bucket}" for bucket in names],
                },
                {
                    "Effect": "Allow",
                    "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                    "Resource": [f"arn:{partition}:s3:::{bucket}/*" for bucket in names],
                },
            ],
        }
        iam.put_role_policy(
            RoleName=name,
            PolicyName=f"AmazonSageMaker-ExecutionPolicy-{stamp}",
            PolicyDocument=json.dumps(policy),
        )
    return arn


def _set_tags(
    target: Target, arn: str, before: dict[str, str], allowed: list[str], form: NotebookInstanceForm
) -> None:
    wanted = {tag.key: tag.value for tag in form.tags}
    if (form.allowed_ips or "").split():
        wanted[ALLOWED_TAG] = " ".join((form.allowed_ips or "").split())
    had = {**before, **({ALLOWED_TAG: " ".join(allowed)} if allowed else {})}
    sagemaker = target.client("sagemaker")
    if set(had) - set(wanted):
        sagemaker.delete_tags(ResourceArn=arn, TagKeys=sorted(set(had) - set(wanted)))
    changed = [{"Key": key, "Value": value} for key, value in wanted.items() if had.get(key) != value]
    if changed:
        sagemaker.add_tags(ResourceArn=arn, Tags=changed)


def _check(target: Target, operation: str, request: Document, form: NotebookInstanceForm) -> None:
    shape = target.client("sagemaker").meta.service_model.operation_model(operation).input_shape
    problems = [(_FIELDS.get(path, path), text) for path, text in shape_problems(shape, request)]
    if form.new_role and form.role_buckets == "specific" and not form.bucket_names:
        problems.append(("bucket_names", "is required"))
    if not form.direct_internet and not form.subnet_id and operation.startswith("Create"):
        problems.append(("subnet_id", "is required without direct internet access"))
    for text in (form.allowed_ips or "").split():
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError:
            problems.append(("allowed_ips", f"{text[:60]!r} is no address and no network such as 10.0.0.0/8"))
    if problems:
        unique = list(dict.fromkeys(problems))
        raise BadInput("; ".join(f"{field}: {text}" for field, text in unique), fields=unique)


def _enabled(value: bool) -> str:
    return "Enabled" if value else "Disabled"


def _imds(version: str) -> Document:
    return {"MinimumInstanceMetadataServiceVersion": version}
