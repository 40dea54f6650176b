"""The credentials of one choice of an AWS account: a profile or the default chain, and perhaps a role to assume."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from smstudio_ext.aws.problems import MfaNeeded
from smstudio_ext.aws.profiles import (
    SsoPlace,
    configuration_files,
    core_session,
    find_profile,
    has_engine_environment,
    sso_place,
)
from smstudio_ext.aws.signin import token_directory

AskForCode = Callable[[str], str]
"""Gets botocore's prompt, which names the MFA device, and returns its code."""

_SESSION_NAME = "smstudio"
"""Of sessions that nobody named; it stands in CloudTrail's logs."""
_STS_REGION = "us-east-1"
"""Where a role is assumed when neither the profile nor the environment names a region: STS is everywhere the same."""
_NEVER_FRESH = 10**9
"""Seconds: the fetcher never answers with what it fetched before; the credentials themselves know when they are old."""
_PROMPT = "Enter MFA code for "


@dataclass(frozen=True)
class RoleToAssume:
    """A role that the credentials of a profile may assume, as members of `sts:AssumeRole`."""

    role_arn: str
    external_id: str | None = None
    mfa_serial: str | None = None
    session_name: str | None = None
    duration_seconds: int | None = None

    def arguments(self) -> dict[str, Any]:
        """For botocore's fetcher."""
        named = {
            "ExternalId": self.external_id,
            "SerialNumber": self.mfa_serial,
            "RoleSessionName": self.session_name or _SESSION_NAME,
            "DurationSeconds": self.duration_seconds,
        }
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True)
class Lifetime:
    """Where credentials come from, and how long they last.

    Attributes:
        method: botocore's name of the source, e.g. `sso`, `env`, `iam-role`.
        expires_at: none for those that do not expire, and before their first use.
        renews: whether they are renewed in time without anybody's doing.
        signed_in_until: when somebody must sign in again, for IAM Identity Center.
    """

    method: str
    expires_at: datetime | None
    renews: bool
    signed_in_until: datetime | None = None


class OneTimeCode:
    """A code that somebody typed, for the next one that asks."""

    def __init__(self) -> None:
        self._code: str | None = None

    def give(self, code: str) -> None:
        """Keeps it until it is used."""
        self._code = code

    def __call__(self, prompt: str) -> str:
        """The code, once.

        Raises:
            MfaNeeded: nobody gave one.
        """
        code, self._code = self._code, None
        if code is None:
            raise MfaNeeded(prompt.removeprefix(_PROMPT).rstrip(": "))
        return code


