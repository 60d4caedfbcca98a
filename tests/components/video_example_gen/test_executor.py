import hashlib
import json
import os
import shutil

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from tfx.types import standard_artifacts

from mocogan.components.artifact_types import IngestReport
from mocogan.components.video_example_gen import executor
from mocogan.components.video_example_gen.arguments.split_shares import train_and_eval
from mocogan.components.video_example_gen.component import VideoExampleGen
from mocogan.components.video_example_gen.report.ingest_report import NoUsableVideos, NoVideos
from mocogan.data.config import IngestConfig
from mocogan.data.decoding.tfio.ffmpeg4 import DecoderUnavailable
from mocogan.data.decoding.video import check_decoder
from mocogan.data.records import keys as records

CONFIG = IngestConfig(num_frames=4, size=16)


class Ingested:
    """What one run of the executor left behind."""

    def __init__(self, folder, output, config=CONFIG, beam_args=(), resume_root=None):
        self.examples = standard_artifacts.Examples()
        self.examples.uri = str(output / "examples")
        self.report_artifact = IngestReport()
        self.report_artifact.uri = str(output / "ingest_report")
        context = executor.Executor.Context(
            beam_pipeline_args=["--runner=FnApiRunner", *beam_args], tmp_dir=str(output / "tmp")
        )
        executor.Executor(context).Do(
            {},
            {"examples": [self.examples], "ingest_report": [self.report_artifact]},
            _exec_properties(str(folder), config, resume_root),
        )
        self.report = json.loads((output / "ingest_report" / "ingest_report.json").read_text())

    def split(self, name):
        """The (video id, clip index, frames) of a split's clips, sorted."""
        files = tf.io.gfile.glob(os.path.join(self.examples.uri, f"Split-{name}", "*.gz"))
        assert files
        clips = []
        for serialized in tf.data.TFRecordDataset(sorted(files), "GZIP").as_numpy_iterator():
            feature = tf.train.Example.FromString(serialized).features.feature
            clips.append(
                (
                    feature[records.VIDEO_ID].bytes_list.value[0],
                    feature[records.CLIP_INDEX].int64_list.value[0],
                    feature[records.FRAMES].bytes_list.value[0],
                )
            )
        return sorted(clips)


def _exec_properties(folder, config, resume_root=None):
    component = VideoExampleGen(
        input_base=folder,
        output_config=train_and_eval(config.eval_fraction),
        custom_config=config.model_dump(mode="json", exclude={"eval_fraction"}),
        resume_root=resume_root and str(resume_root),
    )
    return dict(component.exec_properties)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory, make_mp4):
    """One good video of 9 frames, ingested among three that cannot be used."""
    folder = tmp_path_factory.mktemp("mixed") / "videos"
    make_mp4(folder / "good.mp4", num_frames=9)
    (folder / "a.mp4").write_text("this is not a video")
    (folder / "empty.mp4").touch()
    whole = make_mp4(folder / "truncated.mp4", num_frames=40)
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    return Ingested(folder, folder.parent)


def test_bad_files_are_reported_and_the_good_one_is_used(mixed):
    assert mixed.report["videos"]["found"] == 4
    assert mixed.report["videos"]["accepted"] == 1
    rejected = mixed.report["videos"]["rejected"]
    assert [entry["path"] for entry in rejected] == ["a.mp4", "empty.mp4", "truncated.mp4"]
    assert all(entry["code"] and entry["message"] for entry in rejected)
    assert mixed.report["clips"] == 2
    assert any("only one video" in note for note in mixed.report["notes"])

    assert [clip[:2] for clip in mixed.split("train")] == [(b"good.mp4", 0), (b"good.mp4", 1)]
    assert mixed.split("eval") == []  # an empty, readable file


def test_artifacts_carry_what_a_person_looks_for(mixed):
    assert mixed.examples.split_names == '["train", "eval"]'
    for artifact in (mixed.examples, mixed.report_artifact):
        for name, number in {
            "clips": 2,
            "train_clips": 2,
            "eval_clips": 0,
            "videos_accepted": 1,
            "videos_rejected": 3,
            "num_frames": 4,
            "height": 16,
            "width": 16,
        }.items():
            assert artifact.get_int_custom_property(name) == number, name
        assert artifact.get_string_custom_property("decoder") == "pyav"
        assert len(artifact.get_string_custom_property("code_fingerprint")) == 16
        options = artifact.get_string_custom_property("ingest_config")
        assert IngestConfig.model_validate_json(options) == CONFIG
    assert sorted(os.listdir(mixed.report_artifact.uri)) == [
        "ingest_report.html",
        "ingest_report.json",
        "source_files.jsonl",
        "videos-00000-of-00001.jsonl",
    ]


