"""Training program of the Seq2Seq image."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.deep import learning
from smstudio_ext.engine.images.deep.job import Job, StopSignal, open_job, use_granted_threads
from smstudio_ext.engine.images.seq2seq.decode import bleu, translate
from smstudio_ext.engine.images.seq2seq.network import Translator
from smstudio_ext.engine.images.seq2seq.parameters import CHANNELS, DECLARED, network_settings
from smstudio_ext.engine.images.seq2seq.sentences import (
    BOS,
    EOS,
    FILES,
    PAD,
    SentencePairs,
    Vocabulary,
    batches,
    pad,
    read_pairs,
    read_vocabularies,
)


def train(optml: Path) -> None:
    """Trains on `train`, watches `validation`; writes `params.best`, `config` and both vocabularies.

    Raises:
        AlgorithmError: bad hyperparameters or data.
    """
    job = open_job(optml, "AWS/Seq2Seq", DECLARED, channels=CHANNELS)
    settings = network_settings(job.parameters)
    vocabularies = read_vocabularies(job.channel("vocab"))
    longest = (settings["max_seq_len_source"], settings["max_seq_len_target"])
    pairs = read_pairs(job.channel("train"), vocabularies, longest)
    held_out = read_pairs(job.channel("validation"), vocabularies, longest)
    settings |= {
        "source_size": vocabularies[0].size,
        "target_size": vocabularies[1].size,
        "pad": [vocabulary.ids[PAD] for vocabulary in vocabularies],
    }
    use_granted_threads()
    torch.manual_seed(0)
    network = Translator(settings)
    _start_weights(network, job.parameters)
    with StopSignal() as stop:
        Training(network, job, vocabularies[1], stop).run(pairs, held_out)
    learning.save(job.model_dir / "params.best", "seq2seq", settings, learning.copy_of(network))
    (job.model_dir / "config").write_text(json.dumps(settings, indent=1))
    for path in job.channel("vocab").files():
        if path.name in FILES:
            shutil.copyfile(path, job.model_dir / path.name)
    job.log.finish()


def _start_weights(network: Translator, chosen: dict[str, Any]) -> None:
    """Xavier or uniform weights of the given scale, as MXNet's initializers make them; biases are zero."""
    for name, weight in network.named_parameters():
        if weight.dim() < 2 or "embedding" in name:
            if weight.dim() < 2:
                torch.nn.init.zeros_(weight)
            continue
        scale = chosen["weight_init_scale"]
        if chosen["weight_init_type"] == "xavier":
            fan_out, fan_in = weight.shape
            factor = {"in": fan_in, "out": fan_out, "avg": (fan_in + fan_out) / 2}[
                chosen["xavier_factor_type"]
            ]
            scale = math.sqrt(scale / factor)
        torch.nn.init.uniform_(weight, -scale, scale)


@dataclass
class Progress:
    """How training goes: checkpoints so far, the best value of the optimized metric, and since when there is no better one."""

    checkpoints: int = 0
    best: float = math.inf
    since: int = 0
    reduced_at: int = 0
    weights: dict[str, torch.Tensor] = field(default_factory=dict)


