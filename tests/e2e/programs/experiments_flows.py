"""Experiments with the SageMaker Python SDK v2 and the old `smexperiments` package. Prints a RESULT line."""

from __future__ import annotations

import json
from typing import Any

import boto3
import sagemaker
from flows import finish, flow, numbers
from sagemaker.analytics import ExperimentAnalytics
from sagemaker.experiments import Run, list_runs, load_run
from sagemaker.processing import ScriptProcessor
from sagemaker.sklearn.estimator import SKLearn
from smexperiments.experiment import Experiment
from smexperiments.search_expression import Filter, Operator, SearchExpression
from smexperiments.tracker import Tracker
from smexperiments.trial import Trial
from smexperiments.trial_component import TrialComponent

kept: Any = type("Kept", (), {})()
EXPERIMENT = "flow-experiment"

RUN_SCRIPT = """
import os
from sagemaker.experiments import load_run

with load_run() as run:
    run.log_parameter("inside", 7)
    for step in range(3):
        run.log_metric("inside:loss", 1.0 / (step + 1), step=step)
print("ran in", run.run_name)
"""

TRACKER_SCRIPT = """
from smexperiments.tracker import Tracker

if __name__ == "__main__":
    with Tracker.load() as tracker:
        tracker.log_parameter("epochs", 5)
        for step in range(5):
            tracker.log_metric("score", step / 10, iteration_number=step)
"""

PROCESSING_SCRIPT = """
from sagemaker.experiments import load_run

with load_run() as run:
    run.log_parameter("rows", 400)
"""


@flow
def always_session() -> str:
    kept.session = sagemaker.Session()
    kept.role = sagemaker.get_execution_role()
    numbers("train.csv")
    kept.uri = kept.session.upload_data("train.csv", key_prefix="experiment-flows")
    for name, text in (
        ("run.py", RUN_SCRIPT),
        ("tracker.py", TRACKER_SCRIPT),
        ("proc.py", PROCESSING_SCRIPT),
    ):
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)
    return str(kept.uri)


def described(name: str) -> dict[str, Any]:
    """A trial component as the service tells it."""
    found: dict[str, Any] = kept.session.sagemaker_client.describe_trial_component(TrialComponentName=name)
    return found


def plain(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: next(iter(value.values())) for name, value in parameters.items()}


