"""What becomes of a file that is decoded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.isolation.isolated_decoder import IsolatedDecoder
from mocogan.data.rejection import REJECTION_CODES, VideoRejected
from tests.support.clips import final_clips

ACCEPTED = "accepted"


class DecodeResult(NamedTuple):
    """Either clips, or the reason why there are none."""

    code: str  # ACCEPTED, or one of REJECTION_CODES
    message: str
    clips: np.ndarray  # [N, T, S, S, 3] uint8, N = 0 when rejected


def decode_file(
    decoder: IsolatedDecoder, path: Path | str | bytes, config: IngestConfig
) -> DecodeResult:
    """Decodes a file to its end. Any end but clips of the right form or a known code fails the test."""
    size = config.stored_size
    shape = (config.num_frames, size, size, 3)
    path = os.fsencode(path)
    try:
        with decoder.decode(path, path) as video:
            clips = [clip.frames for clip in final_clips(video.clips)]
    except VideoRejected as rejected:
        result = DecodeResult(rejected.code, rejected.message, np.empty((0, *shape), np.uint8))
    else:
        assert clips, "accepted without a clip"
        assert {(clip.shape, clip.dtype) for clip in clips} == {(shape, np.dtype(np.uint8))}
        assert video.facts.width > 0
        assert video.facts.height > 0
        return DecodeResult(ACCEPTED, "", np.stack(clips))
    assert result.code in REJECTION_CODES
    assert result.message
    return result


def frame_errors(clips: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """[N * T] mean absolute difference of each frame in gray levels; NaN never."""
    assert clips.shape == expected.shape
    return np.abs(clips.astype(int) - expected).mean(axis=(2, 3, 4)).ravel()
