"""Hyperparameters of Seq2Seq (https://docs.aws.amazon.com/sagemaker/latest/dg/seq-2-seq-hyperparameters.html)."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.firstparty.parameters import Parameter, refuse

CHANNELS = ("train", "validation", "vocab")


def _share(name: str) -> Parameter:
    return Parameter(name, "float", "0", low=0, high=1)


def _count(name: str, default: str) -> Parameter:
    return Parameter(name, "int", default, low=1)


DECLARED = (
    _count("max_seq_len_source", "100"),
    _count("max_seq_len_target", "100"),
    Parameter("encoder_type", "choice", "rnn", choices=("rnn", "cnn")),
    Parameter("decoder_type", "choice", "rnn", choices=("rnn", "cnn")),
    _count("num_layers_encoder", "1"),
    _count("num_layers_decoder", "1"),
    Parameter("rnn_num_hidden", "int", "1024", low=2),
    Parameter("rnn_cell_type", "choice", "lstm", choices=("lstm", "gru")),
    Parameter("rnn_decoder_state_init", "choice", "last", choices=("last", "avg", "zero")),
    Parameter("rnn_residual_connections", "bool", "false"),
    _count("rnn_first_residual_layer", "2"),
    _count("cnn_kernel_width_encoder", "3"),
    _count("cnn_kernel_width_decoder", "5"),
    _count("cnn_num_hidden", "512"),
    Parameter("cnn_activation_type", "choice", "glu", choices=("glu", "relu", "softrelu", "sigmoid", "tanh")),
    _share("cnn_hidden_dropout"),
    _count("num_embed_source", "512"),
    _count("num_embed_target", "512"),
    _share("embed_dropout_source"),
    _share("embed_dropout_target"),
    Parameter("rnn_attention_type", "choice", "mlp", choices=("dot", "fixed", "mlp", "bilinear")),
    Parameter("rnn_attention_num_hidden", "int", low=1),
    Parameter("rnn_attention_in_upper_layers", "bool", "true"),
    _share("rnn_decoder_hidden_dropout"),
    _count("batch_size", "64"),
    Parameter("bucketing_enabled", "bool", "true"),
    _count("bucket_width", "10"),
    Parameter("loss_type", "choice", "cross-entropy", choices=("cross-entropy",)),
    Parameter("training_metric", "choice", "perplexity", choices=("perplexity", "accuracy")),
    Parameter("optimized_metric", "choice", "perplexity", choices=("perplexity", "accuracy", "bleu")),
    Parameter("bleu_sample_size", "int", "0", low=-1),
    Parameter("max_num_batches", "int", "-1", low=-1),
    _count("checkpoint_frequency_num_batches", "1000"),
    _count("checkpoint_threshold", "3"),
    Parameter("max_num_epochs", "int", low=1),
    Parameter("min_num_epochs", "int", "0", low=0),
    Parameter("optimizer_type", "choice", "adam", choices=("adam", "sgd", "rmsprop")),
    Parameter("weight_init_type", "choice", "xavier", choices=("uniform", "xavier")),
    Parameter("weight_init_scale", "float", "2.34", low=0, open_low=True),
    Parameter("xavier_factor_type", "choice", "in", choices=("in", "out", "avg")),
    Parameter("learning_rate", "float", "0.0003", low=0, open_low=True),
    Parameter("weight_decay", "float", "0", low=0),
    Parameter("momentum", "float", low=0, high=1),
    Parameter("clip_gradient", "float", "1"),
    Parameter(
        "lr_scheduler_type",
        "choice",
        "plateau_reduce",
        choices=("plateau_reduce", "fixed_rate_inv_t", "fixed_rate_inv_sqrt_t"),
    ),
    Parameter("plateau_reduce_lr_factor", "float", "0.5", low=0, open_low=True),
    _count("plateau_reduce_lr_threshold", "3"),
    _count("fixed_rate_lr_half_life", "10"),
    _count("beam_size", "5"),
)


def network_settings(chosen: dict[str, Any]) -> dict[str, Any]:
    """The part of the hyperparameters that describes the network.

    Raises:
        AlgorithmError: convolutional networks, which are not offered, or an odd number of hidden units.
    """
    for name in ("encoder_type", "decoder_type"):
        if chosen[name] == "cnn":
            raise AlgorithmError(f"Hyperparameter {name}: cnn is not offered by this engine; use rnn.")
    if chosen["rnn_num_hidden"] % 2:
        raise refuse("The value of 'rnn_num_hidden' must be a multiple of 2")
    if chosen["momentum"] is not None and chosen["optimizer_type"] != "sgd":
        raise refuse("The 'momentum' hyperparameter goes with optimizer_type 'sgd' alone")
    names = [
        parameter.name
        for parameter in DECLARED
        if parameter.name.startswith(("rnn_", "num_", "embed_", "max_seq_", "beam_"))
    ]
    settings = {name: chosen[name] for name in names}
    settings["rnn_attention_num_hidden"] = chosen["rnn_attention_num_hidden"] or chosen["rnn_num_hidden"]
    return settings
