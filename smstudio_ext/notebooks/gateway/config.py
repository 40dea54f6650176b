"""The Jupyter gateways that this user works with: a file of the data directory, and the Jupyter server's own settings."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from smstudio_ext.notebooks.home import notebooks_dir, read_json

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
"""A gateway's name: it is part of the names of its kernels here."""

LAUNCH_SECONDS = 60.0
"""How long a gateway may take to start a kernel when nobody says otherwise."""

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TEXTS = (
    "name",
    "url",
    "token",
    "token_env",
    "auth_scheme",
    "username",
    "ca_certs",
    "client_cert",
    "client_key",
)


class GatewayProblem(Exception):
    """A gateway is not set up as it must be; the message says what to change."""


@dataclass(frozen=True)
class Gateway:
    """One gateway.

    Attributes:
        name: short, chosen by the user.
        url: base address of the gateway, without `/api`.
        token: what the gateway asks for; empty where `token_env` names it, or where it asks for nothing.
        token_env: variable of the server's (or the script's) environment that holds the token.
        auth_scheme: first word of the `Authorization` header.
        username: sent as `KERNEL_USERNAME`; the user's own name when empty.
        ca_certs: file with the certificates of authorities to believe; the system's when empty.
        client_cert, client_key: files with the user's own certificate, where the gateway wants one.
        validate_cert: whether the gateway's certificate is checked.
        launch_timeout: seconds that a kernel may take to start there.
        env: variables that every kernel's request carries, e.g. `KERNEL_NAMESPACE`.
        fixed: from the Jupyter server's configuration: cannot be changed from pages or the command line.
    """

    name: str
    url: str
    token: str = field(default="", repr=False)
    token_env: str = ""
    auth_scheme: str = "token"
    username: str = ""
    ca_certs: str = ""
    client_cert: str = ""
    client_key: str = ""
    validate_cert: bool = True
    launch_timeout: float = LAUNCH_SECONDS
    env: Mapping[str, str] = field(default_factory=dict)
    fixed: bool = False

    @property
    def host(self) -> str:
        """Host, with the port where it is said: what people know it by."""
        return urlsplit(self.url).netloc

    @property
    def secret(self) -> str:
        """The token; empty for none.

        Raises:
            GatewayProblem: the variable that is to hold it is not set.
        """
        if not self.token_env:
            return self.token
        found = os.environ.get(self.token_env, "")
        if not found:
            raise GatewayProblem(
                f"The gateway {self.name} takes its token from the variable {self.token_env}, which is not set where this "
                "server (or script) was started."
            )
        return found

    def web_socket(self, path: str) -> str:
        """Address of a path of the gateway's for a web socket."""
        parts = urlsplit(self.url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        return urlunsplit((scheme, parts.netloc, f"{parts.path}/{path}", "", ""))


_given: dict[str, Gateway] = {}
"""Those of the Jupyter server's configuration."""


def give(settings: Iterable[Mapping[str, Any]]) -> list[str]:
    """Takes over what the Jupyter server's configuration says (`SmStudioApp.gateways`).

    Returns:
        What is wrong with those that cannot be used.
    """
    _given.clear()
    problems = []
    for each in settings:
        try:
            made = parse({**each, "fixed": True})
        except GatewayProblem as problem:
            problems.append(str(problem))
            continue
        _given[made.name] = made
    return problems


def gateways() -> list[Gateway]:
    """All gateways, by name; those of the server's configuration go before equal names in the file."""
    found = {**_read(), **_given}
    return [found[name] for name in sorted(found)]


def find(name: str) -> Gateway | None:
    """The gateway of that name."""
    return _given.get(name) or _read().get(name)


def parse(said: Mapping[str, Any]) -> Gateway:
    """A gateway from its settings.

    Raises:
        GatewayProblem: they cannot be used; the message says which and why.
    """
    name = str(said.get("name") or "")
    if not NAME.fullmatch(name):
        raise GatewayProblem(
            f"'{name}' is no name for a gateway: letters, digits, '-' and '_', at most 32, a letter or digit first."
        )
    unknown = sorted(set(said) - {each.name for each in fields(Gateway)})
    if unknown:
        raise GatewayProblem(f"The gateway {name} has settings that are not known: {', '.join(unknown)}.")
    values: dict[str, Any] = {key: str(said[key]).strip() for key in _TEXTS if said.get(key) is not None}
    values["url"] = _address(name, values.get("url", ""))
    values["env"] = _variables(name, said.get("env") or {})
    values["validate_cert"] = bool(said.get("validate_cert", True))
    values["fixed"] = bool(said.get("fixed", False))
    try:
        values["launch_timeout"] = float(said.get("launch_timeout") or LAUNCH_SECONDS)
    except (TypeError, ValueError):
        values["launch_timeout"] = 0.0
    if not 1 <= values["launch_timeout"] <= 3600:
        raise GatewayProblem(f"launch_timeout of the gateway {name} has to be 1 to 3600 seconds.")
    made = Gateway(**values)
    if made.token and made.token_env:
        raise GatewayProblem(f"The gateway {name} has a token and token_env; only one can be.")
    if any("\n" in text or "\r" in text for text in (made.token, made.auth_scheme)):
        raise GatewayProblem(f"The token of the gateway {name} has a line break in it.")
    for path in (made.ca_certs, made.client_cert, made.client_key):
        if path and not Path(path).is_file():
            raise GatewayProblem(f"The gateway {name} names the file {path}, which is not there.")
    return made


def add(said: Mapping[str, Any], *, replace: bool = False) -> Gateway:
    """Writes a gateway into the user's file.

    Args:
        replace: whether one of that name may be there already.

    Raises:
        GatewayProblem: it cannot be used or written.
    """
    made = parse({**said, "fixed": False})
    if made.name in _given:
        raise GatewayProblem(f"The gateway {made.name} is set by the Jupyter server's configuration.")
    if made.name in _read() and not replace:
        raise GatewayProblem(f"There is a gateway {made.name} already.")
    _write([*_others(made.name), _plain(made)])
    return made


def remove(name: str) -> Gateway:
    """Takes a gateway out of the user's file, also one whose settings cannot be used.

    Raises:
        GatewayProblem: there is none, or the server's configuration has it.
    """
    if not any(each.get("name") == name for each in _entries()):
        raise GatewayProblem(
            f"The gateway {name} is set by the Jupyter server's configuration."
            if name in _given
            else f"There is no gateway {name}."
        )
    found = _read().get(name)
    _write(_others(name))
    return found or Gateway(name, "")


def exposed(gateway: Gateway) -> str:
    """What is unsafe about a gateway's settings; empty when nothing is."""
    parts = urlsplit(gateway.url)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        return "Not encrypted: others on the network can read the token and everything that cells print."
    if not gateway.validate_cert:
        return "Its certificate is not checked: another machine could stand in for it."
    return ""


def _address(name: str, said: str) -> str:
    try:
        parts = urlsplit(said)
        port = parts.port
    except ValueError:
        raise GatewayProblem(f"'{said}' is no address.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise GatewayProblem(
            f"The gateway {name} needs an address that begins with http:// or https://, e.g. https://gateway.example.org:8888"
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise GatewayProblem(
            f"The address of the gateway {name} may not hold a name, a password or a query: put the token into token or "
            "token_env."
        )
    path = parts.path.rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, path.removesuffix("/api"), "", ""))


