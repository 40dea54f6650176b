"""Kinds, names and errors of experiments, trials and trial components."""

from __future__ import annotations

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.errors import AwsError, ResourceNotFound, ValidationException

EXPERIMENT = "Experiment"
TRIAL = "ExperimentTrial"
COMPONENT = "ExperimentTrialComponent"

_WORDS = {EXPERIMENT: "Experiment", TRIAL: "Trial", COMPONENT: "Trial component"}


class ConflictException(AwsError):
    """Two calls change the same entity at once."""

    code = "ConflictException"
    status = 409


def does_not_exist(kind: str, region: str, name: str) -> ResourceNotFound:
    """AWS's error for a missing entity."""
    arn = name if name.startswith("arn:") else sagemaker_arn(kind, region, name)
    return ResourceNotFound(f"{_WORDS[kind]} '{arn}' does not exist.")


def already_exists(kind: str, name: str) -> ValidationException:
    """AWS's error for a name that is taken; the SDK looks for "already exists"."""
    word = _WORDS[kind]
    return ValidationException(
        f"{word} names must be unique within an AWS account and region. {word} with name ({name}) already exists."
    )
