"""Models of the endpoints' pages: list, detail, test inference, delete."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from smstudio_ext.studio.models.automl import InferenceContainer
from smstudio_ext.studio.models.base import Answer, PageQuery, Request, SortOrder, UtcTime

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


class Variant(Answer):
    """One production variant."""

    name: str
    model_name: str | None
    instance_type: str | None
    current_instances: int | None
    desired_instances: int | None
    current_weight: float | None
    desired_weight: float | None
    serverless: bool
    containers: list[InferenceContainer]


class Endpoint(Answer):
    """An endpoint's page."""

    name: str
    arn: str
    status: EndpointStatus
    status_text: str
    created: UtcTime
    modified: UtcTime
    failure_reason: str | None
    url: str
    config_name: str | None
    config_arn: str | None
    variants: list[Variant]
    data_capture: bool
    can_delete: bool
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
    """One request of the Test inference panel."""

    body: str = Field(max_length=6 * 1024 * 1024)
    content_type: str = Field(default="text/csv", max_length=1024)
    accept: str | None = Field(default=None, max_length=1024)
    target_variant: str | None = Field(default=None, max_length=63)
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
    failure_reason: str | None
    request_id: str | None
