"""Clips of seeds and of mixed latents, in calls whose memory is bounded."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

import numpy as np

from mocogan.components.video_evaluator.galleries.interpolation import between
from mocogan.components.video_evaluator.sampling import CLIPS_PER_CALL, ClipLatents, ClipModel
from mocogan.pipeline.errors import ExpectedError
from mocogan.trainer.contract import ANY_CATEGORY

_BYTES_PER_CALL = 64 << 20  # of clips
_SHOWN_LABELS = 30

Cell = tuple[int, int]  # seed of the content, seed of the motion
Drawn = tuple[np.ndarray, str | None]  # clip [T, H, W, 3] uint8, and its class if it is known


class CannotDraw(ExpectedError):
    """The model cannot draw what is requested. The message says what is missing."""


class ClipSource:
    """Draws clips with one model, all of the same class, caption, length and truncation."""

    def __init__(
        self,
        model: ClipModel,
        label: str | None,
        num_frames: int | None,
        truncation: float,
        caption: str | None = None,
    ) -> None:
        """Checks what the model can draw.

        Args:
            model: The model.
            label: Class of all clips. None: any class.
            num_frames: Frames of each clip. None: those of a training clip.
            truncation: Factor of z_content.
            caption: Caption of all clips, which `caption_notes` has checked. None: any caption.

        Raises:
            CannotDraw: The model has no such class, or it can only draw clips as it was trained.
        """
        self._model = model
        self._category = _category(model, label)
        self._caption = caption
        self._block, self.height, self.width, _ = model.clip_shape
        self.num_frames = num_frames or self._block
        self._truncation = truncation
        if not model.has_latents and (self.num_frames, truncation) != (self._block, 1.0):
            raise CannotDraw(
                f"the model in {model.path} has no signatures 'latents' and 'render', so it draws clips of "
                f"{self._block} frames without truncation only. Export it again with this version"
            )

    def draw(self, cells: Sequence[Cell]) -> Iterator[Drawn]:
        """Draws a clip for each cell. A clip depends on its cell alone.

        The class comes from the motion seed, unless it is chosen.
        Raises CannotDraw if the seeds of a cell differ and the model cannot mix them.
        """
        if self._model.has_latents:
            step = self._clips_per_call(self.num_frames)
            for start in range(0, len(cells), step):
                yield from self._draw_call(cells[start : start + step])
            return
        if not self._model.has_separate_seeds and any(a != b for a, b in cells):
            raise CannotDraw(f"the model in {self._model.path} cannot mix content and motion")
        for content, motion in cells:
            clip = self._model.sample_seed(content, motion, self._category)
            yield clip, self._label(self._category)

    def content_frames(self, seeds: Sequence[int]) -> Iterator[Drawn]:
        """Draws the frames [H, W, 3] of one clip whose content goes from seed to seed and back to the first.

        Frame t is frame t of the clip whose content lies between those of two seeds. Motion and class are those of the
        first seed. Raises CannotDraw if the model cannot draw from latents.
        """
        keyframes = self._keyframes(seeds)
        label = self._label(int(keyframes.category[0]))
        for first in range(0, self.num_frames, self._block):
            length = min(first + self._block, self.num_frames)  # later frames are not needed
            short = keyframes._replace(motion_noise=keyframes.motion_noise[:, :length])
            step = self._clips_per_call(length)
            for start in range(first, length, step):
                times = np.arange(start, min(start + step, length))
                latents = between(short, times * len(seeds) / self.num_frames, "content")
                for clip, time in zip(self._model.render(latents), times, strict=True):
                    yield clip[time], label

    def motion_clips(self, seeds: Sequence[int], steps: int) -> Iterator[Drawn]:
        """Draws `steps` clips from the motion of each seed to that of the next, and from the last one to the first.

        Content and class are those of the first seed. Raises CannotDraw if the model cannot draw from latents.
        """
        keyframes = self._keyframes(seeds)
        label = self._label(int(keyframes.category[0]))
        positions = np.arange(len(seeds) * steps) / steps
        step = self._clips_per_call(self.num_frames)
        for start in range(0, len(positions), step):
            latents = between(keyframes, positions[start : start + step], "motion")
            for clip in self._model.render(latents):
                yield clip, label

    def draw_between(
        self, contents: Sequence[int], content_at: float, motions: Sequence[int], motion_at: float
    ) -> Drawn:
        """Draws a clip whose content lies between those of two seeds, and its motion between those of two others.

        Class: that of the first motion, unless it is chosen. Raises CannotDraw if the model cannot draw from latents.

        Args:
            contents: Two seeds.
            content_at: From 0, the content of the first seed, to 1, that of the second one.
            motions: Two seeds.
            motion_at: The same for the motion.
        """
        keyframes = self._keyframes([*contents, *motions])
        first, last = (
            ClipLatents(*(part[rows] for part in keyframes)) for rows in (slice(2), slice(2, 4))
        )
        content = between(first, np.array([content_at]), "content")
        motion = between(last, np.array([motion_at]), "motion")
        clips = self._model.render(motion._replace(z_content=content.z_content))
        return clips[0], self._label(int(motion.category[0]))

    def _keyframes(self, seeds: Sequence[int]) -> ClipLatents:
        if not self._model.has_latents:
            raise CannotDraw(
                f"the model in {self._model.path} has no signatures 'latents' and 'render', so it cannot "
                "interpolate. Export it again with this version"
            )
        return self._latents(seeds)

    def _draw_call(self, cells: Sequence[Cell]) -> Iterator[Drawn]:
        contents, motions = zip(*cells, strict=True)
        latents = self._latents(motions)
        if contents != motions:
            latents = latents._replace(z_content=self._latents(contents).z_content)
        for clip, category in zip(self._model.render(latents), latents.category, strict=True):
            yield clip, self._label(int(category))

    def _latents(self, seeds: Sequence[int]) -> ClipLatents:
        captions = None if self._caption is None else [self._caption] * len(seeds)
        latents = self._model.latents(seeds, self._category, self.num_frames, captions)
        return latents._replace(z_content=latents.z_content * np.float32(self._truncation))

    def _label(self, category: int) -> str | None:
        labels = self._model.labels
        return labels[category] if 0 <= category < len(labels) else None

    def _clips_per_call(self, num_frames: int) -> int:
        clip_bytes = num_frames * self.height * self.width * 3
        return max(1, min(CLIPS_PER_CALL, _BYTES_PER_CALL // clip_bytes))


def _category(model: ClipModel, label: str | None) -> int:
    """The id of a class. Raises CannotDraw with the labels if the model has no such class."""
    labels = model.labels
    if label is None:
        return ANY_CATEGORY
    if label in labels:
        return labels.index(label)
    if not labels:
        raise CannotDraw(
            f"the model in {model.path} has no classes, so --label {label!r} is unknown"
        )
    similar = difflib.get_close_matches(label, labels, n=1, cutoff=0.5)
    hint = f" Did you mean {similar[0]!r}?" if similar else ""
    more = f" and {len(labels) - _SHOWN_LABELS} more" if len(labels) > _SHOWN_LABELS else ""
    raise CannotDraw(
        f"the model has no class {label!r}.{hint} Its classes: {', '.join(labels[:_SHOWN_LABELS])}{more}"
    )
