"""The table of S3's operations: which method, parameters and headers mean which handler."""

from __future__ import annotations

from collections.abc import Iterable

from smstudio_ext.engine.services.s3 import (
    attributes,
    buckets,
    configuration,
    copying,
    listing,
    objects,
    tagging,
    uploads,
)
from smstudio_ext.engine.services.s3.request import Handler, S3Request, method_not_allowed, not_offered

_BUCKET: dict[tuple[str, str], Handler] = {
    ("GET", "location"): buckets.get_bucket_location,
    ("GET", "versions"): listing.list_object_versions,
    ("GET", "uploads"): uploads.list_multipart_uploads,
    ("POST", "delete"): objects.delete_objects,
    ("PUT", ""): buckets.create_bucket,
    ("HEAD", ""): buckets.head_bucket,
    ("DELETE", ""): buckets.delete_bucket,
    ("GET", ""): listing.list_objects,
}

_OBJECT: dict[tuple[str, str], Handler] = {
    ("PUT", ""): objects.put_object,
    ("GET", ""): objects.get_object,
    ("HEAD", ""): objects.head_object,
    ("DELETE", ""): objects.delete_object,
    ("GET", "attributes"): attributes.get_object_attributes,
    ("GET", "acl"): attributes.get_object_acl,
    ("PUT", "acl"): attributes.put_object_acl,
    ("GET", "tagging"): tagging.get_object_tagging,
    ("PUT", "tagging"): tagging.put_object_tagging,
    ("DELETE", "tagging"): tagging.delete_object_tagging,
    ("POST", "uploads"): uploads.create_multipart_upload,
    ("PUT", "uploadId"): uploads.upload_part,
    ("GET", "uploadId"): uploads.list_parts,
    ("POST", "uploadId"): uploads.complete_multipart_upload,
    ("DELETE", "uploadId"): uploads.abort_multipart_upload,
}

_COPIES: dict[str, Handler] = {"": copying.copy_object, "uploadId": copying.upload_part_copy}

# parameters that name a subresource; any other parameter only refines an operation
_SUBRESOURCES = frozenset(
    "abac accelerate acl analytics annotation attributes cors delete encryption intelligent-tiering inventory legal-hold "
    "lifecycle location logging metadataAnnotationTable metadataConfiguration metadataInventoryTable "
    "metadataJournalTable metadataTable metrics notification object-lock ownershipControls policy policyStatus "
    "publicAccessBlock renameObject replication requestPayment restore retention select session tagging torrent "
    "uploadId uploads versioning versions website".split()
)


def find_operation(request: S3Request) -> Handler:
    """The handler of a request.

    Raises:
        AwsError: NotImplemented or MethodNotAllowed.
    """
    method = request.http.method
    if not request.bucket:
        if method == "GET":
            return buckets.list_buckets
        raise method_not_allowed(request)
    named = [name for name in request.query if name in _SUBRESOURCES]
    subresource = named[0] if named else ""
    if request.key:
        found = _object_operation(request, method, subresource)
    elif method == "GET" and not subresource and request.query.get("list-type") == "2":
        found = listing.list_objects_v2
    else:
        found = _BUCKET.get((method, subresource)) or configuration.handler(method, subresource)
    if found is not None:
        return found
    if method == "POST" and not subresource:
        raise not_offered("POST Object (uploads from browser forms)")
    if subresource:
        raise not_offered(f"{method} ?{subresource} of {'objects' if request.key else 'buckets'}")
    raise method_not_allowed(request)


def offers(method: str, subresource: str, *, of_object: bool, copies: bool = False) -> bool:
    """Says whether there is a handler, for the coverage table."""
    if copies:
        return subresource in _COPIES
    if of_object:
        return (method, subresource) in _OBJECT
    return (method, subresource) in _BUCKET or configuration.handler(method, subresource) is not None


def subresource_of(names: Iterable[str]) -> str:
    """The parameter among `names` that names a subresource, or ""."""
    return next((name for name in names if name in _SUBRESOURCES), "")


def _object_operation(request: S3Request, method: str, subresource: str) -> Handler | None:
    if method == "PUT" and request.header("x-amz-copy-source") is not None and subresource in _COPIES:
        return _COPIES[subresource]
    return _OBJECT.get((method, subresource))
