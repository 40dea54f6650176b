"""What the routes are asked about: jobs, models, endpoints and all else, made once at each place."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING, Any

from tests.conftest import eventually

if TYPE_CHECKING:
    from tests.contract.routes.place import Place

ROWS = "\n".join(f"{int(a + b > 20)},{a / 20},{b / 20}" for a in range(20) for b in range(20))
_ENDED = ("Completed", "Failed", "Stopped")


def image(place: Place) -> str:
    """XGBoost's image in the place's region."""
    account = "257758044811" if place.aws else "683313688378"
    return f"{account}.dkr.ecr.{place.region}.amazonaws.com/sagemaker-xgboost:1.7-1"


def put(place: Place, key: str, body: bytes | str) -> str:
    """An object of the default bucket; its address."""

    def bucket() -> str:
        s3 = place.client("s3")
        if place.bucket not in [each["Name"] for each in s3.list_buckets()["Buckets"]]:
            where = {} if place.region == "us-east-1" else {"LocationConstraint": place.region}
            s3.create_bucket(Bucket=place.bucket, **({"CreateBucketConfiguration": where} if where else {}))
        return place.bucket

    place.once("bucket", bucket)
    place.client("s3").put_object(
        Bucket=place.bucket, Key=key, Body=body.encode() if isinstance(body, str) else body
    )
    return f"s3://{place.bucket}/{key}"


def data(place: Place) -> str:
    """A small CSV without a header: whether two numbers together are above 1."""
    found: str = place.once("data", lambda: put(place, "routes/rows.csv", ROWS))
    return found


def training_form(place: Place, **changes: Any) -> dict[str, Any]:
    """The form of a training job."""
    return {
        "name": place.name("train"),
        "algorithm": "xgboost",
        "version": "1.7-1",
        "hyperparameters": {"num_round": "3", "objective": "binary:logistic"},
        "channels": [{"name": "train", "s3_uri": data(place), "content_type": "text/csv"}],
        **changes,
    }


def training(place: Place) -> str:
    """A training job, shared; on the engine it ended."""
    return str(place.once("training", lambda: ended_training(place)))


def new_training(place: Place, rounds: int = 3) -> str:
    """A training job of one's own."""
    form = training_form(place)
    form["hyperparameters"]["num_round"] = str(rounds)
    created(place, "training-jobs", form)
    return str(form["name"])


def ended_training(place: Place) -> str:
    """A training job of one's own that has ended."""
    name = new_training(place)
    client = place.client("sagemaker")
    eventually(
        lambda: client.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] in _ENDED,
        180,
        f"the end of {name}",
    )
    return name


def tuning_form(place: Place, **changes: Any) -> dict[str, Any]:
    """The form of a tuning job."""
    training = training_form(place, name="")
    training["hyperparameters"]["eval_metric"] = "logloss"
    training["channels"].append({**training["channels"][0], "name": "validation"})
    return {
        "name": place.name("tune"),
        "strategy": "Random",
        "objective": "validation:logloss",
        "direction": "Minimize",
        "ranges": [{"name": "eta", "kind": "Continuous", "min": "0.1", "max": "0.9"}],
        "max_jobs": 1,
        "max_parallel": 1,
        "training": training,
        **changes,
    }


def new_tuning(place: Place, **changes: Any) -> str:
    """A tuning job of one's own."""
    form = tuning_form(place, **changes)
    created(place, "tuning-jobs", form)
    return str(form["name"])


def tuning(place: Place) -> str:
    """A tuning job, shared."""
    return str(place.once("tuning", lambda: new_tuning(place)))


def ended_tuning(place: Place) -> str:
    """A tuning job of one's own that has ended."""
    name = new_tuning(place)
    if not place.aws:
        client = place.client("sagemaker")
        eventually(
            lambda: (
                client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)[
                    "HyperParameterTuningJobStatus"
                ]
                in _ENDED
            ),
            180,
            f"the end of {name}",
        )
    return name


