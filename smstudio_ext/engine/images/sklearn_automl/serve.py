"""Inference program of the data transformer image: answers with the functions of the model's own `sagemaker_serve.py`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from smstudio_ext.engine.images.contract import ClientError, Predictor
from smstudio_ext.engine.images.sklearn_automl import extension
from smstudio_ext.engine.images.sklearn_automl.codefolder import importing_from, load_file
from smstudio_ext.engine.images.toolkit.defaults import handler_of
from smstudio_ext.engine.images.toolkit.environment import module_name
from smstudio_ext.engine.images.toolkit.handlers import UserModel

PROGRAM = "sagemaker_serve"
_OPT_ML_MODEL = "/opt/ml/model"

extension.load()


def load(model_dir: Path, env: Mapping[str, str]) -> Predictor:
    """Loads the model with the code that SAGEMAKER_PROGRAM and SAGEMAKER_SUBMIT_DIRECTORY name.

    Raises:
        ValueError: no such code, or it cannot load the model with these settings.
    """
    program = _program(model_dir, env)
    if (program.parent / "requirements.txt").exists():
        print(
            "smstudio: requirements.txt is not installed for serving; it runs with what is installed here.",
            file=sys.stderr,
        )
    if not _is_plain(program):
        _allow_old_names()
    module = load_file(program, program.stem, env)
    with importing_from(program.parent):
        model = UserModel(module, handler_of("scikit-learn"), str(model_dir))
    return _CodePredictor(model, env.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT") or "text/csv")


class _CodePredictor:
    """Answers requests with the functions of a user's module."""

    def __init__(self, model: UserModel, default_accept: str) -> None:
        self._model = model
        self._default_accept = default_accept

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request; see `contract.Predictor`."""
        wanted = next(
            (kind for kind in accept.split(",") if kind.split(";")[0].strip() not in ("", "*/*")), ""
        )
        headers = {
            "content-type": content_type or "text/csv",
            "accept": wanted.strip() or self._default_accept,
        }
        answer = self._model.answer(body, headers)
        if answer.status < 400:
            return answer.body, answer.content_type
        message = answer.body.decode("utf-8", "replace")
        if answer.status < 500:
            raise ClientError(message, answer.status)
        raise RuntimeError(message)


def _program(model_dir: Path, env: Mapping[str, str]) -> Path:
    name = f"{module_name(env.get('SAGEMAKER_PROGRAM') or PROGRAM)}.py"
    for folder in _folders(model_dir, env.get("SAGEMAKER_SUBMIT_DIRECTORY", "")):
        if (folder / name).is_file():
            return folder / name
    raise ValueError(
        f"There is no {name} in the model archive or in SAGEMAKER_SUBMIT_DIRECTORY. The data transformer's training job "
        "writes it beside model.joblib."
    )


def _folders(model_dir: Path, named: str) -> list[Path]:
    inside = [model_dir / "code", model_dir]
    if named.startswith("s3://"):
        from smstudio_ext.engine.images.toolkit.failures import UserError
        from smstudio_ext.engine.images.toolkit.sources import fetch_source

        folder = Path(tempfile.mkdtemp(prefix="code-"))
        try:
            fetch_source(named, folder)
        except UserError as error:
            raise ValueError(str(error)) from error
        return [folder]
    if named.startswith(_OPT_ML_MODEL):
        place = Path(f"{model_dir}{named[len(_OPT_ML_MODEL) :]}")
        return [place.parent if place.suffix == ".py" else place, *inside]
    return inside


def _is_plain(program: Path) -> bool:
    """Whether the code uses today's names only: numpy's `np.float` and its kin went long ago."""
    text = program.read_text(encoding="utf-8", errors="replace")
    return not any(
        f"np.{name})" in text or f"np.{name}," in text for name in ("float", "int", "bool", "object", "str")
    )


def _allow_old_names() -> None:
    import importlib

    importlib.import_module("smstudio_job").install()
