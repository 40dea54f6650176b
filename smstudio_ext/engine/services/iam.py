"""IAM as far as SDKs and tutorials use it: roles and policies are kept, and everything is allowed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from smstudio_ext.engine.arns import partition
from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.services.registry import operation
from smstudio_ext.engine.settings import ACCOUNT_ID, EXECUTION_ROLE

ROLES = "iam-role"
POLICIES = "iam-policy"

Document = dict[str, Any]


def _missing(kind: str, name: str) -> AwsError:
    return AwsError(f"The {kind} with name {name} cannot be found.", code="NoSuchEntity", status=404)


@operation("iam", "CreateRole")
def create_role(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Keeps a role."""
    name = request["RoleName"]
    _check_policy(request["AssumeRolePolicyDocument"])
    if ctx.store.documents.get(ROLES, name) is not None:
        raise AwsError(f"Role with name {name} already exists.", code="EntityAlreadyExists", status=409)
    role = _new_role(ctx, call, name, request.get("Path", "/"), request["AssumeRolePolicyDocument"])
    role["Role"].update(
        Description=request.get("Description"),
        MaxSessionDuration=request.get("MaxSessionDuration", 3600),
        Tags=request.get("Tags", []),
    )
    ctx.store.documents.put(ROLES, name, role)
    return {"Role": _shown(role)}


@operation("iam", "GetRole")
def get_role(ctx: EngineContext, call: Call, request: Document) -> Document:
    """The role; one that was never made is answered as if it had been, since every role may be used here."""
    return {"Role": _shown(_role(ctx, call, request["RoleName"]))}


