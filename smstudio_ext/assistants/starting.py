"""Tools that start jobs from what is there: tuning of a training job, batch predictions, a job on the other target."""

from __future__ import annotations

from argparse import Namespace
from typing import Any, Literal

from smstudio_ext.assistants.costs import asked
from smstudio_ext.assistants.telling import told_whole
from smstudio_ext.magics.place import PLACE, Place

Document = dict[str, Any]


@told_whole
def sagemaker_start_tuning(
    training_job: str,
    objective: str,
    ranges: dict[str, str],
    max_jobs: int = 10,
    parallel: int = 2,
    strategy: Literal["Bayesian", "Random", "Hyperband", "Grid"] = "Bayesian",
    maximize: bool = False,
    confirm_cost: str | None = None,
) -> Document:
    """Start a search of a training job's hyperparameters; answers at once, describe the tuning job later.

    Args:
        training_job: what each trial does, but for the hyperparameters that are searched.
        objective: metric to optimise, for example validation:rmse.
        ranges: hyperparameter to `0.1:0.5`, `2:10` (integers), `1e-4:0.1:log` or `a,b,c`.
        max_jobs: how many trials.
        parallel: how many at once.
        strategy: how to search.
        maximize: the larger the better, where the algorithm does not say so itself.
        confirm_cost: the token of an estimate that the user has agreed to; needed on AWS only.
    """
    from smstudio_ext.magics.tuning import form_of
    from smstudio_ext.studio.tuning_create import create_tuning_job

    target = PLACE.target()
    given = Namespace(
        job=training_job,
        name=None,
        strategy=strategy,
        objective=objective,
        maximize=maximize,
        ranges=[f"{name}={text}" for name, text in ranges.items()],
        max_jobs=max_jobs,
        parallel=parallel,
        early_stopping=False,
    )
    form = form_of(target, given, {})

    def start() -> Document:
        create_tuning_job(target, form, None)
        return {"tuning_job": form.name}

    return asked(target.title, confirm_cost, start)


@told_whole
def sagemaker_start_transform(
    model: str,
    input_s3_uri: str,
    output_s3_uri: str,
    content_type: str = "text/csv",
    instance_type: str = "ml.m5.large",
    confirm_cost: str | None = None,
) -> Document:
    """Start a batch transform job: predictions of a model for everything under an S3 address; answers at once.

    Args:
        model: its name (sagemaker_deploy makes one).
        input_s3_uri: object or prefix with rows, without header and without the target column.
        output_s3_uri: where the predictions go.
        content_type: of the rows; lines of text/csv are sent in batches.
        instance_type: for example ml.m5.large.
        confirm_cost: the token of an estimate that the user has agreed to; needed on AWS only.
    """
    from smstudio_ext.magics.training import job_name
    from smstudio_ext.studio.models.transform import TransformForm
    from smstudio_ext.studio.transform_create import create_transform_job

    target = PLACE.target()
    form = TransformForm.model_validate(
        {
            "name": job_name(f"{model}-transform"),
            "model_name": model,
            "input_s3_uri": input_s3_uri,
            "output_s3_uri": output_s3_uri,
            "content_type": content_type,
            "split": "Line" if content_type == "text/csv" else "None",
            "assemble": "Line" if content_type == "text/csv" else "None",
            "instance_type": instance_type,
        }
    )

    def start() -> Document:
        return {"transform_job": create_transform_job(target, form).name}

    return asked(target.title, confirm_cost, start)


@told_whole
def sagemaker_promote(
    job: str,
    to: Literal["local", "aws"],
    send: bool = False,
    name: str | None = None,
    profile: str | None = None,
    region: str | None = None,
    role: str | None = None,
    confirm_cost: str | None = None,
) -> Document:
    """Show a job of the local engine as the same job on AWS, or the other way round; create it there with send.

    Args:
        job: training, processing, tuning or transform job, or Autopilot experiment.
        to: where the job shall run.
        send: copy the inputs and create the job; without it nothing is changed anywhere.
        name: of the new job; the old one's otherwise.
        profile: of the AWS configuration.
        region: on AWS.
        role: execution role there.
        confirm_cost: the token of an estimate that the user has agreed to; needed for `to` = aws with `send` only.
    """
    from smstudio_ext.studio import promote

    here, there = Place(), Place()
    here.choose("local")
    there.choose("aws", profile=profile, region=region)
    targets = {
        "local": here.target(),
        "aws": PLACE.target() if PLACE.kind == "aws" and not profile else there.target(),
    }
    source, target = targets["local" if to == "aws" else "aws"], targets[to]
    found = promote.promotion(source, target, job, name=name, role=role)
    plan = {
        "operation": found.operation,
        "request": found.request,
        "copies": [{"from": origin, "to": destination} for origin, destination in found.copies],
        "left_out": found.left_out,
        "notes": list(found.notes),
    }
    if not send:
        return {"created": False, **plan}

    def start() -> Document:
        return {"arn": promote.send(source, target, found, lambda line: None), **plan}

    return asked(target.title, confirm_cost, start)
