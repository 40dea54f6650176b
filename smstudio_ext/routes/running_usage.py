"""Use of CPU and memory as the REST API tells it."""

from __future__ import annotations

from collections.abc import Mapping

from smstudio_ext.notebooks.usage import Readings, UsageReader, Use, size_of
from smstudio_ext.studio.models.running import KernelState, KernelUsage, NamedUsage, Usage, UsageNow
from smstudio_ext.studio.problems import Missing


def usage_now(
    reader: UsageReader, kernels: Mapping[str, int], terminals: Mapping[int, str], states: Mapping[str, str]
) -> UsageNow:
    """Use of everything on this machine.

    Args:
        kernels: kernel id -> process, of this server.
        terminals: shell of an image terminal -> type of its instance.
        states: kernel id -> what it does.
    """
    found = reader.read(kernels, terminals)
    return UsageNow(
        kernels=[NamedUsage(name=name, usage=_usage(use)) for name, use in found.kernels.items()],
        instances=[NamedUsage(name=name, usage=_usage(use)) for name, use in found.instances.items()],
        states=[KernelState(name=name, state=state) for name, state in states.items()],
        machine=_usage(found.machine),
        machine_vcpus=found.size.vcpus,
        machine_memory_bytes=found.size.memory,
    )


def kernel_usage(
    reader: UsageReader, kernels: Mapping[str, int], terminals: Mapping[int, str], kernel_id: str
) -> KernelUsage:
    """Use of one kernel and its instance.

    Raises:
        Missing: this server has no such kernel, and no other one of the same data directory.
    """
    from smstudio_ext.notebooks.gateway import registry

    found: Readings = reader.read(kernels, terminals)
    if registry.remote(kernel_id) is not None:  # its processes are on another machine
        return KernelUsage(
            id=kernel_id,
            kernel=None,
            instance=None,
            instance_type=None,
            vcpus=found.size.vcpus,
            memory_bytes=found.size.memory,
        )
    place = found.places.get(kernel_id)
    if place is None and kernel_id not in kernels:
        raise Missing(f"There is no kernel {kernel_id!r}.")
    size = size_of(place.instance_type, found.size) if place else found.size
    kernel = found.kernels.get(kernel_id)
    instance = found.instances.get(found.on.get(kernel_id, ""))
    return KernelUsage(
        id=kernel_id,
        kernel=_usage(kernel) if kernel else None,
        instance=_usage(instance) if instance else None,
        instance_type=place.instance_type if place else None,
        vcpus=size.vcpus,
        memory_bytes=size.memory,
    )


def _usage(use: Use) -> Usage:
    return Usage(
        cpu_percent=use.cpu_percent, memory_bytes=use.memory_bytes, memory_percent=use.memory_percent
    )
