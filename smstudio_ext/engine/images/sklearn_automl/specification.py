"""What a transform strategy does with each column: written by the analysis, turned into `dppN.py` by `autopilot.generated`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Problem = Literal["BinaryClassification", "MulticlassClassification", "Regression"]


@dataclass
class Specification:
    """One transform strategy.

    Attributes:
        name: `dpp0`, ...
        columns: every column in file order, the target among them.
        classes: class names in the order of their codes (1 is the positive class of binary problems); empty for regression.
        numeric: columns read as numbers.
        categorical: columns encoded by `encoding`.
        text: columns turned into tf-idf weights.
        dates: column -> format; several formats are joined by `|`.
        sequences: columns whose cells hold sequences of numbers.
        decimal_comma: columns (the target may be one) that write `1.234,5` for 1234.5.
        encoding: `onehot`, `ordinal` (by frequency) or `frequency` (share of the category; one column each).
        min_count: categories rarer than this share one code.
        max_categories: the most frequent categories that get their own one-hot column.
        impute: fill missing numbers with the median; otherwise they stay missing, which trees can use.
        indicators: add a column that says where a number was missing.
        extremes: `none`, `log` (signed log of strongly skewed columns) or `quantile` (ranks to a normal shape).
        families: groups of alike columns; sum, smallest, largest and spread of each are added.
        pairs: how many numeric columns, the most useful ones on the training rows, are combined in pairs; 0 = none.
        components: replace the features by this many principal components; 0 = no.
        standardise: subtract the mean and divide by the standard deviation.
        text_features: tf-idf terms per text column.
        sparse: write sparse records.
    """

    name: str
    description: str
    problem: Problem
    target: str
    columns: list[str]
    classes: list[str] = field(default_factory=list)
    numeric: list[str] = field(default_factory=list)
    categorical: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    dates: dict[str, str] = field(default_factory=dict)
    sequences: list[str] = field(default_factory=list)
    decimal_comma: list[str] = field(default_factory=list)
    encoding: Literal["onehot", "ordinal", "frequency"] = "onehot"
    min_count: int = 5
    max_categories: int = 200
    impute: bool = False
    indicators: bool = False
    extremes: Literal["none", "log", "quantile"] = "none"
    families: dict[str, list[str]] = field(default_factory=dict)
    pairs: int = 0
    components: int = 0
    standardise: bool = False
    text_features: int = 200
    sparse: bool = False

    @property
    def features(self) -> list[str]:
        """Column names without the target."""
        return [name for name in self.columns if name != self.target]

    def write(self, path: Path) -> None:
        """Writes the specification as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Specification:
        """Reads a JSON file that `write` made.

        Raises:
            ValueError: not JSON, or unknown or missing members.
        """
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        try:
            return cls(**loaded)
        except TypeError as error:
            raise ValueError(f"{path.name}: {error}") from error
