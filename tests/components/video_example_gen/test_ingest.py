"""The whole ingest, on every Beam runner that can be had here."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import apache_beam as beam
import pytest

from mocogan.components.video_example_gen.folders import OutputRefused, claimed
from mocogan.components.video_example_gen.ingest import ingest
from mocogan.components.video_example_gen.report.ingest_report import (
    NoUsableVideos,
    TooManyRejected,
)
from mocogan.data.config import IngestConfig
from mocogan.data.source import listing
from mocogan.data.source.folder_contents import FolderContents
from mocogan.data.source.source_files import SOURCE_FILES, source_lines
from tests.support.records import read_records, record_video_id
from tests.support.waiting import wait_until

CONFIG = IngestConfig(num_frames=4, size=16, eval_fraction=0.4)
LOCAL = ("--runner=FnApiRunner",)


def run(
    folder: Path | str, out: Path | str, config: IngestConfig = CONFIG, flags: Sequence[str] = LOCAL
) -> Any:
    return ingest(str(folder), config, str(out), str(out), lambda: beam.Pipeline(argv=list(flags)))


def hashes(out: Path) -> dict[str, list[str]]:
    """Sorted hashes of each split's records."""
    found = {}
    for split in sorted(out.glob("Split-*")):
        records = []
        for path in split.glob("*.gz"):
            records += [hashlib.sha256(record).hexdigest() for record in read_records(path)]
        found[split.name] = sorted(records)
    return found


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory, make_mp4: Callable[..., Path]) -> Path:
    """Twelve good films in two classes, a copy, text, an empty file, a link that leaves, a pipe."""
    folder = tmp_path_factory.mktemp("videos")
    for number in range(12):
        make_mp4(folder / f"class{number % 2}" / f"{number:02d}.mp4", num_frames=13, seed=number)
    (folder / "class0" / "copy.mp4").write_bytes((folder / "class0" / "00.mp4").read_bytes())
    (folder / "text.mp4").write_text("this is not a video")
    (folder / "empty.mp4").touch()
    (folder / "passwd.mp4").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe.mp4")
    return folder


@pytest.fixture(scope="module")
def one_video(tmp_path_factory: pytest.TempPathFactory, make_mp4: Callable[..., Path]) -> Path:
    """A folder with one film, for what does not depend on how many there are."""
    folder = tmp_path_factory.mktemp("one_video")
    make_mp4(folder / "one.mp4", num_frames=4)
    return folder


