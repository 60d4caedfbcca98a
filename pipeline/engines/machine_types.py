"""Which accelerators the machine types of Google Compute Engine have.

Sources: cloud.google.com/compute/docs/gpus and cloud.google.com/compute/docs/general-purpose-machines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mocogan.pipeline.config.node_resources import NodeResources
from mocogan.pipeline.engines.accelerators import gpu_type, largest_machine
from mocogan.pipeline.engines.engine_names import VERTEX

_ATTACHABLE = ("NVIDIA_TESLA_P4", "NVIDIA_TESLA_T4", "NVIDIA_TESLA_P100", "NVIDIA_TESLA_V100")
_N1 = re.compile(r"n1-(standard|highmem|highcpu)-(2|4|8|16|32|64|96)")
_N1_MEMORY_GB = {"standard": 3.75, "highmem": 6.5, "highcpu": 0.9}  # for each core


class _BuiltIn(NamedTuple):
    """The accelerators of a machine type that has no others."""

    name: str
    number: int


_BUILT_IN = {
    **{f"g2-standard-{cpu}": _BuiltIn("NVIDIA_L4", 1) for cpu in (4, 8, 12, 16, 32)},
    **{f"g2-standard-{24 * n}": _BuiltIn("NVIDIA_L4", 2 * n) for n in (1, 2, 4)},
    **{f"a2-highgpu-{n}g": _BuiltIn("NVIDIA_TESLA_A100", n) for n in (1, 2, 4, 8)},
    "a2-megagpu-16g": _BuiltIn("NVIDIA_TESLA_A100", 16),
    **{f"a2-ultragpu-{n}g": _BuiltIn("NVIDIA_A100_80GB", n) for n in (1, 2, 4, 8)},
    **{f"a3-highgpu-{n}g": _BuiltIn("NVIDIA_H100_80GB", n) for n in (1, 2, 4, 8)},
}
_FAMILIES_WITH_ACCELERATORS = {name.partition("-")[0] for name in _BUILT_IN}


def machine_problems(
    option: str, machine: str, resources_option: str, resources: NodeResources
) -> Iterator[str]:
    """One message for each thing about a machine and its accelerators that Vertex AI would refuse.

    Args:
        option: Name of the option with the machine type.
        machine: The machine type, such as `n1-standard-8`.
        resources_option: Name of the section with the accelerators.
        resources: What the node wants.
    """
    for key in ("cpu", "memory_gb"):
        if (value := getattr(resources, key)) is not None:
            yield f"{resources_option}.{key}={value:g}: {option}={machine} decides this. Remove it"
    wanted = _BuiltIn(gpu_type(resources, VERTEX), resources.gpu_count or 0)
    family = machine.partition("-")[0]
    if family in _FAMILIES_WITH_ACCELERATORS:
        yield from _built_in_problems(option, machine, resources_option, wanted)
    elif family == "n1":
        yield from _n1_problems(option, machine, wanted)
    elif wanted.number:
        yield (
            f"{option}={machine} takes no accelerators. Use {_machine_with(wanted)}, or set "
            f"{resources_option}.gpu_count=0"
        )


def _built_in_problems(
    option: str, machine: str, resources_option: str, wanted: _BuiltIn
) -> Iterator[str]:
    has = _BUILT_IN.get(machine)
    if has is None:
        family = machine.partition("-")[0]
        known = ", ".join(name for name in _BUILT_IN if name.startswith(f"{family}-"))
        yield f"{option}={machine} does not exist. Use {known}"
    elif has != wanted:
        yield (
            f"{option}={machine} has {has.number} {has.name}, not {wanted.number} {wanted.name}. Set "
            f"{resources_option}={{gpu_type: {has.name}, gpu_count: {has.number}}}, or use {_machine_with(wanted)}"
        )


def _n1_problems(option: str, machine: str, wanted: _BuiltIn) -> Iterator[str]:
    """Accelerators of these machines are attached, so machines of several sizes can have them."""
    found = _N1.fullmatch(machine)
    if found is None:
        yield f"{option}={machine} does not exist. Use n1-standard-4, 8, 16, 32, 64 or 96, n1-highmem or n1-highcpu"
        return
    if not wanted.number:
        return
    if wanted.name not in _ATTACHABLE:
        yield f"{option}={machine} takes no {wanted.name}. Use {_machine_with(wanted)}"
        return
    limits = largest_machine(wanted.name, wanted.number)
    cpu = int(found[2])
    if limits and (cpu > limits.cpu or cpu * _N1_MEMORY_GB[found[1]] > limits.memory_gb):
        yield (
            f"{option}={machine} is too large for {wanted.number} {wanted.name}, which takes at most "
            f"{limits.cpu} cores and {limits.memory_gb} GB. Use a smaller machine, or more accelerators"
        )


def _machine_with(wanted: _BuiltIn) -> str:
    """The smallest machine type with these accelerators, as far as it is known."""
    if not wanted.number:
        return "a machine without accelerators, such as n1-standard-8"
    attached = "n1-standard-8" if wanted.name in _ATTACHABLE else "another machine"
    fitting = next((name for name, has in _BUILT_IN.items() if has == wanted), attached)
    return f"{fitting} for {wanted.number} {wanted.name}"
