import base64
import io

import numpy as np
import pytest
from PIL import Image

from mocogan.components.report_gen.clip_images import (
    RENDERINGS,
    ClipImages,
    Rendering,
    TooLarge,
    speed_text,
)
from tests.support.report_contents import moving_squares, noise

LOSSLESS = Rendering(None, 192, 48)


def decoded(source):
    """All frames of a data: URL, [T, H, W, 3], and the milliseconds of the first one."""
    head, _, data = source.partition(",")
    assert head == "data:image/webp;base64"
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    frames = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        frames.append(np.asarray(image.convert("RGB")))
    return np.stack(frames), image.info.get("duration")


def test_a_clip_and_its_first_frame_are_exact_without_loss():
    (clip,) = moving_squares(1)
    picture = ClipImages(LOSSLESS, 10**6).clip(clip, 8.0, "a square")
    frames, milliseconds = decoded(picture.moving)
    np.testing.assert_array_equal(frames, clip)
    assert milliseconds == 125
    np.testing.assert_array_equal(decoded(picture.still)[0], clip[:1])
    assert (picture.alt, picture.width, picture.height) == ("a square", 8, 8)


def test_large_frames_are_shrunk_in_proportion():
    images = ClipImages(Rendering(None, 16, 48), 10**6)
    picture = images.clip(np.full((2, 64, 32, 3), 90, np.uint8), None, "gray")
    assert (picture.width, picture.height) == (8, 16)
    assert images.shrunk


def test_a_clip_counts_as_often_as_it_is_shown():
    (clip,) = noise(1, num_frames=2, size=16)
    once = ClipImages(LOSSLESS, 10**6).clip(clip, 8.0, "noise")
    size = len(once.moving) + len(once.still)
    images = ClipImages(LOSSLESS, 2 * size)
    assert images.clip(clip, 8.0, "noise") == once
    images.clip(clip, 8.0, "noise")
    with pytest.raises(TooLarge):
        images.clip(clip, 8.0, "noise")


def test_each_rendering_shows_no_more_than_the_one_before():
    clips = noise(2, num_frames=4, size=64)
    sizes = []
    for rendering in RENDERINGS[:-1]:
        picture = ClipImages(rendering, 10**7).clip(clips[0], 8.0, "noise")
        sizes.append(len(picture.moving) * rendering.max_clips)
    assert sizes == sorted(sizes, reverse=True)
    assert RENDERINGS[-1].max_clips == 0


def test_a_picture_is_exact():
    pixels = noise(1, num_frames=4, size=8)[0, :, 3]
    picture = ClipImages(Rendering(25, 4, 48), 10**6).picture(pixels, "slice")
    np.testing.assert_array_equal(decoded(picture.source)[0][0], pixels)


def test_the_speed_is_said_again_only_if_it_changes():
    images = ClipImages(LOSSLESS, 0)
    assert images.speed(8.0) == speed_text(8.0)
    assert images.speed(8.0) == ""
    assert images.speed(None) == speed_text(None)


@pytest.mark.parametrize(
    ("fps", "words"),
    [(None, "not known; 10 frames"), (12.5, "at 12.5 frames"), (120.0, "at 50 of 120 frames")],
)
def test_the_speed_in_words(fps, words):
    assert words in speed_text(fps)
