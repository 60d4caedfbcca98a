"""Synthetic shape motion: discs and squares on black move along Bezier curves in one of two directions.

This is the synthetic data set of Tulyakov et al. (CVPR 2018, section 4). Each video samples a content (shape,
color, size) and the anchor points of a path. The shape is then drawn along the curve.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np

from mocogan.data import atomic
from mocogan.data.synthetic.own_folder import refuse_other_files

DIRECTIONS = ("bottom_to_top", "right_to_left")  # also the names of the class folders
PATHS = (*DIRECTIONS, "top_to_bottom", "left_to_right")  # all directions that a shape can move in
SHAPES = ("disc", "square")
COLORS: dict[str, tuple[int, int, int]] = {
    "red": (255, 40, 40),
    "green": (40, 230, 60),
    "blue": (60, 90, 255),
    "yellow": (250, 230, 40),
    "magenta": (250, 60, 230),
    "cyan": (40, 220, 240),
}
RADII = (0.11, 0.15, 0.19)  # as fractions of the frame's side
_SIDEWAYS = 0.3  # largest distance of an anchor from the straight line, same unit
_CONSTANT_RATE_FACTOR = "6"  # near lossless, so that only 4:2:0 subsampling blurs the colors


class Content(NamedTuple):
    """The properties that do not change during a clip."""

    shape: str  # one of SHAPES
    color: tuple[int, int, int]
    radius: float  # as a fraction of the frame's side; for a square, half its side


def random_content(random: np.random.Generator) -> Content:
    """Samples a shape, a color and a size, each uniformly."""
    return Content(
        shape=SHAPES[random.integers(len(SHAPES))],
        color=list(COLORS.values())[random.integers(len(COLORS))],
        radius=RADII[random.integers(len(RADII))],
    )


def random_path(random: np.random.Generator, direction: str, num_frames: int) -> np.ndarray:
    """Samples centers [num_frames, 2] (x, y) in [0, 1] along a cubic Bezier curve across the frame.

    Raises ValueError if `direction` is not in PATHS.
    """
    if direction not in PATHS:
        raise ValueError(f"direction must be one of {PATHS}, got {direction!r}")
    along = np.array([0.85, 0.62, 0.38, 0.15])
    if direction not in DIRECTIONS:
        along = along[::-1]
    across = 0.5 + random.uniform(-_SIDEWAYS, _SIDEWAYS, size=4)
    vertical = direction in ("bottom_to_top", "top_to_bottom")
    anchors = np.stack([across, along] if vertical else [along, across], axis=1)
    time = np.linspace(0.0, 1.0, num_frames)[:, None]
    weights = np.concatenate(
        [(1 - time) ** 3, 3 * time * (1 - time) ** 2, 3 * time**2 * (1 - time), time**3], axis=1
    )
    return weights @ anchors


def draw(content: Content, path: np.ndarray, size: int) -> np.ndarray:
    """Centers [T, 2] in [0, 1] -> frames [T, size, size, 3] uint8. Edges are smoothed over one pixel."""
    pixel = np.arange(size) + 0.5
    across = np.abs(pixel[None, None, :] - path[:, 0, None, None] * size)
    down = np.abs(pixel[None, :, None] - path[:, 1, None, None] * size)
    distance = np.hypot(across, down) if content.shape == "disc" else np.maximum(across, down)
    coverage = np.clip(content.radius * size - distance + 0.5, 0.0, 1.0)
    return np.round(coverage[..., None] * np.array(content.color)).astype(np.uint8)


def shape_motion_frames(seed: int, direction: str, num_frames: int, size: int) -> np.ndarray:
    """Returns the frames [num_frames, size, size, 3] uint8 that `seed` and `direction` determine."""
    random = np.random.default_rng(seed)
    content = random_content(random)
    return draw(content, random_path(random, direction, num_frames), size)


def write_shape_motion(
    folder: str | os.PathLike[str],
    num_videos: int,
    seed: int,
    num_frames: int = 16,
    size: int = 64,
    fps: int = 10,
) -> list[Path]:
    """Writes H.264 files `folder/<direction>/<number>.mp4` with alternating directions and returns their paths.

    The same arguments always write the same files. Raises ValueError for an odd `size`, which 4:2:0 video does not
    allow. Raises ValueError if `folder` contains other files, because they would be used as shape videos.
    """
    if size % 2:
        raise ValueError(f"size must be even for 4:2:0 video, got {size}")
    paths = [
        Path(folder) / DIRECTIONS[number % len(DIRECTIONS)] / f"{number:05d}.mp4"
        for number in range(num_videos)
    ]
    refuse_other_files(Path(folder), paths, "a shape video")
    seeds = np.random.SeedSequence(seed).generate_state(num_videos, np.uint64)
    for path, video_seed in zip(paths, seeds, strict=True):
        frames = shape_motion_frames(int(video_seed), path.parent.name, num_frames, size)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_video(path, frames, fps)
    return paths


def write_video(path: Path, frames: np.ndarray, fps: int) -> None:
    """Writes frames [T, H, W, 3] uint8 as H.264. Height and width must be even. Raises OSError."""
    with atomic.new_file(path) as aside, av.open(aside, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height = frames.shape[2], frames.shape[1]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1  # with more threads the bytes can differ
        stream.options = {"crf": _CONSTANT_RATE_FACTOR}
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            # On several threads, libswscale sometimes writes a wrong row.
            container.mux(stream.encode(picture.reformat(format="yuv420p", threads=1)))
        container.mux(stream.encode())
