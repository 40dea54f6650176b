"""Verifies AWS signatures: version 4 in headers and presigned queries, and version 2 presigned queries of S3."""

from __future__ import annotations

import base64
import calendar
import hashlib
import hmac
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

from smstudio_ext.engine.protocol.http import HttpRequest

MAX_SKEW = 900
"""Seconds that the clocks of client and server may differ."""

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
UNSIGNED = "UNSIGNED-PAYLOAD"


class SignatureProblem(Exception):
    """Why a request is refused, before it is worded for its wire.

    Attributes:
        kind: `missing`, `incomplete`, `unknown-key`, `token`, `mismatch`, `skew` or `expired`.
    """

    def __init__(self, kind: str, message: str = "") -> None:
        super().__init__(message or kind)
        self.kind = kind
        self.message = message


@dataclass(frozen=True)
class Secret:
    """What an access key stands for."""

    secret_key: str
    session_token: str | None = None
    expires: float | None = None


@dataclass(slots=True)
class Authorization:
    """What a request says about its signature; not yet verified.

    Attributes:
        amz_date: time of signing as sent (`20260101T000000Z`); the expiry time for version 2.
        expires: seconds that a presigned URL lives; None for signed headers.
    """

    version: int
    access_key: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    amz_date: str
    expires: int | None = None
    token: str | None = None

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def read_authorization(http: HttpRequest) -> Authorization:
    """The signature of a request from its header or query.

    Raises:
        SignatureProblem: there is none, or it is not complete.
    """
    header = http.headers.get("authorization", "")
    if header:
        return _from_header(http, header)
    if "X-Amz-Signature=" in http.query or "X-Amz-Algorithm=" in http.query:
        return _from_query(http.query)
    if "Signature=" in http.query and "AWSAccessKeyId=" in http.query:
        values = _query_values(http.query)
        if not values.get("Expires", "").isdigit():
            raise SignatureProblem("incomplete", "Invalid date (should be seconds since epoch)")
        return Authorization(
            2,
            values["AWSAccessKeyId"],
            "",
            "us-east-1",
            "s3",
            (),
            values["Signature"],
            values["Expires"],
            0,
            values.get("x-amz-security-token"),
        )
    raise SignatureProblem("missing")


def _from_header(http: HttpRequest, header: str) -> Authorization:
    front, _, signature = header.rpartition(", Signature=")
    if (
        front and signature.isalnum()
    ):  # the usual order; what stands before the signature comes again and again
        access_key, date, region, service, signed_headers = _before_signature(front)
    else:
        access_key, date, region, service, signed_headers, signature = _pieces(header)
    amz_date = http.headers.get("x-amz-date") or _basic_date(http.headers.get("date", ""))
    token = http.headers.get("x-amz-security-token")
    return Authorization(
        4, access_key, date, region, service, signed_headers, signature, amz_date, None, token
    )


@lru_cache(maxsize=256)
def _before_signature(front: str) -> tuple[str, str, str, str, tuple[str, ...]]:
    return _pieces(f"{front}, Signature=-")[:5]


def _pieces(header: str) -> tuple[str, str, str, str, tuple[str, ...], str]:
    """Access key, date, region, service, signed headers and signature of an Authorization header."""
    algorithm, _, rest = header.partition(" ")
    if algorithm != "AWS4-HMAC-SHA256":
        raise SignatureProblem(
            "incomplete", f"Authorization header is not signed with AWS4-HMAC-SHA256: '{algorithm[:64]}'"
        )
    parts = dict(piece.strip().partition("=")[::2] for piece in rest.split(","))
    missing = [name for name in ("Credential", "SignedHeaders", "Signature") if not parts.get(name)]
    if missing:
        raise SignatureProblem("incomplete", f"Authorization header requires '{missing[0]}' parameter.")
    access_key, date, region, service = _credential(parts["Credential"])
    return access_key, date, region, service, tuple(parts["SignedHeaders"].split(";")), parts["Signature"]


def _from_query(query: str) -> Authorization:
    values = _query_values(query)
    needed = (
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-SignedHeaders",
        "X-Amz-Signature",
    )
    missing = [name for name in needed if not values.get(name)]
    if missing or not values["X-Amz-Expires"].isdigit():
        name = missing[0] if missing else "X-Amz-Expires"
        raise SignatureProblem("incomplete", f"Query-string authentication requires the {name} parameter.")
    expires = int(values["X-Amz-Expires"])
    if expires > 604_800:
        raise SignatureProblem(
            "incomplete",
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
        )
    access_key, date, region, service = _credential(values["X-Amz-Credential"])
    return Authorization(
        4,
        access_key,
        date,
        region,
        service,
        tuple(values["X-Amz-SignedHeaders"].split(";")),
        values["X-Amz-Signature"],
        values["X-Amz-Date"],
        expires,
        values.get("X-Amz-Security-Token"),
    )


