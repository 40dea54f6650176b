"""Models and endpoint configurations: what is accepted, and AWS's words for what is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.hosting import configs, models
from smstudio_ext.engine.runtime.listing import list_page
from tests.unit.hosting_stand import IMAGE, REGION, TRAIN_ONLY, Stand, archive, hosting_stand

ARN = f"arn:aws:sagemaker:{REGION}:000000000000"


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with hosting_stand(tmp_path_factory.mktemp("hosting")) as made:
        yield made


def create(stand: Stand, name: str, **request: Any) -> Any:
    return models.create_model(stand.ctx, REGION, {"ModelName": name, **request})


def test_model_is_described_as_it_was_given(stand: Stand) -> None:
    url = stand.put_model("given/model.tar.gz", archive({"tag": "a"}))
    container = {"Image": IMAGE, "ModelDataUrl": url, "Environment": {"A": "b"}}
    create(stand, "Given", PrimaryContainer=container, ExecutionRoleArn="arn:aws:iam::000000000000:role/x")
    document = models.get_model(stand.ctx, REGION, "Given").document
    assert document["PrimaryContainer"] == container
    assert document["ModelArn"] == f"{ARN}:model/given"
    assert document["EnableNetworkIsolation"] is False


@pytest.mark.parametrize(
    "form", ["s3://models/forms/m.tar.gz", "https://models.s3.us-east-1.amazonaws.com/forms/m.tar.gz"]
)
def test_both_forms_of_model_data_addresses_work(stand: Stand, form: str) -> None:
    stand.put_model("forms/m.tar.gz", archive({"tag": "a"}))
    create(stand, "form-" + form[:5].strip(":"), PrimaryContainer={"Image": IMAGE, "ModelDataUrl": form})


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({}, "either PrimaryContainer or Containers"),
        ({"PrimaryContainer": {"Image": IMAGE}, "Containers": [{"Image": IMAGE}]}, "not both"),
        ({"PrimaryContainer": {}}, "needs an Image"),
        ({"PrimaryContainer": {"Image": TRAIN_ONLY}}, "for training"),
        (
            {"PrimaryContainer": {"Image": "1.dkr.ecr.us-east-1.amazonaws.com/unknown-thing:1"}},
            "unknown-thing",
        ),
        ({"PrimaryContainer": {"Image": IMAGE, "Mode": "MultiModel"}}, "needs a ModelDataUrl"),
        ({"PrimaryContainer": {"ModelPackageName": "p"}}, "not offered yet"),
        (
            {"PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": "s3://models/none.tar.gz"}},
            r"Could not find model data at s3://models/none.tar.gz\.",
        ),
        (
            {"PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": "https://example.com/m.tar.gz"}},
            "Could not find model data",
        ),
        (
            {"Containers": [{"Image": IMAGE}] * 2, "InferenceExecutionConfig": {"Mode": "Direct"}},
            "needs two or more Containers with a ContainerHostname",
        ),
        (
            {"Containers": [{"Image": IMAGE, "ContainerHostname": "a"}] * 2},
            "must be unique",
        ),
    ],
)
def test_bad_models_are_refused(stand: Stand, request_: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationException, match=words):
        create(stand, "refused", **request_)
    with pytest.raises(ValidationException, match=f'Could not find model "{ARN}:model/refused"'):
        models.get_model(stand.ctx, REGION, "refused")


def test_a_name_in_use_is_refused_in_any_case(stand: Stand) -> None:
    create(stand, "twice", PrimaryContainer={"Image": IMAGE})
    for name in ("twice", "TWICE"):
        with pytest.raises(
            ValidationException, match=f'Cannot create already existing model "{ARN}:model/twice"'
        ):
            create(stand, name, PrimaryContainer={"Image": IMAGE})


def test_delete_model_takes_it_and_its_tags_away(stand: Stand) -> None:
    made = create(stand, "gone", PrimaryContainer={"Image": IMAGE}, Tags=[{"Key": "k", "Value": "v"}])
    assert stand.ctx.store.tags.get(made.arn) == [{"Key": "k", "Value": "v"}]
    models.delete_model(stand.ctx, REGION, "gone")
    assert stand.ctx.store.tags.get(made.arn) == []
    with pytest.raises(ValidationException, match="Could not find model"):
        models.delete_model(stand.ctx, REGION, "gone")


def test_models_are_of_one_region(stand: Stand) -> None:
    create(stand, "regional", PrimaryContainer={"Image": IMAGE})
    with pytest.raises(ValidationException, match="eu-west-1"):
        models.get_model(stand.ctx, "eu-west-1", "regional")


def test_config_fills_in_defaults(stand: Stand) -> None:
    create(stand, "cfg-model", PrimaryContainer={"Image": IMAGE})
    stand.config("defaults", {"ModelName": "cfg-model"})
    variant = configs.get_endpoint_config(stand.ctx, REGION, "defaults").document["ProductionVariants"][0]
    assert (variant["InitialInstanceCount"], variant["InitialVariantWeight"]) == (1, 1.0)


@pytest.mark.parametrize(
    ("variant", "more", "words"),
    [
        ({"ModelName": "missing"}, {}, f'Could not find model "{ARN}:model/missing"'),
        (
            {"ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1}},
            {},
            "must not have an InstanceType",
        ),
        (
            {"ServerlessConfig": {"MemorySizeInMB": 1500, "MaxConcurrency": 1}, "InstanceType": None},
            {},
            "one of 1024, 2048",
        ),
        ({"ModelName": None}, {}, "Inference components.*not offered yet"),
        ({"InstanceType": None}, {}, "needs an InstanceType"),
        ({"InstanceType": "m5.large"}, {}, "ML instance type"),
        ({"InitialInstanceCount": 1000}, {}, "at most"),
        (
            {},
            {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://no-such-bucket/x"}}},
            "Could not access the bucket",
        ),
        (
            {},
            {
                "ShadowProductionVariants": [
                    {"VariantName": "v", "ModelName": "base", "InstanceType": "ml.m5.large"}
                ]
            },
            "name of its own",
        ),
        ({}, {"ExplainerConfig": {"ClarifyExplainerConfig": {}}}, "not offered yet"),
        (
            {},
            {"DataCaptureConfig": {"EnableCapture": True, "DestinationS3Uri": "s3://no-such-bucket/x"}},
            "Could not access the bucket",
        ),
    ],
)
def test_bad_configs_are_refused(
    stand: Stand, variant: dict[str, Any], more: dict[str, Any], words: str
) -> None:
    if stand.ctx.store.resources.find("Model", REGION, "base") is None:
        create(stand, "base", PrimaryContainer={"Image": IMAGE})
    full = {"VariantName": "v", "ModelName": "base", "InstanceType": "ml.m5.large", **variant}
    full = {key: value for key, value in full.items() if value is not None}
    request = {"EndpointConfigName": "refused", "ProductionVariants": [full], **more}
    with pytest.raises(ValidationException, match=words):
        configs.create_endpoint_config(stand.ctx, REGION, request)
    assert stand.ctx.store.resources.find("EndpointConfig", REGION, "refused") is None


def test_variants_need_names_of_their_own(stand: Stand) -> None:
    create(stand, "twins", PrimaryContainer={"Image": IMAGE})
    with pytest.raises(ValidationException, match="name of its own"):
        stand.config("twins", {"ModelName": "twins"}, {"ModelName": "twins"})


def test_lists_filter_sort_and_page(stand: Stand) -> None:
    for number in range(12):
        create(stand, f"page-{number:02}", PrimaryContainer={"Image": IMAGE})
    first = list_page(stand.ctx, REGION, "Model", {"NameContains": "PAGE-"})
    assert [row.name for row in first.items] == [f"page-{number:02}" for number in range(11, 1, -1)]
    rest = list_page(stand.ctx, REGION, "Model", {"NameContains": "PAGE-", "NextToken": first.next_token})
    assert [row.name for row in rest.items] == ["page-01", "page-00"]
    assert rest.next_token is None
    by_name = {"NameContains": "page-", "SortBy": "Name", "SortOrder": "Ascending", "MaxResults": 2}
    assert [row.name for row in list_page(stand.ctx, REGION, "Model", by_name).items] == [
        "page-00",
        "page-01",
    ]