class AwsAccount:
    """The session behind the clients of one choice, in all regions. Safe to use from many threads.

    Args:
        profile: of the AWS configuration; none takes the default chain (environment, default profile, instance).
        role: to be assumed with the profile's credentials.
        ask_for_code: for roles with an MFA device; none asks at the terminal.
        endpoint_url: another server that speaks AWS's protocols, e.g. moto in tests.
        shared_cache: keep sessions of profiles with an MFA device where the AWS command line keeps them, for programs that live
            as short: a device's code is good for one session only.
    """

    def __init__(
        self,
        profile: str | None = None,
        role: RoleToAssume | None = None,
        *,
        ask_for_code: AskForCode | None = None,
        endpoint_url: str | None = None,
        shared_cache: bool = False,
    ) -> None:
        self.profile = profile
        self.role = role
        self._ask_for_code = ask_for_code
        self._endpoint_url = endpoint_url
        self._shared_cache = shared_cache
        self._lock = threading.RLock()
        self._core: Any = None
        self._boto: Any = None
        self._read = _stamps()

    @property
    def stale(self) -> bool:
        """Whether the configuration changed since the session was made: a new one may have other credentials.

        Never for a role with an MFA device: its session goes on, and a new one would want a new code.
        """
        return self._core is not None and self._read != _stamps() and self.mfa_serial() is None

    def core(self, data_loader: Any = None) -> Any:
        """The session of botocore; made on first use.

        Raises:
            botocore.exceptions.ProfileNotFound, botocore.exceptions.ConfigParseError: the configuration lacks the profile, or
                cannot be read.
        """
        with self._lock:
            if self._core is None:
                self._read = _stamps()
                core = self._session(data_loader)
                if self.role is not None:
                    core.register_component(
                        "credential_provider", self._chain_of_role(self.role, data_loader)
                    )
                elif self.mfa_serial() is not None and (found := core.get_credentials()) is not None:
                    _renew(found, before_end=0.0)
                self._core = core
            return self._core

    def boto(self, data_loader: Any = None) -> Any:
        """The session of boto3 on it. There must be one: boto3 hangs its methods of S3 into botocore's session each time."""
        core = self.core(data_loader)
        with self._lock:
            if self._boto is None or self._boto._session is not core:
                import boto3

                self._boto = boto3.Session(botocore_session=core)
            return self._boto

    def lifetime(self) -> Lifetime | None:
        """Where the credentials come from and how long they last; None when there are none.

        Raises:
            botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, MfaNeeded: they cannot be had.
        """
        from botocore.credentials import RefreshableCredentials

        credentials = self.core().get_credentials()
        if credentials is None:
            return None
        credentials.get_frozen_credentials()
        return Lifetime(
            method=str(credentials.method),
            expires_at=getattr(credentials, "_expiry_time", None),
            renews=isinstance(credentials, RefreshableCredentials) and not self._needs_code(),
            signed_in_until=self._signed_in_until(),
        )

    def place_to_sign_in(self) -> SsoPlace | None:
        """Where the profile signs in; None when it does not, or its settings are not complete."""
        from botocore.exceptions import ConfigParseError

        from smstudio_ext.aws.problems import BadAccountInput

        try:
            return sso_place(self.profile)
        except (BadAccountInput, ConfigParseError):
            return None

    def mfa_serial(self) -> str | None:
        """The device whose code the role wants."""
        if self.role is not None:
            return self.role.mfa_serial
        found = find_profile(self.profile)
        return found.mfa_serial if found else None

    def _session(self, data_loader: Any) -> Any:
        core = core_session(self.profile)
        if core.get_config_variable("region") is None:
            core.set_config_variable("region", _STS_REGION)
        if data_loader is not None:
            core.register_component("data_loader", data_loader)
        resolver = core.get_component("credential_provider")
        if self._shared_cache and self.mfa_serial() is not None:
            resolver.get_provider("assume-role").cache = _cli_cache()
        if self._ask_for_code is not None:
            # The only way to ask elsewhere than at the server's terminal, where nobody sits.
            resolver.get_provider("assume-role")._prompter = self._ask_for_code
        return core

    def _chain_of_role(self, role: RoleToAssume, data_loader: Any) -> Any:
        """A chain of providers that has a role's credentials alone."""
        from botocore.config import Config
        from botocore.credentials import (
            AssumeRoleCredentialFetcher,
            CredentialProvider,
            CredentialResolver,
            DeferredRefreshableCredentials,
        )
        from botocore.exceptions import NoCredentialsError

        base = self._session(data_loader)
        source = base.get_credentials()
        if source is None:
            raise NoCredentialsError
        options: dict[str, Any] = (
            {"ignore_configured_endpoint_urls": True} if has_engine_environment() else {}
        )
        config = Config(**options)

        def client(service: str, **options: Any) -> Any:
            return base.create_client(service, endpoint_url=self._endpoint_url, config=config, **options)

        fetcher = AssumeRoleCredentialFetcher(
            client,
            source,
            role.role_arn,
            extra_args=role.arguments(),
            mfa_prompter=self._ask_for_code,
            expiry_window_seconds=_NEVER_FRESH,
        )
        credentials = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")

        class Provider(CredentialProvider):
            """The only link of the chain."""

            METHOD = "assume-role"

            def load(self) -> Any:
                """The role's credentials; they are fetched on first use, and again before they expire."""
                return credentials

        _renew(credentials, before_end=0.0 if role.mfa_serial else (role.duration_seconds or 3600) / 6)
        return CredentialResolver([Provider()])

    def _needs_code(self) -> bool:
        return self.mfa_serial() is not None

    def _signed_in_until(self) -> datetime | None:
        """When the sign-in ends for good; botocore renews a token that can be renewed until its registration ends."""
        from botocore.exceptions import SSOTokenLoadError
        from botocore.utils import JSONFileCache, SSOTokenLoader

        place = self.place_to_sign_in()
        if place is None:
            return None
        try:
            token = SSOTokenLoader(cache=JSONFileCache(str(token_directory())))(
                place.start_url, session_name=place.session_name
            )
        except SSOTokenLoadError:
            return None
        renewable = place.session_name and token.get("refreshToken") and token.get("registrationExpiresAt")
        text = str(token["registrationExpiresAt" if renewable else "expiresAt"])
        return datetime.fromisoformat(text.replace("Z", "+00:00").replace("UTC", "+00:00"))


def _cli_cache() -> Any:
    """Sessions of assumed roles, as the AWS command line keeps them: files that only their owner reads."""
    from botocore.utils import JSONFileCache

    return JSONFileCache(str(Path("~/.aws/cli/cache").expanduser()))


def _renew(credentials: Any, *, before_end: float) -> None:
    """Sets how many seconds before their end credentials are renewed at the latest.

    botocore begins a quarter of an hour before: for a session of a quarter of an hour that would be at every call. A role with
    an MFA device cannot be renewed without a new code, so its credentials are used up to their end.
    """
    credentials._mandatory_refresh_timeout = min(10 * 60, before_end)
    credentials._advisory_refresh_timeout = min(15 * 60, before_end * 1.5)


def _stamps() -> tuple[float, ...]:
    """When the files changed that credentials are read from."""
    found = []
    for path in configuration_files():
        try:
            found.append(path.stat().st_mtime)
        except OSError:
            found.append(0.0)
    return tuple(found)
