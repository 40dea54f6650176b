"""ListBuckets, CreateBucket, HeadBucket, DeleteBucket, GetBucketLocation."""

from __future__ import annotations

import base64
import re
from functools import partial

from smstudio_ext.engine.arns import partition
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.protocol.http import HttpResponse
from smstudio_ext.engine.protocol.payload import read_verified
from smstudio_ext.engine.services.s3.headers import check_acl, xml_date
from smstudio_ext.engine.services.s3.listing import owner_members
from smstudio_ext.engine.services.s3.objects import XML_LIMIT
from smstudio_ext.engine.services.s3.request import S3Request, invalid_argument, not_offered, number
from smstudio_ext.engine.services.s3.xml import NAMESPACE, Value, answer, escaped, parse, text_of
from smstudio_ext.engine.settings import DEFAULT_REGION
from smstudio_ext.engine.store.objects import BucketAlreadyOwnedByYou, check_bucket_name

_MAX_BUCKETS = 10_000
_REGION = re.compile(r"[a-z]{2}(-[a-z]+){1,2}-\d{1,2}")


async def list_buckets(request: S3Request) -> HttpResponse:
    """All buckets; in pages when `max-buckets` is given."""
    limit = number(request, "max-buckets", _MAX_BUCKETS, 1, _MAX_BUCKETS)
    prefix = request.query.get("prefix", "")
    region = request.query.get("bucket-region")
    after = _read_token(request.query.get("continuation-token", ""))
    found = [
        bucket
        for bucket in request.objects.buckets()
        if bucket.name > after and bucket.name.startswith(prefix) and region in (None, "", bucket.region)
    ]
    shown = found[:limit]
    paged = "max-buckets" in request.query
    members: list[tuple[str, Value]] = [
        ("Owner", owner_members(request.call.account)),
        (
            "Buckets",
            [
                (
                    "Bucket",
                    [
                        ("Name", bucket.name),
                        ("CreationDate", xml_date(bucket.created)),
                        ("BucketRegion", bucket.region if paged or prefix or region else None),
                        ("BucketArn", f"arn:{partition(bucket.region)}:s3:::{bucket.name}"),
                    ],
                )
                for bucket in shown
            ],
        ),
        ("Prefix", prefix or None),
        ("ContinuationToken", _make_token(shown[-1].name) if len(found) > limit else None),
    ]
    return answer("ListAllMyBucketsResult", members)


async def create_bucket(request: S3Request) -> HttpResponse:
    """Makes a bucket in the region that the request says, by the rules of its endpoint."""
    check_bucket_name(request.bucket)
    check_acl(request)
    if (request.header("x-amz-bucket-object-lock-enabled") or "").lower() == "true":
        raise not_offered("Object lock")
    body = await read_verified(request.http, XML_LIMIT)
    region = _region_of(request, body)
    there = request.objects.bucket(request.bucket)
    # us-east-1 alone answers 200 to who makes his own bucket again
    again = there is not None and there.region == region == request.call.region == DEFAULT_REGION
    if not again:
        try:
            await request.run(partial(request.objects.create_bucket, request.bucket, region))
        except BucketAlreadyOwnedByYou:
            if not region == request.call.region == DEFAULT_REGION:
                raise
    arn = f"arn:{partition(region)}:s3:::{request.bucket}"
    return HttpResponse(200, [("location", f"/{request.bucket}"), ("x-amz-bucket-arn", arn)])


async def head_bucket(request: S3Request) -> HttpResponse:
    """Whether the bucket exists, and where."""
    bucket = request.objects.require_bucket(request.bucket)
    return HttpResponse(
        200,
        [
            ("x-amz-bucket-region", bucket.region),
            ("x-amz-access-point-alias", "false"),
            ("x-amz-bucket-arn", f"arn:{partition(bucket.region)}:s3:::{bucket.name}"),
            ("content-type", "application/xml"),
        ],
    )


async def delete_bucket(request: S3Request) -> HttpResponse:
    """Removes an empty bucket."""
    await request.run(partial(request.objects.delete_bucket, request.bucket))
    return HttpResponse(204)


async def get_bucket_location(request: S3Request) -> HttpResponse:
    """The region; empty for us-east-1."""
    region = request.objects.require_bucket(request.bucket).region
    text = "" if region == DEFAULT_REGION else escaped(region)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<LocationConstraint xmlns="{NAMESPACE}">{text}</LocationConstraint>'
    )
    return HttpResponse(200, [("content-type", "application/xml")], body.encode())


def _region_of(request: S3Request, body: bytes) -> str:
    here = request.call.region or DEFAULT_REGION
    constraint = ""
    if body.strip():
        root = parse(body, "CreateBucketConfiguration")
        constraint = text_of(root, "LocationConstraint", "").strip()
        if root.find("Location") is not None:
            raise not_offered("A directory bucket")
    if not constraint:
        if here == DEFAULT_REGION:
            return DEFAULT_REGION
        raise _illegal("unspecified")
    if constraint == "EU":
        constraint = "eu-west-1"
    if constraint == DEFAULT_REGION or not _REGION.fullmatch(constraint):
        if constraint == DEFAULT_REGION and here != DEFAULT_REGION:
            raise _illegal(constraint)
        raise AwsError(
            "The specified location-constraint is not valid",
            code="InvalidLocationConstraint",
            status=400,
            LocationConstraint=constraint,
        )
    if here not in (DEFAULT_REGION, constraint):
        raise _illegal(constraint)
    return constraint


def _illegal(constraint: str) -> AwsError:
    return AwsError(
        f"The {constraint} location constraint is incompatible for the region specific endpoint this request was "
        "sent to.",
        code="IllegalLocationConstraintException",
        status=400,
    )


def _make_token(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()


def _read_token(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode()
    except ValueError:
        raise invalid_argument(
            "continuation-token", token, "The continuation token provided is incorrect"
        ) from None
