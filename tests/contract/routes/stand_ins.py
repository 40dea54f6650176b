"""What AWS answers where moto has nothing: documents of AWS's own output shapes with every member filled.

`LACKING` is the one table of operations that moto does not offer and the pages call. A test fails when moto offers one of
them (then it goes), or when the pages call one that is neither here nor in moto. Besides, moto's Search does not find trial
components by several names, and tells of none which trials it is in; AWS does.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.contract.routes.gate import Reply, Request

if TYPE_CHECKING:
    from tests.contract.routes.gate import Rule

Document = dict[str, Any]

ACCOUNT = "123456789012"
TIME = 1_790_000_000.0
_LIVELY = ("InService", "Completed", "Ready", "Enabled", "CREATED", "Succeeded", "Jupyter", "KernelGateway")
_LEFT_OUT = frozenset({"NextToken", "nextToken", "FailureReason", "Errors", "ErrorMessage"})


def _candidates(asked: Document) -> Document:
    found = candidate(f"{asked['AutoMLJobName']}-best")
    named = asked.get("CandidateNameEquals")
    return {"Candidates": [] if named and named != found["CandidateName"] else [found]}


def candidate(name: str) -> Document:
    """A finished candidate as AWS lists it."""
    return {
        "CandidateName": name,
        "FinalAutoMLJobObjectiveMetric": {"MetricName": "F1", "Value": 0.9},
        "ObjectiveStatus": "Succeeded",
        "CandidateSteps": [
            {
                "CandidateStepType": "AWS::SageMaker::TrainingJob",
                "CandidateStepArn": f"arn:aws:sagemaker:us-east-2:{ACCOUNT}:training-job/{name}",
                "CandidateStepName": name,
            }
        ],
        "CandidateStatus": "Completed",
        "InferenceContainers": [
            {
                "Image": "683313688378.dkr.ecr.us-east-2.amazonaws.com/sagemaker-xgboost:1.7-1",
                "ModelDataUrl": f"s3://sagemaker-us-east-2-{ACCOUNT}/models/model.tar.gz",
                "Environment": {},
            }
        ],
        "CreationTime": TIME,
        "EndTime": TIME + 60,
        "LastModifiedTime": TIME + 60,
    }


LACKING: dict[str, Callable[[Document], Document] | None] = {
    "sagemaker:BatchGetMetrics": lambda asked: {
        "MetricQueryResults": [
            {"Status": "Complete", "XAxisValues": [1, 2], "MetricValues": [0.5, 0.6]}
            for _ in asked.get("MetricQueries", [])
        ]
    },
    "sagemaker:CreateApp": None,
    "sagemaker:CreateAppImageConfig": None,
    "sagemaker:CreateImage": None,
    "sagemaker:CreateImageVersion": lambda asked: {
        "ImageVersionArn": f"arn:aws:sagemaker:us-east-2:{ACCOUNT}:image-version/{asked['ImageName']}/1"
    },
    "sagemaker:CreatePresignedDomainUrl": lambda asked: {
        "AuthorizedUrl": "https://d-1.studio.example/auth?token=x"
    },
    "sagemaker:CreatePresignedNotebookInstanceUrl": lambda asked: {
        "AuthorizedUrl": "https://n.notebook.example/?t=x"
    },
    "sagemaker:CreateSpace": None,
    "sagemaker:CreateStudioLifecycleConfig": None,
    "sagemaker:CreateUserProfile": None,
    "sagemaker:DeleteApp": None,
    "sagemaker:DeleteImage": None,
    "sagemaker:DeleteSpace": None,
    "sagemaker:DeleteStudioLifecycleConfig": None,
    "sagemaker:DeleteTrainingJob": None,
    "sagemaker:DeleteUserProfile": None,
    "sagemaker:DescribeAction": None,
    "sagemaker:DescribeApp": None,
    "sagemaker:DescribeArtifact": None,
    "sagemaker:DescribeContext": None,
    "sagemaker:DescribeImageVersion": None,
    "sagemaker:DescribeStudioLifecycleConfig": lambda asked: {
        "StudioLifecycleConfigContent": base64.b64encode(b"#!/bin/bash\necho hello\n").decode()
    },
    "sagemaker:DescribeUserProfile": None,
    "sagemaker:GetSearchSuggestions": lambda asked: {
        "PropertyNameSuggestions": [{"PropertyName": "Parameters.eta"}]
    },
    "sagemaker:InvokeEndpointAsync": None,
    "sagemaker:ListActions": None,
    "sagemaker:ListAliases": None,
    "sagemaker:ListApps": None,
    "sagemaker:ListArtifacts": None,
    "sagemaker:ListAssociations": None,
    "sagemaker:ListCandidatesForAutoMLJob": _candidates,
    "sagemaker:ListCodeRepositories": None,
    "sagemaker:ListContexts": None,
    "sagemaker:ListImageVersions": None,
    "sagemaker:ListImages": None,
    "sagemaker:ListNotebookInstanceLifecycleConfigs": None,
    "sagemaker:ListSpaces": None,
    "sagemaker:ListStudioLifecycleConfigs": None,
    "sagemaker:ListTrainingJobsForHyperParameterTuningJob": None,
    "sagemaker:ListUserProfiles": None,
    "sagemaker:QueryLineage": lambda asked: {
        "Vertices": [{"Arn": asked["StartArns"][0], "Type": "DataSet", "LineageType": "Artifact"}],
        "Edges": [],
    },
    "sagemaker:StopHyperParameterTuningJob": None,
    "sagemaker:StopTrainingJob": None,
    "sagemaker:StopTransformJob": None,
    "sagemaker:UpdateAppImageConfig": None,
    "sagemaker:UpdateDomain": None,
    "sagemaker:UpdateEndpoint": None,
    "sagemaker:UpdateImage": None,
    "sagemaker:UpdateNotebookInstance": None,
    "sagemaker:UpdateNotebookInstanceLifecycleConfig": None,
    "sagemaker:UpdateUserProfile": None,
}
"""What is put into the document of an operation's shape; none where the filled shape is enough."""


