"""What decoding a video gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.records.clip import Clip


@dataclass(frozen=True)
class DecodedVideo:
    """A video whose clips are made while they are taken.

    `clips` may raise VideoRejected after some of them: the video is good only once it has ended.
    When a clip of index 0 comes again, the clips before it are void: seeking has failed, and the
    video is decoded another way.
    """

    facts: VideoFacts
    clips: Iterator[Clip]
