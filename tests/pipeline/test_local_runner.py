"""The whole pipeline, for real and tiny: the tfx command line, a real store, real mp4 files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import pytest
import tensorflow as tf
import yaml
from click.testing import CliRunner

import mocogan.pipeline.local_runner
from mocogan.data.synthetic.shapes import write_shape_motion
from mocogan.pipeline.check.files import check_leftovers
from mocogan.pipeline.check.finding import OK
from mocogan.pipeline.cli.main import cli
from mocogan.pipeline.config.loading import CONFIG_VARIABLE
from mocogan.pipeline.metadata.reader import MetadataReader
from mocogan.pipeline.metadata.runs import RunReader
from mocogan.pipeline.metadata.sqlite_store import SqliteStore
from mocogan.trainer.contract import read_model_description
from tests.support.browser import open_browser
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

NODES = [
    "VideoExampleGen",
    "StatisticsGen",
    "SchemaGen",
    "ExampleValidator",
    "Transform",
    "MoCoGanTrainer",
    "BaselineFinder",
    "VideoEvaluator",
    "ReportGen",
    "InfraValidator",
    "Pusher",
]
RUNNER = mocogan.pipeline.local_runner.__file__
SAMPLER = """
import sys, tensorflow as tf
assert not {"trainer", "data", "components", "pipeline", "tfx"} & set(sys.modules)
sample = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
draw = lambda seed: sample(num_clips=tf.constant(4), seed=tf.constant(seed, tf.int64))["clips"].numpy()
first, again, other = draw(7), draw(7), draw(8)
print(first.dtype, first.shape, (first == again).all(), (first == other).all())
first.tofile(sys.argv[2])
"""


class Run(NamedTuple):
    """A finished pipeline run; `states`: node -> COMPLETE, CACHED or FAILED."""

    status: int
    text: str
    states: dict[str, str]
    pushed: list[Path]


class Interrupted(NamedTuple):
    """Runs of one training: by SIGKILL, by SIGTERM, which saved so many steps, and with 5 more wanted, to the end."""

    project: Project
    killed: subprocess.CompletedProcess[str]
    stopped: subprocess.CompletedProcess[str]
    step: int
    raised: Run


class Project:
    """A user's folder: videos, a configuration, an output folder, the tfx command line's state."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.videos = folder / "videos"
        self.out = folder / "out"
        self.config = folder / "my.yaml"

    def configure(
        self, steps: int = 40, architecture: str = "palette", **checkpoint: object
    ) -> None:
        """Writes a configuration as small as possible, with a gate that lets an untrained model pass."""
        values = {
            "data": "videos",
            "out": "out",
            "ingest": {"num_frames": 4, "size": 16},
            "trainer": {
                "model": {"architecture": architecture, "base_channels": 4},
                # with penalties a step takes several times as long to trace
                "loss": {"r1_gamma": 0.0, "r2_gamma": 0.0},
                "optimizer": {"ema_decay": 0.0, "generator_learning_rate": 1e-2},
                "checkpoint": checkpoint,
                "run": {"steps": steps, "batch_size": 2},
            },
            "evaluator": {
                "num_clips": 8,
                "gif_clips": 4,
                "max_damage": 1e9,
                "max_memorized": 1.0,
                "embedding_steps": 0,
                "motion_control": False,
            },
        }
        self.config.write_text(yaml.safe_dump(values), encoding="utf-8")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command the way a user in another folder would."""
        return subprocess.run(
            arguments,
            env={
                **os.environ,
                CONFIG_VARIABLE: str(self.config),
                "LOCAL_HOME": str(self.folder / "tfx_home"),
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            },
            cwd="/",
            capture_output=True,
            text=True,
        )

    def run(self) -> Run:
        """Runs the pipeline as `tfx run create` does, without that command's own imports."""
        return self.finished(self.command(sys.executable, RUNNER))

    def mocogan_run(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self.command("mocogan", "run", "--config", str(self.config), *options)

    def killed_after(self, step: int, number: signal.Signals) -> subprocess.CompletedProcess[str]:
        """Runs the pipeline until its training has saved so many steps; then sends the signal."""
        process = subprocess.Popen(
            [sys.executable, RUNNER],
            env={**os.environ, CONFIG_VARIABLE: str(self.config)},
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_until(lambda: self.newest_step() >= step, process)
        process.send_signal(number)
        return subprocess.CompletedProcess([], process.wait(), *process.communicate())

    def newest_step(self) -> int:
        """That is saved of any training."""
        paths = (self.out / "checkpoints").glob("*/*.npz")
        return max((int(path.stem.removeprefix("step-")) for path in paths), default=-1)

    def finished(self, process: subprocess.CompletedProcess[str]) -> Run:
        """What a run that has just ended did."""
        store = self.out / "tfx_metadata/metadata.db"
        records = MetadataReader(SqliteStore(store)).newest_run() if store.exists() else {}
        return Run(
            status=process.returncode,
            text=process.stdout + process.stderr,
            states={node: record.execution.state for node, record in records.items()},
            pushed=sorted((self.out / "serving_model/mocogan").glob("*")),
        )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with eight small videos, configured and not yet run."""
    project = Project(tmp_path_factory.mktemp("project"))
    write_shape_motion(project.videos, num_videos=8, seed=0, num_frames=12, size=16)
    project.configure()
    return project


@pytest.fixture(scope="module")
def first(project: Project) -> Run:
    """The first run of it."""
    return project.run()


@pytest.fixture(scope="module")
def unchanged(project: Project, first: Run) -> Run:
    """The same once more, by the project's own command."""
    return project.finished(project.mocogan_run("--require-blessing"))


@pytest.fixture(scope="module")
def interrupted(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Interrupted:
    """Of another project, of one good video among bad files: killed, stopped and then brought to its end."""
    mixed = Project(tmp_path_factory.mktemp("mixed"))
    mixed.videos.mkdir()
    good = next(project.videos.rglob("*.mp4")).read_bytes()
    (mixed.videos / "good.mp4").write_bytes(good)
    (mixed.videos / "a.mp4").write_text("not a video")
    (mixed.videos / "empty.mp4").touch()
    (mixed.videos / "truncated.mp4").write_bytes(good[: len(good) // 2])
    mixed.configure(10000, "seed", interval=10, max_to_keep=1)
    killed = mixed.killed_after(20, signal.SIGKILL)
    stopped = mixed.killed_after(mixed.newest_step() + 20, signal.SIGTERM)
    assert "stopped by SIGTERM. Step " in stopped.stderr, stopped.stderr
    step = int(stopped.stderr.split("stopped by SIGTERM. Step ")[1].split()[0])
    mixed.configure(step + 5, "seed", interval=10, max_to_keep=1)
    return Interrupted(mixed, killed, stopped, step, mixed.run())


def assert_every_node_ran_once(run: Run) -> None:
    assert run.status == 0, run.text
    for node in NODES:
        assert run.text.count(f"/{len(NODES)}] {node} ") == 1
    assert run.states == dict.fromkeys(NODES, "COMPLETE")


def test_every_node_runs_once(first: Run):
    assert_every_node_ran_once(first)


@pytest.mark.exhaustive
def test_the_tfx_command_line_creates_and_runs_the_pipeline(project: Project, tmp_path: Path):
    other = Project(tmp_path)
    other.videos.symlink_to(project.videos)
    other.configure(architecture="seed")
    created = other.command(
        "tfx", "pipeline", "create", "--engine=local", f"--pipeline_path={RUNNER}"
    )
    assert created.returncode == 0, created.stderr
    assert 'Pipeline "mocogan" created successfully.' in created.stdout
    assert not [path for path in other.out.rglob("*") if path.is_file()], "it must run nothing"
    run = other.finished(
        other.command("tfx", "run", "create", "--engine=local", "--pipeline_name=mocogan")
    )
    assert_every_node_ran_once(run)
    assert len(run.pushed) == 1


@pytest.mark.skipif(
    metadata.version("tensorflow").startswith("2.21"),
    reason="TensorFlow 2.21 prints six lines when imported, whatever its log level (its issue 100442)",
)
def test_a_good_run_prints_only_what_a_user_can_use(first: Run):
    lines = first.text.splitlines()
    for noise in ("Warning", "absl", "INFO", "tensorflow/", "deprecated"):
        assert not [line for line in lines if noise in line]
    assert len(lines) < 46, first.text


def test_what_the_summary_names_exists(project: Project, first: Run):
    summary = dict(
        line.split(maxsplit=1) for line in first.text.splitlines() if len(line.split()) > 1
    )
    assert summary["videos"].startswith("8 of 8 accepted")
    assert summary["clips"].startswith("24 (")
    assert summary["metrics"].startswith("clip_distance ")
    assert summary["verdict"].startswith("blessed: ")
    assert summary["health"] == "early: 40 steps are too few for a diagnosis"
    for name in ("samples", "model", "metadata", "site"):
        assert Path(summary[name]).exists(), name
    assert Path(summary["samples"]).read_bytes().startswith(b"GIF89a")
    assert Path(summary["model"]) == first.pushed[0]


def test_the_pushed_model_samples_with_tensorflow_alone(first: Run, tmp_path: Path):
    command = [sys.executable, "-c", SAMPLER, str(first.pushed[0]), str(tmp_path / "clips")]
    printed = subprocess.run(command, cwd="/", capture_output=True, text=True, check=True).stdout
    assert printed == "uint8 (4, 4, 16, 16, 3) True False\n"

    sample = tf.saved_model.load(str(first.pushed[0])).signatures["serving_default"]
    clips = sample(num_clips=tf.constant(4), seed=tf.constant(7, tf.int64))["clips"].numpy()
    assert clips.tobytes() == (tmp_path / "clips").read_bytes(), "another process, other clips"


def test_the_pushed_model_tells_how_its_clips_were_cut(first: Run):
    description = read_model_description(str(first.pushed[0]))
    assert description is not None
    assert description.clip_shape == (4, 16, 16, 3)
    assert (description.frame_stride, description.resize) == (1, "center_crop")
    assert sorted(description.labels) == ["bottom_to_top", "right_to_left"]


def test_what_clips_are_is_recorded_with_them(project: Project, first: Run):
    reader = MetadataReader(SqliteStore(project.out / "tfx_metadata/metadata.db"))
    (examples,) = reader.newest("Examples")
    assert examples.properties["clips"] == 24
    (model,) = reader.newest("Model")
    assert model.properties["steps"] == 40
    (evaluation,) = reader.newest("ModelEvaluation")
    assert evaluation.properties["blessed"] == 1
    assert evaluation.properties["clip_distance"] > 0


def test_lineage_leads_from_the_pushed_model_to_the_videos(project: Project, first: Run):
    shown = project.command("mocogan", "lineage", "--out", str(project.out))
    assert shown.returncode == 0, shown.stderr
    places = [
        shown.stdout.index(name)
        for name in (
            "PushedModel",
            "ModelReport",
            "model: Model #",
            "TransformGraph",
            "Examples",
            f"source folder {project.videos}",
            "InfraBlessing",
            "ModelBlessing",
        )
    ]
    assert places == sorted(places)


def test_the_site_shows_the_run_as_it_ended(project: Project, first: Run):
    page = (project.out / "site" / "runs" / "1.html").read_text(encoding="utf-8")
    assert "<title>Run 1 · done</title>" in page
    assert all(f'id="node-{node}"' in page for node in NODES)
    assert "galleries/generated.webp" in page


@pytest.mark.exhaustive
def test_a_desktop_shows_the_whole_pipeline(project: Project, first: Run, tmp_path: Path):
    visible = "[...document.querySelectorAll('.graph')].find(graph => graph.offsetParent)"
    with open_browser(tmp_path) as browser:
        browser.look(1280, 1000)
        browser.open((project.out / "site" / "runs" / "1.html").as_uri())
        shown, whole = browser.evaluate(f"[{visible}.clientWidth, {visible}.scrollWidth]")
    assert whole == shown > 1000


def test_the_run_is_listed_with_its_results(project: Project, first: Run):
    listed = project.command("mocogan", "runs", str(project.out), "--all", "--json")
    assert listed.returncode == 0, listed.stderr
    run = json.loads(listed.stdout)[-1]
    assert (run["run"], run["state"], run["steps"], run["blessed"]) == (1, "done", 40, True)
    assert run["process"]["pipeline_run"] == run["pipeline_run"]
    assert sorted(node["node"] for node in run["nodes"]) == sorted(NODES)
    assert {node["state"] for node in run["nodes"]} == {"ran"}
    assert run["pushed_version"] == first.pushed[0].name
    assert run["metrics"]["clip_distance"]["value"] > 0


def test_an_unchanged_run_only_checks(first: Run, unchanged: Run):
    assert unchanged.status == 0, unchanged.text
    assert set(unchanged.states.values()) == {"CACHED"}, unchanged.states
    assert unchanged.pushed == first.pushed


def test_a_model_that_is_not_blessed_fails_a_run_only_if_asked(
    project: Project, unchanged: Run, monkeypatch: pytest.MonkeyPatch
):
    assert unchanged.status == 0  # with --require-blessing
    monkeypatch.setenv(CONFIG_VARIABLE, "")  # the command sets it
    command = ["run", "--config", str(project.config), "--set", "evaluator.max_damage=0.001"]
    for options, status in ((["--require-blessing"], 3), ([], 0)):
        run = CliRunner().invoke(cli, [*command, *options])
        assert run.exit_code == status, run.output
        assert "verdict   not blessed: " in run.output
        assert "not pushed, because the model is not blessed" in run.output
        assert "above 0.001" in run.output
    assert sorted((project.out / "serving_model/mocogan").glob("*")) == unchanged.pushed


@pytest.mark.exhaustive
def test_a_damaged_output_is_made_again_though_its_folder_stays(project: Project, unchanged: Run):
    (report,) = (project.out / "tfx_pipeline_output/ReportGen/report").iterdir()
    (report / "report.html").unlink()
    run = project.run()
    assert run.status == 0, run.text
    device, damaged = run.text.splitlines()[:2]
    assert device.startswith("device: "), run.text
    assert damaged.startswith("damaged: ModelReport #"), run.text
    assert "report.html is missing" in damaged
    assert run.states["ReportGen"] == "COMPLETE"
    before = NODES[: NODES.index("ReportGen")]
    assert {run.states[node] for node in before} == {"CACHED"}
    assert (
        f"damaged: {report}"
        in project.command("mocogan", "explain", "ReportGen", "--out", str(project.out)).stdout
    )


@pytest.mark.exhaustive
def test_what_killed_runs_left_is_deleted(interrupted: Interrupted):
    reader = RunReader(interrupted.project.out)
    leftovers = check_leftovers(reader.out, reader.all_artifacts(), reader.open_runs())
    assert [finding.level for finding in leftovers] == [OK, OK]


@pytest.mark.exhaustive
def test_another_training_does_nothing_before_it_again(interrupted: Interrupted):
    states = interrupted.raised.states
    trainer = NODES.index("MoCoGanTrainer")
    assert {states[node] for node in NODES[:trainer]} == {"CACHED"}
    assert {states[node] for node in NODES[trainer:]} == {"COMPLETE"}
    assert len(interrupted.raised.pushed) == 1


@pytest.mark.exhaustive
def test_a_run_that_is_killed_while_training_goes_on_where_it_was(interrupted: Interrupted):
    assert interrupted.killed.returncode == -signal.SIGKILL

    stopped, step = interrupted.stopped, interrupted.step
    assert stopped.returncode == 1
    (error,) = (line for line in stopped.stderr.splitlines() if line.startswith("error:"))
    assert f"MoCoGanTrainer failed: stopped by SIGTERM. Step {step} is saved" in error
    assert step >= 40

    raised = interrupted.raised
    assert raised.status == 0, raised.text
    assert f"resuming at step {step} of trainer.run.steps={step + 5}" in raised.text
    reader = MetadataReader(SqliteStore(interrupted.project.out / "tfx_metadata/metadata.db"))
    checkpoints = reader.newest("mocogan.GanCheckpoint")[0]
    names = [path.name for path in Path(checkpoints.uri).iterdir()]
    assert names == [f"step-{step + 5:08d}.npz"]


@pytest.mark.exhaustive
def test_one_good_video_among_bad_files_is_enough(interrupted: Interrupted):
    run = interrupted.raised
    assert run.status == 0, run.text
    assert "1 of 4 accepted, 3 rejected" in run.text
    for name in ("a.mp4", "empty.mp4", "truncated.mp4"):
        assert f"{name}: " in run.text


def test_a_folder_without_a_good_video_fails_with_one_clear_message(tmp_path: Path):
    hopeless = Project(tmp_path)
    hopeless.configure()
    hopeless.videos.mkdir()
    (hopeless.videos / "a.mp4").write_text("not a video")
    run = hopeless.run()
    assert run.status == 1
    (error,) = (line for line in run.text.splitlines() if line.startswith("error:"))
    assert "VideoExampleGen failed" in error
    assert "a.mp4" in error
    assert "Traceback" not in run.text
    page = (hopeless.out / "site" / "runs" / "1.html").read_text(encoding="utf-8")
    assert "<title>Run 1 · failed</title>" in page


def test_a_missing_folder_fails_before_anything_runs(tmp_path: Path):
    project = Project(tmp_path)
    project.configure()
    run = project.run()
    assert run.status == 1
    assert f"error: data folder '{project.videos}' does not exist" in run.text
    assert not project.out.exists()
