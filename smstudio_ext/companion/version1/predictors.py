"""Deploying, predicting and deleting endpoints with what SageMaker SDK 1 took."""

from __future__ import annotations

import functools
from typing import Any

_MEDIA: tuple[str, ...] = ("content_type", "accept")


class _Called:
    """A function that served as a serializer or deserializer in version 1, with `content_type` or `accept` on it."""

    def __init__(self, function: Any) -> None:
        self._function = function
        self.CONTENT_TYPE = getattr(function, "content_type", None) or "application/octet-stream"
        self.ACCEPT = (getattr(function, "accept", None) or "*/*",)

    def serialize(self, data: Any) -> Any:
        """What the function makes of the data."""
        return self._function(data)

    def deserialize(self, stream: Any, content_type: str) -> Any:
        """What the function makes of the answer."""
        return self._function(stream, content_type)


def predict_as_before(module: Any) -> None:
    """Predictors take `content_type` and `accept`, functions as serializers, None for none, and have `endpoint`."""
    kind = module.Predictor
    construct = kind.__init__

    @functools.wraps(construct)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        media: dict[str, Any] = {name: kwargs.pop(name) for name in _MEDIA if name in kwargs}
        if "endpoint" in kwargs:
            kwargs.setdefault("endpoint_name", kwargs.pop("endpoint"))
        construct(self, *args, **kwargs)
        _set_media(self, media)

    kind.__init__ = __init__
    kind.serializer = _adapting("serializer", "serialize", module.IdentitySerializer)
    kind.deserializer = _adapting("deserializer", "deserialize", module.BytesDeserializer)
    kind.endpoint = property(
        lambda self: self.endpoint_name,
        lambda self, value: setattr(self, "endpoint_name", value),
        doc="Name of the endpoint.",
    )
    module.RealTimePredictor = kind


def _adapting(name: str, work: str, nothing: Any) -> property:
    def get(self: Any) -> Any:
        return self.__dict__[name]

    def put(self: Any, value: Any) -> None:
        if value is None:
            value = nothing()
        elif not hasattr(value, work) and callable(value):
            value = _Called(value)
        self.__dict__[name] = value

    return property(get, put, doc=f"The {name}; a function of version 1 is taken too.")


def _set_media(predictor: Any, media: dict[str, Any]) -> None:
    for name, value in media.items():
        if value is not None and predictor is not None:
            setattr(predictor, name, value)


def deploy_as_before(module: Any) -> None:
    """`deploy()` takes `content_type`, `accept` and `update_endpoint`."""
    kind = module.EstimatorBase if hasattr(module, "EstimatorBase") else module.Model
    deploy = kind.deploy

    @functools.wraps(deploy)
    def deployed(self: Any, *args: Any, **kwargs: Any) -> Any:
        media: dict[str, Any] = {name: kwargs.pop(name) for name in _MEDIA if name in kwargs}
        if kwargs.pop("update_endpoint", False) and kwargs.get("endpoint_name"):
            predictor = _update(self, *args, **kwargs)
        else:
            predictor = deploy(self, *args, **kwargs)
        _set_media(predictor, media)
        self._version1_endpoint = getattr(predictor, "endpoint_name", None)
        return predictor

    kind.deploy = deployed


def _update(
    origin: Any,
    initial_instance_count: int,
    instance_type: str,
    serializer: Any = None,
    deserializer: Any = None,
    *,
    endpoint_name: str,
    wait: bool = True,
    **kwargs: Any,
) -> Any:
    """Version 1's `deploy(..., update_endpoint=True)`: a new model behind an endpoint that is there."""
    made_here = hasattr(origin, "create_model")
    model = origin.create_model(**kwargs) if made_here else origin
    model.sagemaker_session = model.sagemaker_session or origin.sagemaker_session
    if model.name is None and made_here:
        model._base_name = origin.base_job_name
    model._create_sagemaker_model(instance_type)
    predictor = (model.predictor_cls or _plain_predictor())(endpoint_name, model.sagemaker_session)
    if serializer is not None:
        predictor.serializer = serializer
    if deserializer is not None:
        predictor.deserializer = deserializer
    predictor.update_endpoint(
        initial_instance_count=initial_instance_count,
        instance_type=instance_type,
        model_name=model.name,
        wait=wait,
    )
    return predictor


def _plain_predictor() -> Any:
    from sagemaker.base_predictor import Predictor

    return Predictor


def end_endpoints_as_before(module: Any) -> None:
    """`estimator.delete_endpoint()` and `tuner.delete_endpoint()`, which do nothing in version 2, delete it again."""
    kind = getattr(module, "EstimatorBase", None) or module.HyperparameterTuner

    def delete_endpoint(self: Any, endpoint_name: str | None = None) -> None:
        """Deletes the endpoint that `deploy()` made, or the named one."""
        name = endpoint_name or getattr(self, "_version1_endpoint", None)
        if name is None and hasattr(self, "best_training_job"):
            name = self.best_training_job()  # the name that a tuner's deploy() gives by default
        if name is None:
            raise ValueError("Endpoint was not created yet")
        self.sagemaker_session.delete_endpoint(name)

    kind.delete_endpoint = delete_endpoint
