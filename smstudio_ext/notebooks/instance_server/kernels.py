"""Kernels of a notebook instance: those of the machine, run within the instance itself."""

from __future__ import annotations

from typing import Any

from jupyter_client.kernelspec import KernelSpecManager

from smstudio_ext.notebooks.kernelspecs import offer_kernels

_OURS = "smstudio-provisioner"
_CONDA = "conda_"
"""How AWS's notebook instances name their kernels."""


class InstanceKernels(KernelSpecManager):
    """Kernelspecs without those of Studio's images; `conda_python3` runs as a child of this server.

    Studio's provisioner would place kernels on an instance of Studio, outside of this one and its limits.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        offer_kernels(self)

    def find_kernel_specs(self) -> dict[str, str]:
        """Name -> folder of the kernels that this instance has."""
        found = super().find_kernel_specs()
        return {name: folder for name, folder in found.items() if self._is_here(name)}

    def get_kernel_spec(self, kernel_name: str) -> Any:
        """The kernelspec, for a kernel that is a child of this server."""
        spec = super().get_kernel_spec(kernel_name)
        if _is_placed(spec):
            spec.metadata = {
                key: value for key, value in spec.metadata.items() if key != "kernel_provisioner"
            }
        return spec

    def _is_here(self, name: str) -> bool:
        return name.startswith(_CONDA) or not _is_placed(super().get_kernel_spec(name))


def _is_placed(spec: Any) -> bool:
    return bool((spec.metadata.get("kernel_provisioner") or {}).get("provisioner_name") == _OURS)
