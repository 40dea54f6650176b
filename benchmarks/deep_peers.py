"""Programs of others for `bench_algorithms_deep.py`, run by an interpreter that has fasttext-wheel and gluonts[torch].

Run: `python deep_peers.py fasttext|gluonts FOLDER`; reads FOLDER/in.json, writes FOLDER/out.json.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any


def fasttext(folder: Path, given: dict[str, Any]) -> dict[str, Any]:
    """Accuracy of fastText's classifier."""
    import fasttext as library

    settings = given["settings"]
    (folder / "train.txt").write_text("\n".join(given["train"]))
    (folder / "test.txt").write_text("\n".join(given["test"]))
    begin = time.perf_counter()
    model = library.train_supervised(
        str(folder / "train.txt"),
        dim=settings["vector_dim"],
        epoch=settings["epochs"],
        lr=settings["learning_rate"],
        wordNgrams=settings["word_ngrams"],
        minCount=settings["min_count"],
        bucket=settings["buckets"],
        thread=2,
        verbose=0,
    )
    seconds = time.perf_counter() - begin
    return {"accuracy": model.test(str(folder / "test.txt"))[1], "seconds": seconds}


def gluonts(folder: Path, given: dict[str, Any]) -> dict[str, Any]:
    """Quantiles (days, levels, hours) of GluonTS's DeepAR after as many batches as the image learns from."""
    import numpy as np
    import pandas as pd
    import torch
    from gluonts.dataset.common import ListDataset
    from gluonts.torch import DeepAREstimator

    torch.manual_seed(0)
    np.random.seed(0)
    torch.set_num_threads(2)
    start = pd.Period(given["start"], freq="h")
    estimator = DeepAREstimator(
        freq="h",
        prediction_length=given["prediction_length"],
        context_length=given["context_length"],
        num_layers=2,
        hidden_size=given["num_cells"],
        lr=given["learning_rate"],
        batch_size=given["mini_batch_size"],
        num_batches_per_epoch=10,
        num_parallel_samples=200,
        trainer_kwargs={
            "max_epochs": given["epochs"],
            "enable_progress_bar": False,
            "logger": False,
            "default_root_dir": str(folder),
        },
    )
    begin = time.perf_counter()
    predictor = estimator.train(ListDataset([{"start": start, "target": given["history"]}], freq="h"))
    seconds = time.perf_counter() - begin
    rows = ListDataset([{"start": start, "target": past} for past in given["pasts"]], freq="h")
    levels = [level / 10 for level in range(1, 10)]
    found = [[one.quantile(level).tolist() for level in levels] for one in predictor.predict(rows)]
    return {"quantiles": found, "seconds": seconds}


if __name__ == "__main__":
    task, place = sys.argv[1], Path(sys.argv[2])
    answer = {"fasttext": fasttext, "gluonts": gluonts}[task](
        place, json.loads((place / "in.json").read_text())
    )
    (place / "out.json").write_text(json.dumps(answer))
