"""What decoding a video gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data.clip import Clip
from data.video_facts import VideoFacts


@dataclass(frozen=True)
class DecodedVideo:
    """A video whose clips are made while they are taken.

    `clips` may raise VideoRejected after some of them: the video is good only once it has ended.
    """

    facts: VideoFacts
    clips: Iterator[Clip]
