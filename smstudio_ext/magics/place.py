"""Where the magics of this kernel work: the local engine or an AWS account."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

from smstudio_ext.magics.failure import MagicFailure

if TYPE_CHECKING:
    from smstudio_ext.aws.account import RoleToAssume
    from smstudio_ext.target import Target, TargetKind

_LOOPBACK = ("http://127.", "http://localhost:", "http://[::1]:")
_START_SECONDS = 60
_ANSWER_SECONDS = 1.0

_asked: dict[str, str] = {}
"""What the command line told last."""


class Place:
    """The target of the magics, with its boto3 clients; follows an engine that comes back at another address."""

    def __init__(self) -> None:
        self._kind: TargetKind | None = None
        self._profile: str | None = None
        self._region: str | None = None
        self._role: str | None = None
        self._assume: RoleToAssume | None = None
        self._made: tuple[tuple[object, ...], Target] | None = None

    def choose(
        self,
        kind: TargetKind,
        *,
        profile: str | None = None,
        region: str | None = None,
        role_arn: str | None = None,
        assume: RoleToAssume | None = None,
    ) -> None:
        """Chooses the target for the magics that follow.

        Args:
            role_arn: execution role of new jobs.
            assume: role to work as, with the profile's credentials.

        Raises:
            MagicFailure: the AWS configuration has no such profile.
        """
        if kind == "aws" and profile:
            from smstudio_ext.target import aws_profiles

            known = aws_profiles()
            if profile not in known:
                raise MagicFailure(
                    f"There is no AWS profile {profile!r} in this machine's AWS configuration.",
                    hint=f"There are: {', '.join(known)}." if known else "Make one with: aws configure sso",
                )
        self._kind, self._profile, self._region, self._role = kind, profile, region, role_arn
        self._assume = assume
        self._made = None

    @property
    def kind(self) -> TargetKind:
        """What was chosen; else what the kernel was started for."""
        if self._kind is not None:
            return self._kind
        return "aws" if os.environ.get("SMSTUDIO_TARGET") == "aws" else "local"

    @property
    def known(self) -> Target | None:
        """The target as it was last made; nothing is started or read for it."""
        return self._made[1] if self._made and self._made[1].kind == self.kind else None

    def target(self) -> Target:
        """The target; the local engine is started when it does not run.

        Raises:
            MagicFailure: the engine does not start.
        """
        from smstudio_ext.target import LocalEngine, Target

        if self.kind == "aws":
            return self._aws()
        variables = _engine_variables()
        key: tuple[object, ...] = (
            "local",
            variables["AWS_ENDPOINT_URL"],
            variables["AWS_ACCESS_KEY_ID"],
            self._region,
        )
        if self._made is None or self._made[0] != key:
            engine = LocalEngine(
                variables["AWS_ENDPOINT_URL"],
                variables["AWS_ACCESS_KEY_ID"],
                variables["AWS_SECRET_ACCESS_KEY"],
                variables.get("AWS_DEFAULT_REGION") or "us-east-1",
            )
            self._made = (key, Target.local(engine, self._region))
        return self._made[1]

    def _aws(self) -> Target:
        """The AWS account; what nobody chose here is as the pages had it when the kernel was started."""
        from smstudio_ext.aws.account import AwsAccount, RoleToAssume
        from smstudio_ext.target import Target

        role, assume = self._role, self._assume
        if self._kind is None:
            role = role or os.environ.get("SMSTUDIO_ROLE_ARN")
            given = os.environ.get("SMSTUDIO_ASSUME_ROLE")
            assume = RoleToAssume(**json.loads(given)) if given else None
        key: tuple[object, ...] = ("aws", self._profile, self._region, role, assume)
        stale = bool(self._made and self._made[1].account and self._made[1].account.stale)
        if self._made is None or self._made[0] != key or stale:
            protected = os.environ.get("SMSTUDIO_READ_ONLY") == "1"
            account = AwsAccount(self._profile, assume)
            self._made = (
                key,
                Target.aws(self._profile, self._region, role, read_only=protected, account=account),
            )
        return self._made[1]


PLACE = Place()
"""The one of this kernel."""


def _engine_variables() -> dict[str, str]:
    """Address and credentials of the engine: the kernel's own variables, else asked from the command line."""
    given = os.environ
    if given.get("AWS_ENDPOINT_URL", "").startswith(_LOOPBACK) and given.get("AWS_SECRET_ACCESS_KEY"):
        return dict(given)
    if _asked and _answers(_asked["AWS_ENDPOINT_URL"]):
        return _asked
    found = _command("env", "--format", "json")
    if found.returncode:
        started = _command("start")
        if started.returncode:
            raise MagicFailure(
                f"The local engine did not start: {started.stderr.strip()}",
                hint="See: smstudio engine status",
            )
        found = _command("env", "--format", "json")
    _asked.clear()
    _asked.update(json.loads(found.stdout))
    return _asked


def _answers(url: str) -> bool:
    """Whether somebody still listens at an address of this machine."""
    host, _, port = url.rpartition("//")[2].rpartition(":")
    try:
        with socket.create_connection((host, int(port.rstrip("/"))), _ANSWER_SECONDS):
            return True
    except (OSError, ValueError):
        return False


def _command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `smstudio engine ...`: the command line is the way to the engine that stays outside of this process."""
    return subprocess.run(
        [sys.executable, "-m", "smstudio_ext.cli", "engine", *arguments],
        capture_output=True,
        text=True,
        timeout=_START_SECONDS,
        check=False,
    )
