"""S3 on the wire, through unmodified boto3 against a real engine."""

from __future__ import annotations

import datetime
import hashlib
import os
import threading
import urllib.error
import urllib.request
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.contract.s3_stand import MIB, bucket, refused, s3

if TYPE_CHECKING:
    from tests.conftest import RunningEngine


__all__ = ["bucket", "s3"]  # fixtures


# Buckets


def test_buckets_are_listed_in_pages_and_by_prefix(s3: Any) -> None:
    stem = f"page-{uuid.uuid4().hex[:8]}"
    names = [f"{stem}-{n}" for n in range(5)]
    for name in names:
        s3.create_bucket(Bucket=name)
    try:
        pages = list(s3.get_paginator("list_buckets").paginate(Prefix=stem, PaginationConfig={"PageSize": 2}))
        assert [len(page["Buckets"]) for page in pages] == [2, 2, 1]
        assert [item["Name"] for page in pages for item in page["Buckets"]] == names
        assert pages[0]["Buckets"][0]["BucketRegion"] == "us-east-1"
        assert set(names) <= {item["Name"] for item in s3.list_buckets()["Buckets"]}
    finally:
        for name in names:
            s3.delete_bucket(Bucket=name)


def test_own_bucket_again_is_fine_in_us_east_1_only(engine: RunningEngine, s3: Any, bucket: str) -> None:
    assert s3.create_bucket(Bucket=bucket)["Location"] == f"/{bucket}"
    west = engine.client("s3", "us-west-2")
    name = f"west-{uuid.uuid4().hex[:8]}"
    where = {"LocationConstraint": "us-west-2"}
    west.create_bucket(Bucket=name, CreateBucketConfiguration=where)
    try:
        refused(
            west.create_bucket, "BucketAlreadyOwnedByYou", 409, Bucket=name, CreateBucketConfiguration=where
        )
        assert west.get_bucket_location(Bucket=name)["LocationConstraint"] == "us-west-2"
        assert west.head_bucket(Bucket=name)["BucketRegion"] == "us-west-2"
        assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    finally:
        west.delete_bucket(Bucket=name)


@pytest.mark.parametrize(
    ("region", "constraint", "code"),
    [
        ("us-west-2", None, "IllegalLocationConstraintException"),
        ("us-west-2", "eu-central-1", "IllegalLocationConstraintException"),
        ("us-east-1", "us-east-1", "InvalidLocationConstraint"),
        ("us-east-1", "nowhere", "InvalidLocationConstraint"),
    ],
)
def test_location_rules(engine: RunningEngine, region: str, constraint: str | None, code: str) -> None:
    arguments: dict[str, Any] = {"Bucket": f"loc-{uuid.uuid4().hex[:8]}"}
    if constraint:
        arguments["CreateBucketConfiguration"] = {"LocationConstraint": constraint}
    refused(engine.client("s3", region).create_bucket, code, 400, **arguments)


@pytest.mark.parametrize(
    "name", ["ab", "Upper-case", "a..b", "192.168.1.1", "under_score", "-dash", "xn--a", "a" * 64]
)
def test_bucket_names_follow_the_rules(s3: Any, name: str) -> None:
    assert refused(s3.create_bucket, "InvalidBucketName", 400, Bucket=name)["Error"]["BucketName"] == name


