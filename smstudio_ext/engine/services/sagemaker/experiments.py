"""Experiments, trials and trial components at the wire."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.experiments import entities, listing
from smstudio_ext.engine.experiments.callers import user_context
from smstudio_ext.engine.experiments.naming import EXPERIMENT, TRIAL
from smstudio_ext.engine.experiments.part import Experiments
from smstudio_ext.engine.services.registry import operation

Document = dict[str, Any]


@operation("sagemaker", "CreateExperiment")
def create_experiment(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Makes an experiment."""
    made = entities.create_experiment(ctx.store, call.region, request, user_context(ctx, call))
    return {"ExperimentArn": made.arn}


@operation("sagemaker", "DescribeExperiment")
def describe_experiment(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes an experiment."""
    found = entities.find_entity(ctx.store.resources, EXPERIMENT, call.region, request["ExperimentName"])
    return found.document


@operation("sagemaker", "ListExperiments", inline=False)
def list_experiments(ctx: EngineContext, call: Call, request: Document) -> Document:
    """A page of experiments."""
    return listing.list_experiments(ctx.store, call.region, request)


@operation("sagemaker", "UpdateExperiment")
def update_experiment(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Changes the display name or the description of an experiment."""
    name, members = request["ExperimentName"], _some(request, "DisplayName", "Description")
    by = user_context(ctx, call)
    found = entities.update_entity(ctx.store, EXPERIMENT, call.region, name, members, by)
    return {"ExperimentArn": found.arn}


@operation("sagemaker", "DeleteExperiment")
def delete_experiment(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Takes an experiment away that has no trials."""
    gone = entities.delete_entity(ctx.store, EXPERIMENT, call.region, request["ExperimentName"])
    return {"ExperimentArn": gone.arn}


@operation("sagemaker", "CreateTrial")
def create_trial(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Makes a trial of an experiment."""
    return {"TrialArn": entities.create_trial(ctx.store, call.region, request, user_context(ctx, call)).arn}


@operation("sagemaker", "DescribeTrial")
def describe_trial(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes a trial."""
    return entities.find_entity(ctx.store.resources, TRIAL, call.region, request["TrialName"]).document


@operation("sagemaker", "ListTrials", inline=False)
def list_trials(ctx: EngineContext, call: Call, request: Document) -> Document:
    """A page of the trials of an experiment, of a component, or of all."""
    return listing.list_trials(ctx.store, call.region, request)


@operation("sagemaker", "UpdateTrial")
def update_trial(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Changes the display name of a trial."""
    name, members = request["TrialName"], _some(request, "DisplayName")
    by = user_context(ctx, call)
    return {"TrialArn": entities.update_entity(ctx.store, TRIAL, call.region, name, members, by).arn}


@operation("sagemaker", "DeleteTrial")
def delete_trial(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Takes a trial away that has no components."""
    return {"TrialArn": entities.delete_entity(ctx.store, TRIAL, call.region, request["TrialName"]).arn}


@operation("sagemaker", "CreateTrialComponent")
def create_trial_component(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Makes a trial component."""
    made = Experiments.of(ctx).components.create(call.region, request, user_context(ctx, call))
    return {"TrialComponentArn": made.arn}


@operation("sagemaker", "DescribeTrialComponent", inline=False)
def describe_trial_component(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes a trial component with the summaries of its metrics."""
    return listing.describe_component(Experiments.of(ctx), call.region, request["TrialComponentName"])


@operation("sagemaker", "ListTrialComponents", inline=False)
def list_trial_components(ctx: EngineContext, call: Call, request: Document) -> Document:
    """A page of the components of a trial, of an experiment, of a job, or of all."""
    return listing.list_components(ctx.store, call.region, request)


@operation("sagemaker", "UpdateTrialComponent")
def update_trial_component(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Changes a trial component; parameters and artifacts are merged."""
    name, by = request["TrialComponentName"], user_context(ctx, call)
    return {"TrialComponentArn": Experiments.of(ctx).components.update(call.region, name, request, by).arn}


@operation("sagemaker", "DeleteTrialComponent")
def delete_trial_component(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Takes a component away that is in no trial."""
    gone = Experiments.of(ctx).components.delete(call.region, request["TrialComponentName"])
    return {"TrialComponentArn": gone.arn}


@operation("sagemaker", "AssociateTrialComponent")
def associate_trial_component(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Puts a component into a trial."""
    component, trial = Experiments.of(ctx).components.associate(
        call.region, request["TrialComponentName"], request["TrialName"]
    )
    return {"TrialComponentArn": component.arn, "TrialArn": trial.arn}


@operation("sagemaker", "DisassociateTrialComponent")
def disassociate_trial_component(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Takes a component out of a trial."""
    component, trial = Experiments.of(ctx).components.disassociate(
        call.region, request["TrialComponentName"], request["TrialName"]
    )
    return {"TrialComponentArn": component.arn, "TrialArn": trial.arn}


def _some(request: Document, *members: str) -> Document:
    return {member: request[member] for member in members if request.get(member) is not None}
