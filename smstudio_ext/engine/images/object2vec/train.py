"""Training program of the Object2Vec image."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.deep import learning
from smstudio_ext.engine.images.deep.job import Job, StopSignal, open_job, use_granted_threads
from smstudio_ext.engine.images.jobfiles import Channel
from smstudio_ext.engine.images.object2vec.network import PairNetwork
from smstudio_ext.engine.images.object2vec.pairs import Pairs, batch_orders, pad, read_pairs
from smstudio_ext.engine.images.object2vec.parameters import CHANNELS, DECLARED, network_settings


def train(optml: Path) -> None:
    """Trains on the `train` channel and writes `model/model_algo-1`.

    Raises:
        AlgorithmError: bad hyperparameters or data.
    """
    job = open_job(optml, "AWS/Object2Vec", DECLARED, channels=CHANNELS)
    settings = network_settings(job.parameters)
    data = {
        name: read_pairs(job.channel(name), settings)
        for name in CHANNELS[:3]
        if name in job.channels or name == "train"
    }
    if (
        job.parameters["negative_sampling_rate"]
        and settings["output_layer"] == "softmax"
        and settings["outputs"] != 2
    ):
        raise AlgorithmError(
            "negative_sampling_rate needs two classes: positive pairs (1) and negative ones (0)."
        )
    use_granted_threads()
    torch.manual_seed(0)
    sparse = job.parameters["token_embedding_storage_type"] == "row_sparse"
    network = PairNetwork(settings, sparse=sparse)
    _load_pretrained(network, settings, job)
    with StopSignal() as stop:
        _fit(network, settings, data["train"], data.get("validation"), job, stop)
    if "test" in data:
        for name, value in evaluate(network, settings, data["test"]).items():
            job.log.quality("test", name, value, "score" if name == "accuracy" else "loss")
    learning.save(job.model_dir / "model_algo-1", "object2vec", settings, learning.copy_of(network))
    job.log.finish()


def batch_loss(
    network: PairNetwork, settings: dict[str, Any], output: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """Cross-entropy or mean squared error of a batch."""
    if settings["output_layer"] == "softmax":
        return F.cross_entropy(output, labels.long())
    return F.mse_loss(output[:, 0], labels)


def encode_batch(
    settings: dict[str, Any], pairs: Pairs, rows: Any, shuffled: Any = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Padded sequences of both sides; `shuffled` takes other rows for the second side."""
    first = pad([pairs.sides[0][row] for row in rows], settings["encoders"][0]["vocab_size"])
    others = rows if shuffled is None else shuffled
    second = pad([pairs.sides[1][row] for row in others], settings["encoders"][1]["vocab_size"])
    return first, second


@torch.no_grad()
def evaluate(network: PairNetwork, settings: dict[str, Any], pairs: Pairs) -> dict[str, float]:
    """Scores over all pairs: cross-entropy and accuracy, or mean squared error."""
    network.eval()
    loss, right = 0.0, 0
    for start in range(0, len(pairs), 512):
        rows = np.arange(start, min(start + 512, len(pairs)))
        labels = torch.from_numpy(pairs.labels[rows])
        output = network(*encode_batch(settings, pairs, rows))
        loss += batch_loss(network, settings, output, labels).item() * len(rows)
        right += int((output.argmax(dim=1) == labels).sum())
    if settings["output_layer"] == "softmax":
        return {"cross_entropy": loss / len(pairs), "accuracy": right / len(pairs)}
    return {"mean_squared_error": loss / len(pairs)}


def _load_pretrained(network: PairNetwork, settings: dict[str, Any], job: Job) -> None:
    """Takes token vectors from text files of the auxiliary channel, and freezes them if asked."""
    for place, encoder in enumerate(settings["encoders"]):
        name = encoder["pretrained_embedding_file"]
        if not name:
            continue
        auxiliary = job.channels.get("auxiliary")
        if auxiliary is None:
            raise AlgorithmError(f"enc{place}_pretrained_embedding_file needs the channel 'auxiliary'.")
        vocabulary = _vocabulary(auxiliary, encoder, place)
        table = network.encoders[place].embedding
        found = _fill(table.weight, _file(auxiliary, name), vocabulary, encoder)  # type: ignore[union-attr, arg-type]
        job.log.info(f"enc{place}: {found} of {len(vocabulary)} tokens have pretrained vectors.")
        if encoder["freeze_pretrained_embedding"]:
            table.weight.requires_grad_(False)  # type: ignore[union-attr]


def _file(channel: Channel, name: str) -> Path:
    paths = [path for path in channel.files() if path.name == name]
    if not paths:
        raise AlgorithmError(f"Channel '{channel.name}' has no file {name}.")
    return paths[0]