def _variables(name: str, said: Any) -> dict[str, str]:
    if not isinstance(said, Mapping) or not all(
        isinstance(key, str) and isinstance(value, str) for key, value in said.items()
    ):
        raise GatewayProblem(f"env of the gateway {name} has to be a table of texts.")
    return dict(said)


def _file() -> Path:
    return notebooks_dir() / "gateways.json"


def _entries() -> list[dict[str, Any]]:
    """What the user's file says of each gateway, whether it can be used or not."""
    said = read_json(_file()).get("gateways") or ()
    return [dict(each) for each in said if isinstance(each, Mapping)]


def _others(name: str) -> list[dict[str, Any]]:
    return [each for each in _entries() if each.get("name") != name]


def _read() -> dict[str, Gateway]:
    found: dict[str, Gateway] = {}
    for each in _entries():
        try:
            made = parse({**each, "fixed": False})
        except (GatewayProblem, TypeError):
            continue  # a file that it names is gone, or somebody edited it: see `broken`
        found[made.name] = made
    return found


def broken() -> dict[str, str]:
    """What is wrong with gateways of the file that cannot be used, by their names."""
    problems: dict[str, str] = {}
    for each in _entries():
        try:
            parse({**each, "fixed": False})
        except (GatewayProblem, TypeError) as problem:
            problems[str(each.get("name") or "")] = str(problem)
    return problems


def _write(entries: list[dict[str, Any]]) -> None:
    """Writes the file so that only its owner can read it; the old one stays when it cannot be written."""
    path = _file()
    content = json.dumps({"gateways": entries}, indent=1) + "\n"
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.unlink(missing_ok=True)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(content)
        aside.replace(path)
    except OSError as error:
        raise GatewayProblem(f"{error.filename or path} cannot be written: {error.strerror}.") from error


def _plain(gateway: Gateway) -> dict[str, Any]:
    default = Gateway(gateway.name, gateway.url)
    said = asdict(gateway)
    said.pop("fixed")
    kept = {key: value for key, value in said.items() if value != getattr(default, key)}
    return {"name": gateway.name, "url": gateway.url, **kept}
