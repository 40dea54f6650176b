"""What a Jupyter server with the extension adds to kernels: its target's variables, their endings, finding them again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from smstudio_ext.notebooks import adopting, provisioner
from smstudio_ext.notebooks.wording import Said

if TYPE_CHECKING:
    from smstudio_ext.target_switch import TargetSwitch

_ENGINE_VARIABLES = (
    "AWS_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "SAGEMAKER_USER_CONFIG_OVERRIDE",
)


def serve_kernels(server: Any, switch: TargetSwitch, announce: Callable[[dict[str, Any]], None]) -> None:
    """Connects the provisioner to a server, and takes over the kernels that an earlier server left.

    Args:
        server: the Jupyter server (`ServerApp`).
        switch: the target that its pages use; kernels get its variables when they start.
        announce: tells all pages of a change, from the event loop.
    """

    def change(kernel_id: str, said: Said, status: str) -> dict[str, Any]:
        return {
            "kind": "Kernel",
            "name": kernel_id,
            "status": status,
            "secondary_status": str(said),
            "details": said.details(),
            "region": "",
        }

    def ended(kernel_id: str, said: Said) -> None:
        announce(change(kernel_id, said, "Failed"))

    def told(kernel_id: str, said: Said) -> None:
        server.io_loop.add_callback(announce, change(kernel_id, said, "Warning"))  # it comes from a thread

    provisioner.connect(survive=True, environment=lambda: target_variables(switch), ended=ended, told=told)
    server.io_loop.add_callback(adopting.find_again, server)


def target_variables(switch: TargetSwitch) -> dict[str, str | None]:
    """Variables of a kernel that starts now: `boto3` in it works with the target that the pages show.

    Returns:
        Name -> value, None for one that must not be there. Empty for the local engine: the kernel finds it, also when it
        is started again.
    """
    if switch.kind == "local":
        return {"SMSTUDIO_TARGET": "local"} if os.environ.get("SMSTUDIO_TARGET") == "aws" else {}
    values: dict[str, str | None] = {"SMSTUDIO_TARGET": "aws"}
    if os.environ.get("AWS_ENDPOINT_URL", "").startswith(
        ("http://127.", "http://localhost:", "http://[::1]:")
    ):
        values.update(dict.fromkeys(_ENGINE_VARIABLES))
    if switch.profile:
        values.update(dict.fromkeys(_ENGINE_VARIABLES[1:4]))  # keys go before a profile
        values["AWS_PROFILE"] = switch.profile
    # What the magics of the kernel keep to beside that; none of it is secret.
    values["SMSTUDIO_READ_ONLY"] = "1" if switch.read_only else None
    values["SMSTUDIO_ROLE_ARN"] = switch.role_arn
    values["SMSTUDIO_ASSUME_ROLE"] = (
        json.dumps(asdict(switch.choice.assume)) if switch.choice.assume else None
    )
    region = switch.effective_region()
    values["AWS_REGION"] = values["AWS_DEFAULT_REGION"] = region
    return values
