import struct

import numpy as np
import pytest
from PIL import Image

from mocogan.data.decoding.images.gif_file import is_gif, open_gif
from mocogan.data.rejection import VideoRejected
from tests.support.corpus.films import write_gif
from tests.support.corpus.pictures import waves


def _frames(path) -> list[np.ndarray]:
    with open_gif(str(path)) as gif:
        return list(gif.frames())


def _gray(*levels: int) -> np.ndarray:
    return np.stack([np.full((8, 12, 3), level, np.uint8) for level in levels])


def test_each_frame_comes_once_at_any_duration(tmp_path):
    path = write_gif(tmp_path / "a.gif", _gray(10, 60, 110), duration=[20, 5000, 0])

    np.testing.assert_array_equal(_frames(path), _gray(10, 60, 110))
    with open_gif(str(path)) as gif:
        assert (gif.facts.height, gif.facts.width) == (8, 12)


def test_a_frame_is_drawn_over_the_last_one_and_transparency_is_black(tmp_path):
    first, dot = (Image.new("RGBA", (8, 8), (0, 0, 0, 0)) for _ in range(2))
    first.paste((200, 0, 0, 255), (0, 0, 4, 8))  # the left half
    dot.paste((0, 200, 0, 255), (7, 7, 8, 8))
    path = tmp_path / "a.gif"
    first.save(path, save_all=True, append_images=[dot], disposal=1)  # the last frame stays

    before, after = _frames(path)
    assert before[0, 0].tolist() == [200, 0, 0]
    assert before[7, 7].tolist() == [0, 0, 0]
    assert after[0, 0].tolist() == [200, 0, 0]
    assert after[7, 7].tolist() == [0, 200, 0]


def test_damage_is_told(tmp_path):
    path = write_gif(tmp_path / "a.gif", waves(3))
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(VideoRejected, match="corrupt_frames: the GIF is damaged"):
        _frames(path)
    path.write_bytes(b"GIF89a")
    with pytest.raises(VideoRejected, match="open_failed: the GIF is damaged"):
        _frames(path)


def test_the_size_is_known_before_any_pixel_is_decoded(tmp_path):
    path = tmp_path / "a.gif"
    screen = struct.pack("<HHBBB", 60000, 60000, 0, 0, 0)
    image = b"," + struct.pack("<HHHHBB", 0, 0, 60000, 60000, 0, 8) + b"\x00"
    path.write_bytes(b"GIF89a" + screen + image + b";")
    with open_gif(str(path)) as gif:
        assert (gif.facts.height, gif.facts.width) == (60000, 60000)


def test_a_gif_is_known_by_its_first_bytes():
    assert is_gif(b"GIF87a\x01\x00")
    assert is_gif(b"GIF89a\x01\x00")
    assert not is_gif(b"\x89PNG\r\n\x1a\n")
