"""The class labels of texts or pictures: what they are, whether they do, and which rows validate."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.contract import AlgorithmError

MOST_CLASSES = 2_000
"""Classes at most, as AWS has it for tabular data."""
FEWEST_ROWS = 10
_NUMBER = re.compile(r"-?\d{1,15}")

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Labels:
    """Classes in the order of their codes.

    Attributes:
        codes: (rows,) class codes.
        counts: rows of each class.
    """

    classes: list[str]
    codes: Codes
    counts: list[int]


def inspect_labels(labels: Sequence[str], what: str, warnings: list[str]) -> Labels:
    """Codes of labels.

    Args:
        labels: label of each row, none of them empty.
        what: what a label comes from, for messages, for example `column 'topic'`.
        warnings: told of classes with a single row.

    Raises:
        AlgorithmError: too few rows, one class only, or too many classes.
    """
    counts = Counter(labels)
    if len(labels) < FEWEST_ROWS:
        raise AlgorithmError(
            f"The input has {len(labels)} usable row(s); at least {FEWEST_ROWS} are needed to train and validate a classifier."
        )
    if len(counts) < 2:
        raise AlgorithmError(
            f"All {len(labels)} rows have the same label {next(iter(counts))!r} ({what}). Classification needs at least two classes."
        )
    if len(counts) > MOST_CLASSES:
        raise AlgorithmError(
            f"The {what} gives {len(counts):,} different labels for {len(labels):,} rows; at most {MOST_CLASSES:,} classes are offered. "
            "Is it really the class?"
        )
    single = [label for label, count in counts.items() if count == 1]
    if len(single) == len(counts):
        raise AlgorithmError(
            f"Every label ({what}) occurs only once, so that nothing can be learnt or validated. Is it really the class?"
        )
    if single:
        shown = ", ".join(repr(label) for label in sorted(single)[:5])
        warnings.append(
            f"{len(single)} class(es) have a single row ({shown}{', ...' if len(single) > 5 else ''}): they are learnt from, but no row is "
            "left to validate them."
        )
    whole = all(_NUMBER.fullmatch(label) for label in counts)
    classes = sorted(counts, key=lambda label: (int(label), label) if whole else (0, label))
    places = {label: code for code, label in enumerate(classes)}
    codes = np.fromiter((places[label] for label in labels), dtype=np.int64, count=len(labels))
    return Labels(classes, codes, [counts[label] for label in classes])


def split(labels: Labels, own: int, fraction: float, seed: int, warnings: list[str]) -> tuple[Codes, Codes]:
    """Training and validation rows, each in random order.

    Args:
        own: rows of the training channel; those after them are of the validation channel, and then the channels are the split.
        fraction: part of the rows that validate when there is no such channel.

    Raises:
        AlgorithmError: the training channel has one class only.
    """
    if own == len(labels.codes):
        return _drawn(labels.codes, fraction, seed)
    generator = np.random.default_rng(seed)
    learnt = set(np.unique(labels.codes[:own]).tolist())
    if len(learnt) < 2:
        raise AlgorithmError("The training channel has one class only. Classification needs at least two.")
    new = [labels.classes[code] for code in np.unique(labels.codes[own:]).tolist() if code not in learnt]
    if new:
        warnings.append(
            f"{len(new)} class(es) occur in the validation channel only ({', '.join(map(repr, new[:5]))}): no model can know them."
        )
    return generator.permutation(own), own + generator.permutation(len(labels.codes) - own)


def _drawn(codes: Codes, fraction: float, seed: int) -> tuple[Codes, Codes]:
    """A random split with each class on both sides; single rows are in training."""
    generator = np.random.default_rng(seed)
    held = np.zeros(len(codes), dtype=bool)
    order = np.argsort(codes, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        count = min(max(1, round(len(members) * fraction)), len(members) - 1)
        held[generator.permutation(members)[:count]] = True
    rows = np.arange(len(codes))
    return generator.permutation(rows[~held]), generator.permutation(rows[held])


def without_repeats(
    keys: Sequence[object], train: Codes, validation: Codes, what: str, warnings: list[str]
) -> Codes:
    """Validation rows without those that a training row repeats: they would make scores look better than they are.

    Args:
        keys: what makes two rows the same.
    """
    known = {keys[row] for row in train.tolist()}
    kept = np.array([row for row in validation.tolist() if keys[row] not in known], dtype=np.int64)
    left_out = len(validation) - len(kept)
    if not left_out:
        return validation
    if not len(kept):
        warnings.append(
            f"Every validation {what} is in the training data too: the scores say how well these are remembered, no more."
        )
        return validation
    warnings.append(
        f"{left_out} validation {what}(s) are in the training data too and were left out of the scores."
    )
    return kept
