"""Hyperparameters of BlazingText (https://docs.aws.amazon.com/sagemaker/latest/dg/blazingtext_hyperparameters.html)."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.images.firstparty.parameters import Parameter, refuse

CHANNELS = ("train", "validation")
WORD2VEC_MODES = ("batch_skipgram", "skipgram", "cbow")

DECLARED = (
    Parameter("mode", "choice", choices=(*WORD2VEC_MODES, "supervised"), required=True),
    Parameter("batch_size", "int", "11", low=1),
    Parameter("buckets", "int", "2000000", low=1),
    Parameter("early_stopping", "bool", "false"),
    Parameter("epochs", "int", "5", low=1),
    Parameter("evaluation", "bool", "true"),
    Parameter("learning_rate", "float", "0.05", low=0, open_low=True),
    Parameter("max_char", "int", "6", low=1),
    Parameter("min_char", "int", "3", low=1),
    Parameter("min_count", "int", "5", low=0),
    Parameter("min_epochs", "int", "5", low=1),
    Parameter("negative_samples", "int", "5", low=1),
    Parameter("patience", "int", "4", low=1),
    Parameter("sampling_threshold", "float", "0.0001", low=0),
    Parameter("subwords", "bool", "false"),
    Parameter("vector_dim", "int", "100", low=1),
    Parameter("window_size", "int", "5", low=1),
    Parameter("word_ngrams", "int", "2", low=1),
)


def check_combination(parameters: dict[str, Any]) -> None:
    """Refuses what does not go together.

    Raises:
        AlgorithmError: subwords with `batch_skipgram`, or `min_char` above `max_char`.
    """
    if parameters["subwords"] and parameters["mode"] == "batch_skipgram":
        raise refuse("The 'subwords' hyperparameter is not supported when mode is 'batch_skipgram'")
    if parameters["subwords"] and parameters["min_char"] > parameters["max_char"]:
        raise refuse("The value of 'min_char' must not be greater than that of 'max_char'")
