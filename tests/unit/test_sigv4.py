"""Signatures made by botocore hold; everything else is refused in the words of its wire."""

from __future__ import annotations

import hashlib
import time
from typing import Any

import pytest
from botocore.auth import HmacV1QueryAuth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from smstudio_ext.engine.protocol import refusals, sigv4
from smstudio_ext.engine.protocol.sigv4 import Secret, SignatureProblem
from tests.unit.door_stand import ACCESS_KEY, SECRET_KEY, http_request, sign

URL = "http://127.0.0.1:4566"


def secrets(access_key: str) -> Secret | None:
    return Secret(SECRET_KEY) if access_key == ACCESS_KEY else None


def check(
    method: str,
    url: str,
    headers: dict[str, str],
    body: bytes = b"",
    now: float | None = None,
    find: Any = secrets,
) -> str:
    request = http_request(method, url, headers, body)
    return sigv4.verify(
        request,
        sigv4.read_authorization(request),
        find,
        time.time() if now is None else now,
        lambda: hashlib.sha256(body).hexdigest(),
    )


def refusal(*arguments: Any, **options: Any) -> SignatureProblem:
    with pytest.raises(SignatureProblem) as caught:
        check(*arguments, **options)
    return caught.value


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/endpoints/a%20b/invocations",
        "/bucket/key%2Bplus",
        "/bucket//two",
        "/bucket/a/../b",
        "/b/%E3%81%82",
    ],
)
@pytest.mark.parametrize("service", ["sagemaker", "s3"])
def test_header_signature_of_botocore_holds(path: str, service: str) -> None:
    url = f"{URL}{path}?prefix=a%2Fb&list-type=2&empty="
    assert check("PUT", url, sign("PUT", url, {"X-Custom": "a  b"}, b"body", service), b"body")


def test_changed_body_is_refused() -> None:
    headers = sign("POST", URL + "/", {}, b"one", "sagemaker")
    assert refusal("POST", URL + "/", headers, b"two").kind == "mismatch"


def test_changed_query_is_refused() -> None:
    headers = sign("GET", URL + "/b?prefix=a", {}, b"", "s3")
    assert refusal("GET", URL + "/b?prefix=b", headers).kind == "mismatch"


def test_wrong_secret_is_refused() -> None:
    headers = sign("POST", URL + "/", {}, b"", "sagemaker", secret="other")
    assert refusal("POST", URL + "/", headers).kind == "mismatch"


def test_unknown_key_is_refused() -> None:
    headers = sign("POST", URL + "/", {}, b"", "sagemaker", access_key="AKIAOTHER")
    assert refusal("POST", URL + "/", headers).kind == "unknown-key"


@pytest.mark.parametrize("minutes", [-16, 16])
def test_clock_skew_is_refused(minutes: int) -> None:
    headers = sign("POST", URL + "/", {}, b"", "sagemaker")
    assert refusal("POST", URL + "/", headers, now=time.time() + minutes * 60).kind == "skew"


@pytest.mark.parametrize("minutes", [-14, 14])
def test_small_clock_skew_is_accepted(minutes: int) -> None:
    headers = sign("POST", URL + "/", {}, b"", "sagemaker")
    assert check("POST", URL + "/", headers, now=time.time() + minutes * 60)


def test_missing_and_broken_signatures_are_told_apart() -> None:
    assert refusal("GET", URL + "/", {}).kind == "missing"
    assert refusal("GET", URL + "/", {"Authorization": "Basic abc"}).kind == "incomplete"
    assert (
        refusal("GET", URL + "/", {"Authorization": "AWS4-HMAC-SHA256 Credential=a/b"}).kind == "incomplete"
    )


def test_temporary_credentials_need_their_token_and_their_time() -> None:
    headers = sign("POST", URL + "/", {}, b"", "sagemaker")
    session = Secret(SECRET_KEY, "token", time.time() + 60)
    assert refusal("POST", URL + "/", headers, find=lambda key: session).kind == "token"
    headers = sign("POST", URL + "/", {"X-Amz-Security-Token": "token"}, b"", "sagemaker")
    assert check("POST", URL + "/", headers, find=lambda key: session)
    over = Secret(SECRET_KEY, "token", time.time() - 1)
    assert refusal("POST", URL + "/", headers, find=lambda key: over).kind == "token-expired"


def presigned(signer: Any, *arguments: Any, path: str = "/bucket/a%20key?versionId=1") -> str:
    request = AWSRequest("GET", URL + path, headers={"Host": "127.0.0.1:4566"})
    signer(Credentials(ACCESS_KEY, SECRET_KEY), *arguments, expires=60).add_auth(request)
    return str(request.url)


@pytest.mark.parametrize(
    "url", [lambda: presigned(S3SigV4QueryAuth, "s3", "us-east-1"), lambda: presigned(HmacV1QueryAuth)]
)
def test_presigned_urls_hold_until_they_expire(url: Any) -> None:
    made = url()
    check("GET", made, {})
    assert refusal("GET", made, {}, now=time.time() + 61).kind == "expired"
    assert refusal("GET", made.replace("/bucket/", "/other/"), {}).kind == "mismatch"
    assert refusal("PUT", made, {}).kind == "mismatch"


def test_version_2_covers_the_bucket_of_a_virtual_host() -> None:
    made = presigned(HmacV1QueryAuth, path="/key")
    assert refusal("GET", made, {"Host": "bucket.localhost:4566"}).kind == "mismatch"


@pytest.mark.parametrize(
    ("host", "bucket"),
    [
        ("b.localhost", "b"),
        ("b.s3.localhost", "b"),
        ("b.s3.us-east-1.localhost", "b"),
        ("dotted.name.s3.localhost", "dotted.name"),
        ("s3.localhost", None),
        ("localhost", None),
        ("127.0.0.1", None),
    ],
)
def test_bucket_of_a_virtual_host(host: str, bucket: str | None) -> None:
    assert sigv4.virtual_bucket(host) == bucket


@pytest.mark.parametrize(
    ("kind", "protocol", "code", "status"),
    [
        ("missing", "json", "MissingAuthenticationTokenException", 400),
        ("missing", "query", "MissingAuthenticationToken", 403),
        ("missing", "rest-xml", "AccessDenied", 403),
        ("unknown-key", "json", "UnrecognizedClientException", 400),
        ("unknown-key", "query", "InvalidClientTokenId", 403),
        ("unknown-key", "rest-xml", "InvalidAccessKeyId", 403),
        ("mismatch", "json", "InvalidSignatureException", 400),
        ("mismatch", "rest-json", "InvalidSignatureException", 403),
        ("mismatch", "query", "SignatureDoesNotMatch", 403),
        ("mismatch", "rest-xml", "SignatureDoesNotMatch", 403),
        ("skew", "rest-xml", "RequestTimeTooSkewed", 403),
        ("expired", "rest-xml", "AccessDenied", 403),
    ],
)
def test_refusals_have_the_codes_of_their_wire(kind: str, protocol: str, code: str, status: int) -> None:
    error = refusals.worded(SignatureProblem(kind), protocol)
    assert (error.code, error.status) == (code, status)
