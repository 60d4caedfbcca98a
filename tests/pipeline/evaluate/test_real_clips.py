from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mocogan.data.records.keys import EVAL, TRAIN
from mocogan.data.synthetic.shapes import write_shape_motion
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.evaluate.candidate import Candidate
from mocogan.pipeline.evaluate.real_clips import (
    RealClipsRefused,
    check_fit,
    ingest_for,
    ingested_files,
)
from mocogan.pipeline.ingest_runner import IngestFailed
from tests.support.evaluation_inputs import DESCRIPTION_OF_SQUARES, write_records

CLIPS = Candidate("clips", (4, 16, 16, 3), clips=np.zeros((2, 4, 16, 16, 3), np.uint8))
MODEL = Candidate("model", (4, 16, 16, 3), DESCRIPTION_OF_SQUARES)


def _write(folder: Path, num_frames: int, size: int) -> None:
    write_records(folder, TRAIN, np.zeros((0, 1, 1, 1, 3), np.uint8))
    write_records(folder, EVAL, np.zeros((2, num_frames, size, size, 3), np.uint8))


def _refusal(candidate: Candidate, folder: Path) -> str:
    with pytest.raises(RealClipsRefused) as caught:
        check_fit(candidate, ingested_files(str(folder)), str(folder))
    return str(caught.value)


def test_records_of_an_ingest_are_found(ingested: Path, tmp_path: Path):
    files = ingested_files(str(ingested))
    assert {split: len(paths) for split, paths in files.items()} == {"train": 1, "eval": 1}
    assert ingested_files(str(tmp_path)) == {}
    assert ingested_files("unknown://bucket/videos") == {}


def test_a_missing_shard_is_told(tmp_path: Path):
    _write(tmp_path, 4, 16)
    path = tmp_path / "Split-eval" / "data_tfrecord-00000-of-00001.gz"
    path.rename(path.with_name("data_tfrecord-00001-of-00002.gz"))
    with pytest.raises(RealClipsRefused, match=r"1 of the 2 files .* are missing"):
        ingested_files(str(tmp_path))


@pytest.mark.parametrize(
    ("candidate", "num_frames", "size"),
    [(CLIPS, 5, 16), (CLIPS, 4, 8), (CLIPS, 4, 32), (MODEL, 5, 16), (MODEL, 4, 8)],
)
def test_clips_of_another_shape_are_refused(
    tmp_path: Path, candidate: Candidate, num_frames: int, size: int
):
    _write(tmp_path, num_frames, size)
    refusal = _refusal(candidate, tmp_path)
    assert f"contains clips of {num_frames} frames of {size}x{size}" in refusal
    assert f"those of {candidate.path} are 4 frames of 16x16" in refusal
    assert "ingest.num_frames=4 and ingest.size=16" in refusal


def test_larger_real_clips_are_resized_as_in_the_training(tmp_path: Path):
    _write(tmp_path, 4, 32)
    real = check_fit(MODEL, ingested_files(str(tmp_path)), str(tmp_path))
    assert real.clip_format == (4, 16, "bilinear")
    assert real.notes == ("real clips are resized from 32 to 16 pixels (bilinear)",)


def test_an_ingest_without_clips_is_refused(tmp_path: Path):
    write_records(tmp_path, TRAIN, np.zeros((0, 1, 1, 1, 3), np.uint8))
    assert "contains no clips" in _refusal(CLIPS, tmp_path)


def test_an_ingest_with_other_options_than_the_training_is_noted(tmp_path: Path):
    _write(tmp_path, 4, 16)
    trained = DESCRIPTION_OF_SQUARES.model_dump()
    report = {"spec": {**trained, "frame_stride": 1}}
    (tmp_path / "ingest_report.json").write_text(json.dumps(report))
    real = check_fit(MODEL, ingested_files(str(tmp_path)), str(tmp_path))
    assert real.notes == ("the real clips have ingest.frame_stride=1, those of the training had 2",)
    assert check_fit(CLIPS, ingested_files(str(tmp_path)), str(tmp_path)).notes == ()


def test_videos_are_cut_as_the_description_says(tmp_path: Path):
    write_shape_motion(tmp_path / "videos", num_videos=3, seed=0, num_frames=8, size=20)
    config = load_config(data=str(tmp_path / "videos"), out=str(tmp_path / "out"))
    files = ingest_for(MODEL, config, str(tmp_path / "records"))
    assert set(files) == {"train", "eval"}
    check_fit(MODEL, files, str(tmp_path / "records"))
    report = json.loads((tmp_path / "records" / "ingest_report.json").read_text())
    assert report["clips"] == 3  # 8 frames at a stride of 2 are one clip of 4
    options = {name: report["spec"][name] for name in ("frame_stride", "resize", "resize_filter")}
    assert options == {"frame_stride": 2, "resize": "pad", "resize_filter": "bilinear"}


def test_options_must_not_contradict_the_candidate(tmp_path: Path):
    options = {"data": str(tmp_path), "out": str(tmp_path.parent / "out")}
    for candidate, option in (
        (MODEL, "ingest.frame_stride=3"),
        (MODEL, "ingest.fps=5"),
        (CLIPS, "ingest.num_frames=8"),
        (CLIPS, "ingest.size=32"),
    ):
        config = load_config(assignments=[option], **options)
        with pytest.raises(RealClipsRefused, match=rf"^{option}.* does not fit {candidate.path}"):
            ingest_for(candidate, config, str(tmp_path / "records"))
    config = load_config(assignments=["ingest.frame_stride=3"], **options)
    with pytest.raises(IngestFailed, match="no files in"):  # the stride is accepted
        ingest_for(CLIPS, config, str(tmp_path / "records"))


def test_videos_that_give_no_clip(tmp_path: Path):
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / "notes.txt").write_text("no video")
    config = load_config(data=str(tmp_path / "videos"), out=str(tmp_path / "out"))
    with pytest.raises(RealClipsRefused, match="`mocogan ingest` writes a report on every file"):
        ingest_for(CLIPS, config, str(tmp_path / "records"))
