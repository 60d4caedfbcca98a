"""Each damage does what its description says."""

from __future__ import annotations

import numpy as np
import pytest

from mocogan.data.synthetic.shapes import Content, draw
from mocogan.evaluation import damages
from mocogan.evaluation.damages import DAMAGES
from mocogan.evaluation.features.motion import sharpness
from mocogan.evaluation.motion import frame_differences
from tests.support.shape_clips import shape_clips

CLIPS = shape_clips(range(20), num_frames=8, size=16)
SOFT = np.random.default_rng(5).integers(90, 150, (8, 6, 16, 16, 3), dtype=np.uint8)
BACKWARD = slice(None, None, -1)


def damaged(name: str, clips: np.ndarray = CLIPS, seed: int = 0) -> np.ndarray:
    return DAMAGES[name].function(clips, np.random.default_rng(seed))


def as_rows(pictures: np.ndarray) -> list[bytes]:
    return sorted(picture.tobytes() for picture in pictures)


@pytest.mark.parametrize("name", DAMAGES)
def test_damages_change_copies_and_can_be_repeated(name: str) -> None:
    before = CLIPS.copy()
    result = damaged(name)
    assert (result.shape, result.dtype) == (CLIPS.shape, np.uint8)
    assert (result != CLIPS).any()
    assert (result == damaged(name)).all()
    result[:] = 7  # another array than the clips
    assert (before == CLIPS).all()


@pytest.mark.parametrize("name", DAMAGES)
@pytest.mark.parametrize("shape", [(1, 1, 8, 8), (3, 5, 10, 13), (2, 3, 36, 20)])
def test_clips_of_any_shape_can_be_damaged(name: str, shape: tuple[int, ...]) -> None:
    clips = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    result = damaged(name, clips)
    assert (result.shape, result.dtype) == (clips.shape, np.uint8)


def test_names_and_descriptions_are_unique() -> None:
    assert all(name == damage.name for name, damage in DAMAGES.items())
    assert len({damage.description for damage in DAMAGES.values()}) == len(DAMAGES)
    assert sum(damage.broken for damage in DAMAGES.values()) == 20


@pytest.mark.parametrize("name", ["pixel_noise", "flat", "shuffled", "crossed", "jitter", "cut"])
def test_random_damages_depend_on_the_generator(name: str) -> None:
    assert (damaged(name, seed=0) != damaged(name, seed=1)).any()


def test_noise_has_the_statistics_it_promises() -> None:
    pixels = damaged("pixel_noise", SOFT)
    assert (pixels.min(), pixels.max()) == (0, 255)
    assert pixels.mean() == pytest.approx(127.5, abs=2)
    blobs = damaged("noise_blobs", SOFT)
    for noise in (damaged("normal_noise", SOFT), blobs):
        assert noise.mean() == pytest.approx(SOFT.mean(), abs=2)
        assert noise.std() == pytest.approx(SOFT.std(), rel=0.1)
    assert frame_differences(blobs).mean() < frame_differences(SOFT).mean() / 2
    assert np.abs(np.diff(blobs.astype(int), axis=3)).mean() < SOFT.std() / 3
    weak = damaged("noisy", SOFT).astype(int) - SOFT
    assert weak.mean() == pytest.approx(0, abs=0.2)
    assert weak.std() == pytest.approx(8, rel=0.05)


def test_pictures_without_content() -> None:
    assert not damaged("black").any()
    flat = damaged("flat")
    assert (flat == flat[:, :1, :1, :1]).all()
    assert len(np.unique(flat[:, 0, 0, 0], axis=0)) == len(CLIPS)
    assert (damaged("inverted") == 255 - CLIPS).all()


def test_still_clips_hold_the_first_frame() -> None:
    assert (damaged("still") == CLIPS[:, :1]).all()
    flicker = damaged("still_with_flicker", SOFT).astype(int)
    assert (flicker[:, ::2] == SOFT[:, :1] - 3).all()
    assert (flicker[:, 1::2] == SOFT[:, :1] + 3).all()


