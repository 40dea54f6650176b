"""Domains over boto3: list, page, create, change, delete."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from smstudio_ext.studio.buckets import ensure_bucket
from smstudio_ext.studio.domain_apps import app_rows, offered_app_types
from smstudio_ext.studio.models.base import Accepted
from smstudio_ext.studio.models.domains import (
    AppList,
    AttachedScript,
    CreateDomain,
    DeleteDomain,
    Domain,
    DomainFormOptions,
    DomainList,
    DomainMade,
    DomainSummary,
    ProfileRow,
    Sharing,
    SpaceRow,
    UpdateDomain,
)
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.target import Target

Document = dict[str, Any]

_CLOSED = (
    "AWS has closed Studio Classic: new customers cannot create its apps (JupyterServer and KernelGateway) any more. "
    "In their place AWS offers JupyterLab and Code Editor apps, one in each space."
)
_SETTINGS = {
    "JupyterServerAppSettings": "JupyterServer",
    "KernelGatewayAppSettings": "KernelGateway",
    "JupyterLabAppSettings": "JupyterLab",
    "CodeEditorAppSettings": "CodeEditor",
}


def list_domains(target: Target) -> DomainList:
    """All domains of the region, oldest first."""
    rows = pages(target, "list_domains", "Domains")
    items = [
        DomainSummary(
            id=row["DomainId"],
            name=row.get("DomainName") or row["DomainId"],
            status=row.get("Status", ""),
            created=row["CreationTime"],
            modified=row.get("LastModifiedTime") or row["CreationTime"],
        )
        for row in rows
    ]
    return DomainList(items=sorted(items, key=lambda item: item.created), notices=notices(target))


def pages(target: Target, operation: str, member: str, **request: Any) -> list[Document]:
    """All rows of a List operation, whether or not botocore knows how it is paged."""
    call = getattr(target.client("sagemaker"), operation)
    rows: list[Document] = []
    token: str | None = None
    while True:
        answer = call(**request, MaxResults=100, **({"NextToken": token} if token else {}))
        rows += answer.get(member, [])
        token = answer.get("NextToken")
        if not token:
            return rows


def optional_pages(target: Target, operation: str, member: str, **request: Any) -> list[Document]:
    """Like `pages`; nothing from a server that speaks AWS's protocol without this operation."""
    from botocore.exceptions import ClientError

    try:
        return pages(target, operation, member, **request)
    except ClientError as error:
        if target.kind == "aws" and _is_not_there(error):
            return []
        raise


def _is_not_there(error: Any) -> bool:
    """Whether a server lacks the operation: it says so, or answers with a page instead of an AWS error."""
    found = error.response.get("Error", {})
    code, message = str(found.get("Code", "")), str(found.get("Message", ""))
    page = code.isdigit() and message.lstrip().startswith("<")
    return page or code in ("UnknownOperationException", "NotImplemented")


def notices(target: Target) -> list[str]:
    """What a target does not do any more."""
    return [] if target.kind == "local" else [_CLOSED]


def describe_domain(target: Target, domain_id: str) -> Domain:
    """A domain's page with its user profiles and spaces."""
    found = target.client("sagemaker").describe_domain(DomainId=domain_id)
    settings = found.get("DefaultUserSettings") or {}
    return Domain(
        id=found["DomainId"],
        name=found["DomainName"],
        arn=found["DomainArn"],
        status=found["Status"],
        failure_reason=found.get("FailureReason"),
        auth_mode=found.get("AuthMode", "IAM"),
        execution_role=settings.get("ExecutionRole"),
        network=found.get("AppNetworkAccessType"),
        vpc_id=found.get("VpcId"),
        subnet_ids=found.get("SubnetIds") or [],
        security_group_ids=settings.get("SecurityGroups") or [],
        kms_key_id=found.get("KmsKeyId") or found.get("HomeEfsFileSystemKmsKeyId"),
        home=found.get("HomeEfsFileSystemId"),
        url=found.get("Url"),
        created=found["CreationTime"],
        modified=found.get("LastModifiedTime") or found["CreationTime"],
        sharing=_sharing(settings.get("SharingSettings") or {}),
        scripts=attached_scripts(settings),
        images=[custom["ImageName"] for custom in _part(settings, "KernelGateway").get("CustomImages") or ()],
        profiles=_profiles(target, domain_id),
        spaces=_spaces(target, domain_id),
        app_types=offered_app_types(target),
        notices=notices(target),
    )


def domain_apps(target: Target, domain_id: str) -> AppList:
    """The apps of a domain, newest first."""
    return AppList(
        items=app_rows(target, optional_pages(target, "list_apps", "Apps", DomainIdEquals=domain_id))
    )


def attached_scripts(settings: Document) -> list[AttachedScript]:
    """Scripts that settings attach, by type of app."""
    scripts = []
    for member, app_type in _SETTINGS.items():
        part = settings.get(member) or {}
        default = (part.get("DefaultResourceSpec") or {}).get("LifecycleConfigArn")
        scripts += [
            AttachedScript(name=arn.rsplit("/", 1)[1], arn=arn, app_type=app_type, default=arn == default)
            for arn in part.get("LifecycleConfigArns") or ()
        ]
    return scripts


def settings_member(app_type: str) -> str:
    """The member of settings that is about apps of a type."""
    return f"{app_type}AppSettings"


def form_options(target: Target) -> DomainFormOptions:
    """What the form of a new domain offers."""
    from smstudio_ext.notebooks.instance_types import studio_types

    now = datetime.now(timezone.utc)
    return DomainFormOptions(
        suggested_name=f"default-{now:%Y%m%dT%H%M%S}",
        execution_role=target.role_arn(),
        sharing_path=f"s3://{target.default_bucket()}/sharing",
        instance_types=[each.name for each in studio_types()],
    )


