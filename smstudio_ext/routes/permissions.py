"""Writes docs/aws-permissions.md: the IAM permissions of each feature, found in the calls that its code makes.

From every operation of the REST API the calls are followed through `studio/` function by function. A call of a boto3 client
is found by its name (`client.describe_training_job(...)`, or the name as a text, where code picks the call from a table).
"""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from smstudio_ext.routes import all_handlers
from smstudio_ext.routes.operations import API_PREFIX, OPERATIONS

PAGE = Path("docs/aws-permissions.md")

_FEATURES: dict[str, tuple[str, ...]] = {
    "Target, forms and data": (
        "status",
        "targets",
        "target",
        "identity",
        "execution-roles",
        "options",
        "buckets",
        "objects",
        "data",
        "samples",
    ),
    "Autopilot": ("automl-jobs", "automl-form"),
    "Training jobs": ("training-jobs", "training-form"),
    "Tuning jobs": ("tuning-jobs", "tuning-form"),
    "Batch transform jobs": ("transform-jobs", "transform-form"),
    "Models": ("models",),
    "Endpoints": ("endpoints",),
    "Experiments": (
        "components",
        "experiments",
        "experiment-charts",
        "trial-details",
        "artifact-preview",
        "lineage",
    ),
    "Running instances and cost": ("running",),
    "Domains": ("domains", "domain-form", "lifecycle-configs", "own-images"),
    "Notebook instances": ("notebook-instances", "notebook-form", "notebook-lifecycle-configs"),
    "Sharing": ("sharing", "snapshots", "examples", "example-sources"),
    "Clusters": ("clusters",),
}
_NO_CALLS = (
    "cost-estimates",
    "engine",
    "sign-ins",
    "profiles",
    "presence",
    "openapi.json",
    "environments",
    "gateways",
    "gateway-form",
)
"""Paths whose handlers make no calls of AWS that are not those of another feature."""

_SERVICES = (
    "sagemaker",
    "logs",
    "s3",
    "cloudwatch",
    "application-autoscaling",
    "iam",
    "sts",
    "ecr",
    "ec2",
    "pricing",
    "sagemaker-runtime",
    "sagemaker-metrics",
    "emr",
    "emr-serverless",
)
_PREFIXES = {"emr": "elasticmapreduce", "sagemaker-runtime": "sagemaker", "sagemaker-metrics": "sagemaker"}
_OTHER_NAMES = {
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "s3:HeadBucket": ("s3:ListBucket",),
    "s3:ListBuckets": ("s3:ListAllMyBuckets",),
    "s3:HeadObject": ("s3:GetObject",),
    "s3:DeleteObjects": ("s3:DeleteObject",),
}
_HELPERS = {
    "upload_file": ("s3:PutObject", "s3:AbortMultipartUpload"),
    "upload_fileobj": ("s3:PutObject", "s3:AbortMultipartUpload"),
    "download_file": ("s3:GetObject",),
    "download_fileobj": ("s3:GetObject",),
}
"""Methods of boto3's S3 client that are no operations."""
_READS = ("Describe", "List", "Get", "Search", "BatchGet", "Query", "Head")
_ROLES = ("RoleArn", "ExecutionRoleArn")

_HEAD = """# Permissions on AWS

Made by `python -m smstudio_ext.routes.permissions` from the calls that the code makes; `make lint` fails when it is out of date.

Attach what you use. *Read* is enough to look; *Act* creates, stops and deletes. Both may be narrowed by `Resource`: most SageMaker actions take ARNs of
jobs, endpoints or models, S3 those of buckets and objects. `iam:PassRole` should name your execution role. A page that lacks a permission says which action is missing.

| feature | reads | acts |
| --- | ---: | ---: |
"""


@dataclass
class Node:
    """A function or class: what it names of the code, and the calls of boto3 in it."""

    names: set[str] = field(default_factory=set)
    actions: set[str] = field(default_factory=set)


