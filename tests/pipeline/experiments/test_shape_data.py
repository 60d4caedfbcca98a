from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mocogan.data.records.keys import CATEGORY, CLIP
from mocogan.data.synthetic.shapes import DIRECTIONS, shape_motion_frames
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.experiments.shape_data import IngestedClips, ingest_once

SIZE, FRAMES = 16, 8


def write_strip(path: Path, seed: int, direction: str) -> None:
    frames = shape_motion_frames(seed, direction, FRAMES, SIZE)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(list(frames), axis=1)).save(path)


def config_for(data: Path, out: Path, *assignments: str) -> Config:
    settings = [f"ingest.size={SIZE}", "ingest.num_frames=4", "ingest.frame_stride=2"]
    return load_config(assignments=[*settings, *assignments], data=str(data), out=str(out))


@pytest.fixture(scope="module", autouse=True)
def logs() -> Iterator[None]:
    """The ingest turns logging off."""
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    for number in range(20):
        direction = DIRECTIONS[number % 2]
        write_strip(folder / direction / f"{number}.png", number, direction)
    return folder


@pytest.fixture(scope="module")
def clips(films: Path, tmp_path_factory: pytest.TempPathFactory) -> IngestedClips:
    out = tmp_path_factory.mktemp("clips")
    assert ingest_once(config_for(films, out)) == 0
    return IngestedClips(str(out), num_frames=4, size=SIZE)


def test_clips_are_every_second_frame_of_their_films(clips: IngestedClips) -> None:
    read = [clips.read(split, 100, seed=0) for split in ("train", "eval")]
    made = {clip.tobytes() for labelled in read for clip in labelled.clips}
    drawn = [
        shape_motion_frames(number, DIRECTIONS[number % 2], FRAMES, SIZE)[::2].tobytes()
        for number in range(20)
    ]
    assert made == set(drawn)
    assert len(read[1].clips) >= 1


def test_classes_are_the_sorted_labels(clips: IngestedClips) -> None:
    assert clips.names == [b"bottom_to_top", b"right_to_left"]
    labelled = clips.read("train", 100, seed=0)
    for clip, category in zip(labelled.clips, labelled.categories, strict=True):
        light = clip.max(axis=-1) > 128
        first, last = (np.argwhere(frame).mean(axis=0) for frame in (light[0], light[-1]))
        assert np.argmin(last - first) == category  # rows fall in class 0, columns in class 1


def test_a_seed_draws_the_same_clips_in_the_same_order(clips: IngestedClips) -> None:
    few, again, others, all_of_them = (
        clips.read("train", count, seed).clips for count, seed in ((5, 1), (5, 1), (5, 2), (99, 1))
    )
    np.testing.assert_array_equal(few, again)
    np.testing.assert_array_equal(few, all_of_them[:5])
    assert (few != others).any()
    assert len({clip.tobytes() for clip in few}) == 5


def test_batches_go_on_from_any_step(clips: IngestedClips) -> None:
    from_start = list(clips.batches(3, seed=4, first_batch=0).take(9).as_numpy_iterator())
    later = next(clips.batches(3, seed=4, first_batch=8).as_numpy_iterator())
    assert later[CLIP].shape == (3, 4, SIZE, SIZE, 3)
    assert later[CLIP].dtype == np.uint8
    np.testing.assert_array_equal(later[CLIP], from_start[8][CLIP])
    np.testing.assert_array_equal(later[CATEGORY], from_start[8][CATEGORY])


@pytest.mark.exhaustive
def test_the_same_films_are_ingested_once(
    films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "films"
    for path in films.rglob("*.png"):
        (copy / path.parent.name).mkdir(parents=True, exist_ok=True)
        (copy / path.parent.name / path.name).write_bytes(path.read_bytes())
    out = tmp_path / "clips"

    def ingests(*assignments: str) -> bool:
        capsys.readouterr()
        assert ingest_once(config_for(copy, out, *assignments)) == 0
        return "taking the clips of an earlier ingest" not in capsys.readouterr().out

    assert ingests()
    assert not ingests()
    assert ingests("ingest.eval_fraction=0.3")
    write_strip(copy / "new" / "20.png", 20, DIRECTIONS[0])
    assert ingests("ingest.eval_fraction=0.3")
    assert not ingests("ingest.eval_fraction=0.3")


@pytest.mark.exhaustive
def test_a_failed_ingest_is_not_taken_for_clips(films: Path, tmp_path: Path) -> None:
    out = tmp_path / "clips"
    assert ingest_once(config_for(films, out)) == 0
    empty = tmp_path / "empty"
    empty.mkdir()
    for _ in range(2):
        assert ingest_once(config_for(empty, out)) == 1
