"""What AWS lets tuning jobs change agrees with what the engine's algorithms declare."""

from __future__ import annotations

import subprocess
import sys

import pytest

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.images.registry import ImageRegistry
from smstudio_ext.engine.images.tunable import declared, tunables

REGISTRY = ImageRegistry(discover=False)
BUILT_IN = [name for name in REGISTRY.repositories() if tunables(name.removeprefix("sagemaker-")) is not None]


@pytest.mark.parametrize("repository", BUILT_IN)
def test_recommended_ranges_are_accepted_by_the_algorithm(repository: str) -> None:
    try:
        image = REGISTRY.resolve(f"{repository}:latest")
    except AwsError:
        pytest.skip("it needs an extra that is not installed here")
    known = declared(image)
    for name, tunable in (tunables(image.name) or {}).items():
        ends = (str(tunable.low), str(tunable.high)) if tunable.kind == "continuous" else ()
        if tunable.kind == "integer":
            ends = (str(int(tunable.low)), str(int(tunable.high)))
        for text in (*tunable.values, *ends):
            known[name].read(text)


def test_what_is_declared_is_read_without_the_algorithms_packages() -> None:
    code = (
        "import sys; from smstudio_ext.engine.images import tunable; from smstudio_ext.engine.images.contract import Image\n"
        "for name in ('xgboost', 'knn', 'deepar', 'image_classification', 'factorization_machines'):\n"
        "    assert tunable.declared(Image(name, '1', name, train=f'smstudio_ext.engine.images.{name}.train:train'))\n"
        "print([one for one in ('numpy', 'pandas', 'scipy', 'torch', 'xgboost') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
