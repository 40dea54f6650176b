"""What a framework image does where the user's module has no function for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from smstudio_ext.engine.images.toolkit import content, xgboost_content
from smstudio_ext.engine.images.toolkit.content import UnsupportedFormatError

_MODEL_FN = "Please provide a model_fn implementation.\nSee documentation for model_fn at https://github.com/aws/sagemaker-python-sdk"
_PREDICT_FN = "Please provide a predict_fn implementation.\nSee documentation for predict_fn at https://github.com/aws/sagemaker-python-sdk"


class DefaultInferenceHandler:
    """The functions of a plain image: the model and the prediction are the user's."""

    def default_model_fn(self, model_dir: str, context: Any = None) -> Any:
        """Loads the model."""
        raise NotImplementedError(_MODEL_FN)

    def default_input_fn(self, input_data: Any, content_type: str, context: Any = None) -> Any:
        """Reads a request."""
        return content.decode(input_data, content_type)

    def default_predict_fn(self, data: Any, model: Any, context: Any = None) -> Any:
        """Asks the model."""
        raise NotImplementedError(_PREDICT_FN)

    def default_output_fn(self, prediction: Any, accept: str, context: Any = None) -> Any:
        """Writes an answer."""
        for content_type in content.accepted(accept):
            if content.media_type(content_type) in content.SUPPORTED_CONTENT_TYPES:
                return content.encode(prediction, content_type), content_type
        raise UnsupportedFormatError(accept)


class SklearnHandler(DefaultInferenceHandler):
    """scikit-learn: arrays in, `model.predict`, arrays out."""

    def default_input_fn(self, input_data: Any, content_type: str, context: Any = None) -> Any:
        """CSV, JSON or NPY; a flat array is one row; texts become float32."""
        array = content.decode(input_data, content_type)
        if len(array.shape) == 1:
            array = array.reshape(1, -1)
        return array.astype("float32") if content.media_type(content_type) in content.UTF8_TYPES else array

    def default_predict_fn(self, data: Any, model: Any, context: Any = None) -> Any:
        """`model.predict`."""
        return model.predict(data)


class XGBoostHandler(DefaultInferenceHandler):
    """XGBoost: a DMatrix in, `model.predict`, arrays out."""

    def default_input_fn(self, input_data: Any, content_type: str, context: Any = None) -> Any:
        """CSV, libsvm or recordIO-protobuf."""
        return xgboost_content.decode(input_data, content_type)

    def default_predict_fn(self, data: Any, model: Any, context: Any = None) -> Any:
        """`model.predict` without a look at feature names."""
        return model.predict(data, validate_features=False)


class PytorchHandler(DefaultInferenceHandler):
    """PyTorch: a TorchScript file as the model, tensors in and out."""

    def default_model_fn(self, model_dir: str, context: Any = None) -> Any:
        """The TorchScript model `model.pt`, or the only `.pt` or `.pth` file."""
        import torch

        place = Path(model_dir) / "model.pt"
        if not place.exists():
            found = [path for path in sorted(Path(model_dir).iterdir()) if path.suffix in (".pt", ".pth")]
            if len(found) != 1:
                names = [path.name for path in found]
                raise ValueError(f"Exactly one .pth or .pt file is required for PyTorch models: {names}")
            place = found[0]
        try:
            jit: Any = torch.jit
            return jit.load(str(place), map_location=_device())
        except RuntimeError as error:
            raise RuntimeError(
                f"Failed to load {place}. Please ensure model is saved using torchscript."
            ) from error

    def default_input_fn(self, input_data: Any, content_type: str, context: Any = None) -> Any:
        """CSV or JSON as float32, NPY as it is."""
        import numpy as np
        import torch

        array = content.decode(input_data, content_type)
        if content.media_type(content_type) in content.UTF8_TYPES:
            return torch.from_numpy(np.asarray(array, dtype=np.float32)).to(_device())
        return torch.from_numpy(array).to(_device())

    def default_predict_fn(self, data: Any, model: Any, context: Any = None) -> Any:
        """`model(data)` without gradients."""
        import torch

        with torch.no_grad():
            placed = model.to(_device())
            placed.eval()
            return placed(data.to(_device()))

    def default_output_fn(self, prediction: Any, accept: str, context: Any = None) -> Any:
        """Tensors as JSON, CSV or NPY."""
        import torch

        if isinstance(prediction, torch.Tensor):
            prediction = prediction.detach().cpu().numpy().tolist()
        return super().default_output_fn(prediction, accept, context)


def handler_of(framework: str) -> DefaultInferenceHandler:
    """The default functions of a framework image."""
    kinds = {
        "scikit-learn": SklearnHandler,
        "xgboost": XGBoostHandler,
        "pytorch": PytorchHandler,
        "huggingface": PytorchHandler,
    }
    return kinds.get(framework, DefaultInferenceHandler)()


def default_accept() -> str:
    """What a request that accepts anything is answered with."""
    return os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT") or content.JSON


def _device() -> Any:
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
