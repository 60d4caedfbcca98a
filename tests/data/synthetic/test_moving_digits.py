from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mocogan.data import atomic
from mocogan.data.synthetic.moving_digits import (
    SPEEDS,
    caption_of,
    draw,
    moving_digit_clips,
    moving_digit_frames,
    random_path,
    write_moving_digits,
)
from tests.support.digits import block_digits


def image_numbers(clips: np.ndarray) -> list[int]:
    """Which of block_digits each clip shows. The level inside a block does not change between pixels."""
    return [int(clip.max()) - 50 for clip in clips]


def strip_frames(path: Path) -> np.ndarray:
    strip = np.asarray(Image.open(path).convert("RGB"))
    return np.stack(np.split(strip, strip.shape[1] // strip.shape[0], axis=1))


def test_positions_between_pixels_by_hand():
    image = np.zeros((28, 28), np.uint8)
    image[0, 0], image[27, 27] = 200, 100
    whole, between, corner = draw(image, np.array([[1, 2], [1.5, 2.25], [4, 4]]), 32)
    assert (whole.shape, whole.dtype) == ((32, 32, 3), np.uint8)
    expected = np.zeros((32, 32))
    expected[2:30, 1:29] = image
    np.testing.assert_array_equal(whole, np.repeat(expected[..., None], 3, axis=-1))
    np.testing.assert_array_equal(between[2:4, 1:3, 0], [[75, 75], [25, 25]])
    np.testing.assert_array_equal(between[29:31, 28:30, 0], [[38, 38], [12, 12]])
    assert between[..., 0].astype(int).sum() == 300
    assert (corner[4, 4, 0], corner[31, 31, 0]) == (200, 100)


def test_a_path_is_straight_at_one_speed():
    for seed in range(50):
        path = random_path(np.random.default_rng(seed), 4, 200)
        steps = np.diff(path, axis=0)
        if (np.minimum(path, 172 - path) > SPEEDS[1]).all():  # no border is within reach
            np.testing.assert_allclose(steps, steps[:1].repeat(3, axis=0))
            assert SPEEDS[0] <= np.hypot(*steps[0]) <= SPEEDS[1]


@pytest.mark.parametrize("size", [32, 64])
def test_a_path_bounces_at_the_borders(size: int):
    room = size - 28
    for seed in range(50):
        path = random_path(np.random.default_rng(seed), 100, size)
        assert path.shape == (100, 2)
        assert path.min() >= 0
        assert path.max() <= room
        steps = np.diff(path, axis=0)
        velocity = np.abs(steps).max(axis=0)  # between bounces
        assert SPEEDS[0] - 1e-9 <= np.hypot(*velocity) <= SPEEDS[1] + 1e-9
        # Steps are shorter only where the path turns, and there it goes to the border and back.
        full = np.isclose(np.abs(steps), velocity)
        by_lower = np.isclose(path[:-1] + path[1:], velocity)
        by_upper = np.isclose(2 * room - path[:-1] - path[1:], velocity)
        assert (full | by_lower | by_upper).all()
        assert not full.all()


def test_paths_have_all_directions_and_speeds():
    steps = [
        np.diff(random_path(np.random.default_rng(seed), 2, 1000), axis=0)[0] for seed in range(200)
    ]
    assert {tuple(np.sign(step)) for step in steps} == {(1, 1), (1, -1), (-1, 1), (-1, -1)}
    speeds = np.hypot(*np.array(steps).T)
    assert speeds.min() < 2.1
    assert speeds.max() > 3.9


def test_no_part_of_the_digit_leaves_the_frame():
    white = np.full((28, 28), 255, np.uint8)
    for seed in range(5):
        frames = moving_digit_frames(white, np.random.default_rng(seed), 20, 40)
        levels = frames[..., 0].sum(axis=(1, 2), dtype=np.int64)
        # Only the levels along the border of the digit are rounded.
        np.testing.assert_allclose(levels, 28 * 28 * 255, atol=4 * 29 * 0.5)


def test_clips_show_each_image_once_with_its_label():
    digits = block_digits(6)
    clips, labels = moving_digit_clips(digits, 6, seed=1, num_frames=4, size=32)
    assert (clips.shape, clips.dtype) == ((6, 4, 32, 32, 3), np.uint8)
    assert (labels.shape, labels.dtype) == ((6,), np.int64)
    shown = image_numbers(clips)
    assert sorted(shown) == list(range(6))
    assert shown != list(range(6))
    np.testing.assert_array_equal(labels, digits.labels[shown])


def test_fewer_clips_are_the_first_ones():
    two, six = (
        moving_digit_clips(block_digits(6), count, seed=0, num_frames=3, size=32)[0]
        for count in (2, 6)
    )
    np.testing.assert_array_equal(two, six[:2])


def test_another_seed_gives_other_images_and_other_paths():
    def clips(count: int, seed: int) -> np.ndarray:
        return moving_digit_clips(block_digits(count), count, seed, num_frames=3, size=32)[0]

    assert image_numbers(clips(6, seed=0)) != image_numbers(clips(6, seed=1))
    assert (clips(1, seed=0) != clips(1, seed=1)).any()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            {"num_clips": 4},
            r"must be 1 to 3, because each of the 3 images .* one video only, got 4",
        ),
        ({"num_clips": 0}, "must be 1 to 3, .* got 0"),
        ({"seed": -1}, "seed must be >= 0, got -1"),
        ({"num_frames": 1}, "num_frames must be >= 2, got 1"),
        ({"size": 31}, "size must be >= 32, .* got 31"),
    ],
)
def test_arguments_out_of_range(arguments: dict[str, int], said: str):
    fitting = {"num_clips": 3, "seed": 0, "num_frames": 2, "size": 32}
    with pytest.raises(ValueError, match=said):
        moving_digit_clips(block_digits(3), **{**fitting, **arguments})


