"""Loads an XGBoost model file of any version that SageMaker's images wrote, without unpickling it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from smstudio_ext.formats import pickles, xgboost_binary

if TYPE_CHECKING:
    import xgboost

Kind: TypeAlias = Literal["pickle", "ubj", "json", "binary"]
_PICKLE_STARTS = (b"\x80", b"ccopy_reg", b"(cxgboost", b"cxgboost")


class ModelFileError(ValueError):
    """The bytes are no model that xgboost, or the reader of its old format, can load."""


def model_kind(data: bytes) -> Kind | None:
    """In which of the formats a model file is: a pickled Booster, UBJSON, JSON, the old binary one, or none of them."""
    if data.startswith(_PICKLE_STARTS):
        return "pickle"
    if data[:1] == b"{":
        return "json" if data[1:].lstrip()[:1] in (b'"', b"}") else "ubj"
    return "binary" if xgboost_binary.looks_old(data) else None


def load_booster(source: str | Path | bytes) -> xgboost.Booster:
    """Loads a model file, whichever version of SageMaker's XGBoost wrote it.

    A pickle is read with every class replaced by an inert stand-in, so that nothing in it runs. A model that was stopped early
    keeps only the rounds that its predictions use.

    Args:
        source: path of a file such as `xgboost-model`, or its bytes.

    Raises:
        ModelFileError: no model that can be loaded.
    """
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    kind = model_kind(data)
    try:
        if kind == "pickle":
            return _from_pickle(pickles.read_booster_pickle(data))
        return _from_bytes(data, old=kind == "binary")
    except (pickles.PickleRefused, xgboost_binary.OldModelError) as error:
        raise ModelFileError(str(error)) from error


def _from_pickle(found: pickles.PickledBooster) -> xgboost.Booster:
    booster = _from_handle(found.handle)
    if found.rounds is not None and 0 < found.rounds < booster.num_boosted_rounds():
        booster = booster[: found.rounds]
    return booster


def _from_handle(handle: bytes) -> xgboost.Booster:
    import xgboost

    if xgboost_binary.looks_old(handle):
        return _from_bytes(handle, old=True)
    booster = xgboost.Booster()
    try:
        booster.__setstate__({"handle": bytearray(handle)})
    except xgboost.core.XGBoostError as error:
        raise ModelFileError(_reason(error)) from error
    return booster


def _from_bytes(data: bytes, *, old: bool) -> xgboost.Booster:
    import xgboost

    if old:
        data = xgboost_binary.to_json(xgboost_binary.read_old_model(data))
    booster = xgboost.Booster()
    try:
        booster.load_model(bytearray(data))
    except (xgboost.core.XGBoostError, ValueError) as error:
        raise ModelFileError(_reason(error)) from error
    return booster


def _reason(error: Exception) -> str:
    import xgboost

    said, _, _ = str(error).partition("Stack trace:")
    lines = [line for line in said.strip().splitlines() if line.strip()]
    detail = next((line for line in lines if "Check failed" in line or "error" in line.lower()), "")
    return (
        f"xgboost {xgboost.__version__} cannot load the model. {(detail or ''.join(lines[:1])).strip()[:300]}"
    )
