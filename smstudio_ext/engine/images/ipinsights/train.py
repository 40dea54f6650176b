"""Training program of the ipinsights image."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from smstudio_ext.engine.images import scores
from smstudio_ext.engine.images.channel_streams import parts
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.firstparty.data import NO_DATA
from smstudio_ext.engine.images.firstparty.job import Job, open_job
from smstudio_ext.engine.images.ipinsights.network import Learner, Network
from smstudio_ext.engine.images.ipinsights.pairs import Addresses, Indices, PairError, encode, split_line
from smstudio_ext.engine.images.ipinsights.parameters import DECLARED
from smstudio_ext.engine.images.jobfiles import Channel

_MOST_VALIDATED = 500_000


def train(optml: Path) -> None:
    """Trains on the `train` channel (CSV lines `entity,ip_address`) and writes `model/model_algo-1`.

    Raises:
        AlgorithmError: bad hyperparameters or data.
    """
    job = open_job(optml, "IPInsights", DECLARED, channels=("train", "validation"), distributed=False)
    values = job.values
    if not values["random_negative_sampling_rate"] + values["shuffled_negative_sampling_rate"]:
        raise AlgorithmError(
            "random_negative_sampling_rate and shuffled_negative_sampling_rate are both 0: without negative pairs nothing can "
            "be learnt."
        )
    entities, addresses = _read(job.channels["train"], values["num_entity_vectors"])
    held_out = None
    if "validation" in job.channels:
        held_out = _read(job.channels["validation"], values["num_entity_vectors"])
    try:
        network = Network.random(
            values["num_entity_vectors"],
            values["vector_dim"],
            values["num_ip_encoder_layers"],
            np.random.default_rng(13),
        )
        learner = Learner(
            network,
            rate=values["learning_rate"],
            decay=values["weight_decay"],
            random_rate=values["random_negative_sampling_rate"],
            shuffled_rate=values["shuffled_negative_sampling_rate"],
        )
    except MemoryError:
        raise AlgorithmError(
            f"{values['num_entity_vectors']} entity vectors of {values['vector_dim']} numbers do not fit into memory; lower "
            "num_entity_vectors or vector_dim."
        ) from None
    for epoch in range(values["epochs"]):
        _epoch(job, learner, entities, addresses, epoch)
        if held_out is not None:
            value = discriminator_auc(network, *held_out)
            job.log.quality("validation", "discriminator_auc", value, "score", epoch=epoch)
    job.save(network.encode())
    job.log.finish()


def _epoch(job: Job, learner: Learner, entities: Indices, addresses: Addresses, epoch: int) -> None:
    values = job.values
    begin = time.time()
    size = min(values["mini_batch_size"], len(entities))
    order = np.random.default_rng([19, epoch]).permutation(len(entities))
    sums = np.zeros(3)
    for number, start in enumerate(range(0, len(entities) - size + 1, size)):
        rows = order[start : start + size]
        found = np.array(learner.learn(entities[rows], addresses[rows]))
        sums += found
        if number % values["batch_metrics_publish_interval"] == 0:
            _show(job, found, epoch, number)
    _show(job, sums, epoch, None)
    job.log.progress(epoch + 1, values["epochs"])
    job.log.throughput(len(entities), time.time() - begin)


def _show(job: Job, sums: np.ndarray, epoch: int, batch: int | None) -> None:
    loss, right, pairs = sums.tolist()
    job.log.quality(
        "train", "binary_classification_cross_entropy", loss / max(pairs, 1), "loss", epoch=epoch, batch=batch
    )
    job.log.quality(
        "train", "binary_classification_accuracy", right / max(pairs, 1), "score", epoch=epoch, batch=batch
    )


def discriminator_auc(network: Network, entities: Indices, addresses: Addresses) -> float:
    """How well the dot product tells observed pairs from the same entities with random addresses."""
    generator = np.random.default_rng(31)
    if len(entities) > _MOST_VALIDATED:
        chosen = generator.choice(len(entities), _MOST_VALIDATED, replace=False)
        entities, addresses = entities[chosen], addresses[chosen]
    drawn = generator.integers(0, 1 << 32, size=len(addresses), dtype=np.uint32)
    found = [
        network.dots(entities[at : at + 65_536], part[at : at + 65_536])
        for part in (addresses, drawn)
        for at in range(0, len(entities), 65_536)
    ]
    truth = np.repeat([1, 0], len(entities))
    return scores.auc(truth, np.concatenate(found).astype(np.float64))


def _read(channel: Channel, vectors: int) -> tuple[Indices, Addresses]:
    """All pairs of a channel, twelve bytes each.

    Raises:
        AlgorithmError: another content type, a bad line (with file and number), no pairs.
    """
    if channel.content_type not in ("", "text/csv", "csv"):
        raise AlgorithmError(
            f"'{channel.content_type}' is not an accepted ContentType of channel '{channel.name}': text/csv."
        )
    found: list[tuple[Indices, Addresses]] = []
    for part in parts(channel, "lines"):
        lines = part.data.decode("utf-8", "replace").split("\n")
        try:
            found.append(encode([split_line(line) for line in lines if line.strip()], vectors))
        except PairError:
            raise AlgorithmError(_fault(lines, part.source, part.first)) from None
    if not found or not sum(len(one[0]) for one in found):
        raise AlgorithmError(NO_DATA)
    return np.concatenate([one[0] for one in found]), np.concatenate([one[1] for one in found])


def _fault(lines: list[str], source: str, first: int) -> str:
    for number, line in enumerate(lines, first):
        try:
            if line.strip():
                encode([split_line(line)], 1)
        except PairError as error:
            hint = " The first line seems to be a header: CSV data must have none." if number == 1 else ""
            return f"CSV file '{source}', line {number}: {error}.{hint}"
    return f"CSV file '{source}' cannot be read."
