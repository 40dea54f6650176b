"""Reads and writes fastText's binary model files, which BlazingText and fastText share.

Layout of version 12 (https://github.com/facebookresearch/fastText, src/fasttext.cc, src/args.cc, src/dictionary.cc): magic and
version, twelve 32-bit settings and a double, the dictionary, a flag and the input matrix, a flag and the output matrix.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
import numpy.typing as npt

MAGIC, VERSION = 793712314, 12
HS, NS, SOFTMAX, OVA = 1, 2, 3, 4
CBOW, SKIPGRAM, SUPERVISED = 1, 2, 3
EOS, LABEL_PREFIX = "</s>", "__label__"
Matrix: TypeAlias = npt.NDArray[np.float32]

_ARGS = struct.Struct("<12id")
_ARG_NAMES = (
    "dim",
    "ws",
    "epoch",
    "min_count",
    "neg",
    "word_ngrams",
    "loss",
    "model",
    "bucket",
    "minn",
    "maxn",
    "lr_update_rate",
    "t",
)


@dataclass
class FastTextFile:
    """The content of a model file.

    Attributes:
        args: settings by the names of `_ARG_NAMES`.
        words, word_counts: the vocabulary by falling frequency.
        labels, label_counts: the labels of a classifier.
        inputs: (words + buckets, dim), mapped from the file.
        outputs: (labels or words, dim).
        tokens: number of tokens of the training text.
    """

    args: dict[str, Any]
    words: list[str]
    word_counts: list[int]
    labels: list[str]
    label_counts: list[int]
    inputs: Matrix
    outputs: Matrix
    tokens: int


def read(path: Path) -> FastTextFile:
    """Opens a model file; the large input matrix stays on the disk.

    Raises:
        ValueError: it is no fastText file, is cut short, or is quantized.
    """
    try:
        with path.open("rb") as stream:
            return _read(stream, path)
    except (struct.error, EOFError, OverflowError, MemoryError) as error:
        raise ValueError(f"{path.name} is cut short or damaged: {error}") from error


def _read(stream: BinaryIO, path: Path) -> FastTextFile:
    magic, version = struct.unpack("<ii", stream.read(8))
    if magic != MAGIC or not 11 <= version <= VERSION:
        raise ValueError(f"{path.name} is no fastText model of version 11 or 12.")
    args = dict(zip(_ARG_NAMES, _ARGS.unpack(stream.read(_ARGS.size)), strict=True))
    if version == 11 and args["model"] == SUPERVISED:
        args["maxn"] = 0  # classifiers of version 11 never used character n-grams
    size, word_count, label_count, tokens, pruned = struct.unpack("<iiiqq", stream.read(28))
    if pruned > 0:
        raise ValueError(f"{path.name} is a quantized model (.ftz), which is not offered.")
    names, counts = [], []
    rest = b""
    for _ in range(size):
        rest, name = _terminated(stream, rest)
        while len(rest) < 9:
            rest += _more(stream)
        count, _kind = struct.unpack("<qb", rest[:9])
        rest = rest[9:]
        names.append(name)
        counts.append(count)
    stream.seek(-len(rest), 1)
    inputs = _matrix(stream, path, mapped=True)
    outputs = _matrix(stream, path, mapped=False)
    if word_count + label_count != size or inputs.shape[1] != args["dim"] or outputs.shape[1] != args["dim"]:
        raise ValueError(f"{path.name}: the parts of the file do not fit together.")
    return FastTextFile(
        args,
        names[:word_count],
        counts[:word_count],
        names[word_count:],
        counts[word_count:],
        inputs,
        outputs,
        tokens,
    )


def _more(stream: BinaryIO) -> bytes:
    chunk = stream.read(1 << 16)
    if not chunk:
        raise EOFError("the dictionary ends early")
    return chunk


def _terminated(stream: BinaryIO, rest: bytes) -> tuple[bytes, str]:
    end = rest.find(b"\0")
    while end < 0:
        rest += _more(stream)
        end = rest.find(b"\0")
    return rest[end + 1 :], rest[:end].decode("utf-8", "replace")


def _matrix(stream: BinaryIO, path: Path, *, mapped: bool) -> Matrix:
    (quantized,) = struct.unpack("<?", stream.read(1))
    if quantized:
        raise ValueError(f"{path.name} is a quantized model (.ftz), which is not offered.")
    rows, columns = struct.unpack("<qq", stream.read(16))
    at, length = stream.tell(), rows * columns * 4
    if rows < 0 or columns < 1 or at + length > path.stat().st_size:
        raise EOFError("a matrix ends early")
    stream.seek(length, 1)
    if rows == 0:
        return np.zeros((0, columns), dtype=np.float32)
    found: Matrix = np.memmap(path, dtype="<f4", mode="r", offset=at, shape=(rows, columns))
    return found if mapped else np.array(found)


def write(
    path: Path,
    args: dict[str, Any],
    words: Sequence[tuple[str, int]],
    labels: Sequence[tuple[str, int]],
    rows: npt.NDArray[np.int64],
    values: Matrix,
    outputs: Matrix,
    tokens: int,
) -> None:
    """Writes a model file.

    Args:
        words, labels: with their counts.
        rows: places of `values` in the input matrix; all other rows are zero and take no room on a disk with sparse files.
    """
    total = len(words) + int(args["bucket"])
    with path.open("wb") as out:
        out.write(struct.pack("<ii", MAGIC, VERSION))
        out.write(_ARGS.pack(*(args[name] for name in _ARG_NAMES)))
        out.write(struct.pack("<iiiqq", len(words) + len(labels), len(words), len(labels), tokens, -1))
        for kind, entries in ((0, words), (1, labels)):
            for name, count in entries:
                out.write(name.encode() + b"\0" + struct.pack("<qb", count, kind))
        dim = int(args["dim"])
        out.write(struct.pack("<?qq", False, total, dim))
        _write_rows(out, rows, values, total, dim)
        out.write(struct.pack("<?qq", False, len(outputs), dim))
        out.write(np.ascontiguousarray(outputs, dtype="<f4").tobytes())


def _write_rows(out: BinaryIO, rows: npt.NDArray[np.int64], values: Matrix, total: int, dim: int) -> None:
    start, width = out.tell(), 4 * dim
    data = np.ascontiguousarray(values, dtype="<f4")
    # Rows that follow each other are written at once.
    breaks = np.flatnonzero(np.diff(rows) != 1) + 1
    for part in np.split(np.arange(len(rows)), breaks) if len(rows) else []:
        out.seek(start + int(rows[part[0]]) * width)
        out.write(data[part[0] : part[-1] + 1].tobytes())
    out.flush()
    end = start + total * width
    out.truncate(max(end, out.tell()))
    out.seek(end)
