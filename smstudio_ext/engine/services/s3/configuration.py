"""Subresources of buckets: kept and given back. None of them changes what this engine does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from xml.etree.ElementTree import Element

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.protocol.http import HttpResponse
from smstudio_ext.engine.protocol.payload import read_verified
from smstudio_ext.engine.services.s3.acl import acl_answer, check_acl_body
from smstudio_ext.engine.services.s3.headers import check_acl
from smstudio_ext.engine.services.s3.objects import XML_LIMIT
from smstudio_ext.engine.services.s3.request import Handler, S3Request, not_offered
from smstudio_ext.engine.services.s3.tagging import read_tags
from smstudio_ext.engine.services.s3.xml import NAMESPACE, MalformedXML, answer, parse

_MAX_POLICY = 20 * 1024


@dataclass(frozen=True)
class Subresource:
    """One kind of configuration.

    Attributes:
        root: root element of its document.
        missing: code and message of the error when none was put; None when there is a default.
        default: what a bucket has that was never told otherwise (AWS's own defaults).
        check: refuses a document that S3 would refuse.
        put_status, delete_status: of a successful call; a delete_status of 0: there is no such call.
    """

    root: str
    missing: tuple[str, str] | None = None
    default: str = ""
    check: Callable[[Element], None] | None = None
    put_status: int = 200
    delete_status: int = 204


def _check_versioning(root: Element) -> None:
    if root.findtext("Status", "") == "Enabled":
        raise not_offered("Versioning of buckets")
    if root.findtext("MfaDelete", "") == "Enabled":
        raise not_offered("MFA delete")


def _wants(*names: str) -> Callable[[Element], None]:
    """A document must have at least one of these children."""

    def check(root: Element) -> None:
        if all(root.find(name) is None for name in names):
            raise MalformedXML

    return check


SUBRESOURCES: dict[str, Subresource] = {
    "cors": Subresource(
        "CORSConfiguration",
        ("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
        check=_wants("CORSRule"),
    ),
    "lifecycle": Subresource(
        "LifecycleConfiguration",
        ("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
        check=_wants("Rule"),
    ),
    "encryption": Subresource(
        "ServerSideEncryptionConfiguration",
        default="<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>"
        "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule>",
        check=_wants("Rule"),
    ),
    "versioning": Subresource(
        "VersioningConfiguration", default=" ", check=_check_versioning, delete_status=0
    ),
    "publicAccessBlock": Subresource(
        "PublicAccessBlockConfiguration",
        ("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"),
        default="<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>"
        "<BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>",
    ),
    "ownershipControls": Subresource(
        "OwnershipControls",
        ("OwnershipControlsNotFoundError", "The bucket ownership controls were not found"),
        default="<Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>",
        check=_wants("Rule"),
    ),
    "website": Subresource(
        "WebsiteConfiguration",
        ("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
    ),
    "logging": Subresource("BucketLoggingStatus", default=" ", delete_status=0),
    "notification": Subresource("NotificationConfiguration", default=" ", delete_status=0),
    "requestPayment": Subresource(
        "RequestPaymentConfiguration", default="<Payer>BucketOwner</Payer>", delete_status=0
    ),
    "accelerate": Subresource("AccelerateConfiguration", default=" ", delete_status=0),
    "tagging": Subresource("Tagging", ("NoSuchTagSet", "The TagSet does not exist"), put_status=204),
}

_READ_ONLY_MISSING = {
    "replication": (
        "ReplicationConfigurationNotFoundError",
        "The replication configuration was not found",
    ),
    "object-lock": (
        "ObjectLockConfigurationNotFoundError",
        "Object Lock configuration does not exist for this bucket",
    ),
}

_REMOVED = ""


def handler(method: str, subresource: str) -> Handler | None:
    """The handler of `method ?subresource` of a bucket, if it is one of these."""
    special = _SPECIAL.get((method, subresource))
    if special is not None:
        return special
    if method == "GET" and subresource in _READ_ONLY_MISSING:
        return partial(_missing, subresource)
    kind = SUBRESOURCES.get(subresource)
    if kind is None:
        return None
    if method == "GET":
        return partial(_get, subresource, kind)
    if method == "PUT":
        return partial(_put, subresource, kind)
    if method == "DELETE" and kind.delete_status:
        return partial(_delete, subresource, kind)
    return None


async def _get(subresource: str, kind: Subresource, request: S3Request) -> HttpResponse:
    bucket = request.objects.require_bucket(request.bucket)
    body = bucket.configuration.get(subresource)
    if body is None and kind.default:
        body = f'<{kind.root} xmlns="{NAMESPACE}">{kind.default.strip()}</{kind.root}>'
    if not body:
        code, message = kind.missing or ("NoSuchConfiguration", "The specified configuration does not exist.")
        raise AwsError(message, code=code, status=404, BucketName=request.bucket)
    return HttpResponse(200, [("content-type", "application/xml")], body.encode())


async def _put(subresource: str, kind: Subresource, request: S3Request) -> HttpResponse:
    body = await read_verified(request.http, XML_LIMIT)
    root = parse(body, kind.root)
    if subresource == "tagging":
        read_tags(body)
    if kind.check is not None:
        kind.check(root)
    await _configure(request, subresource, _text(body))
    return HttpResponse(kind.put_status)


async def _delete(subresource: str, kind: Subresource, request: S3Request) -> HttpResponse:
    # where there is a default, an empty text remembers that it was taken away
    removed = _REMOVED if kind.default and kind.missing else None
    await _configure(request, subresource, removed)
    return HttpResponse(kind.delete_status)


async def _missing(subresource: str, request: S3Request) -> HttpResponse:
    request.objects.require_bucket(request.bucket)
    code, message = _READ_ONLY_MISSING[subresource]
    raise AwsError(message, code=code, status=404, BucketName=request.bucket)


async def _get_policy(request: S3Request) -> HttpResponse:
    policy = request.objects.require_bucket(request.bucket).configuration.get("policy")
    if not policy:
        raise AwsError(
            "The bucket policy does not exist",
            code="NoSuchBucketPolicy",
            status=404,
            BucketName=request.bucket,
        )
    return HttpResponse(200, [("content-type", "application/json")], policy.encode())


async def _put_policy(request: S3Request) -> HttpResponse:
    body = await read_verified(request.http, XML_LIMIT)
    if len(body) > _MAX_POLICY:
        raise AwsError("Policy exceeds the maximum allowed document size.", code="PolicyTooLarge", status=400)
    try:
        policy = json.loads(body)
    except ValueError:
        policy = None
    if not isinstance(policy, dict) or "Statement" not in policy:
        raise AwsError(
            "Policies must be valid JSON and the first byte must be '{'"
            if not isinstance(policy, dict)
            else "Missing required field Statement",
            code="MalformedPolicy",
            status=400,
        )
    await _configure(request, "policy", _text(body))
    return HttpResponse(204)


async def _delete_policy(request: S3Request) -> HttpResponse:
    await _configure(request, "policy", None)
    return HttpResponse(204)


async def _get_policy_status(request: S3Request) -> HttpResponse:
    await _get_policy(request)
    return answer("PolicyStatus", [("IsPublic", False)])


async def _get_acl(request: S3Request) -> HttpResponse:
    request.objects.require_bucket(request.bucket)
    return acl_answer(request)


async def _put_acl(request: S3Request) -> HttpResponse:
    body = await read_verified(request.http, XML_LIMIT)
    request.objects.require_bucket(request.bucket)
    check_acl(request)
    check_acl_body(request, body)
    return HttpResponse(200)


async def _configure(request: S3Request, subresource: str, body: str | None) -> None:
    await request.run(partial(request.objects.configure_bucket, request.bucket, subresource, body))


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedXML from None


_SPECIAL: dict[tuple[str, str], Handler] = {
    ("GET", "policy"): _get_policy,
    ("PUT", "policy"): _put_policy,
    ("DELETE", "policy"): _delete_policy,
    ("GET", "policyStatus"): _get_policy_status,
    ("GET", "acl"): _get_acl,
    ("PUT", "acl"): _put_acl,
}
