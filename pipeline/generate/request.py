"""What is to be generated: the options of the command, checked. No heavy library is imported here."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from mocogan.data.encoding.formats import FORMATS
from mocogan.pipeline.errors import ExpectedError

INTERPOLATIONS = ("content", "motion")

_MAX_CLIPS = 100_000
_MAX_FRAMES = 10_000
_MAX_CHANGING_FRAMES = 1_000  # each one takes the drawing of all frames before it
_MAX_CELLS = 1_024
_MAX_SCALE = 32
_MAX_SEED = 2**63 - 1  # int64
_LOWEST_RATE, _HIGHEST_RATE = 0.1, 240.0
_MAX_TRUNCATION = 2.0
_DEFAULT_CLIPS, _DEFAULT_KEYFRAMES, _DEFAULT_MATRIX = 16, 4, (4, 4)


class RequestRefused(ExpectedError):
    """An option is out of range, or two options do not go together. The message names them."""


@dataclass(frozen=True)
class GenerateRequest:
    """What is to be generated.

    Attributes:
        seeds: Seeds of the clips, of the rows of a matrix, or of the keyframes of an interpolation.
        motion_seeds: Seeds of the columns of a matrix. None: no matrix.
        interpolate: "content" or "motion". None: no interpolation.
        grid: Rows and columns of a grid with all clips. None: a file for each clip.
        label: Class of all clips. None: any class.
        caption: Caption of all clips. None: any caption.
        num_frames: Frames of each file. None: as the model was trained; with changing content, so many for each seed.
        fps: Frames per second. None: those of the model.
        format: A name in FORMATS.
        scale: Factor by which each pixel is enlarged.
        truncation: Factor of z_content.
    """

    seeds: tuple[int, ...]
    motion_seeds: tuple[int, ...] | None = None
    interpolate: str | None = None
    grid: tuple[int, int] | None = None
    label: str | None = None
    caption: str | None = None
    num_frames: int | None = None
    fps: float | None = None
    format: str = "gif"
    scale: int = 1
    truncation: float = 1.0


def read_request(
    *,
    num: int | None = None,
    seed: int | None = None,
    seeds: str | None = None,
    label: str | None = None,
    caption: str | None = None,
    frames: int | None = None,
    fps: float | None = None,
    format: str = "gif",
    grid: str | None = None,
    scale: int | None = None,
    matrix: bool = False,
    interpolate: str | None = None,
    truncation: float = 1.0,
) -> GenerateRequest:
    """Reads the options of `mocogan generate`.

    Args:
        num: Number of clips. None: 16, or as `grid`, `matrix` and `interpolate` need.
        seed: Seed of the first clip. Clip i has the seed `seed` + i. None: 0.
        seeds: Seeds of the clips, such as "3,7,10-15", instead of `num` and `seed`.
        label: Class of all clips. None: any class.
        caption: Caption of all clips. None: any caption.
        frames: Frames of each file. None: those of a training clip, for each seed of a changing content.
        fps: Frames per second, 0.1 to 240. None: those of the model.
        format: A name in FORMATS.
        grid: Rows and columns such as "4x4". None: a file for each clip.
        scale: Factor by which each pixel is enlarged. None: the default of the format.
        matrix: Whether one file shows each content with each motion.
        interpolate: "content" or "motion", which goes from seed to seed. None: no interpolation.
        truncation: Factor of z_content, 0 to 2.

    Returns:
        The request for `run_generate`.

    Raises:
        RequestRefused: An option is out of range, or two options do not go together.
    """
    if format not in FORMATS:
        raise RequestRefused(f"--format must be one of {', '.join(FORMATS)}, got {format!r}")
    if interpolate is not None and interpolate not in INTERPOLATIONS:
        raise RequestRefused(f"--interpolate must be content or motion, got {interpolate!r}")
    if caption is not None and not caption.strip():
        raise RequestRefused("--caption is empty. Leave it out to draw clips of any caption")
    if caption is not None and caption.encode(errors="replace").decode() != caption:
        raise RequestRefused("--caption is not valid UTF-8")
    _refuse_conflicts(num, seed, seeds, grid, matrix, interpolate)
    _check_range("num", num, 1, _MAX_CLIPS, "because each clip is a file")
    longest = _MAX_CHANGING_FRAMES if interpolate == "content" else _MAX_FRAMES
    _check_range("frames", frames, 1, longest, "because a file is made in memory")
    _check_range("fps", fps, _LOWEST_RATE, _HIGHEST_RATE)
    _check_range("scale", scale, 1, _MAX_SCALE)
    _check_range("truncation", truncation, 0.0, _MAX_TRUNCATION)
    cells = None if grid is None else _read_grid(grid)
    default = _default_count(cells, matrix, interpolate)
    chosen = _read_seeds(seeds) if seeds is not None else _consecutive(seed or 0, num or default)
    motion_seeds = None
    if matrix:
        rows, columns = cells or (len(chosen), len(chosen))
        _check_count(chosen, max(rows, columns), max(rows, columns), f"--matrix --grid {grid}")
        chosen, motion_seeds, cells = chosen[:rows], chosen[:columns], None
    elif interpolate:
        _check_count(chosen, 2, _MAX_CELLS, "--interpolate")
    elif cells:
        _check_count(chosen, 1, default, f"--grid {grid}")
    return GenerateRequest(
        seeds=chosen,
        motion_seeds=motion_seeds,
        interpolate=interpolate,
        grid=cells,
        label=label,
        caption=caption,
        num_frames=frames,
        fps=fps,
        format=format,
        scale=FORMATS[format].scale if scale is None else scale,
        truncation=truncation,
    )


def _refuse_conflicts(
    num: int | None,
    seed: int | None,
    seeds: str | None,
    grid: str | None,
    matrix: bool,
    interpolate: str | None,
) -> None:
    conflicts = (
        (seeds is not None and seed is not None, "--seeds and --seed exclude each other"),
        (seeds is not None and num is not None, "--seeds and --num exclude each other"),
        (matrix and interpolate, "--matrix and --interpolate exclude each other"),
        (
            matrix and num is not None,
            "--matrix and --num exclude each other. --grid sets the size of the matrix",
        ),
        (interpolate and grid is not None, "--interpolate and --grid exclude each other"),
    )
    for conflict, message in conflicts:
        if conflict:
            raise RequestRefused(message)


def _check_range(
    option: str, number: float | None, lowest: float, highest: float, reason: str = ""
) -> None:
    if number is not None and not lowest <= number <= highest:
        why = f", {reason}" if reason else ""
        raise RequestRefused(f"--{option} must be {lowest} to {highest}{why}, got {number}")


def _check_count(seeds: tuple[int, ...], lowest: int, highest: int, option: str) -> None:
    if not lowest <= len(seeds) <= highest:
        needed = f"{lowest}" if lowest == highest else f"{lowest} to {highest}"
        raise RequestRefused(f"{option} needs {needed} clips or seeds, got {len(seeds)}")


def _default_count(cells: tuple[int, int] | None, matrix: bool, interpolate: str | None) -> int:
    if matrix:
        return max(cells or _DEFAULT_MATRIX)
    if interpolate:
        return _DEFAULT_KEYFRAMES
    return cells[0] * cells[1] if cells else _DEFAULT_CLIPS


def _read_grid(text: str) -> tuple[int, int]:
    """Reads rows and columns, such as 4x4."""
    found = re.fullmatch(r"([0-9]{1,4})x([0-9]{1,4})", text.strip().lower())
    rows, columns = map(int, found.groups()) if found else (0, 0)
    if not 1 <= rows * columns <= _MAX_CELLS:
        raise RequestRefused(
            f"--grid must be rows x columns such as 4x4, at most {_MAX_CELLS} clips, got {text!r}"
        )
    return rows, columns


def _read_seeds(text: str) -> tuple[int, ...]:
    """Reads seeds and ranges, such as 3,7,10-15."""
    seeds: list[int] = []
    for part in text.split(","):
        found = re.fullmatch(r"([0-9]{1,19})(?:-([0-9]{1,19}))?", part.strip())
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if first > last:
            raise RequestRefused(
                f"--seeds must be numbers and ranges such as 3,7,10-15, got {text!r}"
            )
        count = len(seeds) + last - first + 1
        if count > _MAX_CLIPS:
            raise RequestRefused(
                f"--seeds names {count} clips, at most {_MAX_CLIPS} fit, because each is a file"
            )
        seeds += _consecutive(first, last - first + 1)
    [(seed, times), *_] = Counter(seeds).most_common(1)
    if times > 1:
        raise RequestRefused(f"--seeds names seed {seed} twice")
    return tuple(seeds)


def _consecutive(first: int, count: int) -> tuple[int, ...]:
    _check_range("num", count, 1, _MAX_CLIPS, "because each clip is a file")
    _check_range("seed", first, 0, _MAX_SEED - count + 1)
    return tuple(range(first, first + count))
