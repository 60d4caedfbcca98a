"""Cuts clips out of decoded frames: which windows of a video become clips, and how."""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_right
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from itertools import cycle, groupby, islice, pairwise
from typing import NamedTuple

import numpy as np

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.decoded_frame import DecodedFrame
from mocogan.data.decoding.decoder import Decoder
from mocogan.data.decoding.frame_scaler import FrameScaler
from mocogan.data.decoding.pyav.seeking import CannotSeek
from mocogan.data.decoding.sampling import sample, sampled_numbers
from mocogan.data.decoding.timeline import Timeline
from mocogan.data.records.clip import Clip
from mocogan.data.rejection import VideoRejected

# Frames of film strips and folders have no times. For `on_frame`, which shows that the decoder does not
# hang, each of these frames counts as 1/25 s.
_UNDATED_FRAMES_A_SECOND = 25


def cut_clips(
    decoder: Decoder,
    config: IngestConfig,
    video_id: bytes = b"",
    on_frame: Callable[[float], None] | None = None,
) -> Generator[Clip, None, None]:
    """Yields clips [num_frames, stored_size, stored_size, 3] uint8 in temporal order.

    Windows never overlap, and never span a joint of two recordings. If all clips or the first clips are
    wanted, one pass from the start cuts them. Other clips are cut by seeking, or by decoding the video
    twice if it does not support seeking. If seeking fails after some clips, these clips are invalid and
    the clips start again at index 0.
    `on_frame` gets the seconds played after each decoded frame, 1/25 s for each frame without a time.
    A second pass continues the count of the first. `video_id` and `config.seed` place random windows.
    Raises VideoRejected (too_short, zero_frames, too_long, and the codes of `decoder`).
    """
    source = _CheckedFrames(decoder, config, on_frame)
    if config.clips_per_video is None or config.clip_placement == "first":
        yield from _clips_in_a_row(source, config.clips_per_video)
        return
    try:
        timeline = decoder.timeline()
        times = timeline.seconds
        check_seconds(times[-1] if len(times) else 0.0, "the last frame is at", config)
        yield from _placed_clips(_FramesByNumber(source, timeline, seeks=True), video_id)
    except CannotSeek:
        timeline = _timeline(source.frames())
        yield from _placed_clips(_FramesByNumber(source, timeline, seeks=False), video_id)


def check_seconds(seconds: float, finding: str, config: IngestConfig) -> None:
    """Raises VideoRejected (too_long) above `config.max_seconds`. `finding` begins the message."""
    if seconds > config.max_seconds:
        raise VideoRejected(
            "too_long",
            f"{finding} {seconds:.1f} s, which exceeds ingest.max_seconds={config.max_seconds:g}. "
            "Cut the video or raise ingest.max_seconds",
        )


def window_starts(totals: Sequence[int], config: IngestConfig, video_id: bytes) -> list[int]:
    """Returns the first frames of the `clips_per_video` windows, as numbers of sampled frames, ascending.

    `totals` has the number of sampled frames of each recording. Longer recordings get more windows, and
    there are fewer windows if not all fit. uniform: each window is in the middle of an equal part of its
    recording. random: every placement without overlap is equally likely.
    """
    random = _random(config.seed, video_id)
    starts, passed = [], 0
    for total, windows in zip(totals, _windows(totals, config), strict=True):
        places = _places(total, windows, config, random) if windows else []
        starts += [passed + place for place in places]
        passed += total
    return starts


