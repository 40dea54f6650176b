"""The rules that problem types other than the tabular one share, in AWS's codes and message forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstudio_ext.engine.errors import ValidationException

if TYPE_CHECKING:
    from smstudio_ext.engine.autopilot.specification import Specification


def check_problem_type(spec: Specification) -> None:
    """Checks channels, objective, algorithms and split, then the problem type's own rules.

    Raises:
        ValidationException: a rule is broken; the message says which one and what to do.
    """
    _check_channels(spec)
    _check_objective(spec)
    _check_algorithms(spec)
    if not spec.kind.splits and spec.request.get("DataSplitConfig"):
        raise ValidationException(
            f"DataSplitConfig must not be set for the problem type {spec.kind.name}: Autopilot splits the data itself."
        )
    if spec.kind.check is not None:
        spec.kind.check(spec)


def _check_channels(spec: Specification) -> None:
    kinds = [channel.kind for channel in spec.channels]
    most = 1 if spec.kind.splits else 0
    if kinds.count("training") != 1 or kinds.count("validation") > most:
        more = "and at most one of ChannelType validation, " if most else ""
        raise ValidationException(
            f"AutoMLJobInputDataConfig must contain exactly one channel of ChannelType training {more}"
            f"but the channel types are {kinds}."
        )
    fraction = spec.validation_fraction
    if spec.validation is None and spec.kind.splits and (fraction is None or not 0 < fraction < 1):
        raise ValidationException(
            f"ValidationFraction {fraction} is not valid: it must be greater than 0 and less than 1."
        )
    allowed = spec.kind.content_types
    for channel in spec.channels:
        kind = channel.content_type.split(";")[0].strip().lower()
        if kind not in allowed or "header=absent" in channel.content_type.replace(" ", "").lower():
            raise ValidationException(
                f"ContentType {channel.content_type} is not supported. Supported content types: [{', '.join(allowed)}]."
            )


def _check_objective(spec: Specification) -> None:
    allowed = spec.kind.objectives
    if spec.objective is not None and spec.objective not in allowed:
        raise ValidationException(
            f"Objective metric {spec.objective} is not supported for problem type {spec.kind.name}. "
            f"Supported metrics: [{', '.join(allowed)}]."
        )


def _check_algorithms(spec: Specification) -> None:
    allowed = spec.kind.algorithms
    wrong = [name for name in spec.algorithms if name not in allowed]
    if wrong:
        raise ValidationException(
            f"AutoMLAlgorithms {wrong} are not supported for problem type {spec.kind.name}. "
            f"Supported algorithms: [{', '.join(allowed)}]."
        )
