"""Tools that act: they start jobs and endpoints, which cost money on AWS, and stop or delete them."""

from __future__ import annotations

from argparse import Namespace
from typing import Any, Literal

from smstudio_ext.assistants.costs import asked
from smstudio_ext.assistants.telling import told_whole
from smstudio_ext.magics.place import PLACE

Document = dict[str, Any]


@told_whole
def sagemaker_start_autopilot(
    data: str,
    target_column: str,
    name: str | None = None,
    problem_type: Literal["Auto", "BinaryClassification", "MulticlassClassification", "Regression"] = "Auto",
    objective: str | None = None,
    max_candidates: int = 20,
    max_runtime_seconds: int | None = None,
    confirm_cost: str | None = None,
) -> Document:
    """Start an Autopilot experiment that finds the best model for a table; answers at once, look at its leaderboard later.

    Args:
        data: an s3:// address, or a CSV file with a header on this machine.
        target_column: column to predict; case-sensitive.
        name: of the experiment, at most 32 characters.
        problem_type: what kind of problem it is; found out by default.
        objective: metric to optimise, for example F1, AUC, MSE or Accuracy.
        max_candidates: how many models to try, 1 to 750.
        max_runtime_seconds: limit for the whole job.
        confirm_cost: the token of an estimate that the user has agreed to; needed on AWS only.
    """
    from smstudio_ext.magics.autopilot_magics import create, name_for

    given = Namespace(
        target=target_column,
        problem_type=problem_type,
        objective=objective,
        mode=None,
        max_candidates=max_candidates,
        max_runtime=max_runtime_seconds,
    )
    experiment = name or name_for(target_column)
    target = PLACE.target()

    def start() -> Document:
        create(target, data, given, experiment)
        return {"experiment": experiment}

    return asked(target.title, confirm_cost, start)


@told_whole
def sagemaker_start_training(
    algorithm: str,
    train_s3_uri: str,
    hyperparameters: dict[str, str] | None = None,
    validation_s3_uri: str | None = None,
    instance_type: str = "ml.m5.large",
    content_type: str = "text/csv",
    confirm_cost: str | None = None,
) -> Document:
    """Start a training job of a built-in algorithm; answers at once, describe the job later.

    Args:
        algorithm: for example xgboost, linear-learner, kmeans, pca, knn, factorization-machines.
        train_s3_uri: the data; CSV has no header and begins with the target column.
        hyperparameters: name to value, both as texts.
        validation_s3_uri: data to validate on.
        instance_type: for example ml.m5.large.
        content_type: of the data.
        confirm_cost: the token of an estimate that the user has agreed to; needed on AWS only.
    """
    from smstudio_ext.magics.training import image_members, job_name
    from smstudio_ext.studio.models.training_form import TrainingChannel, TrainingForm
    from smstudio_ext.studio.training_create import create_training_job

    target = PLACE.target()
    channels = {"train": train_s3_uri} | ({"validation": validation_s3_uri} if validation_s3_uri else {})
    form = TrainingForm(
        name=job_name(algorithm),
        hyperparameters=hyperparameters or {},
        instance_type=instance_type,
        channels=[
            TrainingChannel(name=name, s3_uri=uri, content_type=content_type)
            for name, uri in channels.items()
        ],
        **image_members(target, algorithm, None, script=False),
    )
    return asked(
        target.title,
        confirm_cost,
        lambda: {"training_job": create_training_job(target, form, None).name},
    )


@told_whole
def sagemaker_deploy(
    source: str,
    endpoint_name: str | None = None,
    instance_type: str = "ml.m5.large",
    confirm_cost: str | None = None,
) -> Document:
    """Deploy the model of a training job, the best candidate of an Autopilot experiment, or a model, to a new endpoint.

    Args:
        source: name of the training job, experiment or model.
        endpoint_name: of the endpoint; the source's name by default.
        instance_type: for example ml.m5.large.
        confirm_cost: the token of an estimate that the user has agreed to; needed on AWS only.
    """
    from smstudio_ext.magics.endpoint_magics import named

    target = PLACE.target()

    def start() -> Document:
        endpoint = named(target, source).deploy(
            endpoint_name, instance_type=instance_type, instance_count=1, wait=False
        )
        return {"endpoint": endpoint.name, "status": endpoint.status}

    return asked(target.title, confirm_cost, start)


@told_whole
def sagemaker_predict(endpoint: str, csv: str) -> Document:
    """Ask an endpoint for predictions.

    Args:
        endpoint: its name.
        csv: rows without header and without the target column.
    """
    from smstudio_ext.magics.endpoint_magics import Endpoint

    return {"answer": Endpoint(PLACE.target(), endpoint).predict(csv)}


@told_whole
def sagemaker_stop(job: str) -> Document:
    """Stop a job that runs, of any kind; it keeps what it has finished.

    Args:
        job: its name.
    """
    from smstudio_ext.studio.jobs import kind_of, stop_job

    target = PLACE.target()
    stop_job(target, kind_of(target, job), job)
    return {"job": job, "status": "Stopping"}


@told_whole
def sagemaker_delete_endpoint(name: str) -> Document:
    """Delete an endpoint and its configuration; models stay.

    Args:
        name: of the endpoint.
    """
    from smstudio_ext.magics.endpoint_magics import Endpoint

    Endpoint(PLACE.target(), name).delete()
    return {"endpoint": name, "status": "Deleting"}
