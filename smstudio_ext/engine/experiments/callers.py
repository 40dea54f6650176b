"""Who made or changed an entity, in AWS's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.arns import partition
from smstudio_ext.engine.settings import ACCOUNT_ID, EXECUTION_ROLE
from smstudio_ext.engine.store.documents import SESSIONS

if TYPE_CHECKING:
    from smstudio_ext.engine.context import Call, EngineContext

_PRINCIPAL = "AROASMSTUDIOLOCAL0001:SageMaker"


def user_context(ctx: EngineContext, call: Call) -> dict[str, Any]:
    """The caller as `CreatedBy` and `LastModifiedBy` show it: the identity that GetCallerIdentity answers."""
    arn = f"arn:{partition(call.region)}:sts::{ACCOUNT_ID}:assumed-role/{EXECUTION_ROLE}/SageMaker"
    principal = _PRINCIPAL
    if call.access_key.startswith("ASIA"):  # temporary credentials
        session = ctx.store.documents.get(SESSIONS, call.access_key) or {}
        arn = session.get("AssumedRoleArn") or arn
        principal = session.get("AssumedRoleId") or principal
    return {"IamIdentity": {"Arn": arn, "PrincipalId": principal}}