class Training:
    """Trains a network with checkpoints, early stopping and a falling learning rate.

    Args:
        target: the target's vocabulary.
    """

    def __init__(self, network: Translator, job: Job, target: Vocabulary, stop: StopSignal) -> None:
        self._network = network
        self._job = job
        self._chosen = job.parameters
        self._begin, self._end = target.ids[BOS], target.ids[EOS]
        self._stop = stop
        self._weights = list(network.parameters())
        self._optimizer = learning.make_optimizer(
            self._chosen["optimizer_type"],
            self._weights,
            self._chosen["learning_rate"],
            weight_decay=self._chosen["weight_decay"],
            momentum=self._chosen["momentum"] or 0.0,
        )
        self._progress = Progress(weights=learning.copy_of(network))

    def run(self, pairs: SentencePairs, held_out: SentencePairs) -> None:
        """Trains until an end is reached; leaves the best weights in the network."""
        chosen, random = self._chosen, np.random.default_rng(0)
        width = chosen["bucket_width"] if chosen["bucketing_enabled"] else 0
        done, epoch, loss_sum, right, count = 0, 0, 0.0, 0, 0
        over = False
        while not over:
            for rows in batches(pairs, chosen["batch_size"], width, random):
                loss, hits, tokens = self._learn(pairs, rows)
                loss_sum, right, count = loss_sum + loss * tokens, right + hits, count + tokens
                done += 1
                last = done == chosen["max_num_batches"] or self._stop.requested
                if done % chosen["checkpoint_frequency_num_batches"] == 0 or last:
                    self._report("train", epoch, loss_sum / count, right / count)
                    loss_sum, right, count = 0.0, 0, 0
                    over = self._checkpoint(held_out, epoch) or last
                if over:
                    break
            epoch += 1
            if chosen["max_num_epochs"] is not None:
                self._job.log.progress(epoch, chosen["max_num_epochs"])
                over = over or epoch >= chosen["max_num_epochs"]
        if count:
            self._report("train", epoch - 1, loss_sum / count, right / count)
            self._checkpoint(held_out, epoch - 1)
        self._network.load_state_dict(self._progress.weights)
        self._network.eval()

    def _learn(self, pairs: SentencePairs, rows: Any) -> tuple[float, int, int]:
        """One update; returns mean loss, tokens guessed right and tokens."""
        self._network.train()
        loss, hits, tokens = self._loss(pairs, rows)
        self._optimizer.zero_grad()
        torch.autograd.backward([loss])
        if not math.isfinite(loss.item()):
            raise AlgorithmError("Training loss is no longer a number: use a smaller learning_rate.")
        learning.rescale_and_clip(self._weights, 1.0, self._chosen["clip_gradient"])
        self._optimizer.step()
        return loss.item(), hits, tokens

    def _loss(self, pairs: SentencePairs, rows: Any) -> tuple[torch.Tensor, int, int]:
        padding = self._network.padding
        sources = torch.from_numpy(pad([pairs.sources[row] for row in rows], padding[0]))
        ended = [np.append(pairs.targets[row], self._end) for row in rows]
        labels = torch.from_numpy(pad(ended, -1))
        inputs = torch.cat([torch.full((len(rows), 1), self._begin), labels[:, :-1]], dim=1)
        scores = self._network(sources, inputs.masked_fill(inputs < 0, padding[1]))
        loss = functional.cross_entropy(scores.flatten(0, 1), labels.flatten(), ignore_index=-1)
        hits = int((scores.argmax(dim=2) == labels).sum())
        return loss, hits, int((labels >= 0).sum())

    def _report(self, part: str, epoch: int, loss: float, accuracy: float) -> None:
        self._job.log.quality(part, "perplexity", math.exp(min(loss, 50.0)), "loss", epoch=epoch)
        self._job.log.quality(part, "accuracy", accuracy, "score", epoch=epoch)

    def _checkpoint(self, held_out: SentencePairs, epoch: int) -> bool:
        """Scores the validation data; returns whether training should end."""
        chosen, progress = self._chosen, self._progress
        self._network.eval()
        loss, right, count = 0.0, 0, 0
        with torch.no_grad():
            for start in range(0, len(held_out), chosen["batch_size"]):
                rows = np.arange(start, min(start + chosen["batch_size"], len(held_out)))
                mean, hits, tokens = self._loss(held_out, rows)
                loss, right, count = loss + mean.item() * tokens, right + hits, count + tokens
        self._report("validation", epoch, loss / count, right / count)
        value = {"perplexity": loss / count, "accuracy": -right / count}.get(chosen["optimized_metric"])
        sample = chosen["bleu_sample_size"]
        if chosen["optimized_metric"] == "bleu" or sample:
            found = self._bleu(held_out, sample)
            self._job.log.quality("validation", "bleu", found, "score", epoch=epoch)
            value = -found if value is None else value
        assert value is not None
        progress.checkpoints += 1
        self._job.log.info(
            f"Checkpoint [{progress.checkpoints}] optimized metric {chosen['optimized_metric']}={abs(value):.6g}"
        )
        progress.since = 0 if value < progress.best else progress.since + 1
        if value < progress.best:
            progress.best, progress.weights = value, learning.copy_of(self._network)
        self._slow_down()
        # With max_num_epochs training goes on whether or not the metric improves.
        early = chosen["max_num_epochs"] is None and epoch >= chosen["min_num_epochs"]
        return early and progress.since >= chosen["checkpoint_threshold"]

    def _bleu(self, held_out: SentencePairs, sample: int) -> float:
        size = len(held_out) if sample <= 0 else min(sample, len(held_out))
        rows = np.random.default_rng(1).permutation(len(held_out))[:size]
        options = {"beam": self._chosen["beam_size"], "longest": self._chosen["max_seq_len_target"]}
        guesses = [
            translate(self._network, held_out.sources[row].tolist(), self._begin, self._end, **options).tokens
            for row in rows
        ]
        return bleu(guesses, [held_out.targets[row].tolist() for row in rows])

    def _slow_down(self) -> None:
        """Sets the learning rate after a checkpoint."""
        chosen, progress = self._chosen, self._progress
        rate = self._optimizer.param_groups[0]["lr"]
        if chosen["lr_scheduler_type"] == "plateau_reduce":
            if progress.since and progress.since % chosen["plateau_reduce_lr_threshold"] == 0:
                rate *= chosen["plateau_reduce_lr_factor"]
        else:
            slowed = 1 + progress.checkpoints / chosen["fixed_rate_lr_half_life"]
            power = 1.0 if chosen["lr_scheduler_type"] == "fixed_rate_inv_t" else 0.5
            rate = chosen["learning_rate"] / slowed**power
        for group in self._optimizer.param_groups:
            group["lr"] = rate
