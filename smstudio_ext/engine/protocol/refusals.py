"""Signature problems in the words, codes and statuses of each wire."""

from __future__ import annotations

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.protocol.sigv4 import SignatureProblem


def worded(problem: SignatureProblem, protocol: str) -> AwsError:
    """The error that AWS answers on a wire for a signature problem."""
    if protocol == "rest-xml":
        return _worded_s3(problem)
    query = protocol in ("query", "ec2")
    status = 400 if protocol == "json" else 403
    suffix = "" if query else "Exception"
    if problem.kind == "missing":
        return AwsError(
            "Missing Authentication Token", code=f"MissingAuthenticationToken{suffix}", status=status
        )
    if problem.kind == "incomplete":
        return AwsError(problem.message, code=f"IncompleteSignature{suffix}", status=400)
    if problem.kind in ("unknown-key", "token"):
        code = "InvalidClientTokenId" if query else "UnrecognizedClientException"
        return AwsError("The security token included in the request is invalid.", code=code, status=status)
    if problem.kind == "token-expired":
        code = "ExpiredToken" if query else "ExpiredTokenException"
        return AwsError("The security token included in the request is expired", code=code, status=status)
    code = "SignatureDoesNotMatch" if query else "InvalidSignatureException"
    if problem.kind == "skew":
        return AwsError(problem.message, code=code, status=status)
    if problem.kind == "expired":
        return AwsError("Signature expired.", code=code, status=status)
    return AwsError(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
        "and signing method. Consult the service documentation for details.",
        code=code,
        status=status,
    )


def _worded_s3(problem: SignatureProblem) -> AwsError:
    code, message, status = {
        "missing": ("AccessDenied", "Access Denied", 403),
        "incomplete": ("AuthorizationHeaderMalformed", problem.message, 400),
        "unknown-key": (
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
            403,
        ),
        "token": ("InvalidToken", "The provided token is malformed or otherwise invalid.", 400),
        "token-expired": ("ExpiredToken", "The provided token has expired.", 400),
        "skew": (
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
            403,
        ),
        "expired": ("AccessDenied", "Request has expired", 403),
    }.get(
        problem.kind,
        (
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
            403,
        ),
    )
    return AwsError(message, code=code, status=status)
