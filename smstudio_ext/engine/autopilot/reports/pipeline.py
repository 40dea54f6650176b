"""Loads a candidate's inference containers into one process and predicts raw rows with them."""

from __future__ import annotations

import csv
import io
import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.contract import AlgorithmError, Predictor
from smstudio_ext.engine.images.registry import ImageRegistry

Array = npt.NDArray[np.float64]

CSV = "text/csv"
_BATCH = 20_000
_MODE = "AUTOML_TRANSFORM_MODE"
_OUTPUT = "SAGEMAKER_INFERENCE_OUTPUT"
_ACCEPT = "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT"


class CandidatePipeline:
    """The containers of one candidate, in order. Use from one thread at a time.

    Args:
        containers: InferenceContainers of the candidate (Image, Environment).
        folders: one a container, with the unpacked model.
        classes: names of the classes in the order of their codes; empty for regression.
        decide: ask for the predicted class too, which need not be the most probable one.

    Raises:
        AlgorithmError: an image that cannot be loaded into another process.
    """

    def __init__(
        self,
        containers: Sequence[Mapping[str, Any]],
        folders: Sequence[Path],
        classes: Sequence[str],
        *,
        decide: bool = False,
    ) -> None:
        registry = ImageRegistry()
        self._classes = list(classes)
        self._stages: list[tuple[Predictor, str]] = []
        # The way back from class codes to names is not needed: the classes are known in the order of their codes.
        kept = [
            at
            for at, one in enumerate(containers)
            if (one.get("Environment") or {}).get(_MODE) != "inverse-label-transform"
        ]
        self._keys: tuple[str, ...] = ()
        for at in kept:
            environment = dict(containers[at].get("Environment") or {})
            if at == kept[-1] and self._classes:
                self._keys = _wanted(environment, decide)
                environment[_OUTPUT] = ",".join(self._keys)
            load = _loader(registry, containers[at]["Image"])
            self._stages.append((load(folders[at], environment), environment.get(_ACCEPT, CSV)))

    def predict(self, columns: Sequence[npt.NDArray[np.object_]]) -> Array:
        """Answers of the model.

        Args:
            columns: text cells by column, the target left out, all of one length.

        Returns:
            (rows, classes) probabilities in the order of the classes, or (rows,) values.
        """
        return np.concatenate([self._answers(lines) for lines in self._invoke(columns)])

    def decide(self, columns: Sequence[npt.NDArray[np.object_]]) -> tuple[Array, npt.NDArray[np.int64]]:
        """Probabilities and the codes of the classes that the model decides for; needs `decide`.

        Args:
            columns: as for `predict`.
        """
        answers, codes = [], []
        at = self._keys.index("predicted_label")
        places = {name: code for code, name in enumerate(self._classes)}
        named = "labels" in self._keys
        for lines in self._invoke(columns):
            answers.append(self._answers(lines))
            cells = [row[at] for row in csv.reader(lines)]
            codes.append([places[cell] if named else int(float(cell)) for cell in cells])
        return np.concatenate(answers), np.concatenate([np.array(part, dtype=np.int64) for part in codes])

    def _invoke(self, columns: Sequence[npt.NDArray[np.object_]]) -> Iterator[list[str]]:
        for start in range(0, len(columns[0]), _BATCH):
            yield self._lines([column[start : start + _BATCH] for column in columns])

    def _lines(self, columns: Sequence[npt.NDArray[np.object_]]) -> list[str]:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(zip(*columns, strict=True))
        body, kind = text.getvalue().encode(), CSV
        for number, (predictor, accept) in enumerate(self._stages, 1):
            body, kind = predictor.invoke(body, kind, accept if number < len(self._stages) else CSV)
        return body.decode().splitlines()

    def _answers(self, lines: Sequence[str]) -> Array:
        if not self._classes:
            return np.array([float(line.split(",")[0]) for line in lines])
        if self._keys == ("probabilities",):
            return np.array([json.loads(line.strip('"')) for line in lines], dtype=float)
        rows = [dict(zip(self._keys, row, strict=True)) for row in csv.reader(lines)]
        found = np.array([json.loads(row["probabilities"]) for row in rows], dtype=float)
        if "labels" not in self._keys:
            return found
        names = [str(name) for name in json.loads(rows[0]["labels"])]
        return found[:, [names.index(name) for name in self._classes]]


def unpack_models(folder: Path, count: int) -> list[Path]:
    """Unpacks `<folder>/<number>/*.tar.gz` in place and returns the folders."""
    folders = []
    for number in range(count):
        place = folder / str(number)
        for archive in sorted(place.glob("*.tar.gz")):
            with tarfile.open(archive) as opened:
                opened.extractall(place, filter="data")
        folders.append(place)
    return folders


def _wanted(environment: Mapping[str, str], decide: bool) -> tuple[str, ...]:
    supported = environment.get("SAGEMAKER_INFERENCE_SUPPORTED", "").split(",")
    first = ("predicted_label",) if decide else ()
    # Algorithms answer by class code; a container that knows the names too is asked for their order.
    return (*first, "probabilities", "labels") if "labels" in supported else (*first, "probabilities")


def _loader(registry: ImageRegistry, uri: str) -> partial[Predictor]:
    image = registry.resolve(uri)
    if image.serve is None:
        raise AlgorithmError(f"The image {uri} cannot be loaded for a report: it only serves over HTTP.")
    module, _, function = image.serve.partition(":")
    return partial(getattr(import_module(module), function))
