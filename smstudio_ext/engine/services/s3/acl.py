"""Access control lists: off, as in every bucket that AWS makes today (BucketOwnerEnforced)."""

from __future__ import annotations

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.protocol.http import HttpResponse
from smstudio_ext.engine.services.s3.listing import canonical_id
from smstudio_ext.engine.services.s3.request import S3Request
from smstudio_ext.engine.services.s3.xml import NAMESPACE, parse


def acl_answer(request: S3Request) -> HttpResponse:
    """The one list there is: full control of the owner."""
    owner = f"<ID>{canonical_id(request.call.account)}</ID><DisplayName>smstudio</DisplayName>"
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<AccessControlPolicy xmlns="{NAMESPACE}"><Owner>{owner}</Owner><AccessControlList><Grant>'
        '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">'
        f"{owner}</Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>"
    )
    return HttpResponse(200, [("content-type", "application/xml")], body.encode())


def check_acl_body(request: S3Request, body: bytes) -> None:
    """A list in a body may say no more than the owner's full control.

    Raises:
        AwsError: MalformedXML or AccessControlListNotSupported.
    """
    if not body.strip():
        return
    root = parse(body, "AccessControlPolicy")
    for grant in root.iterfind("AccessControlList/Grant"):
        grantee = grant.findtext("Grantee/ID", "")
        if grantee != canonical_id(request.call.account) or grant.findtext("Permission") != "FULL_CONTROL":
            raise AwsError("The bucket does not allow ACLs", code="AccessControlListNotSupported", status=400)
