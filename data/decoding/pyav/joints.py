"""Joints: places where one recording ends and another begins within a file.

MPEG streams can be joined by appending files, so their clocks step back or begin anew.
"""

from __future__ import annotations

import av
from av.container import InputContainer
from av.format import Flags
from av.video.stream import VideoStream

from mocogan.data.decoding.pyav.file_end import frame_seconds

# ffmpeg's limits for a discontinuity (fftools/ffmpeg_demux.c and its option -dts_delta_threshold).
_BACK_SECONDS = 0.1
_FORWARD_SECONDS = 10.0
# Decoding times that FFmpeg guesses can step back by the frames that are reordered, but not at a keyframe.
_BACK_FRAMES = 2.5
_BACK_FRAMES_AT_KEYFRAME = 0.5


class RecordingNumber:
    """Numbers the recordings within a file from 0 on. Call it with every packet, in the order of the file."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        ticks_a_second = float(1 / stream.time_base) if stream.time_base else 0.0
        frame = frame_seconds(stream)
        self._frame = frame * ticks_a_second
        self._back = max(_BACK_SECONDS, _BACK_FRAMES * frame) * ticks_a_second
        self._back_at_keyframe = _BACK_FRAMES_AT_KEYFRAME * self._frame
        self._forward = _FORWARD_SECONDS * ticks_a_second
        self._may_jump = bool(Flags(container.format.flags) & Flags.ts_discont)
        self._number = 0
        self._last: int | None = None  # decoding time
        self._undated = 0  # packets since

    def __call__(self, packet: av.Packet[VideoStream]) -> int:
        dts = packet.dts
        if dts is None:
            self._undated += 1
            return self._number
        back = self._back_at_keyframe if packet.is_keyframe else self._back
        if self._last is not None and self._begins_anew(dts, self._last, back):
            self._number += 1
        self._last, self._undated = dts, 0
        return self._number

    def _begins_anew(self, dts: int, last: int, back: float) -> bool:
        passed = dts - (last + self._undated * self._frame)
        if dts <= last:
            return passed < -back
        return self._may_jump and passed > self._forward