def stand_ins() -> dict[str, Rule]:
    """The gate's answers by action."""
    return {
        **{action: _answer(action, further) for action, further in LACKING.items()},
        "sagemaker:Search": _named_components,
    }


def _named_components(request: Request) -> Reply | None:
    """Search for trial components of some names, which moto has but does not find, and does not tell the parents of."""
    asked = request.document
    filters = asked.get("SearchExpression", {}).get("Filters", [])
    if asked.get("Resource") != "ExperimentTrialComponent" or not filters:
        return None
    if any((each["Name"], each["Operator"]) != ("TrialComponentName", "Equals") for each in filters):
        return None
    held = _moto()
    found = [held.trial_components.get(each["Value"]) for each in filters]
    rows = [
        {"TrialComponent": each.response_object | {"Parents": parents(held, each)}} for each in found if each
    ]
    content = json.dumps({"Results": rows}, default=lambda moment: moment.timestamp())
    return Reply(200, content.encode(), (("Content-Type", "application/x-amz-json-1.1"),))


def parents(held: Any, component: Any) -> list[Document]:
    """The trials that moto holds a component in, as Search tells them."""
    name = component.trial_component_name
    return [
        {"TrialName": each.trial_name, "ExperimentName": each.experiment_name}
        for each in held.trials.values()
        if name in each.trial_components
    ]


def _moto() -> Any:
    from moto.sagemaker.models import sagemaker_backends

    return sagemaker_backends[ACCOUNT]["us-east-2"]


def _answer(action: str, further: Callable[[Document], Document] | None) -> Rule:
    def answer(request: Request) -> Reply:
        asked = request.document
        content = output(action, asked) | (further(asked) if further else {})
        headers = [("Content-Type", "application/x-amz-json-1.1"), *_headers(action)]
        return Reply(200, json.dumps(content).encode(), tuple(headers))

    return answer


def output(action: str, asked: Document) -> Document:
    """A document of an operation's output shape; members that were asked for by name say the same."""
    operation = action.partition(":")[2]
    service = next(each for each in _SERVICES if operation in _model(each).operation_names)
    shape = _model(service).operation_model(operation).output_shape
    found: Document = _document(shape, operation, asked) if shape else {}
    return found


def _headers(action: str) -> list[tuple[str, str]]:
    """Members of an answer that are headers, as `OutputLocation` of InvokeEndpointAsync."""
    operation = action.partition(":")[2]
    service = next(each for each in _SERVICES if operation in _model(each).operation_names)
    shape = _model(service).operation_model(operation).output_shape
    members = shape.members if shape else {}
    return [
        (each.serialization["name"], f"s3://sagemaker-us-east-2-{ACCOUNT}/async/{member}")
        for member, each in members.items()
        if each.serialization.get("location") == "header" and member.endswith("Location")
    ]


_SERVICES = ("sagemaker", "sagemaker-runtime", "sagemaker-metrics")


@cache
def _model(service: str) -> Any:
    import botocore.session

    return botocore.session.Session().get_service_model(service)


def _document(shape: Any, name: str, asked: Document, inside: tuple[str, ...] = ()) -> Any:
    if shape.type_name == "structure":
        members = list(shape.members.items())[:1] if shape.is_tagged_union else shape.members.items()
        return {
            member: asked[member]
            if member in asked and isinstance(asked[member], str)
            else _document(each, member, asked, (*inside, shape.name))
            for member, each in members
            if member not in _LEFT_OUT
            and each.name not in inside
            and each.serialization.get("location") != "header"
        }
    if shape.type_name == "list":
        return [_document(shape.member, name.removesuffix("s"), asked, inside)]
    if shape.type_name == "map":
        return {"key": _document(shape.value, name, asked, inside)}
    return _scalar(shape, name, asked)


def _scalar(shape: Any, name: str, asked: Document) -> Any:
    if shape.type_name == "string":
        return _text(shape, name, asked)
    if shape.type_name == "timestamp":
        return TIME
    if shape.type_name == "boolean":
        return True
    return 0.5 if shape.type_name in ("float", "double") else 1


def _text(shape: Any, name: str, asked: Document) -> str:
    if shape.enum:
        return next((value for value in _LIVELY if value in shape.enum), str(shape.enum[0]))
    if name.endswith("Arn"):
        kind = name.removesuffix("Arn")
        return (
            f"arn:aws:sagemaker:us-east-2:{ACCOUNT}:{kind.lower()}/{asked.get(kind + 'Name', kind.lower())}"
        )
    if name.endswith(("Uri", "S3Path", "S3OutputPath")):
        return f"s3://sagemaker-us-east-2-{ACCOUNT}/{name.lower()}"
    if name.endswith("Url"):
        return f"https://{name.lower()}.example"
    return str(asked.get(name) or name.lower())
