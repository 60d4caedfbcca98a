"""The content of `evaluation.json`. Read it with `EvaluationReport.model_validate_json`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from mocogan.components.video_evaluator.report_file import REPORT_FILE as REPORT_FILE


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MetricValue(_Value):
    """One metric of the candidate. Intervals cover 95 %. What could not be measured is None, and `note` says why."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    real: float | None = None  # the same metric of as many real clips of other videos
    scale: float | None = None  # 0: as real clips; 1: as real clips with `damage`
    scale_low: float | None = None
    scale_high: float | None = None
    unit: str
    direction: Literal["lower", "higher", "none"]
    protocol: str
    damage: str = ""
    note: str = ""


class Check(_Value):
    """One check of the candidate. `passed` is None if it was not judged."""

    name: str
    passed: bool | None
    text: str  # what was found, in one sentence
    advice: str = ""  # what to do next, if the check failed


class Verdict(_Value):
    """The result of all checks. The candidate is blessed if no check failed."""

    blessed: bool
    reason: str  # one sentence: the check that decided, and what to do next
    checks: tuple[Check, ...]


class Protocol(_Value):
    """How the metrics were computed. Values are comparable only under the same protocol."""

    split: str  # of the real clips
    real_clips: int
    real_videos: int
    training_clips: int
    generated_clips: int
    clip_shape: tuple[int, int, int, int]  # T, H, W, C
    seed: int
    sampling_seeds: int
    class_counts: dict[str, int]  # of real and generated clips; empty without classes
    embedding_steps: int
    embedding_auc: float | None  # how well the frame embedding tells held-out clips apart, 0.5 to 1
    max_damage: float
    # The smallest share of clips with a damage that these clips suffice to refuse in 95 % of cases, by damage. None:
    # not even all clips.
    smallest_refused_shares: dict[str, float | None]
    notes: tuple[str, ...] = ()


class Gallery(_Value):
    """Clips to look at, as a table. `galleries.names` says which ones there are, and where their files are."""

    name: str
    clips: int
    columns: int  # clips in a row
    row_names: tuple[str, ...] = ()  # of each row, or empty
    column_names: tuple[str, ...] = ()  # of each column, or empty
    captions: tuple[str, ...] = ()  # of each clip, or empty
    fps: float | None = None  # frames per second; None: not known


class EvaluationReport(_Value):
    """Verdict, metrics, protocol and galleries of one evaluation."""

    verdict: Verdict
    metrics: dict[str, MetricValue]
    baseline: dict[str, MetricValue] | None  # of the baseline, on the same real clips
    confusion: list[list[int]] | None = (
        None  # generated clips: rows requested class, columns seen class
    )
    real_confusion: list[list[int]] | None = None
    # None if the model does not say which clips it makes, so none were compared.
    protocol: Protocol | None
    labels: tuple[str, ...] = ()  # of the rows and columns of the confusion matrices
    galleries: tuple[Gallery, ...] = ()
