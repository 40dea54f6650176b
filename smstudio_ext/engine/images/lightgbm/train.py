"""Training program of the LightGBM image."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.firstparty.hosts import Hosts
from smstudio_ext.engine.images.jobfiles import granted_cpus, read_channels, read_hyperparameters
from smstudio_ext.engine.images.lightgbm.parameters import objective, parse_parameters
from smstudio_ext.engine.images.tabular.data import Rows, read_tabular
from smstudio_ext.engine.images.tabular.programs import StopAfterRound, training_programs
from smstudio_ext.engine.images.tabular.target import Outline, Problem, learn_categories, outline

MODEL = "model.txt"
_OURS = ("num_boost_round", "early_stopping_rounds", "metric", "use_dask", "is_unbalance", "scale_pos_weight")


def run(optml: Path, problem: Problem | None) -> None:
    """Trains and writes `model/model.txt` and its outline."""
    values = parse_parameters(read_hyperparameters(optml))
    hosts = Hosts.of_job(optml)
    data = read_tabular(read_channels(optml), seed=values["seed"])
    found, truth, held_out = outline(data, problem)
    learn_categories(found, data)
    if hosts.size > 1 and found.categorical:
        raise AlgorithmError(
            "Categorical features are not offered with several instances: every host sees other values. Use one instance."
        )
    params = {name: value for name, value in values.items() if name not in _OURS}
    params |= objective(values, len(found.classes)) | _threads(values) | _network(hosts)
    if found.binary:
        params |= {"is_unbalance": values["is_unbalance"]}
        params |= {} if values["is_unbalance"] else {"scale_pos_weight": values["scale_pos_weight"]}
    train_set = _dataset(data.train, truth, found, params)
    valid_set = _dataset(data.validation, held_out, found, params, reference=train_set)
    print(
        f"Train: {len(data.train)} rows, {found.width} features; validation: {len(data.validation)} rows",
        flush=True,
    )
    try:
        booster = lgb.train(
            params,
            train_set,
            values["num_boost_round"],
            valid_sets=[valid_set],
            valid_names=["validation"],
            callbacks=_callbacks(values, hosts.leads),
        )
    except lgb.basic.LightGBMError as error:
        raise AlgorithmError(f"LightGBM refused the job: {error}") from error
    if hosts.leads:
        folder = optml / "model"
        found.save(folder)
        booster.save_model(str(folder / MODEL), num_iteration=booster.best_iteration or -1)


train, train_classification, train_regression = training_programs(run)


def _threads(values: dict[str, Any]) -> dict[str, Any]:
    return {"num_threads": values["num_threads"] or granted_cpus()}


def _network(hosts: Hosts) -> dict[str, Any]:
    """LightGBM's own sockets between the hosts, each on a free port of the loopback."""
    if hosts.size < 2:
        return {}
    ports = np.zeros(hosts.size, dtype=np.int64)
    with socket.create_server(("127.0.0.1", 0)) as free:
        ports[hosts.rank] = free.getsockname()[1]
        (ports,) = hosts.total(ports)  # while it is taken, so that no other host is given the same one
    return {
        "machines": ",".join(f"127.0.0.1:{port}" for port in ports.tolist()),
        "local_listen_port": int(ports[hosts.rank]),
        "num_machines": hosts.size,
        "tree_learner": "data",
        "pre_partition": True,
        "time_out": 5,
    }


def _dataset(
    rows: Rows,
    truth: npt.NDArray[Any],
    found: Outline,
    params: dict[str, Any],
    reference: lgb.Dataset | None = None,
) -> lgb.Dataset:
    return lgb.Dataset(
        found.codes(rows.features).to_numpy(np.float32),
        label=truth,
        categorical_feature=found.categorical,
        reference=reference,
        params={
            name: params[name]
            for name in ("max_bin", "num_threads", "pre_partition", "verbosity")
            if name in params
        },
        free_raw_data=True,
    )


def _callbacks(values: dict[str, Any], leads: bool) -> list[Any]:
    callbacks: list[Any] = [_Stop()]
    if leads:
        callbacks.append(_log)
    if values["early_stopping_rounds"] > 0 and values["boosting"] != "dart":
        callbacks.append(lgb.early_stopping(values["early_stopping_rounds"], verbose=leads))
    return callbacks


def _log(env: lgb.callback.CallbackEnv) -> None:
    scores = "\t".join(
        f"{name}'s {metric}: {value:.6f}" for name, metric, value, *_ in env.evaluation_result_list or []
    )
    print(f"[{env.iteration + 1}]\t{scores}", flush=True)


class _Stop(StopAfterRound):
    """As a callback."""

    before_iteration = False
    order = 100

    def __call__(self, env: lgb.callback.CallbackEnv) -> None:
        if self.asked:
            raise lgb.callback.EarlyStopException(env.iteration, env.evaluation_result_list or [])
