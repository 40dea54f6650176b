"""What the engine tells the Jupyter server of a notebook instance, by a file whose name is in the environment."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "SMSTUDIO_NOTEBOOK_INSTANCE"


@dataclass(frozen=True)
class InstanceSettings:
    """Facts of one notebook instance.

    Attributes:
        instance: its id, which links name.
        secret: with which the engine signs links.
        control: folder that engine and server share.
        volume_gb: size of the volume, GB.
    """

    instance: str
    name: str
    secret: str
    control: Path
    volume_gb: int


def read_settings() -> InstanceSettings:
    """The settings of the instance that this server is.

    Raises:
        KeyError: this process is no notebook instance.
    """
    value = json.loads(Path(os.environ[VARIABLE]).read_text())
    return InstanceSettings(
        value["instance"], value["name"], value["secret"], Path(value["control"]), int(value["volume_gb"])
    )
