"""Rules that hold for every call to an AWS account: what read-only forbids, and the tag on what we create."""

from __future__ import annotations

from typing import Any

TAG = {"Key": "smstudio:created-by", "Value": "smstudio_ext"}
"""Put on every resource that is created in an account, unless the request has as many tags as AWS takes."""

_MOST_TAGS = 50
_READS = ("Describe", "List", "Get", "Search", "BatchGet", "Query", "Head", "Lookup", "Filter")
_HARMLESS = frozenset(
    {"InvokeEndpoint", "GetObject", "AssumeRole", "StartDeviceAuthorization", "CreateToken", "RegisterClient"}
)
"""Operations that change nothing in the account although their names do not begin like reading."""


class ReadOnlyTarget(ValueError):
    """The target is protected: nothing may be created, changed, stopped or deleted.

    Attributes:
        operation: AWS's name of what was refused.
    """

    def __init__(self, operation: str) -> None:
        super().__init__(f"{operation} was not sent: this AWS target is read-only.")
        self.operation = operation
        self.hint = "Uncheck Read-only beside the target to allow changes."


def keep_rules(client: Any, *, read_only: bool) -> None:
    """Makes a boto3 client keep the rules.

    Args:
        read_only: refuse every operation that may change something, before it is sent.
    """
    if read_only:
        client.meta.events.register("before-parameter-build.*.*", _refuse)
    client.meta.events.register("provide-client-params.sagemaker.*", _with_tag)


def changes_something(operation: str) -> bool:
    """Whether an operation may change something in an account, by its name."""
    return not operation.startswith(_READS) and operation not in _HARMLESS


def _refuse(model: Any, **_: Any) -> None:
    if changes_something(model.name):
        raise ReadOnlyTarget(model.name)


def _with_tag(params: dict[str, Any], model: Any, **_: Any) -> dict[str, Any] | None:
    """The request with our tag; None leaves it as it is."""
    if not model.name.startswith("Create") or "Tags" not in model.input_shape.members:
        return None
    tags = params.get("Tags") or []
    if len(tags) >= _MOST_TAGS or any(tag.get("Key") == TAG["Key"] for tag in tags):
        return None
    return {**params, "Tags": [*tags, TAG]}
