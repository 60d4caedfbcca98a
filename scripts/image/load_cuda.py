"""Loads each CUDA library that pip installed, and prints how many there are. It needs no GPU and no driver."""

from __future__ import annotations

import ctypes
import importlib.util
from pathlib import Path

# Without a driver, no library that links to it can be loaded.
_NEEDS_DRIVER = "libcuda.so.1"


def libraries() -> list[Path]:
    """Shared libraries of the packages nvidia-*."""
    spec = importlib.util.find_spec("nvidia")
    folders = spec.submodule_search_locations if spec else None
    return sorted(path for folder in folders or () for path in Path(folder).glob("*/lib/lib*.so.*"))


def main() -> None:
    """Loads all of them. Raises OSError if one is damaged or lacks another."""
    waiting, loaded = libraries(), 0
    for _ in range(len(waiting)):  # a library loads after those that it needs
        failed = []
        for path in waiting:
            try:
                ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
                loaded += 1
            except OSError as error:
                failed.append((path, error))
        if len(failed) == len(waiting):
            break
        waiting = [path for path, _ in failed]
    damaged = (
        [str(error) for _, error in failed if _NEEDS_DRIVER not in str(error)] if waiting else []
    )
    if damaged:
        raise OSError("; ".join(damaged))
    print(
        f"image-check: {loaded} CUDA libraries load" if loaded else "image-check: no CUDA libraries"
    )


if __name__ == "__main__":
    main()
