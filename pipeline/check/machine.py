"""Checks of the machine: Python, FFmpeg libraries, GPU, oneDNN, disk."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from mocogan.components.reports.quantities import data_size
from mocogan.pipeline.check.finding import OK, PROBLEM, WARNING, Finding

_FIRST_PYTHON, _LAST_PYTHON = (3, 10), (3, 13)
_STACK = ("tfx", "tensorflow", "apache-beam", "ml-metadata")
_CUDA_PACKAGES = ("nvidia-cudnn-cu12", "nvidia-cudnn-cu11")
_ONEDNN = "TF_ENABLE_ONEDNN_OPTS"
_ONEDNN_FLAGS = {
    "avx512_vnni",
    "amx_bf16",
}  # TensorFlow turns oneDNN on by itself on such processors
_LOW_DISK, _FULL_DISK = 10 * 10**9, 10**9  # bytes


def check_machine(out: Path) -> Iterator[Finding]:
    """Checks what a run needs. `out` is the output folder, which may be missing."""
    yield _python()
    yield _ffmpeg()
    yield _gpu()
    yield onednn(os.environ, Path("/proc/cpuinfo"))
    yield _disk(out)


def _python() -> Finding:
    version = platform.python_version()
    found = {name: _version(name) for name in _STACK}
    if missing := [name for name, known in found.items() if known is None]:
        advice = "run `make install`, and use the mocogan of .venv/bin"
        return Finding("python", PROBLEM, f"{version}, without {', '.join(missing)}", advice)
    text = ", ".join([version, *(f"{name} {known}" for name, known in found.items())])
    if not _FIRST_PYTHON <= sys.version_info[:2] <= _LAST_PYTHON:
        return Finding("python", PROBLEM, text, "use Python 3.10 or 3.13")
    return Finding("python", OK, text)


def _ffmpeg() -> Finding:
    try:
        import av
    except ImportError as error:
        return Finding("ffmpeg", PROBLEM, f"PyAV does not load: {error}", "run `make install`")
    libraries = (
        f"{name} {'.'.join(map(str, version))}"
        for name, version in av.library_versions.items()
        if name in ("libavcodec", "libavformat")
    )
    tfio = _version("tensorflow-io")
    other = f"tensorflow-io {tfio}" if tfio else "no tensorflow-io, which only decoder=tfio needs"
    return Finding("ffmpeg", OK, f"PyAV {av.__version__} ({', '.join(libraries)}), {other}")


def _gpu(devices: Path = Path("/dev"), driver: Path = Path("/proc/driver/nvidia/gpus")) -> Finding:
    if not any(devices.glob("nvidia[0-9]*")):
        return Finding("gpu", OK, "none: trainings use the processor")
    names = ", ".join(_gpu_names(driver)) or "NVIDIA GPU"
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return Finding("gpu", WARNING, f"{names}, hidden by CUDA_VISIBLE_DEVICES")
    if not any(map(_version, _CUDA_PACKAGES)) and "LD_LIBRARY_PATH" not in os.environ:
        advice = "see the guide Train on a GPU"
        return Finding("gpu", WARNING, f"{names}, without the libraries of CUDA", advice)
    return Finding("gpu", OK, names)


def _gpu_names(driver: Path) -> Iterator[str]:
    for path in sorted(driver.glob("*/information")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("Model:"):
                yield line.partition(":")[2].strip()


def onednn(environment: Mapping[str, str], processor: Path) -> Finding:
    """Whether TensorFlow will use oneDNN, without which 3-D convolutions take many times as long.

    Args:
        environment: Variables of the process.
        processor: File with the processor's flags.
    """
    value = environment.get(_ONEDNN)
    flags = set(processor.read_text(encoding="utf-8").split()) if processor.is_file() else set()
    if value == "1" or (value is None and flags & _ONEDNN_FLAGS):
        return Finding("onednn", OK, "on")
    return Finding("onednn", WARNING, f"off: {_ONEDNN} is {value or 'not set'}", f"set {_ONEDNN}=1")


def _disk(out: Path) -> Finding:
    folder = next(parent for parent in (out, *out.parents) if parent.exists())
    free = shutil.disk_usage(folder).free
    text = f"{data_size(free)} free in {folder}"
    if not os.access(folder, os.W_OK):
        return Finding("disk", PROBLEM, f"{folder} cannot be written", "choose another folder")
    if free < _FULL_DISK:
        return Finding("disk", PROBLEM, text, "free space, or choose another folder")
    return Finding("disk", WARNING if free < _LOW_DISK else OK, text)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
