"""Shows our artifacts in notebooks: `InteractiveContext.show` displays their pages.

`register_visualizations` adds them to TFX's registry, which has one visualization for each type of artifact. A notebook
with single components needs them too, so they lie beside the artifact types and not in the pipeline.
"""

from __future__ import annotations

import html
import os

from IPython.display import HTML, Image, Markdown, display
from tfx import types
from tfx.dsl.io import fileio
from tfx.orchestration.experimental.interactive import standard_visualizations, visualizations
from tfx.types import standard_artifacts

from mocogan.components.artifact_types import IngestReport, ModelReport
from mocogan.components.report_gen.content import CARD_FILE
from mocogan.components.report_gen.content import PAGE_FILE as REPORT_PAGE_FILE
from mocogan.components.report_gen.gather import Folders, gather
from mocogan.components.report_gen.page import render_report
from mocogan.components.video_evaluator.report_file import REPORT_FILE
from mocogan.components.video_example_gen.report.ingest_report import (
    PAGE_FILE as INGEST_PAGE_FILE,
)
from mocogan.trainer.contract import SAMPLES_FOLDER

PAGE_HEIGHT = 600  # pixels of the frame in which a page is shown


def register_visualizations() -> None:
    """Registers how `InteractiveContext.show` displays our artifacts.

    Call it after the context is made, because each new context registers TFX's own visualizations.
    """
    for visualization in (IngestPage, ReportPage, EvaluationPage, TrainingSamples):
        visualizations.get_registry().register(visualization)


class IngestPage(visualizations.ArtifactVisualization):
    """Shows an ingest report."""

    ARTIFACT_TYPE = IngestReport

    def display(self, artifact: types.Artifact) -> None:
        """Shows the page of the artifact in a frame."""
        _show_page(_read(artifact.uri, INGEST_PAGE_FILE))


class ReportPage(visualizations.ArtifactVisualization):
    """Shows the report of a model, and its model card."""

    ARTIFACT_TYPE = ModelReport

    def display(self, artifact: types.Artifact) -> None:
        """Shows the page of the artifact in a frame, and the card below it."""
        _show_page(_read(artifact.uri, REPORT_PAGE_FILE))
        _, _, card = _read(artifact.uri, CARD_FILE).split("---\n", maxsplit=2)  # without its tags
        display(Markdown(card))


class EvaluationPage(standard_visualizations.ModelEvaluationVisualization):
    """Shows an evaluation of VideoEvaluator as a report. Evaluations of TFX's Evaluator look as before."""

    ARTIFACT_TYPE = standard_artifacts.ModelEvaluation

    def display(self, artifact: types.Artifact) -> None:
        """Renders the report of the evaluation alone, and shows it in a frame."""
        if fileio.exists(os.path.join(artifact.uri, REPORT_FILE)):
            _show_page(render_report(gather(Folders(evaluation=artifact.uri))))
        else:
            super().display(artifact)


class TrainingSamples(visualizations.ArtifactVisualization):
    """Shows the last samples of a training."""

    ARTIFACT_TYPE = standard_artifacts.ModelRun

    def display(self, artifact: types.Artifact) -> None:
        """Shows a moving grid of 16 clips. Trainings of other trainers have none."""
        pattern = os.path.join(artifact.uri, SAMPLES_FOLDER, "step-*.gif")
        for path in sorted(fileio.glob(pattern))[-1:]:
            with fileio.open(path, "rb") as file:
                display(Image(data=file.read(), format="gif"))


def _read(folder: str, name: str) -> str:
    with fileio.open(os.path.join(folder, name), "rb") as file:
        content: bytes = file.read()
    return content.decode("utf-8")


def _show_page(page: str) -> None:
    """Shows a page that needs no other file."""
    frame = f'<iframe srcdoc="{html.escape(page)}" width="100%" height="{PAGE_HEIGHT}"></iframe>'
    display(HTML(f"<div>{frame}</div>"))