def _windows(totals: Sequence[int], config: IngestConfig) -> list[int]:
    """Returns the number of windows in each recording, in proportion to its frames."""
    fitting = [total // config.num_frames for total in totals]
    wanted = config.clips_per_video
    if wanted is None or wanted >= sum(fitting):
        return fitting
    windows = [0] * len(totals)
    for _ in range(wanted):
        free = (i for i in range(len(totals)) if windows[i] < fitting[i])
        windows[max(free, key=lambda i: totals[i] / (windows[i] + 1))] += 1
    return windows


def _places(
    total: int, windows: int, config: IngestConfig, random: np.random.Generator
) -> list[int]:
    length = config.num_frames
    if config.clip_placement == "uniform":
        return [round((i + 0.5) * total / windows - length / 2) for i in range(windows)]
    # Shrink each window to one frame and draw distinct positions for them. Each window then grows back
    # to its full length and shifts the later ones, so windows never overlap.
    free = total - windows * (length - 1)
    places = random.choice(free, windows, replace=False, shuffle=False)
    return [int(place) + i * (length - 1) for i, place in enumerate(np.sort(places))]


def _random(seed: int, video_id: bytes) -> np.random.Generator:
    digest = hashlib.sha256(seed.to_bytes(8, "big") + video_id).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


class _CheckedFrames:
    """Counts a decoder's frames, reports them and checks them against `max_seconds`."""

    def __init__(
        self, decoder: Decoder, config: IngestConfig, on_frame: Callable[[float], None] | None
    ) -> None:
        self.config = config
        self.count = 0  # frames of the current pass
        self.recordings = 1  # seen in it
        source_fps = decoder.facts.fps
        self.fps = config.fps or (source_fps and source_fps / config.frame_stride)  # of clips
        self._decoder = decoder
        self._on_frame = on_frame or (lambda seconds: None)
        self._played = self._played_before = 0.0  # seconds in total, and before the current pass

    def frames(self) -> Iterator[DecodedFrame]:
        """Starts a new pass over all frames."""
        self._played_before = self._played
        self.count = 0
        return self._watched(self._decoder.frames())

    def frames_from(self, first: int) -> Iterator[DecodedFrame]:
        """Returns the frames from number `first` on. Also raises CannotSeek."""
        return self._watched(self._decoder.frames(first))

    def _watched(self, frames: Iterator[DecodedFrame]) -> Iterator[DecodedFrame]:
        for frame in frames:
            check_seconds(frame.seconds, "a frame is at", self.config)
            self.count += 1
            self.recordings = frame.recording + 1
            undated = (self.count - 1) / _UNDATED_FRAMES_A_SECOND
            self._played = self._played_before + (frame.seconds or undated)
            self._on_frame(self._played)
            yield frame


def _timeline(frames: Iterable[DecodedFrame]) -> Timeline:
    """Decodes all frames for their times."""
    times, joints, last = array("d"), array("q"), None
    for number, frame in enumerate(frames):
        times.append(frame.seconds)
        if last is not None and frame.recording != last.recording:
            joints.append(number)
        last = frame
    return Timeline(times, last and last.duration, joints)


def _clips_in_a_row(source: _CheckedFrames, limit: int | None) -> Iterator[Clip]:
    frames = _scaled(sample(source.frames(), source.config), FrameScaler(source.config))
    index = 0
    longest: list[_Scaled] = []
    for _, recording in groupby(frames, key=lambda frame: frame.recording):
        while window := list(islice(recording, source.config.num_frames)):
            if len(window) < source.config.num_frames:
                longest = max(longest, window, key=len)
                break
            yield _clip(window, index, source)
            index += 1
            if index == limit:
                return
    if index == 0:
        yield _clip(_lengthened(longest, source), 0, source)


class _Scaled(NamedTuple):
    pixels: np.ndarray  # [stored_size, stored_size, 3] uint8
    seconds: float
    recording: int


def _scaled(frames: Iterable[DecodedFrame], scaler: FrameScaler) -> Iterator[_Scaled]:
    """Scales frames. A repeated frame is scaled only once."""
    last: DecodedFrame | None = None
    for frame in frames:
        if frame is not last:
            pixels, last = scaler(frame), frame
        yield _Scaled(pixels, frame.seconds, frame.recording)


def _clip(window: list[_Scaled], index: int, source: _CheckedFrames) -> Clip:
    pixels = np.stack([frame.pixels for frame in window])
    return Clip(pixels, index, window[0].seconds, source.fps)


def _lengthened(window: list[_Scaled], source: _CheckedFrames) -> list[_Scaled]:
    """Lengthens the frames of a short video as `short_videos` says."""
    config, missing = source.config, source.config.num_frames - len(window)
    if not window:
        raise VideoRejected(
            "zero_frames", "the file has no frame and may be truncated. Create the file again"
        )
    if config.short_videos == "reject":
        raise VideoRejected("too_short", _too_short(source, len(window)))
    if config.short_videos == "loop":
        return list(islice(cycle(window), config.num_frames))
    return window + [window[-1]] * missing


def _too_short(source: _CheckedFrames, sampled: int) -> str:
    config, seen = source.config, source.count
    fix = "Use a longer video, lower ingest.num_frames, or set ingest.short_videos to loop or pad"
    if source.recordings > 1:
        found = (
            f"the video is joined from {source.recordings} recordings, of which the longest gives "
            f"{sampled} frames, but a clip needs {config.num_frames}"
        )
    elif config.fps is not None:
        found = (
            f"the video has {seen} frames, which give {sampled} at ingest.fps={config.fps}, "
            f"but a clip needs {config.num_frames}"
        )
    else:
        found = (
            f"the video has {seen} frames, but a clip of {config.num_frames} "
            f"with ingest.frame_stride={config.frame_stride} "
            f"needs {(config.num_frames - 1) * config.frame_stride + 1}"
        )
        fix = _held_frames(source) + fix
    return f"{found}. {fix}"


def _held_frames(source: _CheckedFrames) -> str:
    """Says how many frames a video has at a steady rate, if it shows some frames longer than others."""
    timeline = _timeline(source.frames())
    gaps = [later - earlier for earlier, later in pairwise(timeline.seconds) if later > earlier]
    if not gaps:
        return ""
    rate = round(1 / min(gaps), 2)
    steady = source.config.model_copy(update={"fps": rate, "frame_stride": 1})
    count = sum(1 for _ in sampled_numbers(timeline, steady))
    if count <= len(timeline.seconds):
        return ""
    return f"Some frames are held: at ingest.fps={rate:g} there are {count}. "


class _FramesByNumber:
    """Access to the frames of a video by number, in ascending order."""

    def __init__(self, source: _CheckedFrames, timeline: Timeline, seeks: bool) -> None:
        """`timeline` is what is expected. Without `seeks` all frames are decoded."""
        self.source = source
        self.timeline = timeline
        self.seeks = seeks
        self._frames = source.frames()
        self._position = -1
        self._frame: DecodedFrame | None = None

    def frame(self, number: int) -> DecodedFrame:
        """Raises CannotSeek, or VideoRejected without `seeks`, if a frame's time is not as expected."""
        if self.seeks and number > self._position + 1:
            self._frames = self.source.frames_from(number)
            self._position = number - 1
        while self._frame is None or self._position < number:
            self._advance()
        return self._frame

    def _advance(self) -> None:
        self._position += 1
        self._frame = next(self._frames, None)
        promised = self.timeline.seconds[self._position]
        if self._frame is None or self._frame.seconds != promised:
            message = f"frame {self._position} is not at {promised:.3f} s"
            if self.seeks:
                raise CannotSeek(message)
            raise VideoRejected(
                "corrupt_frames",
                f"{message} in the second pass. Check that the file is complete and not being written",
            )


def _placed_clips(numbered: _FramesByNumber, video_id: bytes) -> Iterator[Clip]:
    """Yields the clips at the positions of `window_starts`."""
    config = numbered.source.config
    totals = _sampled_totals(numbered.timeline, config)
    if max(totals) < config.num_frames:
        if (
            numbered.seeks
        ):  # packets can be wrong, so a short video is decoded before it is rejected
            raise CannotSeek("the video seems too short")
        yield from _clips_in_a_row(numbered.source, limit=1)
        return
    yield from _clips_at(window_starts(totals, config, video_id), numbered)


def _sampled_totals(timeline: Timeline, config: IngestConfig) -> list[int]:
    """Returns the number of sampled frames in each recording."""
    totals = [0] * (len(timeline.joints) + 1)
    for number in sampled_numbers(timeline, config):
        totals[bisect_right(timeline.joints, number)] += 1
    return totals


def _clips_at(starts: list[int], numbered: _FramesByNumber) -> Iterator[Clip]:
    """Yields the clips that begin at `starts`, which are numbers of sampled frames, ascending."""
    config = numbered.source.config
    numbers, passed = sampled_numbers(numbered.timeline, config), 0
    scaler = FrameScaler(config)
    for index, start in enumerate(starts):
        window = list(islice(numbers, start - passed, start - passed + config.num_frames))
        passed = start + config.num_frames
        frames = (numbered.frame(number) for number in window)
        yield _clip(list(_scaled(frames, scaler)), index, numbered.source)
