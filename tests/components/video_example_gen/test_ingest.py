"""The whole ingest, on every Beam runner that can be had here."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from mocogan.components.video_example_gen.report.ingest_report import (
    NoUsableVideos,
    TooManyRejected,
)
from mocogan.data.source import listing
from mocogan.data.source.folder_contents import FolderContents
from mocogan.data.source.source_files import SOURCE_FILES, source_lines
from tests.support.ingests import CONFIG, LOCAL, hashes, run_ingest
from tests.support.records import read_records, record_video_id
from tests.support.waiting import wait_until


def test_every_file_has_one_outcome(in_memory: Path, videos: Path):
    report = json.loads((in_memory / "ingest_report.json").read_text())
    assert {entry["path"]: entry["code"] for entry in report["videos"]["rejected"]} == {
        "class0/copy.mp4": "duplicate",
        "empty.mp4": "empty_file",
        "passwd.mp4": "path_escape",
        "pipe.mp4": "not_a_file",
        "text.mp4": "bad_format",
    }
    assert (report["videos"]["found"], report["videos"]["accepted"]) == (17, 12)
    assert report["clips"] == 36
    (outcomes,) = in_memory.glob("videos-*.jsonl")
    written_ids = [json.loads(line)["video_id"] for line in outcomes.read_text().splitlines()]
    expected = [path for path in videos.rglob("*") if path.is_symlink() or not path.is_dir()]
    assert sorted(written_ids) == sorted(str(path.relative_to(videos)) for path in expected)


def test_the_source_files_are_listed_by_size_and_time(in_memory: Path, videos: Path):
    lines = (in_memory / SOURCE_FILES).read_text().splitlines()
    assert lines == list(source_lines(listing.read_folder(str(videos))))
    entries = {name: identity for name, *identity in map(json.loads, lines)}
    assert len(entries) == 17
    status = (videos / "class0" / "00.mp4").stat()
    assert entries["class0/00.mp4"] == [status.st_size, status.st_mtime_ns]
    assert entries["pipe.mp4"] == ["not_a_file"]


def test_the_data_folder_is_read_once(tmp_path: Path, make_mp4, monkeypatch: pytest.MonkeyPatch):
    make_mp4(tmp_path / "videos" / "a.mp4", num_frames=4)
    read_folder, folders = listing.read_folder, []

    def note_and_read(folder: str) -> FolderContents:
        folders.append(folder)
        return read_folder(folder)

    monkeypatch.setattr(listing, "read_folder", note_and_read)
    run_ingest(tmp_path / "videos", tmp_path / "out")  # in this process
    assert folders == [str(tmp_path / "videos")]


def test_the_page_shows_clips_of_every_class_and_the_files_that_have_copies(in_memory: Path):
    page = (in_memory / "ingest_report.html").read_text()
    moving, copied = 12, 1
    assert page.count("data:image/webp;base64,") == 2 * moving + copied  # a still beside each
    assert page.count("<article>") == 2
    report = json.loads((in_memory / "ingest_report.json").read_text())
    assert report["duplicates"] == [{"kept": "class0/00.mp4", "copies": ["class0/copy.mp4"]}]


def test_splits_hold_whole_videos_and_what_the_report_says(in_memory: Path):
    report = json.loads((in_memory / "ingest_report.json").read_text())
    ids = {}
    for split in ("train", "eval"):
        records = []
        for path in (in_memory / f"Split-{split}").glob("*.gz"):
            records += read_records(path)
        assert len(records) == report["splits"][split]["clips"] > 0
        ids[split] = {record_video_id(record) for record in records}
        assert len(ids[split]) == report["splits"][split]["videos"]
    assert not ids["train"] & ids["eval"]


@pytest.mark.parametrize(
    "flags",
    [
        pytest.param(["--direct_runner_bundle_repeat=2"], id="repeated bundles"),
        pytest.param(
            ["--direct_num_workers=2", "--direct_running_mode=multi_processing"],
            id="two worker processes",
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_other_local_runners_give_the_same(
    videos: Path, in_memory: Path, tmp_path: Path, flags: list[str]
):
    report = run_ingest(videos, tmp_path, flags=[*LOCAL, *flags])
    assert hashes(tmp_path) == hashes(in_memory)
    assert report == json.loads((in_memory / "ingest_report.json").read_text())


@pytest.mark.exhaustive
def test_a_job_service_with_workers_of_its_own_gives_the_same(
    videos: Path, in_memory: Path, tmp_path: Path
):
    with (
        _service("apache_beam.runners.portability.local_job_service_main", "--port") as job,
        _service("apache_beam.runners.worker.worker_pool_main", "--service_port") as pool,
    ):
        flags = [
            "--runner=PortableRunner",
            f"--job_endpoint=localhost:{job}",
            "--environment_type=EXTERNAL",
            f"--environment_config=localhost:{pool}",
        ]
        run_ingest(videos, tmp_path, flags=flags)
    assert hashes(tmp_path) == hashes(in_memory)


def test_more_rejected_files_than_allowed_leave_a_report_and_no_clips(videos: Path, tmp_path: Path):
    with pytest.raises(TooManyRejected, match=r"5 of 17 files .*max_rejected_ratio"):
        run_ingest(videos, tmp_path, CONFIG.model_copy(update={"max_rejected_ratio": 0.2}))
    assert json.loads((tmp_path / "ingest_report.json").read_text())["videos"]["accepted"] == 12
    assert not list(tmp_path.glob("Split-*/*"))


def test_no_usable_video_leaves_a_report(tmp_path: Path):
    folder, out = tmp_path / "videos", tmp_path / "out"
    folder.mkdir()
    (folder / "a.mp4").write_text("this is not a video")
    with pytest.raises(NoUsableVideos, match=r"1 of 1 files were rejected \(a.mp4: bad_format"):
        run_ingest(folder, out)
    assert (out / "ingest_report.html").exists()


def test_a_manifest_gives_label_and_caption(tmp_path: Path, make_mp4):
    make_mp4(tmp_path / "videos" / "a.mp4", num_frames=4)
    (tmp_path / "videos" / "labels.csv").write_text('file,label,caption\na.mp4,walk,"up, down"\n')
    report = run_ingest(tmp_path / "videos", tmp_path / "out")
    assert report["labels"] == {"walk": 1}
    (shard,) = (tmp_path / "out/Split-train").iterdir()
    (record,) = read_records(shard)
    assert b"up, down" in record


def test_videos_in_archives_give_the_clips_of_the_files(
    videos: Path, in_memory: Path, tmp_path: Path
):
    folder = tmp_path / "packed"
    folder.mkdir()
    names = [path for path in videos.rglob("*.mp4") if path.is_file() and not path.is_symlink()]
    with tarfile.open(folder / "videos.tar.gz", "w:gz") as archive:
        for path in names:
            archive.add(path, path.relative_to(videos))

    report = run_ingest(folder, tmp_path / "out")

    assert (report["videos"]["accepted"], report["clips"]) == (12, 36)
    assert report["rejected_by_code"] == {"bad_format": 1, "duplicate": 1, "empty_file": 1}
    assert report["labels"] == {"class0": 18, "class1": 18}


def test_videos_on_a_remote_file_system(
    videos: Path, in_memory: Path, tmp_path: Path, memory_store: ModuleType
):
    for path in videos.rglob("*.mp4"):
        if path.is_file() and not path.is_symlink():
            memory_store.put(f"mem://bucket/videos/{path.relative_to(videos)}", path.read_bytes())
    run_ingest("mem://bucket/videos", tmp_path)
    assert hashes(tmp_path) == hashes(in_memory)


def test_clips_to_a_remote_file_system(
    videos: Path, in_memory: Path, tmp_path: Path, memory_store: ModuleType
):
    run_ingest(videos, "mem://bucket/out")
    run_ingest(videos, "mem://bucket/out")  # replaces
    for address, stored in memory_store.OBJECTS.items():
        path = tmp_path / address.removeprefix("mem://bucket/out/")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(stored.content)
    assert hashes(tmp_path) == hashes(in_memory)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in in_memory.iterdir()}


@contextmanager
def _service(module: str, port_flag: str) -> Iterator[int]:
    """A server of Beam's on a free port, up and listening."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", module, f"{port_flag}={port}"]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
    )
    try:
        wait_until(lambda: _listens(port), process)
        yield port
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("localhost", port)) == 0
