"""Importance of parameters for a metric, by fANOVA in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import OrderedDict
from pathlib import Path

from smstudio_ext.studio.component_sets import Component, Value, label_of, read_components, reader_of
from smstudio_ext.studio.models.experiment_charts import (
    ImportanceData,
    ImportanceRequest,
    ParameterImportance,
)
from smstudio_ext.target import Target

MAX_COMPONENTS = 400
"""Components that fANOVA looks at, evenly chosen; its time grows faster than their number."""
MAX_PARAMETERS = 30
_LEAST = 4
_SECONDS = 120.0
_KEPT = 32
_ROOT = Path(__file__).resolve().parents[2]
_CACHE: OrderedDict[str, list[tuple[str, float]]] = OrderedDict()
_LOCK = threading.Lock()


def parameter_importance(target: Target, request: ImportanceRequest) -> ImportanceData:
    """Importance of each parameter that varies, for the target column.

    fANOVA (Hutter, Hoos, Leyton-Brown 2014) as Optuna implements it: the share of the variance of a random forest's predictions
    that a parameter alone explains.

    Raises:
        botocore.exceptions.ClientError: the search was refused.
    """
    found = read_components(target, request.source)
    score = reader_of(request.target)
    scored = [
        (component, float(value))
        for component in found.components
        if isinstance(value := score(component), (int, float))
    ]
    names, rows = _varying(scored)
    if len(rows) < _LEAST or not names:
        note = (
            f"{label_of(request.target)} is known of {len(scored)} components; at least {_LEAST} with the same parameters are needed."
            if names or len(scored) < _LEAST
            else "No parameter differs between these components."
        )
        return ImportanceData(items=[], used=len(rows), total=found.total, note=note)
    if len({row[-1] for row in rows}) < 2:
        note = f"{label_of(request.target)} is the same in all components."
        return ImportanceData(items=[], used=len(rows), total=found.total, note=note)
    try:
        shares = _computed(names, rows)
    except (subprocess.SubprocessError, ValueError) as error:
        return ImportanceData(items=[], used=len(rows), total=found.total, note=_failure(error))
    return ImportanceData(
        items=[ParameterImportance(parameter=name, importance=share) for name, share in shares],
        used=len(rows),
        total=found.total,
        note=None,
    )


def _varying(scored: list[tuple[Component, float]]) -> tuple[list[str], list[list[Value]]]:
    """Parameters that differ and that nearly all components have, and a row of them with the score for each component."""
    counts: dict[str, int] = {}
    for component, _ in scored:
        for name in component.get("Parameters") or {}:
            counts[name] = counts.get(name, 0) + 1
    common = [name for name, count in counts.items() if count >= 0.8 * len(scored)]
    columns = {
        name: [reader_of(f"Parameters.{name}")(component) for component, _ in scored] for name in common
    }
    names = [name for name in common if len(set(columns[name])) > 1][:MAX_PARAMETERS]
    rows: list[list[Value]] = []
    for index, (_, value) in enumerate(scored):
        row = [columns[name][index] for name in names]
        if all(each is not None for each in row):
            rows.append([*row, value])
    if len(rows) > MAX_COMPONENTS:
        rows = [rows[index * len(rows) // MAX_COMPONENTS] for index in range(MAX_COMPONENTS)]
    return names, rows


def _failure(error: Exception) -> str:
    if isinstance(error, subprocess.TimeoutExpired):
        return f"The importance took more than {_SECONDS:.0f} s; choose fewer components."
    lines = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip().splitlines()
    return f"The importance could not be computed: {lines[-1] if lines else error}"


def _computed(names: list[str], rows: list[list[Value]]) -> list[tuple[str, float]]:
    text = json.dumps({"names": names, "rows": rows})
    with _LOCK:
        if text in _CACHE:
            _CACHE.move_to_end(text)
            return _CACHE[text]
    done = subprocess.run(
        [sys.executable, "-m", "smstudio_ext.studio.importance_worker"],
        input=text.encode(),
        capture_output=True,
        timeout=_SECONDS,
        check=True,
        # Where the package is not installed but only on this process's path.
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])},
    )
    shares = [(str(name), float(share)) for name, share in json.loads(done.stdout)]
    with _LOCK:
        _CACHE[text] = shares
        while len(_CACHE) > _KEPT:
            _CACHE.popitem(last=False)
    return shares
