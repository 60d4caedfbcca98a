"""Every container and codec that is read, as one table."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tests.support.corpus.films import write_film, write_gif, write_waves_apart
from tests.support.corpus.pictures import waves

NUM_FRAMES = 24
_X264 = {"crf": "12", "x264-params": "keyint=8:bframes=2"}
_FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}


class Film(NamedTuple):
    """How a film of `waves(NUM_FRAMES)` is written, and how near to them it stays."""

    name: str  # of the file
    codec: str
    pix_fmt: str = "yuv420p"
    options: dict[str, str] | None = None  # of the container
    encoder: dict[str, str] | None = None
    apart: bool = False  # the encoder must have a process of its own
    tolerance: float = (
        4.0  # mean absolute difference of a frame in gray levels, measured and rounded up
    )
    seconds: float = 1 / 25  # between frames

    def write(self, folder: Path) -> Path:
        path = folder / self.name
        if self.apart:
            return write_waves_apart(path, NUM_FRAMES, self.codec, self.encoder or {})
        if self.codec == "gif":
            return write_gif(path, waves(NUM_FRAMES))
        return write_film(
            path,
            waves(NUM_FRAMES),
            self.codec,
            self.pix_fmt,
            options=self.options,
            encoder=self.encoder,
        )


FILMS = (
    Film("h264.mp4", "libx264", encoder=_X264),
    Film("moov-first.mp4", "libx264", options={"movflags": "faststart"}, encoder=_X264),
    Film("fragmented.mp4", "libx264", options=_FRAGMENTED, encoder=_X264),
    Film("mpeg4.mp4", "mpeg4"),
    Film("hevc.mp4", "libx265", encoder={"crf": "12", "x265-params": "log-level=0"}, apart=True),
    Film("av1.mp4", "libsvtav1", encoder={"crf": "20", "preset": "10"}, apart=True, tolerance=6),
    Film("h264.mov", "libx264", encoder=_X264),
    Film("fragmented.mov", "libx264", options=_FRAGMENTED, encoder=_X264),
    Film("prores.mov", "prores_ks", "yuv422p10le"),
    Film("animation.mov", "qtrle", "rgb24"),
    Film("png.mov", "png", "rgb24"),
    Film("h264.mkv", "libx264", encoder=_X264),
    Film("mpeg4.mkv", "mpeg4"),
    Film("ffv1.mkv", "ffv1"),
    Film("vp8.webm", "libvpx", encoder={"crf": "4", "b": "2M"}),
    Film("vp9.webm", "libvpx-vp9", encoder={"crf": "10", "b": "0"}),
    Film("mpeg4.avi", "mpeg4"),
    Film("mjpeg.avi", "mjpeg", "yuvj420p", encoder={"qmin": "1", "qmax": "2"}),
    Film("h264.avi", "libx264", encoder={"crf": "12", "x264-params": "keyint=8:bframes=0"}),
    Film("animated.gif", "gif", seconds=0.1),
    Film("h264.ts", "libx264", encoder=_X264),
    Film("mpeg2.ts", "mpeg2video", encoder={"qmin": "1", "qmax": "2"}),
    Film("mpeg2.mpg", "mpeg2video", encoder={"qmin": "1", "qmax": "2"}),
    Film("raw.h264", "libx264", encoder=_X264),
    Film("flash.flv", "flv1", encoder={"qmin": "1", "qmax": "2"}),
)


def film(name: str) -> Film:
    """The entry of the table with this file name."""
    (found,) = (entry for entry in FILMS if entry.name == name)
    return found
