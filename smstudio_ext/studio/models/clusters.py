"""Models of the clusters that a notebook can attach to."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, Request, UtcTime

ClusterKind = Literal["emr", "emr-serverless"]


class Cluster(Answer):
    """A cluster, or a serverless application.

    Attributes:
        id: `j-...` of a cluster, the application's id of a serverless one.
        status: AWS's own word.
        ready: whether a notebook can attach to it now; a serverless application starts by itself.
    """

    kind: ClusterKind
    id: str
    name: str
    status: str
    ready: bool
    created: UtcTime | None


class Clusters(Answer):
    """Clusters of the target's account and region.

    Attributes:
        offered: false where the target has no clusters at all.
        note: what is offered instead, or what could not be listed.
    """

    items: list[Cluster]
    offered: bool
    region: str | None
    note: str | None


class AttachCluster(Request):
    """What the cell connects to, and how.

    Attributes:
        auth_type: what the cluster's Livy asks for; not for serverless applications.
        execution_role_arn: role of the jobs; serverless applications need one.
        install: whether the cell installs the extension first.
    """

    kind: ClusterKind
    id: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9-]+$")
    auth_type: Literal["None", "Basic_Access", "Kerberos"] = "None"
    language: Literal["python", "scala"] = "python"
    execution_role_arn: str | None = Field(
        default=None, max_length=2048, pattern=r"^arn:aws[a-z\-]*:iam::\d{12}:role/[a-zA-Z0-9+=,.@_/-]+$"
    )
    install: bool = False


class ClusterCell(Answer):
    """A notebook's cell.

    Attributes:
        source: its text.
        warning: why it may not work as it is.
    """

    source: str
    warning: str | None
