"""Computes fANOVA of the rows on its standard input; a process of its own, as it takes seconds and much memory."""

from __future__ import annotations

import json
import math
import sys
from typing import Any

_TREES = 48
_SEED = 7


def importance(names: list[str], rows: list[list[Any]]) -> list[tuple[str, float]]:
    """(parameter, share) of rows that end with the score, highest first."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    spaces = {name: _space(optuna, [row[index] for row in rows]) for index, name in enumerate(names)}
    study = optuna.create_study()
    study.add_trials(
        [
            optuna.trial.create_trial(
                params={name: _placed(spaces[name], row[index]) for index, name in enumerate(names)},
                distributions=spaces,
                value=row[-1],
            )
            for row in rows
        ]
    )
    evaluator = optuna.importance.FanovaImportanceEvaluator(n_trees=_TREES, seed=_SEED)
    found = optuna.importance.get_param_importances(study, evaluator=evaluator, params=names)
    return sorted(((name, float(share)) for name, share in found.items()), key=lambda each: -each[1])


def _space(optuna: Any, values: list[Any]) -> Any:
    """The range of numbers (logarithmic when they span two powers of ten), or the choices."""
    if all(isinstance(value, (int, float)) for value in values):
        low, high = float(min(values)), float(max(values))
        log = low > 0 and high / low >= 100
        return optuna.distributions.FloatDistribution(low, high, log=log)
    return optuna.distributions.CategoricalDistribution(sorted({str(value) for value in values}))


def _placed(space: Any, value: Any) -> Any:
    if hasattr(space, "choices"):
        return str(value)
    return min(max(float(value), space.low), space.high)


def main() -> int:
    """Reads {"names": [...], "rows": [...]}, writes [[name, share], ...]."""
    request = json.load(sys.stdin)
    shares = importance(request["names"], request["rows"])
    json.dump([each for each in shares if math.isfinite(each[1])], sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