def features() -> dict[str, list[str]]:
    """Actions of each feature, sorted.

    Raises:
        ValueError: a path of the API belongs to no feature.
    """
    handlers = _handlers()
    found: dict[str, set[str]] = {name: set() for name in _FEATURES}
    for operation in OPERATIONS:
        first = operation.path.split("/")[0]
        feature = next((name for name, paths in _FEATURES.items() if first in paths), None)
        if feature is None:
            if first not in _NO_CALLS:
                raise ValueError(f"{operation.path} belongs to no feature: name it in routes/permissions.py")
            continue
        if operation.runs:
            module, _, function = operation.runs.partition(".")
            found[feature] |= reached(f"smstudio_ext.studio.{module}:{function}")
        else:
            found[feature] |= _of_handler(handlers[operation.method, _plain_path(operation.path)])
    return {name: sorted(actions) for name, actions in found.items()}


@cache
def reached(start: str) -> frozenset[str]:
    """Actions that a function may take, with those of everything that it names."""
    seen: set[str] = set()
    actions: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        module, _, _ = name.partition(":")
        node = _nodes(module).get(name)
        if node is not None:
            actions |= node.actions
            waiting += node.names
    return frozenset(actions)


def policy(actions: list[str]) -> dict[str, Any]:
    """An IAM policy document."""
    reads = [action for action in actions if _reads(action)]
    acts = [action for action in actions if not _reads(action)]
    statements = [
        {"Sid": sid, "Effect": "Allow", "Action": listed, "Resource": "*"}
        for sid, listed in (("Read", reads), ("Act", acts))
        if listed
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def page() -> str:
    """The page."""
    found = features()
    parts = [_HEAD]
    for name, actions in found.items():
        reads = sum(_reads(action) for action in actions)
        parts.append(f"| {name} | {reads} | {len(actions) - reads} |\n")
    for name, actions in found.items():
        parts.append(f"\n## {name}\n\n```json\n{json.dumps(policy(actions), indent=2)}\n```\n")
    return "".join(parts)


def _reads(action: str) -> bool:
    return action.partition(":")[2].startswith(_READS)


def _handlers() -> dict[tuple[str, str], Any]:
    """Handler's method of each HTTP method and path."""
    found = {}
    for pattern, handler in all_handlers():
        path = pattern.partition(f"{API_PREFIX}/")[2].removesuffix("$")
        for method in ("get", "post", "put", "delete"):
            function = getattr(handler, method, None)
            if function is not None:
                found[method.upper(), _plain_path(path)] = (handler, function)
    return found


def _plain_path(path: str) -> str:
    """A path whose variable parts are stars."""
    return re.sub(r"{\w+}", "*", path.replace("([^/]+)", "*").replace("\\", ""))


def _of_handler(found: tuple[Any, Any]) -> set[str]:
    """Actions of what a handler's method names of `studio/`, directly or by methods of its module."""
    handler, function = found
    module = _module(handler.__module__)
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))
    actions: set[str] = set()
    names = _named(tree, module.imports | _imports(tree), handler.__module__, module.tops)
    for name in names:
        actions |= reached(name)
    return actions


@dataclass
class _Module:
    tree: ast.Module
    imports: dict[str, str]
    tops: set[str]


@cache
def _module(name: str) -> _Module:
    spec = find_spec(name)
    tree = (
        ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
        if spec and spec.origin
        else ast.Module([], [])
    )
    tops = {
        each.name
        for each in tree.body
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    } | {
        target.id
        for each in tree.body
        if isinstance(each, ast.Assign | ast.AnnAssign)
        for target in (each.targets if isinstance(each, ast.Assign) else [each.target])
        if isinstance(target, ast.Name)
    }
    top_imports = ast.Module(
        [each for each in tree.body if isinstance(each, ast.Import | ast.ImportFrom)], []
    )
    return _Module(tree, _imports(top_imports), tops)


@cache
def _nodes(name: str) -> dict[str, Node]:
    """Functions, classes and constants of a module."""
    if not name.startswith(("smstudio_ext.studio", "smstudio_ext.routes", "smstudio_ext.target")):
        return {}
    module = _module(name)
    nodes: dict[str, Node] = {}
    for each in module.tree.body:
        for top in _tops_of(each):
            imports = module.imports | _imports(each)
            nodes[f"{name}:{top}"] = Node(_named(each, imports, name, module.tops), _actions(each))
    return nodes