def model_archive() -> bytes:
    """A model.tar.gz of a small XGBoost classifier of two numbers."""
    import numpy as np
    import xgboost as xgb

    features = np.random.default_rng(3).normal(size=(100, 2))
    labels = (features[:, 0] > 0).astype(int)
    trained = xgb.train({"objective": "binary:logistic", "nthread": 1}, xgb.DMatrix(features, labels), 3)
    content = bytes(trained.save_raw("ubj"))
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo("xgboost-model")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def new_model(place: Place) -> str:
    """A model of one's own that can be served."""
    archive = place.once("archive", lambda: put(place, "routes/model.tar.gz", model_archive()))
    name = place.name("model")
    place.client("sagemaker").create_model(
        ModelName=name,
        ExecutionRoleArn=place.role,
        PrimaryContainer={"Image": image(place), "ModelDataUrl": archive},
    )
    return name


def model(place: Place) -> str:
    """A model, shared."""
    return str(place.once("model", lambda: new_model(place)))


def created(place: Place, path: str, body: Any) -> Any:
    """What a route that makes something answered."""
    answer = place.request("POST", path, body=body)
    assert answer.status_code in (200, 201, 202), f"{path}: {answer.status_code} {answer.text}"
    return answer.json()


def transform_form(place: Place, **changes: Any) -> dict[str, Any]:
    """The form of a batch transform job."""
    rows = place.once("features", lambda: put(place, "routes/features.csv", "0.9,0.9\n0.1,0.1\n"))
    return {"name": place.name("batch"), "model_name": model(place), "input_s3_uri": rows, **changes}


def transform(place: Place) -> str:
    """A transform job, shared."""
    return str(place.once("transform", lambda: new_transform(place)))


def new_transform(place: Place, **changes: Any) -> str:
    """A transform job of one's own."""
    form = transform_form(place, **changes)
    created(place, "transform-jobs", form)
    return str(form["name"])


def long_transform(place: Place) -> str:
    """A transform job of one's own that lasts: each of many rows is a request."""
    rows = place.once("many rows", lambda: put(place, "routes/many.csv", "0.9,0.9\n" * 50_000))
    return new_transform(place, input_s3_uri=rows, strategy="SingleRecord")


def automl_form(place: Place, **changes: Any) -> dict[str, Any]:
    """The form of an Autopilot experiment."""
    header = "y,a,b\n"
    rows = place.once("named", lambda: put(place, "routes/named.csv", header + "\n".join([ROWS, ROWS])))
    return {
        "name": place.name("auto"),
        "input_s3_uri": rows,
        "target": "y",
        "problem_type": "BinaryClassification",
        "objective": "F1",
        "mode": "HYPERPARAMETER_TUNING",
        "max_candidates": 1,
        **changes,
    }


def new_automl(place: Place) -> str:
    """An experiment of one's own."""
    form = automl_form(place)
    created(place, "automl-jobs", form)
    return str(form["name"])


def automl(place: Place) -> str:
    """An experiment, shared; on the engine it has ended (those of moto never do)."""

    def make() -> str:
        name, client = new_automl(place), place.client("sagemaker")
        if place.aws:
            return name
        eventually(
            lambda: client.describe_auto_ml_job_v2(AutoMLJobName=name)["AutoMLJobStatus"] in _ENDED,
            120,
            f"the end of {name}",
        )
        return name

    return str(place.once("automl", make))


def best_candidate(place: Place) -> str:
    """The name of its best model."""
    client = place.client("sagemaker")
    found = client.list_candidates_for_auto_ml_job(AutoMLJobName=automl(place))["Candidates"]
    return str(found[0]["CandidateName"])


def _deployed(place: Place, wait: bool, variant: dict[str, Any] | None = None, **config: Any) -> str:
    name, client = place.name("endpoint"), place.client("sagemaker")
    client.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[
            {
                "VariantName": "AllTraffic",
                "ModelName": model(place),
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
                "InitialVariantWeight": 1.0,
            }
        ],
        **config,
    )
    client.create_endpoint(EndpointName=name, EndpointConfigName=name)
    if wait:
        eventually(
            lambda: client.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService", 180, name
        )
    return name


def new_endpoint(place: Place) -> str:
    """An endpoint of one's own that is in service."""
    return _deployed(place, wait=True)


def endpoint(place: Place) -> str:
    """An endpoint, shared."""
    return str(place.once("endpoint", lambda: new_endpoint(place)))


