"""Clips of any model from files: every kind without loss, and a clear refusal of everything else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mocogan.data.encoding.gif import encode_gif
from mocogan.data.input.clip_files import ClipFilesRefused, read_clip_files
from tests.support.corpus.films import write_film, write_gif
from tests.support.corpus.pictures import waves

T, SIDE = 4, 16


def _gray(level: int) -> np.ndarray:
    """[4, 16, 16, 3] frames of rising gray, which every format here keeps."""
    levels = level + 5 * np.arange(T, dtype=np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (T, SIDE, SIDE, 3)).copy()


def _write_lossless(path: Path, clip: np.ndarray) -> None:
    write_film(path, clip, codec="ffv1", pix_fmt="bgr0")


def _write_strip(path: Path, clip: np.ndarray) -> None:
    Image.fromarray(np.concatenate(list(clip), axis=1)).save(path)


def _write_column(path: Path, clip: np.ndarray) -> None:
    Image.fromarray(np.concatenate(list(clip))).save(path)


WRITERS: dict[str, Callable[[Path, np.ndarray], object]] = {
    "array.npy": np.save,
    "video.mkv": _write_lossless,
    "animation.gif": write_gif,
    "row.png": _write_strip,
    "column.png": _write_column,
}


def _refusal(folder: Path, max_clips: int = 9) -> str:
    with pytest.raises(ClipFilesRefused) as caught:
        read_clip_files(str(folder), max_clips)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", [name for name in WRITERS if name != "animation.gif"])
def test_colors_are_read_without_loss(tmp_path: Path, name: str):
    clip = waves(T, SIDE, SIDE)
    WRITERS[name](tmp_path / name, clip)
    found = read_clip_files(str(tmp_path), 9)
    np.testing.assert_array_equal(found.clips, clip[np.newaxis])
    assert found.notes == ()


def test_an_mp4_is_read_in_its_own_colors(tmp_path: Path):
    clip = waves(T, SIDE, SIDE)
    write_film(tmp_path / "a.mp4", clip)
    difference = read_clip_files(str(tmp_path), 9).clips[0].astype(float) - clip
    assert np.abs(difference).mean() < 4


def test_frames_of_a_gif_come_once_however_long_they_are_shown(tmp_path: Path):
    clip = _gray(40)
    write_gif(tmp_path / "a.gif", clip, duration=[100, 500, 100, 2000])
    np.testing.assert_array_equal(read_clip_files(str(tmp_path), 9).clips[0], clip)


def test_a_gif_of_this_project_is_read_back(tmp_path: Path):
    clip = waves(T, SIDE, SIDE)
    (tmp_path / "a.gif").write_bytes(encode_gif(clip))
    difference = read_clip_files(str(tmp_path), 9).clips[0].astype(float) - clip
    assert np.abs(difference).mean() < 4


def test_files_of_all_kinds_in_subfolders(tmp_path: Path):
    for number, (name, write) in enumerate(WRITERS.items()):
        folder = tmp_path / f"class {number % 2}"
        folder.mkdir(exist_ok=True)
        write(folder / name, _gray(10 + 20 * number))
    np.save(tmp_path / "several.npy", np.stack([_gray(150), _gray(170)]))
    (tmp_path / ".hidden").write_text("not a clip")
    found = read_clip_files(str(tmp_path), 9)
    assert sorted(found.clips[:, 0, 0, 0, 0]) == [10, 30, 50, 70, 90, 150, 170]
    assert found.notes == ("1 hidden files or folders ignored",)


def test_many_clips_are_chosen_at_random_by_the_seed(tmp_path: Path):
    levels = np.arange(100, dtype=np.uint8)
    clips = np.broadcast_to(levels[:, None, None, None, None], (100, 2, 8, 8, 3))
    np.save(tmp_path / "a.npy", clips[:60])
    np.save(tmp_path / "b.npy", clips[60:])

    def chosen(seed: int) -> list[int]:
        found = read_clip_files(str(tmp_path), 20, seed)
        assert found.notes == ("20 of 100 clips were chosen at random",)
        return found.clips[:, 0, 0, 0, 0].tolist()

    assert len(set(chosen(0))) == 20
    assert chosen(0) == chosen(0)
    assert chosen(0) != chosen(1)
    assert chosen(0) != sorted(chosen(0))  # the first of them are not the first files
    assert {level < 60 for level in chosen(0)} == {True, False}


def test_ten_thousand_clips_of_which_only_the_chosen_are_read(tmp_path: Path):
    np.save(tmp_path / "0.npy", np.zeros((2, 8, 8, 3), np.uint8))
    for number in range(1, 10_000):
        (tmp_path / f"{number}.npy").hardlink_to(tmp_path / "0.npy")
    found = read_clip_files(str(tmp_path), 16)
    assert found.clips.shape == (16, 2, 8, 8, 3)
    assert found.notes == ("16 of 10000 clips were chosen at random",)


def test_an_empty_folder(tmp_path: Path):
    assert "contains no clips. Put NumPy arrays (.npy), videos, GIFs" in _refusal(tmp_path)


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.zeros((4, 16, 16, 3), np.float32), "uint8, but it is [4, 16, 16, 3] float32"),
        (np.zeros((16, 16, 3), np.uint8), "but it is [16, 16, 3] uint8"),
        (np.zeros((4, 16, 16, 1), np.uint8), "must have 3 channels (RGB), but it has 1"),
        (np.zeros((4, 3, 16, 16), np.uint8), "must have square frames"),
        (np.zeros((4, 16, 24, 3), np.uint8), "but they are 16x24"),
        (np.zeros((4, 4, 4, 3), np.uint8), "of 8 to 512 pixels, but they are 4x4"),
        (np.zeros((1, 16, 16, 3), np.uint8), "must have 2 to 256 frames, but it has 1"),
        (np.zeros((300, 8, 8, 3), np.uint8), "must have 2 to 256 frames, but it has more"),
        (np.zeros((0, 4, 16, 16, 3), np.uint8), "contains no clips"),
        (np.array([{}]), "a.npy cannot be read: "),
    ],
)
def test_arrays_that_are_no_clips(tmp_path: Path, array: np.ndarray, said: str):
    np.save(tmp_path / "a.npy", array)
    assert said in _refusal(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.txt", b"not a clip", "this is not a video in a supported format"),
        ("a.mp4", b"", "the file is empty"),
        ("a.gif", encode_gif(_gray(0))[:200], "a.gif is not a clip: the GIF is damaged"),
        ("a.npy", b"\x93NUMPY\x01\x00", "a.npy cannot be read"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(99), "a.png is not a clip: the image is damaged"),
    ],
)
def test_other_files_are_named_and_not_left_out(
    tmp_path: Path, name: str, content: bytes, said: str
):
    np.save(tmp_path / "good.npy", _gray(0))
    (tmp_path / name).write_bytes(content)
    refusal = _refusal(tmp_path)
    assert said in refusal
    assert name in refusal


def test_a_truncated_array(tmp_path: Path):
    np.save(tmp_path / "a.npy", _gray(0))
    whole = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(whole[:-100])
    assert "a.npy cannot be read" in _refusal(tmp_path)


def test_a_link_out_of_the_folder_is_named(tmp_path: Path):
    np.save(tmp_path / "good.npy", _gray(0))
    clips = tmp_path / "clips"
    clips.mkdir()
    (clips / "link.npy").symlink_to(tmp_path / "good.npy")
    assert "clips/link.npy cannot be used: the link leads to the file" in _refusal(clips)


def test_a_single_image_and_a_film_of_other_sides(tmp_path: Path):
    Image.new("RGB", (16, 16)).save(tmp_path / "a.png")
    assert "an image of 16x16 pixels is not a film strip" in _refusal(tmp_path)
    (tmp_path / "a.png").unlink()
    write_film(tmp_path / "a.mp4", waves(2, 16, 32))
    assert "a.mp4 must have square frames of 8 to 512 pixels, but they are 16x32" in (
        _refusal(tmp_path)
    )


def test_a_long_video_is_refused(tmp_path: Path):
    write_film(tmp_path / "a.mp4", np.zeros((300, 16, 16, 3), np.uint8))
    assert "a.mp4 must have 2 to 256 frames, but it has more" in _refusal(tmp_path)


def test_two_clips_of_different_shapes_are_named(tmp_path: Path):
    np.save(tmp_path / "a.npy", _gray(0))
    write_gif(tmp_path / "b.gif", _gray(0)[:3])
    refusal = _refusal(tmp_path)
    for said in ("a.npy is 4x16x16", "b.gif is 3x16x16", "leave out repeated frames"):
        assert said in refusal
    (tmp_path / "b.gif").unlink()
    np.save(tmp_path / "b.npy", np.zeros((4, 8, 8, 3), np.uint8))
    assert "leave out repeated frames" not in _refusal(tmp_path)
