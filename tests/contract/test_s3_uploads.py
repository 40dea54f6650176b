"""S3 of the engine through boto3: checksums, multipart uploads, copies, tags and subresources."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

from tests.contract.s3_stand import MIB, bucket, refused, s3

if TYPE_CHECKING:
    from tests.conftest import RunningEngine


__all__ = ["bucket", "s3"]  # fixtures


# Checksums and signatures of bodies


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_checksums_are_verified_kept_and_echoed(s3: Any, bucket: str, algorithm: str) -> None:
    from smstudio_ext.engine.store.objects.digests import digest_of

    member = f"Checksum{algorithm}"
    value = digest_of([b"payload"], [algorithm]).value(algorithm)
    here = {"Bucket": bucket, "Key": algorithm}
    put = s3.put_object(**here, Body=b"payload", **{member: value})
    assert (put[member], put["ChecksumType"]) == (value, "FULL_OBJECT")
    assert s3.head_object(**here, ChecksumMode="ENABLED")[member] == value
    plain = s3.meta.client if hasattr(s3.meta, "client") else s3
    assert plain.get_object(**here)["Body"].read() == b"payload"
    wrong = digest_of([b"other"], [algorithm]).value(algorithm)
    refused(s3.put_object, "BadDigest", 400, **here, Body=b"payload", **{member: wrong})
    refused(s3.put_object, "InvalidRequest", 400, **here, Body=b"payload", **{member: "abc"})
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"][0]
    assert (listed["ChecksumAlgorithm"], listed["ChecksumType"]) == ([algorithm], "FULL_OBJECT")


def test_content_md5(s3: Any, bucket: str) -> None:
    here = {"Bucket": bucket, "Key": "k", "Body": b"hello"}
    s3.put_object(**here, ContentMD5="XUFAKrxLKna5cZ2REBfFkg==")
    refused(s3.put_object, "BadDigest", 400, **here, ContentMD5="XUFAKrxLKna5cZ2REBfFkA==")
    refused(s3.put_object, "InvalidDigest", 400, **here, ContentMD5="nonsense")


@pytest.mark.parametrize("signed", [True, False])
def test_signed_and_unsigned_payloads(engine: RunningEngine, bucket: str, signed: bool) -> None:
    client = engine.client("s3", config=Config(s3={"payload_signing_enabled": signed}))
    data = os.urandom(3 * MIB + 17)
    client.put_object(Bucket=bucket, Key="k", Body=data)
    assert client.get_object(Bucket=bucket, Key="k")["Body"].read() == data


# Multipart


def test_multipart_upload(s3: Any, bucket: str) -> None:
    parts = [os.urandom(5 * MIB), os.urandom(5 * MIB + 1), b"end"]
    here = {"Bucket": bucket, "Key": "big"}
    upload = s3.create_multipart_upload(**here, Metadata={"a": "b"}, ContentType="x/y")["UploadId"]
    done = []
    for number in (3, 1, 2):
        answer = s3.upload_part(**here, UploadId=upload, PartNumber=number, Body=parts[number - 1])
        done.append({"PartNumber": number, "ETag": answer["ETag"]})
    done.sort(key=lambda part: part["PartNumber"])
    listed = s3.list_parts(**here, UploadId=upload, MaxParts=2)
    assert ([part["PartNumber"] for part in listed["Parts"]], listed["IsTruncated"]) == ([1, 2], True)
    assert listed["NextPartNumberMarker"] == 2
    assert [item["Key"] for item in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == ["big"]
    refused(s3.head_object, "404", 404, **here)

    order = {"Parts": done[::-1]}
    refused(
        s3.complete_multipart_upload, "InvalidPartOrder", 400, **here, UploadId=upload, MultipartUpload=order
    )
    other = {"Parts": [{"PartNumber": 9, "ETag": done[0]["ETag"]}]}
    refused(s3.complete_multipart_upload, "InvalidPart", 400, **here, UploadId=upload, MultipartUpload=other)

    first = s3.complete_multipart_upload(**here, UploadId=upload, MultipartUpload={"Parts": done})
    again = s3.complete_multipart_upload(**here, UploadId=upload, MultipartUpload={"Parts": done})
    digest = hashlib.md5(b"".join(hashlib.md5(part).digest() for part in parts)).hexdigest()
    assert first["ETag"] == again["ETag"] == f'"{digest}-3"'
    got = s3.get_object(**here)
    assert got["Body"].read() == b"".join(parts)
    assert (got["Metadata"], got["ContentType"]) == ({"a": "b"}, "x/y")
    second = s3.get_object(**here, PartNumber=2)
    assert (second["Body"].read(), second["PartsCount"]) == (parts[1], 3)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    refused(s3.abort_multipart_upload, "NoSuchUpload", 404, **here, UploadId=upload)


def test_multipart_errors(s3: Any, bucket: str) -> None:
    here = {"Bucket": bucket, "Key": "big"}
    upload = s3.create_multipart_upload(**here)["UploadId"]
    parts = [
        {
            "PartNumber": n,
            "ETag": s3.upload_part(**here, UploadId=upload, PartNumber=n, Body=b"small")["ETag"],
        }
        for n in (1, 2)
    ]
    error = refused(
        s3.complete_multipart_upload,
        "EntityTooSmall",
        400,
        **here,
        UploadId=upload,
        MultipartUpload={"Parts": parts},
    )
    assert error["Error"]["MinSizeAllowed"] == "5242880"
    refused(s3.upload_part, "InvalidArgument", 400, **here, UploadId=upload, PartNumber=10_001, Body=b"")
    refused(s3.upload_part, "NoSuchUpload", 404, **here, UploadId="nope", PartNumber=1, Body=b"")
    s3.abort_multipart_upload(**here, UploadId=upload)
    refused(s3.list_parts, "NoSuchUpload", 404, **here, UploadId=upload)


@pytest.mark.parametrize(
    ("algorithm", "kind"),
    [("CRC32", "FULL_OBJECT"), ("CRC32", "COMPOSITE"), ("CRC64NVME", "FULL_OBJECT"), ("SHA256", "COMPOSITE")],
)
def test_multipart_checksums(s3: Any, bucket: str, algorithm: str, kind: str) -> None:
    from smstudio_ext.engine.store.objects.digests import composite_checksum, digest_of

    parts = [os.urandom(5 * MIB), b"end"]
    here = {"Bucket": bucket, "Key": "big"}
    member = f"Checksum{algorithm}"
    upload = s3.create_multipart_upload(**here, ChecksumAlgorithm=algorithm, ChecksumType=kind)["UploadId"]
    done = []
    for number, part in enumerate(parts, start=1):
        value = digest_of([part], [algorithm]).value(algorithm)
        answer = s3.upload_part(**here, UploadId=upload, PartNumber=number, Body=part, **{member: value})
        assert answer[member] == value
        done.append({"PartNumber": number, "ETag": answer["ETag"], member: value})
    if kind == "FULL_OBJECT":
        expected = digest_of(parts, [algorithm]).value(algorithm)
    else:
        expected = composite_checksum(algorithm, [part[member] for part in done])
    arguments = {**here, "UploadId": upload, "MultipartUpload": {"Parts": done}}
    if kind == "FULL_OBJECT":
        wrong = digest_of([b"no"], [algorithm]).value(algorithm)
        refused(
            s3.complete_multipart_upload, "BadDigest", 400, **arguments, **{member: wrong}, ChecksumType=kind
        )
    answer = s3.complete_multipart_upload(**arguments)
    assert (answer[member], answer["ChecksumType"]) == (expected, kind)
    assert s3.get_object(**here)["Body"].read() == b"".join(parts)
    facts = s3.get_object_attributes(
        **here, ObjectAttributes=["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]
    )
    assert facts["ETag"] == answer["ETag"].strip('"')
    assert facts["Checksum"][member] == expected
    assert (facts["ObjectSize"], facts["StorageClass"]) == (5 * MIB + 3, "STANDARD")
    assert facts["ObjectParts"]["TotalPartsCount"] == 2
    assert [part["Size"] for part in facts["ObjectParts"]["Parts"]] == [5 * MIB, 3]


def test_transfer_manager(s3: Any, bucket: str, tmp_path: Any) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(21 * MIB))
    s3.upload_file(str(source), bucket, "file", ExtraArgs={"Metadata": {"a": "b"}})
    s3.download_file(bucket, "file", str(target))
    assert target.read_bytes() == source.read_bytes()
    s3.copy({"Bucket": bucket, "Key": "file"}, bucket, "copy")
    head = s3.head_object(Bucket=bucket, Key="copy")
    assert (head["ContentLength"], head["Metadata"]) == (21 * MIB, {"a": "b"})
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == source.read_bytes()


# Copies, tags, subresources


def test_copy_object(s3: Any, bucket: str) -> None:
    s3.put_object(
        Bucket=bucket, Key="a b/é", Body=b"data", ContentType="x/y", Metadata={"m": "1"}, Tagging="t=1"
    )
    source = {"Bucket": bucket, "Key": "a b/é"}
    answer = s3.copy_object(Bucket=bucket, Key="copy", CopySource=source)["CopyObjectResult"]
    assert answer["ETag"] == s3.head_object(**source)["ETag"]
    head = s3.head_object(Bucket=bucket, Key="copy")
    assert (head["Metadata"], head["ContentType"], head["TagCount"]) == ({"m": "1"}, "x/y", 1)
    s3.copy_object(
        Bucket=bucket,
        Key="copy",
        CopySource=source,
        MetadataDirective="REPLACE",
        Metadata={"n": "2"},
        TaggingDirective="REPLACE",
        Tagging="",
    )
    head = s3.head_object(Bucket=bucket, Key="copy")
    assert (head["Metadata"], head["ContentType"]) == ({"n": "2"}, "binary/octet-stream")
    assert "TagCount" not in head
    refused(s3.copy_object, "InvalidRequest", 400, **source, CopySource=source)
    s3.copy_object(**source, CopySource=source, MetadataDirective="REPLACE", Metadata={"self": "yes"})
    assert s3.head_object(**source)["Metadata"] == {"self": "yes"}
    refused(
        s3.copy_object, "NoSuchKey", 404, Bucket=bucket, Key="x", CopySource={"Bucket": bucket, "Key": "no"}
    )
    refused(
        s3.copy_object,
        "PreconditionFailed",
        412,
        Bucket=bucket,
        Key="x",
        CopySource=source,
        CopySourceIfNoneMatch=answer["ETag"],
    )
    s3.delete_object(**source)
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"data"


def test_upload_part_copy(s3: Any, bucket: str) -> None:
    data = os.urandom(6 * MIB)
    s3.put_object(Bucket=bucket, Key="source", Body=data)
    here = {"Bucket": bucket, "Key": "target"}
    upload = s3.create_multipart_upload(**here)["UploadId"]
    etags = []
    for number, span in enumerate(("bytes=0-5242879", "bytes=5242880-6291455"), start=1):
        answer = s3.upload_part_copy(
            **here, UploadId=upload, PartNumber=number, CopySource=f"{bucket}/source", CopySourceRange=span
        )
        etags.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
    refused(
        s3.upload_part_copy,
        "InvalidArgument",
        400,
        **here,
        UploadId=upload,
        PartNumber=3,
        CopySource=f"{bucket}/source",
        CopySourceRange="bytes=0-99999999",
    )
    s3.complete_multipart_upload(**here, UploadId=upload, MultipartUpload={"Parts": etags})
    assert s3.get_object(**here)["Body"].read() == data


def test_tags(s3: Any, bucket: str) -> None:
    here = {"Bucket": bucket, "Key": "k"}
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]
    refused(s3.put_object_tagging, "NoSuchKey", 404, **here, Tagging={"TagSet": tags})
    s3.put_object(**here, Body=b"")
    s3.put_object_tagging(**here, Tagging={"TagSet": tags})
    assert s3.get_object_tagging(**here)["TagSet"] == tags
    many = [{"Key": str(n), "Value": ""} for n in range(11)]
    refused(s3.put_object_tagging, "BadRequest", 400, **here, Tagging={"TagSet": many})
    refused(s3.put_object_tagging, "InvalidTag", 400, **here, Tagging={"TagSet": [tags[0], tags[0]]})
    s3.delete_object_tagging(**here)
    assert s3.get_object_tagging(**here)["TagSet"] == []
    refused(s3.get_bucket_tagging, "NoSuchTagSet", 404, Bucket=bucket)
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
    s3.delete_bucket_tagging(Bucket=bucket)
    refused(s3.get_bucket_tagging, "NoSuchTagSet", 404, Bucket=bucket)


def test_subresources_are_kept(s3: Any, bucket: str) -> None:
    rules = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}]
    refused(s3.get_bucket_cors, "NoSuchCORSConfiguration", 404, Bucket=bucket)
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == rules
    s3.delete_bucket_cors(Bucket=bucket)
    refused(s3.get_bucket_cors, "NoSuchCORSConfiguration", 404, Bucket=bucket)

    refused(s3.get_bucket_policy, "NoSuchBucketPolicy", 404, Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy='{"Version":"2012-10-17","Statement":[]}')
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == '{"Version":"2012-10-17","Statement":[]}'
    refused(s3.put_bucket_policy, "MalformedPolicy", 400, Bucket=bucket, Policy="no")

    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert encryption[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    access = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert access["BlockPublicAcls"] is True
    s3.delete_public_access_block(Bucket=bucket)
    refused(s3.get_public_access_block, "NoSuchPublicAccessBlockConfiguration", 404, Bucket=bucket)
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": False})
    ownership = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}]

    lifecycle = [{"ID": "x", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": lifecycle})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == lifecycle

    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    refused(
        s3.put_bucket_versioning,
        "NotImplemented",
        501,
        Bucket=bucket,
        VersioningConfiguration={"Status": "Enabled"},
    )
    assert s3.get_bucket_acl(Bucket=bucket)["Grants"][0]["Permission"] == "FULL_CONTROL"
    refused(s3.put_bucket_acl, "AccessControlListNotSupported", 400, Bucket=bucket, ACL="public-read")
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    s3.get_bucket_notification_configuration(Bucket=bucket)
    refused(s3.get_bucket_replication, "ReplicationConfigurationNotFoundError", 404, Bucket=bucket)
    refused(s3.list_bucket_inventory_configurations, "NotImplemented", 501, Bucket=bucket)


def test_parts_of_s3_that_are_not_offered_say_so(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    here = {"Bucket": bucket, "Key": "k"}
    refused(
        s3.put_object,
        "NotImplemented",
        501,
        **here,
        Body=b"",
        SSECustomerKey="0" * 32,
        SSECustomerAlgorithm="AES256",
    )
    refused(s3.get_object_legal_hold, "NotImplemented", 501, **here)
    refused(s3.restore_object, "NotImplemented", 501, **here, RestoreRequest={"Days": 1})
    refused(s3.get_object, "InvalidArgument", 400, **here, VersionId="other")
    assert s3.get_object(**here, VersionId="null")["Body"].read() == b"x"
