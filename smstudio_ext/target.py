"""Where the pages' calls go: the local engine or an AWS account, as cached boto3 clients."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from smstudio_ext import __version__
from smstudio_ext.aws.account import AwsAccount
from smstudio_ext.aws.profiles import configured_region, has_engine_environment, read_profiles
from smstudio_ext.aws_rules import keep_rules

TargetKind = Literal["local", "aws"]

DEFAULT_REGION = "us-east-1"
LOCAL_ROLE_ARN = "arn:aws:iam::000000000000:role/AmazonSageMaker-ExecutionRole"
_READ_TIMEOUT = (
    15  # An answer of AWS that takes longer is asked for again, four times in all: a page waits for a minute.
)
_LOCAL_TIMEOUT = 30
_RUNTIME_TIMEOUT = 70  # SageMaker ends an invocation after 60 s; wait a little longer for its answer.


class EngineAway(Exception):
    """The local engine does not run, or does not answer."""


@dataclass(frozen=True)
class LocalEngine:
    """Address and credentials of a running engine; the credentials stay out of logs."""

    url: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    region: str = DEFAULT_REGION


class Target:
    """One target in one region: makes boto3 clients on first use and keeps them. Safe to use from many threads.

    Making a client takes up to half a second the first time, and every call blocks: use it from worker threads.
    """

    def __init__(
        self,
        kind: TargetKind,
        *,
        region: str,
        profile: str | None = None,
        role_arn: str | None = None,
        engine: LocalEngine | None = None,
        endpoint_url: str | None = None,
        read_only: bool = False,
        account: AwsAccount | None = None,
    ) -> None:
        self.kind: TargetKind = kind
        self.read_only = read_only
        self.region = region
        self.profile = profile
        self.account = account
        self._role_arn = role_arn
        self._engine = engine
        self._endpoint_url = engine.url if engine else endpoint_url
        self._clients: dict[str, Any] = {}
        self._lock = threading.RLock()
        self._session: Any = None
        self._identity: dict[str, str] | None = None
        self._role_looked_up = False

    @classmethod
    def local(cls, engine: LocalEngine, region: str | None = None) -> Target:
        """The local engine; `region` chooses among the engine's regions."""
        return cls("local", region=region or engine.region, engine=engine, role_arn=LOCAL_ROLE_ARN)

    def in_region(self, region: str) -> Target:
        """The same target in another region."""
        return Target(
            self.kind,
            region=region,
            profile=self.profile,
            role_arn=self._role_arn,
            engine=self._engine,
            endpoint_url=self._endpoint_url,
            read_only=self.read_only,
            account=self.account,
        )

    @classmethod
    def aws(
        cls,
        profile: str | None = None,
        region: str | None = None,
        role_arn: str | None = None,
        *,
        endpoint_url: str | None = None,
        read_only: bool = False,
        account: AwsAccount | None = None,
    ) -> Target:
        """An AWS account.

        Args:
            profile: of the AWS configuration; none takes the default chain (environment, default profile, instance).
            region: none takes the profile's.
            role_arn: execution role for new jobs; none finds it by the identity, as the SDK does.
            endpoint_url: another server that speaks AWS's protocols, e.g. moto in tests.
            read_only: refuse what would change something, before it is sent (`ReadOnlyTarget`).
            account: its credentials, when they are more than the profile's (a role to assume) or shared by several targets.
        """
        return cls(
            "aws",
            region=region or configured_region(profile) or DEFAULT_REGION,
            profile=profile,
            role_arn=role_arn,
            endpoint_url=endpoint_url,
            read_only=read_only,
            account=account or AwsAccount(profile, endpoint_url=endpoint_url),
        )

    @property
    def title(self) -> str:
        """What the status bar says."""
        if self.kind == "local":
            return f"local ({self.region})"
        return f"aws: {self.profile or 'default'} ({self.region})"

    def client(self, service: str) -> Any:
        """The boto3 client of a service, e.g. `sagemaker` or `s3`."""
        with self._lock:
            found = self._clients.get(service)
            if found is None:
                found = self._clients[service] = self._make(service)
            return found

    def identity(self) -> dict[str, str]:
        """Account, Arn and UserId of `sts:GetCallerIdentity`; asked once.

        Raises:
            botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: no valid credentials.
        """
        if self._identity is None:
            answer = self.client("sts").get_caller_identity()
            self._identity = {name: str(answer.get(name, "")) for name in ("Account", "Arn", "UserId")}
        return self._identity

    def default_bucket(self) -> str:
        """The bucket that the SageMaker SDK takes by default: `sagemaker-<region>-<account>`."""
        return f"sagemaker-{self.region}-{self.identity()['Account']}"

    def role_arn(self) -> str | None:
        """Execution role for new jobs, or None when the user must name one.

        On AWS without a chosen role it is the role that we ourselves run as, as the SDK's `get_execution_role` does.
        """
        if self._role_arn is None and not self._role_looked_up:
            arn = self.identity()["Arn"]
            self._role_arn = self._own_role(arn) if ":assumed-role/" in arn else None
            self._role_looked_up = True
        return self._role_arn

    @property
    def known_role_arn(self) -> str | None:
        """The role as far as it is known without asking anybody."""
        return self._role_arn

    @property
    def known_identity(self) -> dict[str, str] | None:
        """The identity as far as it is known without asking anybody."""
        return self._identity

    def offers(self, service: str, operation: str) -> bool:
        """Whether botocore's model of a service has an operation (the target may still refuse it)."""
        return operation in self.client(service).meta.service_model.operation_names

    def _own_role(self, arn: str) -> str | None:
        from botocore.exceptions import BotoCoreError, ClientError

        name = arn.split(":assumed-role/", 1)[1].split("/", 1)[0]
        try:
            return str(self.client("iam").get_role(RoleName=name)["Role"]["Arn"])
        except (ClientError, BotoCoreError):
            return None  # without the right to read IAM the form asks for the role

    def _make(self, service: str) -> Any:
        from botocore.config import Config

        runtime = service == "sagemaker-runtime"
        options: dict[str, Any] = {
            "user_agent_extra": f"smstudio/{__version__}",
            "connect_timeout": 5,
            "read_timeout": _RUNTIME_TIMEOUT
            if runtime
            else _LOCAL_TIMEOUT
            if self._engine
            else _READ_TIMEOUT,
            "max_pool_connections": 16,
            # Adaptive: throttled calls wait, and calls after them come more slowly.
            "retries": {"mode": "adaptive", "total_max_attempts": 1 if runtime else 4},
        }
        credentials: dict[str, Any] = {}
        if self.kind == "aws" and has_engine_environment():
            options["ignore_configured_endpoint_urls"] = True  # else the engine would pass for AWS
        if self._engine:
            options["proxies"] = {}  # a proxy of the environment cannot reach this machine's loopback
            options["retries"] = {"mode": "standard", "total_max_attempts": 1}
            options["s3"] = {"addressing_style": "path"}
            credentials = {
                "aws_access_key_id": self._engine.access_key,
                "aws_secret_access_key": self._engine.secret_key,
            }
        client = self._boto_session().client(
            service,
            region_name=self.region,
            endpoint_url=self._endpoint_url,
            config=Config(**options),
            **credentials,
        )
        if self.kind == "aws":
            keep_rules(client, read_only=self.read_only)
        return client

    def _boto_session(self) -> Any:
        if self._session is None:
            if self.account is not None:
                self._session = self.account.boto(_service_models())
            else:
                import boto3

                self._session = boto3.Session(botocore_session=_session_without_files())
        return self._session


