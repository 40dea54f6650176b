"""Which hyperparameters of the built-in algorithms may be tuned, AWS's recommended ranges for them, and what makes a metric better.

Source: the "Tune a ... Model" pages of the SageMaker Developer Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, Protocol

from smstudio_ext.engine.images.contract import Image

Kind = Literal["integer", "continuous", "categorical"]


@dataclass(frozen=True)
class Tunable:
    """One hyperparameter that AWS lets tuning jobs change.

    Attributes:
        low, high: AWS's recommended range of a number.
        scaling: AWS's ScalingType that suits the range.
        values: of a categorical one.
    """

    kind: Kind
    low: float = 0.0
    high: float = 0.0
    scaling: str = "Linear"
    values: tuple[str, ...] = ()


def tunables(algorithm: str) -> dict[str, Tunable] | None:
    """Tunable hyperparameters of an algorithm by name; None where every hyperparameter may be tuned."""
    return _ALGORITHMS.get(algorithm)


class Declared(Protocol):
    """A hyperparameter as the program of an image declares it; the bounds of a number are None where there are none."""

    @property
    def low(self) -> float | None: ...

    @property
    def high(self) -> float | None: ...

    def read(self, text: str) -> Any:
        """Converts a value; raises AlgorithmError for one that the program refuses."""
        ...


def declared(image: Image) -> Mapping[str, Declared]:
    """What the training program of a built-in algorithm declares, by name: it stands in the module beside the program."""
    package = (image.train or "").partition(":")[0].rpartition(".")[0]
    return {one.name: one for one in import_module(f"{package}.parameters").DECLARED}


def direction(metric: str) -> str | None:
    """`Maximize` or `Minimize` for a metric of a built-in algorithm whose better end is known, else None."""
    name = metric.rpartition(":")[2].lower()
    if name in _MAXIMIZE or any(
        name.startswith(start) for start in ("pre@", "ndcg@", "map@", "ndcg-", "map-")
    ):
        return "Maximize"
    return "Minimize" if name in _MINIMIZE or name.startswith("error@") else None


_MAXIMIZE = frozenset(
    """
    accuracy auc aucpr average_model_accuracy balanced_accuracy binary_classification_accuracy binary_f_1 binary_f_beta bleu
    dcg discriminator_auc f1 f1_binary f1_macro macro_f_1 macro_f_beta macro_precision macro_recall map mean_rho
    multiclass_accuracy multiclass_balanced_accuracy multiclass_f_beta multiclass_top_k_accuracy ndcg pre precision
    precision_macro precision_micro pwll r2 recall recall_macro recall_micro roc_auc_score
    """.split()
)
_MINIMIZE = frozenset(
    """
    absolute_loss aft-nloglik binary_classification_cross_entropy cox-nloglik cross_entropy error final_loss gamma-deviance
    gamma-nloglik inference_latency log_loss logloss loss mae mape mean_squared_error mean_wquantileloss merror mlogloss mphe
    msd mse multiclass_log_loss objective_loss perplexity poisson-nloglik rmse rmsle ssd total_loss tweedie-nloglik
    """.split()
)


def _integer(low: int, high: int, scaling: str = "Linear") -> Tunable:
    return Tunable("integer", low, high, scaling)


def _real(low: float, high: float, scaling: str = "Linear") -> Tunable:
    return Tunable("continuous", low, high, scaling)


def _choice(*values: str) -> Tunable:
    return Tunable("categorical", values=values)


_LOG = "Logarithmic"

_FACTORIZATION_MACHINES = {
    f"{part}_{what}": _choice("uniform", "normal", "constant")
    if what == "init_method"
    else _real(1e-8, 512, _LOG)
    for part in ("bias", "factors", "linear")
    for what in ("init_method", "init_scale", "init_sigma", "init_value", "lr", "wd")
} | {"epochs": _integer(1, 1000), "mini_batch_size": _integer(100, 10_000)}

_ENCODERS = {
    f"{encoder}_{name}": tunable
    for encoder in ("enc0", "enc1")
    for name, tunable in {
        "cnn_filter_width": _integer(1, 5),
        "layers": _integer(1, 4),
        "token_embedding_dim": _integer(5, 300),
        "vocab_size": _integer(2, 3_000_000, _LOG),
        "max_seq_len": _integer(1, 5000),
    }.items()
}

_ALGORITHMS: dict[str, dict[str, Tunable]] = {
    "xgboost": {
        "alpha": _real(0, 1000),
        "base_score": _real(0.1, 0.5),
        "colsample_bylevel": _real(0.1, 1),
        "colsample_bynode": _real(0.1, 1),
        "colsample_bytree": _real(0.5, 1),
        "eta": _real(0.1, 0.5),
        "gamma": _real(0, 5),
        "lambda": _real(0, 1000),
        "max_delta_step": _integer(0, 10),
        "max_depth": _integer(0, 10),
        "min_child_weight": _real(0, 120),
        "num_round": _integer(1, 4000),
        "subsample": _real(0.5, 1),
        "max_leaves": _integer(0, 255),
        "max_bin": _integer(16, 512),
        "scale_pos_weight": _real(0.1, 100, _LOG),
        "rate_drop": _real(0, 1),
        "skip_drop": _real(0, 1),
        "tweedie_variance_power": _real(1.01, 1.99),
        "booster": _choice("gbtree", "gblinear", "dart"),
        "tree_method": _choice("exact", "approx", "hist"),
        "grow_policy": _choice("depthwise", "lossguide"),
    },
    "linear-learner": {
        "l1": _real(1e-7, 1, _LOG),
        "learning_rate": _real(1e-5, 1, _LOG),
        "mini_batch_size": _integer(100, 5000),
        "positive_example_weight_mult": _real(1e-5, 1e5, _LOG),
        "use_bias": _choice("true", "false"),
        "wd": _real(1e-7, 1, _LOG),
    },
    "kmeans": {
        "epochs": _integer(1, 10),
        "extra_center_factor": _integer(4, 10),
        "init_method": _choice("kmeans++", "random"),
        "mini_batch_size": _integer(3000, 15_000),
    },
    "pca": {},
    "knn": {"k": _integer(1, 1024), "sample_size": _integer(256, 20_000_000, _LOG)},
    "factorization-machines": _FACTORIZATION_MACHINES,
    "randomcutforest": {
        "num_samples_per_tree": _integer(1, 2048),
        "num_trees": _integer(50, 1000),
    },
    "lda": {"alpha0": _real(0.1, 10), "num_topics": _integer(1, 150)},
    "ntm": {
        "encoder_layers_activation": _choice("sigmoid", "tanh", "relu"),
        "learning_rate": _real(1e-4, 0.1, _LOG),
        "mini_batch_size": _integer(16, 2048),
        "optimizer": _choice("sgd", "adam", "adadelta"),
        "rescale_gradient": _real(0.1, 1),
        "weight_decay": _real(0, 1),
    },
    "blazingtext": {
        "batch_size": _integer(8, 32),
        "buckets": _integer(1_000_000, 10_000_000),
        "epochs": _integer(5, 15),
        "learning_rate": _real(0.005, 0.01),
        "min_count": _integer(0, 100),
        "mode": _choice("batch_skipgram", "skipgram", "cbow"),
        "negative_samples": _integer(5, 25),
        "sampling_threshold": _real(0.0001, 0.001),
        "vector_dim": _integer(32, 300),
        "window_size": _integer(1, 10),
        "word_ngrams": _integer(1, 3),
    },
    "object2vec": {
        "dropout": _real(0, 1),
        "early_stopping_patience": _integer(1, 5),
        "early_stopping_tolerance": _real(0.001, 0.1),
        "enc_dim": _integer(4, 4096),
        **_ENCODERS,
        "epochs": _integer(4, 20),
        "learning_rate": _real(1e-6, 1, _LOG),
        "mini_batch_size": _integer(1, 8192),
        "mlp_activation": _choice("tanh", "relu", "linear"),
        "mlp_dim": _integer(16, 1024),
        "mlp_layers": _integer(1, 4),
        "optimizer": _choice("adagrad", "adam", "rmsprop", "sgd", "adadelta"),
        "weight_decay": _real(0, 1),
    },
    "ipinsights": {
        "epochs": _integer(1, 100),
        "learning_rate": _real(1e-4, 0.1, _LOG),
        "mini_batch_size": _integer(100, 50_000),
        "num_entity_vectors": _integer(10_000, 1_000_000),
        "num_ip_encoder_layers": _integer(1, 10),
        "random_negative_sampling_rate": _integer(0, 10),
        "shuffled_negative_sampling_rate": _integer(0, 10),
        "vector_dim": _integer(8, 256),
        "weight_decay": _real(0, 1),
    },
    "forecasting-deepar": {
        "context_length": _integer(1, 200),
        "dropout_rate": _real(0, 0.2),
        "embedding_dimension": _integer(1, 50),
        "epochs": _integer(1, 1000),
        "learning_rate": _real(1e-5, 0.1, _LOG),
        "mini_batch_size": _integer(32, 1028),
        "num_cells": _integer(30, 200),
        "num_layers": _integer(1, 8),
    },
    "seq2seq": {
        "batch_size": _choice("16", "32", "64", "128", "256", "512", "1024", "2048"),
        "clip_gradient": _real(1, 5),
        "cnn_hidden_dropout": _real(0, 0.5),
        "cnn_num_hidden": _choice("64", "128", "256", "512", "1024", "2048"),
        "embed_dropout_source": _real(0, 0.5),
        "embed_dropout_target": _real(0, 0.5),
        "fixed_rate_lr_half_life": _integer(10, 30),
        "learning_rate": _real(0.00005, 0.2, _LOG),
        "lr_scheduler_type": _choice("plateau_reduce", "fixed_rate_inv_t", "fixed_rate_inv_sqrt_t"),
        "momentum": _real(0.5, 0.9),
        "num_embed_source": _integer(256, 512),
        "num_embed_target": _integer(256, 512),
        "num_layers_decoder": _integer(1, 10),
        "num_layers_encoder": _integer(1, 10),
        "optimizer_type": _choice("adam", "sgd", "rmsprop"),
        "plateau_reduce_lr_factor": _real(0.1, 0.5),
        "plateau_reduce_lr_threshold": _integer(1, 5),
        "rnn_attention_in_upper_layers": _choice("true", "false"),
        "rnn_decoder_hidden_dropout": _real(0, 0.5),
        "rnn_num_hidden": _choice("64", "128", "256", "512", "1024", "2048"),
        "weight_decay": _real(0, 0.1),
        "weight_init_scale": _real(1, 3),
        "weight_init_type": _choice("uniform", "xavier"),
    },
    "image-classification": {
        "beta_1": _real(1e-6, 0.999),
        "beta_2": _real(1e-6, 0.999),
        "eps": _real(1e-8, 1, _LOG),
        "gamma": _real(1e-8, 0.999),
        "learning_rate": _real(1e-6, 0.5, _LOG),
        "mini_batch_size": _integer(8, 512),
        "momentum": _real(0, 0.999),
        "optimizer": _choice("sgd", "adam", "rmsprop", "nag"),
        "weight_decay": _real(0, 0.999),
    },
}
