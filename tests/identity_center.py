"""A small IAM Identity Center: the device authorization of `sso-oidc`, and the accounts and credentials of `sso`.

moto has neither. It is a real HTTP server that real botocore clients talk to; people who sign in are played by `confirm`.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

CONFIG = """\
[profile work]
region = us-east-2
sso_session = company
sso_account_id = 111122223333
sso_role_name = Scientist
endpoint_url = {moto}
services = here
[profile old]
region = us-east-2
sso_start_url = https://old.example.com/start
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = Scientist
endpoint_url = {moto}
services = here
[profile lacking]
sso_session = nowhere
sso_account_id = 111122223333
sso_role_name = Scientist
[profile keys]
aws_access_key_id = testing
aws_secret_access_key = testing
endpoint_url = {moto}
[sso-session company]
sso_start_url = https://company.example.com/start
sso_region = us-east-1
sso_registration_scopes = sso:account:access
[services here]
sso_oidc =
  endpoint_url = {center}
sso =
  endpoint_url = {center}
"""
"""Profiles that sign in to it, with moto for all other services (`moto` and `center` are their addresses)."""

REFUSED = {
    "AuthorizationPendingException": "authorization_pending",
    "SlowDownException": "slow_down",
    "ExpiredTokenException": "expired_token",
    "AccessDeniedException": "access_denied",
    "InvalidGrantException": "invalid_grant",
}


class IdentityCenter:
    """What the service knows.

    Attributes:
        answer: error of the next questions for a token; none when the code was confirmed.
        asked: how often a token was asked for.
        secrets: what must not be seen outside of the server and of its token cache.
        access_keys: of credentials that were handed out.
    """

    def __init__(self) -> None:
        self.answer: str | None = "AuthorizationPendingException"
        self.asked = 0
        self.device_seconds = 600
        self.token_seconds = 28800
        self.refresh = True
        self.secrets: list[str] = []
        self.access_keys: list[str] = []
        self.registrations: list[dict[str, Any]] = []
        self.tokens: set[str] = set()
        self.url = ""

    def confirm(self) -> None:
        """Somebody opens the address, compares the code and allows it."""
        self.answer = None

    def revoke(self) -> None:
        """Ends all sessions, as an administrator can."""
        self.tokens.clear()

    def secret(self, kind: str) -> str:
        """A new secret, remembered."""
        self.secrets.append(f"{kind}-{secrets.token_hex(12)}")
        return self.secrets[-1]

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """The operations of `sso-oidc`."""
        if path == "/client/register":
            self.registrations.append(body)
            return 200, {
                "clientId": "client-of-tests",
                "clientSecret": self.secret("client-secret"),
                "clientIdIssuedAt": int(time.time()),
                "clientSecretExpiresAt": int(time.time()) + 90 * 86400,
            }
        if path == "/device_authorization":
            return 200, {
                "deviceCode": self.secret("device-code"),
                "userCode": "ABCD-EFGH",
                "verificationUri": f"{self.url}/start/#/device",
                "verificationUriComplete": f"{self.url}/start/#/device?user_code=ABCD-EFGH",
                "expiresIn": self.device_seconds,
                "interval": 0,
            }
        assert path == "/token", path
        if body["grantType"] == "refresh_token":
            return 200, self.token()
        self.asked += 1
        if self.answer is not None:
            return 400, {"error": REFUSED[self.answer], "__type": self.answer}
        return 200, self.token()

    def token(self) -> dict[str, Any]:
        """A new token for an account's credentials."""
        access = self.secret("access-token")
        self.tokens.add(access)
        found = {"accessToken": access, "tokenType": "Bearer", "expiresIn": self.token_seconds}
        return {**found, "refreshToken": self.secret("refresh-token")} if self.refresh else found

    def get(self, path: str, query: dict[str, str], token: str) -> tuple[int, dict[str, Any]]:
        """The operations of `sso`."""
        if token not in self.tokens:
            return 401, {"__type": "UnauthorizedException", "message": "Session token not found or invalid"}
        if path == "/assignment/accounts":
            first = query.get("next_token") is None  # two pages, so that paging is tried
            page = [("111122223333", "Research")] if first else [("444455556666", "Development")]
            accounts = [
                {"accountId": number, "accountName": name, "emailAddress": f"{name.lower()}@example.com"}
                for number, name in page
            ]
            return 200, {"accountList": accounts, **({"nextToken": "2"} if first else {})}
        if path == "/assignment/roles":
            roles = [
                {"roleName": name, "accountId": query["account_id"]}
                for name in ("Scientist", "Administrator")
            ]
            return 200, {"roleList": roles}
        assert path == "/federation/credentials", path
        self.access_keys.append(f"ASIA{secrets.token_hex(8).upper()}")
        return 200, {
            "roleCredentials": {
                "accessKeyId": self.access_keys[-1],
                "secretAccessKey": self.secret("secret-key"),
                "sessionToken": self.secret("session-token"),
                "expiration": int((time.time() + 3600) * 1000),
            }
        }


@contextmanager
def identity_center() -> Iterator[IdentityCenter]:
    """Runs one."""
    center = IdentityCenter()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            self._answer(*center.post(self.path, json.loads(self.rfile.read(size))))

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            token = self.headers.get("x-amz-sso_bearer_token", "")
            self._answer(*center.get(parts.path, query, token))

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            if "__type" in body:
                self.send_header("x-amzn-ErrorType", body["__type"])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Keeps quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    center.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield center
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
