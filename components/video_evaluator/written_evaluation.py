"""Writes the result of an evaluation: galleries and `evaluation.json`."""

from __future__ import annotations

import os

from tfx.dsl.io import fileio

from mocogan.components.video_evaluator.evaluation import Evaluation
from mocogan.components.video_evaluator.galleries.files import write_gallery
from mocogan.components.video_evaluator.report import REPORT_FILE, EvaluationReport


def write_evaluation(folder: str, evaluation: Evaluation) -> None:
    """Writes the galleries, then `evaluation.json`, into `folder`, which is made if it is missing."""
    fileio.makedirs(folder)
    for part in evaluation.galleries:
        write_gallery(folder, part)
    write_report(folder, evaluation.report)


def write_report(folder: str, report: EvaluationReport) -> None:
    """Writes `evaluation.json` into `folder`, which is made if it is missing."""
    fileio.makedirs(folder)
    with fileio.open(os.path.join(folder, REPORT_FILE), "wb") as file:
        file.write(report.model_dump_json(indent=2).encode())