def _tops_of(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    targets = (
        node.targets
        if isinstance(node, ast.Assign)
        else [node.target]
        if isinstance(node, ast.AnnAssign)
        else []
    )
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _imports(tree: ast.AST) -> dict[str, str]:
    """Local names of what is imported from this package: functions as `module:name`, modules as `module`."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("smstudio_ext"):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                local = alias.asname or alias.name
                found[local] = inner if _is_module(inner) else f"{node.module}:{alias.name}"
    return found


@cache
def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # its parent is no package
        return False


def _named(tree: ast.AST, imports: dict[str, str], module: str, tops: set[str]) -> set[str]:
    """What a piece of code names of this package, outside of annotations; methods of the target by their own names."""
    names: set[str] = set()
    for node in _code(tree):
        if isinstance(node, ast.Name):
            if node.id in imports and ":" in imports[node.id]:
                names.add(imports[node.id])
            elif node.id in tops:
                names.add(f"{module}:{node.id}")
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            inner = imports.get(node.value.id, "")
            if inner and ":" not in inner:
                names.add(f"{inner}:{node.attr}")
    return names


def _code(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node that runs: annotations do not."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns"):
                continue
            waiting += [
                each for each in (value if isinstance(value, list) else [value]) if isinstance(each, ast.AST)
            ]


def _actions(tree: ast.AST) -> set[str]:
    """Actions of the boto3 calls in a piece of code."""
    clients = {
        node.args[0].value
        for node in _code(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "client"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    actions: set[str] = set()
    for word, called in _words(tree):
        if called:
            actions.update(_HELPERS.get(word, ()))
            actions.update(_of_target(word))
        services = _operations().get(word, {})
        chosen = [service for service in services if service in clients] or list(services)[:1]
        for service in chosen:
            actions.update(_of_operation(service, services[service]))
    return actions


def _words(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """What may be the name of a call: methods that are called or handed over, and texts of several words."""
    for node in _code(tree):
        if isinstance(node, ast.Attribute) and (node.attr != "search" or _of_client(node)):
            yield node.attr, True
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "_" in node.value:
            yield node.value, False


def _of_client(node: ast.Attribute) -> bool:
    """Whether a method that other objects have, too (patterns search), is a client's."""
    return isinstance(node.value, ast.Call) or (
        isinstance(node.value, ast.Name) and node.value.id in ("sagemaker", "client")
    )


def _of_target(word: str) -> tuple[str, ...]:
    """Methods of `Target` that make calls."""
    return {
        "identity": ("sts:GetCallerIdentity",),
        "default_bucket": ("sts:GetCallerIdentity",),
        "role_arn": ("sts:GetCallerIdentity", "iam:GetRole"),
    }.get(word, ())


def _of_operation(service: str, operation: str) -> tuple[str, ...]:
    action = f"{_PREFIXES.get(service, service)}:{operation}"
    found: tuple[str, ...] = _OTHER_NAMES.get(action, (action,))
    if service == "sagemaker" and operation.startswith(("Create", "Update")):
        members = _model("sagemaker").operation_model(operation).input_shape.members
        found += ("iam:PassRole",) if _takes_role(members) else ()
        found += ("sagemaker:AddTags",) if "Tags" in members else ()
    return found


@lru_cache(maxsize=1)
def _operations() -> dict[str, dict[str, str]]:
    """Names of boto3's methods: service -> operation."""
    from botocore import xform_name

    found: dict[str, dict[str, str]] = {}
    for service in _SERVICES:
        for operation in _model(service).operation_names:
            found.setdefault(xform_name(operation), {})[service] = operation
    return found


@cache
def _model(service: str) -> Any:
    import botocore.session

    return botocore.session.Session().get_service_model(service)


def _takes_role(members: dict[str, Any]) -> bool:
    inner = [shape.members for shape in members.values() if shape.type_name == "structure"]
    return any(name in each for each in (members, *inner) for name in _ROLES)


def main() -> None:
    """Writes the page, or says (`--check`) that it is out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    text = page()
    if parser.parse_args().check:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            raise SystemExit(f"{PAGE} is out of date: run python -m smstudio_ext.routes.permissions")
        return
    PAGE.write_text(text, encoding="utf-8")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
