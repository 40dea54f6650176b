"""The table of the dialog "Select instance": what Studio's instance types have, cost, and whether this machine can hold them."""

from __future__ import annotations

from smstudio_ext.notebooks.home import data_dir
from smstudio_ext.notebooks.instance_types import (
    InstanceType,
    Machine,
    instance_type,
    studio_types,
    this_machine,
)
from smstudio_ext.studio.models.environments import (
    MachineFacts,
    StudioInstanceType,
    StudioInstanceTypes,
)
from smstudio_ext.studio.prices import PriceTable, price_table


def list_instance_types(region: str) -> StudioInstanceTypes:
    """All types that Studio's notebooks offer, those of "Fast launch" and the smallest first.

    Args:
        region: whose prices are shown.
    """
    machine = this_machine()
    prices = price_table(region, data_dir())
    return StudioInstanceTypes(
        items=[_row(each, machine, prices) for each in studio_types()],
        machine=machine_facts(machine),
        prices=prices.source,
    )


def machine_facts(machine: Machine) -> MachineFacts:
    """What a machine gives to instances, with memory to a tenth of a GiB."""
    return MachineFacts(vcpu=machine.vcpus, memory_gib=round(machine.memory_gib, 1), gpu=machine.gpus)


def machine_text(machine: Machine) -> str:
    """A whole machine in the toolbar's form, e.g. `2 vCPU + 23 GiB`."""
    gpus = f" + {machine.gpus} GPU" if machine.gpus else ""
    return f"{machine.vcpus} vCPU + {round(machine.memory_gib)} GiB{gpus}"


def shortfall(name: str, machine: Machine) -> str | None:
    """What a kernel on that type gets less of here; None when the machine has it all.

    Args:
        name: of the instance type; one that is not known is taken as it is.
    """
    kind = instance_type(name)
    short = kind.lacks(machine) if kind else ()
    if not kind or not short:
        return None
    has = {
        "vcpu": f"{machine.vcpus} vCPU",
        "memory": f"{machine.memory_gib:.1f} GiB",
        "gpu": f"{machine.gpus} GPU" if machine.gpus else "no GPU",
    }
    wants = {"vcpu": f"{kind.vcpus} vCPU", "memory": f"{kind.memory_gib:g} GiB", "gpu": f"{kind.gpus} GPU"}
    return (
        f"{name} has {', '.join(wants[each] for each in short)}; this machine has {', '.join(has[each] for each in short)}. "
        "The instance gets what is there."
    )


def _row(kind: InstanceType, machine: Machine, prices: PriceTable) -> StudioInstanceType:
    return StudioInstanceType(
        name=kind.name,
        vcpu=kind.vcpus,
        memory_gib=kind.memory_gib,
        gpu=kind.gpus,
        price=prices.price("Studio", kind.name),
        family=kind.family,
        fast_launch=kind.fast_launch,
        lacks=list(kind.lacks(machine)),
        text=kind.text(),
    )
