"""The common interface of all decoders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from mocogan.data.decoding.decoded_frame import DecodedFrame
from mocogan.data.decoding.timeline import Timeline
from mocogan.data.decoding.video_facts import VideoFacts


class Decoder(Protocol):
    """An open video. Frames are numbered from 0 in presentation order."""

    @property
    def facts(self) -> VideoFacts:
        """The facts in the header. Frames that were read can complete them."""

    def timeline(self) -> Timeline:
        """Returns the presentation times of all frames.

        May read the whole file, but converts no pixels. Raises VideoRejected. Raises
        mocogan.data.decoding.pyav.seeking.CannotSeek if only decoding gives the times.
        """

    def frames(self, first: int = 0) -> Iterator[DecodedFrame]:
        """Yields the frames from number `first` on.

        Raises VideoRejected, also after some frames. With `first` > 0 it also raises
        mocogan.data.decoding.pyav.seeking.CannotSeek.
        """
