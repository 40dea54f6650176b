"""Puts trial components into trials and takes them out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from smstudio_ext.studio.models.components import StopComponents
from smstudio_ext.studio.models.experiments import AssignComponents, Done, NamedProblem, RemoveComponents
from smstudio_ext.studio.problems import Conflict
from smstudio_ext.target import Target

AT_ONCE = 8
_STOPS = {
    "training-job": ("stop_training_job", "TrainingJobName"),
    "processing-job": ("stop_processing_job", "ProcessingJobName"),
    "transform-job": ("stop_transform_job", "TransformJobName"),
}


def assign_components(target: Target, form: AssignComponents) -> Done:
    """Puts components into a trial, which is made first when the form says so.

    Raises:
        Conflict: the trial exists in another experiment.
    """
    sagemaker = target.client("sagemaker")
    if form.create:
        _make(sagemaker, form)
    return for_each(
        form.names,
        lambda name: sagemaker.associate_trial_component(TrialComponentName=name, TrialName=form.trial),
    )


def remove_components(target: Target, form: RemoveComponents) -> Done:
    """Takes components out of a trial; they stay, unassigned unless another trial has them."""
    sagemaker = target.client("sagemaker")
    return for_each(
        form.names,
        lambda name: sagemaker.disassociate_trial_component(TrialComponentName=name, TrialName=form.trial),
    )


def stop_components(target: Target, form: StopComponents) -> Done:
    """Stops the jobs that components describe."""
    sagemaker = target.client("sagemaker")

    def stop(name: str) -> None:
        described = sagemaker.describe_trial_component(TrialComponentName=name)
        source = (described.get("Source") or {}).get("SourceArn", "")
        kind, _, job = source.rsplit(":", 1)[-1].partition("/")
        if kind not in _STOPS:
            raise Conflict(f"{name} describes no job that could be stopped.")
        method, member = _STOPS[kind]
        getattr(sagemaker, method)(**{member: job})

    return for_each(form.names, stop)


def for_each(names: Iterable[str], act: Callable[[str], Any]) -> Done:
    """Does something for each name, several at once, and gathers what went wrong."""
    from botocore.exceptions import ClientError

    done: list[str] = []
    failed: list[NamedProblem] = []

    def one(name: str) -> NamedProblem | None:
        try:
            act(name)
        except ClientError as error:
            return NamedProblem(name=name, message=str(error.response.get("Error", {}).get("Message", error)))
        except Conflict as error:
            return NamedProblem(name=name, message=str(error))
        return None

    wanted = list(dict.fromkeys(names))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for name, problem in zip(wanted, pool.map(one, wanted), strict=True):
            if problem:
                failed.append(problem)
            else:
                done.append(name)
    return Done(done=done, failed=failed)


def _make(sagemaker: Any, form: AssignComponents) -> None:
    from botocore.exceptions import ClientError

    try:
        sagemaker.describe_experiment(ExperimentName=form.experiment)
    except ClientError:
        sagemaker.create_experiment(ExperimentName=form.experiment)
    try:
        trial = sagemaker.describe_trial(TrialName=form.trial)
    except ClientError:
        sagemaker.create_trial(TrialName=form.trial, ExperimentName=form.experiment)
        return
    if trial["ExperimentName"] != form.experiment:
        raise Conflict(f"The trial {form.trial} belongs to the experiment {trial['ExperimentName']}.")
