"""Readers and writers of SageMaker's file formats; knows neither the engine nor Jupyter.

from smstudio_ext import formats

table = formats.read_csv("train.csv")                  # target first, no header
formats.write_recordio("train.pbr", table.features, table.labels)
booster = formats.load_xgboost("xgboost-model")        # of any version of SageMaker's XGBoost
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smstudio_ext.formats.csv_files import read_csv, read_csv_stream, write_csv
    from smstudio_ext.formats.jsonlines import read_jsonlines, write_jsonlines
    from smstudio_ext.formats.libsvm import read_libsvm, write_libsvm
    from smstudio_ext.formats.mxnet_files import read_mxnet
    from smstudio_ext.formats.parquet_files import read_parquet
    from smstudio_ext.formats.recordio_files import iterate_recordio, read_recordio, write_recordio
    from smstudio_ext.formats.tables import FormatError, Table
    from smstudio_ext.formats.xgboost_models import load_booster as load_xgboost

__all__ = [
    "FormatError",
    "Table",
    "iterate_recordio",
    "load_xgboost",
    "read_csv",
    "read_csv_stream",
    "read_jsonlines",
    "read_libsvm",
    "read_mxnet",
    "read_parquet",
    "read_recordio",
    "write_csv",
    "write_jsonlines",
    "write_libsvm",
    "write_recordio",
]

_HOMES = {
    "FormatError": ("tables", "FormatError"),
    "Table": ("tables", "Table"),
    "iterate_recordio": ("recordio_files", "iterate_recordio"),
    "load_xgboost": ("xgboost_models", "load_booster"),
    "read_csv": ("csv_files", "read_csv"),
    "read_csv_stream": ("csv_files", "read_csv_stream"),
    "read_jsonlines": ("jsonlines", "read_jsonlines"),
    "read_libsvm": ("libsvm", "read_libsvm"),
    "read_mxnet": ("mxnet_files", "read_mxnet"),
    "read_parquet": ("parquet_files", "read_parquet"),
    "read_recordio": ("recordio_files", "read_recordio"),
    "write_csv": ("csv_files", "write_csv"),
    "write_jsonlines": ("jsonlines", "write_jsonlines"),
    "write_libsvm": ("libsvm", "write_libsvm"),
    "write_recordio": ("recordio_files", "write_recordio"),
}


def __getattr__(name: str) -> Any:
    # numpy and the libraries load with the first reader that needs them.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(importlib.import_module(f"{__name__}.{module}"), attribute)
