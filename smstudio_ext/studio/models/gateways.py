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


class Gateways(Answer):
    """All gateways.

    Attributes:
        broken: what is wrong with those whose settings cannot be used.
    """

    items: list[GatewayOffer]
    broken: list[str]


class AddGateway(Request):
    """A gateway to set up.

    Attributes:
        token: kept on the server, in a file that only its user can read.
        token_env: variable of the server's environment that holds the token.
        ca_certs: file on the server with the authorities to believe.
    """

    name: str = Field(min_length=1, max_length=32)
    url: str = Field(min_length=1, max_length=2048)
    token: SecretStr | None = Field(default=None, max_length=8192)
    token_env: str | None = Field(default=None, max_length=256)
    username: str | None = Field(default=None, max_length=256)
    ca_certs: str | None = Field(default=None, max_length=4096)


class GatewayResources(Request):
    """What a kernel asks of a gateway, in Kubernetes' words; empty for what the gateway gives by itself.

    Attributes:
        cpus: `2`, `0.5`, `500m`.
        memory: `4Gi`, `500Mi`.
    """

    cpus: str = Field(default="", max_length=16)
    memory: str = Field(default="", max_length=24)
    gpus: str = Field(default="", max_length=4)
