from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.pyav.deinterlacing import deinterlaced
from mocogan.data.decoding.video import decode_video

_COUNT, _HEIGHT, _WIDTH = 10, 64, 96


def _woven(count: int = _COUNT) -> np.ndarray:
    """Frames [count, H, W, 3] of a bar that moves on between the even rows and the odd rows."""
    fields = np.full((2 * count, _HEIGHT, _WIDTH, 3), 30, np.uint8)
    for number, field in enumerate(fields):
        field[:, 4 * number % 72 :][:, :16] = 220
    frames = fields[::2].copy()
    frames[:, 1::2] = fields[1::2, 1::2]
    return frames


def _write(path: Path, frames: np.ndarray, codec: str, pix_fmt: str, interlaced: bool) -> Path:
    options = {"flags": "+ildct+ilme"} if interlaced else {}
    if interlaced and codec == "libx264":
        options["x264-params"] = "tff=1"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = frames.shape[2], frames.shape[1], pix_fmt
        for pixels in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels)))
        container.mux(stream.encode(None))
    return path


def _decoded(path: Path) -> Iterator[av.VideoFrame]:
    with av.open(str(path)) as container:
        yield from container.decode(video=0)


def _comb(frames: list[av.VideoFrame]) -> float:
    return _unevenness(_pictures(frames).astype(float))


def _unevenness(pictures: np.ndarray) -> float:
    """How far a row of [..., H, W] is, on average, from the mean of its neighbors."""
    middle = (pictures[..., :-2, :] + pictures[..., 2:, :]) / 2
    return float(np.abs(pictures[..., 1:-1, :] - middle).mean())


def _stamps(frames: list[av.VideoFrame]) -> list[tuple[object, ...]]:
    return [(frame.pts, frame.dts, frame.time_base) for frame in frames]


def _pictures(frames: list[av.VideoFrame]) -> np.ndarray:
    return np.stack([frame.to_ndarray(format="gray") for frame in frames])


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("a.ts", "mpeg2video", "yuv420p"),
        ("a.mkv", "mpeg4", "yuv420p"),
        ("a.avi", "mpeg4", "yuv420p"),
        ("a.mp4", "libx264", "yuv420p"),
        ("a.mkv", "libx264", "yuv422p10le"),
        ("a.mov", "prores_ks", "yuv422p10le"),
    ],
)
def test_the_comb_goes_and_time_stays(tmp_path, name, codec, pix_fmt):
    path = _write(tmp_path / name, _woven(), codec, pix_fmt, interlaced=True)
    woven = list(_decoded(path))

    whole = list(deinterlaced(_decoded(path)))

    assert _comb(woven) > 10
    assert _comb(whole) < 1
    assert len(whole) == _COUNT
    assert _stamps(whole) == _stamps(woven)
    assert {frame.format.name for frame in whole} == {pix_fmt}
    assert not any(frame.interlaced_frame for frame in whole)


def test_rows_of_one_field_stay_as_filmed(tmp_path):
    path = _write(tmp_path / "a.mkv", _woven(), "mpeg4", "yuv420p", interlaced=True)

    woven, whole = _pictures(list(_decoded(path))), _pictures(list(deinterlaced(_decoded(path))))

    kept = [np.array_equal(whole[:, start::2], woven[:, start::2]) for start in (0, 1)]
    assert sorted(kept) == [False, True]


def test_progressive_frames_are_handed_on_one_by_one(tmp_path):
    path = _write(tmp_path / "a.mkv", _woven(3), "mpeg4", "yuv420p", interlaced=False)
    given = list(_decoded(path))
    source = iter(given)
    handed_on = deinterlaced(source)

    assert next(handed_on) is given[0]
    assert next(source) is given[1]  # nothing is read ahead
    assert next(handed_on) is given[2]


def _mixed(tmp_path: Path) -> list[Path]:
    """Whole frames and then interlaced ones, of two sizes."""
    return [
        _write(tmp_path / "0.mkv", _woven(3), "mpeg4", "yuv420p", interlaced=False),
        _write(tmp_path / "1.mkv", _woven(4), "mpeg4", "yuv420p", interlaced=True),
        _write(tmp_path / "2.mkv", _woven(4)[:, :48, :80], "mpeg4", "yuv420p", interlaced=True),
        _write(tmp_path / "3.mkv", _woven(2), "mpeg4", "yuv420p", interlaced=False),
    ]


def test_frames_may_change_in_size_and_kind(tmp_path):
    given = [frame for path in _mixed(tmp_path) for frame in _decoded(path)]
    stamps = _stamps(given)

    whole = list(deinterlaced(given))

    sizes = [(frame.width, frame.height) for frame in whole]
    assert sizes == [(96, 64)] * 7 + [(80, 48)] * 4 + [(96, 64)] * 2
    assert _stamps(whole) == stamps
    assert all(frame is same for frame, same in zip(whole[:3], given[:3], strict=True))
    assert _comb(whole[3:7]) < 1
    assert _comb(whole[7:11]) < 1


@pytest.mark.parametrize("start", [1, 2, 3, 5, 6, 7])
def test_beginning_one_frame_earlier_gives_the_same_pictures(tmp_path, start):
    whole, woven = _mixed(tmp_path)[:2]
    paths = [woven, whole, woven]  # frames 0 to 3, 4 to 6, 7 to 10

    def given() -> list[av.VideoFrame]:
        return [frame for path in paths for frame in _decoded(path)]

    from_the_start = _pictures(list(deinterlaced(given())))
    later = _pictures(list(deinterlaced(given()[start - 1 :])))

    np.testing.assert_array_equal(later[1:], from_the_start[start:])


def test_a_single_interlaced_frame_is_not_lost(tmp_path):
    path = _write(tmp_path / "a.mkv", _woven(1), "mpeg4", "yuv420p", interlaced=True)

    assert len(list(deinterlaced(_decoded(path)))) == 1


def test_damage_comes_through(tmp_path):
    path = _write(tmp_path / "a.mkv", _woven(4), "mpeg4", "yuv420p", interlaced=True)

    def damaged() -> Iterator[av.VideoFrame]:
        yield from list(_decoded(path))[:2]
        raise ValueError("damaged here")

    frames = deinterlaced(damaged())
    assert next(frames) is not None
    with pytest.raises(ValueError, match="damaged here"):
        list(frames)


@pytest.mark.parametrize("name", ["a.mkv", "a.avi"])
def test_clips_of_interlaced_films_are_whole_wherever_they_begin(tmp_path, name):
    path = _write(tmp_path / name, _woven(40), "mpeg4", "yuv420p", interlaced=True)

    def clips(**config: object) -> np.ndarray:
        settings = IngestConfig.model_validate({"num_frames": 2, "size": 64, **config})
        with decode_video(str(path), settings) as video:
            return np.stack([clip.frames for clip in video.clips])

    everything, some = clips(), clips(clips_per_video=5)

    assert _unevenness(everything[..., 0].astype(float)) < 1
    frames = everything.reshape(40, 64, 64, 3)
    for clip in some:
        assert any(np.array_equal(clip, frames[start : start + 2]) for start in range(39))
