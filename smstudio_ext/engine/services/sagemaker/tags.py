"""Tags of SageMaker resources: AddTags, ListTags, DeleteTags."""

from __future__ import annotations

import base64
from typing import Any

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.services.registry import operation

Document = dict[str, Any]
MOST_TAGS = 50
_PAGE = 50


@operation("sagemaker", "AddTags")
def add_tags(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Adds or overwrites tags of a resource."""
    arn = _existing(ctx, request["ResourceArn"])
    tags = {tag["Key"]: tag["Value"] for tag in ctx.store.tags.get(arn)}
    for tag in request["Tags"]:
        if tag["Key"].lower().startswith("aws:"):
            raise ValidationException("aws: prefixed tag key names are not allowed for external use.")
        tags[tag["Key"]] = tag["Value"]
    if len(tags) > MOST_TAGS:
        raise ValidationException(f"Too many tags: a resource may have {MOST_TAGS}.")
    ctx.store.tags.put(arn, request["Tags"])
    return {"Tags": [{"Key": key, "Value": tags[key]} for key in sorted(tags)]}


@operation("sagemaker", "ListTags")
def list_tags(ctx: EngineContext, call: Call, request: Document) -> Document:
    """A page of a resource's tags."""
    tags = ctx.store.tags.get(_existing(ctx, request["ResourceArn"]))
    start = _position(request.get("NextToken"))
    limit = request.get("MaxResults", _PAGE)
    output: Document = {"Tags": tags[start : start + limit]}
    if start + limit < len(tags):
        output["NextToken"] = base64.urlsafe_b64encode(str(start + limit).encode()).decode()
    return output


@operation("sagemaker", "DeleteTags")
def delete_tags(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Takes tags of a resource away."""
    ctx.store.tags.delete(_existing(ctx, request["ResourceArn"]), request["TagKeys"])
    return {}


def _existing(ctx: EngineContext, arn: str) -> str:
    resource = ctx.store.resources.find_by_arn(arn) or ctx.store.lineage.find(arn)
    if resource is None:
        raise ValidationException(f"Could not find resource with ARN {arn}.")
    return resource.arn


def _position(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token.encode()))
    except ValueError:
        raise ValidationException("Invalid NextToken: it was not returned by this engine.") from None
