"""The target that a server's pages use now; it is kept across restarts of the server."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from smstudio_ext.aws.account import AwsAccount, OneTimeCode, RoleToAssume
from smstudio_ext.aws.profiles import configured_region
from smstudio_ext.target import (
    DEFAULT_REGION,
    EngineAway,
    LocalEngine,
    Target,
    TargetKind,
    UnknownProfile,
    aws_profiles,
)


@dataclass(frozen=True)
class Choice:
    """What is chosen; holds no secret.

    Attributes:
        role_arn: execution role of new jobs.
        assume: role that pages work as.
    """

    kind: TargetKind = "local"
    profile: str | None = None
    region: str | None = None
    role_arn: str | None = None
    read_only: bool = False
    assume: RoleToAssume | None = None


class TargetMemory:
    """A file that keeps the choice for the next start of the server.

    Args:
        path: of the file.
        configured: what the server's configuration says. A choice is forgotten when that was changed since, and a target that
            is read-only by configuration is so again after each start.
    """

    def __init__(self, path: Path, configured: Choice) -> None:
        self._path = path
        self._configured = configured

    def load(self) -> Choice:
        """The kept choice, else the configured one."""
        try:
            kept = json.loads(self._path.read_text())
            if kept["configured"] != asdict(self._configured):
                return self._configured
            found = _choice(kept["chosen"])
        except (OSError, ValueError, KeyError, TypeError):
            return self._configured
        if self._configured.read_only and found.kind == "aws":
            return Choice(**{**vars(found), "read_only": True})
        return found

    def save(self, choice: Choice) -> None:
        """Keeps it; where the file cannot be written, the next server starts as configured."""
        document = {"configured": asdict(self._configured), "chosen": asdict(choice)}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.name)
            with os.fdopen(handle, "w") as file:
                json.dump(document, file)
            Path(name).replace(self._path)
        except OSError:
            return


class TargetSwitch:
    """The target that a server's pages use now, and what else can be chosen.

    Args:
        engine: tells address and credentials of the local engine, None when it does not run. Called from worker threads.
        memory: keeps the choice; it goes before `kind` to `read_only`.
    """

    def __init__(
        self,
        engine: Callable[[], LocalEngine | None],
        *,
        kind: TargetKind = "local",
        profile: str | None = None,
        region: str | None = None,
        role_arn: str | None = None,
        endpoint_url: str | None = None,
        read_only: bool = False,
        memory: TargetMemory | None = None,
    ) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._endpoint_url = endpoint_url
        self._memory = memory
        self._local: tuple[LocalEngine, str | None, Target] | None = None
        self._aws: Target | None = None
        self._account: AwsAccount | None = None
        self.choice = memory.load() if memory else Choice(kind, profile, region, role_arn, read_only)

    @property
    def kind(self) -> TargetKind:
        """The local engine or AWS."""
        return self.choice.kind

    @property
    def profile(self) -> str | None:
        """Of the AWS configuration."""
        return self.choice.profile

    @property
    def region(self) -> str | None:
        """As it was chosen; `effective_region` is the one that holds."""
        return self.choice.region

    @property
    def role_arn(self) -> str | None:
        """Execution role of new jobs."""
        return self.choice.role_arn

    @property
    def read_only(self) -> bool:
        """Whether an AWS account is protected from changes."""
        return self.choice.read_only

    def choose(
        self,
        kind: TargetKind,
        profile: str | None = None,
        region: str | None = None,
        role_arn: str | None = None,
        *,
        read_only: bool = False,
        assume: RoleToAssume | None = None,
        mfa_code: str | None = None,
    ) -> None:
        """Chooses the target for all pages.

        Args:
            read_only: protect an AWS account from changes.
            assume: role to work as, with the profile's credentials.
            mfa_code: for a role that asks for one. With it, and with a role that is new, the role is assumed at once.

        Raises:
            UnknownProfile: the AWS configuration has no such profile.
            botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, MfaNeeded: the role cannot be assumed; what was
                chosen before stays.
        """
        local = kind == "local"
        choice = Choice(
            kind,
            None if local else profile,
            region,
            role_arn,
            read_only and not local,
            None if local else assume,
        )
        account: AwsAccount | None = None
        if not local:
            if profile and profile not in aws_profiles():
                raise UnknownProfile(
                    f"There is no AWS profile {profile!r} in this machine's AWS configuration."
                )
            account = self._account_of(choice, mfa_code)
        with self._lock:
            self.choice, self._aws = choice, None
            if account is not None:
                self._account = account
        if self._memory:
            self._memory.save(choice)

    def renew(self) -> None:
        """Reads the credentials anew at the next call: after signing in, or when files were changed."""
        with self._lock:
            self._aws = self._account = None

    def current(self) -> Target:
        """The chosen target.

        Raises:
            EngineAway: it is the local engine, which does not run.
        """
        with self._lock:
            if self.choice.kind == "aws":
                return self._current_account()
            region = self.choice.region
        engine = self._engine()
        if engine is None:
            raise EngineAway("The local engine does not run.")
        with self._lock:
            if self._local is None or self._local[:2] != (engine, region):
                self._local = (engine, region, Target.local(engine, region))
            return self._local[2]

    def effective_region(self) -> str:
        """The region of the chosen target, without calling it."""
        if self.kind == "aws":
            return self.choice.region or configured_region(self.profile) or DEFAULT_REGION
        return self.choice.region or DEFAULT_REGION

    def _current_account(self) -> Target:
        if self._account is not None and self._account.stale:
            self._aws = self._account = None
        if self._account is None:
            self._account = self._new_account(self.choice, OneTimeCode())
        if self._aws is None:
            self._aws = Target.aws(
                self.choice.profile,
                self.choice.region,
                self.choice.role_arn,
                endpoint_url=self._endpoint_url,
                read_only=self.choice.read_only,
                account=self._account,
            )
        return self._aws

    def _account_of(self, choice: Choice, mfa_code: str | None) -> AwsAccount:
        """The credentials of a choice: those in use when they are the same, else new ones."""
        known = self._account
        same = known is not None and (known.profile, known.role) == (choice.profile, choice.assume)
        if known is not None and same and mfa_code is None and not known.stale:
            return known
        code = OneTimeCode()
        if mfa_code is not None:
            code.give(mfa_code)
        account = self._new_account(choice, code)
        if choice.assume is not None or mfa_code is not None:
            account.lifetime()
        return account

    def _new_account(self, choice: Choice, code: OneTimeCode) -> AwsAccount:
        return AwsAccount(choice.profile, choice.assume, ask_for_code=code, endpoint_url=self._endpoint_url)


def _choice(document: dict[str, Any]) -> Choice:
    assume = document.pop("assume")
    if document["kind"] not in ("local", "aws"):
        raise ValueError(document["kind"])
    return Choice(**document, assume=RoleToAssume(**assume) if assume else None)
