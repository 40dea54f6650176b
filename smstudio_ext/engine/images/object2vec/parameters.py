"""Hyperparameters of Object2Vec (https://docs.aws.amazon.com/sagemaker/latest/dg/object2vec-hyperparameters.html)."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.images.firstparty.parameters import Parameter, refuse

CHANNELS = ("train", "validation", "test", "auxiliary")
NETWORKS = ("hcnn", "bilstm", "pooled_embedding")
COMPARATORS = ("hadamard", "concat", "abs_diff")


def _encoder(name: str, networks: tuple[str, ...], default: str, *, required: bool) -> tuple[Parameter, ...]:
    return (
        Parameter(f"{name}_max_seq_len", "int", low=1, high=5000, required=required),
        Parameter(f"{name}_vocab_size", "int", low=2, high=3_000_000, required=required),
        Parameter(f"{name}_network", "choice", default, choices=networks),
        Parameter(f"{name}_cnn_filter_width", "int", "3", low=1, high=9),
        Parameter(f"{name}_freeze_pretrained_embedding", "bool", "true"),
        Parameter(f"{name}_layers", "int", "auto", low=1, high=4, auto=True),
        Parameter(f"{name}_pretrained_embedding_file", "text"),
        Parameter(f"{name}_token_embedding_dim", "int", "300", low=2, high=1000),
        Parameter(f"{name}_vocab_file", "text"),
    )


DECLARED = (
    *_encoder("enc0", NETWORKS, "hcnn", required=True),
    *_encoder("enc1", (*NETWORKS, "enc0"), "enc0", required=False),
    Parameter("bucket_width", "int", "0", low=0, high=100),
    Parameter("comparator_list", "list", "hadamard, concat, abs_diff", choices=COMPARATORS),
    Parameter("dropout", "float", "0.0", low=0.0, high=1.0),
    Parameter("early_stopping_patience", "int", "3", low=1, high=5),
    Parameter("early_stopping_tolerance", "float", "0.01", low=1e-6, high=0.1),
    Parameter("enc_dim", "int", "4096", low=4, high=10_000),
    Parameter("epochs", "int", "30", low=1, high=100),
    Parameter("feature_dim", "int", low=1),  # the SDK's Object2Vec sends that of its record set
    Parameter("learning_rate", "float", "0.0004", low=1e-6, high=1.0),
    Parameter("mini_batch_size", "int", "32", low=1, high=10_000),
    Parameter("mlp_activation", "choice", "linear", choices=("tanh", "relu", "linear")),
    Parameter("mlp_dim", "int", "512", low=2, high=10_000),
    Parameter("mlp_layers", "int", "2", low=0, high=10),
    Parameter("negative_sampling_rate", "int", "0", low=0),
    Parameter("num_classes", "int", "2", low=2, high=30),
    Parameter("optimizer", "choice", "adam", choices=("adadelta", "adagrad", "adam", "sgd", "rmsprop")),
    Parameter("output_layer", "choice", "softmax", choices=("softmax", "mean_squared_error")),
    Parameter("tied_token_embedding_weight", "bool", "false"),
    Parameter("token_embedding_storage_type", "choice", "dense", choices=("dense", "row_sparse")),
    Parameter("weight_decay", "float", "0.0", low=0.0, high=10_000.0),
)


def network_settings(chosen: dict[str, Any]) -> dict[str, Any]:
    """The networks that hyperparameters describe; `enc1` takes over from `enc0` what it does not say.

    Raises:
        AlgorithmError: settings that exclude each other.
    """
    encoders = [_encoder_settings(chosen, "enc0")]
    same = chosen["enc1_network"] == "enc0"
    encoders.append(_encoder_settings(chosen, "enc0" if same else "enc1"))
    for name in ("max_seq_len", "vocab_size"):
        encoders[1][name] = chosen[f"enc1_{name}"] or chosen[f"enc0_{name}"]
    if same:
        for name in ("pretrained_embedding_file", "vocab_file"):
            encoders[1][name] = chosen[f"enc1_{name}"]
    tied = chosen["tied_token_embedding_weight"]
    if tied and any(encoders[0][name] != encoders[1][name] for name in ("vocab_size", "token_embedding_dim")):
        raise refuse(
            "tied_token_embedding_weight needs the same vocab_size and token_embedding_dim for both encoders"
        )
    if chosen["token_embedding_storage_type"] == "row_sparse" and (
        chosen["optimizer"] not in ("adam", "adagrad", "sgd") or chosen["weight_decay"] > 0
    ):
        raise refuse(
            "token_embedding_storage_type 'row_sparse' goes with the optimizers 'adagrad', 'adam' and 'sgd' and with weight_decay 0"
        )
    names = (
        "comparator_list",
        "dropout",
        "enc_dim",
        "mlp_activation",
        "mlp_dim",
        "mlp_layers",
        "output_layer",
    )
    settings = {name: chosen[name] for name in names}
    classes = chosen["num_classes"] if chosen["output_layer"] == "softmax" else 1
    return settings | {"encoders": encoders, "outputs": classes, "tied": tied}


def _encoder_settings(chosen: dict[str, Any], name: str) -> dict[str, Any]:
    prefix = f"{name}_"
    found = {key[len(prefix) :]: value for key, value in chosen.items() if key.startswith(prefix)}
    if found["layers"] is None:
        found["layers"] = {"hcnn": 4, "bilstm": 1, "pooled_embedding": 1}[found["network"]]
    return found
