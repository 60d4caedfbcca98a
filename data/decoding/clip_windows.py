"""From decoded frames to clips: which windows of a video are cut out, and how."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from itertools import count, cycle, islice

import numpy as np

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.decoded_frame import DecodedFrame
from mocogan.data.decoding.decoder import Decoder
from mocogan.data.decoding.frame_scaler import FrameScaler
from mocogan.data.decoding.pyav.seeking import CannotSeek
from mocogan.data.decoding.sampling import sample, sampled_numbers
from mocogan.data.records.clip import Clip
from mocogan.data.rejection import VideoRejected

# Frames of strips and folders are all dated 0. For `on_frame`, by which others tell a decoder at work
# from one that hangs, each of them counts as so much of a second.
_UNDATED_FRAMES_A_SECOND = 25


def cut_clips(
    decoder: Decoder,
    config: IngestConfig,
    video_id: bytes = b"",
    on_frame: Callable[[float], None] | None = None,
) -> Generator[Clip, None, None]:
    """Clips [num_frames, stored_size, stored_size, 3] uint8 in the order of their places.

    Windows never overlap. All of them, or the first ones, are cut while the video is decoded from
    its start; some spread over it are cut by seeking, or else by decoding it twice. Where seeking
    fails after some clips, they are void, and clips come from index 0 on again.
    `on_frame` is told after each decoded frame how many seconds have been played, a 25th for each
    without a date; a second pass counts on from where the first has ended. `video_id` and
    `config.seed` place random windows.
    Raises VideoRejected (too_short, zero_frames, too_long, and what `decoder` raises).
    """
    source = _CheckedFrames(decoder, config, on_frame)
    if config.clips_per_video is None or config.clip_placement == "first":
        yield from _clips_in_a_row(source, config.clips_per_video)
        return
    try:
        times = decoder.times()
        check_seconds(times[-1] if len(times) else 0.0, "its last frame comes at", config)
        yield from _placed_clips(_FramesByNumber(source, times, seeks=True), video_id)
    except CannotSeek:
        times = array("d", (frame.seconds for frame in source.frames()))
        yield from _placed_clips(_FramesByNumber(source, times, seeks=False), video_id)


def check_seconds(seconds: float, finding: str, config: IngestConfig) -> None:
    """Raises VideoRejected (too_long) beyond `config.max_seconds`; `finding` says what they are."""
    if seconds > config.max_seconds:
        raise VideoRejected(
            "too_long",
            f"{finding} {seconds:.1f} s; max_seconds={config.max_seconds:g} are allowed: "
            "cut the video or raise max_seconds",
        )


def window_starts(total: int, config: IngestConfig, video_id: bytes) -> list[int]:
    """Where among `total` sampled frames the `clips_per_video` windows begin, rising.

    There are fewer when no more fit. uniform: each in the middle of an equal part of the video;
    random: every placement without overlap is equally likely.
    """
    length = config.num_frames
    windows = min(config.clips_per_video or total, total // length)
    if config.clip_placement == "uniform":
        return [round((i + 0.5) * total / windows - length / 2) for i in range(windows)]
    # Windows shrunk to one frame each are any choice of places; grown again they do not overlap.
    free = total - windows * (length - 1)
    places = _random(config.seed, video_id).choice(free, windows, replace=False, shuffle=False)
    return [int(place) + i * (length - 1) for i, place in enumerate(np.sort(places))]


def _random(seed: int, video_id: bytes) -> np.random.Generator:
    digest = hashlib.sha256(seed.to_bytes(8, "big") + video_id).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


class _CheckedFrames:
    """A decoder's frames: counted, reported, and checked against `max_seconds`."""

    def __init__(
        self, decoder: Decoder, config: IngestConfig, on_frame: Callable[[float], None] | None
    ) -> None:
        self.config = config
        self.count = 0  # frames of the present pass
        self._decoder = decoder
        self._on_frame = on_frame or (lambda seconds: None)
        self._played = self._played_before = 0.0  # seconds; by earlier passes

    def frames(self) -> Iterator[DecodedFrame]:
        """A new pass over all frames."""
        self._played_before = self._played
        self.count = 0
        return self._watched(self._decoder.frames())

    def frames_from(self, first: int) -> Iterator[DecodedFrame]:
        """The frames from number `first` on. Raises CannotSeek too."""
        return self._watched(self._decoder.frames(first))

    def _watched(self, frames: Iterator[DecodedFrame]) -> Iterator[DecodedFrame]:
        for frame in frames:
            check_seconds(frame.seconds, "a frame comes at", self.config)
            self.count += 1
            undated = (self.count - 1) / _UNDATED_FRAMES_A_SECOND
            self._played = self._played_before + (frame.seconds or undated)
            self._on_frame(self._played)
            yield frame


