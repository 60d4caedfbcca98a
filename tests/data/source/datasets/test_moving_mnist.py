"""Tiny copies of Moving MNIST, with real motion, so that the axes can be told."""

import io
import re
from pathlib import Path

import numpy as np
import pytest

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.video import decode_video
from mocogan.data.source.local_copy import local_copy
from tests.support.data_sets import about, listed, write


def _digits(videos: int = 3, frames: int = 8, side: int = 16) -> np.ndarray:
    """[N, T, H, W] uint8: a bright square of another size moves from another place in each video."""
    video = np.zeros((videos, frames, side, side), np.uint8)
    for number in range(videos):
        for frame in range(frames):
            top, size = (3 * number + frame) % (side - 6), 3 + number
            video[number, frame, top : top + size, 4 * number : 4 * number + size] = 255
    return video


def _npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def _npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def _first_channel(path: str) -> np.ndarray:
    with local_copy(path) as copy:
        return np.load(copy)[..., 0]


@pytest.mark.parametrize("videos", [2, 3, 30])
def test_the_test_sequence_is_the_whole_data_set(tmp_path, videos):
    digits = _digits(videos)
    write(tmp_path, {"MovingMNIST/raw/mnist_test_seq.npy": _npy(digits.swapaxes(0, 1))})

    listing = listed(tmp_path)

    assert len(listing.videos) == videos
    assert set(about(listing).values()) == {("", "", "", "")}
    assert listing.dataset == "arrays of videos, as Moving MNIST, 1 files"
    assert listing.notes == [
        f"MovingMNIST/raw/mnist_test_seq.npy: axes taken for (8 frames, {videos} videos, 16 height, "
        "16 width), values for 0 to 255"
    ]
    for video, expected in zip(listing.videos, digits, strict=True):
        assert (_first_channel(video.path) == expected).all()


@pytest.mark.parametrize(
    ("name", "arrange"),
    [
        ("NTHW", lambda digits: digits),
        ("NTHWC", lambda digits: digits[..., None]),
        ("NTCHW", lambda digits: np.repeat(digits[:, :, None], 3, axis=2)),
        ("TNCHW", lambda digits: digits.swapaxes(0, 1)[:, :, None]),
        ("NCTHW", lambda digits: digits[:, None]),
        ("Fortran order", np.asfortranarray),
        ("0 to 1", lambda digits: digits.astype(np.float32) / 255),
        ("-1 to 1", lambda digits: digits.astype(np.float64) / 127.5 - 1),
        ("true and false", lambda digits: digits > 0),
    ],
)
def test_axes_and_values_are_guessed(tmp_path, name, arrange):
    digits = _digits()
    write(tmp_path, {"digits.npy": _npy(arrange(digits))})

    listing = listed(tmp_path)

    assert len(listing.videos) == 3, listing.notes
    for video, expected in zip(listing.videos, digits, strict=True):
        assert (_first_channel(video.path) == expected).all()


def test_equal_videos_do_not_hide_the_axis_of_the_frames(tmp_path):
    same = np.repeat(_digits(1), 2, axis=0)
    write(tmp_path, {"mnist_test_seq.npy": _npy(same.swapaxes(0, 1)), "other.npy": _npy(same)})

    assert [video.video_id for video in listed(tmp_path).videos] == [
        b"mnist_test_seq.npy/00000",
        b"mnist_test_seq.npy/00001",
        b"other.npy/00000",
        b"other.npy/00001",
    ]


def test_arrays_of_one_video_can_lie_in_class_folders(tmp_path):
    digits = _digits()
    color = np.repeat(digits[..., None], 3, axis=-1)
    write(
        tmp_path,
        {"up/a.npy": _npy(color[0]), "up/b.npy": _npy(color[1]), "down/c.npy": _npy(digits[2])},
    )

    listing = listed(tmp_path)

    assert {name: found[0] for name, found in about(listing).items()} == {
        "up/a.npy": "up",
        "up/b.npy": "up",
        "down/c.npy": "down",
    }


def test_npz_files_of_splits(tmp_path):
    digits = _digits(4)
    write(
        tmp_path,
        {
            "moving-mnist-train.npz": _npz(arr_0=digits[:2]),
            "moving-mnist-valid.npz": _npz(arr_0=digits[2:3]),
            "moving-mnist-test.npz": _npz(arr_0=digits[3:]),
        },
    )

    found = about(listed(tmp_path))

    assert {name: split for name, (_, _, split, _) in found.items()} == {
        "moving-mnist-train.npz/00000": "train",
        "moving-mnist-train.npz/00001": "train",
        "moving-mnist-valid.npz/00000": "eval",
    }


def test_the_form_of_predrnn(tmp_path):
    digits = _digits(2)
    clips = np.array([[[0, 4], [8, 4]], [[4, 4], [12, 4]]], np.int32)
    frames = digits.reshape(16, 1, 16, 16).astype(np.float32) / 255
    content = _npz(clips=clips, dims=np.array([[1, 16, 16]], np.int32), input_raw_data=frames)

    listing = listed(write(tmp_path, {"moving-mnist-train.npz": content}))

    assert len(listing.videos) == 2
    for video, expected in zip(listing.videos, digits, strict=True):
        assert (_first_channel(video.path) == expected).all()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            _npy(np.zeros((5, 7))),
            r"an array of shape \(5, 7\) is not a video\. Save videos as uint8",
        ),
        (_npy(np.zeros((0, 8, 16, 16))), r"shape \(0, 8, 16, 16\) is not a video"),
        (_npy(np.array(["a", "b"])), "elements of type <U1, not numbers"),
        (b"\x93NUMPY\x01\x00\xff\xff{", "the header of the array is damaged"),
        (b"no array", "the header of the array is damaged"),
        (_npz(labels=np.arange(3)), "none of the 1 arrays in this file can be videos"),
        (_npy(_digits())[:500], "does not fit into the file"),
        (_npy(_digits()).replace(b"(3, 8, 16, 16)", b"(10**9, 8, 16, 16)"), "header of the array"),
        (_npy(_digits()).replace(b"(3, 8,", b"(99999999, 8,"), "does not fit into the file"),
    ],
)
def test_other_arrays_are_refused_with_the_reason(tmp_path, content, message):
    ending = ".npz" if content[:2] == b"PK" else ".npy"
    listing = listed(write(tmp_path, {f"a{ending}": content, "b.mp4": ""}))

    (rejected,) = listing.rejected
    assert rejected.code == "bad_format"
    assert re.search(message, rejected.message)


def test_a_pickle_is_never_loaded(tmp_path):
    class Trap:
        def __reduce__(self):
            return (Path(tmp_path, "sprung").touch, ())

    file = io.BytesIO()
    np.save(file, np.array([Trap()], object), allow_pickle=True)

    listing = listed(write(tmp_path, {"a.npy": file.getvalue(), "b.mp4": ""}))

    assert [found.code for found in listing.rejected] == ["bad_format"]
    assert not (tmp_path / "sprung").exists()


def test_videos_of_arrays_are_decoded(tmp_path):
    write(tmp_path, {"digits.npy": _npy(_digits())})
    config = IngestConfig(num_frames=4, size=16)

    with (
        local_copy(listed(tmp_path).videos[1].path) as path,
        decode_video(path, config) as video,
    ):
        clips = list(video.clips)

    assert len(clips) == 2
    assert video.facts[:4] == ("array", "uint8", 16, 16)
    assert (clips[0].frames[..., 0] == _digits()[1, :4]).all()
