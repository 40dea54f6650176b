"""Links that open a notebook instance: signed, for one use within five minutes, for the allowed addresses."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import secrets
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.errors import AwsError, ValidationException

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store.resources import Resource

VALID_SECONDS = 300
SESSION_SECONDS = 43200
ALLOWED_TAG = "smstudio:AllowedSourceIps"
"""Tag with addresses (`127.0.0.1`) and networks (`10.0.0.0/8`), separated by blanks; without it any may come.

On AWS the same is a condition `aws:SourceIp` of an IAM policy; the tag is how one engine without IAM is told.
"""


def authorized_url(ctx: EngineContext, resource: Resource, session: int | None, source_ip: str) -> str:
    """A link that opens the Jupyter server of an instance once.

    Args:
        session: seconds that the browser stays signed in.
        source_ip: address that asks; empty when unknown.

    Raises:
        ValidationException: the instance does not run.
        AwsError: AccessDeniedException, the address is not among the allowed ones.
    """
    if resource.status != "InService":
        raise ValidationException(
            f"Status ({resource.status}) not in ([InService]). Unable to create a presigned URL for Notebook Instance "
            f"({resource.arn})"
        )
    allowed = allowed_networks(ctx, resource)
    if allowed and not _within(source_ip, allowed):
        raise AwsError(
            f"User is not authorized to perform: sagemaker:CreatePresignedNotebookInstanceUrl on resource: {resource.arn} "
            f"because the address {source_ip or 'unknown'} is not in its tag {ALLOWED_TAG}",
            code="AccessDeniedException",
            status=400,
        )
    claims = {
        "instance": resource.internal["id"],
        "expires": ctx.clock.now() + VALID_SECONDS,
        "session": session or SESSION_SECONDS,
        "nonce": secrets.token_hex(16),
    }
    return (
        f"http://127.0.0.1:{resource.internal['port']}/?authToken={sign(resource.internal['secret'], claims)}"
    )


def sign(secret: str, claims: dict[str, Any]) -> str:
    """Claims and their HMAC-SHA256, both base64url, joined by a dot; `notebooks.instance_server.access` reads it."""
    body = _encode(json.dumps(claims, separators=(",", ":")).encode())
    return f"{body}.{_encode(hmac.new(secret.encode(), body.encode(), hashlib.sha256).digest())}"


def allowed_networks(ctx: EngineContext, resource: Resource) -> list[str]:
    """Networks that may open the instance; none for all. What is not an address lets nobody in."""
    text = next((tag["Value"] for tag in ctx.store.tags.get(resource.arn) if tag["Key"] == ALLOWED_TAG), "")
    return text.split()


def _within(address: str, networks: list[str]) -> bool:
    try:
        asked = ipaddress.ip_address(address)
    except ValueError:
        return False
    for network in networks:
        try:
            if asked in ipaddress.ip_network(network, strict=False):
                return True
        except ValueError:
            continue
    return False


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
