"""Troubles of AWS as the gate plays them: what AWS answers in each service's own words."""

from __future__ import annotations

from dataclasses import dataclass

from tests.contract.routes.gate import Reply, Request, error_reply

USER = "arn:aws:iam::123456789012:user/ada"
MOST_ATTEMPTS = 4
"""How often one call is tried at most (`total_max_attempts` of the target's clients)."""


@dataclass(frozen=True)
class Fault:
    """One trouble.

    Attributes:
        of_json, of_s3, of_query: status, code and message in the three forms of the wire.
        answer: status of our own answer; `codes` that it may have, `hint` a part of what it advises.
    """

    of_json: tuple[int, str, str]
    of_s3: tuple[int, str, str]
    of_query: tuple[int, str, str]
    answer: int
    hint: str

    def __call__(self, request: Request) -> Reply:
        """The answer to any request."""
        if request.action in ("s3:HeadBucket", "s3:HeadObject"):  # S3 answers a HEAD without a body
            return Reply(self.of_s3[0], b"")
        status, code, message = {"json": self.of_json, "xml": self.of_s3, "query": self.of_query}[
            request.wire
        ]
        return error_reply(request, status, code, message)


THROTTLED = Fault(
    (400, "ThrottlingException", "Rate exceeded"),
    (503, "SlowDown", "Please reduce your request rate."),
    (400, "Throttling", "Rate exceeded"),
    429,
    "few seconds",
)
EXPIRED = Fault(
    (400, "ExpiredTokenException", "The security token included in the request is expired"),
    (400, "ExpiredToken", "The provided token has expired."),
    (403, "ExpiredToken", "The security token included in the request is expired"),
    403,
    "",
)
BROKEN = Fault(
    (500, "InternalFailure", "The request processing has failed because of an unknown error."),
    (500, "InternalError", "We encountered an internal error. Please try again."),
    (500, "InternalFailure", "Internal failure"),
    503,
    "try again",
)
SKEWED = Fault(
    (
        400,
        "InvalidSignatureException",
        "Signature expired: 20261121T100000Z is now earlier than 20261121T101000Z",
    ),
    (
        403,
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
    ),
    (
        403,
        "SignatureDoesNotMatch",
        "Signature expired: 20261121T100000Z is now earlier than 20261121T101000Z",
    ),
    403,
    "clock",
)
REGION_NOT_OPEN = Fault(
    (400, "UnrecognizedClientException", "The security token included in the request is invalid."),
    (400, "InvalidToken", "The provided token is malformed or otherwise invalid."),
    (403, "InvalidClientTokenId", "The security token included in the request is invalid"),
    403,
    "region",
)
FAULTS = {
    "throttled": THROTTLED,
    "expired": EXPIRED,
    "broken": BROKEN,
    "skewed": SKEWED,
    "region not open": REGION_NOT_OPEN,
}

_IAM_NAMES = {
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:HeadObject": "s3:GetObject",
    "s3:DeleteObjects": "s3:DeleteObject",
}


def permission(action: str) -> str:
    """The name of the permission that an operation needs."""
    return _IAM_NAMES.get(action, action)


def denied(request: Request) -> Reply:
    """A refusal in AWS's words; a HEAD has no body, so S3 says nothing but 403."""
    message = (
        f"User: {USER} is not authorized to perform: {permission(request.action)} on resource: "
        f"arn:aws:{request.action.partition(':')[0]}:us-east-2:123456789012:thing/one because no identity-based "
        "policy allows the action"
    )
    if request.action in ("s3:HeadBucket", "s3:HeadObject"):
        return Reply(403, b"")
    if request.wire == "json":
        return error_reply(request, 400, "AccessDeniedException", message)
    return error_reply(request, 403, "AccessDenied", message)
