"""Ingests into a folder that holds an earlier one: they end as from nothing, and decode only what they must."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mocogan.components.video_example_gen.outcomes import VideoOutcome
from tests.support.ingests import CONFIG, hashes, run_ingest
from tests.support.small_disk import fill, small_disk
from tests.support.waiting import wait_until

__all__ = ["small_disk"]  # a fixture

MakeVideo = Callable[..., Path]
Change = Callable[[Path, MakeVideo], object]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, make_mp4: MakeVideo) -> Path:
    """`videos`: six videos in two classes, a copy, text, an empty file. `out`: an ingest of them."""
    folder = tmp_path_factory.mktemp("again")
    for number in range(6):
        make_mp4(
            folder / "videos" / f"class{number % 2}" / f"{number}.mp4", 9 + number, seed=number
        )
    shutil.copy2(folder / "videos/class0/0.mp4", folder / "videos/class0/copy.mp4")
    (folder / "videos/text.mp4").write_text("this is not a video")
    (folder / "videos/empty.mp4").touch()
    run_ingest(folder / "videos", folder / "out")
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of `made` that may be changed. Times stay, to the nanosecond."""
    shutil.copytree(made, tmp_path / "copy")
    return tmp_path / "copy"


def add(videos: Path, make_mp4: MakeVideo) -> None:
    make_mp4(videos / "class1/new.mp4", 14, seed=15)


def remove(videos: Path, make_mp4: MakeVideo) -> None:
    (videos / "class1/1.mp4").unlink()


def replace(videos: Path, make_mp4: MakeVideo) -> None:
    make_mp4(videos / "class0/2.mp4", 21, seed=16)


def rename(videos: Path, make_mp4: MakeVideo) -> None:
    (videos / "class1/3.mp4").rename(videos / "class0/renamed.mp4")


def touch(videos: Path, make_mp4: MakeVideo) -> None:
    os.utime(videos / "class0/4.mp4")


def relabel(videos: Path, make_mp4: MakeVideo) -> None:
    rows = ["file,label,caption,group", "class1/5.mp4,walk,hello,a", "class0/4.mp4,walk,,a"]
    (videos / "labels.csv").write_text("\n".join(rows))


def all_at_once(videos: Path, make_mp4: MakeVideo) -> None:
    for change in (add, remove, replace, rename, touch, relabel):
        change(videos, make_mp4)


def remove_the_original(videos: Path, make_mp4: MakeVideo) -> None:
    (videos / "class0/0.mp4").unlink()


def copy_before_the_original(videos: Path, make_mp4: MakeVideo) -> None:
    shutil.copy2(videos / "class1/1.mp4", videos / "class0/0-of-1.mp4")


def leave_one(videos: Path, make_mp4: MakeVideo) -> None:
    for path in videos.rglob("*.mp4"):
        if path.name != "2.mp4":
            path.unlink()


def change_nothing(videos: Path, make_mp4: MakeVideo) -> None:
    pass


def comparable(report: dict[str, Any]) -> dict[str, Any]:
    """The report without what an ingest from nothing has not."""
    report = json.loads(json.dumps(report)) | {"taken_over_from": "", "source": ""}
    report["videos"] |= {"taken_over": 0, "decoded": 0}
    report["notes"] = [note for note in report["notes"] if "earlier ingest" not in note]
    return report


def outcomes(out: Path) -> list[VideoOutcome]:
    (path,) = out.glob("videos-*.jsonl")
    found = map(VideoOutcome.from_json, path.read_text().splitlines())
    return sorted(found, key=lambda outcome: outcome.video_id)


@pytest.mark.parametrize(
    ("change", "decoded"),
    [
        pytest.param(all_at_once, 2, id="all at once"),
        *(
            pytest.param(change, decoded, id=change.__name__, marks=pytest.mark.exhaustive)
            for change, decoded in [
                (add, 1),
                (remove, 0),
                (replace, 1),
                (rename, 0),
                (touch, 0),
                (relabel, 0),
                (remove_the_original, 0),
                (copy_before_the_original, 0),
                (leave_one, 0),
                (change_nothing, 0),
            ]
        ),
    ],
)
def test_the_records_and_the_report_are_those_of_an_ingest_from_nothing(
    folder: Path, make_mp4: MakeVideo, change: Change, decoded: int
):
    change(folder / "videos", make_mp4)
    again = run_ingest(folder / "videos", folder / "out")
    anew = run_ingest(folder / "videos", folder / "anew")
    assert hashes(folder / "out") == hashes(folder / "anew")
    assert comparable(again) == comparable(anew)
    assert again["videos"]["decoded"] == decoded
    assert again["videos"]["taken_over"] + decoded == anew["videos"]["decoded"]
    assert {path.name for path in (folder / "out").iterdir()} == {
        path.name for path in (folder / "anew").iterdir()
    }
    pages = [(folder / name / "ingest_report.html").read_text() for name in ("out", "anew")]
    assert pages[0].count("data:image/webp") == pages[1].count("data:image/webp")


