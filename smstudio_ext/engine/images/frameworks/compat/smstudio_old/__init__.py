"""Old names and arguments of libraries, as the images of their time had them. Standard library only until used."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

_LAST_WITH_OLD_PANDAS = {
    "sagemaker-scikit-learn": (1, 2),
    "sagemaker-xgboost": (1, 7),
    "pytorch-training": (1, 13),
    "pytorch-inference": (1, 13),
    "sagemaker-pytorch": (99,),
    "mxnet-training": (99,),
    "tensorflow-training": (2, 11),
    "sagemaker-tensorflow-scriptmode": (99,),
}
"""Repository -> the last version whose image had pandas 1."""


def image() -> tuple[str, tuple[int, ...]]:
    """The job's image: repository and version."""
    repository, _, tag = os.environ.get("SMSTUDIO_IMAGE", "").rpartition("/")[2].partition(":")
    match = re.match(r"\d+(?:\.\d+)*", tag)
    return repository, tuple(int(part) for part in match[0].split(".")) if match else ()


def had_pandas_1() -> bool:
    """Whether the image's pandas was older than 2.0."""
    repository, version = image()
    last = _LAST_WITH_OLD_PANDAS.get(repository)
    return last is not None and bool(version) and version[: len(last)] <= last


def had_pandas_2() -> bool:
    """Whether the image's pandas was older than 3.0: plain Python images have what is installed."""
    repository, _ = image()
    return repository in _LAST_WITH_OLD_PANDAS or repository.startswith(("huggingface-", "sagemaker-mxnet"))


def translated(function: Callable[..., Any], names: Mapping[str, Any]) -> Callable[..., Any]:
    """`function` with old keyword arguments: a name stands for a new name, None for one that is ignored,
    a function for `(value) -> new keyword arguments`."""

    @functools.wraps(function)
    def call(*arguments: Any, **keywords: Any) -> Any:
        for old in [name for name in keywords if name in names]:
            value, new = keywords.pop(old), names[old]
            if callable(new):
                keywords.update(new(value))
            elif new is not None:
                keywords[new] = value
        return function(*arguments, **keywords)

    return call


def positional(function: Callable[..., Any], *names: str) -> Callable[..., Any]:
    """`function` whose keyword-only arguments `names` may also be given by position, after the first `len` that it has."""
    accepted = function.__code__.co_argcount if hasattr(function, "__code__") else 1

    @functools.wraps(function)
    def call(*arguments: Any, **keywords: Any) -> Any:
        extra = arguments[accepted:]
        keywords.update(zip(names, extra, strict=False))
        return function(*arguments[:accepted], **keywords)

    return call
