"""Objects (S3) on this disk: an index in the data base and one file a blob."""

from __future__ import annotations

from smstudio_ext.engine.store.objects.core import Condition, ObjectStore
from smstudio_ext.engine.store.objects.failures import (
    BadDigest,
    BucketAlreadyOwnedByYou,
    BucketNotEmpty,
    EntityTooLarge,
    EntityTooSmall,
    InvalidBucketName,
    InvalidPart,
    InvalidPartOrder,
    KeyTooLong,
    NoSuchBucket,
    NoSuchKey,
    NoSuchUpload,
    PreconditionFailed,
    StorageFull,
)
from smstudio_ext.engine.store.objects.locations import S3Location, check_bucket_name, check_key, parse_s3_uri
from smstudio_ext.engine.store.objects.multipart import CompletedPart
from smstudio_ext.engine.store.objects.records import (
    DEFAULT_CONTENT_TYPE,
    Attributes,
    BucketInfo,
    Checksum,
    ObjectInfo,
    PartInfo,
    PartSummary,
    UploadInfo,
)

__all__ = [
    "DEFAULT_CONTENT_TYPE",
    "Attributes",
    "BadDigest",
    "BucketAlreadyOwnedByYou",
    "BucketInfo",
    "BucketNotEmpty",
    "Checksum",
    "CompletedPart",
    "Condition",
    "EntityTooLarge",
    "EntityTooSmall",
    "InvalidBucketName",
    "InvalidPart",
    "InvalidPartOrder",
    "KeyTooLong",
    "NoSuchBucket",
    "NoSuchKey",
    "NoSuchUpload",
    "ObjectInfo",
    "ObjectStore",
    "PartInfo",
    "PartSummary",
    "PreconditionFailed",
    "S3Location",
    "StorageFull",
    "UploadInfo",
    "check_bucket_name",
    "check_key",
    "parse_s3_uri",
]
