"""How a stored frame has to be mirrored and turned to be upright."""

from __future__ import annotations

import struct
from typing import NamedTuple, cast

import av
import numpy as np
from av.buffer import Buffer

_MATRIX = struct.Struct("=9i")  # AVFrameSideData of AV_FRAME_DATA_DISPLAYMATRIX


class Orientation(NamedTuple):
    """One of the eight ways in which a picture can lie. Mirroring comes first."""

    mirrored: bool = False  # left and right change places
    quarter_turns: int = 0  # counterclockwise, from 0 to 3

    @property
    def lies_on_its_side(self) -> bool:
        """Whether height and width change places."""
        return self.quarter_turns % 2 == 1

    def upright(self, pixels: np.ndarray) -> np.ndarray:
        """Stored pixels [S, S, 3] -> upright pixels [S, S, 3], as a view."""
        return np.rot90(pixels[:, ::-1] if self.mirrored else pixels, self.quarter_turns)


AS_STORED = Orientation()


class Orientations:
    """Tells the orientation of the frames of one recording.

    The side data of a PyAV frame keeps that frame alive until the garbage collector runs, so it is looked at
    only for each new angle.
    """

    def __init__(self) -> None:
        self._by_angle: dict[int, Orientation] = {}

    def __call__(self, frame: av.VideoFrame) -> Orientation:
        angle = frame.rotation
        if angle not in self._by_angle:
            self._by_angle[angle] = orientation(frame)
        return self._by_angle[angle]


def orientation(frame: av.VideoFrame) -> Orientation:
    """Reads the display matrix of the frame. Angles are rounded to quarter turns.

    Gives what ffmpeg's option -autorotate shows.
    """
    try:
        side_data = frame.side_data
    except (
        ValueError
    ):  # PyAV does not know all types of FFmpeg, such as the EXIF data of Motion JPEG
        return Orientation(quarter_turns=round(frame.rotation / 90) % 4)
    matrix = cast(Buffer | None, side_data.get("DISPLAYMATRIX"))
    return AS_STORED if matrix is None else from_display_matrix(bytes(matrix))


def from_display_matrix(matrix: bytes) -> Orientation:
    """Returns the orientation of a display matrix as FFmpeg stores it (libavutil/display.h).

    A step to the right in the stored picture is the step (a, b) in the shown one, and a step down is (c, d).
    x grows to the right and y grows downward.
    """
    a, b, _, c, d, *_ = _MATRIX.unpack(matrix)
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    if abs(a) >= abs(b):
        return Orientation(mirrored, 0 if a >= 0 else 2)
    return Orientation(mirrored, 1 if b < 0 else 3)
