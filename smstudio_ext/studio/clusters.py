"""The toolbar's Cluster button: EMR clusters of the account, and the cell that attaches a notebook to one."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from smstudio_ext.studio.models.clusters import AttachCluster, Cluster, ClusterCell, Clusters
from smstudio_ext.studio.problems import BadInput, NotOffered

if TYPE_CHECKING:
    from smstudio_ext.target import Target

EXTENSION = "sagemaker-studio-analytics-extension"
"""AWS's package with the magic `%sm_analytics`."""

_STATES = ["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING"]
_READY = ("RUNNING", "WAITING")
_PAGE = 50
"""Clusters of a kind that AWS lists in one call."""

_HERE = (
    "EMR clusters belong to an AWS account: choose the target AWS to see yours. On this machine the image SparkAnalytics has "
    "Apache Spark, with the kernels PySpark and Python 3: choose it in Change environment."
)


def list_clusters(target: Target) -> Clusters:
    """EMR clusters that run or start, and EMR Serverless applications; newest first.

    A list that the account does not give is left out, with its reason; when both are refused, the first refusal is raised.
    """
    if target.kind == "local":
        return Clusters(items=[], offered=False, region=None, note=_HERE)
    found: list[Cluster] = []
    refusals: list[Exception] = []
    for ask in (_clusters, _applications):
        refusal = _asked(ask, target, found)
        if refusal is not None:
            refusals.append(refusal)
    if len(refusals) == 2:
        raise refusals[0]
    found.sort(key=lambda each: each.created or datetime.min.replace(tzinfo=timezone.utc), reverse=True)
    notes = [f"Not listed: {each}" for each in refusals]
    if len(found) >= _PAGE:
        notes.append(f"Only the first {_PAGE} of a kind are shown.")
    return Clusters(items=found, offered=True, region=target.region, note=" ".join(notes) or None)


def connecting_cell(target: Target, form: AttachCluster) -> ClusterCell:
    """The cell's text; asks AWS whether the cluster can be attached to as the form says.

    Raises:
        BadInput: a serverless application needs a role; a cluster has no Livy to connect to.
        NotOffered: the target has no clusters.
    """
    if target.kind == "local":
        raise NotOffered(_HERE)
    words = ["%sm_analytics", form.kind, "connect"]
    warning = None
    if form.kind == "emr":
        warning = _look(target, form)
        words += ["--cluster-id", form.id, "--auth-type", form.auth_type]
    else:
        if not form.execution_role_arn:
            text = "EMR Serverless needs the role that its jobs run with."
            raise BadInput(text, fields=[("execution_role_arn", text)])
        words += ["--application-id", form.id]
    words += ["--language", form.language]
    if form.execution_role_arn:
        words += ["--emr-execution-role-arn", form.execution_role_arn]
    lines = [f"%pip install -q {EXTENSION}"] if form.install else []
    lines += ["%load_ext sagemaker_studio_analytics_extension.magics", " ".join(words)]
    return ClusterCell(source="\n".join(lines), warning=warning)


def _look(target: Target, form: AttachCluster) -> str | None:
    from botocore.exceptions import ClientError

    try:
        found = target.client("emr").describe_cluster(ClusterId=form.id)["Cluster"]
    except ClientError as error:
        if "AccessDenied" in error.response["Error"]["Code"]:
            return None  # the cell needs it, too, and says so better in the notebook
        raise
    names = {str(each.get("Name", "")).lower() for each in found.get("Applications") or ()}
    if "livy" not in names:
        text = f"The cluster {found['Name']} has no Livy, through which notebooks connect. It has: {', '.join(sorted(names)) or 'none'}."
        raise BadInput(text, fields=[("id", text)])
    kerberos = bool(found.get("KerberosAttributes"))
    if kerberos != (form.auth_type == "Kerberos"):
        return (
            f"The cluster {found['Name']} asks for Kerberos; the cell says {form.auth_type}."
            if kerberos
            else f"The cluster {found['Name']} has no Kerberos; the cell says Kerberos."
        )
    return None


def _asked(ask: Any, target: Target, found: list[Cluster]) -> Exception | None:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found += ask(target)
    except (ClientError, BotoCoreError) as error:
        return error
    return None


def _clusters(target: Target) -> list[Cluster]:
    answer = target.client("emr").list_clusters(ClusterStates=_STATES)
    return [
        Cluster(
            kind="emr",
            id=each["Id"],
            name=each["Name"],
            status=each["Status"]["State"],
            ready=each["Status"]["State"] in _READY,
            created=(each["Status"].get("Timeline") or {}).get("CreationDateTime"),
        )
        for each in answer["Clusters"]
    ]


def _applications(target: Target) -> list[Cluster]:
    answer = target.client("emr-serverless").list_applications(maxResults=_PAGE)
    return [
        Cluster(
            kind="emr-serverless",
            id=each["id"],
            name=each.get("name") or each["id"],
            status=each["state"],
            ready=each["state"] in ("CREATED", "STARTING", "STARTED", "STOPPED"),
            created=each.get("createdAt"),
        )
        for each in answer["applications"]
        if each["type"].lower() == "spark" and each["state"] != "TERMINATED"
    ]
