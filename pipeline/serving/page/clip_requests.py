"""Files of clips, as `mocogan generate` makes them, and clips between seeds."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from mocogan.data.encoding.formats import FORMATS
from mocogan.data.encoding.registry import encode_clip
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.generate.caption_notes import caption_notes
from mocogan.pipeline.generate.clip_source import ClipSource
from mocogan.pipeline.generate.layouts import ClipFile, check_size, clip_files, work_units
from mocogan.pipeline.generate.request import GenerateRequest, read_request
from mocogan.pipeline.serving.limits import Limits
from mocogan.pipeline.serving.model.call_queue import CallQueue
from mocogan.pipeline.serving.model.served_version import ServedVersion
from mocogan.pipeline.serving.refusals import Refusal

_MOST_PIXELS = 1 << 27  # of all enlarged frames of a file


class EncodedClip(NamedTuple):
    """A file."""

    name: str
    content: bytes
    labels: tuple[str | None, ...]  # of each clip, or of each column of a matrix; None: not known
    notes: tuple[str, ...]  # what the model does not make of the caption


class Mix(NamedTuple):
    """A place between two seeds: 0 is the first, 1 the second one."""

    first: int
    second: int
    at: float


class ClipDrawer:
    """Draws the file of one request, through the queue.

    Attributes:
        given_up: Set it if nobody waits for the file any longer. The next call of the model is then not made.
    """

    def __init__(self, version: ServedVersion, queue: CallQueue, limits: Limits) -> None:
        self._version = version
        self._queue = queue
        self._limits = limits
        self._model = version.model.called_by(self._call)
        self._notes: tuple[str, ...] = ()
        self.given_up = threading.Event()

    def file(self, request: GenerateRequest) -> EncodedClip:
        """Draws what `mocogan generate` would draw, if that is one file.

        Raises Refusal if it would be several files, is too much for a request, or the model cannot draw it.
        """
        if len(request.seeds) > 1 and not (
            request.grid or request.motion_seeds or request.interpolate
        ):
            raise Refusal("INVALID_ARGUMENT", "several seeds need grid, matrix or interpolate")
        try:
            block = self._version.clip_shape[0]
            frames = request.num_frames or block
            if request.interpolate == "content":
                frames = request.num_frames or len(request.seeds) * block
            self._check_amount(request, frames)
            source = self._source(request, frames)
            check_size(request, source.num_frames, source.height, source.width)
            (file,) = clip_files(source, request, _NoProgress())
        except ExpectedError as error:
            raise Refusal("INVALID_ARGUMENT", self._without_path(error)) from error
        return self._encoded(file, request)

    def mixed(self, content: Mix, motion: Mix, request: GenerateRequest) -> EncodedClip:
        """Draws a clip between contents and motions. The class is that of the first motion, unless it is chosen.

        Only label, caption, length, truncation and format of `request` are used. Raises Refusal as `file`.
        """
        block = self._version.clip_shape[0]
        frames = request.num_frames or block
        self._check_amount(request, frames)
        try:
            source = self._source(request, frames)
            check_size(request, frames, source.height, source.width)
            if (
                content.at == motion.at == 0.0
            ):  # as in a matrix; models without latents can do it too
                ((clip, label),) = source.draw([(content.first, motion.first)])
            else:
                clip, label = source.draw_between(content[:2], content.at, motion[:2], motion.at)
        except ExpectedError as error:
            raise Refusal("INVALID_ARGUMENT", self._without_path(error)) from error
        name = f"content-{content.first:06d}-motion-{motion.first:06d}"
        return self._encoded(ClipFile(name, clip, (), (label,)), request)

    def _source(self, request: GenerateRequest, frames: int) -> ClipSource:
        """Raises CannotDraw if the model has no such class, or cannot read the caption."""
        if request.caption:
            self._notes = caption_notes(self._model, request.caption)
        return ClipSource(self._model, request.label, frames, request.truncation, request.caption)

    def _check_amount(self, request: GenerateRequest, frames: int) -> None:
        block = self._version.clip_shape[0]
        count, unit = work_units(request, frames)
        clips = count if unit == "frames" else count * -(-frames // block)
        if clips > self._limits.clips:
            raise Refusal(
                "INVALID_ARGUMENT",
                f"a request may draw at most {self._limits.clips} clips of {block} frames, this one would draw {clips}",
            )

    def _encoded(self, file: ClipFile, request: GenerateRequest) -> EncodedClip:
        if file.clip.size // 3 * request.scale**2 > _MOST_PIXELS:
            raise Refusal("INVALID_ARGUMENT", "the file would be too large. Choose a smaller scale")
        if self.given_up.is_set():
            raise Refusal("CANCELLED", "the client has gone")
        fps = request.fps or self._version.frame_rate
        content = encode_clip(file.clip, request.format, fps, request.scale)
        name = file.name + FORMATS[request.format].extension
        return EncodedClip(name, content, file.labels, self._notes)

    def _call(self, name: str, inputs: Mapping[str, tf.Tensor]) -> Mapping[str, np.ndarray]:
        if self.given_up.is_set():
            raise Refusal("CANCELLED", "the client has gone")
        arrays = {key: np.asarray(tensor) for key, tensor in inputs.items()}
        return self._queue.run(self._version, self._version.check(name, arrays, self._limits))

    def _without_path(self, error: Exception) -> str:
        """The message for a client, who need not know where the model lies, and has no command line."""
        text = str(error).replace(f" in {self._version.model.path}", "")
        return re.sub(r"--(?=[a-z])", "", text)


def read_clip_request(options: Mapping[str, Any]) -> GenerateRequest:
    """Reads the options of `mocogan generate`, see `read_request`. Raises Refusal."""
    try:
        return read_request(**options)
    except ExpectedError as error:
        raise Refusal("INVALID_ARGUMENT", re.sub(r"--(?=[a-z])", "", str(error))) from error


class _NoProgress:
    def advance(self, count: int = 1, **metrics: object) -> None:
        pass
