from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from mocogan.data.source.listing import list_videos
from mocogan.data.synthetic.captioned_shapes import (
    Attributes,
    all_combinations,
    caption_of,
    captioned_clips,
    held_out_combinations,
    random_captions,
    write_captioned_shapes,
)

WAYS = {"top": ["up"], "bottom": ["down"], "left": [], "right": []}  # other words for a direction


def test_a_tenth_of_the_combinations_is_held_out() -> None:
    combinations = all_combinations()
    assert len(set(combinations)) == 3 * 6 * 2 * 4
    held_out = held_out_combinations(0.1, seed=0)
    assert len(held_out) == 14
    assert held_out < set(combinations)
    assert held_out == held_out_combinations(0.1, seed=0) != held_out_combinations(0.1, seed=1)
    assert held_out_combinations(0, seed=0) == frozenset()
    kept = set(combinations) - held_out
    for number in range(4):  # each single value is still there
        assert {each[number] for each in kept} == {each[number] for each in combinations}


def test_captions_name_all_attributes_in_several_wordings() -> None:
    red = Attributes("small", "red", "square", "right_to_left")
    assert caption_of(red) == "a small red square moves from right to left"
    captions = {
        text for seed in range(50) for text in random_captions(red, np.random.default_rng(seed))
    }
    assert len(captions) == 5
    assert all({"small", "red", "square"} <= set(text.split()) for text in captions)
    assert {
        caption_of(red._replace(direction=d), 3) for d in ("bottom_to_top", "top_to_bottom")
    } == {
        "small red square moving up",
        "small red square moving down",
    }


def test_clips_show_their_attributes() -> None:
    wanted = [
        Attributes("large", "red", "square", "left_to_right"),
        Attributes("small", "green", "circle", "bottom_to_top"),
    ]
    red, green = captioned_clips(wanted, seed=0, num_frames=4, size=32)
    assert red[..., 0].sum() > 3 * red[..., 1].sum()
    assert green[..., 1].sum() > 2 * green[..., 0].sum()
    assert red.sum() > 2 * green.sum()
    columns, rows = red.sum(axis=(1, 3)).argmax(axis=1), green.sum(axis=(2, 3)).argmax(axis=1)
    assert (np.diff(columns) > 0).all()
    assert (np.diff(rows) < 0).all()


def test_the_ingest_finds_the_captions(tmp_path: Path) -> None:
    paths = write_captioned_shapes(tmp_path / "a", 6, seed=3, num_frames=2, size=16)
    listing = list_videos(str(tmp_path / "a"))
    assert [video.path for video in listing.videos] == [str(path) for path in paths]
    assert not listing.rejected
    lines = (tmp_path / "a" / "labels.jsonl").read_text().splitlines()
    captions = {row["file"]: row["caption"] for row in map(json.loads, lines)}
    for video in listing.videos:
        way = video.label.decode().split("_to_")[1]
        assert any(word in captions[video.video_id.decode()][0] for word in (way, *WAYS[way]))
        assert video.caption.decode().split("\n") == captions[video.video_id.decode()]
    assert Counter(map(len, captions.values())) == {2: 6}
    again = write_captioned_shapes(tmp_path / "b", 6, seed=3, num_frames=2, size=16)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in paths]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 15}, "size must be even"),
        ({"num_videos": 0}, "num_videos must be >= 1"),
        ({"held_out": 0.6}, "0 to 0.5, got 0.6"),
    ],
)
def test_wrong_arguments_are_refused(tmp_path: Path, options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        write_captioned_shapes(tmp_path, **{"num_videos": 1, "seed": 0, **options})


def test_other_files_are_not_mixed_in(tmp_path: Path) -> None:
    (tmp_path / "other.mp4").touch()
    with pytest.raises(ValueError, match=r"other.mp4, which is not a shape video"):
        write_captioned_shapes(tmp_path, 1, seed=0)
