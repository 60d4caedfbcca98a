from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from mocogan.data.synthetic.shapes import write_shape_motion
from mocogan.data.verbosity import QUIET_VARIABLE
from mocogan.pipeline.cli.main import cli
from tests.support.commands import MOCOGAN, Refused
from tests.support.waiting import HANG_SECONDS, wait_until


def test_ingest_makes_clips_and_a_report_without_tfx(tmp_path: Path):
    """Names from the data folder cannot command the terminal, which shows ASCII only."""
    write_shape_motion(tmp_path / "videos", num_videos=3, seed=0, num_frames=8, size=16)
    (tmp_path / "videos" / "\x1b[31mred\nvideos    9 of 9.mp4").write_text("no video")
    out = tmp_path / "caf\xe9"
    small = ("--set", "ingest.num_frames=4", "--set", "ingest.size=16")
    done = subprocess.run(
        [MOCOGAN, "ingest", tmp_path / "videos", "--out", out, *small],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 0, done.stderr
    assert b"VideoExampleGen: 4/4 videos" in done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith(b"data set  ")
    assert lines[1] == b"videos    3 of 4 accepted, 1 rejected"
    assert lines[2].startswith(rb"          \x1b[31mred\nvideos    9 of 9.mp4: bad_format: ")
    assert b"\x1b" not in done.stdout
    assert lines[-1].startswith(b"ingest ")
    assert lines[-1].endswith(b"/ingest_report.html")
    report = json.loads((out / "ingest_report.json").read_text())
    assert (report["videos"]["accepted"], report["clips"]) == (3, 6)
    assert list((out / "Split-train").glob("*.gz"))
    assert list((out / "Split-eval").glob("*.gz"))


def test_ingest_with_too_many_rejected_files_ends_in_one_line(tmp_path: Path, refused: Refused):
    write_shape_motion(tmp_path / "videos", num_videos=1, seed=0, num_frames=8, size=16)
    (tmp_path / "videos" / "notes.txt").write_text("no video")
    *_, last = refused(
        *("ingest", str(tmp_path / "videos"), "--out", str(tmp_path / "out")),
        *("--set", "ingest.num_frames=4", "--set", "ingest.max_rejected_ratio=0.1"),
    )
    assert last.startswith("error: 1 of 2 files in ")
    assert "ingest.max_rejected_ratio" in last


@pytest.mark.parametrize("data", ["nowhere", "a_file"])
def test_ingest_of_no_folder_is_one_line(tmp_path: Path, refused: Refused, data: str):
    (tmp_path / "a_file").touch()
    (line,) = refused("ingest", str(tmp_path / data), "--out", str(tmp_path / "out"))
    assert line.startswith("error: ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["", "--out", "out"], "data is empty"),
        (["videos", "--out", ""], "out is empty"),
        (["videos", "--out", "videos"], "lies in data="),
        (["videos", "--out", "videos/out"], "lies in data="),
        (["videos", "--out", "a_file/out"], "a_file is a file"),
        (["--data", "videos", "--out", "a_file"], "a_file is a file"),
        (["videos", "--out", "out [1]"], "Choose another name"),
    ],
)
def test_ingest_refuses_harmful_folders(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Refused,
    arguments: list[str],
    said: str,
):
    monkeypatch.chdir(tmp_path)
    Path("a_file").touch()
    Path("videos").mkdir()
    Path("videos/notes.txt").write_text("mine")
    (line,) = refused("ingest", *arguments)
    assert line.startswith("error: ")
    assert said in line
    assert sorted(map(str, Path().rglob("*"))) == ["a_file", "videos", "videos/notes.txt"]


def test_ctrl_c_ends_in_one_line_and_leaves_no_process(tmp_path: Path):
    write_shape_motion(tmp_path / "videos", num_videos=50, seed=0, num_frames=64, size=64)
    ingest = subprocess.Popen(
        [MOCOGAN, "ingest", tmp_path / "videos", "--out", tmp_path / "out"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell that starts something in the background lets it ignore Ctrl-C, and that is handed on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    wait_until(lambda: list(tmp_path.glob("out/ingest-*.partial/*.gz")), ingest)
    os.killpg(ingest.pid, signal.SIGINT)
    _, said = ingest.communicate(timeout=HANG_SECONDS)
    assert ingest.returncode == 130, said
    assert said.splitlines()[-1] == "interrupted. The same command continues the ingest"
    assert not [line for line in said.splitlines() if "Traceback" in line]
    with pytest.raises(ProcessLookupError):
        os.killpg(ingest.pid, 0)
    assert not list(tmp_path.glob("out/Split-*/*"))


def test_the_data_set_can_be_chosen(tmp_path: Path, refused: Refused):
    write_shape_motion(tmp_path / "videos" / "train", num_videos=3, seed=0, num_frames=8, size=16)
    command = ["ingest", str(tmp_path / "videos"), "--out", str(tmp_path / "out"), "--dataset"]
    small = ("--set", "ingest.num_frames=4", "--set", "ingest.size=16")

    done = CliRunner().invoke(cli, [*command, "folder", *small])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("data set  folders of the first level are classes\n")
    report = json.loads((tmp_path / "out" / "ingest_report.json").read_text())
    assert list(report["labels"]) == ["train"]

    assert "ingest.dataset" in refused(*command, "ucf")[-1]


@pytest.mark.exhaustive
def test_a_second_ingest_takes_over_unless_it_is_forced(tmp_path: Path):
    write_shape_motion(tmp_path / "videos", num_videos=3, seed=0, num_frames=8, size=16)
    command = [MOCOGAN, "ingest", tmp_path / "videos", "--out", tmp_path / "out", "--json"]
    small = ("--set", "ingest.num_frames=4", "--set", "ingest.size=16")

    def again(*options: str) -> tuple[int, str]:
        done = subprocess.run([*command, *small, *options], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["videos"]["decoded"], done.stderr

    assert again()[0] == 3
    decoded, said = again()
    assert decoded == 0
    assert "taking over unchanged videos of an earlier ingest: 3 are known" in said
    assert again("--check", "content")[0] == 0
    decoded, said = again("--set", "ingest.frame_stride=2")
    assert decoded == 3
    assert "settings have changed: ingest.frame_stride: 1, now 2" in said
    assert again("--force")[0] == 3


def test_data_is_an_argument_or_an_option_and_not_two_folders(tmp_path: Path):
    result = CliRunner().invoke(
        cli, ["ingest", "one", "--data", "two", "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 2
    assert "DATA is one and --data is two. Give one of them." in result.output


@pytest.mark.exhaustive
def test_quiet_ingest_prints_the_result_alone_and_outlives_its_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_shape_motion(tmp_path / "videos", num_videos=3, seed=0, num_frames=8, size=16)
    folders = ["--data", str(tmp_path / "videos"), "--out", str(tmp_path / "out")]
    small = ("--set", "ingest.num_frames=4", "--set", "ingest.size=16")
    command = ["ingest", *folders, *small, "-q"]

    monkeypatch.setenv(QUIET_VARIABLE, "")  # the command sets it
    done = CliRunner().invoke(cli, [*command, "--json"])
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(done.stdout) == json.loads((tmp_path / "out/ingest_report.json").read_text())

    (tmp_path / "out" / "ingest_report.json").unlink()
    with subprocess.Popen(
        [MOCOGAN, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as piped:
        assert piped.stdout
        assert piped.stderr
        piped.stdout.close()
        assert piped.stderr.read() == b""
    assert piped.returncode == 0
    assert (tmp_path / "out" / "ingest_report.json").exists()
