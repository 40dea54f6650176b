"""Texts as the classifiers read them: normalised, cut, and taken apart into words or, where none are marked, characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.contract import AlgorithmError

LONGEST = 20_000
"""Characters of a text that are read; what follows says little more of its class."""

_BLANKS = re.compile(r"\s+")
_TOKENS = re.compile(r"\w+|[^\w\s]")
# Scripts that write words without blanks between them: Thai, Lao, Khmer, Myanmar, Japanese and Chinese.
_JOINED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
_JOINED_SHARE = 0.2
FILE = "data.parquet"


def normalise(text: str) -> str:
    """One spelling for what reads alike: compatibility forms, case and blanks."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", text[:LONGEST]).lower()).strip()


def is_spaced(texts: Sequence[str], sample: int = 2000) -> bool:
    """Whether most of the text marks its words by blanks (Japanese, Chinese and Thai do not)."""
    step = max(1, len(texts) // sample)
    joined = letters = 0
    for text in texts[::step]:
        short = text[:1000]
        joined += len(_JOINED.findall(short))
        letters += sum(1 for mark in short if mark.isalpha())
    return joined <= _JOINED_SHARE * max(1, letters)


def tokens_of(text: str, *, spaced: bool) -> list[str]:
    """Words and punctuation marks; pairs of neighbouring characters where words are not marked.

    Args:
        text: a normalised text.
    """
    if spaced:
        return _TOKENS.findall(text)
    plain = text.replace(" ", "")
    return [plain[at : at + 2] for at in range(max(1, len(plain) - 1))] if plain else []


def read_texts(folder: Path) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Normalised texts and class codes of a channel that the analysis wrote.

    Raises:
        AlgorithmError: the channel holds no such file.
    """
    import pyarrow.parquet as pq

    path = folder / FILE
    if not path.is_file():
        raise AlgorithmError(f"The channel holds no file {FILE}.")
    table = pq.read_table(path)
    codes = table.column("label").to_numpy().astype(np.int64)
    return [normalise(text) for text in table.column("text").to_pylist()], codes
