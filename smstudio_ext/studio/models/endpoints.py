"""Models of the endpoints' pages: list, detail, test inference, delete."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from smstudio_ext.studio.models.automl import InferenceContainer
from smstudio_ext.studio.models.base import Answer, PageQuery, Request, SortOrder, Tag, UtcTime
from smstudio_ext.studio.models.hosting import PolicyKind

EndpointStatus = Literal[
    "OutOfService",
    "Creating",
    "Updating",
    "SystemUpdating",
    "RollingBack",
    "InService",
    "Deleting",
    "Failed",
    "UpdateRollbackFailed",
]


class ListEndpoints(PageQuery):
    """Query of the endpoints list."""

    search: str | None = Field(default=None, max_length=63)
    status: EndpointStatus | None = None
    sort_by: Literal["Name", "CreationTime", "Status"] = "CreationTime"
    sort_order: SortOrder = "Descending"


class EndpointSummary(Answer):
    """One row of the endpoints list."""

    name: str
    arn: str
    status: EndpointStatus
    created: UtcTime
    modified: UtcTime


class EndpointPage(Answer):
    """One page of the endpoints list."""

    items: list[EndpointSummary]
    next_token: str | None


class VariantContainer(InferenceContainer):
    """One container of a variant's model.

    Attributes:
        hostname: by which a request chooses it, when the model's containers are asked directly.
        mode: MultiModel for a folder of models of which each request names one.
    """

    hostname: str | None
    mode: str


class Variant(Answer):
    """One production or shadow variant.

    Attributes:
        status: what goes on with it right now, e.g. Creating or Baking, in AWS's words.
        direct: each request names one of its containers.
    """

    name: str
    shadow: bool
    model_name: str | None
    instance_type: str | None
    current_instances: int | None
    desired_instances: int | None
    current_weight: float | None
    desired_weight: float | None
    status: str | None
    serverless: bool
    memory_mb: int | None
    max_concurrency: int | None
    multi_model: bool
    direct: bool
    containers: list[VariantContainer]


class PendingVariant(Answer):
    """A variant of the fleet that an update brings up."""

    name: str
    current_instances: int | None
    desired_instances: int | None
    status: str | None


class Deployment(Answer):
    """An update that is under way.

    Attributes:
        share: part of the traffic that the new fleet has, 0 to 1; none where the target does not say.
        kind: how traffic moves; none when only weights or instance counts change.
        alarms: names of the CloudWatch alarms that would roll it back.
    """

    config_name: str | None
    started: UtcTime | None
    share: float | None
    kind: PolicyKind | None
    wait_seconds: int | None
    alarms: list[str]
    variants: list[PendingVariant]


class CaptureState(Answer):
    """Data capture as the endpoint has it."""

    enabled: bool
    status: str | None
    sampling_percentage: int | None
    destination_s3_uri: str | None
    modes: list[str]


class Endpoint(Answer):
    """An endpoint's page.

    Attributes:
        rolled_back: its last update failed and it went back to what it was; `failure_reason` says why.
        config: its configuration as AWS describes it.
        async_output: where an asynchronous endpoint writes its answers.
    """

    name: str
    arn: str
    status: EndpointStatus
    status_text: str
    created: UtcTime
    modified: UtcTime
    failure_reason: str | None
    rolled_back: bool
    url: str
    kind: Literal["RealTime", "Serverless", "Asynchronous"]
    async_output: str | None
    config_name: str | None
    config_arn: str | None
    config: dict[str, Any]
    variants: list[Variant]
    deployment: Deployment | None
    capture: CaptureState
    data_capture: bool
    log_group: str
    can_delete: bool
    can_update: bool
    can_invoke: bool


class DeleteEndpoint(Request):
    """How much to delete; `dry_run` only lists what would go."""

    config: bool = False
    models: bool = False
    dry_run: bool = False


class Deletion(Answer):
    """What goes, or went.

    Attributes:
        kept: what stays and why, e.g. a model that another endpoint uses.
    """

    endpoint: str
    config: str | None
    models: list[str]
    kept: list[str]
    done: bool


class InvokeEndpoint(Request):
    """One request of the Test inference panel.

    Attributes:
        body: text, or base64 when `body_is_base64`.
        target_model: key of a model of a multi-model endpoint, e.g. `model-1.tar.gz`.
        target_container: hostname of a container of a model whose containers are asked directly.
    """

    body: str = Field(max_length=8 * 1024 * 1024)
    body_is_base64: bool = False
    content_type: str = Field(default="text/csv", max_length=1024)
    accept: str | None = Field(default=None, max_length=1024)
    target_variant: str | None = Field(default=None, max_length=63)
    target_model: str | None = Field(default=None, max_length=1024)
    target_container: str | None = Field(default=None, max_length=63)
    inference_id: str | None = Field(default=None, max_length=64)
    custom_attributes: str | None = Field(default=None, max_length=1024)


class Invocation(Answer):
    """The inference output card.

    Attributes:
        elapsed_ms: from sending to the whole answer, as the server saw it.
        body: text, or base64 when `body_is_base64`.
    """

    status: Literal["Complete", "Failed"]
    status_code: int
    request_time: UtcTime
    result_time: UtcTime
    elapsed_ms: float
    variant: str | None
    content_type: str | None
    body: str
    body_is_base64: bool
    custom_attributes: str | None
    failure_reason: str | None
    request_id: str | None


class AsyncInvocation(Answer):
    """A request that an asynchronous endpoint took: where its answer will be."""

    inference_id: str | None
    request_time: UtcTime
    input_s3_uri: str
    output_s3_uri: str
    failure_s3_uri: str | None


class AsyncResultQuery(Request):
    """Which answer of an asynchronous endpoint is asked for."""

    output_s3_uri: str = Field(max_length=2048)
    failure_s3_uri: str | None = Field(default=None, max_length=2048)


class AsyncResult(Answer):
    """The answer of an asynchronous endpoint, once it is there."""

    status: Literal["Pending", "Complete", "Failed"]
    result_time: UtcTime | None
    content_type: str | None
    body: str
    body_is_base64: bool
    failure_reason: str | None


class InvocationCode(Answer):
    """Code that sends a request, ready to copy."""

    boto3: str
    sdk_v2: str
    sdk_v3: str
    curl: str
    aws_cli: str


class EndpointTags(Answer):
    """The tags of an endpoint."""

    tags: list[Tag]


class SetTags(Request):
    """All tags that a resource is to have."""

    tags: list[Tag] = Field(max_length=50)
