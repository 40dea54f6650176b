"""STS: who the caller is, and temporary credentials."""

from __future__ import annotations

import secrets
import string
from typing import Any

from smstudio_ext.engine.arns import partition
from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.services.registry import operation
from smstudio_ext.engine.settings import ACCOUNT_ID, EXECUTION_ROLE
from smstudio_ext.engine.store.documents import SESSIONS

_ROLE_ID = "AROASMSTUDIOLOCAL0001"


@operation("sts", "GetCallerIdentity")
def get_caller_identity(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """An assumed role, because `get_execution_role()` of the SDKs wants one."""
    session = (
        ctx.store.documents.get(SESSIONS, call.access_key) if call.access_key.startswith("ASIA") else None
    )
    if session is not None and session.get("AssumedRoleArn"):
        return {"UserId": session["AssumedRoleId"], "Account": ACCOUNT_ID, "Arn": session["AssumedRoleArn"]}
    arn = f"arn:{partition(call.region)}:sts::{ACCOUNT_ID}:assumed-role/{EXECUTION_ROLE}/SageMaker"
    return {"UserId": f"{_ROLE_ID}:SageMaker", "Account": ACCOUNT_ID, "Arn": arn}


@operation("sts", "AssumeRole", inline=False)
def assume_role(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Temporary credentials in the name of a role; every role may be assumed here."""
    pieces = request["RoleArn"].split(":", 5)
    if len(pieces) != 6 or not pieces[5].startswith("role/"):
        raise AwsError(f"{request['RoleArn']} is invalid", code="ValidationError", status=400)
    role = pieces[5].rsplit("/", 1)[1]
    session = request["RoleSessionName"]
    user = {
        "AssumedRoleId": f"{_ROLE_ID}:{session}",
        "Arn": f"arn:{partition(call.region)}:sts::{pieces[4] or ACCOUNT_ID}:assumed-role/{role}/{session}",
    }
    credentials = _issue(
        ctx,
        float(request.get("DurationSeconds", 3600)),
        {"AssumedRoleArn": user["Arn"], "AssumedRoleId": user["AssumedRoleId"]},
    )
    return {"Credentials": credentials, "AssumedRoleUser": user}


@operation("sts", "GetSessionToken", inline=False)
def get_session_token(ctx: EngineContext, call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Temporary credentials of the caller."""
    return {"Credentials": _issue(ctx, float(request.get("DurationSeconds", 43_200)), {})}


def _issue(ctx: EngineContext, seconds: float, more: dict[str, Any]) -> dict[str, Any]:
    alphabet = string.ascii_uppercase + "234567"
    access_key = "ASIA" + "".join(secrets.choice(alphabet) for _ in range(16))
    credentials = {
        "AccessKeyId": access_key,
        "SecretAccessKey": secrets.token_urlsafe(30),
        "SessionToken": secrets.token_urlsafe(96),
        "Expiration": ctx.clock.now() + seconds,
    }
    ctx.store.documents.put(SESSIONS, access_key, {**credentials, **more})
    return credentials