def _credential(text: str) -> tuple[str, str, str, str]:
    pieces = text.rsplit("/", 4)
    if len(pieces) != 5 or pieces[4] != "aws4_request":
        raise SignatureProblem(
            "incomplete",
            f"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{text[:128]}'",
        )
    return pieces[0], pieces[1], pieces[2], pieces[3]


def _query_values(query: str) -> dict[str, str]:
    values = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        values[unquote(name)] = unquote(value)
    return values


def _basic_date(text: str) -> str:
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text).strftime("%Y%m%dT%H%M%SZ")
    except (ValueError, TypeError):
        raise SignatureProblem(
            "incomplete",
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        ) from None


def verify(
    http: HttpRequest,
    authorization: Authorization,
    find_secret: Callable[[str], Secret | None],
    now: float,
    body_sha256: Callable[[], str],
) -> str:
    """Checks a signature.

    Args:
        body_sha256: the hash of the body as hex, asked for only when no header states it.

    Returns:
        The signing key as hex for version 4 (chunks of a streamed body are signed with it), else "".

    Raises:
        SignatureProblem: it does not hold.
    """
    secret = find_secret(authorization.access_key)
    if secret is None:
        raise SignatureProblem("unknown-key")
    if secret.session_token is not None and secret.session_token != authorization.token:
        raise SignatureProblem("token")
    if authorization.version == 2:
        _verify_v2(http, authorization, secret, now)
        return ""
    key = signing_key(secret.secret_key, authorization.date, authorization.region, authorization.service)
    payload = _payload_hash(http, authorization, body_sha256)
    # The canonical form of the bytes as sent first; then of the decoded and encoded again, as the specification
    # has it, for clients that send reserved characters as they are.
    for path, query in _forms(http, authorization) if http.query else _paths(http, authorization):
        canonical = _canonical_request(http, authorization, path, query, payload)
        if hmac.compare_digest(_signature(key, authorization, canonical), authorization.signature):
            break
    else:
        raise SignatureProblem("mismatch")
    _check_time(authorization, secret, now)
    return key.hex()


@lru_cache(maxsize=64)
def _epoch(basic_date: str) -> int:
    return calendar.timegm(time.strptime(basic_date, "%Y%m%dT%H%M%SZ"))


def _check_time(authorization: Authorization, secret: Secret, now: float) -> None:
    try:
        signed_at = _epoch(authorization.amz_date)
    except ValueError:
        raise SignatureProblem(
            "incomplete", "The date of the signature must be in ISO-8601 basic format 'YYYYMMDDTHHMMSSZ'."
        ) from None
    if secret.expires is not None and now > secret.expires:
        raise SignatureProblem("token-expired")
    if not authorization.amz_date.startswith(authorization.date):
        raise SignatureProblem("mismatch")
    if authorization.expires is None and abs(now - signed_at) <= MAX_SKEW:
        return
    here = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    if authorization.expires is not None:
        if now > signed_at + authorization.expires:
            raise SignatureProblem("expired")
        if signed_at - now > MAX_SKEW:
            raise SignatureProblem(
                "skew", f"Signature not yet current: {authorization.amz_date} is still later than {here}"
            )
    elif now - signed_at > MAX_SKEW:
        limit = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now - MAX_SKEW))
        raise SignatureProblem(
            "skew",
            f"Signature expired: {authorization.amz_date} is now earlier than {limit} ({here} - 15 min.)",
        )
    elif signed_at - now > MAX_SKEW:
        limit = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now + MAX_SKEW))
        raise SignatureProblem(
            "skew",
            f"Signature not yet current: {authorization.amz_date} is still later than {limit} ({here} + 15 min.)",
        )


def _payload_hash(http: HttpRequest, authorization: Authorization, body_sha256: Callable[[], str]) -> str:
    stated = http.headers.get("x-amz-content-sha256")
    if stated:
        return stated
    if authorization.expires is not None:
        return UNSIGNED if authorization.service == "s3" else body_sha256()
    return UNSIGNED if authorization.service == "s3" else body_sha256()


