"""Answers requests with the functions of the user's module: `model_fn`, `input_fn`, `predict_fn`, `output_fn`, `transform_fn`."""

from __future__ import annotations

import inspect
import json
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from smstudio_ext.engine.images.toolkit import content
from smstudio_ext.engine.images.toolkit.content import UnsupportedFormatError
from smstudio_ext.engine.images.toolkit.defaults import DefaultInferenceHandler, default_accept

_PARTS = ("input_fn", "predict_fn", "output_fn")


@dataclass
class Answer:
    """What a request is answered with."""

    status: int
    content_type: str
    body: bytes


@dataclass
class Context:
    """What functions with a `context` argument get of the container and of the request."""

    system_properties: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    response_type: str | None = None

    def get_request_header(self, _index: int, name: str) -> str | None:
        """A header of the request."""
        return self.headers.get(name.lower())

    def set_response_content_type(self, _index: int, content_type: str) -> None:
        """Says what the answer is."""
        self.response_type = content_type


class UserModel:
    """A loaded model with the user's functions around it; answers one request at a time.

    Args:
        module: the user's module; None for the framework's own functions alone.
        defaults: used for what the module lacks.
        model_dir: the model's folder.
    """

    def __init__(self, module: ModuleType | None, defaults: DefaultInferenceHandler, model_dir: str) -> None:
        own = {name: getattr(module, name, None) for name in ("model_fn", "transform_fn", *_PARTS)}
        if own["transform_fn"] and any(own[name] for name in _PARTS):
            raise ValueError(
                "Cannot use transform_fn implementation in conjunction with input_fn, predict_fn, and/or output_fn implementation"
            )
        self._context = Context({"model_dir": model_dir, "gpu_id": None})
        self._input: Callable[..., Any] = own["input_fn"] or defaults.default_input_fn
        self._predict: Callable[..., Any] = own["predict_fn"] or defaults.default_predict_fn
        self._output: Callable[..., Any] = own["output_fn"] or defaults.default_output_fn
        self._transform: Callable[..., Any] = own["transform_fn"] or self._in_parts
        self.execution_parameters_fn: Callable[[], Any] | None = getattr(
            module, "execution_parameters_fn", None
        )
        self._model = self._call(own["model_fn"] or defaults.default_model_fn, model_dir)

    def answer(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Answers a request.

        Args:
            headers: by lower-case name.
        """
        content_type = headers.get("content-type") or content.JSON
        accept = headers.get("accept") or ""
        if accept in ("", content.ANY):
            accept = default_accept()
        self._context.headers = headers
        self._context.response_type = None
        data: bytes | str = body
        try:
            if content.media_type(content_type) in content.UTF8_TYPES:
                data = body.decode("utf-8")
            result = self._call(self._transform, self._model, data, content_type, accept)
            return _as_answer(result, self._context.response_type or accept)
        except _Refused as refused:
            return refused.answer
        except UnicodeDecodeError as error:
            return _text(400, f"The request body is not UTF-8: {error}")
        except Exception as error:  # noqa: BLE001 - the user's code may raise anything; it is told and the server goes on
            return _failure(error)

    def _in_parts(self, model: Any, data: Any, content_type: str, accept: str) -> Any:
        try:
            given = self._call(self._input, data, content_type)
        except UnsupportedFormatError as error:
            raise _Refused(_refusal(error, 415)) from error
        prediction = self._call(self._predict, given, model)
        try:
            return self._call(self._output, prediction, accept)
        except UnsupportedFormatError as error:
            raise _Refused(_refusal(error, 406)) from error

    def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Calls a function that may take the context as its last argument."""
        if getattr(function, "__self__", None) is not None:  # one of ours
            return function(*arguments)
        try:
            count = len(inspect.signature(function).parameters)
        except (TypeError, ValueError):
            count = len(arguments)
        if count == len(arguments) + 1:
            return function(*arguments, self._context)
        return function(*arguments)


class _Refused(Exception):
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def _as_answer(result: Any, accept: str) -> Answer:
    """What `output_fn` or `transform_fn` may return: a body, (body, type), or a Response."""
    content_type = content.accepted(accept)[0]
    if isinstance(result, tuple):
        result, content_type = result[0], str(result[1])
    if hasattr(result, "smstudio_body"):  # the Response of sagemaker_containers
        return Answer(int(result.status), str(result.mimetype or content_type), _body(result.smstudio_body))
    return Answer(200, content_type, _body(result))


def _body(value: Any) -> bytes:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, str):
        return value.encode("utf-8")
    if value is None:
        return b""
    if isinstance(value, (dict, list, int, float)) or hasattr(value, "tolist"):
        return content.array_to_json(value).encode("utf-8")
    raise TypeError(f"output_fn returned {type(value).__name__}; return str, bytes, or (body, content type)")


def _refusal(error: UnsupportedFormatError, status: int) -> Answer:
    told = {"error": type(error).__name__, "error-message": str(error), "stack-trace": traceback.format_exc()}
    print(f"Request refused ({status}): {error}", file=sys.stderr, flush=True)
    return Answer(status, content.JSON, json.dumps(told).encode())


def _failure(error: Exception) -> Answer:
    """500 with the error and its traceback, or the status that the error itself names."""
    traceback.print_exc()
    sys.stderr.flush()
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and 400 <= status < 600:
        return _text(status, str(getattr(error, "message", error)))
    return _text(500, f"{type(error).__name__}: {error}\n{traceback.format_exc()}")


def _text(status: int, message: str) -> Answer:
    return Answer(status, "text/plain", message.encode("utf-8", "replace"))
