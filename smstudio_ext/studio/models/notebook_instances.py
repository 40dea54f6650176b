"""Models of the notebook instances' pages: list, page, form, lifecycle configurations."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, PageQuery, Request, SortOrder, Tag, UtcTime
from smstudio_ext.studio.models.options import InstanceTypeOption, TextLimit

NotebookStatus = Literal[
    "Pending",
    "InService",
    "Stopping",
    "Stopped",
    "Failed",
    "Deleting",
    "Updating",
    "PendingMaintenance",
    "InMaintenance",
]
RoleBuckets = Literal["any", "specific", "none"]


class ListNotebookInstances(PageQuery):
    """Query of the list of notebook instances."""

    search: str | None = Field(default=None, max_length=63)
    status: NotebookStatus | None = None
    created_after: UtcTime | None = None
    created_before: UtcTime | None = None
    sort_by: Literal["Name", "CreationTime", "Status"] = "CreationTime"
    sort_order: SortOrder = "Descending"


class NotebookInstanceSummary(Answer):
    """One row of the list of notebook instances."""

    name: str
    arn: str
    status: NotebookStatus
    instance_type: str
    lifecycle_config: str | None
    created: UtcTime
    modified: UtcTime


class NotebookInstancePage(Answer):
    """One page of the list of notebook instances."""

    items: list[NotebookInstanceSummary]
    next_token: str | None


class NotebookInstanceForm(Request):
    """The forms "Create notebook instance" and "Edit notebook instance".

    Attributes:
        role_arn: of an existing role; empty with `new_role`.
        new_role: make a role first that SageMaker may take, with the policy AmazonSageMakerFullAccess.
        role_buckets: S3 buckets that the new role may reach besides those with `sagemaker` in their names.
        bucket_names: those of `specific`.
        allowed_ips: addresses and networks that may open the instance, separated by blanks; local engine only.
    """

    name: str = ""
    instance_type: str = "ml.t3.medium"
    platform: str | None = None
    accelerator: str | None = None
    volume_gb: int = 5
    lifecycle_config: str | None = None
    minimum_imds: Literal["1", "2"] | None = None
    role_arn: str | None = None
    new_role: bool = False
    role_buckets: RoleBuckets = "none"
    bucket_names: list[str] = []
    root_access: bool = True
    kms_key: str | None = None
    subnet_id: str | None = None
    security_groups: list[str] = []
    direct_internet: bool = True
    default_repository: str | None = None
    additional_repositories: list[str] = []
    allowed_ips: str | None = None
    tags: list[Tag] = []


class NotebookInstance(Answer):
    """A notebook instance's page.

    Attributes:
        status_text: the status in a sentence.
        allowed_ips: networks that may open it; none for all. On AWS a condition of IAM says it.
        ip_policy: IAM policy that lets only these addresses in, for AWS.
    """

    name: str
    arn: str
    status: NotebookStatus
    status_text: str
    failure_reason: str | None
    created: UtcTime
    modified: UtcTime
    url: str | None
    instance_type: str
    platform: str | None
    volume_gb: int
    lifecycle_config: str | None
    role_arn: str
    root_access: bool
    kms_key: str | None
    subnet_id: str | None
    security_groups: list[str]
    network_interface: str | None
    direct_internet: bool
    minimum_imds: str | None
    accelerators: list[str]
    default_repository: str | None
    additional_repositories: list[str]
    allowed_ips: list[str]
    ip_policy: str
    tags: list[Tag]
    can_open: bool
    can_start: bool
    can_stop: bool
    can_edit: bool
    can_delete: bool
    log_group: str


class NotebookOptions(Answer):
    """What the form offers on a target.

    Attributes:
        without_meaning: fields that are kept but change nothing on this machine.
    """

    local: bool
    instance_types: list[InstanceTypeOption]
    platforms: list[str]
    accelerators: list[str]
    lifecycle_configs: list[str]
    repositories: list[str]
    role_arn: str | None
    name: TextLimit
    min_volume_gb: int
    max_volume_gb: int
    max_additional_repositories: int
    without_meaning: list[str]


class CreatedNotebookInstance(Answer):
    """A notebook instance was created."""

    name: str
    arn: str
    role_arn: str


class OpenNotebookInstance(Request):
    """How to open an instance: Jupyter or JupyterLab; how long the browser stays signed in, seconds."""

    view: Literal["tree", "lab"] = "lab"
    session_seconds: int | None = Field(default=None, ge=1800, le=43200)


class NotebookInstanceLink(Answer):
    """A link that opens the instance once within five minutes."""

    url: str


class ListNotebookLifecycleConfigs(PageQuery):
    """Query of the list of lifecycle configurations."""

    search: str | None = Field(default=None, max_length=63)
    status: None = None
    created_after: UtcTime | None = None
    created_before: UtcTime | None = None
    sort_by: Literal["Name", "CreationTime"] = "CreationTime"
    sort_order: SortOrder = "Descending"


class NotebookLifecycleConfigSummary(Answer):
    """One row of the list of lifecycle configurations; they have no states."""

    name: str
    arn: str
    status: Literal[""] = ""
    created: UtcTime
    modified: UtcTime


class NotebookLifecycleConfigPage(Answer):
    """One page of the list of lifecycle configurations."""

    items: list[NotebookLifecycleConfigSummary]
    next_token: str | None


class NotebookLifecycleConfigForm(Request):
    """A lifecycle configuration with its scripts as text."""

    name: str = ""
    on_create: str = ""
    on_start: str = ""


class NotebookLifecycleConfig(Answer):
    """A lifecycle configuration.

    Attributes:
        used_by: notebook instances that run it.
    """

    name: str
    arn: str
    created: UtcTime
    modified: UtcTime
    on_create: str
    on_start: str
    used_by: list[str]
