"""Image URIs and what they resolve to."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys

import pytest

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.images.registry import Image, ImageRegistry, parse_image_uri

ECR = "683313688378.dkr.ecr.us-east-1.amazonaws.com"


@pytest.fixture
def registry() -> ImageRegistry:
    return ImageRegistry(discover=False)


@pytest.mark.parametrize(
    ("uri", "name", "version"),
    [
        (f"{ECR}/sagemaker-xgboost:1.7-1", "xgboost", "1.7-1"),
        (f"{ECR}/sagemaker-xgboost:0.90-1-cpu-py3", "xgboost", "0.90-1"),
        ("811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:1", "xgboost", "0.72"),
        ("433757028032.dkr.ecr.us-west-2.amazonaws.com/xgboost:latest", "xgboost", "0.72"),
        ("123.dkr.ecr.cn-north-1.amazonaws.com.cn/linear-learner:1", "linear-learner", "1"),
        ("linear-learner:inference-cpu", "linear-learner", "1"),
        ("linear-learner:training-cpu", "linear-learner", "1"),
        ("sagemaker-sklearn-automl:2.5-1-cpu-py3", "sklearn-automl", "2.5-1"),
        ("sagemaker-sklearn-automl:0.1.0-cpu-py3", "sklearn-automl", "0.1.0"),
        ("sagemaker-automl-analysis:1.0-cpu-py3", "automl-analysis", "1.0"),
    ],
)
def test_uri_resolves_by_repository(registry: ImageRegistry, uri: str, name: str, version: str) -> None:
    image = registry.resolve(uri)
    assert (image.name, image.version, image.uri) == (name, version, uri)


@pytest.mark.parametrize("repository", ["object-detection", "semantic-segmentation", "sagemaker-tensorflow"])
def test_known_but_unbuilt_image_says_what_is_offered(registry: ImageRegistry, repository: str) -> None:
    with pytest.raises(
        ValidationException, match=r"not offered by this engine( yet\.|:).* Offered: .*sagemaker-xgboost"
    ):
        registry.resolve(f"{ECR}/{repository}:1")


@pytest.mark.parametrize("uri", ["", "  ", "a b", "UPPER/Case:1:2", "x" * 300, "s3://bucket/key"])
def test_garbage_is_refused(registry: ImageRegistry, uri: str) -> None:
    with pytest.raises(ValidationException, match="not a valid image URI"):
        registry.resolve(uri)


def test_unknown_repository_and_tag_are_refused(registry: ImageRegistry) -> None:
    with pytest.raises(ValidationException, match="Cannot find repository 'my-model'"):
        registry.resolve(f"{ECR}/my-model:1")
    with pytest.raises(
        ValidationException, match="tag 'nonsense' of repository 'sagemaker-xgboost' does not exist"
    ):
        registry.resolve(f"{ECR}/sagemaker-xgboost:nonsense")
    for uri, known in (
        (f"{ECR}/sagemaker-xgboost:99.9-1", r"1, 0\.90-1, .*1\.7-1, .*"),
        (f"{ECR}/sagemaker-xgboost:1.4-1-cpu-py3", r"1, 0\.90-1, .*"),
        (f"{ECR}/knn:2", "1, latest"),
    ):
        with pytest.raises(ValidationException, match=rf"does not exist\. Known versions: {known}\.$"):
            registry.resolve(uri)


def test_third_party_image_can_be_registered(registry: ImageRegistry) -> None:
    registry.register("my-model", lambda uri: Image("mine", uri.tag, uri.uri, train="mine.train:main"))
    assert registry.resolve("localhost:5000/my-model:7").train == "mine.train:main"


def test_old_versions_write_pickles(registry: ImageRegistry) -> None:
    assert str(registry.resolve("xgboost:1").train).endswith(":train_pickled")
    assert str(registry.resolve("sagemaker-xgboost:1.2-2").train).endswith(":train_pickled")
    assert str(registry.resolve("sagemaker-xgboost:1.3-1").train).endswith(":train")


def test_every_program_and_preload_imports(registry: ImageRegistry) -> None:
    for repository in registry.repositories():
        tag = "2.5-1" if "automl" in repository else "latest"
        try:
            image = registry.resolve(f"{repository}:{tag}")
        except ValidationException as error:
            if 'pip install "smstudio-ext[' not in str(error):
                raise
            continue  # it needs an extra that is not installed here
        for program in (image.train, image.serve, image.process):
            if program:
                module, _, function = program.partition(":")
                assert callable(getattr(importlib.import_module(module), function))
        for module in image.preload:
            importlib.import_module(module)


def test_metric_lines_are_read_as_the_image_prints_them(registry: ImageRegistry) -> None:
    definitions = {
        one.name: one.regex for one in registry.resolve("sagemaker-xgboost:1.7-1").metric_definitions
    }
    line = "[12]#011train-logloss:0.10000#011train-f1_binary:0.9#011validation-f1_binary:0.88#011validation-logloss:1e-05"
    found = {name: match[1] for name, regex in definitions.items() if (match := re.search(regex, line))}
    assert found == {
        "train:logloss": "0.10000",
        "train:f1_binary": "0.9",
        "validation:f1_binary": "0.88",
        "validation:logloss": "1e-05",
    }


def test_parse_reads_digests() -> None:
    digest = "sha256:" + "a" * 64
    assert parse_image_uri(f"{ECR}/xgboost@{digest}").tag == digest


def test_registry_imports_nothing_heavy() -> None:
    code = (
        "import sys, smstudio_ext.engine.images.registry as r; r.ImageRegistry(discover=False);"
        "print([m for m in ('numpy', 'pandas', 'xgboost', 'sklearn', 'scipy', 'pyarrow', 'botocore') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
