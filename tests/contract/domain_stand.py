"""What the contract tests of domains share: domains, users, scripts and apps of their own."""

from __future__ import annotations

import base64
import http.client
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from tests.conftest import RunningEngine, eventually

ROLE = "arn:aws:iam::000000000000:role/service-role/studio"
GROUP = "/aws/sagemaker/studio"


def unique(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(4)}"


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


@pytest.fixture
def sagemaker(engine: RunningEngine) -> Any:
    """A client of a region that only these tests use."""
    return engine.client("sagemaker", region="eu-west-3")


@pytest.fixture
def domain(sagemaker: Any) -> Iterator[str]:
    """A domain of the test's own; the test leaves nothing in it."""
    made = sagemaker.create_domain(
        DomainName=unique("team"), AuthMode="IAM", DefaultUserSettings={"ExecutionRole": ROLE}
    )
    yield made["DomainId"]
    sagemaker.delete_domain(DomainId=made["DomainId"], RetentionPolicy={"HomeEfsFileSystem": "Delete"})


@pytest.fixture
def user(sagemaker: Any, domain: str) -> Iterator[dict[str, str]]:
    """A user profile of it."""
    key = {"DomainId": domain, "UserProfileName": "ada"}
    sagemaker.create_user_profile(**key)
    yield key
    sagemaker.delete_user_profile(**key)


def script(sagemaker: Any, text: str, app_type: str = "KernelGateway") -> str:
    """A lifecycle configuration."""
    arn: str = sagemaker.create_studio_lifecycle_config(
        StudioLifecycleConfigName=unique("script"),
        StudioLifecycleConfigContent=base64.b64encode(text.encode()).decode(),
        StudioLifecycleConfigAppType=app_type,
    )["StudioLifecycleConfigArn"]
    return arn


def started(sagemaker: Any, key: dict[str, str], **members: Any) -> dict[str, Any]:
    """The description of a new app that is not Pending any more."""
    sagemaker.create_app(**key, **members)

    def settled() -> dict[str, Any] | None:
        now: dict[str, Any] = sagemaker.describe_app(**key)
        return now if now["Status"] != "Pending" else None

    found: dict[str, Any] | None = eventually(settled, what=f"start of {key['AppName']}")
    assert found is not None
    return found


def end(sagemaker: Any, key: dict[str, str]) -> dict[str, Any]:
    """Deletes an app; its last description."""
    sagemaker.delete_app(**key)

    def ended() -> dict[str, Any] | None:
        now: dict[str, Any] = sagemaker.describe_app(**key)
        return now if now["Status"] == "Deleted" else None

    found: dict[str, Any] | None = eventually(ended, what=f"end of {key['AppName']}")
    assert found is not None
    return found


def kernel_app(user: dict[str, str], name: str | None = None) -> dict[str, str]:
    return {**user, "AppType": "KernelGateway", "AppName": name or unique("app")}


def open_url(url: str, method: str = "GET") -> tuple[int, str, str]:
    """Status, Location and body of an address, without a signature and without following."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=120)
    connection.request(method, f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, answer.headers.get("Location") or "", body
