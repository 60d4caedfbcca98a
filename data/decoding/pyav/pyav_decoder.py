"""Decoding with PyAV, frame by frame, on one thread.

To reach a frame in the middle, the decoder seeks to the last keyframe before it and decodes from there.
The index of the packets gives the number of that keyframe. Each decoded frame must have the timestamp
that the index predicts. Otherwise CannotSeek is raised and the caller decodes from the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from fractions import Fraction
from itertools import chain, dropwhile, groupby
from typing import cast

import av
from av.video.stream import VideoStream

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.decoded_frame import DecodedFrame
from mocogan.data.decoding.orientation import Orientations
from mocogan.data.decoding.pyav.deinterlacing import deinterlaced
from mocogan.data.decoding.pyav.joints import RecordingNumber
from mocogan.data.decoding.pyav.packet_index import (
    Keyframe,
    PacketIndex,
    check_seekable,
    index_packets,
)
from mocogan.data.decoding.pyav.pixel_aspect import PixelAspect
from mocogan.data.decoding.pyav.seeking import CannotSeek
from mocogan.data.decoding.pyav.video_file import (
    Clock,
    check_colors,
    check_pixels,
    intact_packets,
    open_video,
    read_facts,
)
from mocogan.data.decoding.timeline import Timeline
from mocogan.data.decoding.video_facts import Assumption, VideoFacts
from mocogan.data.rejection import VideoRejected


@contextmanager
def open_pyav(path: str, config: IngestConfig) -> Iterator[PyavDecoder]:
    """Opens the video at `path`. Raises VideoRejected like open_video, and with corrupt_frames."""
    with ExitStack() as stack:
        yield PyavDecoder(path, config, stack)


class PyavDecoder:
    """Decodes an open video. Only the iterator of the latest `frames` call is valid."""

    def __init__(self, path: str, config: IngestConfig, stack: ExitStack) -> None:
        """`stack` closes the file."""
        self._path, self._config, self._stack = path, config, stack
        self._index: PacketIndex | None = None
        self._times: Sequence[float] = ()
        self._assumed: set[Assumption] = set()
        self._fresh = False  # whether no frame has been taken yet
        self._position = 0  # number of the next frame of _run
        self._run: Iterator[DecodedFrame] = iter(())
        self._restart()
        first = next(self._run, None)
        if first is not None:
            self._run = chain((first,), self._run)
        self._facts = read_facts(self._container, self._stream, first, config)

    @property
    def facts(self) -> VideoFacts:
        """The facts in the header, and of a joined file what its frames have shown."""
        if not self._assumed:
            return self._facts
        late: Assumption = "joined" if "joined" in self._assumed else "counters"
        return self._facts._replace(assumptions=(*self._facts.assumptions, late))

    def timeline(self) -> Timeline:
        """Reads the times from the packets. Raises CannotSeek if the packets do not give them."""
        check_seekable(self._container.format.name, self._stream.codec_context.name)
        with open_video(self._path, self._config) as (container, stream):
            try:
                packets = _one_recording(
                    intact_packets(self._path, container, stream, self._assumed),
                    RecordingNumber(container, stream),
                )
                index = index_packets(packets, container.format.name, stream.codec_context.name)
            except (VideoRejected, av.FFmpegError) as error:
                raise CannotSeek(f"its packets cannot be read: {error}") from error
            clock = Clock(container, stream)
            self._times, self._index = clock.all_seconds(index.stamps), index
            return Timeline(self._times, clock.duration(index.last_duration))

    def frames(self, first: int = 0) -> Iterator[DecodedFrame]:
        """Seeks if that saves decoding. With `first` > 0 it can raise CannotSeek, also during iteration."""
        if first:
            self._approach(first)
        elif not self._fresh:
            self._restart()
        self._fresh = False
        for frame in self._run:
            self._position += 1
            if self._position > first:
                yield frame

    def _approach(self, first: int) -> None:
        """Moves to the keyframe before `first`, unless the current position is already between the two."""
        if self._index is None:
            raise CannotSeek("timeline() must be called first")
        # Start one frame earlier, because deinterlacing uses the neighbors of a frame.
        keyframe = self._index.keyframe(first - 1)
        number = self._index.number(keyframe.shown)
        if not number <= self._position <= first:
            self._run, self._position = self._from_keyframe(self._index, keyframe), number

    def _restart(self) -> None:
        """Opens the file again, because not every format can seek back to its first frame."""
        self._stack.close()
        self._container, self._stream = self._stack.enter_context(
            open_video(self._path, self._config)
        )
        self._run, self._position, self._fresh = self._from_the_start(), 0, True

    def _from_the_start(self) -> Iterator[DecodedFrame]:
        clock = Clock(self._container, self._stream)
        aspect = PixelAspect(self._container, self._stream)
        number = 0
        try:
            packets = intact_packets(self._path, self._container, self._stream, self._assumed)
            recordings = groupby(packets, RecordingNumber(self._container, self._stream))
            for recording, its_packets in recordings:
                upright = Orientations()
                if recording:
                    self._assumed.add("joined")
                    clock.begin_recording()
                    self._stream.codec_context.flush_buffers()
                for picture in self._pictures(its_packets):
                    yield DecodedFrame(
                        picture,
                        clock.seconds(picture.pts, picture.dts),
                        clock.duration(picture.duration),
                        recording,
                        aspect.width(),
                        upright(picture),
                    )
                    number += 1
        except av.FFmpegError as error:
            raise _decoding_failed(error, number) from error
        if "joined" in self._assumed:  # the header tells the duration of one recording
            self._facts = self._facts._replace(seconds=clock.played)

    def _pictures(self, packets: Iterable[av.Packet[VideoStream]]) -> Iterator[av.VideoFrame]:
        return deinterlaced(self._checked(_decoded(packets, self._stream)))

    def _checked(self, pictures: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
        for number, picture in enumerate(pictures):
            if picture.is_corrupt:
                raise VideoRejected("corrupt_frames", f"frame {number} is damaged")
            check_pixels(picture.width, picture.height, self._config)
            check_colors(picture, self._config)
            yield picture

    def _from_keyframe(self, index: PacketIndex, keyframe: Keyframe) -> Iterator[DecodedFrame]:
        number = index.number(keyframe.shown)
        clock = Clock(self._container, self._stream)
        aspect, upright = PixelAspect(self._container, self._stream), Orientations()
        try:
            self._container.seek(keyframe.decoded, stream=self._stream)
            packets = intact_packets(self._path, self._container, self._stream, self._assumed)
            for picture in self._pictures(_decodable(packets, keyframe)):
                if number == len(index.stamps) or picture.pts != index.stamps[number]:
                    raise CannotSeek(f"frame {number} is not where the packets say")
                yield DecodedFrame(
                    picture,
                    self._times[number],
                    clock.duration(picture.duration),
                    pixel_aspect=aspect.width(),
                    orientation=upright(picture),
                )
                number += 1
        except (VideoRejected, av.FFmpegError) as error:
            raise CannotSeek(f"decoding fails after seeking: {error}") from error


def _decoding_failed(error: av.FFmpegError, number: int) -> VideoRejected:
    if isinstance(error, MemoryError):
        return VideoRejected(
            "out_of_memory",
            f"memory ran out after {number} frames. Raise ingest.max_memory_mb",
        )
    return VideoRejected(
        "corrupt_frames", f"decoding fails after {number} frames: {error.strerror}"
    )


def _decoded(
    packets: Iterable[av.Packet[VideoStream]], stream: VideoStream
) -> Iterator[av.VideoFrame]:
    """Decodes the packets of one recording, also the last frames that the decoder holds back."""
    for packet in packets:
        yield from packet.decode()
    with suppress(av.EOFError):  # the last packet of the file has already asked for them
        for picture in stream.codec_context.decode(None):
            picture.time_base = cast(Fraction, stream.time_base)  # without a packet, PyAV sets none
            yield picture


def _one_recording(
    packets: Iterable[av.Packet[VideoStream]], recording: RecordingNumber
) -> Iterator[av.Packet[VideoStream]]:
    for packet in packets:
        if recording(packet):
            raise CannotSeek("the file is joined from several recordings")
        yield packet


def _decodable(
    packets: Iterable[av.Packet[VideoStream]], keyframe: Keyframe
) -> Iterator[av.Packet[VideoStream]]:
    """Yields the packets from `keyframe` on, without leading frames, which are shown before it.

    Leading frames refer to frames before the keyframe.
    """
    for packet in dropwhile(lambda packet: packet.pts != keyframe.shown, packets):
        if packet.pts is None or packet.pts >= keyframe.shown:
            yield packet
