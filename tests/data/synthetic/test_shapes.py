from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from mocogan.data import atomic
from mocogan.data.synthetic.shapes import (
    COLORS,
    DIRECTIONS,
    Content,
    draw,
    random_content,
    random_path,
    shape_motion_frames,
    write_shape_motion,
)


def decoded(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return np.stack(frames)


def centers(frames: np.ndarray) -> np.ndarray:
    """[T, 2] (x, y) in pixels of what is not black."""
    return np.stack([np.argwhere(frame.max(-1) > 100).mean(0)[::-1] for frame in frames])


def test_a_square_and_a_disc_by_hand() -> None:
    path = np.array([[0.5, 0.5]])
    square = draw(Content("square", (200, 100, 0), 0.25), path, 8)
    assert square.shape == (1, 8, 8, 3)
    assert square.dtype == np.uint8
    expected = np.zeros((8, 8))
    expected[2:6, 2:6] = 200
    np.testing.assert_array_equal(square[0, ..., 0], expected)
    assert set(square[0, 2:6, 2:6, 1].ravel()) == {100}
    disc = draw(Content("disc", (200, 100, 0), 0.25), path, 8)[0, ..., 0]
    assert disc[3, 3] == 200
    assert 0 < disc[2, 2] < 200  # a corner of the square, at sqrt(4.5) of 2 pixels
    assert disc[1, 3] == 0


def test_a_path_goes_one_way_across_most_of_the_frame() -> None:
    for seed in range(20):
        upwards = random_path(np.random.default_rng(seed), "bottom_to_top", 16)
        assert (np.diff(upwards[:, 1]) < 0).all()
        assert upwards[0, 1] - upwards[-1, 1] > 0.6
        leftwards = random_path(np.random.default_rng(seed), "right_to_left", 16)
        np.testing.assert_array_equal(leftwards, upwards[:, ::-1])
        assert leftwards.min() >= 0
        assert leftwards.max() <= 1


def test_an_unknown_direction_is_refused() -> None:
    with pytest.raises(ValueError, match=r"one of .*bottom_to_top.* got 'up'"):
        random_path(np.random.default_rng(0), "up", 4)


def test_contents_cover_every_shape_color_and_size() -> None:
    random = np.random.default_rng(0)
    contents = [random_content(random) for _ in range(400)]
    assert {content.color for content in contents} == set(COLORS.values())
    assert len(set(contents)) == 2 * len(COLORS) * 3


def test_one_seed_one_clip() -> None:
    one, same, other = (shape_motion_frames(s, DIRECTIONS[0], 4, 16) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
    # Through a clip the content stays the same, as its brightest pixel shows.
    assert len({tuple(frame.max(axis=(0, 1))) for frame in one}) == 1


def test_videos_hold_what_was_drawn(tmp_path: Path) -> None:
    paths = write_shape_motion(tmp_path / "set", num_videos=3, seed=5, num_frames=6, size=32)
    assert [str(path.relative_to(tmp_path / "set")) for path in paths] == [
        "bottom_to_top/00000.mp4",
        "right_to_left/00001.mp4",
        "bottom_to_top/00002.mp4",
    ]
    assert sorted(p for p in (tmp_path / "set").rglob("*") if p.is_file()) == sorted(paths)
    seeds = np.random.SeedSequence(5).generate_state(3, np.uint64)
    for path, seed in zip(paths, seeds, strict=True):
        frames = decoded(path)
        drawn = shape_motion_frames(int(seed), path.parent.name, 6, 32)
        assert frames.shape == drawn.shape
        # 4:2:0 blurs the colors at the edges and nothing else.
        assert np.abs(frames.astype(int) - drawn).mean() < 4
        np.testing.assert_allclose(centers(frames), centers(drawn), atol=0.7)


def test_a_seed_determines_the_files(tmp_path: Path) -> None:
    sets = [
        write_shape_motion(tmp_path / name, num_videos=2, seed=seed, num_frames=4, size=16)
        for name, seed in (("one", 1), ("same", 1), ("other", 2), ("one", 1))
    ]
    one, same, other, again = ([path.read_bytes() for path in paths] for paths in sets)
    assert one == same == again
    assert one != other


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "holiday.mp4").touch()
    with pytest.raises(ValueError, match=r"holiday\.mp4, which is not a shape video"):
        write_shape_motion(tmp_path, num_videos=1, seed=0, num_frames=4, size=16)
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.mp4"]


def test_a_writing_that_was_stopped_can_be_done_again(tmp_path: Path) -> None:
    (tmp_path / "bottom_to_top").mkdir()
    (tmp_path / "bottom_to_top" / f"00000.mp4{atomic.SUFFIX}").write_bytes(b"half a film")
    [path] = write_shape_motion(tmp_path, num_videos=1, seed=0, num_frames=4, size=16)
    assert list(path.parent.iterdir()) == [path]


def test_an_odd_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="size must be even for 4:2:0 video, got 15"):
        write_shape_motion(tmp_path / "set", num_videos=1, seed=0, size=15)
    assert not (tmp_path / "set").exists()