def test_shuffled_clips_keep_their_frames() -> None:
    shuffled = damaged("shuffled")
    assert all(as_rows(a) == as_rows(b) for a, b in zip(shuffled, CLIPS, strict=True))
    numbered = np.broadcast_to(np.arange(8, dtype=np.uint8)[:, None, None, None], CLIPS.shape)
    orders = damaged("shuffled", numbered)[:, :, 0, 0, 0]
    assert len(np.unique(orders, axis=0)) > 15  # each clip has an order of its own


def test_crossed_clips_keep_the_frames_of_each_time() -> None:
    crossed = damaged("crossed")
    for time in range(CLIPS.shape[1]):
        assert as_rows(crossed[:, time]) == as_rows(CLIPS[:, time])
    numbered = np.broadcast_to(
        np.arange(20, dtype=np.uint8)[:, None, None, None, None], CLIPS.shape
    )
    sources = damaged("crossed", numbered)[:, :, 0, 0, 0]
    assert all(len(set(row)) > 3 for row in sources.tolist())


def test_things_turn_into_other_things_on_the_same_path() -> None:
    across = np.linspace(0.2, 0.8, 6)
    right, left = (
        np.stack([across, 0 * across + 0.3], 1),
        np.stack([1 - across, 0 * across + 0.7], 1),
    )
    red, blue = Content("square", (200, 0, 0), 0.15), Content("square", (0, 0, 200), 0.15)
    clips = np.stack([draw(red, right, 20), draw(blue, left, 20)])
    for clip, path, first, last in zip(
        damaged("cross_faded", clips), (right, left), (red, blue), (blue, red), strict=True
    ):
        assert (clip[0] == draw(first, path[:1], 20)).all()
        assert (clip[-1] == draw(last, path[-1:], 20)).all()
        half = clip[3].max(axis=(0, 1))
        assert min(half[0], half[2]) > 60  # both colors at the same place


def test_cut_clips_end_with_those_of_other_clips() -> None:
    cut = damaged("cut")
    assert (cut[:, :4] == CLIPS[:, :4]).all()
    assert as_rows(cut[:, 4:]) == as_rows(CLIPS[:, 4:])
    numbered = np.broadcast_to(
        np.arange(20, dtype=np.uint8)[:, None, None, None, None], CLIPS.shape
    )
    assert (damaged("cut", numbered)[:, 4:] != numbered[:, 4:]).all()


def test_parts_that_are_lost() -> None:
    clips = damaged("half_of_clips_black", SOFT)
    assert (clips[::2] == SOFT[::2]).all()
    assert not clips[1::2].any()
    clips = damaged("half_of_each_clip_black", SOFT)
    assert (clips[:, :3] == SOFT[:, :3]).all()
    assert not clips[:, 3:].any()
    clips = damaged("half_of_picture_gray", SOFT)
    assert (clips[:, :, :, :8] == SOFT[:, :, :, :8]).all()
    assert (clips[:, :, :, 8:] == 128).all()


def test_things_that_are_added() -> None:
    board = damaged("checkerboard", np.full_like(SOFT, 128)).astype(int)
    assert (board == board[:1, :1]).all()
    tiles = board[0, 0, ::4, ::4, 0] - 128
    assert tiles[:2, :3].tolist() == [[-100, 100, -100], [100, -100, 100]]
    assert (board[0, 0, :4, :4] == 28).all()
    flash = damaged("flash", SOFT)
    changed = (flash != SOFT).any(axis=(0, 2, 3, 4))
    assert changed.tolist() == [False, False, True, False, False, False]
    assert (flash[:, 2] == 255).all()


def test_the_mean_clip_has_a_tenth_of_each_clip() -> None:
    expected = np.round(0.9 * SOFT.mean(axis=0) + 0.1 * SOFT)
    assert (damaged("mean_clip", SOFT) == expected).all()


@pytest.mark.parametrize(
    ("name", "count"), [("one_clip", 1), ("two_clips", 2), ("four_clips", 4), ("sixteen_clips", 16)]
)
def test_few_clips_occur_over_and_over(name: str, count: int) -> None:
    few = damaged(name)
    assert len(np.unique(few.reshape(len(few), -1), axis=0)) == count
    assert (few[:count] == CLIPS[:count]).all()
    assert (few[count : 2 * count] == CLIPS[: 20 - count][:count]).all()


