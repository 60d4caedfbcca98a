"""High dynamic range video (PQ and HLG), tone-mapped to standard dynamic range.

Small RGB pictures are mapped after scaling: signal -> light of the display -> BT.709 primaries -> tone curve
-> signal.
"""

from __future__ import annotations

from functools import lru_cache

import av
import numpy as np

# AVColorTransferCharacteristic, AVColorPrimaries and AVColorSpace (libavutil/pixfmt.h).
_PQ, _HLG = 16, 18
_BT709_PRIMARIES, _P3_D65_PRIMARIES = 1, 12
_ICTCP = (14, 15)  # BT.2100 ICtCp, and IPT of Dolby Vision profile 5

_SDR_WHITE = 203.0  # cd/m2, of HDR reference white (ITU-R BT.2408, table 1)
_PEAK = 1000.0  # cd/m2, of the display that HDR video is made for
_SDR_GAMMA = 2.2
_LEVELS = 2**16
# ITU-R BT.2100, tables 4 and 5.
_PQ_M1, _PQ_M2 = 2610 / 16384, 2523 / 4096 * 128
_PQ_C1, _PQ_C2, _PQ_C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_HLG_A, _HLG_B, _HLG_C = 0.17883277, 0.28466892, 0.55991073
_HLG_SYSTEM_GAMMA = 1.2  # for a peak of 1000 cd/m2
_BT2020_LUMA = np.array([0.2627, 0.6780, 0.0593], np.float32)
# Linear light with other primaries -> BT.709 primaries: ITU-R BT.2087, and worked out for P3 from
# SMPTE EG 432-1.
_TO_BT709 = {
    _BT709_PRIMARIES: np.eye(3, dtype=np.float32),
    _P3_D65_PRIMARIES: np.array(
        [[1.2249, -0.2249, 0.0], [-0.0421, 1.0421, 0.0], [-0.0196, -0.0786, 1.0983]], np.float32
    ),
}
_BT2020_TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]],
    np.float32,
)


def is_hdr(frame: av.VideoFrame) -> bool:
    """Tells whether the frame's transfer function is PQ or HLG."""
    return frame.color_trc in (_PQ, _HLG)


def is_ictcp(frame: av.VideoFrame) -> bool:
    """Tells whether the frame has no YUV but ICtCp or IPT colors, which libswscale cannot convert."""
    return frame.colorspace in _ICTCP


def to_sdr(pixels: np.ndarray, frame: av.VideoFrame) -> np.ndarray:
    """[H, W, 3] uint16 RGB of an HDR `frame` -> [H, W, 3] uint8 RGB as an SDR display needs it."""
    light = _light_of_levels(frame.color_trc)[pixels]
    if frame.color_trc == _HLG:
        scene = np.maximum(light @ _BT2020_LUMA, 1e-6)[..., np.newaxis]
        light = light * scene ** (_HLG_SYSTEM_GAMMA - 1) * (_PEAK / _SDR_WHITE)
    to_bt709 = _TO_BT709.get(frame.color_primaries, _BT2020_TO_BT709)
    light = np.maximum(light @ to_bt709.T, 0.0)
    # The same factor for all channels keeps the hue.
    brightest = np.maximum(light.max(axis=-1, keepdims=True), 1e-6)
    mapped = light * (_tone_mapped(brightest) / brightest)
    signal = np.clip(mapped, 0.0, 1.0) ** (1 / _SDR_GAMMA)
    return np.rint(signal * 255).astype(np.uint8)


@lru_cache
def _light_of_levels(transfer: int) -> np.ndarray:
    """[65536] float32: the light of each level, 1.0 for SDR white (PQ), or scene light from 0 to 1 (HLG)."""
    signal = np.arange(_LEVELS) / (_LEVELS - 1)
    if transfer == _PQ:
        return (_pq_light(signal) / _SDR_WHITE).astype(np.float32)
    low, high = signal**2 / 3, (np.exp((signal - _HLG_C) / _HLG_A) + _HLG_B) / 12
    return np.where(signal <= 0.5, low, high).astype(np.float32)


def _pq_light(signal: np.ndarray) -> np.ndarray:
    """PQ signal in [0, 1] -> light in cd/m2."""
    root = signal ** (1 / _PQ_M2)
    ratio: np.ndarray = np.maximum(root - _PQ_C1, 0) / (_PQ_C2 - _PQ_C3 * root)
    return 10_000 * ratio ** (1 / _PQ_M1)


def _pq_signal(light: np.ndarray) -> np.ndarray:
    """Light in cd/m2 -> PQ signal in [0, 1]."""
    power = (light / 10_000) ** _PQ_M1
    signal: np.ndarray = ((_PQ_C1 + _PQ_C2 * power) / (1 + _PQ_C3 * power)) ** _PQ_M2
    return signal


def _tone_mapped(light: np.ndarray) -> np.ndarray:
    """Light from 0 to the peak -> light from 0 to 1, both in units of SDR white.

    The curve leaves light below about 90 cd/m2 as it is (ITU-R BT.2390, 5.4.1).
    """
    return np.interp(light, *_tone_curve()).astype(np.float32)


@lru_cache(maxsize=1)
def _tone_curve() -> tuple[np.ndarray, np.ndarray]:
    peak = _pq_signal(np.array(_PEAK))
    signal = np.linspace(0, 1, 1024)  # of PQ, in units of the peak
    top = float(_pq_signal(np.array(_SDR_WHITE)) / peak)
    knee = 1.5 * top - 0.5
    t = (signal - knee) / (1 - knee)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee
        + (t**3 - 2 * t**2 + t) * (1 - knee)
        + (-2 * t**3 + 3 * t**2) * top
    )
    mapped = np.where(signal < knee, signal, spline)
    return _pq_light(signal * peak) / _SDR_WHITE, _pq_light(mapped * peak) / _SDR_WHITE
