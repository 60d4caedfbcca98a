"""The summary of a run: videos, clips, losses, metrics, and the paths of the results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mocogan.components.reports.readable_text import visible
from mocogan.components.video_evaluator.report import (
    GRID_FILE,
    REAL_GRID_FILE,
    REPORT_FILE,
    EvaluationReport,
)
from mocogan.components.video_example_gen.report.ingest_report import PAGE_FILE as INGEST_PAGE_FILE
from mocogan.components.video_example_gen.report.ingest_report import (
    REPORT_FILE as INGEST_REPORT_FILE,
)
from mocogan.evaluation.clip_metrics import (
    DIVERSITY_RATIO,
    MOTION_RATIO,
    SLICED_WASSERSTEIN,
    WASSERSTEIN_MOTION,
    MetricValues,
)
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.metadata.reader import Artifact, MetadataReader
from mocogan.trainer.contract import TRAINING_SUMMARY_FILE, TrainingSummary

_SHOWN_REJECTIONS = 10
_SHOWN_LOSSES = ("d_loss", "g_loss")  # the sums (TensorBoard shows their parts)
_SHOWN_METRICS = (SLICED_WASSERSTEIN, WASSERSTEIN_MOTION, MOTION_RATIO, DIVERSITY_RATIO)

Rows = list[tuple[str, str]]  # (name, text); the name is empty if the row continues the one above


def run_summary(config: Config) -> str:
    """The summary of the newest run under `config.out`, from ML Metadata and the artifacts."""
    run = MetadataReader(config.metadata_path).newest_run()
    outputs = {
        key: artifacts[-1] for node in run.values() for key, artifacts in node.outputs.items()
    }
    rows = [
        *_read_video_rows(outputs["ingest_report"].uri),
        *training_rows(Path(outputs["model_run"].uri, TRAINING_SUMMARY_FILE)),
        *_evaluation_rows(Path(outputs["evaluation"].uri)),
        ("model", _pushed(outputs["pushed_model"])),
        ("metadata", config.metadata_path),
    ]
    return as_text(rows)


def as_text(rows: Rows) -> str:
    """One line per row, in two columns. Control characters in file names are escaped."""
    return "\n".join(f"{name:<9} {visible(text)}" for name, text in rows)


def _read_video_rows(folder: str) -> Rows:
    report = Path(folder, INGEST_REPORT_FILE).read_text(encoding="utf-8")
    return video_rows(json.loads(report), folder)


def video_rows(report: dict[str, Any], folder: str) -> Rows:
    """Videos, clips and notes, from the ingest report in `folder`."""
    videos = report["videos"]
    rejected = videos["rejected"]
    rows = [
        ("videos", f"{videos['accepted']} of {videos['found']} accepted, {len(rejected)} rejected")
    ]
    rows += [
        ("", f"{r['path']}: {r['code']}: {r['message']}") for r in rejected[:_SHOWN_REJECTIONS]
    ]
    if len(rejected) > _SHOWN_REJECTIONS:
        rows.append(("", f"… all rejected files: {folder}/{INGEST_REPORT_FILE}"))
    by_split = ", ".join(
        f"{split} {counts['clips']} from {counts['videos']}"
        for split, counts in report["splits"].items()
    )
    rows.append(("clips", f"{report['clips']} ({by_split} videos)"))
    rows += [("note", note) for note in report["notes"]]
    return [*rows, ("report", f"{folder}/{INGEST_PAGE_FILE}")]


def training_rows(path: Path) -> Rows:
    """Steps, losses and health, from the training summary at `path`."""
    summary = TrainingSummary.model_validate_json(path.read_text(encoding="utf-8"))
    losses = ", ".join(
        f"{name} {summary.losses[name]:.3f}" for name in _SHOWN_LOSSES if name in summary.losses
    )
    rate = f"{summary.clips_per_second:.1f} clips/s on {summary.device}"
    return [
        ("training", f"{summary.steps} steps in {summary.seconds:.0f} s, {rate}"),
        ("losses", losses),
        ("health", summary.verdict),
    ]


def _evaluation_rows(folder: Path) -> Rows:
    report = EvaluationReport.model_validate_json((folder / REPORT_FILE).read_text("utf-8"))
    notes = [("note", note) for note in report.protocol.notes]
    verdict = ("verdict", report.gate.summary)
    if report.candidate is None:
        return [*notes, verdict]
    return [
        ("metrics", ", ".join(_metric_texts(report.candidate, report.real_vs_real))),
        (
            "",
            f"{report.protocol.generated_clips} generated clips compared with {report.protocol.real_clips} "
            f"real clips of the {report.protocol.reference} split",
        ),
        *notes,
        verdict,
        ("samples", str(folder / GRID_FILE)),
        ("", f"{folder / REAL_GRID_FILE} (the real clips)"),
    ]


def _metric_texts(candidate: MetricValues, real_vs_real: MetricValues | None) -> list[str]:
    texts = []
    for name in _SHOWN_METRICS:
        value, real = candidate[name], (real_vs_real or {}).get(name)
        if value is not None:
            real_text = f" (real clips {real:.3g})" if real is not None else ""
            texts.append(f"{name} {value:.3g}{real_text}")
    return texts


def _pushed(artifact: Artifact) -> str:
    destination = artifact.properties.get("pushed_destination")
    return str(destination) if destination else "not pushed, because the model is not blessed"
