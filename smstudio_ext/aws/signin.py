"""Signing in to IAM Identity Center with a code in a browser (OAuth's device authorization, RFC 8628).

The token goes where botocore and the AWS command line keep theirs and in their form, so that all of them share it.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Literal

from smstudio_ext.aws.problems import SignInEnded, SignInUnknown
from smstudio_ext.aws.profiles import SsoPlace, core_session, has_engine_environment

SignInStatus = Literal["Waiting", "SignedIn", "Expired", "Denied", "Cancelled", "Failed"]

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_INTERVAL = 5.0
"""Seconds between two questions when the service names none."""
_SLOW_DOWN = 5.0
"""Seconds to add when the service says that we ask too often (RFC 8628, section 3.5)."""
_QUICKEST = 0.2
_MOST = 8
"""Sign-ins that a server remembers."""


class DeviceSignIn:
    """One signing in: shows a code and an address, and asks until somebody typed the code there.

    Making one calls the service. All calls block.

    Raises:
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: the service cannot be asked.
    """

    def __init__(self, place: SsoPlace, *, clock: Callable[[], float] = time.time) -> None:
        self.place = place
        self._clock = clock
        self._client = service_client(place, "sso-oidc")
        registration: dict[str, Any] = {
            "clientName": f"smstudio-{place.session_name or 'sign-in'}-{int(clock())}",
            "clientType": "public",
        }
        if place.scopes:
            registration["scopes"] = list(place.scopes)
        self._registered = self._client.register_client(**registration)
        started = self._client.start_device_authorization(
            clientId=self._registered["clientId"],
            clientSecret=self._registered["clientSecret"],
            startUrl=place.start_url,
        )
        self._device_code = started["deviceCode"]
        self.user_code: str = started["userCode"]
        self.verification_uri: str = started["verificationUri"]
        self.verification_uri_complete: str = started.get("verificationUriComplete") or self.verification_uri
        self.expires_at = clock() + float(started["expiresIn"])
        self.interval = max(_QUICKEST, float(started.get("interval", _INTERVAL)))

    def ask(self) -> dict[str, Any] | None:
        """The token when the code was confirmed; none while nobody did.

        Raises:
            SignInEnded: the code has expired, or was refused.
        """
        from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

        try:
            token = self._client.create_token(
                grantType=_DEVICE_GRANT,
                clientId=self._registered["clientId"],
                clientSecret=self._registered["clientSecret"],
                deviceCode=self._device_code,
            )
        except (ConnectionError, HTTPClientError):  # the network may come back while the code is good
            if self._clock() >= self.expires_at:
                raise
            return None
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code")
            if code == "AuthorizationPendingException":
                if self._clock() >= self.expires_at:
                    raise _expired() from None
                return None
            if code == "SlowDownException":
                self.interval += _SLOW_DOWN
                return None
            if code == "ExpiredTokenException":
                raise _expired() from None
            if code == "AccessDeniedException":
                raise SignInEnded(
                    "The request to sign in was refused in the browser.",
                    hint="Start again, and allow it there.",
                    outcome="Denied",
                ) from None
            raise
        found: dict[str, Any] = token
        return found

    def wait(self, stop: threading.Event) -> dict[str, Any] | None:
        """Asks until the code was confirmed, and returns the token; none when `stop` was set before.

        Raises:
            SignInEnded: the code has expired, or was refused.
        """
        while not stop.wait(self.interval):
            if token := self.ask():
                return token
        return None

    def keep(self, token: dict[str, Any]) -> None:
        """Writes the token as botocore and the AWS command line do; from then on they renew it by themselves."""
        from botocore.utils import JSONFileCache, SSOTokenLoader

        registration_ends = datetime.fromtimestamp(self._registered["clientSecretExpiresAt"], timezone.utc)
        kept = {
            "startUrl": self.place.start_url,
            "region": self.place.region,
            "accessToken": token["accessToken"],
            "expiresAt": datetime.fromtimestamp(self._clock(), timezone.utc)
            + timedelta(seconds=token["expiresIn"]),
            "clientId": self._registered["clientId"],
            "clientSecret": self._registered["clientSecret"],
            "registrationExpiresAt": registration_ends,
        }
        if token.get("refreshToken"):
            kept["refreshToken"] = token["refreshToken"]
        loader: Any = SSOTokenLoader(cache=JSONFileCache(str(token_directory()), dumps_func=_dumps))
        loader.save_token(self.place.start_url, kept, session_name=self.place.session_name)


@dataclass
class SignInState:
    """How far a signing in is; holds no secret.

    Attributes:
        expires_at: of the code, seconds since the epoch.
        message: why it ended without a token.
    """

    id: str
    place: SsoPlace
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_at: float
    status: SignInStatus = "Waiting"
    message: str | None = None


class SignIns:
    """The sign-ins of one server: a thread each asks the service until it ends.

    Args:
        signed_in: called, from that thread, when there is a new token.
    """

    def __init__(self, signed_in: Callable[[SignInState], None]) -> None:
        self._signed_in = signed_in
        self._lock = threading.Lock()
        self._states: dict[str, SignInState] = {}
        self._stops: dict[str, threading.Event] = {}

    def start(self, place: SsoPlace) -> SignInState:
        """Begins one; another one at the same place ends."""
        device = DeviceSignIn(place)
        state = SignInState(
            id=secrets.token_hex(8),
            place=place,
            user_code=device.user_code,
            verification_uri=device.verification_uri,
            verification_uri_complete=device.verification_uri_complete,
            expires_at=device.expires_at,
        )
        stop = threading.Event()
        with self._lock:
            for other in list(self._states.values()):
                if (other.place.start_url, other.place.session_name) == (place.start_url, place.session_name):
                    self._end(other)
            for oldest in list(self._states)[: max(0, len(self._states) - _MOST + 1)]:
                self._end(self._states.pop(oldest))
                del self._stops[oldest]
            self._states[state.id], self._stops[state.id] = state, stop
        threading.Thread(
            target=self._follow, args=(device, state, stop), name="smstudio-sign-in", daemon=True
        ).start()
        return state

    def get(self, sign_in: str) -> SignInState:
        """How far it is.

        Raises:
            SignInUnknown: there is none of this id.
        """
        with self._lock:
            found = self._states.get(sign_in)
        if found is None:
            raise SignInUnknown("This signing in is not under way any more.", hint="Start it again.")
        return found

    def cancel(self, sign_in: str) -> SignInState:
        """Ends it; one that has ended stays as it is."""
        found = self.get(sign_in)
        with self._lock:
            self._end(found)
        return found

    def close(self) -> None:
        """Ends all."""
        with self._lock:
            for state in self._states.values():
                self._end(state)

    def _end(self, state: SignInState) -> None:
        self._stops[state.id].set()
        if state.status == "Waiting":
            state.status = "Cancelled"

    def _follow(self, device: DeviceSignIn, state: SignInState, stop: threading.Event) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            token = device.wait(stop)
            if token is not None:
                self._keep(device, state, token)
        except SignInEnded as problem:
            self._finish(state, problem.outcome, str(problem))
        except (BotoCoreError, ClientError, OSError) as error:
            self._finish(state, "Failed", str(error))

    def _keep(self, device: DeviceSignIn, state: SignInState, token: dict[str, Any]) -> None:
        """Keeps the token, unless somebody has just cancelled; who sees SignedIn finds it."""
        with self._lock:
            if state.status == "Waiting":
                device.keep(token)
                self._signed_in(state)
                state.status = "SignedIn"

    def _finish(self, state: SignInState, status: SignInStatus, message: str) -> None:
        with self._lock:
            if state.status == "Waiting":
                state.status, state.message = status, message


def _expired() -> SignInEnded:
    """Nobody typed the code in time."""
    return SignInEnded(
        "The code has expired before somebody confirmed it.", hint="Start again.", outcome="Expired"
    )


def session_name(start_url: str) -> str:
    """Name of the `sso-session` of an address, e.g. `example` of https://example.awsapps.com/start."""
    host = start_url.split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0]
    return host.split(".", 1)[0] or "sso"


