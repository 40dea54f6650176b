"""The SDK's own classes of Amazon's algorithms, unmodified: record sets in, training, endpoints, RecordIO answers read by the SDK."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import RunningEngine
from tests.e2e.sdk_programs import run_script

pytestmark = [pytest.mark.sdk, pytest.mark.timeout(590)]  # seven endpoints, one after the other

SCRIPT = """
import json
import numpy as np, sagemaker
from sagemaker import (
    LDA, PCA, FactorizationMachines, IPInsights, KMeans, LinearLearner, RandomCutForest,
)
from sagemaker.amazon.amazon_estimator import RecordSet

session = sagemaker.Session()
common = dict(role=sagemaker.get_execution_role(), instance_count=1, instance_type="ml.m5.large")
random = np.random.default_rng(1)
labels = random.integers(0, 2, 400).astype("float32")
rows = (labels[:, None] * 6 + random.normal(size=(400, 3))).astype("float32")
counts = np.stack([random.multinomial(50, [0.19] * 5 + [0.01] * 5 if label else [0.01] * 5 + [0.19] * 5) for label in labels])
counts = counts.astype("float32")
found = {}


def values(records, name):
    return [list(record.label[name].float32_tensor.values) for record in records]


def asked(name, estimator, train, ask, key):
    # the SDK's RandomCutForest refuses any other size than its own
    size = None if name == "forest" else 100
    estimator.fit(train(estimator), mini_batch_size=size, logs=False)
    predictor = estimator.deploy(initial_instance_count=1, instance_type="ml.m5.large")
    try:
        found[name] = values(predictor.predict(ask), key)
    finally:
        predictor.delete_endpoint()


def plain(estimator):
    return estimator.record_set(rows)


def labelled(estimator):
    return estimator.record_set(rows, labels=labels)


def documents(estimator):
    return estimator.record_set(counts)


two = np.array([[0, 0, 0], [6, 6, 6]], dtype="float32")
asked("kmeans", KMeans(k=2, **common), plain, two, "closest_cluster")
asked("pca", PCA(num_components=1, **common), plain, two, "projection")
asked("linear", LinearLearner(predictor_type="binary_classifier", **common), labelled, two, "predicted_label")
asked("factors", FactorizationMachines(num_factors=2, predictor_type="regressor", epochs=60, **common), labelled, two, "score")
asked("forest", RandomCutForest(num_trees=50, num_samples_per_tree=100, **common), plain, np.array([[0, 0, 0], [60, 60, 60]], dtype="float32"), "score")
asked("lda", LDA(num_topics=2, **common), documents, counts[:2], "topic_mixture")
found["first two labels"] = labels[:2].tolist()

pairs = "\\n".join(f"user{user},10.{user}.0.{random.integers(250)}" for user in random.integers(0, 10, 1000))
uri = session.upload_string_as_file_body(pairs, session.default_bucket(), "ip/train.csv")
insights = IPInsights(num_entity_vectors=100, vector_dim=8, epochs=10, learning_rate=0.01, **common)
insights.fit(RecordSet(uri, 1000, 2, s3_data_type="S3Prefix", channel="train"), mini_batch_size=100, logs=False)
predictor = insights.deploy(initial_instance_count=1, instance_type="ml.m5.large")
answer = predictor.predict([["user1", "10.1.0.7"], ["user1", "200.3.4.5"]])
found["ipinsights"] = [one["dot_product"] for one in answer["predictions"]]
predictor.delete_endpoint()
print("\\nRESULT" + json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(engine: RunningEngine, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    pytest.importorskip("torch")  # IP Insights
    results: dict[str, Any] = run_script(engine, SCRIPT, tmp_path_factory.mktemp("sdk")).result
    return results


def test_clusters_components_and_strange_rows(found: dict[str, Any]) -> None:
    assert found["kmeans"][0] != found["kmeans"][1]
    assert abs(found["pca"][0][0] - found["pca"][1][0]) == pytest.approx(6 * 3**0.5, rel=0.1)
    assert found["forest"][1][0] > 2 * found["forest"][0][0]


def test_labels_and_scores(found: dict[str, Any]) -> None:
    assert found["linear"] == [[0.0], [1.0]]
    assert found["factors"][1][0] > found["factors"][0][0] + 0.3


def test_topics(found: dict[str, Any]) -> None:
    alike = found["first two labels"][0] == found["first two labels"][1]
    first, second = found["lda"]
    assert sum(first) == pytest.approx(1, abs=1e-3)
    assert (first.index(max(first)) == second.index(max(second))) is alike


def test_addresses(found: dict[str, Any]) -> None:
    assert found["ipinsights"][0] > found["ipinsights"][1]
