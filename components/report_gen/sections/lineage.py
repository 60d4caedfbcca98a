"""Where the model comes from: data, artifacts, configuration, device and cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mocogan.components.report_gen.content import ConfigChange, Origin, ReportContent
from mocogan.components.reports.quantities import amount, figure, playing_time
from mocogan.trainer.contract import TrainingSummary

_MAX_CHANGES = 200
_MAX_OPTIONS = 400
_MAX_ORIGINS = 100


class Lineage(NamedTuple):
    """What made the model."""

    facts: Sequence[tuple[str, str]]  # cost and data
    origins: Sequence[Origin]
    changes: Sequence[ConfigChange] | None  # None: no baseline
    options: Sequence[tuple[str, str]]
    command: str


def lineage(content: ReportContent) -> Lineage | None:
    """None: nothing is known."""
    facts = [*training_facts(content), *data_facts(content.ingest)]
    options = flat_options(content.training.config)[:_MAX_OPTIONS] if content.training else []
    provenance = content.provenance
    if provenance is None:
        return Lineage(facts, (), None, options, "") if facts or options else None
    changes = provenance.changes
    return Lineage(
        facts,
        provenance.origins[:_MAX_ORIGINS],
        None if changes is None else changes[:_MAX_CHANGES],
        options,
        provenance.command,
    )


def training_facts(content: ReportContent) -> list[tuple[str, str]]:
    """What the training cost."""
    summary = content.training.summary if content.training else None
    return _cost(summary) if summary else []


def _cost(summary: TrainingSummary) -> list[tuple[str, str]]:
    facts = [
        ("Device", summary.device),
        ("Training time", playing_time(summary.seconds)),
        ("Steps", f"{summary.steps:,}"),
        ("Speed", f"{figure(summary.clips_per_second)} clips per second"),
        ("Parameters", f"{summary.parameters:,}"),
        ("Classes", f"{summary.num_categories:,}"),
        ("Rollbacks", f"{summary.rollbacks:,}"),
    ]
    if summary.warm_start is not None:
        facts.insert(0, ("Started from", summary.warm_start.text()))
    if summary.exported_step is not None:
        facts.append(("Exported step", f"{summary.exported_step:,}"))
    return facts


def data_facts(ingest: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """The training data, from the content of `ingest_report.json`. What it lacks is left out."""
    if not ingest:
        return []
    facts = []
    if ingest.get("source"):
        facts.append(("Data folder", str(ingest["source"])))
    if ingest.get("dataset"):
        facts.append(("Layout of the data", str(ingest["dataset"])))
    videos = ingest.get("videos") or {}
    if "accepted" in videos:
        rejected = videos.get("rejected") or ()
        facts.append(("Videos", f"{videos['accepted']:,} accepted, {len(rejected):,} rejected"))
    for split, counts in (ingest.get("splits") or {}).items():
        text = f"{amount(counts['videos'], 'video')}, {amount(counts['clips'], 'clip')}"
        facts.append((f"Split {split}", text))
    return facts


def flat_options(config: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Options with their full keys, such as ("run.steps", "1000"). Options that are null are left out."""
    found: list[tuple[str, str]] = []
    for key, value in config.items():
        if isinstance(value, Mapping):
            found += flat_options(value, f"{prefix}{key}.")
        elif value is not None:
            found.append((f"{prefix}{key}", _shown(value)))
    return found


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:,.6g}" if isinstance(value, float) else str(value)