def create_domain(target: Target, form: CreateDomain) -> DomainMade:
    """Makes a domain, and a user profile in it.

    Raises:
        BadInput: there is no execution role, or no network where AWS needs one.
    """
    role = form.execution_role or target.role_arn()
    if not role:
        text = "AWS needs the ARN of an execution role here."
        raise BadInput(text, fields=[("execution_role", text)])
    settings: Document = {"ExecutionRole": role}
    if form.security_group_ids and not form.quick:
        settings["SecurityGroups"] = form.security_group_ids
    if form.quick or form.share_notebooks:
        settings["SharingSettings"] = _sharing_settings(
            target, Sharing(output_allowed=True) if form.quick else form.sharing
        )
    request: Document = {
        "DomainName": form.name,
        "AuthMode": "IAM" if form.quick else form.auth_mode,
        "DefaultUserSettings": settings,
        "DefaultSpaceSettings": {"ExecutionRole": role},
        "AppNetworkAccessType": "PublicInternetOnly" if form.quick else form.network,
        **_network(target, form),
    }
    if form.kms_key_id and not form.quick:
        request["KmsKeyId"] = form.kms_key_id
    if form.tags:
        request["Tags"] = [{"Key": tag.key, "Value": tag.value} for tag in form.tags]
    sagemaker = target.client("sagemaker")
    answer = sagemaker.create_domain(**request)
    domain_id = answer.get("DomainId") or answer["DomainArn"].rsplit("/", 1)[1]
    if (
        form.user_name and target.kind == "local"
    ):  # on AWS the domain is Pending for minutes and takes no users
        sagemaker.create_user_profile(DomainId=domain_id, UserProfileName=form.user_name)
    return DomainMade(id=domain_id, name=form.name)


def update_domain(target: Target, domain_id: str, form: UpdateDomain) -> Accepted:
    """Changes the default role and where shared notebooks are kept."""
    settings: Document = {}
    if form.execution_role:
        settings["ExecutionRole"] = form.execution_role
    if form.sharing is not None:
        settings["SharingSettings"] = _sharing_settings(target, form.sharing)
    if settings:
        target.client("sagemaker").update_domain(DomainId=domain_id, DefaultUserSettings=settings)
    return Accepted(name=domain_id)


def delete_domain(target: Target, domain_id: str, query: DeleteDomain) -> Accepted:
    """Takes a domain away; its user profiles and spaces must be gone."""
    policy = {"HomeEfsFileSystem": "Delete" if query.delete_home else "Retain"}
    target.client("sagemaker").delete_domain(DomainId=domain_id, RetentionPolicy=policy)
    return Accepted(name=domain_id)


def _part(settings: Document, app_type: str) -> Document:
    return settings.get(settings_member(app_type)) or {}


def _sharing(settings: Document) -> Sharing:
    return Sharing.model_construct(
        output_allowed=settings.get("NotebookOutputOption") == "Allowed",
        s3_output_path=settings.get("S3OutputPath"),
        kms_key_id=settings.get("S3KmsKeyId"),
    )


def _sharing_settings(target: Target, sharing: Sharing) -> Document:
    """SharingSettings with a place for the notebooks: the default bucket's, unless one is named."""
    path = sharing.s3_output_path
    bucket, _ = ensure_bucket(target, path.removeprefix("s3://").partition("/")[0] if path else None)
    settings = {
        "NotebookOutputOption": "Allowed" if sharing.output_allowed else "Disabled",
        "S3OutputPath": path or f"s3://{bucket}/sharing",
    }
    if sharing.kms_key_id:
        settings["S3KmsKeyId"] = sharing.kms_key_id
    return settings


def _network(target: Target, form: CreateDomain) -> Document:
    """VPC and subnets: those of the form; on AWS else the account's default VPC, as Quick start takes it."""
    given: Document = {}
    if form.vpc_id and not form.quick:
        given["VpcId"] = form.vpc_id
    if form.subnet_ids and not form.quick:
        given["SubnetIds"] = form.subnet_ids
    if target.kind == "local" or len(given) == 2:
        return given
    ec2 = target.client("ec2")
    vpcs = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    vpc = given.get("VpcId") or (vpcs[0]["VpcId"] if vpcs else None)
    if vpc is None:
        text = "This region has no default VPC: choose Standard setup and name a VPC and its subnets."
        raise BadInput(text, fields=[("vpc_id", text)])
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    return {"VpcId": vpc, "SubnetIds": given.get("SubnetIds") or [each["SubnetId"] for each in subnets][:16]}


def _profiles(target: Target, domain_id: str) -> list[ProfileRow]:
    rows = optional_pages(target, "list_user_profiles", "UserProfiles", DomainIdEquals=domain_id)
    return [
        ProfileRow(
            name=row["UserProfileName"],
            status=row["Status"],
            created=row["CreationTime"],
            modified=row.get("LastModifiedTime") or row["CreationTime"],
        )
        for row in rows
    ]


def _spaces(target: Target, domain_id: str) -> list[SpaceRow]:
    rows = optional_pages(target, "list_spaces", "Spaces", DomainIdEquals=domain_id)
    return [
        SpaceRow(
            name=row["SpaceName"],
            status=row["Status"],
            created=row["CreationTime"],
            modified=row.get("LastModifiedTime") or row["CreationTime"],
            sharing=(row.get("SpaceSharingSettingsSummary") or {}).get("SharingType"),
            owner=(row.get("OwnershipSettingsSummary") or {}).get("OwnerUserProfileName"),
            app_type=(row.get("SpaceSettingsSummary") or {}).get("AppType"),
        )
        for row in rows
    ]