@pytest.mark.exhaustive
def test_other_splits_and_limits_decode_nothing(folder: Path):
    config = CONFIG.model_copy(update={"eval_fraction": 0.8, "max_rejected_ratio": 0.9})
    again = run_ingest(folder / "videos", folder / "out", config)
    run_ingest(folder / "videos", folder / "anew", config)
    assert again["videos"]["decoded"] == 0
    assert hashes(folder / "out") == hashes(folder / "anew")


@pytest.mark.exhaustive
def test_other_settings_decode_all_and_say_which(folder: Path):
    config = CONFIG.model_copy(update={"num_frames": 5})
    lines: list[str] = []
    again = run_ingest(folder / "videos", folder / "out", config, tell=lines.append)
    assert "settings have changed: ingest.num_frames: 4, now 5" in lines[0]
    assert again["videos"]["taken_over"] == 0
    run_ingest(folder / "videos", folder / "anew", config)
    assert hashes(folder / "out") == hashes(folder / "anew")


@pytest.mark.exhaustive
def test_force_decodes_all(folder: Path):
    again = run_ingest(folder / "videos", folder / "out", force=True)
    assert (again["videos"]["decoded"], again["videos"]["taken_over"]) == (8, 0)


@pytest.mark.exhaustive
def test_a_video_replaced_under_the_same_name_size_and_time_is_found_by_content(
    folder: Path, make_mp4: MakeVideo
):
    video = folder / "videos/class0/2.mp4"
    before, status = hashes(folder / "out"), video.stat()
    make_mp4(video, 5, seed=19)
    assert video.stat().st_size < status.st_size
    with video.open("ab") as file:  # mp4 players skip a `free` box
        padding = status.st_size - video.stat().st_size
        file.write(padding.to_bytes(4, "big") + b"free" + bytes(padding - 8))
    os.utime(video, ns=(status.st_atime_ns, status.st_mtime_ns))

    by_time = run_ingest(folder / "videos", folder / "out")
    assert by_time["videos"]["decoded"] == 0  # it did not look into the file
    assert hashes(folder / "out") == before

    config = CONFIG.model_copy(update={"check": "content"})
    by_content = run_ingest(folder / "videos", folder / "out", config)
    run_ingest(folder / "videos", folder / "anew")
    assert by_content["videos"]["decoded"] == 2  # an empty file has no content to compare
    assert hashes(folder / "out") == hashes(folder / "anew")


def leave_unfinished(folder: Path) -> None:
    """Makes the output what an ingest leaves that is killed while it decodes."""
    out, unfinished = folder / "out", folder / "out" / f"ingest-{'a' * 32}.partial"
    unfinished.mkdir()
    report = json.loads((out / "ingest_report.json").read_text())
    (unfinished / "settings.json").write_text(json.dumps(report["clip_settings"]))
    lines = []
    for number, split in enumerate(("train", "eval")):
        (shard,) = (out / f"Split-{split}").iterdir()
        name = f"{'b' * 32}-{number:06d}.gz"
        shard.rename(unfinished / name)
        os.truncate(unfinished / name, (unfinished / name).stat().st_size - 200)
        lines += [
            outcome.to_json().replace(f"Split-{split}/{shard.name}", name)
            for outcome in outcomes(out)
            if any(split in segment.shard for segment in outcome.segments)
        ]
    (unfinished / f"{'b' * 32}-000002.journal").write_text("\n".join(lines) + '\n{"video_id": "cl')
    for path in out.iterdir():
        if path.is_file():
            path.unlink()


def test_an_unfinished_ingest_is_continued_and_clips_that_were_lost_are_made_again(
    made: Path, folder: Path
):
    leave_unfinished(folder)
    lines: list[str] = []
    report = run_ingest(folder / "videos", folder / "out", tell=lines.append)
    assert lines == ["continuing an unfinished ingest: 4 videos are done"]
    assert report["videos"]["decoded"] == 4  # the last video of each shard, and the rejected ones
    assert hashes(folder / "out") == hashes(made / "out")
    assert not list((folder / "out").glob("*.partial"))


