"""The REST calls of a Jupyter gateway (Enterprise Gateway, Kernel Gateway, or a Jupyter server), which all speak the same API."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from smstudio_ext.notebooks.gateway.config import Gateway, GatewayProblem

ASK_SECONDS = 10.0
"""How long a gateway may take to answer anything but the start of a kernel."""

_LONGEST = 300


class GatewayError(GatewayProblem):
    """A gateway does not do what it was asked to.

    Attributes:
        status: of its answer; 0 when it did not answer.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class GatewayApi:
    """Calls of one gateway; each blocks. Nothing goes through a proxy, and no redirect is followed: they would get the token."""

    def __init__(self, gateway: Gateway) -> None:
        import urllib3

        self.gateway = gateway
        if not gateway.validate_cert:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self._pool = urllib3.PoolManager(
            retries=False,
            ca_certs=gateway.ca_certs or None,
            cert_file=gateway.client_cert or None,
            key_file=gateway.client_key or None,
            cert_reqs="CERT_REQUIRED" if gateway.validate_cert else "CERT_NONE",
        )

    def about(self) -> dict[str, Any]:
        """What it says of itself: `version`, and `gateway_version` where it is a gateway and no Jupyter server."""
        found = self._call("GET", "api")
        return found if isinstance(found, dict) else {}

    def kernelspecs(self) -> dict[str, dict[str, Any]]:
        """Kernel's name -> its `spec`."""
        found = self._call("GET", "api/kernelspecs")
        specs = found.get("kernelspecs") if isinstance(found, dict) else None
        if not isinstance(specs, dict):
            raise GatewayError(f"{self._name()} did not answer with kernelspecs: is it a Jupyter gateway?")
        return {
            name: each["spec"] for name, each in specs.items() if isinstance(each, dict) and "spec" in each
        }

    def has_files(self) -> bool:
        """Whether it serves files too: a Jupyter server, which has no settings for single kernels."""
        try:
            self._call("GET", "api/contents?content=0")
        except GatewayError as error:
            if error.status in (404, 405):
                return False
            raise
        return True

    def start(self, kernel: str, kernel_id: str, env: dict[str, str]) -> str:
        """Starts a kernel and waits until it runs.

        Args:
            kernel: its name there.
            kernel_id: the id that it should get; some gateways give another.
            env: variables for it; a plain Jupyter server ignores them.

        Returns:
            Its id there.
        """
        body = {"name": kernel, "kernel_id": kernel_id, "env": {**env, "KERNEL_ID": kernel_id}}
        seconds = self.gateway.launch_timeout
        try:
            found = self._call("POST", "api/kernels", body, seconds=seconds)
        except GatewayError as error:
            if error.status == 0 and "did not answer" in str(error):
                raise GatewayError(
                    f"{self._name()} did not start the kernel within {seconds:g} s. It may be busy, or wait for a free "
                    "machine; the setting launch_timeout lets it take longer."
                ) from error
            raise
        if not isinstance(found, dict) or not found.get("id"):
            raise GatewayError(f"{self._name()} did not say which kernel it started.")
        return str(found["id"])

    def kernel(self, kernel_id: str) -> dict[str, Any] | None:
        """A kernel that runs there; None when there is none of that id."""
        try:
            found = self._call("GET", f"api/kernels/{quote(kernel_id)}")
        except GatewayError as error:
            if error.status == 404:
                return None
            raise
        return found if isinstance(found, dict) and found.get("id") else None

    def interrupt(self, kernel_id: str) -> None:
        """Interrupts what it runs."""
        self._call("POST", f"api/kernels/{quote(kernel_id)}/interrupt")

    def restart(self, kernel_id: str) -> None:
        """Starts it anew, under the same id."""
        self._call("POST", f"api/kernels/{quote(kernel_id)}/restart", seconds=self.gateway.launch_timeout)

    def end(self, kernel_id: str) -> None:
        """Shuts it down; one that is gone is no error."""
        try:
            self._call("DELETE", f"api/kernels/{quote(kernel_id)}", seconds=30.0)
        except GatewayError as error:
            if error.status != 404:
                raise

    def headers(self) -> dict[str, str]:
        """What every request carries."""
        secret = self.gateway.secret
        found = {"Accept": "application/json", "User-Agent": "smstudio-ext"}
        if secret:
            found["Authorization"] = f"{self.gateway.auth_scheme} {secret}".strip()
        return found

    def _name(self) -> str:
        return f"The gateway {self.gateway.name} ({self.gateway.host})"

    def _call(self, method: str, path: str, body: Any = None, *, seconds: float = ASK_SECONDS) -> Any:
        import urllib3

        headers = self.headers()
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            answer = self._pool.request(
                method,
                f"{self.gateway.url}/{path}",
                body=None if body is None else json.dumps(body).encode(),
                headers=headers,
                timeout=urllib3.Timeout(connect=min(seconds, ASK_SECONDS), read=seconds),
                redirect=False,
            )
            content = answer.data
        except urllib3.exceptions.SSLError as error:
            raise GatewayError(
                f"{self._name()} has a certificate that is not trusted here: {error}. The setting ca_certs names the file of "
                "its authority."
            ) from error
        except urllib3.exceptions.TimeoutError as error:
            raise GatewayError(f"{self._name()} did not answer within {seconds:g} s.") from error
        except urllib3.exceptions.HTTPError as error:
            raise GatewayError(f"{self._name()} cannot be reached: {_reason(error)}.") from error
        return self._read(method, path, answer.status, content)

    def _read(self, method: str, path: str, status: int, content: bytes) -> Any:
        try:
            found = json.loads(content) if content.strip() else None
        except ValueError:
            found = None
            if status < 300:
                raise GatewayError(
                    f"{self._name()} did not answer with JSON: is it a Jupyter gateway?"
                ) from None
        if status < 300:
            return found
        said = _said(found)
        if status in (401, 403) and "limit" not in said.lower():
            raise GatewayError(
                f"{self._name()} refuses the token ({status}). Check token or token_env of the gateway.",
                status,
            )
        if 300 <= status < 400:
            raise GatewayError(
                f"{self._name()} sends on to another page ({status}), as it does to people who are not logged in: it needs a "
                "token.",
                status,
            )
        raise GatewayError(f"{self._name()} answered {method} {path} with {status}{said}.", status)


def _said(found: Any) -> str:
    text = ""
    if isinstance(found, dict):
        text = str(found.get("message") or found.get("reason") or "")
    text = " ".join(text.split()).rstrip(".")
    return f": {text[:_LONGEST]}" if text else ""


def _reason(error: Exception) -> str:
    text = str(error)
    _, _, after = text.rpartition(": ")
    return (after or text).strip().rstrip(".)")
