"""Models of Jupyter gateways: which are set up, and what they offer. No answer holds a token."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from smstudio_ext.studio.models.base import Answer, Request


class OfferedKernel(Answer):
    """A kernel of a gateway.

    Attributes:
        name: of its kernelspec here.
        display_name: as the gateway says it.
    """

    name: str
    display_name: str
    language: str


class GatewaySettings(Answer):
    """How a gateway is reached, without its token.

    Attributes:
        token_env: variable of the server's environment that holds the token; empty for none.
        auth_scheme: first word of the `Authorization` header.
        username: sent as `KERNEL_USERNAME`; empty for the user's own name.
        ca_certs: file on the server with the authorities to believe; empty for the system's.
        client_cert, client_key: files on the server with the user's own certificate.
        validate_cert: whether its certificate is checked.
        launch_timeout: seconds that a kernel may take to start there.
        env: variables that every kernel gets.
    """

    token_env: str
    auth_scheme: str
    username: str
    ca_certs: str
    client_cert: str
    client_key: str
    validate_cert: bool
    launch_timeout: float
    env: dict[str, str]


class GatewayOffer(Answer):
    """A gateway, and what it offers now.

    Attributes:
        kernels: what it offered last, where it does not answer.
        problem: why it cannot be used now.
        warning: what is unsafe about its settings.
        version: of its server.
        sized: whether it passes CPUs, memory and GPUs on; a plain Jupyter server does not.
        fixed: set by the Jupyter server's configuration, not to be removed here.
        token: where its token comes from; the token itself never leaves the server.
        settings: None of one that the Jupyter server's configuration sets, which is the administrator's.
    """

    name: str
    host: str
    url: str
    kernels: list[OfferedKernel]
    problem: str | None
    warning: str | None
    version: str | None
    sized: bool
    fixed: bool
    token: Literal["none", "file", "variable"]
    settings: GatewaySettings | None


class BrokenGateway(Answer):
    """A gateway whose settings cannot be used."""

    name: str
    problem: str


class Gateways(Answer):
    """All gateways.

    Attributes:
        broken: those whose settings cannot be used, e.g. because a file that they name is gone.
    """

    items: list[GatewayOffer]
    broken: list[BrokenGateway]


class AddGateway(Request):
    """A gateway to set up, to change or to try.

    Attributes:
        token: kept on the server, in a file that only its user can read.
        keep_token: that of the gateway of this name stays; it is sent to the same host only.
        env: variables that every kernel gets.

    The other settings are those of `GatewaySettings`; one that is not said has its default.
    """

    name: str = Field(min_length=1, max_length=32)
    url: str = Field(min_length=1, max_length=2048)
    token: SecretStr | None = Field(default=None, max_length=8192)
    keep_token: bool = False
    token_env: str | None = Field(default=None, max_length=256)
    auth_scheme: str | None = Field(default=None, max_length=64)
    username: str | None = Field(default=None, max_length=256)
    ca_certs: str | None = Field(default=None, max_length=4096)
    client_cert: str | None = Field(default=None, max_length=4096)
    client_key: str | None = Field(default=None, max_length=4096)
    validate_cert: bool = True
    launch_timeout: float = Field(default=60.0, ge=1, le=3600)
    env: dict[str, str] = Field(default_factory=dict, max_length=64)


class GatewayResources(Request):
    """What a kernel asks of a gateway, in Kubernetes' words; empty for what the gateway gives by itself.

    Attributes:
        cpus: `2`, `0.5`, `500m`.
        memory: `4Gi`, `500Mi`.
    """

    cpus: str = Field(default="", max_length=16)
    memory: str = Field(default="", max_length=24)
    gpus: str = Field(default="", max_length=4)
