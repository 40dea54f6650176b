"""Training program of the NTM image."""

from __future__ import annotations

import io
import itertools
import json
import math
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.deep.job import Job, StopSignal, open_job, use_granted_threads
from smstudio_ext.engine.images.deep.learning import copy_of, make_optimizer, rescale_and_clip
from smstudio_ext.engine.images.ntm.documents import Counts, read_counts, read_vocabulary
from smstudio_ext.engine.images.ntm.model import TopicModel, Weights, build
from smstudio_ext.engine.images.ntm.parameters import CHANNELS, DECLARED, encoder_layers
from smstudio_ext.engine.images.ntm.start import starting_topics
from smstudio_ext.formats import mxnet

_TOP_WORDS = 10


def train(optml: Path) -> None:
    """Trains on the `train` channel and writes `model/model_algo-1`.

    Raises:
        AlgorithmError: bad hyperparameters or data.
    """
    job = open_job(optml, "AWS/NTM", DECLARED, channels=CHANNELS)
    settings = {
        "feature_dim": job.parameters["feature_dim"],
        "num_topics": job.parameters["num_topics"],
        "encoder_layers": encoder_layers(job.parameters),
        "encoder_layers_activation": job.parameters["encoder_layers_activation"],
        "batch_norm": job.parameters["batch_norm"],
    }
    width = settings["feature_dim"]
    documents = read_counts(job.channel("train"), width)
    held_out = read_counts(job.channels["validation"], width) if "validation" in job.channels else None
    tested = read_counts(job.channels["test"], width) if "test" in job.channels else None
    words = read_vocabulary(job.channels["auxiliary"], width) if "auxiliary" in job.channels else None
    use_granted_threads()
    torch.manual_seed(0)
    network = build(settings)
    with torch.no_grad():
        network.projection.copy_(torch.from_numpy(starting_topics(documents, settings["num_topics"])))
    with StopSignal() as stop:
        _fit(network, documents, held_out, job, stop)
    _print_topics(network, words, job)
    if tested is not None:
        job.log.quality("test", "total_loss", _total_loss(network, tested), "loss")
    _save(network, settings, job.model_dir)
    job.log.finish()


def batches(counts: Counts, size: int, order: Any) -> Iterator[torch.Tensor]:
    """Dense mini-batches of sparse rows in the given order."""
    for start in range(0, len(order), size):
        yield torch.from_numpy(counts[order[start : start + size]].toarray())


def _fit(network: TopicModel, documents: Counts, held_out: Counts | None, job: Job, stop: StopSignal) -> None:
    """Trains until the loss no longer changes; leaves the weights of the best epoch in the network."""
    chosen = job.parameters
    weights = list(network.parameters())
    optimizer = make_optimizer(
        chosen["optimizer"], weights, chosen["learning_rate"], weight_decay=chosen["weight_decay"]
    )
    generator = torch.Generator().manual_seed(0)
    shuffle = np.random.default_rng(0)
    clip = None if math.isinf(chosen["clip_gradient"]) else chosen["clip_gradient"]
    sampled = max(1, round(documents.shape[0] * chosen["sub_sample"]))
    history: list[float] = []
    best, best_loss = copy_of(network), math.inf
    for epoch in range(1, chosen["epochs"] + 1):
        began = time.time()
        network.train()
        parts = np.zeros(2)
        for batch in batches(
            documents, chosen["mini_batch_size"], shuffle.permutation(documents.shape[0])[:sampled]
        ):
            if network.training and chosen["batch_norm"] and len(batch) < 2:
                continue  # a batch of one has no variance
            reconstruction, divergence = network.losses(batch, generator)
            optimizer.zero_grad()
            torch.autograd.backward([reconstruction + divergence])
            rescale_and_clip(weights, chosen["rescale_gradient"], clip)
            optimizer.step()
            parts += np.array([reconstruction.item(), divergence.item()]) * len(batch)
            if stop.requested:
                break
        loss = float(parts.sum()) / sampled
        if not math.isfinite(loss) and not stop.requested:
            raise AlgorithmError(
                "Training loss is no longer a number: use a smaller learning_rate or set clip_gradient."
            )
        job.log.info(
            f"# Finished training epoch {epoch} on {sampled} examples from {_count(sampled, chosen)} batches"
        )
        job.log.info(
            f"Loss (name: value) total: {loss:.6f} recons: {parts[0] / sampled:.6f} kld: {parts[1] / sampled:.6f}"
        )
        job.log.quality("train", "total_loss", loss, "loss", epoch=epoch)
        if held_out is not None:
            loss = _total_loss(network, held_out)
            job.log.quality("validation", "total_loss", loss, "loss", epoch=epoch)
        job.log.progress(epoch, chosen["epochs"])
        job.log.throughput(sampled, time.time() - began)
        if loss < best_loss:
            best, best_loss = copy_of(network), loss
        history.append(loss)
        if stop.requested or _settled(history, chosen["num_patience_epochs"], chosen["tolerance"]):
            job.log.info(f"Training stopped after epoch {epoch}.")
            break
    network.load_state_dict(best)
    network.eval()