def test_bucket_that_is_not_empty_stays(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    refused(s3.delete_bucket, "BucketNotEmpty", 409, Bucket=bucket)


def test_missing_bucket(s3: Any) -> None:
    for call in (s3.list_objects_v2, s3.delete_bucket, s3.get_bucket_tagging, s3.list_multipart_uploads):
        refused(call, "NoSuchBucket", 404, Bucket="not-there-at-all")
    refused(s3.head_bucket, "404", 404, Bucket="not-there-at-all")
    refused(s3.put_object, "NoSuchBucket", 404, Bucket="not-there-at-all", Key="k", Body=b"x")
    refused(s3.get_object, "NoSuchBucket", 404, Bucket="not-there-at-all", Key="k")


def test_expected_bucket_owner(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ExpectedBucketOwner="000000000000")
    refused(s3.get_object, "AccessDenied", 403, Bucket=bucket, Key="k", ExpectedBucketOwner="111111111111")
    refused(s3.head_bucket, "403", 403, Bucket=bucket, ExpectedBucketOwner="111111111111")


# Objects


def test_object_round_trip(s3: Any, bucket: str) -> None:
    expires = datetime.datetime(2031, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
    put = s3.put_object(
        Bucket=bucket,
        Key="a/b.csv",
        Body=b"1,2\n",
        ContentType="text/csv",
        ContentEncoding="identity",
        ContentDisposition="attachment",
        ContentLanguage="de",
        CacheControl="no-store",
        Expires=expires,
        Metadata={"Mixed-Case": "Value", "two": "x y"},
        StorageClass="STANDARD_IA",
        Tagging="a=1&b=two%20words",
    )
    assert put["ETag"] == f'"{hashlib.md5(b"1,2" + bytes([10])).hexdigest()}"'
    got = s3.get_object(Bucket=bucket, Key="a/b.csv")
    head = s3.head_object(Bucket=bucket, Key="a/b.csv")
    assert got["Body"].read() == b"1,2\n"
    for answer in (got, head):
        assert answer["ContentLength"] == 4
        assert answer["ContentType"] == "text/csv"
        assert answer["ContentEncoding"] == "identity"
        assert answer["ContentDisposition"] == "attachment"
        assert answer["ContentLanguage"] == "de"
        assert answer["CacheControl"] == "no-store"
        assert answer["ExpiresString"] == "Thu, 02 Jan 2031 03:04:05 GMT"
        assert answer["Metadata"] == {"mixed-case": "Value", "two": "x y"}
        assert answer["StorageClass"] == "STANDARD_IA"
        assert answer["TagCount"] == 2
        assert answer["AcceptRanges"] == "bytes"
        assert answer["ETag"] == put["ETag"]
    assert "VersionId" not in got


def test_default_content_type_and_empty_object(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="empty")
    got = s3.get_object(Bucket=bucket, Key="empty")
    assert (got["ContentType"], got["ContentLength"], got["Body"].read()) == ("binary/octet-stream", 0, b"")
    refused(s3.get_object, "InvalidRange", 416, Bucket=bucket, Key="empty", Range="bytes=0-")


@pytest.mark.parametrize(
    "key",
    [
        "../../x",
        "./a/../b",
        "/absolute/path",
        "//double//slash//",
        "fp",
        "fp/x",
        "dir/",
        "日本語/ключ/é\u0301.txt",
        "\U0001f600",
        "sp ace+plus&amp;?query#frag%41",
        "con\ttrol\n",
        "nul\x00in",
        "a" * 1024,
        "..",
        ".",
        "quote'\"<tag>",
        "~-_.!*()",
    ],
)
def test_any_key_comes_back_as_it_was(s3: Any, bucket: str, key: str) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    s3.delete_object(Bucket=bucket, Key=key)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_hostile_keys_stay_inside_the_data_directory(engine: RunningEngine, s3: Any, bucket: str) -> None:
    before = {path.name for path in engine.data_dir.parent.iterdir()}
    for key in ("../../../escaped", "/etc/escaped", "..\\..\\escaped"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    assert {path.name for path in engine.data_dir.parent.iterdir()} == before
    assert not list(engine.data_dir.rglob("*escaped*"))


def test_key_too_long(s3: Any, bucket: str) -> None:
    refused(s3.put_object, "KeyTooLongError", 400, Bucket=bucket, Key="é" * 513, Body=b"")


@pytest.mark.parametrize(
    ("asked", "expected", "content_range"),
    [
        ("bytes=0-0", b"0", "bytes 0-0/10"),
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-99", b"0123456789", "bytes 0-9/10"),
        ("bytes=5-99", b"56789", "bytes 5-9/10"),
    ],
)
def test_ranges(s3: Any, bucket: str, asked: str, expected: bytes, content_range: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    got = s3.get_object(Bucket=bucket, Key="k", Range=asked, ChecksumMode="ENABLED")
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert (got["Body"].read(), got["ContentRange"]) == (expected, content_range)
    assert "ChecksumCRC32" not in got
    assert s3.head_object(Bucket=bucket, Key="k", Range=asked)["ContentLength"] == len(expected)


def test_ranges_that_cannot_be_and_that_are_ignored(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    error = refused(s3.get_object, "InvalidRange", 416, Bucket=bucket, Key="k", Range="bytes=10-")
    assert error["Error"]["ActualObjectSize"] == "10"
    for asked in ("bytes=0-1,3-4", "lines=0-1", "bytes=4-2"):
        got = s3.get_object(Bucket=bucket, Key="k", Range=asked)
        assert (got["ResponseMetadata"]["HTTPStatusCode"], got["Body"].read()) == (200, b"0123456789")


def test_conditions_on_reads(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    modified = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    hour = datetime.timedelta(hours=1)
    here = {"Bucket": bucket, "Key": "k"}
    assert s3.get_object(**here, IfMatch=etag)["Body"].read() == b"x"
    assert s3.get_object(**here, IfUnmodifiedSince=modified)["Body"].read() == b"x"
    assert s3.get_object(**here, IfModifiedSince=modified - hour)["Body"].read() == b"x"
    assert s3.get_object(**here, IfNoneMatch='"other"')["Body"].read() == b"x"
    # If-Match wins over If-Unmodified-Since
    assert s3.get_object(**here, IfMatch=etag, IfUnmodifiedSince=modified - hour)["Body"].read() == b"x"
    refused(s3.get_object, "PreconditionFailed", 412, **here, IfMatch='"other"')
    refused(s3.get_object, "PreconditionFailed", 412, **here, IfUnmodifiedSince=modified - hour)
    refused(s3.get_object, "304", 304, **here, IfNoneMatch=etag)
    refused(s3.get_object, "304", 304, **here, IfModifiedSince=modified)
    refused(s3.head_object, "304", 304, **here, IfNoneMatch=etag)
    refused(s3.head_object, "412", 412, **here, IfMatch='"other"')


def test_conditions_on_writes(s3: Any, bucket: str) -> None:
    here = {"Bucket": bucket, "Key": "k"}
    refused(s3.put_object, "NoSuchKey", 404, **here, Body=b"0", IfMatch='"x"')
    etag = s3.put_object(**here, Body=b"1", IfNoneMatch="*")["ETag"]
    refused(s3.put_object, "PreconditionFailed", 412, **here, Body=b"2", IfNoneMatch="*")
    refused(s3.put_object, "PreconditionFailed", 412, **here, Body=b"2", IfMatch='"x"')
    refused(s3.put_object, "NotImplemented", 501, **here, Body=b"2", IfNoneMatch=etag)
    s3.put_object(**here, Body=b"3", IfMatch=etag)
    assert s3.get_object(**here)["Body"].read() == b"3"
    refused(s3.delete_object, "PreconditionFailed", 412, **here, IfMatch=etag)
    s3.delete_object(**here, IfMatch="*")
    refused(s3.get_object, "NoSuchKey", 404, **here)


def test_one_of_many_conditional_writers_wins(engine: RunningEngine, bucket: str) -> None:
    client = engine.client("s3", config=Config(max_pool_connections=8))
    outcomes: list[str] = []

    def write(n: int) -> None:
        try:
            client.put_object(Bucket=bucket, Key="lock", Body=str(n).encode(), IfNoneMatch="*")
            outcomes.append("won")
        except ClientError as error:
            outcomes.append(error.response["Error"]["Code"])

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["PreconditionFailed"] * 7 + ["won"]


def test_reader_of_an_overwritten_object_finishes(s3: Any, bucket: str) -> None:
    first, second = os.urandom(24 * MIB), os.urandom(MIB)
    s3.put_object(Bucket=bucket, Key="k", Body=first)
    body = s3.get_object(Bucket=bucket, Key="k")["Body"]
    start = body.read(1000)
    s3.put_object(Bucket=bucket, Key="k", Body=second)
    assert start + body.read() == first
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == second


def test_deleting_what_is_not_there_is_fine(s3: Any, bucket: str) -> None:
    assert s3.delete_object(Bucket=bucket, Key="never")["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_batch_delete(s3: Any, bucket: str) -> None:
    for n in range(3):
        s3.put_object(Bucket=bucket, Key=f"k{n}", Body=b"")
    wanted = [{"Key": "k0"}, {"Key": "k1"}, {"Key": "never"}]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": wanted})
    assert answer["Deleted"] == wanted
    quiet = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k2"}], "Quiet": True})
    assert "Deleted" not in quiet
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    many = [{"Key": str(n)} for n in range(1001)]
    refused(s3.delete_objects, "MalformedXML", 400, Bucket=bucket, Delete={"Objects": many})


# Listings


def put_many(engine: RunningEngine, bucket: str, keys: list[str]) -> None:
    client = engine.client("s3", config=Config(max_pool_connections=8))

    def put(chosen: list[str]) -> None:
        for key in chosen:
            client.put_object(Bucket=bucket, Key=key, Body=b"")

    threads = [threading.Thread(target=put, args=(keys[n::8],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_listing_is_paged_in_byte_order(engine: RunningEngine, s3: Any, bucket: str) -> None:
    keys = ["B", "a", "a-b", "a/b", "ab", "z", "é", "ￜ", "\U0001f600", "~", "a/", "a//b"]
    put_many(engine, bucket, keys)
    ordered = sorted(keys, key=lambda key: key.encode())
    for size in (1, 2, 5, 1000):
        for operation in ("list_objects_v2", "list_objects"):
            pages = s3.get_paginator(operation).paginate(Bucket=bucket, PaginationConfig={"PageSize": size})
            assert [item["Key"] for page in pages for item in page.get("Contents", [])] == ordered


def test_listing_with_delimiter_in_pages_of_any_size(engine: RunningEngine, s3: Any, bucket: str) -> None:
    keys = [f"{a}/{b}" for a in "abc" for b in range(90)] + ["a", "b-1", "c", "d/e/f", "d/e/g"]
    put_many(engine, bucket, keys)
    for size in (1, 2, 3, 1000):
        for operation in ("list_objects_v2", "list_objects"):
            pages = list(
                s3.get_paginator(operation).paginate(
                    Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": size}
                )
            )
            assert [item["Key"] for page in pages for item in page.get("Contents", [])] == ["a", "b-1", "c"]
            prefixes = [item["Prefix"] for page in pages for item in page.get("CommonPrefixes", [])]
            assert prefixes == ["a/", "b/", "c/", "d/"]
    below = s3.list_objects_v2(Bucket=bucket, Prefix="d/", Delimiter="/")
    assert (below["KeyCount"], below["CommonPrefixes"]) == (1, [{"Prefix": "d/e/"}])


def test_listing_parameters(engine: RunningEngine, s3: Any, bucket: str) -> None:
    put_many(engine, bucket, ["a", "b", "c d&e"])
    page = s3.list_objects_v2(Bucket=bucket, StartAfter="a", FetchOwner=True)
    assert [item["Key"] for item in page["Contents"]] == ["b", "c d&e"]
    assert page["Contents"][0]["Owner"]["ID"]
    assert "Owner" not in s3.list_objects_v2(Bucket=bucket)["Contents"][0]
    none = s3.list_objects_v2(Bucket=bucket, MaxKeys=0)
    assert (none["KeyCount"], none["IsTruncated"]) == (0, False)
    assert s3.list_objects_v2(Bucket=bucket, MaxKeys=5000)["MaxKeys"] == 1000
    refused(s3.list_objects_v2, "InvalidArgument", 400, Bucket=bucket, MaxKeys=-1)
    refused(s3.list_objects_v2, "InvalidArgument", 400, Bucket=bucket, ContinuationToken="???")
    assert s3.list_objects(Bucket=bucket, EncodingType="url")["Contents"][2]["Key"] == "c+d%26e"
    versions = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert (versions[0]["Key"], versions[0]["VersionId"], versions[0]["IsLatest"]) == ("a", "null", True)


# Presigned URLs, addressing, signatures


@pytest.mark.parametrize("version", ["s3", "s3v4"])
@pytest.mark.parametrize("style", ["path", "virtual"])
def test_presigned_urls(engine: RunningEngine, s3: Any, bucket: str, version: str, style: str) -> None:
    client = engine.client(
        "s3",
        endpoint_url=engine.url.replace("127.0.0.1", "localhost"),
        config=Config(signature_version=version, s3={"addressing_style": style}),
    )
    here = {"Bucket": bucket, "Key": "a b+c/é.txt"}
    put = client.generate_presigned_url("put_object", Params=here, ExpiresIn=60)
    urllib.request.urlopen(
        urllib.request.Request(reach(put), b"data", method="PUT", headers=virtual_host(put))
    )
    get = client.generate_presigned_url(
        "get_object",
        Params={
            **here,
            "ResponseContentType": "text/plain",
            "ResponseContentDisposition": 'attachment; filename="x"',
        },
    )
    with urllib.request.urlopen(urllib.request.Request(reach(get), headers=virtual_host(get))) as answer:
        assert answer.read() == b"data"
        assert answer.headers["content-type"] == "text/plain"
        assert answer.headers["content-disposition"] == 'attachment; filename="x"'
    for broken in (get.replace("a%20b", "a%20c"), get[:-1] + ("0" if get[-1] != "0" else "1")):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(urllib.request.Request(reach(broken), headers=virtual_host(broken)))
        assert caught.value.code == 403


def reach(url: str) -> str:
    """The same URL by address: `bucket.localhost` does not resolve everywhere."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://127.0.0.1:{host.rpartition(':')[2]}{slash}{path}"


def virtual_host(url: str) -> dict[str, str]:
    return {"Host": url.partition("://")[2].partition("/")[0], "Content-Type": ""}


def test_wrong_secret_is_refused(engine: RunningEngine, bucket: str) -> None:
    wrong = engine.client("s3", aws_secret_access_key="wrong")
    refused(wrong.list_objects_v2, "SignatureDoesNotMatch", 403, Bucket=bucket)
    url = wrong.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(url)
    assert caught.value.code == 403
