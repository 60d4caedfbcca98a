"""Reads the folders of artifacts into the content of a report. Folders and files may be missing."""

from __future__ import annotations

import json
import os
import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from tfx.dsl.io import fileio

from mocogan.components.report_gen.content import (
    ConfigChange,
    Provenance,
    ReportContent,
    SampledStep,
    Training,
)
from mocogan.components.video_evaluator.galleries.files import read_galleries
from mocogan.components.video_evaluator.report import REPORT_FILE, EvaluationReport
from mocogan.components.video_example_gen.report.ingest_report import (
    REPORT_FILE as INGEST_REPORT_FILE,
)
from mocogan.data.encoding.png_strip import decode_png_strips
from mocogan.trainer.contract import (
    METRICS_FILE,
    SAMPLES_FOLDER,
    TRAINING_SUMMARY_FILE,
    TrainingSummary,
)

_SAMPLE = re.compile(r"step-(\d+)\.png")
_MAX_SAMPLED_STEPS = 8
_UNTITLED = "MoCoGAN"


class Folders(NamedTuple):
    """Folders of artifacts, local or addresses. None: there is none."""

    evaluation: str | None = None
    model_run: str | None = None
    ingest_report: str | None = None


def gather(
    folders: Folders,
    *,
    name: str = _UNTITLED,
    state: str = "",
    trainer_config: Mapping[str, Any] | None = None,
    provenance: Provenance | None = None,
) -> ReportContent:
    """Reads what there is.

    Args:
        folders: Where the artifacts are.
        name: Title of the report if no ingest report names the data set.
        state: One sentence on a run that has not ended, else empty.
        trainer_config: All options of the trainer, by section. None: not known.
        provenance: Where the model comes from. None: not known.

    Returns:
        The content of the report. Its title is the name of the data set, if it is known.

    Raises:
        ValueError: A file is damaged.
        OSError, tf.errors.OpError: A file cannot be read.
    """
    evaluation = _read_evaluation(folders.evaluation)
    ingest = _read_json(folders.ingest_report, INGEST_REPORT_FILE)
    galleries = (
        read_galleries(folders.evaluation, evaluation) if folders.evaluation and evaluation else {}
    )
    fps = next((part.gallery.fps for part in galleries.values()), None)
    return ReportContent(
        title=_title(ingest) or name,
        state=state,
        evaluation=evaluation,
        galleries=galleries,
        training=_read_training(folders.model_run, trainer_config or {}, fps),
        ingest=ingest,
        provenance=provenance,
    )


def config_changes(
    candidate: Mapping[str, Any], baseline: Mapping[str, Any]
) -> Sequence[ConfigChange]:
    """The options that differ between two configurations by section. An option that one does not have is "-"."""
    first, second = _flat(candidate), _flat(baseline)
    return [
        ConfigChange(key, first.get(key, "-"), second.get(key, "-"))
        for key in sorted(first.keys() | second.keys())
        if first.get(key) != second.get(key)
    ]


def _flat(config: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    values: dict[str, str] = {}
    for key, value in config.items():
        if isinstance(value, Mapping):
            values |= _flat(value, f"{prefix}{key}.")
        else:
            values[prefix + key] = json.dumps(value)
    return values


def _title(ingest: Mapping[str, Any] | None) -> str:
    return posixpath.basename(ingest["source"].rstrip("/")) if ingest else ""


def _read_evaluation(folder: str | None) -> EvaluationReport | None:
    content = _read(folder, REPORT_FILE)
    return None if content is None else EvaluationReport.model_validate_json(content)


def _read_training(
    folder: str | None, config: Mapping[str, Any], fps: float | None
) -> Training | None:
    if folder is None:
        return None
    summary = _read(folder, TRAINING_SUMMARY_FILE)
    history = _read_history(folder)
    samples = _read_samples(os.path.join(folder, SAMPLES_FOLDER))
    if summary is None and not history and not samples:
        return None
    parsed = None if summary is None else TrainingSummary.model_validate_json(summary)
    return Training(parsed, history, samples, config, fps)


def _read_history(folder: str) -> list[dict[str, Any]]:
    """The lines of METRICS_FILE. The last one may be cut off, if the process was killed."""
    lines = (_read(folder, METRICS_FILE) or b"").decode().splitlines()
    rows = []
    for number, line in enumerate(lines):
        try:
            rows.append(json.loads(line))
        except ValueError:
            if number < len(lines) - 1:
                raise
    return rows


def _read_samples(folder: str) -> list[SampledStep]:
    """At most eight steps at about equal distances, with the first and the last one."""
    names = fileio.listdir(folder) if fileio.exists(folder) else []
    steps = {int(found[1]): name for name in names if (found := _SAMPLE.fullmatch(str(name)))}
    ordered = sorted(steps)
    if not ordered:
        return []
    count = min(len(ordered), _MAX_SAMPLED_STEPS)
    chosen = {ordered[n] for n in np.linspace(0, len(ordered) - 1, count).round().astype(int)}
    samples = []
    for step in sorted(chosen):
        content = _read(folder, steps[step])
        assert content is not None  # it was listed
        samples.append(SampledStep(step, decode_png_strips(content)))
    return samples


def _read_json(folder: str | None, name: str) -> dict[str, Any] | None:
    content = _read(folder, name)
    if content is None:
        return None
    values: dict[str, Any] = json.loads(content)
    return values


def _read(folder: str | None, name: str) -> bytes | None:
    """The content of a file, None if there is no such file."""
    if folder is None:
        return None
    path = os.path.join(folder, name)
    if not fileio.exists(path):
        return None
    with fileio.open(path, "rb") as file:
        content: bytes = file.read()
    return content
