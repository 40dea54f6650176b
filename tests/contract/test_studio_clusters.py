"""The Cluster button: clusters of an AWS account (moto), and the cell that connects to one."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from botocore.stub import Stubber
from pydantic import ValidationError

from smstudio_ext.studio.clusters import connecting_cell, list_clusters
from smstudio_ext.studio.models.clusters import AttachCluster
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.target import Target

ROLE = "arn:aws:iam::123456789012:role/emr"


def _cluster(target: Target, *applications: str, **more: Any) -> str:
    made = target.client("emr").run_job_flow(
        Name=f"team-{secrets.token_hex(3)}",
        ReleaseLabel="emr-7.2.0",
        Applications=[{"Name": each} for each in applications],
        Instances={
            "MasterInstanceType": "m5.xlarge",
            "InstanceCount": 1,
            "KeepJobFlowAliveWhenNoSteps": True,
        },
        JobFlowRole="EMR_EC2_DefaultRole",
        ServiceRole="EMR_DefaultRole",
        VisibleToAllUsers=True,
        **more,
    )
    return str(made["JobFlowId"])


def test_clusters_and_serverless_applications_of_the_account_are_listed(moto_target: Target) -> None:
    cluster = _cluster(moto_target, "Spark", "Livy")
    ended = _cluster(moto_target, "Spark")
    moto_target.client("emr").terminate_job_flows(JobFlowIds=[ended])
    serverless = moto_target.client("emr-serverless").create_application(
        name="nightly", releaseLabel="emr-7.2.0", type="SPARK", clientToken=secrets.token_hex(8)
    )["applicationId"]
    found = list_clusters(moto_target)
    kinds = {each.id: (each.kind, each.ready) for each in found.items}
    assert kinds[cluster] == ("emr", True)
    assert kinds[serverless] == ("emr-serverless", True)
    assert ended not in kinds
    assert (found.offered, found.region, found.note) == (True, moto_target.region, None)


def test_the_cell_is_what_the_magic_of_studio_takes(moto_target: Target) -> None:
    cluster = _cluster(moto_target, "Spark", "Livy")
    cell = connecting_cell(moto_target, AttachCluster(kind="emr", id=cluster, auth_type="Basic_Access"))
    assert cell.source == (
        "%load_ext sagemaker_studio_analytics_extension.magics\n"
        f"%sm_analytics emr connect --cluster-id {cluster} --auth-type Basic_Access --language python"
    )
    assert cell.warning is None
    serverless = AttachCluster(
        kind="emr-serverless", id="00f5abc", language="scala", execution_role_arn=ROLE, install=True
    )
    assert connecting_cell(moto_target, serverless).source.splitlines() == [
        "%pip install -q sagemaker-studio-analytics-extension",
        "%load_ext sagemaker_studio_analytics_extension.magics",
        f"%sm_analytics emr-serverless connect --application-id 00f5abc --language scala --emr-execution-role-arn {ROLE}",
    ]


def test_cells_that_cannot_work_are_not_written(moto_target: Target) -> None:
    without = _cluster(moto_target, "Spark")
    with pytest.raises(BadInput, match=r"has no Livy, through which notebooks connect. It has: spark\."):
        connecting_cell(moto_target, AttachCluster(kind="emr", id=without))
    livy = _cluster(moto_target, "Livy")
    said = connecting_cell(moto_target, AttachCluster(kind="emr", id=livy, auth_type="Kerberos")).warning
    assert said is not None
    assert "has no Kerberos" in said
    with pytest.raises(BadInput, match="needs the role"):
        connecting_cell(moto_target, AttachCluster(kind="emr-serverless", id="00f5abc"))
    for wrong in ({"id": "j-1\nprint()"}, {"id": "j-1", "execution_role_arn": f"{ROLE}\n%system rm"}):
        with pytest.raises(ValidationError):
            AttachCluster.model_validate({"kind": "emr", **wrong})


def test_one_refused_list_leaves_the_other(moto_target: Target) -> None:
    cluster = _cluster(moto_target, "Livy")
    client = moto_target.client("emr-serverless")
    with Stubber(client) as stub:
        stub.add_client_error("list_applications", "AccessDeniedException", "not authorized to list", 403)
        found = list_clusters(moto_target)
    assert cluster in [each.id for each in found.items]
    assert found.note is not None
    assert "not authorized to list" in found.note
