"""The result of decoding a video."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.records.clip import Clip


@dataclass(frozen=True)
class DecodedVideo:
    """A video whose clips are decoded during iteration.

    `clips` may raise VideoRejected after some clips, so the video is valid only when `clips` has ended.
    If a clip with index 0 comes again, seeking has failed and the video is decoded from the start. The
    earlier clips are then invalid.
    """

    read_facts: Callable[[], VideoFacts]
    clips: Iterator[Clip]

    @property
    def facts(self) -> VideoFacts:
        """The facts that are known now. When `clips` has ended, they are complete."""
        return self.read_facts()
