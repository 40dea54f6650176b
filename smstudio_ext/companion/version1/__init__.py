"""Names and arguments of SageMaker SDK 1, and habits of its time, for old notebooks; see docs/old-notebooks.md.

The shim is off unless the variable SMSTUDIO_SDK_V1 is `1` where the interpreter starts; of the kernels that this
package brings, those named "Python 3 (Data Science)" and "conda_python3" set it. The SDK itself is not changed on disk:
a module gets its old names when (and if) the program imports it. What changed from version 1 to 2 is listed in the
SDK's own migration guide (https://sagemaker.readthedocs.io/en/stable/v2.html) and in its `sagemaker-upgrade-v2` tool.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smstudio_ext.companion.version1.arguments import accept_old_arguments
from smstudio_ext.companion.version1.downloads import answer_downloads
from smstudio_ext.companion.version1.frames import split_frames
from smstudio_ext.companion.version1.names import OLD_NAMES, offer_old_names
from smstudio_ext.companion.version1.predictors import (
    deploy_as_before,
    end_endpoints_as_before,
    predict_as_before,
)

Change = Callable[[Any], None]

_ESTIMATORS = (
    "sagemaker.algorithm",
    "sagemaker.amazon.factorization_machines",
    "sagemaker.amazon.ipinsights",
    "sagemaker.amazon.kmeans",
    "sagemaker.amazon.knn",
    "sagemaker.amazon.lda",
    "sagemaker.amazon.linear_learner",
    "sagemaker.amazon.ntm",
    "sagemaker.amazon.object2vec",
    "sagemaker.amazon.pca",
    "sagemaker.amazon.randomcutforest",
    "sagemaker.chainer.estimator",
    "sagemaker.mxnet.estimator",
    "sagemaker.pytorch.estimator",
    "sagemaker.rl.estimator",
    "sagemaker.sklearn.estimator",
    "sagemaker.tensorflow.estimator",
    "sagemaker.xgboost.estimator",
)
_MODELS = (
    "sagemaker.chainer.model",
    "sagemaker.multidatamodel",
    "sagemaker.mxnet.model",
    "sagemaker.pytorch.model",
    "sagemaker.sklearn.model",
    "sagemaker.tensorflow.model",
    "sagemaker.xgboost.model",
)


def changes() -> list[tuple[str, Change]]:
    """What is done to which module after it was imported, in order."""
    listed: list[tuple[str, Change]] = [(name, accept_old_arguments) for name in (*_ESTIMATORS, *_MODELS)]
    listed += [(name, offer_old_names) for name in OLD_NAMES]
    listed += [
        ("numpy", split_frames),
        ("urllib.request", answer_downloads),
        ("sagemaker.base_predictor", predict_as_before),
        ("sagemaker.estimator", accept_old_arguments),
        ("sagemaker.estimator", deploy_as_before),
        ("sagemaker.estimator", end_endpoints_as_before),
        ("sagemaker.model", accept_old_arguments),
        ("sagemaker.model", deploy_as_before),
        ("sagemaker.s3", accept_old_arguments),
        ("sagemaker.session", accept_old_arguments),
        ("sagemaker.tuner", end_endpoints_as_before),
    ]
    return listed
