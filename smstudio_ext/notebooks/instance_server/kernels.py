"""Kernels of a notebook instance: those of the machine, run within the instance itself."""

from __future__ import annotations

from typing import Any

from jupyter_client.kernelspec import KernelSpecManager

_OURS = "smstudio-provisioner"


class InstanceKernels(KernelSpecManager):
    """Kernelspecs without Studio's provisioner, which would place kernels on an instance of Studio."""

    def get_kernel_spec(self, kernel_name: str) -> Any:
        """The kernelspec, for a kernel that is a child of this server."""
        spec = super().get_kernel_spec(kernel_name)
        if (spec.metadata.get("kernel_provisioner") or {}).get("provisioner_name") == _OURS:
            spec.metadata = {
                name: value for name, value in spec.metadata.items() if name != "kernel_provisioner"
            }
        return spec
