from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mocogan.components.video_example_gen.output_folder.folders import OutputRefused, claimed
from tests.support.ingests import hashes, run_ingest
from tests.support.waiting import wait_until


def test_an_earlier_ingest_is_replaced(videos: Path, one_video: Path, tmp_path: Path):
    run_ingest(videos, tmp_path)
    run_ingest(one_video, tmp_path)
    assert [len(records) for records in hashes(tmp_path).values()] == [0, 1]
    assert len(list(tmp_path.glob("videos-*.jsonl"))) == 1


def test_files_of_others_are_left_alone(one_video: Path, tmp_path: Path):
    foreign = [
        "videos-mine.jsonl",
        "ingest-film.partial",
        "ingest.partial/film.mp4",
        "Split-test/a",
    ]
    for name in foreign:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine")
    for _ in range(2):
        run_ingest(one_video, tmp_path)
    assert [(tmp_path / name).read_text() for name in foreign] == ["mine"] * 4


def test_a_foreign_file_among_the_clips_is_refused(one_video: Path, tmp_path: Path):
    run_ingest(one_video, tmp_path)
    before = hashes(tmp_path)
    (tmp_path / "Split-train/film.mp4").write_text("mine")
    with pytest.raises(OutputRefused, match=r"Split-train/film.mp4' was not written by an ingest"):
        run_ingest(one_video, tmp_path)
    (tmp_path / "Split-train/film.mp4").unlink()
    assert hashes(tmp_path) == before


@pytest.mark.parametrize("name", ["clips [v2]", "clips*", "what?", "caf\udce9"])
def test_an_output_folder_that_is_a_pattern_is_refused(videos: Path, tmp_path: Path, name: str):
    with pytest.raises(OutputRefused, match="Choose another name"):
        run_ingest(videos, tmp_path / name)
    assert not (tmp_path / name).exists()


def test_flags_that_beam_refuses_cost_nothing(one_video: Path, tmp_path: Path):
    run_ingest(one_video, tmp_path)
    before = hashes(tmp_path)
    with pytest.raises(ValueError, match="NoSuchRunner"):
        run_ingest(one_video, tmp_path, flags=["--runner=NoSuchRunner"])
    assert hashes(tmp_path) == before
    assert (tmp_path / "ingest_report.json").exists()


def test_two_ingests_do_not_share_an_output_folder(one_video: Path, tmp_path: Path):
    with claimed(str(tmp_path)), pytest.raises(OutputRefused, match="another ingest"):
        run_ingest(one_video, tmp_path)
    run_ingest(one_video, tmp_path)


@pytest.mark.exhaustive
def test_a_killed_run_leaves_no_shard_under_a_final_name(tmp_path: Path, make_mp4):
    for number in range(20):
        make_mp4(tmp_path / "videos" / f"{number}.mp4", num_frames=200, seed=number)
    out = tmp_path / "out"
    program = (
        "import sys, apache_beam as beam; from mocogan.data.config import IngestConfig\n"
        "from mocogan.components.video_example_gen.ingest import ingest\n"
        "ingest(sys.argv[1], IngestConfig(num_frames=4, size=64), sys.argv[2], sys.argv[2],"
        " lambda: beam.Pipeline(argv=['--runner=FnApiRunner']))"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "videos"), str(out)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, text=True)
    wait_until(lambda: list(out.glob("ingest-*.partial/*.gz")), process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not list(out.glob("Split-*/*"))
    assert not (out / "ingest_report.json").exists()
    run_ingest(tmp_path / "videos", out)
    assert not list(out.glob("*.partial"))
    assert sum(map(len, hashes(out).values())) == 20 * 50
