"""Training program of the Image Classification image."""

from __future__ import annotations

import math
import tarfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.deep import learning
from smstudio_ext.engine.images.deep.average import average_gradients, share_weights
from smstudio_ext.engine.images.deep.job import Job, StopSignal, open_job, use_granted_threads
from smstudio_ext.engine.images.firstparty.hosts import Hosts
from smstudio_ext.engine.images.image_classification import model, parameters
from smstudio_ext.engine.images.image_classification.network import ResNet
from smstudio_ext.engine.images.image_classification.pictures import Pictures, read_pictures


def train(optml: Path) -> None:
    """Trains on the `train` channel; writes the parameters of the best epoch (and of checkpoints that are asked for).

    Raises:
        AlgorithmError: bad hyperparameters or data.
    """
    job = open_job(
        optml,
        "AWS/Image-Classification",
        parameters.DECLARED,
        channels=parameters.CHANNELS,
        several_hosts=True,
    )
    chosen = job.parameters
    parameters.check(chosen)
    shape = parameters.image_shape(chosen)
    settings = {
        "num_layers": chosen["num_layers"],
        "num_classes": chosen["num_classes"],
        "image_shape": list(shape),
    }
    settings["multi_label"] = chosen["multi_label"]
    pictures, held_out = (_pictures(job, name, shape) for name in ("train", "validation"))
    if len(pictures) != chosen["num_training_samples"]:
        job.log.info(
            f"num_training_samples is {chosen['num_training_samples']}, but the train channel holds {len(pictures)} pictures; "
            "the latter number is used.",
            "WARNING",
        )
    use_granted_threads()
    torch.manual_seed(0)
    network = _start(job, settings)
    hosts = Hosts.of_job(optml)
    try:
        with StopSignal() as stop:
            Training(network, settings, job, hosts, stop).run(pictures, held_out)
    finally:
        hosts.close()


def _pictures(job: Job, name: str, shape: tuple[int, int, int]) -> Pictures:
    chosen = job.parameters
    return read_pictures(
        job.channel(name),
        job.channels.get(f"{name}_lst"),
        shape,
        chosen["resize"],
        chosen["num_classes"],
        several=bool(chosen["multi_label"]),
    )


def _start(job: Job, settings: dict[str, Any]) -> ResNet:
    """A new network, or that of the channel `model` (incremental training)."""
    if "model" not in job.channels:
        return ResNet(settings["num_layers"], settings["num_classes"], settings["image_shape"])
    folder = job.channels["model"].path
    archives = [path for path in job.channels["model"].files() if path.name.endswith(".tar.gz")]
    if archives:
        folder = job.optml / "input" / ".model"
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with tarfile.open(archives[0]) as archive:
                for member in archive.getmembers():
                    plain = "/" not in member.name.removeprefix("./")
                    if member.isfile() and plain and (source := archive.extractfile(member)) is not None:
                        (folder / member.name.removeprefix("./")).write_bytes(source.read())
        except (tarfile.TarError, OSError, EOFError) as error:
            raise AlgorithmError(
                f"Channel 'model': {archives[0].name} is no model archive: {error}"
            ) from error
    try:
        network, found = model.load(folder)
    except ValueError as error:
        raise AlgorithmError(f"Channel 'model': {error}") from error
    for name in ("num_layers", "num_classes", "image_shape"):
        if found[name] != settings[name]:
            raise AlgorithmError(
                f"Channel 'model': the model was trained with {name}={found[name]}, the job asks for {settings[name]}; they must "
                "be the same."
            )
    job.log.info("Continuing from the model of the channel 'model'.")
    return network