def test_other_orders_of_frames() -> None:
    assert (damaged("reversed") == CLIPS[:, BACKWARD]).all()
    assert (damaged("slow_motion") == CLIPS[:, [0, 0, 1, 1, 2, 2, 3, 3]]).all()
    assert (damaged("ping_pong") == CLIPS[:, [0, 1, 2, 3, 3, 2, 1, 0]]).all()
    assert (damaged("ping_pong", CLIPS[:, :5]) == CLIPS[:, [0, 1, 2, 2, 1]]).all()
    assert (damaged("upside_down") == CLIPS[:, :, BACKWARD]).all()


def test_other_colors() -> None:
    assert (damaged("red_and_blue_swapped") == CLIPS[..., BACKWARD]).all()
    gray = damaged("grayscale").astype(int)
    assert (gray == gray[..., :1]).all()
    assert np.abs(gray[..., 0] - CLIPS.mean(axis=-1)).max() <= 0.5
    assert (damaged("posterized") == np.where(CLIPS >= 128, 255, 0)).all()
    low = damaged("low_contrast").astype(float)
    assert np.abs(low - 128 - (CLIPS - 128.0) / 2).max() <= 0.5
    fade = damaged("fade").astype(float)
    assert (fade[:, 0] == CLIPS[:, 0]).all()
    assert np.abs(fade[:, -1] - CLIPS[:, -1] / 2).max() <= 0.5
    flicker = damaged("color_flicker")
    assert (flicker[:, :2] == CLIPS[:, :2]).all()
    assert (flicker[:, 2:4, ..., [1, 2, 0]] == CLIPS[:, 2:4]).all()
    assert (flicker[:, 6:] == CLIPS[:, 6:]).all()  # after three changes of three channels


def test_the_clips_with_the_most_red_are_missing() -> None:
    red = CLIPS[..., 0].mean(axis=(1, 2, 3))
    left = damaged("missing_colors")
    least = CLIPS[np.argsort(red, kind="stable")[:10]]
    assert as_rows(left) == as_rows(np.concatenate([least, least]))


@pytest.mark.parametrize("side", [4, 8, 16])
def test_blocks_have_one_color(side: int) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2, 2, 36, 20, 3), dtype=np.uint8)
    result = damaged(f"blocks_{side}", noise)
    for top, left in ((0, 0), (32, 16), (16, 0)):
        block = result[:, :, top : top + side, left : left + side]
        assert (block == block[:, :, :1, :1]).all()
    assert (result[:, :, 0, 0] == noise[:, :, side // 2, side // 2]).all()
    assert (result[:, :, 0, 0] != result[:, :, 16, 16]).any()


def test_blurred_clips_are_less_sharp_and_as_bright() -> None:
    blurred = damaged("blurred", SOFT)
    assert (sharpness(blurred) < sharpness(SOFT) / 3).all()
    assert blurred.mean() == pytest.approx(SOFT.mean(), abs=0.5)
    still = np.repeat(SOFT[:1, :1], 6, axis=1)
    assert (damaged("blurred", still) == damaged("blurred", still)[:, :1]).all()  # not over time


def test_trembling_moves_whole_frames_by_up_to_two_pixels() -> None:
    clip = np.zeros((1, 64, 9, 9, 3), np.uint8)
    clip[:, :, 4, 4] = 255
    places = np.argwhere(damaged("jitter", clip)[0, ..., 0])
    assert len(places) == 64
    assert places[:, 1:].min(axis=0).tolist() == [2, 2]
    assert places[:, 1:].max(axis=0).tolist() == [6, 6]
    assert len(np.unique(places[:, 1:], axis=0)) > 15  # of 25


@pytest.mark.parametrize("name", ["shuffled_30_percent", "black_30_percent", "cut_30_percent"])
def test_some_clips_are_damaged_and_the_others_are_not(name: str) -> None:
    changed = (damaged(name) != CLIPS).any(axis=(1, 2, 3, 4))
    assert changed.sum() == 6
    assert (damaged(name)[~changed] == CLIPS[~changed]).all()
    other = (damaged(name, seed=1) != CLIPS).any(axis=(1, 2, 3, 4))
    assert (changed != other).any()


def test_a_single_clip_is_its_own_other() -> None:
    assert (damages.cut(CLIPS[:1], np.random.default_rng(0)) == CLIPS[:1]).all()
