"""Joins the hosts of an XGBoost job: xgboost's own tracker on the first host, collectives between those that have data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import xgboost as xgb
from xgboost import collective
from xgboost.tracker import RabitTracker

from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.firstparty.hosts import Hosts
from smstudio_ext.engine.images.jobfiles import read_json

DIVIDE = (
    "Please divide the training data across instances properly. See https://docs.aws.amazon.com/sagemaker/latest/dg/"
    "xgboost.html#Instance-XGBoost-distributed-training-divide-data."
)


def host_names(optml: Path) -> list[str]:
    """Names of the job's hosts."""
    return list(read_json(optml / "input/config/resourceconfig.json").get("hosts") or ["algo-1"])


@contextmanager
def joined(optml: Path, *, has_data: bool, columns: int) -> Iterator[tuple[bool, int]]:
    """Joins the hosts for the time of the context; with one host it does nothing.

    Args:
        has_data: whether this host takes part.
        columns: width of this host's rows; the widest is used by all, as sparse files may not show their last columns.

    Yields:
        Whether this host takes part, and the width for all.

    Raises:
        AlgorithmError: no host has data.
    """
    names = host_names(optml)
    if len(names) < 2:
        yield True, columns
        return
    hosts = Hosts.of_job(optml)
    mine = np.zeros((2, hosts.size), dtype=np.int64)
    mine[:, hosts.rank] = int(has_data), columns
    (table,) = hosts.total(mine)
    takes_part, widest = table[0].astype(bool), int(table[1].max())
    workers = int(takes_part.sum())
    if not workers:
        raise AlgorithmError("No host of the job has training data.")
    tracker = None
    if hosts.leads:
        tracker = RabitTracker(n_workers=workers, host_ip="127.0.0.1", port=0, sortby="task")
        tracker.start()
        address = tracker.worker_args()
        port = np.array([int(address["dmlc_tracker_port"])], dtype=np.int64)
    else:
        port = np.zeros(1, dtype=np.int64)
    (port,) = hosts.share(port)
    print(f"Distributed node training with {hosts.size} hosts: {names}", flush=True)
    if takes_part[hosts.rank]:
        with collective.CommunicatorContext(
            dmlc_communicator="rabit",
            dmlc_tracker_uri="127.0.0.1",
            dmlc_tracker_port=int(port[0]),
            # The tracker sorts workers by this text.
            dmlc_task_id=f"{hosts.rank:06d}",
        ):
            yield True, widest
    else:
        print(
            f"Host {hosts.current} does not have training data. Will broadcast to cluster and this host {hosts.current} will not "
            f"be used in distributed training. {DIVIDE}",
            flush=True,
        )
        yield False, widest
    if tracker is not None:
        tracker.wait_for(timeout=60)


def leads() -> bool:
    """Whether this process writes the model."""
    return bool(xgb.collective.get_rank() == 0)
