"""Both notebooks run from top to bottom in a Jupyter kernel, with tiny settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nbformat import NotebookNode

from tests.support.scripts import load_script

pytestmark = pytest.mark.exhaustive

ROOT = Path(__file__).parents[2]
TRAINER = {
    "model": {"base_channels": 4, "discriminator_norm": "none"},
    "loss": {"r1_gamma": 0.0, "r2_gamma": 0.0},
    "run": {"batch_size": 2},
}
EVALUATOR = {"num_clips": 8, "embedding_steps": 0, "motion_control": False}
CLIPS = {"num_frames": 4, "size": 16}


def run(name: str, settings: dict[str, object]) -> NotebookNode:
    if (ROOT / ".venv").is_symlink():
        pytest.skip("this checkout has no .venv of its own, and the notebook would make one")
    return load_script("notebook_outputs").run(ROOT / f"notebooks/{name}.ipynb", settings)


def text(notebook: NotebookNode, name: str) -> str:
    """What the cell with this id printed."""
    (cell,) = (cell for cell in notebook.cells if cell.id == name)
    return "".join(output.get("text", "") for output in cell.outputs)


def shown(notebook: NotebookNode, name: str, kind: str) -> list[str]:
    """What the cell with this id displayed in a format."""
    (cell,) = (cell for cell in notebook.cells if cell.id == name)
    return [output.data[kind] for output in cell.outputs if kind in output.get("data", {})]


def test_the_first_notebook_goes_from_videos_to_clips(tmp_path: Path) -> None:
    options = [f"--set ingest.{key}={value}" for key, value in CLIPS.items()]
    options += [f"--set evaluator.{key}={json.dumps(value)}" for key, value in EVALUATOR.items()]
    for group, values in TRAINER.items():
        options += [f"--set trainer.{group}.{key}={value}" for key, value in values.items()]
    options.append("--set trainer.run.steps=2")
    notebook = run("mocogan", {"FOLDER": str(tmp_path), "OPTIONS": " ".join(options)})
    assert "240 of 240 accepted" in text(notebook, "ingest")
    for cell in ("ingest", "report"):
        (page,) = shown(notebook, cell, "text/html")
        assert "srcdoc=" in page
    assert "Samples after step 2," in "".join(shown(notebook, "training", "text/markdown"))
    assert "verdict" in text(notebook, "training")
    assert "verdict" in text(notebook, "evaluate")
    assert len(shown(notebook, "classes", "image/gif")) == 4
    for cell in ("training", "caption", "matrix", "interpolation"):
        assert len(shown(notebook, cell, "image/gif")) == 1
    assert "source folder" in text(notebook, "lineage")
    assert "/site/index.html" in "".join(shown(notebook, "site", "text/html"))
    assert shown(notebook, "tensorboard", "text/html")


def test_the_second_notebook_runs_every_component(tmp_path: Path) -> None:
    settings = {"CLIPS": CLIPS, "STEPS": 2, "TRAINER": TRAINER, "EVALUATOR": EVALUATOR}
    notebook = run("components", {"FOLDER": str(tmp_path), **settings})
    for cell in ("ingest-report", "evaluation-report", "report"):
        assert "srcdoc=" in "".join(shown(notebook, cell, "text/html"))
    assert "# Model card" in "".join(shown(notebook, "report", "text/markdown"))
    for cell in ("samples", "model"):
        assert len(shown(notebook, cell, "image/gif")) == 1
    assert shown(notebook, "tensorboard", "text/html")
