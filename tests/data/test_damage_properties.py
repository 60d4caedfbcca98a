"""Whatever the bytes, a file ends in clips or in a reason; whatever the config, clips are as described."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.isolation.isolated_decoder import IsolatedDecoder
from mocogan.data.decoding.video import decode_video
from mocogan.data.records.clip import Clip
from mocogan.data.rejection import VideoRejected
from tests.support.corpus.catalog import film
from tests.support.corpus.decode_result import DecodeResult, decode_file
from tests.support.corpus.films import write_film
from tests.support.corpus.mutations import mutations, random_files
from tests.support.corpus.processes import children_use

_MEBIBYTE = 2**20
_CONFIG = IngestConfig(num_frames=4, size=16, decode_timeout=20, max_memory_mb=512)
_MUTATED = (
    *("h264.mp4", "fragmented.mp4", "png.mov", "h264.mkv", "vp9.webm", "mpeg4.avi"),
    *("mjpeg.avi", "animated.gif", "h264.ts", "mpeg2.mpg", "raw.h264", "flash.flv"),
)
_SAMPLE = ("h264.mp4", "vp9.webm", "animated.gif")  # of these, in the light set
_RATE = 25.0  # frames a second of a film of levels
_DARKEST, _STEP = 10, 4  # the levels


def _repeatable(examples: int) -> settings:
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("properties")


@pytest.fixture(scope="module")
def contents(folder) -> dict[str, bytes]:
    """Sound films by their names."""
    return {name: film(name).write(folder).read_bytes() for name in _MUTATED}


@pytest.fixture(scope="module")
def decoder(folder) -> Iterator[IsolatedDecoder]:
    decoder = IsolatedDecoder(_CONFIG)
    with children_use() as use:
        yield decoder
        sound = decode_file(decoder, film("h264.mp4").write(folder), _CONFIG)
        decoder.close()
    assert len(sound.clips) == 6
    assert use.peak_bytes < (512 + 128) * _MEBIBYTE


def _result(decoder: IsolatedDecoder, folder: Path, content: bytes) -> DecodeResult:
    path = folder / "file"
    path.write_bytes(content)
    return decode_file(decoder, path, _CONFIG)


@pytest.mark.exhaustive
@_repeatable(300)
@given(content=random_files())
def test_random_bytes_end_in_clips_or_a_reason(folder, decoder, content):
    assert _result(decoder, folder, content).code != "decode_timeout"


@pytest.mark.parametrize(
    "name",
    [
        name if name in _SAMPLE else pytest.param(name, marks=pytest.mark.exhaustive)
        for name in _MUTATED
    ],
)
@_repeatable(100)
@given(mutate=mutations())
def test_mutated_films_end_in_clips_or_a_reason(folder, decoder, contents, name, mutate):
    assert _result(decoder, folder, mutate(contents[name])).code != "decode_timeout"


def _configs() -> st.SearchStrategy[IngestConfig]:
    sampling = st.one_of(
        st.builds(dict, frame_stride=st.integers(1, 5)),
        st.builds(dict, fps=st.sampled_from([5.0, 10.0, 12.5, 25.0, 50.0])),
    )
    placed = st.builds(
        dict,
        clips_per_video=st.sampled_from([1, 2, 3, 8]),
        clip_placement=st.sampled_from(["uniform", "random", "first"]),
    )
    return st.builds(
        lambda sampling, clips, **others: IngestConfig(size=8, **sampling, **clips, **others),
        sampling,
        st.one_of(st.just({}), placed),
        num_frames=st.integers(2, 6),
        short_videos=st.sampled_from(["reject", "loop", "pad"]),
        seed=st.integers(0, 3),
    )


_any_film = given(
    config=_configs(),
    count=st.integers(1, 60),
    form=st.sampled_from([("mkv", "ffv1"), ("mp4", "mpeg4"), ("avi", "mpeg4")]),
)


@_repeatable(60)
@_any_film
def test_clips_are_those_of_the_model(folder, config, count, form):
    _check_clips(folder, config, count, form)


@pytest.mark.exhaustive
@_repeatable(300)
@_any_film
def test_clips_of_many_films_are_those_of_the_model(folder, config, count, form):
    _check_clips(folder, config, count, form)


def _check_clips(folder: Path, config: IngestConfig, count: int, form: tuple[str, str]) -> None:
    path = _film_of_levels(folder, count, *form)
    sampled = _sampled(count, config)
    if len(sampled) < config.num_frames and config.short_videos == "reject":
        with pytest.raises(VideoRejected, match="too_short"):
            _decoded(path, config)
        return

    clips = _decoded(path, config)

    assert [clip.index for clip in clips] == list(range(len(clips)))
    shown = [_numbers(clip) for clip in clips]
    starts = _starts(len(sampled), config)
    if starts is not None:
        assert shown == [_window(sampled, start, config) for start in starts]
    else:
        _check_random(shown, sampled, config)
    times = [clip.start_seconds for clip in clips]
    np.testing.assert_allclose(times, [numbers[0] / _RATE for numbers in shown], atol=0.0011)
    assert [_numbers(clip) for clip in _decoded(path, config)] == shown


def _film_of_levels(folder: Path, count: int, ending: str, codec: str) -> Path:
    """A film whose even frames tell their number by their level."""
    path = folder / f"{count}.{ending}"
    if not path.exists():
        levels = (_DARKEST + _STEP * np.arange(count)).astype(np.uint8)
        frames = np.broadcast_to(levels[:, None, None, None], (count, 16, 16, 3)).copy()
        write_film(path, frames, codec)
    return path


def _decoded(path: Path, config: IngestConfig) -> list[Clip]:
    with decode_video(str(path), config, b"an id") as video:
        return list(video.clips)


def _numbers(clip: Clip) -> list[int]:
    """Of the frames in a clip."""
    assert clip.frames.dtype == np.uint8
    assert clip.frames.shape[1:] == (8, 8, 3)
    levels = clip.frames.mean(axis=(1, 2, 3))
    numbers = (levels - _DARKEST) / _STEP
    np.testing.assert_allclose(numbers, numbers.round(), atol=0.3)
    return numbers.round().astype(int).tolist()


def _sampled(count: int, config: IngestConfig) -> list[int]:
    """The numbers of the frames that are kept."""
    if config.fps is None:
        return list(range(0, count, config.frame_stride))
    ticks = range(-int(-count * config.fps // _RATE))  # those before the end of the last frame
    return [int(tick * _RATE / config.fps) for tick in ticks]


def _starts(total: int, config: IngestConfig) -> list[int] | None:
    """Where clips begin among the sampled frames; None where chance decides."""
    length = config.num_frames
    if total < length:
        return [0]
    number = min(config.clips_per_video or total, total // length)
    if config.clips_per_video is None or config.clip_placement == "first":
        return [length * index for index in range(number)]
    if config.clip_placement == "uniform":
        return [round((index + 0.5) * total / number - length / 2) for index in range(number)]
    return None


def _window(sampled: list[int], start: int, config: IngestConfig) -> list[int]:
    places = range(start, start + config.num_frames)
    if config.short_videos == "loop":
        return [sampled[place % len(sampled)] for place in places]
    return [sampled[min(place, len(sampled) - 1)] for place in places]


def _check_random(shown: list[list[int]], sampled: list[int], config: IngestConfig) -> None:
    """As many clips as fit, each a row of sampled frames, none overlapping another."""
    assert len(shown) == min(config.clips_per_video or 0, len(sampled) // config.num_frames)
    place = 0
    for clip in shown:
        fits = [
            start
            for start in range(place, len(sampled) - config.num_frames + 1)
            if sampled[start : start + config.num_frames] == clip
        ]
        assert fits, (shown, sampled)
        place = fits[0] + config.num_frames
