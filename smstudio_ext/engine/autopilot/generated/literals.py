"""Python source of dictionaries and of ranges of hyperparameters, laid out for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WIDTH = 88


def literal(value: Any, indent: int = 0) -> str:
    """A value as Python source; a dictionary that fits on no line gets one for each member."""
    if not isinstance(value, dict):
        return repr(value)
    flat = "{" + ", ".join(f"{key!r}: {literal(one)}" for key, one in value.items()) + "}"
    if indent and len(flat) + indent <= _WIDTH:
        return flat
    margin = " " * (indent + 4)
    lines = [f"{margin}{key!r}: {literal(one, indent + 4)}," for key, one in value.items()]
    return "\n".join(["{", *lines, " " * indent + "}"])


def ranges_source(ranges: Mapping[str, Any]) -> str:
    """Source of {algorithm: {hyperparameter: range of sagemaker.parameter}}.

    Args:
        ranges: algorithm -> ParameterRanges of CreateHyperParameterTuningJob.
    """
    lines = ["{"]
    for algorithm, groups in ranges.items():
        lines.append(f"    {algorithm!r}: {{")
        for one in groups.get("IntegerParameterRanges") or []:
            lines.append(f"        {one['Name']!r}: {_between('IntegerParameter', one)},")
        for one in groups.get("ContinuousParameterRanges") or []:
            lines.append(f"        {one['Name']!r}: {_between('ContinuousParameter', one)},")
        for one in groups.get("CategoricalParameterRanges") or []:
            lines.append(f"        {one['Name']!r}: CategoricalParameter({one['Values']!r}),")
        lines.append("    },")
    return "\n".join([*lines, "}"])


def _between(kind: str, one: Mapping[str, str]) -> str:
    scaling = f", scaling_type={one['ScalingType']!r}" if one.get("ScalingType") else ""
    return f"{kind}({one['MinValue']}, {one['MaxValue']}{scaling})"