def async_endpoint(place: Place) -> str:
    """An asynchronous endpoint, shared."""
    output = {"OutputConfig": {"S3OutputPath": f"s3://{place.bucket}/async"}}
    return str(place.once("async endpoint", lambda: _deployed(place, wait=True, AsyncInferenceConfig=output)))


def capturing_endpoint(place: Place) -> str:
    """An endpoint that captures its data, shared; nobody asks it, so nobody waits for it."""
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{place.bucket}/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    return str(
        place.once("capturing endpoint", lambda: _deployed(place, wait=False, DataCaptureConfig=capture))
    )


def scaling_endpoint(place: Place) -> str:
    """The shared endpoint, scaling by itself."""
    name = endpoint(place)
    created_by_put(place, f"endpoints/{name}/scaling", {"variant": "AllTraffic", "max": 2})
    return name


def new_scaling(place: Place) -> str:
    """The same: who stops its scaling begins it anew."""
    return scaling_endpoint(place)


def scaling_policy(place: Place) -> str:
    """The name of its policy."""
    answer = place.request("GET", f"endpoints/{scaling_endpoint(place)}/scaling").json()
    return str(answer["variants"][0]["policies"][0]["name"])


def schedule(name: str) -> dict[str, Any]:
    """The form of a scheduled action."""
    return {"variant": "AllTraffic", "name": name, "schedule": "rate(1 day)", "min": 1, "max": 1}


def new_schedule(place: Place) -> str:
    """A scheduled action of one's own."""
    name = place.name("at-night")
    created_by_put(place, f"endpoints/{scaling_endpoint(place)}/scaling/schedule", schedule(name))
    return name


def experiment(place: Place) -> str:
    """An experiment with a trial, shared."""

    def make() -> str:
        name, client = place.name("runs"), place.client("sagemaker")
        client.create_experiment(ExperimentName=name)
        client.create_trial(TrialName=f"{name}-trial", ExperimentName=name)
        return name

    return str(place.once("experiment", make))


def new_component(place: Place, number: int = 1) -> str:
    """A trial component of one's own, of no trial."""
    name = place.name("run")
    place.client("sagemaker").create_trial_component(
        TrialComponentName=name,
        Status={"PrimaryStatus": "Completed"},
        Parameters={"eta": {"NumberValue": number / 10}, "depth": {"NumberValue": float(number)}},
        InputArtifacts={"data": {"MediaType": "text/csv", "Value": data(place)}},
    )
    return name


def trial_component(place: Place) -> str:
    """A trial component of one's own, of the shared experiment's trial."""
    name = new_component(place)
    trial = f"{experiment(place)}-trial"
    place.client("sagemaker").associate_trial_component(TrialComponentName=name, TrialName=trial)
    return name


def components(place: Place) -> list[str]:
    """Three components of the shared experiment."""

    def make() -> list[str]:
        names = [new_component(place, number) for number in (1, 2, 3)]
        trial = f"{experiment(place)}-trial"
        for name in names:
            place.client("sagemaker").associate_trial_component(TrialComponentName=name, TrialName=trial)
        return names

    found: list[str] = place.once("components", make)
    return found


def export(place: Place) -> str:
    """A table that was exported, by the name of its file."""
    components(place)
    return str(created(place, "components/export", component_query(place))["id"])


def component_query(place: Place) -> dict[str, Any]:
    """Which components: those of the shared experiment; on moto, whose Search knows no parents, all of them."""
    scope = {"kind": "all"} if place.aws else {"kind": "experiment", "names": [experiment(place)]}
    return {"query": {"scope": scope}}


def artifact(place: Place) -> str:
    """An artifact that lineage is asked about, shared; on moto a made-up one."""

    def make() -> str:
        if place.aws:
            return f"arn:aws:sagemaker:{place.region}:123456789012:artifact/{'0' * 32}"
        answer = place.client("sagemaker").create_artifact(
            ArtifactName="rows",
            ArtifactType="DataSet",
            Source={"SourceUri": put(place, "routes/artifact.csv", "1")},
        )
        return str(answer["ArtifactArn"])

    return str(place.once("artifact", make))


def created_by_put(place: Place, path: str, body: Any) -> Any:
    """What a route that sets something answered."""
    answer = place.request("PUT", path, body=body)
    assert answer.status_code in (200, 202), f"{path}: {answer.status_code} {answer.text}"
    return answer.json()
