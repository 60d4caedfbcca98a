"""The one interface to every decoder: a video that has been opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from mocogan.data.decoding.decoded_frame import DecodedFrame
from mocogan.data.decoding.video_facts import VideoFacts


class Decoder(Protocol):
    """A video open for decoding. Frames are numbered from 0 in the order of presentation."""

    @property
    def facts(self) -> VideoFacts:
        """What the header says."""

    def times(self) -> Sequence[float]:
        """Presentation time in seconds of every frame, 0 for the first, never falling.

        May have to read the whole file, but not to convert pixels.
        Raises VideoRejected, and mocogan.data.decoding.pyav.seeking.CannotSeek where that takes decoding.
        """

    def frames(self, first: int = 0) -> Iterator[DecodedFrame]:
        """The frames from number `first` on.

        Raises VideoRejected, also after some frames; for `first` > 0 mocogan.data.decoding.pyav.seeking.CannotSeek too.
        """
