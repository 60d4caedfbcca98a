"""The summary of a run: videos, clips, losses, metrics, and the paths of the results."""

from __future__ import annotations

import json
import posixpath
from pathlib import Path
from typing import Any

from mocogan.components.model_pusher.record import DESTINATION_KEY, PUSHED_KEY, REASON_KEY
from mocogan.components.model_pusher.versions import is_whole, list_whole_versions
from mocogan.components.report_gen.content import PAGE_FILE
from mocogan.components.reports.readable_text import visible
from mocogan.components.video_evaluator.galleries.names import GENERATED, REAL, gallery_file
from mocogan.components.video_evaluator.report import (
    REPORT_FILE,
    EvaluationReport,
)
from mocogan.components.video_example_gen.report.ingest_report import PAGE_FILE as INGEST_PAGE_FILE
from mocogan.components.video_example_gen.report.ingest_report import (
    REPORT_FILE as INGEST_REPORT_FILE,
)
from mocogan.components.warm_start.found import NOT_FOUND, STATE_KEY
from mocogan.evaluation.metrics.clip_distance import CLIP_DISTANCE
from mocogan.evaluation.metrics.content_consistency import CONTENT_CONSISTENCY
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.metadata.reader import Artifact, MetadataReader
from mocogan.pipeline.runners.next_commands import next_command_rows
from mocogan.trainer.contract import TRAINING_SUMMARY_FILE, TrainingSummary

_SHOWN_REJECTIONS = 10
_SHOWN_VARIABLES = 3
_SHOWN_LOSSES = ("d_loss", "g_loss")  # the sums (TensorBoard shows their parts)
_SHOWN_METRICS = (CLIP_DISTANCE, CONTENT_CONSISTENCY)  # `evaluation.json` has all

Rows = list[tuple[str, str]]  # (name, text); the name is empty if the row continues the one above


def run_summary(config: Config, pipeline_run: str | None = None, site: Path | None = None) -> str:
    """The summary of a run under `config.out`, from ML Metadata and the artifacts.

    `pipeline_run` is its id in ML Metadata. None: the newest run. `site` is the first page of the site, or None.
    """
    run = MetadataReader(config.store).newest_run(pipeline_run)
    outputs = {
        key: artifacts[-1] for node in run.values() for key, artifacts in node.outputs.items()
    }
    rows = [
        *_read_video_rows(outputs["ingest_report"].uri),
        *start_rows(outputs.get("base_model")),
        *training_rows(Path(outputs["model_run"].uri, TRAINING_SUMMARY_FILE)),
        *evaluation_rows(Path(outputs["evaluation"].uri)),
        ("report", f"{outputs['report'].uri}/{PAGE_FILE}"),
        *pushed_rows(outputs["pushed_model"].properties),
        ("metadata", str(config.store)),
        *([("site", str(site))] if site else []),
        *next_command_rows(config, bool(outputs["pushed_model"].properties.get("pushed"))),
    ]
    return as_text(rows)


def is_pushed(config: Config, pipeline_run: str | None = None) -> bool:
    """Whether a run under `config.out` pushed its model, so both blessings were given. None: the newest run."""
    run = MetadataReader(config.store).newest_run(pipeline_run)
    return bool(run["Pusher"].outputs["pushed_model"][-1].properties[PUSHED_KEY])


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
        ("data set", report["dataset"]),
        ("videos", f"{videos['accepted']} of {videos['found']} accepted, {len(rejected)} rejected"),
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
    return [*rows, ("ingest", f"{folder}/{INGEST_PAGE_FILE}")]


def start_rows(base: Artifact | None) -> Rows:
    """Says that a training started anew although it could have started from a model."""
    if base is None or base.properties.get(STATE_KEY) != NOT_FOUND:
        return []
    return [("start", "anew: there was no pushed model, or this training began without one")]


def training_rows(path: Path) -> Rows:
    """Start, steps, losses and health, from the training summary at `path`."""
    summary = TrainingSummary.model_validate_json(path.read_text(encoding="utf-8"))
    losses = ", ".join(
        f"{name} {summary.losses[name]:.3f}" for name in _SHOWN_LOSSES if name in summary.losses
    )
    rate = f"{summary.clips_per_second:.1f} clips/s on {summary.device}"
    warm = summary.warm_start
    rows = [("start", warm.text())] if warm else []
    for what, names in (("anew", warm.anew), ("unused", warm.unused)) if warm else ():
        if names:
            more = ", …" if len(names) > _SHOWN_VARIABLES else ""
            rows.append(("", f"{len(names)} {what}: {', '.join(names[:_SHOWN_VARIABLES])}{more}"))
    return [
        *rows,
        ("training", f"{summary.steps} steps in {summary.seconds:.0f} s, {rate}"),
        ("losses", losses),
        ("health", summary.verdict),
    ]


def evaluation_rows(folder: Path) -> Rows:
    """Notes, metrics, samples and the verdict, from the evaluation in `folder`."""
    report = _read_evaluation(folder)
    protocol = report.protocol
    rows = [("note", note) for note in protocol.notes] if protocol else []
    if protocol and protocol.generated_clips:
        compared = (
            f"{protocol.generated_clips} generated clips compared with {protocol.real_clips} "
            f"real clips of the {protocol.split} split"
        )
        rows += [("metrics", ", ".join(_metric_texts(report))), ("", compared)]
        rows += [
            ("samples", str(folder / gallery_file(GENERATED, ".gif"))),
            ("", f"{folder / gallery_file(REAL, '.gif')} (the real clips)"),
        ]
    return [*rows, ("verdict", report.verdict.reason)]


def _read_evaluation(folder: Path) -> EvaluationReport:
    return EvaluationReport.model_validate_json((folder / REPORT_FILE).read_text("utf-8"))


def _metric_texts(report: EvaluationReport) -> list[str]:
    return [
        f"{name} {metric.value:.3g} (real clips {metric.real:.3g})"
        for name, metric in report.metrics.items()
        if name in _SHOWN_METRICS and metric.value is not None and metric.real is not None
    ]


def pushed_rows(properties: dict[str, Any]) -> Rows:
    """Where the model is now, or why there is none, from the properties of the PushedModel."""
    destination = properties.get(DESTINATION_KEY)
    if not destination:
        return [("model", f"not pushed, because {properties[REASON_KEY]}")]
    if not is_whole(destination):
        return [("model", f"pushed to {destination}, but it is missing now")]
    newest = list_whole_versions(posixpath.dirname(destination))[-1]
    rows = [("model", destination)]
    if newest != posixpath.basename(destination):
        rows.append(("", f"the newest version there is {newest}"))
    return rows
