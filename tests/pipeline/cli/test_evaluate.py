"""`mocogan evaluate` on tiny models and clips: what it prints and writes, and its exit status."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from mocogan.components.video_evaluator.report import EvaluationReport
from mocogan.data.encoding.png_strip import decode_png_strips
from mocogan.data.synthetic.shapes import write_shape_motion
from mocogan.pipeline.cli.main import cli
from tests.support.commands import Refused

pytestmark = pytest.mark.slow

QUICK = ("--set", "evaluator.embedding_steps=0", "--set", "evaluator.gif_clips=3")
RESULT = ["evaluation.json", "galleries", "model_card.md", "report.html"]

Evaluate = Callable[..., Result]


@pytest.fixture(autouse=True)
def user(user_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user with an empty working directory."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(user_cache))
    monkeypatch.chdir(tmp_path)


def evaluate(status: int, *arguments: object) -> Result:
    result = CliRunner().invoke(cli, ["evaluate", *map(str, arguments), *QUICK])
    assert result.exit_code == status, result.output + repr(result.exception)
    return result


def report_in(folder: Path) -> EvaluationReport:
    return EvaluationReport.model_validate_json((folder / "evaluation.json").read_text("utf-8"))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_model_like_the_data_is_blessed(models: dict[str, str], ingested: Path, tmp_path: Path):
    result = evaluate(0, models["squares"], "--data", ingested)
    lines = result.stdout.splitlines()
    assert "16 generated clips beside 16 real clips of 16 videos of the eval split" in lines
    assert any(line.startswith("clip_distance  ") for line in lines)
    assert any(line.startswith("verdict: blessed: ") for line in lines)
    assert lines[-1] == f"report: {tmp_path}/evaluation/report.html"
    assert names(tmp_path) == ["evaluation"]
    assert names(tmp_path / "evaluation") == RESULT
    generated = decode_png_strips((tmp_path / "evaluation/galleries/generated.png").read_bytes())
    assert generated.shape == (3, 4, 16, 16, 3)
    assert report_in(tmp_path / "evaluation").verdict.blessed


def test_the_newest_version_beside_a_baseline_as_json(
    models: dict[str, str], ingested: Path, tmp_path: Path
):
    pushed = tmp_path / "serving_model"
    pushed.mkdir()
    (pushed / "5").symlink_to(models["squares"])
    (pushed / "12").symlink_to(models["still"])
    arguments = (pushed, "--data", ingested, "--baseline", models["squares"], "--json")
    result = evaluate(3, *arguments, "--out", "out")
    report = report_in(tmp_path / "out")
    assert json.loads(result.stdout) == report.model_dump(mode="json")
    failed = [check.name for check in report.verdict.checks if check.passed is False]
    assert "change" in failed  # the squares of version 12 stand still
    assert "baseline" in failed
    assert report.baseline is not None


def test_clips_are_measured_and_never_blessed(clip_folder: Path, ingested: Path, tmp_path: Path):
    result = evaluate(3, clip_folder, "--data", ingested, "--set", "evaluator.num_clips=12")
    report = report_in(tmp_path / "evaluation")
    assert "these are clips, not a model" in report.verdict.reason
    assert report.protocol.generated_clips == 12
    assert report.protocol.notes == ("12 of 16 clips were chosen at random",)
    assert "note: 12 of 16 clips were chosen at random" in result.stdout
    assert names(tmp_path / "evaluation") == RESULT


@pytest.mark.exhaustive
def test_ten_thousand_clips(ingested: Path, tmp_path: Path):
    random = np.random.default_rng(0)
    (tmp_path / "clips").mkdir()
    levels = random.integers(0, 256, (10_000, 1, 1, 1, 3), np.uint8)
    np.save(tmp_path / "clips" / "a.npy", np.broadcast_to(levels, (10_000, 4, 16, 16, 3)))
    evaluate(3, "clips", "--data", ingested)
    protocol = report_in(tmp_path / "evaluation").protocol
    assert protocol.generated_clips == 16
    assert protocol.notes == ("2048 of 10000 clips were chosen at random",)


def test_videos_are_cut_as_the_model_needs_and_the_clips_are_deleted(
    models: dict[str, str], tmp_path: Path
):
    write_shape_motion(tmp_path / "videos", num_videos=6, seed=0, num_frames=40, size=20)
    evaluate(3, models["described"], "--data", "videos", "--set", "ingest.eval_fraction=0.5")
    assert names(tmp_path) == ["evaluation", "videos"]
    assert names(tmp_path / "evaluation") == RESULT
    assert report_in(tmp_path / "evaluation").protocol.clip_shape == (4, 16, 16, 3)


@pytest.mark.exhaustive
def test_an_earlier_result_is_replaced(models: dict[str, str], ingested: Path, tmp_path: Path):
    earlier = tmp_path / "out" / "galleries"
    earlier.mkdir(parents=True)
    (earlier / "long.gif").touch()
    (tmp_path / "out" / "evaluation.json").write_text("{}")
    evaluate(0, models["squares"], "--data", ingested, "--out", "out")
    assert names(tmp_path / "out") == RESULT
    assert not (earlier / "long.gif").exists()


@pytest.mark.exhaustive
def test_features_are_kept_for_the_next_evaluation(
    clip_folder: Path, ingested: Path, user_cache: Path
):
    evaluate(3, clip_folder, "--data", ingested)
    kept = sorted(user_cache.rglob("*.npz"))
    assert kept
    assert {path.parent for path in kept} == {user_cache / "mocogan" / "evaluation"}
    before = [path.stat().st_ino for path in kept]
    evaluate(3, clip_folder, "--data", ingested)
    assert sorted(user_cache.rglob("*.npz")) == kept
    assert [path.stat().st_ino for path in kept] == before


@pytest.mark.exhaustive
def test_without_a_cache_folder_features_are_not_kept(
    clip_folder: Path, ingested: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "a_file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a_file"))
    evaluate(3, clip_folder, "--data", ingested)
    (note,) = report_in(tmp_path / "evaluation").protocol.notes
    assert note.startswith("features were not kept for the next evaluation: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere does not exist. Give a SavedModel or a folder of clips"),
        (["empty"], "empty contains no clips. Put NumPy arrays (.npy), videos, GIFs"),
        (["mine"], "mine/no\\x1btes.txt is not a clip: this is not a video in a supported format"),
        (["one"], "one contains one clip"),
        (["wide"], "contains clips of 4 frames of 16x16, but those of wide are 4 frames of 24x24"),
        (["long"], "contains clips of 4 frames of 16x16, but those of long are 6 frames of 16x16"),
        (["{foreign}"], "must take num_clips int32 and seed int64, but it takes {'x': 'float32'}"),
        (["{squares}", "--data", "nowhere"], "data folder '{here}/nowhere' does not exist"),
        (["{squares}", "--data", "empty"], "no files in '{here}/empty'"),
        (["{squares}", "--data", "mine"], "no usable video in '{here}/mine'"),
        (["{squares}", "--baseline", "mine"], "--baseline mine is not a SavedModel"),
        (["{clips}", "--baseline", "{squares}"], "Only a model is compared with --baseline"),
        (["{squares}", "--out", "mine"], "mine contains no\\x1btes.txt, which no evaluation wrote"),
        (["{squares}", "--out", "a_file"], "a_file is a file. Choose a folder"),
        (["{squares}", "--out", "a_file/out"], "a_file is a file"),
        (
            ["{squares}", "--out", "/proc/out"],
            "--out /proc/out cannot be written: No such file or directory",
        ),
        (["{squares}", "--out", "gs://bucket/out"], "--out must be a local folder"),
        (["{squares}", "--out", ""], "out is empty"),
        (["{squares}", "--set", "trainer.run.steps=5"], "must begin with evaluator. or ingest."),
        (["{squares}", "--set", "evaluator.clips=5"], "unknown key 'evaluator.clips'"),
        (["{squares}", "--set", "ingest.frame_stride=2"], "ingest.frame_stride has no effect"),
    ],
)
def test_an_error_is_one_line_and_writes_nothing(
    tmp_path: Path,
    refused: Refused,
    models: dict[str, str],
    clip_folder: Path,
    ingested: Path,
    arguments: list[str],
    said: str,
):
    for folder in ("empty", "mine", "one", "wide", "long"):
        (tmp_path / folder).mkdir()
    (tmp_path / "a_file").touch()
    (tmp_path / "mine" / "no\x1btes.txt").write_text("mine")
    np.save("one/clip.npy", np.zeros((4, 16, 16, 3), np.uint8))
    np.save("wide/clips.npy", np.zeros((2, 4, 24, 24, 3), np.uint8))
    np.save("long/clips.npy", np.zeros((2, 6, 16, 16, 3), np.uint8))
    before = sorted(tmp_path.rglob("*"))
    places = {**models, "clips": str(clip_folder)}
    given = [argument.format_map(places) for argument in arguments]
    data = [] if "--data" in given else ["--data", str(ingested)]
    *progress, line = refused("evaluate", *given, *data)
    assert all(shown.startswith("  ") for shown in progress)
    assert line.startswith("error: ")
    assert said.replace("{here}", str(tmp_path)) in line
    assert sorted(tmp_path.rglob("*")) == before


def test_a_full_disk_leaves_the_earlier_result(
    models: dict[str, str], ingested: Path, tmp_path: Path, refused: Refused
):
    """No file can be larger than one kilobyte, so the first GIF does not fit."""
    evaluate(0, models["squares"], "--data", ingested)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**10, hard))
    try:
        *_, line = refused("evaluate", models["squares"], "--data", str(ingested), *QUICK)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert line.startswith("error: ")
    assert "File too large" in line
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