@pytest.mark.exhaustive
def test_clips_of_a_video_stay_together_and_replayed_bundles_change_nothing(tmp_path, make_mp4):
    folder = tmp_path / "videos"
    for number in range(6):
        make_mp4(folder / f"class{number % 2}" / f"{number}.mp4", num_frames=12, seed=number)
    config = IngestConfig(num_frames=4, size=16, eval_fraction=0.3)
    once = Ingested(folder, tmp_path / "once", config)
    twice = Ingested(folder, tmp_path / "twice", config, ["--direct_runner_bundle_repeat=2"])

    train, evaluation = once.split("train"), once.split("eval")
    assert len(train) + len(evaluation) == 18
    assert train
    assert evaluation
    assert not {clip[0] for clip in train} & {clip[0] for clip in evaluation}
    assert once.report["labels"] == {"class0": 9, "class1": 9}
    for split, clips in (("train", train), ("eval", evaluation)):
        assert once.report["splits"][split]["clips"] == len(clips)
        assert once.report["splits"][split]["videos"] == len({clip[0] for clip in clips})

    assert twice.split("train") == train
    assert twice.split("eval") == evaluation
    assert twice.report == once.report


def test_rejected_videos_take_no_part_in_the_split(tmp_path, make_mp4):
    folder = tmp_path / "videos"
    names = [f"{number}.mp4" for number in range(20)]
    lowest, *others = sorted(names, key=lambda name: hashlib.sha256(name.encode()).digest())
    folder.mkdir()
    (folder / lowest).touch()
    for seed, name in enumerate(others[:2]):
        make_mp4(folder / name, seed=seed)
    config = IngestConfig(num_frames=4, size=16, eval_fraction=0.001)
    ingested = Ingested(folder, tmp_path, config)
    assert {clip[0] for clip in ingested.split("eval")} == {others[0].encode()}
    assert {clip[0] for clip in ingested.split("train")} == {others[1].encode()}


@pytest.mark.exhaustive
def test_an_execution_takes_over_from_the_one_before_which_can_then_be_removed(tmp_path, make_mp4):
    folder, root = tmp_path / "videos", tmp_path / "ingests"
    for number in range(4):
        make_mp4(folder / f"{number}.mp4", seed=number)
    first = Ingested(folder, tmp_path / "1", resume_root=root)
    make_mp4(folder / "4.mp4", seed=4)
    second = Ingested(folder, tmp_path / "2", resume_root=root)
    for artifact in (second.examples, second.report_artifact):
        assert artifact.get_int_custom_property("videos_taken_over") == 4
        assert artifact.get_string_custom_property("taken_over_from") == first.examples.uri
    assert second.report["videos"]["decoded"] == 1
    assert os.listdir(root) == ["newest_ingests.json"]

    shutil.rmtree(tmp_path / "1")
    anew = Ingested(folder, tmp_path / "3")
    for split in ("train", "eval"):
        assert second.split(split) == anew.split(split)
    third = Ingested(folder, tmp_path / "4", resume_root=root)
    assert third.report["videos"]["decoded"] == 0
    shards = list(tmp_path.glob("[24]/examples/Split-*/*.gz"))
    assert len({path.stat().st_ino for path in shards}) < len(shards)  # hard links


@pytest.mark.exhaustive
def test_a_name_that_is_not_utf8_is_ingested(tmp_path, make_mp4):
    folder = tmp_path / "videos"
    path = make_mp4(folder / "a.mp4")
    os.rename(os.fsencode(path), os.fsencode(folder) + b"/caf\xe9.mp4")
    ingested = Ingested(folder, tmp_path)
    assert {clip[0] for clip in ingested.split("train")} == {b"caf\xe9.mp4"}


@pytest.mark.exhaustive
def test_without_a_usable_video_the_error_tells_why(tmp_path):
    folder = tmp_path / "videos"
    folder.mkdir()
    (folder / "a.mp4").write_text("this is not a video")
    (folder / "empty.mp4").touch()
    with pytest.raises(NoUsableVideos, match=r"no usable video in .* 2 .*a\.mp4: .*empty\.mp4: "):
        Ingested(folder, tmp_path)


def test_an_empty_folder_is_an_error(tmp_path):
    folder = tmp_path / "videos"
    folder.mkdir()
    with pytest.raises(NoVideos, match="no files in"):
        Ingested(folder, tmp_path)


@pytest.mark.exhaustive
def test_film_strips_beside_tensorflow_io_are_noted(tmp_path):
    try:
        check_decoder("tfio")
    except DecoderUnavailable as error:
        pytest.skip(str(error))
    folder = tmp_path / "videos"
    folder.mkdir()
    frames = np.random.default_rng(0).integers(0, 256, (16, 5 * 16, 3), np.uint8)
    Image.fromarray(frames).save(folder / "strip.png")
    config = IngestConfig(num_frames=4, size=16, decoder="tfio")
    ingested = Ingested(folder, tmp_path, config)
    assert (
        "decoder=tfio does not apply to film strips, numbered frames and arrays"
        in ingested.report["notes"]
    )
    assert ingested.report["clips"] == 1
