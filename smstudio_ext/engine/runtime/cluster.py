"""The hosts of a job: their names, groups and addresses, and what each is told about the others."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GROUP = "homogeneousCluster"
INTERFACE = "lo0" if sys.platform == "darwin" else "lo"
"""The hosts of a job are processes of this machine and meet on its loopback interface."""


@dataclass(frozen=True)
class Host:
    """One host of a job, e.g. `algo-1`."""

    name: str
    instance_type: str
    group: str = GROUP

    @property
    def number(self) -> int:
        """Counts from 1."""
        return int(self.name.rpartition("-")[2])


def hosts_of(resources: dict[str, Any]) -> list[Host]:
    """The hosts that a ResourceConfig (or a ClusterConfig) asks for, `algo-1` first.

    With InstanceGroups the groups follow each other, as they do on AWS.
    """
    groups = resources.get("InstanceGroups") or [
        {
            "InstanceType": resources["InstanceType"],
            "InstanceCount": resources.get("InstanceCount") or 1,
            "InstanceGroupName": GROUP,
        }
    ]
    kinds = [
        (group["InstanceType"], group["InstanceGroupName"])
        for group in groups
        for _ in range(group["InstanceCount"])
    ]
    return [Host(f"algo-{number}", kind, group) for number, (kind, group) in enumerate(kinds, 1)]


def resource_config(hosts: Sequence[Host], current: str) -> dict[str, Any]:
    """`resourceconfig.json` of one host, with AWS's members."""
    (own,) = [host for host in hosts if host.name == current]
    groups: dict[str, dict[str, Any]] = {}
    for host in hosts:
        group = groups.setdefault(
            host.group,
            {"instance_group_name": host.group, "instance_type": host.instance_type, "hosts": []},
        )
        group["hosts"].append(host.name)
    return {
        "current_host": own.name,
        "current_instance_type": own.instance_type,
        "current_group_name": own.group,
        "hosts": [host.name for host in hosts],
        "instance_groups": list(groups.values()),
        "network_interface_name": INTERFACE,
    }


def host_addresses(job: str, hosts: Sequence[Host]) -> dict[str, str]:
    """A loopback address for each host of a job.

    Jobs have blocks of their own, so that two jobs whose `algo-1` listens on the same port (29500 of torch, say) do not
    meet. Systems other than Linux have 127.0.0.1 only.
    """
    if sys.platform != "linux":
        return {host.name: "127.0.0.1" for host in hosts}
    digest = hashlib.sha256(job.encode()).digest()
    second, third = 1 + digest[0] % 254, digest[1]
    return {host.name: f"127.{second}.{third}.{host.number}" for host in hosts}


def write_hosts_file(path: Path, addresses: dict[str, str]) -> None:
    """Writes what a host sees at /etc/hosts: this machine's own file and the job's hosts."""
    try:
        own = Path("/etc/hosts").read_text(encoding="utf-8", errors="replace").rstrip("\n")
    except OSError:
        own = "127.0.0.1 localhost"
    lines = [f"{address} {name}" for name, address in addresses.items()]
    path.write_text("\n".join([own, *lines, ""]))
