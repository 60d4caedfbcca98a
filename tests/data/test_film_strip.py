import numpy as np
import pytest
from PIL import Image

from data.decoding import decode_clips
from data.film_strip import MAX_PIXELS, film_strip_frames
from data.rejection import VideoRejected
from data.spec import IngestSpec


def _numbered(count: int, side: int = 8) -> np.ndarray:
    return np.stack([np.full((side, side, 3), 10 * n, np.uint8) for n in range(count)])


def _rejection(path, **spec):
    with pytest.raises(VideoRejected) as caught:
        list(decode_clips(str(path), IngestSpec(num_frames=2, size=8, **spec)))
    return caught.value


@pytest.mark.parametrize("axis", [0, 1], ids=["vertical", "horizontal"])
def test_frames_come_in_order_whatever_the_name_says(tmp_path, axis):
    path = tmp_path / "strip.jpg"
    Image.fromarray(np.concatenate(_numbered(5), axis=axis)).save(path, format="PNG")

    frames = [frame.image for frame in film_strip_frames(str(path))]

    np.testing.assert_array_equal(frames, _numbered(5))


@pytest.mark.parametrize("decoder", ["pyav", "tfio"])
def test_strips_become_clips_under_either_decoder(tmp_path, decoder):
    path = tmp_path / "strip.mp4"
    Image.fromarray(np.concatenate(_numbered(7), axis=1)).save(path, format="PNG")
    spec = IngestSpec(num_frames=2, frame_stride=2, size=8, decoder=decoder)

    clips = list(decode_clips(str(path), spec))

    assert [clip.frames[:, 0, 0, 0].tolist() for clip in clips] == [[0, 20], [40, 60]]
    assert [clip.start_seconds for clip in clips] == [0.0, 0.0]


def test_gray_and_transparent_images_become_rgb(tmp_path):
    gray = np.repeat(np.array([[0, 200]], np.uint8), 4, axis=0).repeat(4, axis=1)
    Image.fromarray(gray).save(tmp_path / "gray", format="PNG")
    clear = np.zeros((4, 8, 4), np.uint8)
    clear[:, 4:] = 200  # alpha 200 of 255 on 200
    Image.fromarray(clear).save(tmp_path / "clear", format="PNG")

    assert [f.image[0, 0].tolist() for f in film_strip_frames(str(tmp_path / "gray"))] == [
        [0, 0, 0],
        [200, 200, 200],
    ]
    assert [f.image[0, 0].tolist() for f in film_strip_frames(str(tmp_path / "clear"))] == [
        [0, 0, 0],
        [157, 157, 157],
    ]


@pytest.mark.parametrize("size", [(8, 8), (20, 8), (8, 15)])
def test_other_images_are_no_strips(tmp_path, size):
    path = tmp_path / "a.png"
    Image.new("RGB", size).save(path)

    rejection = _rejection(path)

    assert rejection.code == "bad_format"
    assert f"{size[0]}x{size[1]}" in rejection.message


def test_a_cut_off_image_is_damaged(tmp_path):
    path = tmp_path / "a.png"
    noise = np.random.default_rng(0).integers(0, 256, (8, 32, 3), np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:400])

    assert _rejection(path).code == "open_failed"


def test_a_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "a.png"
    Image.new("1", (MAX_PIXELS // 16 + 16, 16)).save(path)

    assert _rejection(path).code == "too_many_pixels"


def test_frame_rates_mean_nothing_for_a_strip(tmp_path):
    path = tmp_path / "a.png"
    Image.new("RGB", (32, 8)).save(path)

    rejection = _rejection(path, fps=10)

    assert rejection.code == "no_frame_rate"
    assert "use frame_stride" in rejection.message
