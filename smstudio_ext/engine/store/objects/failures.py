"""S3's errors, with S3's codes, statuses and messages."""

from __future__ import annotations

from smstudio_ext.engine.errors import AwsError


class NoSuchBucket(AwsError):
    """There is no bucket of that name."""

    code = "NoSuchBucket"
    status = 404

    def __init__(self, bucket: str) -> None:
        super().__init__("The specified bucket does not exist", BucketName=bucket)


class NoSuchKey(AwsError):
    """There is no object of that key."""

    code = "NoSuchKey"
    status = 404

    def __init__(self, key: str) -> None:
        super().__init__("The specified key does not exist.", Key=key)


class NoSuchUpload(AwsError):
    """There is no multipart upload of that id (any more)."""

    code = "NoSuchUpload"
    status = 404

    def __init__(self, upload_id: str) -> None:
        super().__init__(
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
            "aborted or completed.",
            UploadId=upload_id,
        )


class BucketAlreadyOwnedByYou(AwsError):
    """A bucket of that name exists; every bucket here is the caller's."""

    code = "BucketAlreadyOwnedByYou"
    status = 409

    def __init__(self, bucket: str) -> None:
        super().__init__(
            "Your previous request to create the named bucket succeeded and you already own it.",
            BucketName=bucket,
        )


class BucketNotEmpty(AwsError):
    """Only empty buckets can be deleted."""

    code = "BucketNotEmpty"
    status = 409

    def __init__(self, bucket: str) -> None:
        super().__init__("The bucket you tried to delete is not empty", BucketName=bucket)


class InvalidBucketName(AwsError):
    """The name breaks S3's naming rules."""

    code = "InvalidBucketName"
    status = 400

    def __init__(self, bucket: str) -> None:
        super().__init__("The specified bucket is not valid.", BucketName=bucket)


class KeyTooLong(AwsError):
    """Keys have at most 1024 bytes of UTF-8."""

    code = "KeyTooLongError"
    status = 400

    def __init__(self, size: int) -> None:
        super().__init__("Your key is too long", Size=str(size), MaxSizeAllowed="1024")


class PreconditionFailed(AwsError):
    """A condition of the request does not hold."""

    code = "PreconditionFailed"
    status = 412

    def __init__(self, condition: str) -> None:
        super().__init__("At least one of the pre-conditions you specified did not hold", Condition=condition)


class InvalidPart(AwsError):
    """A part named in CompleteMultipartUpload was not uploaded, or has another ETag."""

    code = "InvalidPart"
    status = 400

    def __init__(self, upload_id: str, number: int, etag: str) -> None:
        super().__init__(
            "One or more of the specified parts could not be found.  The part may not have been uploaded, or "
            "the specified entity tag may not match the part's entity tag.",
            UploadId=upload_id,
            PartNumber=str(number),
            ETag=etag,
        )


class InvalidPartOrder(AwsError):
    """Parts of CompleteMultipartUpload must ascend."""

    code = "InvalidPartOrder"
    status = 400

    def __init__(self, upload_id: str) -> None:
        super().__init__(
            "The list of parts was not in ascending order. Parts must be ordered by part number.",
            UploadId=upload_id,
        )


class EntityTooSmall(AwsError):
    """Every part but the last has at least 5 MiB."""

    code = "EntityTooSmall"
    status = 400

    def __init__(self, number: int, size: int, etag: str) -> None:
        super().__init__(
            "Your proposed upload is smaller than the minimum allowed size",
            ProposedSize=str(size),
            MinSizeAllowed=str(5 * 1024 * 1024),
            PartNumber=str(number),
            ETag=etag,
        )


class EntityTooLarge(AwsError):
    """Larger than S3 allows for one object or part."""

    code = "EntityTooLarge"
    status = 400

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(
            "Your proposed upload exceeds the maximum allowed size",
            ProposedSize=str(size),
            MaxSizeAllowed=str(limit),
        )


class StorageFull(AwsError):
    """The disk under the data directory is full (507 is not retried by the SDKs, so it shows at once)."""

    code = "InsufficientStorage"
    status = 507

    def __init__(self, place: str) -> None:
        super().__init__(
            f"There is not enough free space in {place}: nothing was stored. Free some space, or start the "
            "engine with another --data directory."
        )


class BadDigest(AwsError):
    """The body is not what its checksum says."""

    code = "BadDigest"
    status = 400

    def __init__(self, algorithm: str, sent: str, computed: str) -> None:
        name = "Content-MD5" if algorithm == "MD5" else algorithm
        super().__init__(
            f"The {name} you specified did not match the calculated checksum.",
            ExpectedDigest=sent,
            CalculatedDigest=computed,
        )
