"""What notebooks show of our artifacts."""

from __future__ import annotations

import base64
import html
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tfx import types
from tfx.orchestration.experimental.interactive import standard_visualizations, visualizations
from tfx.types import standard_artifacts

from mocogan.components import artifact_visualizations
from mocogan.components.artifact_types import IngestReport, ModelReport
from mocogan.components.report_gen.written_report import write_report
from mocogan.components.video_evaluator.evaluation import Evaluation
from mocogan.components.video_evaluator.written_evaluation import write_evaluation
from mocogan.data.encoding.gif import encode_gif
from tests.support.report_contents import evaluation, full_content, gallery, moving_squares


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Shows the artifact of a type in a folder, as a context does. Returns the objects that are displayed."""
    displayed: list[Any] = []
    monkeypatch.setattr(artifact_visualizations, "display", displayed.append)
    standard_visualizations.register_standard_visualizations()  # as a new context does
    artifact_visualizations.register_visualizations()

    def show_artifact(kind: type[types.Artifact], folder: Path) -> list[Any]:
        artifact = kind()
        artifact.uri = str(folder)
        visualizations.get_registry().get_visualization(artifact.type_name).display(artifact)
        return displayed

    return show_artifact


def page_in(shown: Any) -> str:
    """The page in a frame."""
    _, _, rest = shown.data.partition('srcdoc="')
    return html.unescape(rest.partition('"')[0])


def test_an_ingest_report_is_shown_as_its_page(show: Any, tmp_path: Path) -> None:
    (tmp_path / "ingest_report.html").write_text('<a title="ü">&lt;</a>', encoding="utf-8")
    (frame,) = show(IngestReport, tmp_path)
    assert page_in(frame) == '<a title="ü">&lt;</a>'


def test_a_model_report_is_shown_as_page_and_card(show: Any, tmp_path: Path) -> None:
    write_report(str(tmp_path), full_content())
    frame, card = show(ModelReport, tmp_path)
    assert page_in(frame) == (tmp_path / "report.html").read_text(encoding="utf-8")
    assert card.data.lstrip().startswith("# Model card: Actions")


def test_an_evaluation_is_shown_as_a_report(show: Any, tmp_path: Path) -> None:
    galleries = (gallery("generated", moving_squares(12)), gallery("real", moving_squares(12)))
    report = evaluation().model_copy(update={"galleries": tuple(g.gallery for g in galleries)})
    write_evaluation(str(tmp_path), Evaluation(report, galleries))
    (frame,) = show(standard_artifacts.ModelEvaluation, tmp_path)
    page = page_in(frame)
    assert report.verdict.checks[0].text in page
    assert "data:image/" in page


def test_an_evaluation_of_tfx_is_left_to_tfx(show: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No slices found"):  # TFMA reads an empty result
        show(standard_artifacts.ModelEvaluation, tmp_path)


def test_the_last_samples_of_a_training_are_shown(show: Any, tmp_path: Path) -> None:
    pictures = [encode_gif(np.full((2, 8, 8, 3), level, np.uint8)) for level in (0, 200)]
    (tmp_path / "samples").mkdir()
    for step, picture in zip((900, 1000), pictures, strict=True):
        (tmp_path / f"samples/step-{step:06d}.gif").write_bytes(picture)
    (image,) = show(standard_artifacts.ModelRun, tmp_path)
    (data,) = (
        content for name, content in image._repr_mimebundle_()[0].items() if name == "image/gif"
    )
    assert base64.b64decode(data) == pictures[1]


def test_a_training_of_others_has_no_samples(show: Any, tmp_path: Path) -> None:
    assert show(standard_artifacts.ModelRun, tmp_path) == []
