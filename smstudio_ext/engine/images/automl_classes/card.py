"""The card in a classifier's model folder: which candidate it is, and its classes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from smstudio_ext.engine.images.contract import AlgorithmError

NAME = "classifier.json"
FORMAT = "smstudio-classifier/1"


@dataclass(frozen=True)
class Card:
    """What a model folder says of itself.

    Attributes:
        kind: `text` or `pictures`.
        algorithm: name of the candidate's algorithm.
        settings: what it was trained with.
        classes: labels as the training data write them; predictions have their order.
        facts: what requests are prepared by (`Content` of text, `Side` of pictures).
    """

    kind: str
    algorithm: str
    settings: dict[str, Any]
    classes: list[str]
    facts: dict[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Writes the card into a model folder."""
        folder.mkdir(parents=True, exist_ok=True)
        document = {"format": FORMAT, **asdict(self)}
        (folder / NAME).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path, kind: str) -> Card:
        """Reads the card of a model folder.

        Raises:
            ValueError: there is none, or it is of another kind or format.
        """
        path = folder / NAME
        if not path.is_file():
            raise ValueError(
                f"The model has no file {NAME}: it is no candidate of Autopilot's {kind} classification."
            )
        document = json.loads(path.read_text(encoding="utf-8"))
        found = (document.pop("format", None), document.get("kind"))
        if found != (FORMAT, kind):
            raise ValueError(f"{NAME} is of {found[1]} ({found[0]}), not of {kind} ({FORMAT}).")
        return cls(**document)


def read_classes(folder: Path) -> dict[str, Any]:
    """The file `classes.json` of the channel `classes`: `Classes` and what else the analysis found out.

    Raises:
        AlgorithmError: it is missing.
    """
    path = folder / "classes.json"
    if not path.is_file():
        raise AlgorithmError("The channel 'classes' holds no classes.json.")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
