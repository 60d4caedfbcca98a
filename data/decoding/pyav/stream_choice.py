"""The choice among the video streams of a file: cameras, angles, previews, covers."""

from __future__ import annotations

from collections.abc import Sequence

from av.stream import Disposition
from av.video.stream import VideoStream

from mocogan.data.rejection import VideoRejected

# The cover of a sound file, a photo beside a film, thumbnails along the time, a layer of another stream.
_NO_FILM = (
    Disposition.attached_pic
    | Disposition.still_image
    | Disposition.timed_thumbnails
    | Disposition.dependent
)


def choose_stream(streams: Sequence[VideoStream], wanted: int | None) -> VideoStream:
    """Returns the video stream number `wanted`, or without a number the one that players choose.

    `streams` are all video streams of a file, which ffmpeg calls v:0, v:1 and so on. Players take the first
    one that is marked as default, and else the first. Raises VideoRejected (no_video_stream).
    """
    if wanted is not None:
        return _numbered(streams, wanted)
    films = films_among(streams)
    if not films:
        raise VideoRejected(
            "no_video_stream", "the file has no video stream. It may be a sound file or truncated"
        )
    return next((film for film in films if film.disposition & Disposition.default), films[0])


def films_among(streams: Sequence[VideoStream]) -> list[VideoStream]:
    """Returns the streams that players may choose."""
    films = [stream for stream in streams if not stream.disposition & _NO_FILM]
    # An animated AVIF or HEIF image also has its first frame as a stream of its own.
    return [film for film in films if film.frames != 1] or films


def _numbered(streams: Sequence[VideoStream], wanted: int) -> VideoStream:
    if wanted < len(streams):
        return streams[wanted]
    count = "1 video stream" if len(streams) == 1 else f"{len(streams)} video streams"
    raise VideoRejected(
        "no_video_stream",
        f"the file has {count}, so there is no ingest.video_stream={wanted}. The first is number 0",
    )
