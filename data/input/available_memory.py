"""The memory that a process can still allocate."""

from __future__ import annotations

import os
import re
from pathlib import Path

_SYSTEM = "/proc/meminfo"
_CONTAINER = "/sys/fs/cgroup"  # version 2


def available_memory(system: str = _SYSTEM, container: str = _CONTAINER) -> int:
    """Returns the bytes that are available without swapping, within the limit of the container.

    Systems without `/proc/meminfo` (all but Linux) report half of the total memory.
    """
    if kilobytes := _number(Path(system), r"^MemAvailable: +(\d+) kB$"):
        available = kilobytes * 1024
    else:
        available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    if limit := _number(Path(container, "memory.max"), r"^(\d+)$"):  # "max" means no limit
        used = _number(Path(container, "memory.current"), r"^(\d+)$")
        # "Used" includes cached files, which the kernel can drop.
        files = _number(Path(container, "memory.stat"), r"^inactive_file (\d+)$")
        available = min(available, max(limit - used + files, 0))
    return available


def _number(file: Path, pattern: str) -> int:
    """Returns the number that `pattern` finds in `file`, or 0."""
    try:
        found = re.search(pattern, file.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:  # not Linux, or not in a container
        return 0
    return int(found[1]) if found else 0
