"""What stands between a notebook or a terminal and AWS: each trouble for real, its message and its hint."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from typer.testing import CliRunner

from smstudio_ext.cli.app import app
from smstudio_ext.magics.failure import MagicFailure
from smstudio_ext.magics.place import PLACE, Place

NOBODY = "http://127.0.0.1:1"
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing-secret-key"}
SSO = """
[profile work]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Dev
region = us-east-1
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = us-east-1
"""


@dataclass(frozen=True)
class Trouble:
    """A trouble and what must be said of it.

    Attributes:
        answer: status, code and message of every answer of the server; none when there is no server.
        told: in message or hint, for notebooks and terminals alike.
    """

    told: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    config: str = ""
    profile: str | None = None
    answer: tuple[int, str, str] | None = None
    ago: float = 0.0


TROUBLES = {
    "no-credentials": Trouble(("no AWS credentials", "aws configure sso")),
    "no-sign-in": Trouble(("sign-in", "work", "login --profile work"), config=SSO, profile="work"),
    "profile-missing": Trouble(("no AWS profile 'nope'", "work"), config=SSO, profile="nope"),
    "config-broken": Trouble(("config", "mend it"), config="[profile work\nregion = x\n", profile="work"),
    "offline": Trouble((NOBODY, "network"), {**KEYS, "AWS_ENDPOINT_URL": NOBODY}),
    "wrong-region": Trouble(
        ("no SageMaker in a region 'eu-nowhere-9'",),
        {**KEYS, "AWS_ENDPOINT_URL": NOBODY, "AWS_DEFAULT_REGION": "eu-nowhere-9"},
    ),
    "proxy": Trouble(
        ("proxy", "HTTPS_PROXY"),
        {**KEYS, "AWS_ENDPOINT_URL": "http://sagemaker.invalid", "HTTP_PROXY": NOBODY},
    ),
    "denied": Trouble(
        (
            "AccessDeniedException",
            "the permission sagemaker:ListTrainingJobs on arn:aws:sagemaker:us-east-1:1:x",
        ),
        KEYS,
        answer=(
            400,
            "AccessDeniedException",
            "User: arn:aws:iam::1:user/me is not authorized to perform: sagemaker:ListTrainingJobs on resource: "
            "arn:aws:sagemaker:us-east-1:1:x because no identity-based policy allows it",
        ),
    ),
    "throttled": Trouble(
        ("ThrottlingException", "try again"), KEYS, answer=(400, "ThrottlingException", "Rate exceeded")
    ),
    "expired": Trouble(
        ("have expired", "new credentials"),
        KEYS,
        answer=(403, "ExpiredTokenException", "The security token included in the request is expired"),
    ),
    "clock": Trouble(
        ("30 min ahead of AWS's",),
        KEYS,
        answer=(403, "InvalidSignatureException", "Signature expired: 20240101T000000Z is now earlier"),
        ago=1800,
    ),
    "broken-answer": Trouble(("try again in a moment",), KEYS, answer=(503, "ServiceUnavailable", "Busy")),
}


@pytest.fixture(params=TROUBLES)
def trouble(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Trouble]:
    """A trouble, set up around this process."""
    found = TROUBLES[request.param]
    for name in (
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "AWS_REGION",
        "SMSTUDIO_TARGET",
        "SAGEMAKER_USER_CONFIG_OVERRIDE",
    ):
        monkeypatch.delenv(name, raising=False)
    for name in (
        *KEYS,
        "AWS_ENDPOINT_URL",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "http_proxy",
        "https_proxy",
        "NO_PROXY",
        "no_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config").write_text(found.config)
    (tmp_path / "credentials").write_text("")
    for name, value in {
        "HOME": str(tmp_path),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": "us-east-1",
        **found.environment,
    }.items():
        monkeypatch.setenv(name, value)
    # The pauses between tries are boto3's own; nobody waits for them here.
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None, time=time.time))
    monkeypatch.setattr("botocore.retries.bucket.TokenBucket.acquire", lambda *_, **__: True)
    server = _server(found) if found.answer else None
    if server is not None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        Thread(target=server.serve_forever, daemon=True).start()
    yield found
    if server is not None:
        server.shutdown()
        server.server_close()


def _server(trouble: Trouble) -> ThreadingHTTPServer:
    assert trouble.answer is not None
    status, code, message = trouble.answer

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.dumps({"__type": code, "message": message}).encode()
            self.send_response_only(status)
            self.send_header("Date", formatdate(time.time() - trouble.ago, usegmt=True))
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def test_a_notebook_says_what_is_the_matter_and_what_to_do(
    trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = Place()
    for name, value in vars(fresh).items():
        monkeypatch.setattr(PLACE, name, value)
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "smstudio_ext")
    if trouble.profile is None:
        PLACE.choose("aws")
    cells = [f"%smstudio aws --profile {trouble.profile}"] if trouble.profile else []
    with pytest.raises(MagicFailure) as found:
        _run(shell, [*cells, "%sm_jobs training"])
    _check(trouble, "\n".join(found.value._render_traceback_()))


def _run(shell: InteractiveShell, cells: list[str]) -> None:
    for cell in cells:
        shell.run_cell(cell).raise_error()


def test_a_terminal_says_what_is_the_matter_and_what_to_do(trouble: Trouble) -> None:
    profile = ["--profile", trouble.profile] if trouble.profile else []
    result = CliRunner().invoke(app, ["jobs", "list", "training", "--target", "aws", *profile])
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    _check(trouble, result.output)


def _check(trouble: Trouble, text: str) -> None:
    flat = " ".join(text.split())
    for words in trouble.told:
        assert words in flat, text
    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in text
    assert len(text.splitlines()) <= 3, text
