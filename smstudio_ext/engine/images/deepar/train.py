"""Training program of the DeepAR image."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.deep import learning
from smstudio_ext.engine.images.deep.average import average_gradients, share_weights
from smstudio_ext.engine.images.deep.job import Job, StopSignal, open_job, use_granted_threads
from smstudio_ext.engine.images.deepar import parameters as declared
from smstudio_ext.engine.images.deepar.evaluate import evaluate
from smstudio_ext.engine.images.deepar.network import DeepAR
from smstudio_ext.engine.images.deepar.panel import Panel
from smstudio_ext.engine.images.deepar.series import TimeSeries, read_series
from smstudio_ext.engine.images.firstparty.hosts import Hosts
from smstudio_ext.engine.images.jobfiles import read_hyperparameters

LEAST_OBSERVATIONS = 300
_LEAST_BATCHES = 10
_LARGEST_GRADIENT = 10.0


def train(optml: Path) -> None:
    """Trains on the `train` channel, scores the forecasts of the `test` channel, writes `model/model_algo-1`.

    Raises:
        AlgorithmError: bad hyperparameters or data.
    """
    job = open_job(optml, "AWS/DeepAR", declared.DECLARED, channels=declared.CHANNELS, several_hosts=True)
    given = read_hyperparameters(optml)
    quantiles = declared.quantiles(job.parameters)
    declared.frequency(job.parameters)
    series = read_series(job.channel("train"))
    settings = _settings(job.parameters, given, series)
    tested = read_series(job.channels["test"]) if "test" in job.channels else None
    if tested is not None:
        check_series(tested, settings, "test")
    use_granted_threads()
    torch.manual_seed(job.rank)
    network = DeepAR(settings)
    hosts = Hosts.of_job(optml)
    try:
        with StopSignal() as stop:
            _fit(network, Panel(series, settings), job, hosts, stop)
    finally:
        hosts.close()
    if job.rank > 0:
        return
    learning.save(job.model_dir / "model_algo-1", "deepar", settings, learning.copy_of(network))
    if tested is not None and not stop.requested:
        job.log.info(
            f"Evaluating model accuracy on testset using {job.parameters['num_eval_samples']} samples"
        )
        scores = evaluate(network, Panel(tested, settings), job.parameters["num_eval_samples"], quantiles)
        for name, value in scores.items():
            job.log.info(f"#test_score ({job.host}, {name}): {value!r}")
    job.log.finish()


def _settings(chosen: dict[str, Any], given: dict[str, str], series: list[TimeSeries]) -> dict[str, Any]:
    """What the network and its data need to know, with what is inferred from the training series."""
    cardinality = declared.cardinality(chosen, given)
    dynamic = declared.dynamic_features(chosen, given)
    if cardinality is None:
        widths = {len(one.cat) for one in series}
        if len(widths) > 1:
            raise AlgorithmError(
                "Channel 'train': all time series must have the same number of categories in \"cat\"."
            )
        table = np.array([one.cat for one in series], dtype=np.int64).reshape(len(series), -1)
        cardinality = [int(column.max()) + 1 for column in table.T]
    if dynamic is None:
        counts = {len(one.dynamic) for one in series}
        if len(counts) > 1:
            raise AlgorithmError(
                "Channel 'train': all time series must have the same number of arrays in \"dynamic_feat\"."
            )
        dynamic = counts.pop()
    frequency = declared.frequency(chosen)
    names = ("context_length", "prediction_length", "time_freq", "likelihood", "num_cells", "num_layers")
    settings = {name: chosen[name] for name in (*names, "dropout_rate", "embedding_dimension")}
    settings |= {"lags": frequency.lags(), "cardinality": cardinality, "dynamic": [[0.0, 1.0]] * dynamic}
    settings["features"] = frequency.features + 1 + dynamic
    check_series(series, settings, "train")
    observed = sum(int((~np.isnan(one.target)).sum()) for one in series)
    if observed < LEAST_OBSERVATIONS:
        raise AlgorithmError(
            f"The train channel holds {observed} observations in all; DeepAR requires at least {LEAST_OBSERVATIONS}."
        )
    settings["dynamic"] = [
        _moments(np.concatenate([one.dynamic[place] for one in series])) for place in range(dynamic)
    ]
    return settings


def _moments(values: Any) -> list[float]:
    deviation = float(values.std())
    return [float(values.mean()), deviation if deviation > 0 else 1.0]


def check_series(series: list[TimeSeries], settings: dict[str, Any], channel: str) -> None:
    """Makes sure that series fit a model.

    Raises:
        AlgorithmError: categories or dynamic features are missing, too many or too short, or targets that the likelihood
            cannot have.
    """
    for number, one in enumerate(series, 1):
        try:
            check_fit(one, settings)
        except ValueError as error:
            raise AlgorithmError(f"Channel '{channel}', time series {number}: {error}.") from error


def check_fit(one: TimeSeries, settings: dict[str, Any], ahead: int = 0) -> None:
    """Makes sure that one series fits a model; dynamic features must reach `ahead` steps beyond the target.

    Raises:
        ValueError: it does not, with the reason.
    """
    cardinality, dynamic = settings["cardinality"], len(settings["dynamic"])
    if len(one.cat) < len(cardinality) or (cardinality and len(one.cat) > len(cardinality)):
        raise ValueError(f'"cat" has {len(one.cat)} categories, the model takes {len(cardinality)}')
    for place, count in enumerate(cardinality):
        if one.cat[place] >= count:
            raise ValueError(
                f'"cat" holds {one.cat[place]}, but feature {place} has categories 0 to {count - 1}'
            )
    if dynamic and len(one.dynamic) != dynamic:
        raise ValueError(f'"dynamic_feat" has {len(one.dynamic)} arrays, the model takes {dynamic}')
    if dynamic and one.dynamic.shape[1] < len(one.target) + ahead:
        raise ValueError(
            f'the arrays of "dynamic_feat" have {one.dynamic.shape[1]} values where {len(one.target) + ahead} are needed'
        )
    seen = one.target[~np.isnan(one.target)]
    kind = settings["likelihood"]
    if kind == "negative-binomial" and ((seen < 0).any() or (seen % 1 != 0).any()):
        raise ValueError("the likelihood negative-binomial needs targets that are whole numbers from 0 on")
    if kind == "beta" and ((seen < 0).any() or (seen > 1).any()):
        raise ValueError("the likelihood beta needs targets between 0 and 1")


def _slow_down(optimizer: torch.optim.Optimizer, rate: float, progress: float) -> None:
    """Lets the learning rate fall along a cosine to a twentieth: forecasts of a rate that stays jump with the last batches."""
    for group in optimizer.param_groups:
        group["lr"] = rate * (0.05 + 0.475 * (1 + math.cos(math.pi * min(progress, 1.0))))


def _fit(network: DeepAR, panel: Panel, job: Job, hosts: Hosts, stop: StopSignal) -> None:
    """Trains; leaves the weights of the epoch with the lowest loss in the network."""
    chosen = job.parameters
    size = chosen["mini_batch_size"]
    (series,) = hosts.total(np.array([len(panel.lengths)], dtype=np.int64))
    count = max(_LEAST_BATCHES, math.ceil(int(series[0]) / size / hosts.size))
    weights = list(network.parameters())
    share_weights(weights, hosts)
    optimizer = torch.optim.Adam(weights, lr=chosen["learning_rate"], weight_decay=1e-8)
    random = np.random.default_rng(job.rank)
    best, best_loss, since = learning.copy_of(network), math.inf, 0
    patience = chosen["early_stopping_patience"]
    network.train()
    for epoch in range(chosen["epochs"]):
        total, done = 0.0, 0
        for batch in range(count):
            _slow_down(optimizer, chosen["learning_rate"], (epoch + batch / count) / chosen["epochs"])
            loss = network.loss(panel.draw(size, random))
            optimizer.zero_grad()
            torch.autograd.backward([loss])
            average_gradients(weights, hosts)
            torch.nn.utils.clip_grad_norm_(weights, _LARGEST_GRADIENT)
            optimizer.step()
            total, done = total + loss.item(), done + 1
            if batch == 0:
                job.log.info(f"Epoch[{epoch}] Batch[{batch}] avg_epoch_loss={total / done:.6f}")
                job.log.quality("train", "loss", total / done, "loss", epoch=epoch, batch=batch)
            if stop.requested and hosts.size == 1:
                break
        mean, asked = (
            float(value[0])
            for value in hosts.total(np.array([total / done]), np.array([float(stop.requested)]))
        )
        mean /= hosts.size
        if not math.isfinite(mean):
            raise AlgorithmError("Training loss is no longer a number: use a smaller learning_rate.")
        job.log.quality("train", "loss", mean, "loss", epoch=epoch)
        job.log.progress(epoch + 1, chosen["epochs"])
        since = 0 if mean < best_loss else since + 1
        if mean < best_loss:
            best, best_loss = learning.copy_of(network), mean
        if asked or (patience is not None and since >= patience):
            job.log.info(
                f"Loss has not improved for {since} epochs; stopping training now."
                if not asked
                else "Stopping."
            )
            break
    network.load_state_dict(best)
    network.eval()
    job.log.info(f"Final loss: {best_loss}")
    job.log.quality("train", "final_loss", best_loss, "loss")
