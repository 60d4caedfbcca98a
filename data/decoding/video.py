"""Decodes a file into clips with the right decoder."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.clip_windows import check_seconds, cut_clips
from mocogan.data.decoding.decoded_video import DecodedVideo
from mocogan.data.decoding.decoder import Decoder
from mocogan.data.decoding.images.animated_image import is_animated_image, open_animated_image
from mocogan.data.decoding.images.array_video import is_array, open_array
from mocogan.data.decoding.images.film_strip import is_film_strip, open_film_strip
from mocogan.data.decoding.images.image_file import image_format
from mocogan.data.decoding.images.numbered_frames import open_numbered_frames
from mocogan.data.decoding.pyav.pyav_decoder import open_pyav
from mocogan.data.rejection import VideoRejected

_ANIMATED_FORMATS = ("PNG", "WEBP")


def check_decoder(name: str) -> None:
    """Raises ffmpeg4.DecoderUnavailable with the fix if decoder `name` does not work here."""
    if name == "tfio":
        from mocogan.data.decoding.tfio.tfio_decoder import (
            check_tfio,  # loads TensorFlow, which PyAV does not need
        )

        check_tfio()


@contextmanager
def decode_video(
    path: str | bytes,
    config: IngestConfig,
    video_id: bytes = b"",
    on_frame: Callable[[float], None] | None = None,
) -> Iterator[DecodedVideo]:
    """Opens the video at `path`, a regular file or a folder of numbered frames, and yields its clips lazily.

    Film strips (PNG, JPEG) and animations (PNG, WebP) are detected by content and do not use
    `config.decoder`. `video_id` places random windows. `on_frame` gets the seconds played after each decoded frame.
    Raises VideoRejected on entering and during iteration over the clips.
    """
    with _opened(os.fsdecode(path), config) as decoder:
        check_seconds(decoder.facts.seconds or 0.0, "the duration in the header is", config)
        with closing(cut_clips(decoder, config, video_id, on_frame)) as clips:
            yield DecodedVideo(lambda: decoder.facts, clips)


def _opened(path: str, config: IngestConfig) -> AbstractContextManager[Decoder]:
    if _is_folder(path):
        return open_numbered_frames(path, config)
    head = _head(path)
    if is_array(head):
        return open_array(path, config)
    if image_format(head) in _ANIMATED_FORMATS and is_animated_image(path):
        return open_animated_image(path, config)
    if is_film_strip(head):
        return open_film_strip(path, config)
    if config.decoder == "tfio":
        from mocogan.data.decoding.tfio.tfio_decoder import open_tfio

        return open_tfio(path, config)
    return open_pyav(path, config)


def _is_folder(path: str) -> bool:
    """Tells whether `path` is a folder. Nothing is opened, because opening a pipe would wait forever."""
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        raise VideoRejected("open_failed", f"the file cannot be read: {error.strerror}") from error
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        raise VideoRejected(
            "not_a_file", "this is a pipe, socket or device. Use a regular file or a folder"
        )
    return stat.S_ISDIR(mode)


def _head(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            head = file.read(16)
    except OSError as error:
        raise VideoRejected("open_failed", f"the file cannot be read: {error.strerror}") from error
    if not head:
        raise VideoRejected("empty_file", "the file is empty")
    return head
