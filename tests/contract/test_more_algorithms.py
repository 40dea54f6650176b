"""Every further built-in algorithm through the wire: boto3 trains it on a real engine, and a real endpoint answers."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError
from scipy import sparse

from smstudio_ext.formats import recordio
from tests.conftest import RunningEngine
from tests.contract.test_classic_algorithms import BUCKET, REGISTRY, ROLE, Jobs, metrics

RECORDIO, CSV, JSON, LINES = (
    "application/x-recordio-protobuf",
    "text/csv",
    "application/json",
    "application/jsonlines",
)
HAS_TORCH = importlib.util.find_spec("torch") is not None


@dataclass
class Case:
    """One algorithm: what it learns from, what it is asked, and what must be true of the answer."""

    settings: dict[str, Any]
    channels: dict[str, tuple[str, dict[str, bytes]]]
    body: bytes
    content_type: str
    check: Callable[[Any], bool]
    metric: str | None
    accept: str = JSON
    channel_uri: dict[str, str] = field(default_factory=dict)


def lines(rows: list[Any]) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def blobs(seed: int = 1) -> tuple[Any, Any]:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, 400)
    return (labels[:, None] * 4 + random.normal(size=(400, 3))).astype(np.float32), labels.astype(np.float32)


def knn() -> Case:
    features, labels = blobs()
    return Case(
        {"k": 5, "feature_dim": 3, "sample_size": 400, "predictor_type": "classifier"},
        {name: (RECORDIO, {"a": recordio.write_dense(features, labels)}) for name in ("train", "test")},
        b"4,4,4\n0,0,0",
        CSV,
        lambda found: [one["predicted_label"] for one in found["predictions"]] == [1, 0],
        "test:accuracy",
    )


def factorization_machines() -> Case:
    features, labels = blobs(2)
    settings = {"feature_dim": 3, "num_factors": 2, "predictor_type": "binary_classifier", "epochs": 20}
    return Case(
        settings | {"mini_batch_size": 20},
        {
            name: (RECORDIO, {"a": recordio.write_sparse(sparse.csr_matrix(features), labels)})
            for name in ("train", "test")
        },
        json.dumps(
            {"instances": [{"data": {"features": {"keys": [0, 1, 2], "shape": [3], "values": [5, 5, 5]}}}]}
        ).encode(),
        JSON,
        lambda found: found["predictions"][0]["predicted_label"] == 1.0,
        "test:binary_classification_accuracy",
    )


def randomcutforest() -> Case:
    features, labels = blobs(3)
    usual = features[labels == 0]
    return Case(
        {"feature_dim": 3, "num_trees": 50},
        {
            "train": (
                CSV + ";label_size=0",
                {"a.csv": b"\n".join(b",".join(b"%f" % v for v in row) for row in usual)},
            )
        },
        b"0,0,0\n30,30,30",
        CSV,
        lambda found: found["scores"][1]["score"] > 2 * found["scores"][0]["score"],
        None,
    )


def topics() -> Any:
    """Documents of two topics over disjoint words."""
    random = np.random.default_rng(4)
    chance = np.zeros((200, 20))
    chance[:100, :10] = chance[100:, 10:] = 0.1
    return np.stack([random.multinomial(60, row) for row in chance])[random.permutation(200)].astype(
        np.float32
    )


def lda() -> Case:
    counts = topics()
    settings = {"num_topics": 2, "feature_dim": 20, "mini_batch_size": 200, "alpha0": 0.1}
    body = b",".join([b"5"] * 10 + [b"0"] * 10)
    channels = {"train": (RECORDIO, {"a": recordio.write_sparse(sparse.csr_matrix(counts))})}
    return Case(
        settings, channels, body, CSV, lambda found: max(found["predictions"][0]["topic_mixture"]) > 0.9, None
    )


def ntm() -> Case:
    case = lda()
    case.settings = {"num_topics": 2, "feature_dim": 20, "mini_batch_size": 50, "epochs": 30}
    case.check = lambda found: max(found["predictions"][0]["topic_weights"]) > 0.6
    case.metric = "train:total_loss"
    return case


def ipinsights() -> Case:
    random = np.random.default_rng(5)
    pairs = [
        f"user{user},10.{user}.{random.integers(4)}.{random.integers(250)}"
        for user in random.integers(0, 20, 3000)
    ]
    settings = {
        "num_entity_vectors": 1000,
        "feature_dim": 2,
        "vector_dim": 16,
        "epochs": 10,
        "mini_batch_size": 200,
        "learning_rate": 0.01,
    }
    channels = {name: (CSV, {"a.csv": "\n".join(pairs).encode()}) for name in ("train", "validation")}
    return Case(
        settings,
        channels,
        b"user3,10.3.1.7\nuser3,200.77.3.9",
        CSV,
        lambda found: found["predictions"][0]["dot_product"] > found["predictions"][1]["dot_product"],
        "validation:discriminator_auc",
    )


def blazingtext() -> Case:
    rows = [
        f"__label__{name} the {word} is {word}"
        for name, word in (("sea", "ship"), ("food", "bread")) * 1
        for _ in range(60)
    ]
    text = "\n".join(rows).encode()
    return Case(
        {"mode": "supervised", "epochs": 10, "min_count": 1, "vector_dim": 10, "buckets": 1000},
        {name: ("text/plain", {"a.txt": text}) for name in ("train", "validation")},
        json.dumps({"instances": ["the ship", "the bread"], "configuration": {"k": 1}}).encode(),
        JSON,
        lambda found: [one["label"][0] for one in found] == ["__label__sea", "__label__food"],
        "validation:accuracy",
    )


def object2vec() -> Case:
    random = np.random.default_rng(6)
    rows = [
        {"label": int(first % 4 == second % 4), "in0": [int(first)], "in1": [int(second)]}
        for first, second in random.integers(0, 12, (1500, 2))
    ]
    settings = {
        f"{side}_{name}": value
        for side in ("enc0", "enc1")
        for name, value in (
            ("vocab_size", 12),
            ("max_seq_len", 1),
            ("network", "pooled_embedding"),
            ("token_embedding_dim", 8),
        )
    }
    settings |= {
        "feature_dim": 2,
        "enc_dim": 16,
        "mlp_dim": 32,
        "mlp_activation": "relu",
        "epochs": 15,
        "learning_rate": 0.01,
    }
    return Case(
        settings,
        {name: (LINES, {"a.jsonl": lines(rows)}) for name in ("train", "validation")},
        lines([{"in0": [1], "in1": [5]}, {"in0": [1], "in1": [6]}]),
        LINES,
        lambda found: found["predictions"][0]["scores"][1] > found["predictions"][1]["scores"][1],
        "validation:accuracy",
    )


def deepar() -> Case:
    time = np.arange(200)
    series = [
        {"start": "2020-01-01 00:00:00", "target": (10 + 5 * np.sin(time * np.pi / 12 + at)).tolist()}
        for at in range(4)
    ]
    settings = {
        "context_length": 24,
        "prediction_length": 6,
        "time_freq": "H",
        "epochs": 8,
        "learning_rate": 0.01,
    }
    request = {
        "instances": series[:1],
        "configuration": {"num_samples": 20, "output_types": ["mean", "quantiles"], "quantiles": ["0.5"]},
    }
    return Case(
        settings,
        {name: (LINES, {"a.json": lines(series)}) for name in ("train", "test")},
        json.dumps(request).encode(),
        JSON,
        lambda found: (
            len(found["predictions"][0]["quantiles"]["0.5"]) == 6
            and 3 < found["predictions"][0]["mean"][0] < 17
        ),
        "test:RMSE",
    )


def seq2seq() -> Case:
    from smstudio_ext.engine.images.deep import records

    ids = {token: at for at, token in enumerate(["<pad>", "<unk>", "<s>", "</s>", "a", "b", "c", "d"])}
    random = np.random.default_rng(7)
    pairs = [random.integers(4, 8, 3) for _ in range(600)]
    data = records.write(({"source": one, "target": one[::-1]}, {}) for one in pairs)
    files = {name: json.dumps(ids).encode() for name in ("vocab.src.json", "vocab.trg.json")}
    settings = {
        "max_seq_len_source": 5,
        "max_seq_len_target": 5,
        "num_embed_source": 16,
        "num_embed_target": 16,
    }
    settings |= {"rnn_num_hidden": 32, "batch_size": 32, "max_num_epochs": 8, "learning_rate": 0.01}
    return Case(
        settings | {"checkpoint_frequency_num_batches": 50},
        {"train": (RECORDIO, {"a": data}), "validation": (RECORDIO, {"a": data}), "vocab": (JSON, files)},
        json.dumps({"instances": [{"data": "a b c"}]}).encode(),
        JSON,
        lambda found: found["predictions"][0]["target"] == "c b a",
        "validation:perplexity",
    )


def image_classification() -> Case:
    from smstudio_ext.engine.images.image_classification.pictures import write_rec
    from tests.unit.test_images_image_classification import made

    settings = {
        "num_layers": 20,
        "num_classes": 3,
        "num_training_samples": 120,
        "image_shape": "3,16,16",
        "epochs": 3,
    }
    return Case(
        settings | {"mini_batch_size": 12, "learning_rate": 0.05},
        {
            name: ("application/x-recordio", {"a.rec": write_rec(made(count, count))})
            for name, count in (("train", 120), ("validation", 30))
        },
        made(1, 9)[0][0],
        "application/x-image",
        lambda found: len(found) == 3 and abs(sum(found) - 1) < 1e-5,
        "validation:accuracy",
    )


CLASSIC = {
    "knn": knn,
    "factorization-machines": factorization_machines,
    "randomcutforest": randomcutforest,
    "lda": lda,
    "ipinsights": ipinsights,
    "blazingtext": blazingtext,
}
DEEP = {
    "ntm": ntm,
    "object2vec": object2vec,
    "forecasting-deepar": deepar,
    "seq2seq": seq2seq,
    "image-classification": image_classification,
}


@pytest.fixture(scope="module")
def jobs(engine: RunningEngine) -> Jobs:
    return Jobs(engine)


def _channels(jobs: Jobs, image: str, case: Case) -> dict[str, tuple[str, str]]:
    found = {}
    for channel, (kind, files) in case.channels.items():
        for name, content in files.items():
            found[channel] = (jobs.put(f"{image}/{channel}/{name}", content), kind)
    return found


def _deploy_and_ask(jobs: Jobs, image: str, job: dict[str, Any], case: Case) -> Any:
    name = f"wire-{image}"
    container = {"Image": f"{REGISTRY}/{image}:1", "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"]}
    jobs.sagemaker.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE)
    variant = {
        "VariantName": "all",
        "ModelName": name,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    jobs.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    jobs.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    jobs.sagemaker.get_waiter("endpoint_in_service").wait(
        EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )
    try:
        answer = jobs.runtime.invoke_endpoint(
            EndpointName=name, ContentType=case.content_type, Accept=case.accept, Body=case.body
        )
        with pytest.raises(jobs.runtime.exceptions.ModelError) as refused:
            jobs.runtime.invoke_endpoint(EndpointName=name, ContentType="application/x-nothing", Body=b"1")
        assert refused.value.response["OriginalStatusCode"] == 415
        return json.loads(answer["Body"].read())
    finally:
        jobs.sagemaker.delete_endpoint(EndpointName=name)


@pytest.mark.parametrize("image", [*CLASSIC, *DEEP])
def test_algorithm_trains_is_hosted_and_answers(jobs: Jobs, image: str) -> None:
    if image in DEEP and not HAS_TORCH:
        pytest.skip("needs the extra 'deep'")
    case = {**CLASSIC, **DEEP}[image]()
    job = jobs.train(f"wire-{image}", image, case.settings, _channels(jobs, image, case))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    if case.metric:
        assert case.metric in metrics(job)
    found = _deploy_and_ask(jobs, image, job, case)
    assert case.check(found), found


@pytest.mark.parametrize("image", [*CLASSIC, *DEEP])
def test_unknown_hyperparameter_channel_and_empty_channel_are_told(jobs: Jobs, image: str) -> None:
    if image in DEEP and not HAS_TORCH:
        pytest.skip("needs the extra 'deep'")
    case = {**CLASSIC, **DEEP}[image]()
    channels = _channels(jobs, image, case)
    job = jobs.train(f"odd-{image}", image, {**case.settings, "no_such_thing": 1}, channels)
    assert re.match(
        r"ClientError: Additional hyperparameters are not allowed \('no_such_thing' was unexpected\)",
        job["FailureReason"],
    )
    job = jobs.train(f"strange-{image}", image, case.settings, {**channels, "elsewhere": channels["train"]})
    assert job["TrainingJobStatus"] == "Failed"
    assert "elsewhere" in job["FailureReason"]
    empty = (jobs.put(f"{image}-empty/train/a", b""), channels["train"][1])
    job = jobs.train(f"empty-{image}", image, case.settings, {**channels, "train": empty})
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: ")
    assert BUCKET not in job["FailureReason"]


@pytest.mark.parametrize("image", ["object-detection", "semantic-segmentation"])
def test_algorithms_that_are_not_offered_say_so(jobs: Jobs, image: str) -> None:
    uri = jobs.put("pictures/train/a", b"1")
    with pytest.raises(ClientError) as refused:
        jobs.train(f"not-offered-{image}", image, {}, {"train": (uri, "image/jpeg")})
    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert re.search(
        f"The algorithm {image.replace('-', ' ').title()} is not offered by this engine: .*Offered: ",
        error["Message"],
    )
    jobs_there = jobs.sagemaker.list_training_jobs(NameContains="not-offered")["TrainingJobSummaries"]
    assert not jobs_there
