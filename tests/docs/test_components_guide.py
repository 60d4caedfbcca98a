"""The code of the guide on components runs as it is written, on tiny videos, with real ML Metadata stores."""

from __future__ import annotations

import builtins
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from mocogan.data.config import IngestConfig
from mocogan.data.synthetic.shapes import write_shape_motion
from mocogan.pipeline.metadata.reader import MetadataReader
from mocogan.pipeline.metadata.sqlite_store import SqliteStore

GUIDE = (Path(__file__).parents[2] / "docs/guides/components.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r'^```python title="(\S+)"\n(.*?)^```$', GUIDE, re.MULTILINE | re.DOTALL))
# In place of the constants of the training pipeline, which would train for an hour.
TINY = """\
CLIPS = {"num_frames": 4, "size": 16}
TRAINER = {
    "model": {"architecture": "mocogan", "base_channels": 4, "discriminator_norm": "none"},
    "loss": {"r1_gamma": 0.0, "r2_gamma": 0.0},
    "run": {"batch_size": 2},
}
EVALUATOR = {"num_clips": 8, "embedding_steps": 0, "motion_control": False}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody's working directory with the files of the guide, and twelve videos of 16 frames."""
    write_shape_motion(tmp_path / "videos", num_videos=12, seed=0, size=16)
    for name, code in FILES.items():
        (tmp_path / name).write_text(code, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(script: str) -> None:
    """Runs a file of the guide as `python FILE` does, without the ten seconds that importing TFX takes."""
    runpy.run_path(script, run_name="__main__")


def states(project: Path) -> dict[str, str]:
    """The state of each node in the newest run."""
    nodes = MetadataReader(SqliteStore(str(project / "output/metadata.db"))).newest_run()
    return {name: node.execution.state for name, node in nodes.items()}


@pytest.mark.exhaustive
@pytest.mark.slow
def test_the_ingest_runs_in_a_pipeline_without_our_other_components(project: Path) -> None:
    run("ingest_pipeline.py")
    nodes = ("VideoExampleGen", "StatisticsGen", "SchemaGen")
    assert states(project) == dict.fromkeys(nodes, "COMPLETE")
    (schema,) = project.glob("output/artifacts/SchemaGen/schema/*/schema.pbtxt")
    assert 'name: "frames"' in schema.read_text(encoding="utf-8")
    assert list(project.glob("output/artifacts/VideoExampleGen/ingest_report/*/*.html"))

    run("ingest_pipeline.py")
    assert states(project) == dict.fromkeys(nodes, "CACHED")


def test_the_options_build_a_component(project: Path) -> None:
    component = runpy.run_path(str(project / "options.py"))["example_gen"]
    config = IngestConfig.model_validate_json(component.exec_properties["ingest_config"])
    assert config == IngestConfig(num_frames=8, size=32, fps=8, eval_fraction=0.2)
    assert "span-{SPAN}/*" in component.exec_properties["input_config"]


def test_the_quoted_error_is_the_one_that_is_raised() -> None:
    from mocogan.components.video_example_gen.component import VideoExampleGen

    with pytest.raises(ValueError) as refused:  # noqa: PT011 (its message is compared below)
        VideoExampleGen(input_base="videos", custom_config={"frames": 8})
    assert f"ValueError: {refused.value}\n" in GUIDE


@pytest.mark.exhaustive
def test_the_notebook_runs_in_ipython(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--no-term-title", "notebook.ipy"],
        env={**os.environ, "IPYTHONDIR": str(project / "ipython")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    *_, clips, page = done.stdout.splitlines()
    assert clips.startswith("24 clips in interactive/VideoExampleGen/examples/")
    assert Path(page).is_file()


def write_tiny_training(steps: int) -> None:
    """Writes the training pipeline of the guide with other constants."""
    code = FILES["training_pipeline.py"]
    constants = re.search(r"^CLIPS = .*?^EVALUATOR = .*?\n", code, re.MULTILINE | re.DOTALL)
    assert constants
    tiny = code.replace(constants[0], f"{TINY}STEPS = {steps}\n")
    Path("training_pipeline.py").write_text(tiny, encoding="utf-8")


@pytest.mark.exhaustive
def test_a_model_is_trained_evaluated_and_trained_further(project: Path) -> None:
    write_tiny_training(steps=2)
    run("training_pipeline.py")
    assert set(states(project).values()) == {"COMPLETE"}
    artifacts = project / "output/artifacts"
    assert list(artifacts.glob("MoCoGanTrainer/model/*/Format-Serving/saved_model.pb"))
    assert list(artifacts.glob("VideoEvaluator/evaluation/*/evaluation.json"))
    assert list(artifacts.glob("VideoEvaluator/kept_features/*.npz"))
    (kept,) = artifacts.glob("MoCoGanTrainer/kept_checkpoints/*")

    run("training_pipeline.py")
    cached = {name for name, state in states(project).items() if state == "CACHED"}
    assert {"VideoExampleGen", "Transform", "MoCoGanTrainer"} <= cached

    write_tiny_training(steps=3)
    run("training_pipeline.py")
    assert states(project)["MoCoGanTrainer"] == "COMPLETE"
    assert [kept] == list(artifacts.glob("MoCoGanTrainer/kept_checkpoints/*"))  # it resumed


@pytest.mark.exhaustive
def test_every_component_runs_in_interactive_context(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tfx.orchestration.experimental.interactive.interactive_context import InteractiveContext

    monkeypatch.setitem(builtins.__dict__, "__IPYTHON__", True)  # as IPython does
    write_tiny_training(steps=2)
    pipeline = runpy.run_path("training_pipeline.py")["create_pipeline"]("videos", "output")
    context = InteractiveContext(
        pipeline_root=str(project / "interactive"), beam_pipeline_args=["--runner=FnApiRunner"]
    )
    outputs = {}
    for node in pipeline.components:
        context.run(node)
        outputs |= {key: channel.get() for key, channel in node.outputs.items()}
    (evaluation,), (blessing,) = outputs["evaluation"], outputs["blessing"]
    assert Path(evaluation.uri, "evaluation.json").is_file()
    assert len(os.listdir(blessing.uri)) == 1  # BLESSED or NOT_BLESSED
    assert list(project.glob("interactive/MoCoGanTrainer/kept_checkpoints/*"))