class UnknownProfile(ValueError):
    """The AWS configuration has no such profile."""


def aws_profiles() -> dict[str, str | None]:
    """Profiles of this machine's AWS configuration and their regions.

    Raises:
        botocore.exceptions.ConfigParseError: the configuration cannot be read.
    """
    return {name: profile.region for name, profile in read_profiles().items()}


def sagemaker_regions() -> list[str]:
    """Regions in which AWS offers SageMaker."""
    session = _session_without_files()
    regions: list[str] = []
    for partition in session.get_available_partitions():
        regions += session.get_available_regions("sagemaker", partition)
    return sorted(set(regions))


def warm_up() -> None:
    """Imports boto3 and reads SageMaker's service model, so that the first client is made quickly."""
    import boto3  # noqa: F401 - imported for its cost

    _service_models().load_service_model("sagemaker", "service-2")


@lru_cache(maxsize=1)
def _service_models() -> Any:
    """botocore's loader, shared by all targets: the models are large and the same for every region and profile."""
    from botocore.loaders import create_loader

    return create_loader(os.environ.get("AWS_DATA_PATH"))


def _session_without_files() -> Any:
    """A session that reads no AWS configuration: the engine needs none, and a broken one must not stand in its way."""
    import botocore.session

    core = botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
    core.register_component("data_loader", _service_models())
    return core
