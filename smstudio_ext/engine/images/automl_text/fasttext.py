"""BlazingText's supervised mode as a candidate: a linear model over vectors of words and word pairs, learnt together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from smstudio_ext.engine.images.automl_classes.learning import Array, Codes, Task
from smstudio_ext.engine.images.automl_text.texts import tokens_of
from smstudio_ext.engine.images.blazingtext import classifier, fasttext_file
from smstudio_ext.engine.images.blazingtext.fasttext_file import LABEL_PREFIX
from smstudio_ext.engine.images.blazingtext.fasttext_model import FastTextModel
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.deep.job import StopSignal

_FILE = "model.bin"
_TOKENS = 400
"""Tokens of a text that are read."""


class FastText:
    """Joulin et al., arXiv:1607.01759, by this engine's BlazingText.

    Args:
        settings: `dim`, `ngrams`, `epochs`, `rate`, `spaced`.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._spaced = bool(settings.get("spaced", True))
        self._model: FastTextModel | None = None
        self._trained: classifier.Classifier | None = None
        self._columns: list[int] = []
        self._classes = 0

    def fit(self, rows: list[str], codes: Codes, task: Task) -> None:
        """See `Algorithm`.

        Raises:
            AlgorithmError: no text has a word.
        """
        sentences = [self._tokens(text) for text in rows]
        if not any(sentences):
            raise AlgorithmError("No text of the training rows holds a word.")
        self._classes = task.classes
        labels = [[f"{LABEL_PREFIX}{code}"] for code in codes.tolist()]
        with StopSignal() as stop:
            fitted = classifier.fit((sentences, labels), None, self._chosen(), stop)
        self._trained = fitted.classifier

    def predict(self, rows: list[str]) -> Array:
        """See `Algorithm`."""
        model = self._loaded()
        found = np.zeros((len(rows), self._classes))
        for at, text in enumerate(rows):
            found[at, self._columns] = model.probabilities(" ".join(self._tokens(text)))
        return found

    def save(self, folder: Path) -> None:
        """See `Algorithm`."""
        folder.mkdir(parents=True, exist_ok=True)
        if self._trained is None:
            raise ValueError("The model has not been trained.")
        self._trained.save(folder / _FILE, self._chosen())
        (folder / "classes.txt").write_text(str(self._classes))

    def load(self, folder: Path) -> None:
        """See `Algorithm`."""
        self._model = FastTextModel(fasttext_file.read(folder / _FILE))
        self._classes = int((folder / "classes.txt").read_text())
        self._columns = [int(label.removeprefix(LABEL_PREFIX)) for label in self._model.labels]

    def _loaded(self) -> FastTextModel:
        """The model as it is served: what was just trained goes through its file once, so that both answer alike."""
        if self._model is None:
            import tempfile

            with tempfile.TemporaryDirectory() as folder:
                self.save(Path(folder))
                self.load(Path(folder))
        if self._model is None:
            raise ValueError("The model has not been trained.")
        return self._model

    def _tokens(self, text: str) -> list[str]:
        return tokens_of(text, spaced=self._spaced)[:_TOKENS]

    def _chosen(self) -> dict[str, Any]:
        """The settings by BlazingText's names."""
        given = self._settings
        return {
            "min_count": 1,
            "vector_dim": int(given.get("dim", 50)),
            "word_ngrams": int(given.get("ngrams", 2)),
            "buckets": int(given.get("buckets", 200_000)),
            "epochs": int(given.get("epochs", 25)),
            "learning_rate": float(given.get("rate", 0.5)),
            "early_stopping": False,
            "min_epochs": 1,
            "patience": 1,
        }
