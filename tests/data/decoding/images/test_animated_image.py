"""Animations of every format: the times of their frames, transparency, damage, and stills that are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.images.animated_image import is_animated_image, open_animated_image
from mocogan.data.decoding.video import decode_video
from mocogan.data.rejection import VideoRejected

_LEVELS = [20, 60, 100, 140, 180]
_MILLISECONDS = [100, 100, 300, 100, 400]
_HELD = [20, 60, 100, 100, 100, 140, 180, 180, 180, 180]  # what is shown every 100 ms
_ENDINGS = ["gif", "webp", "png", "avif"]


def _write(path: Path, count: int = 5, milliseconds: object = None, **options: object) -> Path:
    """Gray frames of 24x16 whose levels tell them apart."""
    first, *others = (Image.new("RGB", (24, 16), (level,) * 3) for level in _LEVELS[:count])
    animation = {"save_all": True, "append_images": others} if others else {}
    if others:
        animation["duration"] = milliseconds or _MILLISECONDS[:count]
    if path.suffix == ".webp":
        options["lossless"] = True
    first.save(path, **animation, **options)
    return path


def _levels(path: Path, **config: object) -> list[list[int]]:
    """Of the frames in each clip."""
    settings = IngestConfig.model_validate({"num_frames": 5, "size": 8, **config})
    with decode_video(str(path), settings, b"video") as video:
        clips = list(video.clips)
    levels = np.array([clip.frames.mean(axis=(1, 2, 3)) for clip in clips])
    return [
        [min(_LEVELS, key=lambda known: abs(known - level)) for level in clip] for clip in levels
    ]


@pytest.mark.parametrize("ending", _ENDINGS)
@pytest.mark.parametrize("placement", [{}, {"clips_per_video": 1}])
def test_frames_are_held_as_long_as_they_are_shown(tmp_path, ending, placement):
    path = _write(tmp_path / f"a.{ending}")

    assert _levels(path, **placement) == [_LEVELS]
    assert _levels(path, fps=10, num_frames=10, **placement) == [_HELD]
    assert _levels(path, fps=5, num_frames=5, **placement) == [_HELD[::2]]


@pytest.mark.parametrize("ending", _ENDINGS)
def test_facts_tell_the_average_rate(tmp_path, ending):
    with decode_video(str(_write(tmp_path / f"a.{ending}")), IngestConfig(num_frames=5)) as video:
        facts = video.facts

    assert (facts.width, facts.height, facts.fps, facts.seconds) == (24, 16, 5.0, 1.0)


@pytest.mark.parametrize("ending", _ENDINGS)
def test_merged_pictures_are_told_when_frames_are_missing(tmp_path, ending):
    """As written by programs that merge a picture with an equal one before it."""
    with pytest.raises(VideoRejected) as caught:
        _levels(_write(tmp_path / f"a.{ending}"), num_frames=8)

    assert caught.value.code == "too_short"
    assert "Some frames are held: at ingest.fps=10 there are 10. " in caught.value.message


@pytest.mark.parametrize("ending", _ENDINGS)
@pytest.mark.parametrize("config", [{}, {"short_videos": "pad"}, {"short_videos": "loop"}])
def test_a_single_picture_is_no_film(tmp_path, ending, config):
    with pytest.raises(VideoRejected) as caught:
        _levels(_write(tmp_path / f"a.{ending}", count=1), **config)

    assert caught.value.code == ("too_short" if ending in ("gif", "avif") else "bad_format")


@pytest.mark.parametrize("ending", ["webp", "png"])
def test_frames_of_ten_milliseconds_are_shown_for_a_hundred_as_in_browsers(tmp_path, ending):
    path = _write(tmp_path / f"a.{ending}", milliseconds=[10, 11, 11, 0, 11])

    with open_animated_image(str(path), IngestConfig()) as animation:
        timeline = animation.timeline()

    np.testing.assert_allclose(timeline.seconds, [0, 0.1, 0.111, 0.122, 0.222], atol=1e-9)
    assert timeline.last_duration == 0.011


@pytest.mark.parametrize("ending", ["gif", "webp", "png"])
def test_transparent_pixels_are_black(tmp_path, ending):
    frames = [Image.new("RGBA", (16, 16), (level, 0, 0, 255)) for level in (200, 100)]
    for frame in frames:
        frame.paste((255, 255, 255, 0), (0, 0, 8, 16))
    options = {"lossless": True} if ending == "webp" else {"disposal": 2} if ending == "gif" else {}
    path = tmp_path / f"a.{ending}"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, **options)

    with decode_video(str(path), IngestConfig(num_frames=2, size=16)) as video:
        (clip,) = video.clips

    np.testing.assert_allclose(clip.frames[:, 4, 12], [[200, 0, 0], [100, 0, 0]], atol=3)
    np.testing.assert_allclose(clip.frames[:, 4, 3], 0, atol=3)


def test_a_picture_for_programs_without_animation_is_left_out(tmp_path):
    path = _write(tmp_path / "a.png", default_image=True, milliseconds=[100] * 4)

    assert _levels(path, num_frames=4) == [_LEVELS[1:]]


def test_film_strips_are_still_film_strips(tmp_path):
    strip = np.repeat(np.array(_LEVELS, np.uint8), 16)[None, :, None].repeat(16, 0).repeat(3, 2)
    Image.fromarray(strip).save(tmp_path / "strip.png")

    assert not is_animated_image(str(tmp_path / "strip.png"))
    assert _levels(tmp_path / "strip.png") == [_LEVELS]


@pytest.mark.parametrize("ending", ["webp", "png"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_truncated_animation_is_refused(tmp_path, ending, kept):
    noise = np.random.default_rng(0).integers(0, 256, (8, 32, 32, 3), np.uint8)
    first, *others = (Image.fromarray(pixels) for pixels in noise)
    path = tmp_path / f"a.{ending}"
    first.save(path, save_all=True, append_images=others, duration=100)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])

    with pytest.raises(VideoRejected) as caught:
        _levels(path)

    assert caught.value.code in ("corrupt_frames", "open_failed")


@pytest.mark.parametrize("ending", ["webp", "png"])
def test_the_size_is_checked_before_any_pixel_is_decoded(tmp_path, ending):
    path = _write(tmp_path / f"a.{ending}")

    assert _levels(path, max_pixels=24 * 16) == [_LEVELS]
    with pytest.raises(VideoRejected, match="too_many_pixels: the animation has 24x16 pixels"):
        _levels(path, max_pixels=24 * 16 - 1)


def test_names_of_the_formats(tmp_path):
    names = {}
    for ending in _ENDINGS:
        with decode_video(
            str(_write(tmp_path / f"a.{ending}")), IngestConfig(num_frames=5)
        ) as video:
            names[ending] = (video.facts.format, video.facts.codec)

    assert names == {
        "gif": ("gif", "gif"),
        "webp": ("animated webp", "webp"),
        "png": ("animated png", "png"),
        "avif": ("avif", "av1"),
    }