@operation("iam", "ListRoles")
def list_roles(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Kept roles and the one that callers have."""
    roles = {role["Role"]["RoleName"]: role for role in ctx.store.documents.all(ROLES)}
    roles.setdefault(EXECUTION_ROLE, _role(ctx, call, EXECUTION_ROLE))
    prefix = request.get("PathPrefix", "/")
    shown = [_shown(roles[name]) for name in sorted(roles) if roles[name]["Role"]["Path"].startswith(prefix)]
    return _paged("Roles", shown, request)


@operation("iam", "DeleteRole")
def delete_role(ctx: EngineContext, call: Call, request: Document) -> None:
    """Takes a role away; it must hold no policies."""
    role = ctx.store.documents.get(ROLES, request["RoleName"])
    if role is None:
        raise _missing("role", request["RoleName"])
    if role["Attached"] or role["Inline"]:
        what = "detach all" if role["Attached"] else "delete"
        raise AwsError(
            f"Cannot delete entity, must {what} policies first.", code="DeleteConflict", status=409
        )
    ctx.store.documents.delete(ROLES, request["RoleName"])


@operation("iam", "UpdateRole")
def update_role(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Changes description and session length."""

    def edit(role: Document) -> None:
        for member in ("Description", "MaxSessionDuration"):
            if member in request:
                role["Role"][member] = request[member]

    _edit_role(ctx, call, request["RoleName"], edit)
    return {}


@operation("iam", "UpdateAssumeRolePolicy")
def update_assume_role_policy(ctx: EngineContext, call: Call, request: Document) -> None:
    """Changes who may assume the role."""
    _check_policy(request["PolicyDocument"])
    _edit_role(
        ctx,
        call,
        request["RoleName"],
        lambda role: role["Role"].update(AssumeRolePolicyDocument=request["PolicyDocument"]),
    )


@operation("iam", "TagRole")
def tag_role(ctx: EngineContext, call: Call, request: Document) -> None:
    """Adds tags."""

    def edit(role: Document) -> None:
        tags = {tag["Key"]: tag for tag in [*role["Role"].get("Tags", []), *request["Tags"]]}
        role["Role"]["Tags"] = list(tags.values())

    _edit_role(ctx, call, request["RoleName"], edit)


@operation("iam", "UntagRole")
def untag_role(ctx: EngineContext, call: Call, request: Document) -> None:
    """Takes tags away."""

    def edit(role: Document) -> None:
        role["Role"]["Tags"] = [
            tag for tag in role["Role"].get("Tags", []) if tag["Key"] not in request["TagKeys"]
        ]

    _edit_role(ctx, call, request["RoleName"], edit)


@operation("iam", "ListRoleTags")
def list_role_tags(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Tags of a role."""
    return _paged("Tags", _role(ctx, call, request["RoleName"])["Role"].get("Tags", []), request)


@operation("iam", "AttachRolePolicy")
def attach_role_policy(ctx: EngineContext, call: Call, request: Document) -> None:
    """Attaches a managed policy, AWS's or one of this account."""
    arn = request["PolicyArn"]
    if f"::{ACCOUNT_ID}:" in arn and ctx.store.documents.get(POLICIES, arn) is None:
        raise AwsError(f"Policy {arn} does not exist or is not attachable.", code="NoSuchEntity", status=404)

    def edit(role: Document) -> None:
        if arn not in role["Attached"]:
            role["Attached"].append(arn)

    _edit_role(ctx, call, request["RoleName"], edit)


@operation("iam", "DetachRolePolicy")
def detach_role_policy(ctx: EngineContext, call: Call, request: Document) -> None:
    """Detaches a managed policy."""
    arn = request["PolicyArn"]

    def edit(role: Document) -> None:
        if arn not in role["Attached"]:
            raise AwsError(f"Policy {arn} was not found.", code="NoSuchEntity", status=404)
        role["Attached"].remove(arn)

    _edit_role(ctx, call, request["RoleName"], edit)


@operation("iam", "ListAttachedRolePolicies")
def list_attached_role_policies(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Managed policies of a role; the callers' own role has full access."""
    role = _role(ctx, call, request["RoleName"])
    arns = role["Attached"] or (
        [f"arn:{partition(call.region)}:iam::aws:policy/AmazonSageMakerFullAccess"]
        if not role["Kept"]
        else []
    )
    policies = [{"PolicyName": arn.rsplit("/", 1)[-1], "PolicyArn": arn} for arn in arns]
    return _paged("AttachedPolicies", policies, request)


@operation("iam", "PutRolePolicy")
def put_role_policy(ctx: EngineContext, call: Call, request: Document) -> None:
    """Keeps an inline policy."""
    _check_policy(request["PolicyDocument"])

    def edit(role: Document) -> None:
        role["Inline"][request["PolicyName"]] = request["PolicyDocument"]

    _edit_role(ctx, call, request["RoleName"], edit)


@operation("iam", "GetRolePolicy")
def get_role_policy(ctx: EngineContext, call: Call, request: Document) -> Document:
    """An inline policy."""
    document = _role(ctx, call, request["RoleName"])["Inline"].get(request["PolicyName"])
    if document is None:
        raise _missing("role policy", request["PolicyName"])
    return {
        "RoleName": request["RoleName"],
        "PolicyName": request["PolicyName"],
        "PolicyDocument": quote(document),
    }


@operation("iam", "DeleteRolePolicy")
def delete_role_policy(ctx: EngineContext, call: Call, request: Document) -> None:
    """Takes an inline policy away."""

    def edit(role: Document) -> None:
        if role["Inline"].pop(request["PolicyName"], None) is None:
            raise _missing("role policy", request["PolicyName"])

    _edit_role(ctx, call, request["RoleName"], edit)


@operation("iam", "ListRolePolicies")
def list_role_policies(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Names of the inline policies."""
    return _paged("PolicyNames", sorted(_role(ctx, call, request["RoleName"])["Inline"]), request)


@operation("iam", "CreatePolicy")
def create_policy(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Keeps a managed policy."""
    _check_policy(request["PolicyDocument"])
    name, path = request["PolicyName"], request.get("Path", "/")
    arn = f"arn:{partition(call.region)}:iam::{ACCOUNT_ID}:policy{path}{name}"
    if ctx.store.documents.get(POLICIES, arn) is not None:
        raise AwsError(
            f"A policy called {name} already exists. Duplicate names are not allowed.",
            code="EntityAlreadyExists",
            status=409,
        )
    now = ctx.clock.now()
    policy = {
        "PolicyName": name,
        "PolicyId": _id("ANPA", arn),
        "Arn": arn,
        "Path": path,
        "DefaultVersionId": "v1",
        "AttachmentCount": 0,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "Description": request.get("Description"),
        "CreateDate": now,
        "UpdateDate": now,
        "Tags": request.get("Tags", []),
    }
    ctx.store.documents.put(POLICIES, arn, {"Policy": policy, "Document": request["PolicyDocument"]})
    return {"Policy": policy}


@operation("iam", "GetPolicy")
def get_policy(ctx: EngineContext, call: Call, request: Document) -> Document:
    """A managed policy of this account."""
    return {"Policy": _policy(ctx, request["PolicyArn"])["Policy"]}


@operation("iam", "GetPolicyVersion")
def get_policy_version(ctx: EngineContext, call: Call, request: Document) -> Document:
    """The document of a managed policy; each has one version here."""
    policy = _policy(ctx, request["PolicyArn"])
    if request["VersionId"] != "v1":
        raise AwsError(
            f"Policy {request['PolicyArn']} version {request['VersionId']} does not exist or is not attachable.",
            code="NoSuchEntity",
            status=404,
        )
    version = {
        "Document": quote(policy["Document"]),
        "VersionId": "v1",
        "IsDefaultVersion": True,
        "CreateDate": policy["Policy"]["CreateDate"],
    }
    return {"PolicyVersion": version}


@operation("iam", "ListPolicies")
def list_policies(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Managed policies of this account."""
    if request.get("Scope") == "AWS":
        return {"Policies": [], "IsTruncated": False}
    policies = [document["Policy"] for document in ctx.store.documents.all(POLICIES)]
    prefix = request.get("PathPrefix", "/")
    return _paged("Policies", [policy for policy in policies if policy["Path"].startswith(prefix)], request)


@operation("iam", "DeletePolicy")
def delete_policy(ctx: EngineContext, call: Call, request: Document) -> None:
    """Takes a managed policy away; it must not be attached."""
    arn = request["PolicyArn"]
    _policy(ctx, arn)
    if any(arn in role["Attached"] for role in ctx.store.documents.all(ROLES)):
        raise AwsError("Cannot delete a policy attached to entities.", code="DeleteConflict", status=409)
    ctx.store.documents.delete(POLICIES, arn)


@operation("iam", "SimulatePrincipalPolicy")
def simulate_principal_policy(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Everything is allowed."""
    results = [
        {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": "allowed",
            "MatchedStatements": [],
        }
        for action in request["ActionNames"]
        for resource in request.get("ResourceArns", ["*"])
    ]
    return {"EvaluationResults": results, "IsTruncated": False}


@operation("iam", "GetUser")
def get_user(ctx: EngineContext, call: Call, request: Document) -> Document:
    """The user of the access keys; every name is answered."""
    name = request.get("UserName", "smstudio")
    arn = f"arn:{partition(call.region)}:iam::{ACCOUNT_ID}:user/{name}"
    return {
        "User": {
            "Path": "/",
            "UserName": name,
            "UserId": _id("AIDA", arn),
            "Arn": arn,
            "CreateDate": 1_609_459_200.0,
        }
    }


@operation("iam", "ListAccountAliases")
def list_account_aliases(ctx: EngineContext, call: Call, request: Document) -> Document:
    """None."""
    return {"AccountAliases": [], "IsTruncated": False}


def _role(ctx: EngineContext, call: Call, name: str) -> Document:
    kept = ctx.store.documents.get(ROLES, name)
    if kept is not None:
        return {**kept, "Kept": True}
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
    return {**_new_role(ctx, call, name, "/", json.dumps(trust)), "Kept": False}


def _new_role(ctx: EngineContext, call: Call, name: str, path: str, trust: str) -> Document:
    arn = f"arn:{partition(call.region)}:iam::{ACCOUNT_ID}:role{path}{name}"
    role = {
        "Path": path,
        "RoleName": name,
        "RoleId": _id("AROA", arn),
        "Arn": arn,
        "CreateDate": ctx.clock.now(),
        "AssumeRolePolicyDocument": trust,
        "MaxSessionDuration": 3600,
    }
    return {"Role": role, "Attached": [], "Inline": {}}


def _edit_role(ctx: EngineContext, call: Call, name: str, edit: Callable[[Document], None]) -> None:
    """Changes a role under the write lock; one that was never made is kept from now on."""
    if ctx.store.documents.get(ROLES, name) is None:
        ctx.store.documents.put(
            ROLES,
            name,
            _new_role(ctx, call, name, "/", _role(ctx, call, name)["Role"]["AssumeRolePolicyDocument"]),
        )
    with ctx.store.documents.changing(ROLES, name) as role:
        if role is None:
            raise _missing("role", name)
        edit(role)


def _shown(role: Document) -> Document:
    return {**role["Role"], "AssumeRolePolicyDocument": quote(role["Role"]["AssumeRolePolicyDocument"])}


def _policy(ctx: EngineContext, arn: str) -> Document:
    policy = ctx.store.documents.get(POLICIES, arn)
    if policy is None:
        raise AwsError(f"Policy {arn} was not found.", code="NoSuchEntity", status=404)
    return policy


def _check_policy(text: str) -> None:
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise AwsError("Syntax errors in policy.", code="MalformedPolicyDocument", status=400)


def _paged(member: str, items: list[Any], request: Document) -> Document:
    start = int(request["Marker"]) if str(request.get("Marker", "")).isdigit() else 0
    end = start + request.get("MaxItems", 100)
    more = end < len(items)
    return {member: items[start:end], "IsTruncated": more, "Marker": str(end) if more else None}


def _id(prefix: str, arn: str) -> str:
    return prefix + hashlib.sha256(arn.encode()).hexdigest()[:17].upper()
