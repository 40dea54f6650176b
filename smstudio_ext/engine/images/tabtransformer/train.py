"""Training program of the TabTransformer image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from smstudio_ext.engine.images import scores
from smstudio_ext.engine.images.deep.job import StopSignal, use_granted_threads
from smstudio_ext.engine.images.deep.learning import copy_of, save
from smstudio_ext.engine.images.jobfiles import read_channels, read_hyperparameters
from smstudio_ext.engine.images.tabtransformer.inputs import Inputs
from smstudio_ext.engine.images.tabtransformer.network import TabTransformer
from smstudio_ext.engine.images.tabtransformer.parameters import parse_parameters
from smstudio_ext.engine.images.tabular.data import TabularData, read_tabular
from smstudio_ext.engine.images.tabular.programs import require_one_instance, training_programs
from smstudio_ext.engine.images.tabular.target import Outline, Problem, learn_categories, outline

MODEL = "model.pt"
ALGORITHM = "tabtransformer"
_CHUNK = 4096


def run(optml: Path, problem: Problem | None) -> None:
    """Trains and writes `model/model.pt` and its outline."""
    values = parse_parameters(read_hyperparameters(optml))
    require_one_instance(optml, "TabTransformer")
    data = read_tabular(read_channels(optml), seed=values["seed"])
    found, truth, held_out = outline(data, problem)
    learn_categories(found, data)
    use_granted_threads()
    torch.manual_seed(values["seed"])
    inputs = Inputs.learn(found, data.train.features)
    settings: dict[str, Any] = {
        "cardinalities": inputs.cardinalities,
        "numbers": len(inputs.mean),
        "outputs": len(found.classes) or 1,
        "dim": values["input_dim"],
        "blocks": values["n_blocks"],
        "attention_dropout": values["attn_dropout"],
        "mlp_dropout": values["mlp_dropout"],
        "shared": values["frac_shared_embed"],
    }
    network = TabTransformer(**settings)
    middle, spread = (float(truth.mean()), float(truth.std()) or 1.0) if not found.classes else (0.0, 1.0)
    best = _learn(network, inputs, data, ((truth - middle) / spread, held_out), (middle, spread), values)
    folder = optml / "model"
    found.save(folder)
    settings |= {"mean": inputs.mean, "scale": inputs.scale, "target_middle": middle, "target_spread": spread}
    save(folder / MODEL, ALGORITHM, settings, best)


train, train_classification, train_regression = training_programs(run)


def predict(
    network: TabTransformer,
    inputs: Inputs,
    tensors: tuple[torch.Tensor, torch.Tensor],
    target: tuple[float, float],
) -> npt.NDArray[np.float64]:
    """Probabilities (rows, classes), or values (rows,).

    Args:
        tensors: codes and numbers.
        target: middle and spread of a regression's target.
    """
    network.eval()
    with torch.no_grad():
        found = torch.cat(
            [
                network(codes, numbers)
                for codes, numbers in zip(*(torch.split(part, _CHUNK) for part in tensors), strict=True)
            ]
        )
    if inputs.outline.classes:
        return np.asarray(torch.softmax(found.double(), dim=1))
    return np.asarray(found.double()[:, 0]) * target[1] + target[0]


def _learn(
    network: TabTransformer,
    inputs: Inputs,
    data: TabularData,
    truths: tuple[npt.NDArray[Any], npt.NDArray[Any]],
    target: tuple[float, float],
    values: dict[str, Any],
) -> dict[str, torch.Tensor]:
    classes = inputs.outline.classes
    codes, numbers = inputs.tensors(data.train.features)
    held_out = inputs.tensors(data.validation.features)
    goal = torch.as_tensor(truths[0], dtype=torch.int64 if classes else torch.float32)
    optimizer = torch.optim.Adam(network.parameters(), lr=values["learning_rate"])
    best, best_score, waited = copy_of(network), -np.inf, 0
    with StopSignal() as stop:
        for epoch in range(values["n_epochs"]):
            network.train()
            total = 0.0
            for rows in torch.split(torch.randperm(len(goal)), values["batch_size"]):
                optimizer.zero_grad()
                loss = _loss(network(codes[rows], numbers[rows]), goal[rows], classify=bool(classes))
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                total += float(loss.detach()) * len(rows)
                if stop.requested:
                    break
            name, score = _score(inputs.outline, truths[1], predict(network, inputs, held_out, target))
            print(
                f"epoch {epoch + 1}: loss={total / len(goal):.5f} metrics={{'{name}': {score:.5f} }}",
                flush=True,
            )
            if score > best_score:
                best, best_score, waited = copy_of(network), score, 0
            else:
                waited += 1
            if waited >= values["patience"] or stop.requested:
                break
    print(f"best: metrics={{'{_score_name(inputs.outline)}': {best_score:.5f} }}", flush=True)
    return best


def _loss(answer: torch.Tensor, goal: torch.Tensor, *, classify: bool) -> torch.Tensor:
    return functional.cross_entropy(answer, goal) if classify else functional.mse_loss(answer[:, 0], goal)


def _score_name(found: Outline) -> str:
    return "r2" if not found.classes else "f1" if found.binary else "accuracy"


def _score(found: Outline, truth: npt.NDArray[Any], predicted: npt.NDArray[Any]) -> tuple[str, float]:
    name = _score_name(found)
    if name == "r2":
        return name, scores.regression_scores(truth.astype(float), predicted)["r2"]
    matrix = scores.confusion(truth, predicted.argmax(axis=1), len(found.classes))
    return name, scores.f1_binary(matrix) if name == "f1" else scores.accuracy(matrix)