def test_film_strips_hold_the_clips_without_loss(tmp_path: Path):
    digits = block_digits(3)
    paths = write_moving_digits(tmp_path / "set", digits, 3, seed=2, num_frames=4, size=32)
    assert sorted(p for p in tmp_path.rglob("*") if p.is_file()) == sorted(paths)
    clips, labels = moving_digit_clips(digits, 3, seed=2, num_frames=4, size=32)
    assert [path.relative_to(tmp_path / "set") for path in paths] == [
        Path(str(label), f"{number:05d}_strip.png") for number, label in enumerate(labels)
    ]
    np.testing.assert_array_equal([strip_frames(path) for path in paths], clips)


def test_the_same_arguments_write_the_same_files(tmp_path: Path):
    def written(name: str, num_videos: int, seed: int) -> list[bytes]:
        paths = write_moving_digits(tmp_path / name, block_digits(5), num_videos, seed, 2, 32)
        return [path.read_bytes() for path in paths]

    two = written("one", 2, seed=0)
    assert written("one", 2, seed=0) == two
    assert written("one", 4, seed=0)[:2] == two
    assert written("other", 2, seed=1) != two


def test_a_folder_with_other_files_is_refused(tmp_path: Path):
    (tmp_path / "holiday.mp4").touch()
    with pytest.raises(ValueError, match=r"holiday\.mp4, which is not a video of this data set"):
        write_moving_digits(tmp_path, block_digits(1), 1, seed=0, num_frames=2, size=32)
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.mp4"]


def test_a_writing_that_was_stopped_can_be_done_again(tmp_path: Path):
    (tmp_path / "3").mkdir()
    (tmp_path / "3" / f"00000_strip.png{atomic.SUFFIX}").write_bytes(b"half a strip")
    [path] = write_moving_digits(tmp_path, block_digits(1), 1, seed=0, num_frames=2, size=32)
    assert list(path.parent.iterdir()) == [path]


def test_captioned_digits_move_along_the_axis_of_their_caption(tmp_path: Path):
    digits = block_digits(8)
    paths = write_moving_digits(tmp_path, digits, 8, seed=1, num_frames=6, size=40, captions=True)
    assert {path.parent for path in paths} == {tmp_path}
    lines = map(json.loads, (tmp_path / "labels.jsonl").read_text().splitlines())
    said = set()
    for path, line in zip(paths, lines, strict=True):
        frames = strip_frames(path)
        number = int(frames.max()) - 50
        along = [frames.max(axis=(axis, 3)).argmax(axis=1) for axis in (1, 2)]
        axis = [np.ptp(places) > 0 for places in along].index(True)
        assert [np.ptp(places) > 0 for places in along].count(True) == 1
        caption = caption_of(int(digits.labels[number]), axis)
        assert line == {
            "file": path.name,
            "label": str(digits.labels[number]),
            "caption": [caption],
        }
        said.add(axis)
    assert said == {0, 1}
    assert caption_of(7, 1) == "digit 7 is moving up and down"