def _count(sampled: int, chosen: dict[str, Any]) -> int:
    return -(-sampled // int(chosen["mini_batch_size"]))


def _settled(history: list[float], patience: int, tolerance: float) -> bool:
    """Whether the loss changed by less than `tolerance` (relative) in each of the last `patience` epochs, or only rose."""
    if len(history) <= patience:
        return False
    last = history[-patience - 1 :]
    changes = [(before - after) / abs(before or 1.0) for before, after in itertools.pairwise(last)]
    return all(change < tolerance for change in changes)


def _total_loss(network: TopicModel, counts: Counts) -> float:
    network.eval()
    total = 0.0
    with torch.no_grad():
        for batch in batches(counts, 1024, np.arange(counts.shape[0])):
            reconstruction, divergence = network.losses(batch)
            total += (reconstruction.item() + divergence.item()) * len(batch)
    return total / int(counts.shape[0])


def _print_topics(network: TopicModel, words: list[str] | None, job: Job) -> None:
    """The top words of each topic, with topic uniqueness (TU) as AWS's image prints it."""
    order = network.projection.detach().argsort(dim=0, descending=True)[:_TOP_WORDS].T.tolist()
    uses: dict[int, int] = {}
    for topic in order:
        for word in topic:
            uses[word] = uses.get(word, 0) + 1
    unique = [sum(1 / uses[word] for word in topic) / len(topic) for topic in order]
    job.log.info(f"Topics from epoch:final (num_topics:{len(order)}) [tu {sum(unique) / len(unique):.2f}]:")
    for topic, score in zip(order, unique, strict=True):
        job.log.info(f"[{score:.2f}] {' '.join(words[word] if words else str(word) for word in topic)}")


def _save(network: TopicModel, settings: dict[str, Any], folder: Path) -> None:
    """Writes the zip that AWS's image writes: MXNet arrays in `params`, where notebooks read `arg:projection_weight`."""
    arrays = {_stored_name(name): value.numpy() for name, value in network.state_dict().items()}
    with zipfile.ZipFile(folder / "model_algo-1", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("params", mxnet.write(arrays))
        archive.writestr("meta.json", json.dumps({"algorithm": "ntm", "settings": settings}))


def _stored_name(name: str) -> str:
    return "arg:projection_weight" if name == "projection" else f"arg:{name}"


def read_model(folder: Path) -> tuple[dict[str, Any], Weights]:
    """Settings and weights of `model_algo-1`.

    Raises:
        ValueError: the file is missing or is no model of this engine.
    """
    path = folder / "model_algo-1"
    if not path.exists():
        raise ValueError("The model has no file model_algo-1.")
    try:
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            meta = json.loads(archive.read("meta.json"))
            arrays = mxnet.read(archive.read("params"))
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise ValueError(f"model_algo-1 is no NTM model: {error}") from error
    if meta.get("algorithm") != "ntm" or not isinstance(arrays, dict):
        raise ValueError(
            "model_algo-1 was not written by this engine: models that AWS's NTM image trained cannot be hosted here."
        )
    weights: Weights = {}
    for name, values in arrays.items():
        key = "projection" if name == "arg:projection_weight" else name[len("arg:") :]
        weights[key] = torch.from_numpy(np.array(mxnet.dense(values)))
    return meta["settings"], weights