def _clips_in_a_row(source: _CheckedFrames, limit: int | None) -> Iterator[Clip]:
    frames = _scaled(sample(source.frames(), source.config), FrameScaler(source.config))
    for index in count():
        if index == limit:
            return
        window = list(islice(frames, source.config.num_frames))
        if len(window) < source.config.num_frames:
            if index == 0:
                yield _clip(_lengthened(window, source), 0)
            return
        yield _clip(window, index)


_Scaled = tuple[np.ndarray, float]  # [stored_size, stored_size, 3] uint8, seconds


def _scaled(frames: Iterable[DecodedFrame], scaler: FrameScaler) -> Iterator[_Scaled]:
    """A frame repeated is scaled once."""
    last: DecodedFrame | None = None
    for frame in frames:
        if frame is not last:
            pixels, last = scaler(frame), frame
        yield pixels, frame.seconds


def _clip(window: list[_Scaled], index: int) -> Clip:
    pixels, seconds = zip(*window, strict=True)
    return Clip(np.stack(pixels), index, seconds[0])


def _lengthened(window: list[_Scaled], source: _CheckedFrames) -> list[_Scaled]:
    """The too few frames of a short video, looped or padded as `short_videos` says."""
    config, missing = source.config, source.config.num_frames - len(window)
    if not window:
        raise VideoRejected(
            "zero_frames", "the file opens but holds no frame, perhaps cut off: make it anew"
        )
    if config.short_videos == "reject":
        raise VideoRejected("too_short", _too_short(source.count, len(window), config))
    if config.short_videos == "loop":
        return list(islice(cycle(window), config.num_frames))
    return window + [window[-1]] * missing


def _too_short(seen: int, sampled: int, config: IngestConfig) -> str:
    fix = "record more, lower num_frames, or set short_videos to loop or pad"
    if config.fps is not None:
        found = f"its {seen} frames give {sampled} at fps={config.fps}; a clip needs {config.num_frames}"
    else:
        found = (
            f"{seen} frames; a clip of {config.num_frames} at frame_stride {config.frame_stride} "
            f"needs {(config.num_frames - 1) * config.frame_stride + 1}"
        )
    return f"{found}: {fix}"


class _FramesByNumber:
    """A video's frames by number, asked for in rising order."""

    def __init__(self, source: _CheckedFrames, times: Sequence[float], seeks: bool) -> None:
        """`times`, in seconds, is what frames must be dated; without `seeks` all are decoded."""
        self.source = source
        self.times = times
        self.seeks = seeks
        self._frames = source.frames()
        self._position = -1
        self._frame: DecodedFrame | None = None

    def frame(self, number: int) -> DecodedFrame:
        """Raises CannotSeek, or VideoRejected without `seeks`, when `times` does not hold."""
        if self.seeks and number > self._position + 1:
            self._frames = self.source.frames_from(number)
            self._position = number - 1
        while self._frame is None or self._position < number:
            self._advance()
        return self._frame

    def _advance(self) -> None:
        self._position += 1
        self._frame = next(self._frames, None)
        promised = self.times[self._position]
        if self._frame is None or self._frame.seconds != promised:
            message = f"frame {self._position} does not come at {promised:.3f} s"
            if self.seeks:
                raise CannotSeek(message)
            raise VideoRejected("corrupt_frames", f"decoded again, {message}: is it still written?")


def _placed_clips(numbered: _FramesByNumber, video_id: bytes) -> Iterator[Clip]:
    """The clips that `window_starts` asks for."""
    config = numbered.source.config
    total = sum(1 for _ in sampled_numbers(numbered.times, config))
    if total < config.num_frames:
        if numbered.seeks:  # a short video is decoded twice rather than on the packets' word
            raise CannotSeek("the video seems too short")
        yield from _clips_in_a_row(numbered.source, limit=1)
        return
    yield from _clips_at(window_starts(total, config, video_id), numbered)


def _clips_at(starts: list[int], numbered: _FramesByNumber) -> Iterator[Clip]:
    """Clips of the sampled frames from each of `starts`, which rise, on."""
    config = numbered.source.config
    numbers, passed = sampled_numbers(numbered.times, config), 0
    scaler = FrameScaler(config)
    for index, start in enumerate(starts):
        window = list(islice(numbers, start - passed, start - passed + config.num_frames))
        passed = start + config.num_frames
        frames = (numbered.frame(number) for number in window)
        yield _clip(list(_scaled(frames, scaler)), index)
