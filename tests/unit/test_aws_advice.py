"""What is told when AWS, its configuration, or the way to it fails: each failure with what to do about it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from smstudio_ext.aws.advice import Place, Surface, advice_on
from smstudio_ext.aws.problems import MfaNeeded
from smstudio_ext.aws.profiles import Profile

SSO = Place("panel", "work", "eu-west-1", Profile("work", "eu-west-1", "sso", sign_in="work"))
KEYS = Place("panel", "keys", "eu-west-1", Profile("keys", "eu-west-1", "keys"))
MFA = Place("panel", "careful", "eu-west-1", Profile("careful", None, "assume-role", mfa_serial="device"))
NOWHERE = Place("panel", "keys", "eu-nowhere-9", Profile("keys", "eu-nowhere-9", "keys"))


def answer(code: str, message: str = "No.", status: int = 400, ahead: float | None = None) -> ClientError:
    headers = {}
    if ahead is not None:
        headers["date"] = format_datetime(datetime.now(timezone.utc) - timedelta(minutes=ahead), usegmt=True)
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {
                "HTTPStatusCode": status,
                "RequestId": "r",
                "HTTPHeaders": headers,
                "HostId": "",
                "RetryAttempts": 0,
            },
        },
        "ListTrainingJobs",
    )


SKEWED = (
    "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z (20260101T001500Z - 5 min.)"
)


@pytest.mark.parametrize(
    ("error", "place", "status", "hint"),
    [
        (exceptions.NoCredentialsError(), KEYS, 403, "aws configure --profile keys"),
        (exceptions.NoCredentialsError(), Place(), 403, "local engine, which needs none"),
        (exceptions.PartialCredentialsError(provider="env", cred_var="x"), KEYS, 403, "aws configure"),
        (exceptions.UnauthorizedSSOTokenError(), SSO, 403, "aws sso login --profile work"),
        (exceptions.SSOTokenLoadError(error_msg="none"), SSO, 403, "Press Sign in"),
        (exceptions.TokenRetrievalError(provider="sso", error_msg="expired"), SSO, 403, "Press Sign in"),
        (exceptions.RefreshWithMFAUnsupportedError(), MFA, 403, "current code"),
        (MfaNeeded("device"), MFA, 403, "current code"),
        (exceptions.CredentialRetrievalError(provider="process", error_msg="1"), KEYS, 403, "in a terminal"),
        (exceptions.ProfileNotFound(profile="gone"), KEYS, 404, "Choose one of the profiles"),
        (exceptions.ConfigParseError(path="/x"), KEYS, 400, "brackets"),
        (exceptions.InvalidConfigError(error_msg="no source"), KEYS, 400, "of the profile 'keys'"),
        (
            exceptions.InfiniteLoopConfigError(source_profile="a", visited_profiles=["a"]),
            KEYS,
            400,
            "Mend the settings",
        ),
        (exceptions.NoRegionError(), KEYS, 400, "Choose a region"),
        (exceptions.EndpointConnectionError(endpoint_url="https://x"), KEYS, 503, "the proxy settings"),
        (exceptions.EndpointConnectionError(endpoint_url="https://x"), NOWHERE, 503, "no SageMaker"),
        (exceptions.ConnectTimeoutError(endpoint_url="https://x"), KEYS, 503, "network"),
        (exceptions.ReadTimeoutError(endpoint_url="https://x"), KEYS, 503, "network"),
        (exceptions.ProxyConnectionError(proxy_url="http://p"), KEYS, 503, "HTTPS_PROXY"),
        (exceptions.SSLError(endpoint_url="https://x", error="self-signed"), KEYS, 503, "AWS_CA_BUNDLE"),
        (answer("ExpiredTokenException", "expired"), SSO, 403, "Press Sign in"),
        (answer("ExpiredToken", "expired"), MFA, 403, "MFA code"),
        (answer("ExpiredTokenException", "expired"), KEYS, 403, "press Renew"),
        (answer("UnrecognizedClientException"), KEYS, 403, "eu-west-1 is not switched on"),
        (answer("InvalidClientTokenId", status=403), KEYS, 403, "does not know these credentials"),
        (answer("SignatureDoesNotMatch", status=403), KEYS, 403, "secret key of the profile 'keys'"),
        (answer("RequestTimeTooSkewed", status=403), KEYS, 403, "Set the clock"),
        (answer("OptInRequired", status=403), KEYS, 403, "Choose another region"),
        (answer("ThrottlingException"), KEYS, 429, "a few seconds"),
        (
            answer(
                "AccessDenied",
                "User: arn:aws:iam::1:user/me is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::2:role/r",
                403,
            ),
            KEYS,
            403,
            "sts:AssumeRole on arn:aws:iam::2:role/r. The role must trust you",
        ),
        (
            answer("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code."),
            MFA,
            403,
            "next code",
        ),
        (
            answer(
                "ValidationError",
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            ),
            KEYS,
            400,
            "shorter session",
        ),
    ],
)
def test_every_failure_says_what_to_do(error: Exception, place: Place, status: int, hint: str) -> None:
    found = advice_on(error, place)
    assert found is not None
    assert found.status == status
    assert hint in found.hint
    assert found.message
    assert found.code


@pytest.mark.parametrize(
    ("ahead", "hint"),
    [
        (12, "12 min ahead of AWS's"),
        (-7, "7 min behind AWS's"),
        (0, "AWS refuses requests of another time"),
    ],
)
def test_a_wrong_clock_is_told_with_how_wrong_it_is(ahead: float, hint: str) -> None:
    found = advice_on(answer("InvalidSignatureException", SKEWED, 403, ahead), KEYS)
    assert found is not None
    assert hint in found.hint


@pytest.mark.parametrize(
    ("surface", "hint"),
    [
        ("panel", "Press Sign in beside the target, or type `aws sso login --profile work`."),
        ("notebook", "Sign in: %smstudio login --profile work"),
        ("terminal", "Sign in: smstudio config login --profile work"),
    ],
)
def test_each_surface_names_its_own_way_to_sign_in(surface: Surface, hint: str) -> None:
    found = advice_on(exceptions.UnauthorizedSSOTokenError(), Place(surface, "work", None, SSO.found))
    assert found is not None
    assert found.hint == hint


@pytest.mark.parametrize(
    "error",
    [answer("ResourceNotFound"), answer("ValidationException", "1 error"), KeyError("bug"), OSError("disk")],
    ids=["resource", "validation", "bug", "disk"],
)
def test_other_failures_are_left_to_others(error: Exception) -> None:
    assert advice_on(error, KEYS) is None
