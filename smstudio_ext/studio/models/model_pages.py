"""Models of the pages of models: list, page, deploy."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, PageQuery, Request, SortOrder, Tag, UtcTime


class ListModels(PageQuery):
    """Query of the models list."""

    search: str | None = Field(default=None, max_length=63)
    created_after: UtcTime | None = None
    created_before: UtcTime | None = None
    sort_by: Literal["Name", "CreationTime"] = "CreationTime"
    sort_order: SortOrder = "Descending"

    @property
    def status(self) -> None:
        """A model has no states to filter by."""


class ModelSummary(Answer):
    """One row of the models list; a model has no states, so `status` is always the same."""

    name: str
    arn: str
    status: Literal["Created"]
    created: UtcTime
    modified: UtcTime


class ModelPage(Answer):
    """One page of the models list."""

    items: list[ModelSummary]
    next_token: str | None


class ModelContainer(Answer):
    """One container of a model."""

    hostname: str | None
    image: str | None
    model_data_url: str | None
    mode: str
    environment: dict[str, str]
    model_package: str | None


class Model(Answer):
    """A model's page.

    Attributes:
        execution: Serial (one container after the other) or Direct (each on request).
    """

    name: str
    arn: str
    created: UtcTime
    role_arn: str | None
    network_isolation: bool
    execution: str
    containers: list[ModelContainer]


class ModelUsers(Answer):
    """What uses a model now, by name; deleting the model would harm it."""

    names: list[str]


class DeployModel(Request):
    """Makes an endpoint for a model that is there."""

    endpoint_name: str
    instance_type: str = "ml.m5.large"
    instance_count: int = 1
    variant_name: str = "AllTraffic"
    tags: list[Tag] = []