def artifact(uri: str) -> Any:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return json.loads(boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


@flow
def run_logs_everything() -> dict[str, Any]:
    with open("note.txt", "w", encoding="utf-8") as file:
        file.write("hello")
    with Run(experiment_name=EXPERIMENT, run_name="First", sagemaker_session=kept.session) as run:
        run.log_parameter("depth", 4)
        run.log_parameters({"eta": 0.25, "kind": "tree"})
        for step in range(10):
            run.log_metric("loss", 1 / (step + 1), step=step)
        run.log_file("note.txt", name="note", is_output=False)
        run.log_artifact("place", "s3://somewhere/model", media_type="text/plain")
        run.log_confusion_matrix(["a", "b", "a"], ["a", "b", "b"], title="confusion")
        run.log_roc_curve([0, 1, 1, 0], [0.1, 0.8, 0.7, 0.3], title="roc")
        run.log_precision_recall([0, 1, 1, 0], [0.1, 0.8, 0.7, 0.3], positive_label=1, title="pr")
    found = described(f"{EXPERIMENT}-first")
    (metric,) = found["Metrics"]
    client = kept.session.sagemaker_client
    lineage = client.list_associations(SourceArn=found["TrialComponentArn"], MaxResults=100)
    kinds = [item["DestinationType"] for item in lineage["AssociationSummaries"]]
    uris = [item["DestinationArn"] for item in lineage["AssociationSummaries"]]
    graphs = {
        kind: artifact(client.describe_artifact(ArtifactArn=arn)["Source"]["SourceUri"])
        for kind, arn in zip(kinds, uris, strict=True)
    }
    return {
        "status": found["Status"]["PrimaryStatus"],
        "parameters": plain(found["Parameters"]),
        "metric": {name: metric[name] for name in ("MetricName", "Count", "Min", "Max", "Last")},
        "inputs": sorted(found["InputArtifacts"]),
        "outputs": sorted(found["OutputArtifacts"]),
        "graphs": {kind: value["type"] for kind, value in graphs.items()},
        "matrix": graphs["ConfusionMatrix"]["confusionMatrix"],
    }


@flow
def load_and_list_runs() -> dict[str, Any]:
    with load_run(experiment_name=EXPERIMENT, run_name="first", sagemaker_session=kept.session) as run:
        run.log_parameter("later", 1)
    with Run(experiment_name=EXPERIMENT, run_name="second", sagemaker_session=kept.session) as run:
        run.log_metric("loss", 0.5, step=0)
    runs = list_runs(experiment_name=EXPERIMENT, sagemaker_session=kept.session)
    return {
        "names": sorted(run.run_name for run in runs),
        "later": plain(described(f"{EXPERIMENT}-first")["Parameters"])["later"],
    }


@flow
def run_in_a_training_job() -> dict[str, Any]:
    with Run(experiment_name=EXPERIMENT, run_name="training", sagemaker_session=kept.session) as run:
        estimator = SKLearn(
            "run.py",
            framework_version="1.2-1",
            instance_type="ml.m5.large",
            role=kept.role,
            sagemaker_session=kept.session,
        )
        estimator.fit({"train": kept.uri}, logs="None")
    found = described(run._trial_component.trial_component_name)
    job = estimator.latest_training_job.name
    own = described(f"{job}-aws-training-job")
    return {
        "parameters": plain(found["Parameters"]),
        "metrics": {metric["MetricName"]: metric["Count"] for metric in found["Metrics"]},
        "job": plain(own["Parameters"])["SageMaker.InstanceType"],
    }


@flow
def run_in_a_processing_job() -> Any:
    with Run(experiment_name=EXPERIMENT, run_name="processing", sagemaker_session=kept.session) as run:
        processor = ScriptProcessor(
            image_uri=sagemaker.image_uris.retrieve("sklearn", kept.session.boto_region_name, "1.2-1"),
            command=["python3"],
            role=kept.role,
            instance_type="ml.m5.large",
            instance_count=1,
            sagemaker_session=kept.session,
        )
        processor.run("proc.py", logs=False)
    return plain(described(run._trial_component.trial_component_name)["Parameters"])["rows"]


@flow
def analytics() -> dict[str, Any]:
    frame = ExperimentAnalytics(
        experiment_name=EXPERIMENT,
        sagemaker_session=kept.session,
        parameter_names=["depth"],
        metric_names=["loss"],
        sort_by="metrics.loss.max",
        sort_order="Descending",
    ).dataframe()
    runs = frame[frame["TrialComponentName"].str.startswith(f"{EXPERIMENT}-")]
    return {
        "first": runs.iloc[0]["TrialComponentName"],
        "columns": sorted(column for column in frame.columns if column.startswith(("depth", "loss"))),
    }


@flow
def old_package() -> dict[str, Any]:
    client = kept.session.sagemaker_client
    experiment = Experiment.create(experiment_name="old-package", sagemaker_boto_client=client)
    trial = Trial.create("old-package", trial_name="old-trial", sagemaker_boto_client=client)
    with Tracker.create(display_name="Preprocessing", sagemaker_boto_client=client) as tracker:
        tracker.log_parameters({"mean": 0.1307, "name": "mnist"})
        tracker.log_input("data", "s3://somewhere/data", media_type="s3/uri")
        tracker.log_output("model", "s3://somewhere/model")
        tracker.log_table("table", values={"x": [1, 2], "y": [3, 4]})
    trial.add_trial_component(tracker.trial_component)
    expression = SearchExpression(
        filters=[Filter(name="parameters.mean", operator=Operator.GREATER_THAN, value="0.1")]
    )
    searched = list(TrialComponent.search(search_expression=expression, sagemaker_boto_client=client))
    listed = [one.trial_component_name for one in trial.list_trial_components()]
    name = tracker.trial_component.trial_component_name
    found = described(name)
    experiment.delete_all(action="--force")
    left = [one for one in client.list_trials()["TrialSummaries"] if one["TrialName"] == "old-trial"]
    return {
        "searched": name in [one.trial_component_name for one in searched],
        "listed": listed == [name],
        "parameters": plain(found["Parameters"]),
        "outputs": sorted(found["OutputArtifacts"]),
        "left": left,
    }


@flow
def old_tracker_in_a_training_job() -> dict[str, Any]:
    estimator = SKLearn(
        "tracker.py",
        framework_version="1.2-1",
        instance_type="ml.m5.large",
        role=kept.role,
        sagemaker_session=kept.session,
        enable_sagemaker_metrics=True,
    )
    estimator.fit({"train": kept.uri}, logs="None")
    found = described(f"{estimator.latest_training_job.name}-aws-training-job")
    return {
        "epochs": plain(found["Parameters"])["epochs"],
        "metrics": {one["MetricName"]: (one["Count"], one["Last"]) for one in found["Metrics"]},
    }


finish()
