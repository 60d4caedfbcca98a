"""What a report shows. All parts but the title may be missing, because a run can end before they exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mocogan.components.video_evaluator.galleries.names import GalleryClips
from mocogan.components.video_evaluator.report import EvaluationReport
from mocogan.trainer.contract import TrainingSummary

PAGE_FILE = "report.html"
CARD_FILE = "model_card.md"


class SampledStep(NamedTuple):
    """Clips that the trainer drew from the same latents after `step` steps."""

    step: int
    clips: np.ndarray  # [N, T, H, W, 3] uint8


class Training(NamedTuple):
    """The course of a training."""

    summary: TrainingSummary | None  # None: it has not ended
    history: Sequence[Mapping[str, Any]]  # the lines of `metrics.jsonl`, by increasing `step`
    samples: Sequence[SampledStep]  # by increasing step
    config: Mapping[str, Any]  # all options of the trainer, by section
    fps: float | None = None  # of the clips; None: not known


class ConfigChange(NamedTuple):
    """An option that differs between candidate and baseline. Values are as in a YAML file."""

    key: str
    candidate: str
    baseline: str


class Origin(NamedTuple):
    """One thing that the model came from, or that was made beside it."""

    role: str  # such as "candidate", "baseline", "training clips"
    text: str  # address, versions or numbers
    artifact_id: int | None = None  # in ML Metadata


class Provenance(NamedTuple):
    """Where the model comes from."""

    origins: Sequence[Origin]
    changes: Sequence[ConfigChange] | None  # None: there is no baseline to compare with
    command: str = ""  # that repeats the evaluation


class ReportContent(NamedTuple):
    """The content of one report."""

    title: str  # such as the name of the data set
    state: str = ""  # one sentence, if the run has not ended; else empty
    evaluation: EvaluationReport | None = None
    galleries: Mapping[str, GalleryClips] = {}
    training: Training | None = None
    ingest: Mapping[str, Any] | None = None  # content of `ingest_report.json`
    provenance: Provenance | None = None