@pytest.fixture(scope="module")
def in_memory(videos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the in-memory runner makes of them."""
    out = tmp_path_factory.mktemp("in_memory")
    run(videos, out)
    return out


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
    run(tmp_path / "videos", tmp_path / "out")  # in this process
    assert folders == [str(tmp_path / "videos")]


def test_the_page_shows_clips_of_every_class_and_the_files_that_have_copies(in_memory: Path):
    page = (in_memory / "ingest_report.html").read_text()
    moving, copied = 12, 1
    assert page.count("data:image/webp;base64,") == 2 * moving + copied  # a still beside each
    assert page.count("<article>") == 2
    report = json.loads((in_memory / "ingest_report.json").read_text())
    assert report["duplicates"] == [{"kept": "class0/00.mp4", "copies": ["class0/copy.mp4"]}]
    assert not list(in_memory.glob("thumbnails*"))


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
    report = run(videos, tmp_path, flags=[*LOCAL, *flags])
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
        run(videos, tmp_path, flags=flags)
    assert hashes(tmp_path) == hashes(in_memory)


def test_an_earlier_ingest_is_replaced(videos: Path, one_video: Path, tmp_path: Path):
    run(videos, tmp_path)
    run(one_video, tmp_path)
    assert [len(records) for records in hashes(tmp_path).values()] == [0, 1]
    assert len(list(tmp_path.glob("videos-*.jsonl"))) == 1


def test_more_rejected_files_than_allowed_leave_a_report_and_no_clips(videos: Path, tmp_path: Path):
    with pytest.raises(TooManyRejected, match=r"5 of 17 files .*max_rejected_ratio"):
        run(videos, tmp_path, CONFIG.model_copy(update={"max_rejected_ratio": 0.2}))
    assert json.loads((tmp_path / "ingest_report.json").read_text())["videos"]["accepted"] == 12
    assert hashes(tmp_path) == {"Split-eval": [], "Split-train": []}


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
        run(one_video, tmp_path)
    assert [(tmp_path / name).read_text() for name in foreign] == ["mine"] * 4


def test_a_foreign_file_among_the_clips_is_refused(one_video: Path, tmp_path: Path):
    run(one_video, tmp_path)
    before = hashes(tmp_path)
    (tmp_path / "Split-train/film.mp4").write_text("mine")
    with pytest.raises(OutputRefused, match=r"Split-train/film.mp4' was not written by an ingest"):
        run(one_video, tmp_path)
    (tmp_path / "Split-train/film.mp4").unlink()
    assert hashes(tmp_path) == before


@pytest.mark.parametrize("name", ["clips [v2]", "clips*", "what?", "caf\udce9"])
def test_an_output_folder_that_is_a_pattern_is_refused(videos: Path, tmp_path: Path, name: str):
    with pytest.raises(OutputRefused, match="Choose another name"):
        run(videos, tmp_path / name)
    assert not (tmp_path / name).exists()


def test_flags_that_beam_refuses_cost_nothing(one_video: Path, tmp_path: Path):
    run(one_video, tmp_path)
    before = hashes(tmp_path)
    with pytest.raises(ValueError, match="NoSuchRunner"):
        run(one_video, tmp_path, flags=["--runner=NoSuchRunner"])
    assert hashes(tmp_path) == before
    assert (tmp_path / "ingest_report.json").exists()


def test_two_ingests_do_not_share_an_output_folder(one_video: Path, tmp_path: Path):
    with claimed(str(tmp_path)), pytest.raises(OutputRefused, match="another ingest"):
        run(one_video, tmp_path)
    run(one_video, tmp_path)


def test_no_usable_video_leaves_a_report(tmp_path: Path):
    folder, out = tmp_path / "videos", tmp_path / "out"
    folder.mkdir()
    (folder / "a.mp4").write_text("this is not a video")
    with pytest.raises(NoUsableVideos, match=r"1 of 1 files were rejected \(a.mp4: bad_format"):
        run(folder, out)
    assert (out / "ingest_report.html").exists()


def test_a_manifest_gives_label_and_caption(tmp_path: Path, make_mp4):
    make_mp4(tmp_path / "videos" / "a.mp4", num_frames=4)
    (tmp_path / "videos" / "labels.csv").write_text('file,label,caption\na.mp4,walk,"up, down"\n')
    report = run(tmp_path / "videos", tmp_path / "out")
    assert report["labels"] == {"walk": 1}
    (shard,) = (tmp_path / "out/Split-train").iterdir()
    (record,) = read_records(shard)
    assert b"up, down" in record


def test_splits_and_groups_of_a_manifest_are_kept(tmp_path: Path, make_mp4):
    folder = tmp_path / "videos"
    for number in range(6):
        make_mp4(folder / f"{number}.mp4", num_frames=4, seed=number)
    rows = ["0,train,", "1,val,", "2,val,a", "3,,a", "4,test,", "5,train,b"]
    lines = [f"{row.partition(',')[0]}.mp4,{row.partition(',')[2]}" for row in rows]
    (folder / "labels.csv").write_text("file,split,group\n" + "\n".join(lines))

    report = run(folder, tmp_path / "out")

    assert ids_of(tmp_path / "out") == {
        "train": {b"0.mp4", b"5.mp4"},
        "eval": {b"1.mp4", b"2.mp4", b"3.mp4"},
    }
    assert report["splits"]["eval"] == {"videos": 3, "clips": 3}
    assert report["notes"][0].startswith("the test split (1 video) is left out")


@pytest.mark.parametrize("eval_fraction", [0.05, 0.5, 0.95])
def test_a_group_never_spans_splits(tmp_path: Path, make_mp4, eval_fraction: float):
    folder = tmp_path / "UCF-101"
    for group in range(4):
        for cut in range(3):
            name = f"v_Archery_g{group:02d}_c{cut:02d}.mp4"
            make_mp4(folder / "Archery" / name, num_frames=4, seed=3 * group + cut)

    report = run(
        folder, tmp_path / "out", CONFIG.model_copy(update={"eval_fraction": eval_fraction})
    )

    assert report["dataset"] == "UCF101, 1 classes, no official list"
    groups = {
        split: {video_id.rpartition(b"_c")[0] for video_id in ids}
        for split, ids in ids_of(tmp_path / "out").items()
    }
    assert groups["train"]
    assert groups["eval"]
    assert not groups["train"] & groups["eval"]


def test_videos_in_archives_give_the_clips_of_the_files(
    videos: Path, in_memory: Path, tmp_path: Path
):
    folder = tmp_path / "packed"
    folder.mkdir()
    names = [path for path in videos.rglob("*.mp4") if path.is_file() and not path.is_symlink()]
    with tarfile.open(folder / "videos.tar.gz", "w:gz") as archive:
        for path in names:
            archive.add(path, path.relative_to(videos))

    report = run(folder, tmp_path / "out")

    assert (report["videos"]["accepted"], report["clips"]) == (12, 36)
    assert report["rejected_by_code"] == {"bad_format": 1, "duplicate": 1, "empty_file": 1}
    assert report["labels"] == {"class0": 18, "class1": 18}


def ids_of(out: Path) -> dict[str, set[bytes]]:
    """The ids of the videos in each split."""
    return {
        split: {
            record_video_id(record)
            for path in (out / f"Split-{split}").glob("*.gz")
            for record in read_records(path)
        }
        for split in ("train", "eval")
    }


def test_videos_on_a_remote_file_system(
    videos: Path, in_memory: Path, tmp_path: Path, memory_store: ModuleType
):
    for path in videos.rglob("*.mp4"):
        if path.is_file() and not path.is_symlink():
            memory_store.put(f"mem://bucket/videos/{path.relative_to(videos)}", path.read_bytes())
    run("mem://bucket/videos", tmp_path)
    assert hashes(tmp_path) == hashes(in_memory)


def test_clips_to_a_remote_file_system(
    videos: Path, in_memory: Path, tmp_path: Path, memory_store: ModuleType
):
    run(videos, "mem://bucket/out")
    run(videos, "mem://bucket/out")  # replaces
    for address, stored in memory_store.OBJECTS.items():
        path = tmp_path / address.removeprefix("mem://bucket/out/")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(stored.content)
    assert hashes(tmp_path) == hashes(in_memory)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in in_memory.iterdir()}


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
    run(tmp_path / "videos", out)
    assert not list(out.glob("*.partial"))
    assert sum(map(len, hashes(out).values())) == 20 * 50


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
