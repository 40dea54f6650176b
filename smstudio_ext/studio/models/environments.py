"""Models of a notebook's environment: images, kernels, instance types, start-up scripts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, Request, UtcTime
from smstudio_ext.studio.models.gateways import GatewayResources
from smstudio_ext.studio.models.running import PriceSource

ImageState = Literal["built", "unbuilt", "building", "failed", "unavailable"]


class ImageKernel(Answer):
    """One kernel of an image.

    Attributes:
        name: of its kernelspec.
        display_name: without the image, e.g. `Python 3`.
    """

    name: str
    display_name: str


class StudioImage(Answer):
    """One image of the catalogue.

    Attributes:
        id: last part of its ARN.
        custom: brought by the user.
        packages: what it holds, e.g. `pandas 2.2`.
        reason: why it is unavailable, or why its building failed.
        instance_type: what a notebook on it gets when nobody chose one.
    """

    id: str
    name: str
    description: str
    custom: bool
    gpu: bool
    packages: list[str]
    state: ImageState
    reason: str | None
    kernels: list[ImageKernel]
    instance_type: str


class Environment(Answer):
    """What a notebook runs on, as chosen or as the default.

    Attributes:
        kernel: name of the kernelspec.
        startup_script: ARN of the lifecycle configuration; None for "No script".
    """

    image: str
    kernel: str
    instance_type: str
    startup_script: str | None


class MachineFacts(Answer):
    """What this machine gives to instances."""

    vcpu: int
    memory_gib: float
    gpu: int


class Environments(Answer):
    """What the dialog "Change environment" offers.

    Attributes:
        notice: what to know about this target's environments.
    """

    images: list[StudioImage]
    default: Environment
    machine: MachineFacts
    notice: str | None


class StudioInstanceType(Answer):
    """One row of the dialog "Select instance".

    Attributes:
        price: on-demand price of an hour in Studio, USD; None when the table lacks it.
        lacks: what this machine has less of; a kernel gets what is there.
        text: as the toolbar says it, e.g. `2 vCPU + 4 GiB`.
    """

    name: str
    vcpu: int
    memory_gib: float
    gpu: int
    price: float | None
    family: str
    fast_launch: bool
    lacks: list[Literal["vcpu", "memory", "gpu"]]
    text: str


class StudioInstanceTypes(Answer):
    """The dialog's table.

    Attributes:
        prices: whose prices these are, of which day and region.
    """

    items: list[StudioInstanceType]
    machine: MachineFacts
    prices: PriceSource


class StartupScript(Answer):
    """A lifecycle configuration that may run when the kernel's app starts.

    Attributes:
        default: runs unless another is chosen.
    """

    arn: str
    name: str
    default: bool


class StartupScripts(Answer):
    """The lifecycle configurations that are attached to the user or the domain.

    Attributes:
        note: why there are none to choose from, when that needs saying.
    """

    items: list[StartupScript]
    domain_id: str | None
    user_profile: str | None
    note: str | None


class StartupScriptText(Answer):
    """What a lifecycle configuration runs."""

    arn: str
    name: str
    app_type: str
    created: UtcTime
    content: str


class ChooseEnvironment(Request):
    """The environment of a notebook's or a console's next kernel.

    Attributes:
        path: of the session, as the browser knows it.
        name: of the session; that of the file by default.
        instance_type: None for a kernel that is on no instance.
        resources: for a kernel of a gateway.
    """

    path: str = Field(min_length=1, max_length=4096)
    name: str | None = Field(default=None, max_length=1024)
    kernel: str = Field(min_length=1, max_length=256)
    instance_type: str | None = Field(default=None, max_length=64)
    startup_script: str | None = Field(default=None, max_length=256)
    resources: GatewayResources | None = None


class ChosenEnvironment(Answer):
    """What was chosen, and what this machine makes of it.

    Attributes:
        warning: what the kernel gets less of than its instance type has; None when it gets all.
    """

    kernel: str
    instance_type: str | None
    warning: str | None


class EnvironmentQuery(Request):
    """Which notebook the toolbar asks about.

    Attributes:
        kernel_id: of the running kernel; None when there is none.
        kernel: name of the kernelspec that the notebook's metadata says; also Studio's own names.
        instance_type: what its metadata says.
    """

    path: str = Field(default="", max_length=4096)
    kernel_id: str | None = Field(default=None, max_length=64)
    kernel: str | None = Field(default=None, max_length=512)
    instance_type: str | None = Field(default=None, max_length=64)


class NotebookEnvironment(Answer):
    """What a notebook runs on now, or would run on.

    Attributes:
        image: None for a kernel of no image.
        kernel: name of the kernelspec here; None when the metadata's is of no image that is known.
        kernel_text: `Kernel (Image)`.
        instance_type: None for a kernel that is on no instance.
        instance_text: as the toolbar says it; of this machine for a kernel that is on no instance.
        placed: the kernel runs on that instance now.
        app: name of the KernelGateway app of the image on the instance.
        warning: what the kernel gets less of than its instance type has.
        limits: what this system holds the running kernel to: `cpu` (time), `affinity` (which CPUs), `memory`, `pids`.
        gateway: name of the Jupyter gateway that the kernel is of; then it is on no instance.
        gateway_host: its host.
        resources: what the kernel asked of it, or will ask.
    """

    image: str | None
    image_name: str | None
    state: ImageState | None
    kernel: str | None
    kernel_text: str | None
    instance_type: str | None
    instance_text: str
    placed: bool
    app: str | None
    warning: str | None
    limits: list[str] = []
    gateway: str | None = None
    gateway_host: str | None = None
    resources: GatewayResources | None = None


class BuildQuery(Request):
    """Which part of a build's log is wanted.

    Attributes:
        after: bytes that are known already.
    """

    after: int = Field(default=0, ge=0)


class ImageBuild(Answer):
    """How the building of an image goes.

    Attributes:
        state: of the image.
        cancelled: somebody stopped the newest build.
        reason: why it failed.
        step: the last line of its log.
        text: of its log, after what was known.
        next: where the next part begins.
    """

    image: str
    name: str
    state: ImageState
    cancelled: bool
    reason: str | None
    step: str | None
    text: str
    next: int
    started: UtcTime | None
    ended: UtcTime | None


class OpenTerminal(Request):
    """A terminal in an image, on an instance.

    Attributes:
        cwd: folder of the file browser in which it opens.
    """

    image: str = Field(min_length=1, max_length=128)
    instance_type: str | None = Field(default=None, max_length=64)
    startup_script: str | None = Field(default=None, max_length=256)
    cwd: str = Field(default="", max_length=4096)


class OpenedTerminal(Answer):
    """The terminal's name in the Jupyter server."""

    name: str
