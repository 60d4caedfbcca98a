"""Names of numbered images: which files of a folder are the frames of one video, and in which order."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import NamedTuple

# Images of these formats are never film strips.
FRAME_ENDINGS = (
    *(".tif", ".tiff"),
    *(".ppm", ".pgm", ".pbm", ".pnm"),
    *(".jp2", ".j2k", ".j2c", ".jpf", ".jpx"),
)
# A file with such a name is a frame. If its content is not an image, the frame is damaged.
IMAGE_ENDINGS = (*(".png", ".jpg", ".jpeg", ".webp", ".bmp"), *FRAME_ENDINGS)

_DIGITS = re.compile(r"([0-9]+)")
# Optical flow, as the extraction tools of temporal-segment-networks and others name it: flow_x_00001.jpg.
_FLOW = re.compile(r"(?:tvl1|opt|optical)?[_-]?flow(?:[xyuv])?(?![a-z])", re.IGNORECASE)


class FrameName(NamedTuple):
    """A name that has a number, as the text around its numbers and the numbers."""

    text: tuple[str, ...]  # in lower case, without the ending; one more than there are numbers
    numbers: tuple[int, ...]
    name: str

    @property
    def ends_with_number(self) -> bool:
        return not self.text[-1]


class Frame(NamedTuple):
    """A frame of a video. Frames with equal numbers are ambiguous."""

    number: tuple[int, ...]
    name: str


def frames_among(names: Iterable[str]) -> list[str]:
    """Returns the files of a folder that are frames by their `names`, in the order of their numbers."""
    return [frame.name for frame in ordered_frames(names)]


def ordered_frames(names: Iterable[str]) -> list[Frame]:
    """Returns the frames among the files of a folder, ordered by their numbers.

    2 comes before 10, unlike in the order of the names.

    - If a numbered file has an image extension, numbered files with other extensions are not frames.
    - A number at the end of the name counts. So does one inside the name, if the names differ in their
      numbers alone: 4 in city_000000_000004_left.png.
    - Images of optical flow are not frames if there are other images.
    """
    visible = (name for name in names if not name.startswith("."))
    parsed = [found for name in visible if (found := parse(name)) is not None]
    images = [found for found in parsed if found.name.lower().endswith(IMAGE_ENDINGS)]
    chosen = _without_flow(_numbered(images) or _numbered(parsed))
    columns = _varying_columns(chosen)
    if columns is None:
        return sorted(Frame(found.numbers[-1:], found.name) for found in chosen)
    return sorted(
        Frame(tuple(found.numbers[column] for column in columns), found.name) for found in chosen
    )


def series_of(frames: list[Frame]) -> list[list[Frame]]:
    """Splits the ordered frames of a folder into the videos that it holds, usually one.

    A folder holds several videos if its names count twice, such as city_000001_000019: the first number
    is the video's, and the second one counts its frames without gaps.
    """
    videos: dict[int, list[Frame]] = {}
    for frame in frames:
        videos.setdefault(frame.number[0], []).append(frame)
    if all(map(_counts_without_gaps, videos.values())):
        return list(videos.values())
    return [frames]


def _counts_without_gaps(frames: list[Frame]) -> bool:
    numbers = {frame.number[1:] for frame in frames}
    if len(frames) < 2 or len(numbers) < len(frames) or any(len(number) != 1 for number in numbers):
        return False
    counted = sorted(number[0] for number in numbers)
    return counted[-1] - counted[0] == len(counted) - 1


def parse(name: str) -> FrameName | None:
    """Separates the numbers of a name from its text. Returns None if no number is before the extension."""
    stem, ending = os.path.splitext(name)
    if ending[1:].isdecimal():  # "frame.0001"
        stem = name
    text = _DIGITS.split(stem)
    if len(text) == 1:
        return None
    return FrameName(tuple(part.lower() for part in text[::2]), tuple(map(int, text[1::2])), name)


def is_flow(name: str) -> bool:
    """Tells whether a file or folder holds optical flow by its name, such as flow_x_00001.jpg."""
    return _FLOW.match(name) is not None


def _numbered(names: list[FrameName]) -> list[FrameName]:
    """Keeps names that end with a number, or that share their text with another name."""
    alike: dict[tuple[str, ...], int] = {}
    for found in names:
        alike[found.text] = alike.get(found.text, 0) + 1
    return [found for found in names if found.ends_with_number or alike[found.text] > 1]


def _without_flow(names: list[FrameName]) -> list[FrameName]:
    return [found for found in names if not is_flow(found.name)] or names


def _varying_columns(names: list[FrameName]) -> list[int] | None:
    """Returns which numbers differ between names of the same text, or None if the texts differ."""
    if len({found.text for found in names}) != 1:
        return None
    columns = list(zip(*(found.numbers for found in names), strict=True))
    varying = [index for index, column in enumerate(columns) if len(set(column)) > 1]
    return varying or [len(columns) - 1]
