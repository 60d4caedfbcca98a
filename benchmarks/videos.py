"""Videos for the benchmarks: real or drawn videos, and longer ones made from them."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

_REAL = Path(__file__).parents[2] / "shared/datasets/clips"


def videos(folder: Path) -> list[Path]:
    """The real videos beside the checkout, or else three drawn videos in `folder`."""
    real = sorted(path for path in _REAL.glob("*") if path.is_file())
    if real:
        return real
    sizes = ((320, 240), (640, 360), (854, 480))
    return [draw_video(folder / f"{w}x{h}.mp4", w, h, seconds=10) for w, h in sizes]


def draw_video(path: Path, width: int, height: int, seconds: int, rate: int = 25) -> Path:
    """Writes an H.264 video of colored waves with noise, which is as hard to decode as a real video."""
    random = np.random.default_rng(0)
    down, across = np.mgrid[:height, :width].astype(np.float32) / 40
    noise = random.integers(0, 24, (4, height, width, 3), np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "veryfast", "g": "50"}
        for number in range(seconds * rate):
            waves = [np.sin(across + number / 9), np.cos(down - number / 7), np.sin(across * down)]
            pixels = (116 + 90 * np.stack(waves, -1)).astype(np.uint8) + noise[number % 4]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def repeat_video(source: Path, path: Path, seconds: float) -> Path:
    """Repeats the video `source` for `seconds` in a Matroska file, without encoding it again."""
    with av.open(str(source)) as video:
        stream = video.streams.video[0]
        assert stream.average_rate
        assert stream.time_base
        packets = [packet for packet in video.demux(stream) if packet.size]
        start = min(packet.dts for packet in packets if packet.dts is not None)
        length = max(packet.dts for packet in packets if packet.dts is not None) - start
        length += round(1 / (stream.average_rate * stream.time_base))
        with av.open(str(path), "w", format="matroska") as target:
            copy = target.add_stream_from_template(stream)
            stamps = [
                (packet, packet.pts, packet.dts, packet.duration)
                for packet in packets
                if packet.pts is not None and packet.dts is not None
            ]
            for turn in range(round(seconds / float(length * stream.time_base))):
                for packet, pts, dts, duration in stamps:
                    packet.stream = copy
                    packet.pts, packet.dts = pts + turn * length, dts + turn * length
                    packet.duration, packet.time_base = duration, stream.time_base
                    target.mux(packet)
    return path