def _vocabulary(channel: Channel, encoder: dict[str, Any], place: int) -> dict[str, int]:
    if not encoder["vocab_file"]:
        raise AlgorithmError(f"enc{place}_pretrained_embedding_file needs enc{place}_vocab_file.")
    try:
        loaded = json.loads(_file(channel, encoder["vocab_file"]).read_text(encoding="utf-8"))
        return {str(token): int(number) for token, number in loaded.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise AlgorithmError(
            f"{encoder['vocab_file']} must hold a JSON object of tokens and their ids."
        ) from error


def _fill(weight: torch.Tensor, path: Path, vocabulary: dict[str, int], encoder: dict[str, Any]) -> int:
    width, found = int(encoder["token_embedding_dim"]), 0
    with path.open(encoding="utf-8", errors="replace") as stream, torch.no_grad():
        for number, line in enumerate(stream, 1):
            token, _, rest = line.rstrip().partition(" ")
            place = vocabulary.get(token)
            if place is None or not 0 <= place < int(encoder["vocab_size"]):
                continue
            values = np.fromstring(rest, dtype=np.float32, sep=" ")
            if len(values) != width:
                raise AlgorithmError(
                    f"{path.name}, line {number}: {len(values)} numbers, but token_embedding_dim is {width}."
                )
            weight[place] = torch.from_numpy(values)
            found += 1
    return found


def _fit(
    network: PairNetwork,
    settings: dict[str, Any],
    pairs: Pairs,
    held_out: Pairs | None,
    job: Job,
    stop: StopSignal,
) -> None:
    """Trains; leaves the weights of the epoch with the lowest loss in the network."""
    chosen = job.parameters
    optimizers = _optimizers(network, chosen)
    random = np.random.default_rng(0)
    metric = "cross_entropy" if settings["output_layer"] == "softmax" else "mean_squared_error"
    best, best_loss, since = learning.copy_of(network), math.inf, 0
    for epoch in range(chosen["epochs"]):
        network.train()
        total, right, count = 0.0, 0, 0
        for rows in batch_orders(pairs, chosen["mini_batch_size"], chosen["bucket_width"], random):
            output, labels = _step(network, settings, pairs, rows, chosen["negative_sampling_rate"], random)
            loss = batch_loss(network, settings, output, labels)
            for optimizer in optimizers:
                optimizer.zero_grad()
            torch.autograd.backward([loss])
            for optimizer in optimizers:
                optimizer.step()
            total, count = total + loss.item() * len(labels), count + len(labels)
            right += int((output.argmax(dim=1) == labels).sum())
            if stop.requested:
                break
        if not math.isfinite(total):
            raise AlgorithmError("Training loss is no longer a number: use a smaller learning_rate.")
        loss_now = total / count
        job.log.quality("train", metric, loss_now, "loss", epoch=epoch)
        if metric == "cross_entropy":
            job.log.quality("train", "accuracy", right / count, "score", epoch=epoch)
        if held_out is not None:
            found = evaluate(network, settings, held_out)
            for name, value in found.items():
                job.log.quality(
                    "validation", name, value, "score" if name == "accuracy" else "loss", epoch=epoch
                )
            loss_now = found[metric]
        job.log.progress(epoch + 1, chosen["epochs"])
        improved = best_loss - loss_now > chosen["early_stopping_tolerance"] * abs(
            best_loss if math.isfinite(best_loss) else 1
        )
        since = 0 if improved or not math.isfinite(best_loss) else since + 1
        if loss_now < best_loss:
            best, best_loss = learning.copy_of(network), loss_now
        if stop.requested or since >= chosen["early_stopping_patience"]:
            job.log.info(
                f"Early stopping criteria met after epoch {epoch}." if not stop.requested else "Stopping."
            )
            break
    network.load_state_dict(best)


def _step(
    network: PairNetwork,
    settings: dict[str, Any],
    pairs: Pairs,
    rows: Any,
    negatives: int,
    random: np.random.Generator,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Outputs and labels of a batch, with `negatives` mismatched pairs of label 0 for each given pair."""
    labels = torch.from_numpy(pairs.labels[rows])
    output = network(*encode_batch(settings, pairs, rows))
    if not negatives:
        return output, labels
    outputs, all_labels = [output], [labels]
    for _ in range(negatives):
        others = random.integers(len(pairs), size=len(rows))
        outputs.append(network(*encode_batch(settings, pairs, rows, others)))
        all_labels.append(torch.zeros_like(labels))
    return torch.cat(outputs), torch.cat(all_labels)


def _optimizers(network: PairNetwork, chosen: dict[str, Any]) -> list[torch.optim.Optimizer]:
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    sparse_weights: list[torch.nn.Parameter] = []
    if chosen["token_embedding_storage_type"] == "row_sparse":
        tables = {id(encoder.embedding.weight) for encoder in network.encoders}  # type: ignore[union-attr]
        sparse_weights = [weight for weight in weights if id(weight) in tables]
        weights = [weight for weight in weights if id(weight) not in tables]
    rate = chosen["learning_rate"]
    found = [learning.make_optimizer(chosen["optimizer"], weights, rate, weight_decay=chosen["weight_decay"])]
    if sparse_weights:
        if chosen["optimizer"] == "adam":
            found.append(torch.optim.SparseAdam(sparse_weights, lr=rate))
        else:
            found.append(learning.make_optimizer(chosen["optimizer"], sparse_weights, rate))
    return found
