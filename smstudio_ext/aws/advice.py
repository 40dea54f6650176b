"""What went wrong between us and AWS, and what to do about it: one table for pages, notebooks and terminals."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal

from smstudio_ext.aws.problems import AccountProblem

if TYPE_CHECKING:
    from smstudio_ext.aws.profiles import Profile
    from smstudio_ext.target_switch import TargetSwitch

Surface = Literal["panel", "notebook", "terminal"]

DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403", "Forbidden"})
THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "SlowDown",
        "RequestThrottled",
    }
)
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_UNKNOWN_KEY = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "AuthFailure",
        "InvalidToken",
    }
)
_BAD_SIGNATURE = frozenset(
    {
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "IncompleteSignature",
        "MissingAuthenticationToken",
    }
)
_CLOCK = frozenset({"RequestTimeTooSkewed", "RequestInTheFuture"})
_CLOCK_TEXT = re.compile(
    r"signature expired|not yet current|request time and the current time", re.IGNORECASE
)
_NOT_ENABLED = frozenset({"OptInRequired", "SubscriptionRequiredException"})
_DENIED_TEXT = re.compile(
    r"not authorized to perform: (?P<action>[\w:*-]+)(?: on resource: (?P<resource>\S+))?"
)
_HEADS = {"HeadBucket": "s3:ListBucket", "HeadObject": "s3:GetObject"}
"""Permissions of S3's operations whose refusals have no text."""
_NEVER_SKEWED_BY = 60.0
"""Seconds that a clock may be off without being worth mention."""


@dataclass(frozen=True)
class Place:
    """Where a failure happened.

    Attributes:
        profile: chosen; none for the default chain.
        found: what the configuration says of it.
    """

    surface: Surface = "panel"
    profile: str | None = None
    region: str | None = None
    found: Profile | None = None

    @property
    def sign_in(self) -> str:
        """How to sign in here."""
        name = self.profile or (self.found.sign_in if self.found else None)
        option = f" --profile {name}" if name else ""
        if self.surface == "notebook":
            return f"Sign in: %smstudio login{option}"
        if self.surface == "terminal":
            return f"Sign in: smstudio config login{option}"
        return f"Press Sign in beside the target, or type `aws sso login{option}`."

    @property
    def of_profile(self) -> str:
        """For messages."""
        return f" of the profile {self.profile!r}" if self.profile else ""


@dataclass(frozen=True)
class Advice:
    """What is the matter, in a sentence, and what to do.

    Attributes:
        status: of the answer of the REST API.
    """

    status: int
    code: str
    message: str
    hint: str


def place_of(switch: TargetSwitch) -> Place:
    """The place of a server's pages."""
    from smstudio_ext.aws.profiles import find_profile

    if switch.kind == "local":
        return Place()
    return Place("panel", switch.profile, switch.effective_region(), find_profile(switch.profile))


def advice_on(error: BaseException, place: Place) -> Advice | None:
    """What to say about a failure; None when it is none of credentials, permissions, configuration or connection."""
    if isinstance(error, AccountProblem):
        return Advice(error.status, error.code, str(error), error.hint or "")
    response = getattr(error, "response", None)
    if isinstance(response, dict) and isinstance(response.get("Error"), dict):
        return _on_answer(error, response, place)
    for kind in type(error).__mro__:
        rule = _RULES.get(kind.__name__)
        if rule is not None and kind.__module__.startswith("botocore"):
            status, message, hint = rule(error, place)
            return Advice(status, type(error).__name__, message, hint)
    return None


def permission_hint(message: str, operation: str) -> str:
    """Which permission to ask for, by the text of an AccessDenied."""
    named = _DENIED_TEXT.search(message)
    if "MultiFactorAuthentication failed" in message:
        return "Type the device's next code: each works once, for half a minute."
    if not named:
        asked = _HEADS.get(operation, f"to call {operation}")
        return f"Ask your administrator for the permission {asked}."
    resource = f" on {named['resource']}" if named["resource"] else ""
    hint = f"Ask your administrator for the permission {named['action']}{resource}."
    if named["action"] == "sts:AssumeRole":
        return f"{hint} The role must trust you, too, and may want an external ID or an MFA code."
    return hint


def clock_is_off(metadata: dict[str, Any]) -> float | None:
    """Seconds by which this machine's clock is ahead of AWS's, by the date of an answer."""
    date = metadata.get("HTTPHeaders", {}).get("date")
    try:
        told = parsedate_to_datetime(str(date))
    except (TypeError, ValueError):
        return None
    ahead = (datetime.now(timezone.utc) - told).total_seconds()
    return ahead if abs(ahead) > _NEVER_SKEWED_BY else None


def _on_answer(error: BaseException, response: dict[str, Any], place: Place) -> Advice | None:
    found = response["Error"]
    code, message = str(found.get("Code", "Unknown")), str(found.get("Message", "") or error)
    metadata = response.get("ResponseMetadata", {})
    if code in _CLOCK or (code in (_BAD_SIGNATURE | _EXPIRED) and _CLOCK_TEXT.search(message)):
        return Advice(403, code, message, _clock_hint(metadata))
    if code in _EXPIRED:
        return Advice(403, code, f"The credentials{place.of_profile} have expired.", _expired_hint(place))
    if code in _UNKNOWN_KEY:
        region = place.region or "chosen"
        return Advice(
            403,
            code,
            message,
            f"AWS does not know these credentials{place.of_profile}. Check the keys; or the region {region} is not switched on "
            "in the account: choose another one.",
        )
    if code in _BAD_SIGNATURE:
        return Advice(
            403,
            code,
            message,
            f"Check the secret key{place.of_profile} (aws configure), and the clock of this machine.",
        )
    if code in _NOT_ENABLED:
        return Advice(
            403, code, message, "Choose another region, or let AWS enable this one for the account."
        )
    if code in DENIED:
        operation = str(getattr(error, "operation_name", ""))
        return Advice(403, code, message, permission_hint(message, operation))
    if code in THROTTLED or metadata.get("HTTPStatusCode") == 429:
        return Advice(429, code, message, "The target is busy; try again in a few seconds.")
    if code == "ValidationError" and "DurationSeconds" in message:
        return Advice(400, code, message, "Choose a shorter session: a role says how long one may last.")
    return None


