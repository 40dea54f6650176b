"""Roles that can be the execution role of new jobs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from smstudio_ext.aws.advice import permission_hint
from smstudio_ext.studio.models.aws_sessions import ExecutionRole, ExecutionRoles

if TYPE_CHECKING:
    from smstudio_ext.target import Target

_TRUSTED = "sagemaker.amazonaws.com"
_MOST_PAGES = 10
_PAGE_SIZE = 1000


def list_execution_roles(target: Target) -> ExecutionRoles:
    """Roles whose trust policy lets SageMaker take them, by name; a message instead when IAM may not be asked."""
    from botocore.exceptions import ClientError

    if target.kind == "local":
        arn = target.role_arn() or ""
        return ExecutionRoles(items=[ExecutionRole(name=arn.rpartition("/")[2], arn=arn)])
    pages = (
        target.client("iam")
        .get_paginator("list_roles")
        .paginate(PaginationConfig={"PageSize": _PAGE_SIZE, "MaxItems": _PAGE_SIZE * _MOST_PAGES})
    )
    try:
        roles = [role for page in pages for role in page["Roles"]]
    except ClientError as error:
        found = error.response.get("Error", {})
        if not str(found.get("Code", "")).startswith("AccessDenied"):
            raise
        hint = permission_hint(str(found.get("Message", "")), "iam:ListRoles")
        return ExecutionRoles(items=[], message=f"The roles of the account cannot be listed. {hint}")
    items = [
        ExecutionRole(name=role["RoleName"], arn=role["Arn"])
        for role in roles
        if _TRUSTED in json.dumps(role.get("AssumeRolePolicyDocument", {}))
    ]
    return ExecutionRoles(items=sorted(items, key=lambda role: role.name.lower()))
