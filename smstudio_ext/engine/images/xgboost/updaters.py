"""Checks the `updater` hyperparameter with AWS's messages and names what today's xgboost calls it."""

from __future__ import annotations

from smstudio_ext.engine.images.contract import AlgorithmError

_GROW = ("grow_colmaker", "distcol", "grow_histmaker", "grow_quantile_histmaker")
_TREE = (*_GROW, "grow_skmaker", "sync", "refresh", "prune")
_LINEAR = ("shotgun", "coord_descent")
_UPDATE = ("refresh", "prune")
# Gone from xgboost; each is replaced by the one that took its work over.
_SUCCESSORS = {"distcol": "grow_colmaker", "grow_skmaker": "grow_histmaker"}


def check_updater(names: list[str], booster: str, process_type: str) -> tuple[str, list[str]]:
    """Checks updaters against booster and process type.

    Returns:
        The value for xgboost, and lines for the log.

    Raises:
        AlgorithmError: a combination that the image refuses.
    """
    if booster == "gblinear":
        if len(names) != 1 or names[0] not in _LINEAR:
            raise AlgorithmError("Linear updater should be one of these options: 'shotgun', 'coord_descent'.")
    elif process_type == "update":
        if any(name not in _UPDATE for name in names):
            raise AlgorithmError("process_type 'update' can only be used with updater 'refresh' and 'prune'")
    elif any(name not in _TREE for name in names):
        raise AlgorithmError(
            "Tree updater should be selected from these options: 'grow_colmaker', 'distcol', 'grow_histmaker', 'grow_skmaker', "
            "'grow_quantile_histmaker', 'sync', 'refresh', 'prune', 'shortgun', 'coord_descent'."
        )
    elif sum(name in _GROW for name in names) > 1:
        raise AlgorithmError(
            "Only one tree grow plugin can be selected. Choose one from the following: 'grow_colmaker', 'distcol', "
            "'grow_histmaker', 'grow_skmaker'"
        )
    notes = [f"updater {name}: now {_SUCCESSORS[name]}." for name in names if name in _SUCCESSORS]
    return ",".join(_SUCCESSORS.get(name, name) for name in names), notes