def _clock_hint(metadata: dict[str, Any]) -> str:
    ahead = clock_is_off(metadata)
    if ahead is None:
        return "Set the clock of this machine (date, time zone): AWS refuses requests of another time."
    way = "ahead of" if ahead > 0 else "behind"
    return f"The clock of this machine is {abs(ahead) / 60:,.0f} min {way} AWS's. Set it: AWS refuses requests of another time."


def _expired_hint(place: Place) -> str:
    found = place.found
    if found and found.sign_in:
        return place.sign_in
    if found and found.mfa_serial:
        return (
            "Type a new MFA code beside the target." if place.surface == "panel" else "Type a new MFA code."
        )
    if found and found.method == "login":
        return f"Type: aws login --profile {found.name}"
    return "Put new credentials where these came from (environment, ~/.aws/credentials); then press Renew, or restart."


_Rule = Callable[[Any, Place], tuple[int, str, str]]


def _no_credentials(_: Any, place: Place) -> tuple[int, str, str]:
    if place.profile:
        return (
            403,
            f"There are no AWS credentials in the profile {place.profile!r}.",
            f"Add them (aws configure --profile {place.profile}), sign in (aws sso login), or choose another target.",
        )
    return (
        403,
        "There are no AWS credentials: neither in the environment, nor in ~/.aws, nor from an instance's role.",
        "Choose a profile, sign in (aws configure sso), or work on the local engine, which needs none.",
    )


def _sign_in(_: Any, place: Place) -> tuple[int, str, str]:
    return 403, f"The sign-in{place.of_profile} has expired, or was never done.", place.sign_in


def _unknown_profile(error: Any, _: Place) -> tuple[int, str, str]:
    return (
        404,
        str(error),
        f"Choose one of the profiles in {_file()}, or add it there (aws configure sso).",
    )


def _broken_file(error: Any, _: Place) -> tuple[int, str, str]:
    return 400, str(error), "Open the file and mend it: sections in [brackets], then lines of name = value."


def _no_connection(error: Any, place: Place) -> tuple[int, str, str]:
    from smstudio_ext.target import sagemaker_regions

    if place.region and place.region not in sagemaker_regions():
        return 503, str(error), f"AWS has no SageMaker in a region {place.region!r}. Choose another region."
    return 503, str(error), "Check the network, the region, and the proxy settings."


def _file() -> str:
    """The configuration file of this machine."""
    from smstudio_ext.aws.profiles import configuration_files

    return str(configuration_files()[0])


_RULES: dict[str, _Rule] = {
    "NoCredentialsError": _no_credentials,
    "PartialCredentialsError": lambda error, place: (
        403,
        str(error),
        f"Add what is missing{place.of_profile} in {_file()}."
        if "assume-role" in str(error)
        else f"Complete the keys{place.of_profile}: aws configure",
    ),
    "UnauthorizedSSOTokenError": _sign_in,
    "SSOTokenLoadError": _sign_in,
    "TokenRetrievalError": _sign_in,
    "SSOError": _sign_in,
    "LoginError": lambda error, place: (
        403,
        str(error),
        f"Type: aws login{f' --profile {place.profile}' if place.profile else ''}",
    ),
    "RefreshWithMFAUnsupportedError": lambda _, place: (
        403,
        f"The role{place.of_profile} asks for a code of its MFA device.",
        "Type the device's current code beside the target."
        if place.surface == "panel"
        else "Run it again, and type the code.",
    ),
    "CredentialRetrievalError": lambda error, place: (
        403,
        str(error),
        f"Run what gives the credentials{place.of_profile} in a terminal (credential_process, the instance's role) and see why.",
    ),
    "ProfileNotFound": _unknown_profile,
    "ConfigParseError": _broken_file,
    "InvalidConfigError": lambda error, place: (
        400,
        str(error),
        f"Mend the settings{place.of_profile} in {_file()}.",
    ),
    "NoRegionError": lambda error, _: (400, str(error), "Choose a region."),
    "InvalidRegionError": lambda error, _: (400, str(error), "Choose a region of the list."),
    "ProxyConnectionError": lambda error, _: (
        503,
        str(error),
        "The proxy does not answer: check HTTPS_PROXY and NO_PROXY in the server's environment.",
    ),
    "InvalidProxiesConfigError": lambda error, _: (
        503,
        str(error),
        "Check HTTPS_PROXY in the server's environment.",
    ),
    "SSLError": lambda error, _: (
        503,
        str(error),
        "A proxy that opens TLS needs its certificate: set AWS_CA_BUNDLE (or ca_bundle in ~/.aws/config) to its file.",
    ),
    "EndpointConnectionError": _no_connection,
    "ConnectionError": _no_connection,
    "HTTPClientError": _no_connection,
}
