"""Opens model files that Amazon's first-party algorithms write with MXNet, without MXNet."""

from __future__ import annotations

from pathlib import Path

from smstudio_ext.formats import mxnet
from smstudio_ext.formats.mxnet import Archive, Tensor
from smstudio_ext.formats.tables import FormatError


def read_mxnet(source: str | Path | bytes) -> Archive | list[Tensor] | dict[str, Tensor]:
    """Reads a `model_algo-1`: the zip of Linear Learner and its kin, or the bare array file of K-Means and PCA.

    Args:
        source: path of the file, or its bytes.

    Returns:
        The archive, or the arrays as a list or by name.

    Raises:
        FormatError: the file is neither.
    """
    name = "the data" if isinstance(source, bytes) else Path(source).name
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    try:
        return mxnet.read(data) if mxnet.is_list(data) else mxnet.read_archive(data)
    except mxnet.MxnetError as error:
        raise FormatError(f"'{name}': {error}", file=name) from error
