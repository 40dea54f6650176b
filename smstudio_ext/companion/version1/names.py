"""Names that modules of SageMaker SDK 1 had and those of version 2 have no more."""

from __future__ import annotations

import importlib
from typing import Any

_SERIALIZERS = {
    "_CsvSerializer": "sagemaker.serializers:CSVSerializer",
    "_JsonSerializer": "sagemaker.serializers:JSONSerializer",
    "_NpySerializer": "sagemaker.serializers:NumpySerializer",
    "_CsvDeserializer": "sagemaker.deserializers:CSVDeserializer",
    "_JsonDeserializer": "sagemaker.deserializers:JSONDeserializer",
    "_NumpyDeserializer": "sagemaker.deserializers:NumpyDeserializer",
    "BytesDeserializer": "sagemaker.deserializers:BytesDeserializer",
    "StringDeserializer": "sagemaker.deserializers:StringDeserializer",
    "StreamDeserializer": "sagemaker.deserializers:StreamDeserializer",
}

_CALLABLE = {
    "csv_serializer": "sagemaker.serializers:CSVSerializer",
    "json_serializer": "sagemaker.serializers:JSONSerializer",
    "npy_serializer": "sagemaker.serializers:NumpySerializer",
    "csv_deserializer": "sagemaker.deserializers:CSVDeserializer",
    "json_deserializer": "sagemaker.deserializers:JSONDeserializer",
    "numpy_deserializer": "sagemaker.deserializers:NumpyDeserializer",
}
"""Objects of `sagemaker.predictor`, which version 1's programs also called: `csv_serializer(row)`."""

_CONTENT_TYPES = {
    "CONTENT_TYPE_JSON": "application/json",
    "CONTENT_TYPE_CSV": "text/csv",
    "CONTENT_TYPE_OCTET_STREAM": "application/octet-stream",
    "CONTENT_TYPE_NPY": "application/x-npy",
}

OLD_NAMES: dict[str, dict[str, str]] = {
    "sagemaker": {
        "s3_input": "sagemaker.inputs:TrainingInput",
        "RealTimePredictor": "sagemaker.base_predictor:Predictor",
        "get_image_uri": "sagemaker.amazon.amazon_estimator:get_image_uri",
    },
    "sagemaker.session": {
        "s3_input": "sagemaker.inputs:TrainingInput",
        "ShuffleConfig": "sagemaker.inputs:ShuffleConfig",
    },
    "sagemaker.inputs": {"s3_input": "sagemaker.inputs:TrainingInput"},
    "sagemaker.predictor": {"RealTimePredictor": "sagemaker.base_predictor:Predictor", **_SERIALIZERS},
    "sagemaker.amazon.common": {
        "numpy_to_record_serializer": "sagemaker.serializers:RecordSerializer",
        "record_deserializer": "sagemaker.deserializers:RecordDeserializer",
    },
    "sagemaker.content_types": {},
    "sagemaker.tensorflow.serving": {
        "Model": "sagemaker.tensorflow.model:TensorFlowModel",
        "Predictor": "sagemaker.tensorflow.model:TensorFlowPredictor",
    },
}
"""Module -> old name -> `module:name` of what stands for it today."""


def offer_old_names(module: Any) -> None:
    """Gives a module its old names."""
    for name, place in OLD_NAMES[module.__name__].items():
        setattr(module, name, _found(place))
    if module.__name__ == "sagemaker.predictor":
        for name, place in _CALLABLE.items():
            setattr(module, name, _callable(_found(place)))
    if module.__name__ == "sagemaker.content_types":
        for name, value in _CONTENT_TYPES.items():
            setattr(module, name, value)


def _found(place: str) -> Any:
    home, name = place.split(":")
    return getattr(importlib.import_module(home), name)


def _callable(kind: Any) -> Any:
    """An object of a serializer's class that can be called too."""
    work = "serialize" if hasattr(kind, "serialize") else "deserialize"
    members = {"__call__": getattr(kind, work), "__module__": kind.__module__, "__doc__": kind.__doc__}
    return type(kind.__name__, (kind,), members)()