def token_directory() -> Path:
    """Where botocore and the AWS command line keep tokens."""
    return Path("~/.aws/sso/cache").expanduser()


def _dumps(document: Any) -> str:
    """JSON with times as the AWS command line writes them."""
    return json.dumps(document, default=lambda value: value.strftime("%Y-%m-%dT%H:%M:%SZ"))


def access_token(place: SsoPlace) -> str:
    """The token that was kept for a place.

    Raises:
        botocore.exceptions.SSOTokenLoadError: there is none.
    """
    from botocore.utils import JSONFileCache, SSOTokenLoader

    token = SSOTokenLoader(cache=JSONFileCache(str(token_directory())))(
        place.start_url, session_name=place.session_name
    )
    return str(token["accessToken"])


def service_client(place: SsoPlace, service: Literal["sso", "sso-oidc"]) -> Any:
    """A client of IAM Identity Center; its calls carry a token, no signature."""
    from botocore import UNSIGNED
    from botocore.config import Config

    options: dict[str, Any] = {
        "signature_version": UNSIGNED,
        "connect_timeout": 5,
        "read_timeout": 20,
        "retries": {"mode": "standard", "total_max_attempts": 2},
    }
    if has_engine_environment():
        options["ignore_configured_endpoint_urls"] = True
    return core_session(place.profile).create_client(
        service, region_name=place.region, config=Config(**options)
    )
