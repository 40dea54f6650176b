"""What an inspection found."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Finding:
    """One model of an archive.

    Attributes:
        file: path inside the archive.
        kind: format of the file, for people.
        algorithm: SageMaker's algorithm or the framework; empty when it cannot be told.
        facts: what is in it, in the order to show.
        load: lines of Python that load it from the folder `model`.
        warning: what to know before doing so.
    """

    file: str
    kind: str
    algorithm: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    load: list[str] = field(default_factory=list)
    warning: str = ""


@dataclass
class Report:
    """A whole archive.

    Attributes:
        source: where it came from.
        files: every file of it with its size in bytes.
        models: the models among them.
        notes: other things of interest, such as inference code.
    """

    source: str
    files: dict[str, int]
    models: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Report:
        """The report of JSON values."""
        models = [Finding(**model) for model in values.get("models", [])]
        return cls(values["source"], values["files"], models, values.get("notes", []))
