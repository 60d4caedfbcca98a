"""The shape of a video's pixels, which are not square on DV, DVD, HDV and much broadcast video."""

from __future__ import annotations

from fractions import Fraction

from av.container import InputContainer
from av.video.stream import VideoStream

# FFmpeg's names. These formats do not tell the shape, so only the coded pictures do. It can change there.
_TOLD_BY_PICTURES = ("mpegts", "mpeg", "mpegvideo", "m4v", "h264", "hevc", "dv")


class PixelAspect:
    """Tells the width of a pixel in units of its height, as ffmpeg would show the latest frame.

    The container's word comes before the codec's (av_guess_sample_aspect_ratio in libavformat).
    """

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        self._codec = stream.codec_context
        self._can_change = container.format.name in _TOLD_BY_PICTURES
        self._fixed = _width(stream.sample_aspect_ratio)

    def width(self) -> float:
        """Returns the width now. 1.0 means square pixels."""
        if self._can_change and (told := self._codec.sample_aspect_ratio):
            return _width(told)
        return self._fixed


def _width(told: Fraction | None) -> float:
    return float(told) if told else 1.0
