"""How much memory a process may still take."""

from __future__ import annotations

import os
import re
from pathlib import Path

_SYSTEM = "/proc/meminfo"
_CONTAINER = "/sys/fs/cgroup"  # version 2


def available_memory(system: str = _SYSTEM, container: str = _CONTAINER) -> int:
    """Bytes that can be had without swapping, within what the container allows.

    Where the system does not say (`/proc/meminfo` is Linux's), half of all memory.
    """
    if kilobytes := _number(Path(system), r"^MemAvailable: +(\d+) kB$"):
        available = kilobytes * 1024
    else:
        available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    if limit := _number(Path(container, "memory.max"), r"^(\d+)$"):  # "max" without a limit
        used = _number(Path(container, "memory.current"), r"^(\d+)$")
        # Files that were read and can be dropped again count as used.
        files = _number(Path(container, "memory.stat"), r"^inactive_file (\d+)$")
        available = min(available, max(limit - used + files, 0))
    return available


def _number(file: Path, pattern: str) -> int:
    """What `pattern` finds in `file`; 0 without it."""
    try:
        found = re.search(pattern, file.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:  # another system, or no container
        return 0
    return int(found[1]) if found else 0
