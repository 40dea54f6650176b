"""Lineage over the wire: entities made by hand with the SDK, and what jobs and endpoints leave by themselves."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import RunningEngine

BUCKET = "contract-lineage"
ROLE = "arn:aws:iam::000000000000:role/test"
XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
PREFIX = "lineage-contract"


@pytest.fixture(scope="module")
def sagemaker(engine: RunningEngine) -> Any:
    return engine.client("sagemaker")


def artifact(sagemaker: Any, uri: str, type_: str = "DataSet", **members: Any) -> str:
    return str(
        sagemaker.create_artifact(
            ArtifactName=f"{PREFIX}-data", Source={"SourceUri": uri}, ArtifactType=type_, **members
        )["ArtifactArn"]
    )


def refused(call: Any, code: str, text: str, **arguments: Any) -> None:
    with pytest.raises(ClientError, match=text) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == code


@pytest.mark.parametrize("kind", ["Artifact", "Context", "Action"])
def test_an_entity_is_made_described_changed_listed_and_deleted(sagemaker: Any, kind: str) -> None:
    word = kind.lower()
    uri = f"s3://{PREFIX}/{word}"
    members = {f"{kind}Name": f"{PREFIX}-{kind}", "Source": {"SourceUri": uri}, f"{kind}Type": "Mine"}
    create = getattr(sagemaker, f"create_{word}")
    arn = create(**members, Properties={"a": "1", "b": "2"}, Tags=[{"Key": "who", "Value": "me"}])[
        f"{kind}Arn"
    ]
    assert f":{word}/" in arn
    refused(create, "ValidationException", "already exists", **members)
    key = {"ArtifactArn": arn} if kind == "Artifact" else {f"{kind}Name": f"{PREFIX}-{kind}"}
    update = {"Properties": {"c": "3"}, "PropertiesToRemove": ["a"]}
    if kind == "Action":
        update["Status"] = "Completed"
    getattr(sagemaker, f"update_{word}")(**key, **update)
    found = getattr(sagemaker, f"describe_{word}")(**key)
    assert found["Properties"] == {"b": "2", "c": "3"}
    assert found[f"{kind}Arn"] == arn
    assert found["Source"] == {"SourceUri": uri}
    assert found["LastModifiedTime"] >= found["CreationTime"]
    assert found.get("Status") == ("Completed" if kind == "Action" else None)
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "who", "Value": "me"}]
    listed = getattr(sagemaker, f"list_{word}s")(SourceUri=uri)[f"{kind}Summaries"]
    assert [item[f"{kind}Arn"] for item in listed] == [arn]
    getattr(sagemaker, f"delete_{word}")(**key)
    refused(getattr(sagemaker, f"describe_{word}"), "ResourceNotFound", "does not exist", **key)
    refused(getattr(sagemaker, f"delete_{word}"), "ResourceNotFound", "does not exist", **key)


def test_a_listing_has_pages_and_refuses_other_tokens(sagemaker: Any) -> None:
    for number in range(5):
        sagemaker.create_context(
            ContextName=f"{PREFIX}-page-{number}", ContextType="Paged", Source={"SourceUri": f"page:{number}"}
        )
    pages = sagemaker.get_paginator("list_contexts").paginate(
        ContextType="Paged", SortBy="Name", SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    names = [[item["ContextName"] for item in page["ContextSummaries"]] for page in pages]
    assert names == [[f"{PREFIX}-page-{n}" for n in part] for part in ((0, 1), (2, 3), (4,))]
    token = sagemaker.list_contexts(ContextType="Paged", MaxResults=2)["NextToken"]
    refused(sagemaker.list_contexts, "ValidationException", "another listing", SortBy="Name", NextToken=token)
    refused(sagemaker.list_contexts, "ValidationException", "not returned", NextToken="forged")


@pytest.fixture(scope="module")
def chain(sagemaker: Any) -> Iterator[list[str]]:
    """data -> action -> model -> context, each contributing to the next."""
    arns = [
        artifact(sagemaker, "s3://chain/data", Properties={"rows": "7"}),
        sagemaker.create_action(
            ActionName=f"{PREFIX}-fit", ActionType="Fit", Source={"SourceUri": "fit"}, Status="Completed"
        )["ActionArn"],
        artifact(sagemaker, "s3://chain/model", "Model"),
        sagemaker.create_context(ContextName=f"{PREFIX}-use", ContextType="Use", Source={"SourceUri": "use"})[
            "ContextArn"
        ],
    ]
    for source, destination in itertools.pairwise(arns):
        sagemaker.add_association(
            SourceArn=source, DestinationArn=destination, AssociationType="ContributedTo"
        )
    yield arns
    for source, destination in itertools.pairwise(arns):
        sagemaker.delete_association(SourceArn=source, DestinationArn=destination)


def reached(sagemaker: Any, **arguments: Any) -> list[str]:
    return [vertex["Arn"] for vertex in sagemaker.query_lineage(**arguments)["Vertices"]]


def test_a_query_walks_along_and_against_the_edges(sagemaker: Any, chain: list[str]) -> None:
    data, action, model, context = chain
    whole = sagemaker.query_lineage(StartArns=[model], Direction="Both", IncludeEdges=True)
    assert {vertex["Arn"]: (vertex["LineageType"], vertex["Type"]) for vertex in whole["Vertices"]} == {
        data: ("Artifact", "DataSet"),
        action: ("Action", "Fit"),
        model: ("Artifact", "Model"),
        context: ("Context", "Use"),
    }
    assert {(edge["SourceArn"], edge["DestinationArn"]) for edge in whole["Edges"]} == {
        (data, action),
        (action, model),
        (model, context),
    }
    assert reached(sagemaker, StartArns=[model], Direction="Ascendants") == [model, action, data]
    assert reached(sagemaker, StartArns=[model], Direction="Descendants") == [model, context]
    assert reached(sagemaker, StartArns=[context], Direction="Ascendants", MaxDepth=1) == [context, model]
    only = {"LineageTypes": ["Artifact"], "Types": ["DataSet"]}
    assert reached(sagemaker, StartArns=[context], Direction="Ascendants", Filters=only) == [data]
    rows = {"Properties": {"rows": "7"}}
    assert reached(sagemaker, StartArns=[context], Direction="Ascendants", Filters=rows) == [data]
    first = sagemaker.query_lineage(StartArns=[model], Direction="Both", MaxResults=3)
    rest = sagemaker.query_lineage(
        StartArns=[model], Direction="Both", MaxResults=3, NextToken=first["NextToken"]
    )
    assert {v["Arn"] for v in first["Vertices"] + rest["Vertices"]} == set(chain)


def test_associations_are_listed_by_their_ends(sagemaker: Any, chain: list[str]) -> None:
    data, action, model, context = chain
    into = sagemaker.list_associations(DestinationArn=model)["AssociationSummaries"]
    assert [(item["SourceArn"], item["SourceType"], item["DestinationType"]) for item in into] == [
        (action, "Fit", "Model")
    ]
    assert sagemaker.list_associations(SourceArn=model, DestinationType="Context")["AssociationSummaries"]
    assert not sagemaker.list_associations(SourceArn=model, DestinationType="Action")["AssociationSummaries"]
    refused(sagemaker.delete_artifact, "ConflictException", "has associations", ArtifactArn=data)
    edge = {"SourceArn": data, "DestinationArn": action}
    refused(sagemaker.add_association, "ValidationException", "already exists", **edge)
    refused(sagemaker.add_association, "ValidationException", "the same", SourceArn=data, DestinationArn=data)
    gone = data[:-4] + "0000"
    refused(
        sagemaker.add_association,
        "ResourceNotFound",
        "does not exist",
        SourceArn=gone,
        DestinationArn=context,
    )
    refused(sagemaker.query_lineage, "ResourceNotFound", "does not exist", StartArns=[gone])
    refused(sagemaker.query_lineage, "ValidationException", "StartArns")


@pytest.fixture(scope="module")
def trained(engine: RunningEngine, sagemaker: Any) -> str:
    """A training job that has ended, its model and an endpoint."""
    s3 = engine.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    rows = "".join(f"{number % 2},{number % 2 * 3 + number % 7 / 7}\n" for number in range(200))
    s3.put_object(Bucket=BUCKET, Key="rows/0.csv", Body=rows)
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/rows/"}
    name = f"{PREFIX}-train"
    sagemaker.create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        HyperParameters={"objective": "binary:logistic", "num_round": "3"},
        RoleArn=ROLE,
        InputDataConfig=[
            {"ChannelName": "train", "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}
        ],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name)
    model = sagemaker.describe_training_job(TrainingJobName=name)["ModelArtifacts"]["S3ModelArtifacts"]
    sagemaker.create_model(
        ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": XGBOOST, "ModelDataUrl": model}
    )
    variant = {
        "VariantName": "a",
        "ModelName": name,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    return name


def test_an_endpoint_is_traced_to_its_data(sagemaker: Any, trained: str) -> None:
    endpoint = sagemaker.describe_endpoint(EndpointName=trained)["EndpointArn"]
    (context,) = sagemaker.list_contexts(SourceUri=endpoint)["ContextSummaries"]
    assert context["ContextType"] == "Endpoint"
    data = sagemaker.query_lineage(
        StartArns=[context["ContextArn"]],
        Direction="Ascendants",
        Filters={"LineageTypes": ["Artifact"], "Types": ["DataSet"]},
    )["Vertices"]
    described = [sagemaker.describe_artifact(ArtifactArn=one["Arn"])["Source"]["SourceUri"] for one in data]
    assert described == [f"s3://{BUCKET}/rows/"]
    jobs = sagemaker.query_lineage(
        StartArns=[context["ContextArn"]],
        Direction="Ascendants",
        Filters={"LineageTypes": ["TrialComponent"], "Types": ["TrainingJob"]},
    )["Vertices"]
    component = sagemaker.describe_trial_component(TrialComponentName=f"{trained}-aws-training-job")
    assert [one["Arn"] for one in jobs] == [component["TrialComponentArn"]]
    into = sagemaker.list_associations(DestinationArn=component["TrialComponentArn"])["AssociationSummaries"]
    assert {(item["SourceType"], item["DestinationType"]) for item in into} == {
        ("DataSet", "SageMakerTrainingJob"),
        ("Image", "SageMakerTrainingJob"),
    }


@pytest.mark.sdk
def test_the_sdk_asks_the_graph(engine: RunningEngine, sagemaker: Any, trained: str) -> None:
    import boto3
    from sagemaker.lineage.artifact import DatasetArtifact, ModelArtifact
    from sagemaker.lineage.context import EndpointContext
    from sagemaker.lineage.query import LineageQuery
    from sagemaker.lineage.visualizer import LineageTableVisualizer
    from sagemaker.session import Session

    session = Session(
        boto3.Session(
            region_name="us-east-1",
            aws_access_key_id=engine.info.access_key,
            aws_secret_access_key=engine.info.secret_key,
        ),
        sagemaker_client=sagemaker,
    )
    endpoint = sagemaker.describe_endpoint(EndpointName=trained)["EndpointArn"]
    name = sagemaker.list_contexts(SourceUri=endpoint)["ContextSummaries"][0]["ContextName"]
    context = EndpointContext.load(context_name=name, sagemaker_session=session)
    job = sagemaker.describe_training_job(TrainingJobName=trained)
    assert context.training_job_arns() == [job["TrainingJobArn"]]
    (dataset,) = context.dataset_artifacts()
    assert isinstance(dataset, DatasetArtifact)
    assert [found.context_name for found in dataset.endpoint_contexts()] == [name]
    model = ModelArtifact.list(
        source_uri=job["ModelArtifacts"]["S3ModelArtifacts"], sagemaker_session=session
    )
    (found,) = list(model)
    assert LineageQuery(session).query([found.artifact_arn]).edges
    table = LineageTableVisualizer(session).show(training_job_name=trained)
    assert set(table["Direction"]) == {"Input", "Output"}
    assert set(table["Type"]) == {"DataSet", "Image", "Model"}
