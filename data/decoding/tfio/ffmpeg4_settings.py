"""What tensorflow-io cannot be asked for: settings of its FFmpeg 4 that hold for the whole process."""

from __future__ import annotations

import ctypes
import mmap
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from mocogan.data.decoding.color_space import BT601
from mocogan.data.decoding.tfio.ffmpeg4 import DecoderUnavailable, load_ffmpeg4

SCALAR, MMX, DETECTED = 0, 1, -1  # CPU flags of FFmpeg (libavutil/cpu.h)
_COEFFICIENTS = 4  # of a matrix, as integers
_READ, _WRITE = 1, 2  # PROT_READ, PROT_WRITE (sys/mman.h)
_one_at_a_time = threading.RLock()


@contextmanager
def use_cpu_flags(flags: int) -> Iterator[None]:
    """FFmpeg 4 uses the machine code of these CPU flags alone."""
    libavutil = load_ffmpeg4().libavutil
    with _one_at_a_time:
        libavutil.av_force_cpu_flags(flags)
        try:
            yield
        finally:
            libavutil.av_force_cpu_flags(DETECTED)


@contextmanager
def use_matrix(matrix: int) -> Iterator[None]:
    """FFmpeg 4 takes YUV for `matrix`, an SWS_CS number (libswscale/swscale.h).

    tensorflow-io always asks for the default, BT.601. So its coefficients are replaced meanwhile:
    converted by BT.601 and corrected afterwards, strong colors would be up to 37 levels off.
    """
    with _one_at_a_time:
        default = _default_coefficients()
        original = list(default)
        default[:] = list(_coefficients(matrix))
        try:
            yield
        finally:
            default[:] = original


@lru_cache(maxsize=1)
def _default_coefficients() -> ctypes.Array[ctypes.c_int]:
    """libswscale's own table, made writable. Raises DecoderUnavailable."""
    coefficients = _coefficients(BT601)
    start = ctypes.addressof(coefficients)
    page = start - start % mmap.PAGESIZE
    size = start + ctypes.sizeof(coefficients) - page
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mprotect(ctypes.c_void_p(page), ctypes.c_size_t(size), _READ | _WRITE):
        raise DecoderUnavailable(
            "decoder tfio cannot set the color matrix of FFmpeg 4 on this system "
            f"({os.strerror(ctypes.get_errno())}); use `ingest.decoder=pyav`"
        )
    return coefficients


def _coefficients(matrix: int) -> ctypes.Array[ctypes.c_int]:
    get = load_ffmpeg4().libswscale.sws_getCoefficients
    get.restype = ctypes.POINTER(ctypes.c_int * _COEFFICIENTS)
    return get(matrix).contents