class Training:
    """Trains a network epoch by epoch and keeps the epoch with the best validation accuracy."""

    def __init__(
        self, network: ResNet, settings: dict[str, Any], job: Job, hosts: Hosts, stop: StopSignal
    ) -> None:
        self._network = network
        self._settings = settings
        self._job = job
        self._chosen = job.parameters
        self._hosts = hosts
        self._stop = stop
        self._weights = list(network.parameters())
        self._random = np.random.default_rng(job.rank)
        chosen = job.parameters
        self._optimizer = learning.make_optimizer(
            chosen["optimizer"],
            self._weights,
            chosen["learning_rate"],
            weight_decay=chosen["weight_decay"] if chosen["optimizer"] in ("sgd", "nag") else 0.0,
            momentum=chosen["momentum"] if chosen["optimizer"] in ("sgd", "nag") else 0.0,
            betas=(chosen["beta_1"], chosen["beta_2"]),
            eps=chosen["eps"],
            gamma=chosen["gamma"],
        )
        self._several = bool(chosen["multi_label"])
        self._class_weights: torch.Tensor | None = None

    def run(self, pictures: Pictures, held_out: Pictures) -> None:
        """Trains; writes model files."""
        chosen, job = self._chosen, self._job
        self._network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch types it for tensors alone
        share_weights(self._weights, self._hosts)
        if self._several and chosen["use_weighted_loss"]:
            self._class_weights = _balance(pictures.labels)
        steps = parameters.scheduler_steps(chosen)
        best, best_epoch, best_weights, since = -1.0, 0, learning.copy_of(self._network), 0
        for epoch in range(chosen["epochs"]):
            began = time.time()
            accuracy, top = self._epoch(pictures, epoch)
            job.log.info(f"Epoch[{epoch}] Train-accuracy={accuracy:.6f}")
            if chosen["top_k"] is not None:
                job.log.info(f"Epoch[{epoch}] Train-top_k_accuracy_{chosen['top_k']}={top:.6f}")
            job.log.info(f"Epoch[{epoch}] Time cost={time.time() - began:.3f}")
            found, top = self._evaluate(held_out)
            job.log.info(f"Epoch[{epoch}] Validation-accuracy={found:.6f}")
            if chosen["top_k"] is not None:
                job.log.info(f"Epoch[{epoch}] Validation-top_k_accuracy_{chosen['top_k']}={top:.6f}")
            needed = best * (1 + chosen["early_stopping_tolerance"]) if best > 0 else best
            since = 0 if found > needed else since + 1
            if found > best:
                job.log.info(f"Storing the best model with validation accuracy: {found:.6f}")
                best, best_epoch, best_weights = found, epoch + 1, learning.copy_of(self._network)
            if (
                chosen["checkpoint_frequency"]
                and (epoch + 1) % chosen["checkpoint_frequency"] == 0
                and job.rank == 0
            ):
                model.save(job.model_dir, self._network, self._settings, epoch + 1)
                job.log.info(f'Saved checkpoint to "/opt/ml/model/{model.PREFIX}-{epoch + 1:04d}.params"')
            if epoch + 1 in steps:
                for group in self._optimizer.param_groups:
                    group["lr"] *= chosen["lr_scheduler_factor"]
            if self._ends(epoch, since):
                break
        self._network.load_state_dict(best_weights)
        if job.rank == 0:
            model.save(job.model_dir, self._network, self._settings, best_epoch)
            job.log.info(f'Saved checkpoint to "/opt/ml/model/{model.PREFIX}-{best_epoch:04d}.params"')

    def _ends(self, epoch: int, since: int) -> bool:
        chosen = self._chosen
        early = chosen["early_stopping"] and epoch + 1 >= chosen["early_stopping_min_epochs"]
        early = early and since >= chosen["early_stopping_patience"]
        if early:
            self._job.log.info(f"Early stopping after epoch {epoch}: no better accuracy for {since} epochs.")
        (votes,) = self._hosts.total(np.array([float(early or self._stop.requested)]))
        return bool(votes[0])

    def _epoch(self, pictures: Pictures, epoch: int) -> tuple[float, float]:
        """One pass; returns accuracy and top-k accuracy on the training batches."""
        self._network.train()
        size, order = self._chosen["mini_batch_size"], self._random.permutation(len(pictures))
        right, top, count = 0.0, 0.0, 0
        (batches,) = self._hosts.total(np.array([math.ceil(len(order) / size)]))
        began = time.time()
        for batch in range(max(1, int(batches[0]) // self._hosts.size)):
            rows = order[batch * size : (batch + 1) * size]
            if not len(rows):
                rows = self._random.integers(len(order), size=size)  # another host has more pictures
            inputs = torch.from_numpy(pictures.batch(rows, self._chosen["augmentation_type"], self._random))
            labels = torch.from_numpy(pictures.labels[rows])
            scores = self._network(inputs.contiguous(memory_format=torch.channels_last))
            loss = self._loss(scores, labels)
            self._optimizer.zero_grad()
            torch.autograd.backward([loss])
            if not math.isfinite(loss.item()):
                raise AlgorithmError("Training loss is no longer a number: use a smaller learning_rate.")
            average_gradients(self._weights, self._hosts)
            self._optimizer.step()
            hits, top_hits = self._hits(scores.detach(), labels)
            right, top, count = right + hits, top + top_hits, count + len(rows)
            if batch and batch % 20 == 0:
                speed = 20 * size / max(time.time() - began, 1e-9)
                self._job.log.info(
                    f"Epoch[{epoch}] Batch [{batch}]\tSpeed: {speed:.3f} samples/sec\taccuracy={right / count:.6f}"
                )
                began = time.time()
            if self._stop.requested and self._hosts.size == 1:
                break
        return right / count, top / count

    def _loss(self, scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        if self._several:
            return functional.binary_cross_entropy_with_logits(scores, labels, pos_weight=self._class_weights)
        return functional.cross_entropy(scores, labels.long())

    def _hits(self, scores: torch.Tensor, labels: torch.Tensor) -> tuple[float, float]:
        """How many pictures are right (with several labels: the mean share of right classes, summed), and within the top k."""
        if self._several:
            return float(((scores > 0) == (labels > 0.5)).float().mean(dim=1).sum()), 0.0
        truth = labels.long()
        hits = float((scores.argmax(dim=1) == truth).sum())
        if self._chosen["top_k"] is None:
            return hits, 0.0
        best = scores.topk(self._chosen["top_k"], dim=1).indices
        return hits, float((best == truth[:, None]).any(dim=1).sum())

    @torch.no_grad()
    def _evaluate(self, pictures: Pictures) -> tuple[float, float]:
        self._network.eval()
        right, top = 0.0, 0.0
        for start in range(0, len(pictures), 256):
            rows = np.arange(start, min(start + 256, len(pictures)))
            inputs = torch.from_numpy(pictures.batch(rows, None, self._random))
            scores = self._network(inputs.contiguous(memory_format=torch.channels_last))
            hits, top_hits = self._hits(scores, torch.from_numpy(pictures.labels[rows]))
            right, top = right + hits, top + top_hits
        return right / len(pictures), top / len(pictures)


def _balance(labels: Any) -> torch.Tensor:
    """Weights of positive labels: how many pictures lack a class for each that has it, at most 100."""
    positive = labels.sum(axis=0)
    return torch.from_numpy(
        np.clip((len(labels) - positive) / np.maximum(positive, 1), 0.01, 100).astype(np.float32)
    )
