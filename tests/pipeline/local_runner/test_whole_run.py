"""A whole run and the same run again: a real store, real mp4 files."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import tensorflow as tf
from click.testing import CliRunner

from mocogan.pipeline.cli.main import cli
from mocogan.pipeline.config.loading import CONFIG_VARIABLE
from mocogan.pipeline.metadata.reader import MetadataReader
from mocogan.pipeline.metadata.sqlite_store import SqliteStore
from mocogan.trainer.contract import read_model_description
from tests.support.browser import open_browser
from tests.support.pipeline_project import NODES, Project, Run, assert_every_node_ran_once

pytestmark = pytest.mark.slow

PROGRESS = re.compile(r"  \S.*: [\d,]+/[\d,]+ ")
SAMPLER = """
import sys, tensorflow as tf
assert not {"trainer", "data", "components", "pipeline", "tfx"} & set(sys.modules)
sample = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
draw = lambda seed: sample(num_clips=tf.constant(4), seed=tf.constant(seed, tf.int64))["clips"].numpy()
first, again, other = draw(7), draw(7), draw(8)
print(first.dtype, first.shape, (first == again).all(), (first == other).all())
first.tofile(sys.argv[2])
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with eight small videos, configured and not yet run."""
    project = Project(tmp_path_factory.mktemp("project"))
    project.write_videos()
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


def test_every_node_runs_once(first: Run):
    assert_every_node_ran_once(first)


@pytest.mark.skipif(
    metadata.version("tensorflow").startswith("2.21"),
    reason="TensorFlow 2.21 prints six lines when imported, whatever its log level (its issue 100442)",
)
def test_a_good_run_prints_only_what_a_user_can_use(first: Run):
    lines = first.text.splitlines()
    for noise in ("Warning", "absl", "INFO", "tensorflow/", "deprecated"):
        assert not [line for line in lines if noise in line]
    lasting = [
        line for line in lines if not PROGRESS.match(line)
    ]  # a slow machine prints more progress
    assert len(lasting) < 36, first.text


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


@pytest.mark.exhaustive
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
