"""Trial components over boto3: a component's page and the comparison of several."""

from __future__ import annotations

from typing import Any, get_args

from smstudio_ext.studio.component_sets import (
    NAME,
    Component,
    described,
    finite,
    parameter_value,
    read_components,
    status_of,
    type_of,
)
from smstudio_ext.studio.models.experiment_charts import ComponentSet
from smstudio_ext.studio.models.trial_details import (
    CompareTrials,
    Comparison,
    ComponentDetails,
    MetricSummary,
    ParameterValue,
    SourceKind,
    TrialArtifact,
    TrialGraphs,
    TrialMapping,
    TrialStage,
    TrialStages,
)
from smstudio_ext.target import Target

GRAPHS = ("ConfusionMatrix", "ROCCurve", "PrecisionRecallCurve")
"""Lineage artifacts that the SDK's `log_confusion_matrix`, `log_roc_curve` and `log_precision_recall` make."""
_STAGES = 100
_TRIALS = 5
_GRAPHS = 30


def describe_trial(target: Target, name: str) -> ComponentDetails:
    """The page of a trial component.

    Raises:
        botocore.exceptions.ClientError: there is no such component.
    """
    return details_of(described(target, name))


def trial_stages(target: Target, name: str) -> TrialStages:
    """The components of a component's trials, the oldest first, itself among them.

    Raises:
        botocore.exceptions.ClientError: there is no such component.
    """
    client = target.client("sagemaker")
    component: Component = client.describe_trial_component(TrialComponentName=name)
    trials = client.list_trials(TrialComponentName=name, MaxResults=_TRIALS).get("TrialSummaries", [])
    return TrialStages(stages=_stages(client, component, [each["TrialName"] for each in trials]))


def trial_graphs(target: Target, name: str) -> TrialGraphs:
    """The graphs that the SDK's `log_confusion_matrix` and its like made for a component.

    Raises:
        botocore.exceptions.ClientError: there is no such component.
    """
    client = target.client("sagemaker")
    arn = client.describe_trial_component(TrialComponentName=name)["TrialComponentArn"]
    return TrialGraphs(graphs=_graphs(client, arn))


def compare_trials(target: Target, request: CompareTrials) -> Comparison:
    """Several components with all that they hold.

    Raises:
        botocore.exceptions.ClientError: one of them is not there.
    """
    found = read_components(target, ComponentSet(names=request.names))
    return Comparison(components=[details_of(each) for each in found.components])


def details_of(component: Component) -> ComponentDetails:
    """A component of Search or DescribeTrialComponent as the pages show it."""
    source = (component.get("Source") or {}).get("SourceArn")
    kind, name = source_of(source)
    status = component.get("Status") or {}
    return ComponentDetails(
        name=component[NAME],
        arn=component.get("TrialComponentArn", ""),
        display_name=component.get("DisplayName") or component[NAME],
        type=type_of(component),
        status=status_of(component),
        status_message=status.get("Message", ""),
        created=component.get("CreationTime"),
        modified=component.get("LastModifiedTime"),
        started=component.get("StartTime"),
        ended=component.get("EndTime"),
        created_by=_user(component.get("CreatedBy") or {}),
        source_arn=source,
        source_kind=kind,
        source_name=name,
        parameters=_parameters(component),
        metrics=[_metric(each) for each in component.get("Metrics") or []],
        inputs=artifacts_of(component.get("InputArtifacts")),
        outputs=artifacts_of(component.get("OutputArtifacts")),
        mappings=[
            TrialMapping(experiment=each.get("ExperimentName", ""), trial=each.get("TrialName", ""))
            for each in component.get("Parents") or []
        ],
    )


def source_of(arn: str | None) -> tuple[SourceKind | None, str | None]:
    """Kind and name of the job that an ARN names."""
    kinds = {kind.lower(): kind for kind in get_args(SourceKind)}
    resource = (arn or "").rpartition(":")[2]
    kind, _, name = resource.partition("/")
    return kinds.get(kind.replace("-", "")), name or None


def artifacts_of(artifacts: dict[str, dict[str, Any]] | None) -> list[TrialArtifact]:
    """Input or output artifacts in the order of their names."""
    return [
        TrialArtifact(
            name=name, uri=str(value.get("Value", "")), media_type=value.get("MediaType") or None, graph=None
        )
        for name, value in sorted((artifacts or {}).items())
    ]


def _parameters(component: Component) -> list[ParameterValue]:
    values = ((name, parameter_value(value)) for name, value in (component.get("Parameters") or {}).items())
    return [ParameterValue(name=name, value=value) for name, value in sorted(values) if value is not None]


def _metric(summary: dict[str, Any]) -> MetricSummary:
    return MetricSummary(
        name=summary["MetricName"],
        min=finite(summary.get("Min")),
        max=finite(summary.get("Max")),
        avg=finite(summary.get("Avg")),
        stddev=finite(summary.get("StdDev")),
        last=finite(summary.get("Last")),
        count=summary.get("Count") or 0,
        time=summary.get("TimeStamp"),
    )


def _user(created_by: dict[str, Any]) -> str | None:
    return created_by.get("UserProfileName") or (created_by.get("IamIdentity") or {}).get("Arn")


def _stages(client: Any, component: Component, trials: list[str]) -> list[TrialStage]:
    own = TrialStage(
        name=component[NAME],
        display_name=component.get("DisplayName") or component[NAME],
        type=type_of(component),
        status=status_of(component),
    )
    stages: dict[str, TrialStage] = {}
    for trial in trials:
        answer = client.list_trial_components(
            TrialName=trial, SortBy="CreationTime", SortOrder="Ascending", MaxResults=_STAGES
        )
        for each in answer.get("TrialComponentSummaries", []):
            source = {"Source": each.get("TrialComponentSource") or {}, "Status": each.get("Status")}
            stages[each[NAME]] = TrialStage(
                name=each[NAME],
                display_name=each.get("DisplayName") or each[NAME],
                type=type_of(source),
                status=status_of(source),
            )
    if own.name not in stages:
        return [own, *stages.values()]
    return list(stages.values())


def _graphs(client: Any, arn: str) -> list[TrialArtifact]:
    """Graphs that the SDK associated with a component, as inputs or outputs."""
    found: list[TrialArtifact] = []
    for mine, other in (("SourceArn", "Destination"), ("DestinationArn", "Source")):
        answer = client.list_associations(**{mine: arn}, MaxResults=100)
        for each in answer.get("AssociationSummaries", []):
            if each.get(f"{other}Type") in GRAPHS and len(found) < _GRAPHS:
                found.append(_graph(client, each[f"{other}Arn"], each[f"{other}Type"]))
    return found


def _graph(client: Any, arn: str, kind: str) -> TrialArtifact:
    artifact = client.describe_artifact(ArtifactArn=arn)
    return TrialArtifact(
        name=artifact.get("ArtifactName") or kind,
        uri=artifact["Source"]["SourceUri"],
        media_type="application/json",
        graph=kind,
    )