@lru_cache(maxsize=256)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key of one day, region and service."""
    key = f"AWS4{secret}".encode()
    for piece in (date, region, service, "aws4_request"):
        key = hmac.digest(key, piece.encode(), "sha256")
    return key


def _signature(key: bytes, authorization: Authorization, canonical: str) -> str:
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{authorization.amz_date}\n{authorization.scope}\n{digest}"
    return hmac.digest(key, text.encode(), "sha256").hex()


def _forms(http: HttpRequest, authorization: Authorization) -> Iterator[tuple[str, str]]:
    pairs = [pair.partition("=")[::2] for pair in http.query.split("&") if pair]
    if authorization.expires is not None:
        pairs = [pair for pair in pairs if pair[0] != "X-Amz-Signature"]
    raw_query = "&".join(f"{name}={value}" for name, value in sorted(pairs))
    raw_path = http.path or "/"
    # Every service but S3 encodes the path a second time.
    twice = authorization.service != "s3"
    first = _encoded(raw_path) if twice else raw_path
    yield first, raw_query
    again = sorted(
        (quote(unquote(name), safe="-_.~"), quote(unquote(value), safe="-_.~")) for name, value in pairs
    )
    encoded_query = "&".join(f"{name}={value}" for name, value in again)
    encoded_path = _again(raw_path)
    second = _encoded(encoded_path) if twice else encoded_path
    yield first, encoded_query
    yield second, raw_query
    yield second, encoded_query


def _paths(http: HttpRequest, authorization: Authorization) -> tuple[tuple[str, str], ...]:
    """What `_forms` gives for a request without a query."""
    path = http.path or "/"
    return _both_paths(path) if authorization.service != "s3" else ((path, ""), (_again(path), ""))


@lru_cache(maxsize=256)
def _both_paths(path: str) -> tuple[tuple[str, str], ...]:
    return (_encoded(path), ""), (_encoded(_again(path)), "")


def _again(path: str) -> str:
    return quote(unquote(path), safe="/-_.~")


def _encoded(path: str) -> str:
    return path if path == "/" else quote(_normal(path), safe="/~")


def _normal(path: str) -> str:
    pieces: list[str] = []
    for piece in path.split("/"):
        if piece == "..":
            if pieces:
                pieces.pop()
        elif piece not in ("", "."):
            pieces.append(piece)
    return "/" + "/".join(pieces) + ("/" if pieces and path.endswith("/") else "")


def _canonical_request(
    http: HttpRequest, authorization: Authorization, path: str, query: str, payload: str
) -> str:
    if "host" not in authorization.signed_headers:
        raise SignatureProblem("incomplete", "'Host' must be a 'SignedHeader' in the AWS Authorization.")
    headers = "".join(
        f"{name}:{' '.join(http.headers.get(name, '').split())}\n" for name in authorization.signed_headers
    )
    return f"{http.method}\n{path}\n{query}\n{headers}\n{';'.join(authorization.signed_headers)}\n{payload}"


# Query parameters that are part of what version 2 signs.
_V2_SUBRESOURCES = frozenset(
    "accelerate acl analytics cors defaultObjectAcl delete inventory lifecycle location logging metrics notification "
    "partNumber policy replication requestPayment response-cache-control response-content-disposition "
    "response-content-encoding response-content-language response-content-type response-expires restore select "
    "select-type storageClass tagging torrent uploadId uploads versionId versioning versions website".split()
)


def _verify_v2(http: HttpRequest, authorization: Authorization, secret: Secret, now: float) -> None:
    amz = sorted((name, value.strip()) for name, value in http.headers.items() if name.startswith("x-amz-"))
    pairs = [pair.partition("=") for pair in http.query.split("&") if pair]
    if authorization.token is not None and not any(name == "x-amz-security-token" for name, _ in amz):
        amz = sorted([*amz, ("x-amz-security-token", authorization.token)])
    chosen = sorted(
        (name, equals, unquote(value)) for name, equals, value in pairs if name in _V2_SUBRESOURCES
    )
    parameters = "&".join(f"{name}{equals}{value}" for name, equals, value in chosen)
    host = http.headers.get("host", "").rsplit(":", 1)[0]
    bucket = virtual_bucket(host)
    for path in {http.path, quote(unquote(http.path), safe="/-_.~")}:
        resource = (f"/{bucket}" if bucket else "") + path + (f"?{parameters}" if parameters else "")
        text = "\n".join(
            [
                http.method,
                http.headers.get("content-md5", ""),
                http.headers.get("content-type", ""),
                authorization.amz_date,
                *(f"{name}:{value}" for name, value in amz),
                resource,
            ]
        )
        digest = base64.b64encode(hmac.digest(secret.secret_key.encode(), text.encode(), "sha1")).decode()
        if hmac.compare_digest(digest, authorization.signature):
            break
    else:
        raise SignatureProblem("mismatch")
    if now > int(authorization.amz_date):
        raise SignatureProblem("expired")


def virtual_bucket(host: str) -> str | None:
    """The bucket in a virtual-host style name (`b.localhost`, `b.s3.localhost`, `b.s3.us-east-1.localhost`)."""
    if not host.endswith(".localhost"):
        return None
    name = host[: -len(".localhost")]
    labels = name.split(".")
    if labels[-1] == "s3":
        labels = labels[:-1]
    elif len(labels) >= 2 and labels[-2] == "s3":
        labels = labels[:-2]
    return ".".join(labels) or None