@pytest.mark.exhaustive
@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_ingest_is_continued(tmp_path: Path, make_mp4: MakeVideo, workers: int):
    for number in range(30):
        make_mp4(tmp_path / f"videos/{number}.mp4", 120, seed=number)
    program = (
        "import sys, apache_beam as beam\n"
        "from mocogan.components.video_example_gen.ingest import ingest\n"
        "from tests.support.ingests import CONFIG, LOCAL\n"
        "ingest(sys.argv[1], CONFIG, sys.argv[2], sys.argv[2],"
        " lambda: beam.Pipeline(argv=[*LOCAL, *sys.argv[3:]]))"
    )
    flags = [f"--direct_num_workers={workers}"]
    flags += ["--direct_running_mode=multi_processing"] if workers > 1 else []
    out = tmp_path / "out"
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "videos"), str(out), *flags],
        stderr=subprocess.DEVNULL,
        text=True,
    )

    def noted() -> int:
        journals = out.glob("ingest-*.partial/*.journal")
        return sum(path.read_bytes().count(b"\n") for path in journals)

    wait_until(lambda: noted() >= 10, process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (out / "ingest_report.json").exists()
    report = run_ingest(tmp_path / "videos", out)
    assert report["videos"]["taken_over"] >= 10
    assert report["videos"]["decoded"] <= 20
    anew = run_ingest(tmp_path / "videos", tmp_path / "anew")
    assert hashes(out) == hashes(tmp_path / "anew")
    assert comparable(report) == comparable(anew)


@pytest.mark.exhaustive
def test_a_full_disk_leaves_the_earlier_ingest_whole(
    made: Path, small_disk: Path, make_mp4: MakeVideo
):
    shutil.copytree(made / "videos", small_disk / "videos")
    shutil.copytree(made / "out", small_disk / "out")
    for number in range(3):
        make_mp4(small_disk / f"videos/class1/more{number}.mp4", 200, seed=number)
    filler = fill(small_disk)
    with pytest.raises((OSError, RuntimeError)):
        run_ingest(small_disk / "videos", small_disk / "out")
    assert hashes(small_disk / "out") == hashes(made / "out")
    assert (small_disk / "out/ingest_report.json").stat().st_size
    filler.unlink()
    report = run_ingest(small_disk / "videos", small_disk / "out")
    assert (report["videos"]["taken_over"], report["videos"]["decoded"]) == (8, 3)
    assert not list((small_disk / "out").glob("*.partial"))


@pytest.mark.exhaustive
def test_a_damaged_shard_is_made_again(made: Path, folder: Path):
    (shard,) = (folder / "out/Split-train").iterdir()
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)
    report = run_ingest(folder / "videos", folder / "out")
    assert report["videos"]["decoded"] == 1
    assert hashes(folder / "out") == hashes(made / "out")


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", ["other", "out"])  # without and with an earlier ingest
def test_finished_videos_outlive_too_many_rejected_ones(folder: Path, made: Path, name: str):
    out, strict = folder / name, CONFIG.model_copy(update={"max_rejected_ratio": 0.1})
    with pytest.raises(ValueError, match="max_rejected_ratio"):
        run_ingest(folder / "videos", out, strict)
    assert not list(out.glob("Split-*/*"))
    report = run_ingest(folder / "videos", out)
    assert report["videos"]["decoded"] == 0
    assert hashes(out) == hashes(made / "out")
    assert not list(out.glob("*.partial"))


@pytest.mark.exhaustive
def test_nothing_is_lost_if_an_ingest_cannot_be_noted_for_later_ones(
    one_video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*folders: str) -> None:
        raise OSError("No space left on device")

    root = str(tmp_path / "root")
    with monkeypatch.context() as patched:
        patched.setattr("mocogan.components.video_example_gen.ingest.note_ingest", full)
        with pytest.raises(OSError, match="No space"):
            run_ingest(one_video, tmp_path / "1", resume_root=root)
    shutil.rmtree(tmp_path / "1")  # as TFX deletes the outputs of a failed execution
    report = run_ingest(one_video, tmp_path / "2", resume_root=root)
    assert report["videos"]["decoded"] == 0
