"""The target of a tabular job: which problem it is, its classes, and how answers name them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.tabular.data import TabularData

Problem = Literal["classification", "regression"]
FILE = "tabular-metadata.json"
MOST_CLASSES = 20


@dataclass
class Outline:
    """What a model must know beside its parameters; stands in the model archive as `tabular-metadata.json`.

    Attributes:
        classes: labels as they stood in the data, in the order of probabilities; empty for regression.
        width: number of features.
        categorical: features (from 0) that hold categories.
        categories: the known values of each categorical feature, by its number as text.
    """

    problem: Problem
    classes: list[Any]
    width: int
    categorical: list[int]
    categories: dict[str, list[str]] = field(default_factory=dict)

    @property
    def binary(self) -> bool:
        """Two classes."""
        return len(self.classes) == 2

    def save(self, folder: Path) -> None:
        """Writes the outline into a model folder."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Outline:
        """Reads the outline of a model folder.

        Raises:
            ValueError: there is none.
        """
        path = folder / FILE
        if not path.is_file():
            raise ValueError(f"The model archive holds no {FILE}.")
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def codes(self, features: pd.DataFrame) -> pd.DataFrame:
        """Features with categories as numbers: their place among the known ones, -1 for others and for missing values."""
        columns = {}
        for column in features.columns:
            if int(column) in self.categorical:
                known = {value: place for place, value in enumerate(self.categories[str(column)])}
                columns[column] = features[column].map(known).fillna(-1).astype(np.int32)
            else:
                columns[column] = features[column]
        return pd.DataFrame(columns)


def outline(data: TabularData, problem: Problem | None) -> tuple[Outline, npt.NDArray[Any], npt.NDArray[Any]]:
    """Finds the problem and encodes the targets.

    Args:
        problem: what the image says; None decides by the data: text or few whole numbers are classes.

    Returns:
        The outline, and the targets of training and validation rows: class numbers (int64), or float64.

    Raises:
        AlgorithmError: text in a regression target, one class only, or validation classes that training does not have.
    """
    target = data.train.target
    numeric = pd.to_numeric(target, errors="coerce")
    numbers = not numeric.isna().any()
    if problem is None:
        whole = numbers and bool((numeric % 1 == 0).all())
        problem = (
            "classification" if not numbers or (whole and target.nunique() <= MOST_CLASSES) else "regression"
        )
        print(f"The target looks like {problem}.", flush=True)
    width = data.train.features.shape[1]
    if problem == "regression":
        if not numbers:
            raise AlgorithmError("The target of a regression must be numeric; the first column holds text.")
        found = Outline("regression", [], width, data.categorical)
        return found, numeric.to_numpy(float), _regression_target(data.validation.target)
    classes = sorted(target.unique().tolist(), key=lambda value: (isinstance(value, str), value))
    if len(classes) < 2:
        raise AlgorithmError(f"The target has one class only: {classes[0]}.")
    places = {value: place for place, value in enumerate(classes)}
    unknown = [value for value in data.validation.target.unique().tolist() if value not in places]
    if unknown:
        raise AlgorithmError(
            f"The validation data have classes that the training data have not: {unknown[:5]}."
        )
    plain = [int(value) if isinstance(value, float) and value.is_integer() else value for value in classes]
    found = Outline("classification", plain, width, data.categorical)
    encoded = [rows.target.map(places).to_numpy(np.int64) for rows in (data.train, data.validation)]
    return found, encoded[0], encoded[1]


def learn_categories(found: Outline, data: TabularData) -> None:
    """Lists each categorical feature's values in the training data."""
    for column in found.categorical:
        values = data.train.features[column].dropna().unique().tolist()
        found.categories[str(column)] = sorted(values)


def _regression_target(target: pd.Series) -> npt.NDArray[np.float64]:
    try:
        return np.asarray(target.to_numpy(float), dtype=np.float64)
    except ValueError as error:
        raise AlgorithmError(
            "The target of a regression must be numeric; the validation data hold text."
        ) from error
