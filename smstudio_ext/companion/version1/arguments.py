"""Arguments of SageMaker SDK 1 in the constructors and methods of version 2."""

from __future__ import annotations

import functools
import inspect
from typing import Any

TRAINING = {
    "train_instance_count": "instance_count",
    "train_instance_type": "instance_type",
    "train_max_run": "max_run",
    "train_max_wait": "max_wait",
    "train_use_spot_instances": "use_spot_instances",
    "train_volume_kms_key": "volume_kms_key",
    "train_volume_size": "volume_size",
}
_ESTIMATOR = {**TRAINING, "image_name": "image_uri"}
_FRAMEWORK = {**_ESTIMATOR, "distributions": "distribution"}
_MODEL = {"image": "image_uri"}
_S3 = {"session": "sagemaker_session"}

_ALGORITHMS = (
    "FactorizationMachines",
    "IPInsights",
    "KMeans",
    "KNN",
    "LDA",
    "LinearLearner",
    "NTM",
    "Object2Vec",
    "PCA",
    "RandomCutForest",
)
_FRAMEWORKS = ("Chainer", "MXNet", "PyTorch", "RLEstimator", "SKLearn", "TensorFlow", "XGBoost")

_CONSTRUCTORS: dict[str, dict[str, str]] = {
    "Estimator": _ESTIMATOR,
    "Framework": _FRAMEWORK,
    "AlgorithmEstimator": _ESTIMATOR,
    **dict.fromkeys(_ALGORITHMS, TRAINING),
    **dict.fromkeys(_FRAMEWORKS, _FRAMEWORK),
    **dict.fromkeys(("Model", "FrameworkModel", "MultiDataModel"), _MODEL),
    **dict.fromkeys([f"{name}Model" for name in _FRAMEWORKS], _MODEL),
}
"""Class -> old argument -> new one, as the SDK's `sagemaker-upgrade-v2` renames them."""

_METHODS: dict[str, dict[str, dict[str, str]]] = {
    "Session": {
        "create_model_from_job": {"primary_container_image": "image_uri"},
        "endpoint_from_job": {"deployment_image": "image_uri"},
        "endpoint_from_model_data": {"deployment_image": "image_uri"},
    },
    "Estimator": {"create_model": _MODEL},
    "S3Downloader": dict.fromkeys(("download", "list", "read_file"), _S3),
    "S3Uploader": dict.fromkeys(("upload", "upload_string_as_file_body"), _S3),
}


def accept_old_arguments(module: Any) -> None:
    """Lets the classes that a module defines take version 1's arguments."""
    for name, kind in list(vars(module).items()):
        if not isinstance(kind, type) or kind.__module__ != module.__name__:
            continue
        if name in _CONSTRUCTORS:
            _wrap_constructor(kind, _CONSTRUCTORS[name])
        for method, renamed in _METHODS.get(name, {}).items():
            _wrap_method(kind, method, renamed)
        if name == "EstimatorBase":
            _offer_old_attributes(kind)


def _wrap_constructor(kind: type, renamed: dict[str, str]) -> None:
    construct: Any = kind.__init__  # type: ignore[misc]
    versioned = "framework_version" in inspect.signature(construct).parameters

    @functools.wraps(construct)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        _rename(kwargs, renamed)
        if kind.__name__ == "Model" and args and _is_model_data(args[0]):
            args = _as_keywords(args, kwargs, ("model_data", "image_uri"))  # version 1's order
        if kind.__name__ == "TensorFlow":
            kwargs.pop("script_mode", None)  # the only mode since
        if versioned:
            _fill_versions(kind.__name__, construct, (self, *args), kwargs)
        construct(self, *args, **kwargs)

    kind.__init__ = __init__  # type: ignore[misc]


def _wrap_method(kind: type, name: str, renamed: dict[str, str]) -> None:
    static = isinstance(inspect.getattr_static(kind, name, None), staticmethod)
    call = getattr(kind, name)

    @functools.wraps(call)
    def method(*args: Any, **kwargs: Any) -> Any:
        _rename(kwargs, renamed)
        return call(*args, **kwargs)

    setattr(kind, name, staticmethod(method) if static else method)


def _rename(kwargs: dict[str, Any], renamed: dict[str, str]) -> None:
    for old, new in renamed.items():
        if old in kwargs:
            value = kwargs.pop(old)
            kwargs.setdefault(new, value)


def _is_model_data(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("s3://", "file://"))


def _as_keywords(args: tuple[Any, ...], kwargs: dict[str, Any], names: tuple[str, ...]) -> tuple[Any, ...]:
    """Moves positional arguments in version 1's order to keywords; the rest (`role` and so on) has kept its place."""
    order = (*names, "role", "predictor_cls", "env", "name", "vpc_config", "sagemaker_session")
    kwargs.update(zip(order, args, strict=False))
    return args[len(order) :]


def _fill_versions(name: str, construct: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Version 1 had a default framework and Python version; version 2 asks for them."""
    try:
        given = inspect.signature(construct).bind_partial(*args, **kwargs).arguments
    except TypeError:
        return  # the constructor says what is wrong
    if given.get("image_uri"):
        return
    # The SDK's own table of version 1's defaults, which its upgrade tool writes into programs.
    from sagemaker.cli.compatibility.v2.modifiers import framework_version as table

    default_python: Any = table._py_version_defaults
    framework, is_model = name.removesuffix("Model"), name.endswith("Model")
    version = given.get("framework_version") or table.FRAMEWORK_DEFAULTS.get(framework)
    if version is None:
        return
    if not given.get("framework_version"):
        kwargs["framework_version"] = version
    python = default_python(framework, version, is_model)
    if python and not given.get("py_version") and "py_version" in inspect.signature(construct).parameters:
        kwargs["py_version"] = python


def _offer_old_attributes(kind: type) -> None:
    """`estimator.train_instance_count` and its kin, and `estimator.train_image()`."""

    def alias(new: str) -> property:
        return property(
            lambda self: getattr(self, new), lambda self, value: setattr(self, new, value), doc=f"`{new}`"
        )

    for old, new in TRAINING.items():
        if not hasattr(kind, old):
            setattr(kind, old, alias(new))
    if not hasattr(kind, "train_image"):
        kind.train_image = lambda self: self.training_image_uri()  # type: ignore[attr-defined]
