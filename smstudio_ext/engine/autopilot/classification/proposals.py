"""Which candidates a text or image classification job trains, in the order of their promise."""

from __future__ import annotations

import importlib.util
from typing import Any

Entry = dict[str, Any]

_LONG_CORPUS = 40_000_000
"""Characters of which character n-grams are counted at most."""
_SHORTEST, _LONGEST = 300, 4_000
_MANY_CLASSES = 200


def text_candidates(*, rows: int, classes: int, spaced: bool) -> list[Entry]:
    """Candidates for texts.

    Args:
        rows: training rows.
        spaced: words have blanks between them; else words cannot be counted, and characters take their place.
    """
    cut = max(_SHORTEST, min(_LONGEST, _LONG_CORPUS // max(1, rows)))
    letters: Entry = {"spaced": spaced, "cut": cut}
    if not spaced:
        letters["characters_ngrams"] = [1, 4]
        own: Entry = {**letters, "units": ["characters"]}
        found = [
            _entry("linear", {**own, "c": 10.0}),
            _entry("naive-bayes", {**own, "characters_ngrams": [1, 3], "alpha": 0.3}),
            _entry("fasttext", {"spaced": False, "ngrams": 2}),
            _entry("linear", {**own, "c": 2.0, "characters_ngrams": [1, 3]}),
            _entry("linear", {**own, "c": 50.0}),
            _entry("boosted-trees", {**own, "characters_ngrams": [1, 3]}),
            _entry("naive-bayes", {**own, "alpha": 0.05}),
            _entry("fasttext", {"spaced": False, "ngrams": 3, "dim": 100, "epochs": 50}),
        ]
    else:
        both: Entry = {**letters, "units": ["words", "characters"]}
        words: Entry = {"units": ["words"]}
        found = [
            _entry("linear", {**both, "c": 10.0}),
            _entry("naive-bayes", {**words, "alpha": 0.3}),
            _entry("fasttext", {"spaced": True, "ngrams": 2}),
            _entry("linear", {**words, "c": 10.0}),
            _entry("linear", {**letters, "units": ["characters"], "c": 10.0}),
            _entry("boosted-trees", {**words, "topics": 128}),
            _entry("linear", {**both, "c": 50.0}),
            _entry("naive-bayes", {**words, "words_ngrams": [1, 1], "alpha": 0.1}),
            _entry("fasttext", {"spaced": True, "ngrams": 3, "dim": 100, "epochs": 50}),
            _entry("linear", {**words, "words_ngrams": [1, 3], "c": 30.0}),
        ]
    return _for_classes(found, classes)


def picture_candidates(*, classes: int, network: bool) -> list[Entry]:
    """Candidates for pictures.

    Args:
        network: PyTorch is installed, so that a network can be trained.
    """
    found = [
        _entry("linear", {"c": 0.01}),
        _entry("patches", {"c": 0.01, "centres": 300}),
        _entry("kernel", {"width": 1.0, "c": 10.0}),
    ]
    if network:
        found.append(_entry("network", {"layers": 20, "side": 32, "flip": True}))
    found += [
        _entry("boosted-trees", {}),
        _entry("linear", {"c": 0.1}),
        _entry("kernel", {"width": 0.3, "c": 30.0}),
    ]
    if network:
        found.append(_entry("network", {"layers": 20, "side": 32, "flip": False}))
    found.append(_entry("patches", {"c": 0.003, "centres": 600}))
    return _for_classes(found, classes)


def can_train_networks() -> bool:
    """Whether PyTorch is installed (extra `deep`)."""
    return importlib.util.find_spec("torch") is not None


def _entry(algorithm: str, settings: Entry) -> Entry:
    return {"Algorithm": algorithm, "Settings": settings}


def _for_classes(found: list[Entry], classes: int) -> list[Entry]:
    """Without boosted trees where each round would need hundreds of trees."""
    return [one for one in found if one["Algorithm"] != "boosted-trees" or classes <= _MANY_CLASSES]
