"""FFmpeg 4 libraries for tensorflow-io, taken from another wheel.

tensorflow-io links to libavformat.so.58 and related libraries, which current Linux systems do not
have. The wheel opencv-python-headless 4.5.5.64 contains them under other names. They are copied under
the names that tensorflow-io needs and loaded first, so that the dynamic linker finds them.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import subprocess
import sysconfig
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from mocogan.data import atomic

_WHEEL = "opencv-python-headless"
_WHEEL_VERSION = "4.5.5.64"
_USE_PYAV = "or use ingest.decoder=pyav"
# In the order of their dependencies. The other libraries are found by their own names.
_NAMES = {
    "libavutil": "libavutil.so.56",
    "libswresample": "libswresample.so.3",
    "libavcodec": "libavcodec.so.58",
    "libswscale": "libswscale.so.5",
    "libavformat": "libavformat.so.58",
}
_NEEDED_BY_THEM = ("libvpx", "libbz2", "libssl", "libcrypto")
SCALAR, MMX, _DETECTED = 0, 1, -1  # CPU flags
_one_at_a_time = threading.RLock()
_LOG_FATAL = 8  # AV_LOG_FATAL, because this project reports errors in files itself


class DecoderUnavailable(RuntimeError):
    """A decoder does not work here. The message says why and gives the fix."""


@lru_cache(maxsize=1)
def load_ffmpeg4() -> ctypes.CDLL:
    """Loads FFmpeg 4 into this process once and returns its libavutil.

    Raises DecoderUnavailable.
    """
    folder = _prepared_folder()
    # Not RTLD_GLOBAL, because these symbols must not replace those of PyAV's own FFmpeg.
    libraries = {name: ctypes.CDLL(str(folder / file)) for name, file in _NAMES.items()}
    libraries["libavutil"].av_log_set_level(_LOG_FATAL)
    return libraries["libavutil"]


@contextmanager
def use_cpu_flags(flags: int) -> Iterator[None]:
    """Restricts FFmpeg 4 to the machine code of these CPU flags (libavutil/cpu.h) within the block.

    The setting applies to the whole process, so only one block runs at a time.
    """
    libavutil = load_ffmpeg4()
    with _one_at_a_time:
        libavutil.av_force_cpu_flags(flags)
        try:
            yield
        finally:
            libavutil.av_force_cpu_flags(_DETECTED)


def _prepared_folder() -> Path:
    """Returns the folder of the renamed libraries and creates it if needed. Safe for several processes."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mocogan"
    folder = cache / f"ffmpeg4-{_WHEEL_VERSION}"
    if folder.is_dir():
        return folder
    originals = _originals()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _locked(cache):
            if not folder.is_dir():  # else another process was faster
                with atomic.new_folder(folder) as aside:
                    _prepare(originals, Path(aside))
    except OSError as error:
        raise DecoderUnavailable(
            f"decoder tfio cannot prepare FFmpeg 4 in {cache}: {error}. "
            f"Set XDG_CACHE_HOME to a writable folder {_USE_PYAV}"
        ) from error
    return folder


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lets only one process at a time into the block. The lock ends with the process."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _originals() -> dict[str, Path]:
    """Returns the paths of the wheel's libraries by their short names."""
    try:
        wheel = metadata.distribution(_WHEEL)
    except metadata.PackageNotFoundError:
        raise DecoderUnavailable(
            "decoder tfio needs the libraries of FFmpeg 4. "
            f"Install {_WHEEL}=={_WHEEL_VERSION} {_USE_PYAV}"
        ) from None
    if wheel.version != _WHEEL_VERSION:
        raise DecoderUnavailable(
            f"decoder tfio needs the libraries of FFmpeg 4. Install {_WHEEL}=={_WHEEL_VERSION} "
            f"instead of {wheel.version} {_USE_PYAV}"
        )
    folder = Path(str(wheel.locate_file("opencv_python_headless.libs")))
    files = {path.name.partition("-")[0]: path for path in folder.glob("*.so*")}
    missing = [name for name in (*_NAMES, *_NEEDED_BY_THEM) if name not in files]
    if missing:
        raise DecoderUnavailable(
            f"decoder tfio needs {', '.join(missing)} in {folder}. Reinstall {_WHEEL} {_USE_PYAV}"
        )
    return {name: files[name] for name in (*_NAMES, *_NEEDED_BY_THEM)}


def _prepare(originals: dict[str, Path], folder: Path) -> None:
    """Copies the libraries to `folder` under their common names and adapts their links to each other."""
    renamed = {path.name: _NAMES.get(name, path.name) for name, path in originals.items()}
    replacements = [
        argument
        for old, new in renamed.items()
        if old != new
        for argument in ("--replace-needed", old, new)
    ]
    for path in originals.values():
        target = folder / renamed[path.name]
        shutil.copyfile(path, target)
        _patchelf("--set-soname", target.name, "--set-rpath", "$ORIGIN", *replacements, str(target))


def _patchelf(*arguments: str) -> None:
    program = shutil.which("patchelf", path=sysconfig.get_path("scripts")) or "patchelf"
    try:
        subprocess.run([program, *arguments], check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise DecoderUnavailable(
            f"decoder tfio needs the program patchelf. Install the package patchelf {_USE_PYAV}"
        ) from None
    except subprocess.CalledProcessError as error:
        raise DecoderUnavailable(
            f"decoder tfio: patchelf cannot rewrite FFmpeg 4: {error.stderr.strip()}. "
            f"Reinstall {_WHEEL} {_USE_PYAV}"
        ) from error
