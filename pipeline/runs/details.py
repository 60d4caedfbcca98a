"""All about one run, as text."""

from __future__ import annotations

from pathlib import Path

from mocogan.components.reports.quantities import amount, data_size, playing_time
from mocogan.pipeline.metadata.run_facts import RunFacts, run_facts
from mocogan.pipeline.metadata.run_folders import LOG_FILE
from mocogan.pipeline.metadata.runs import Node, Run
from mocogan.pipeline.runs.columns import ABSENT, aligned, facts_text, metric_text, when
from mocogan.pipeline.runs.differences import Change
from mocogan.pipeline.runs.listing import state_text

_SHOWN_LOSSES = ("d_loss", "g_loss")


def run_details(run: Run, out: Path, changes: list[Change] | None, before: Run | None) -> str:
    """Facts, nodes, metrics, and what changed.

    Args:
        run: The run.
        out: Its output folder.
        changes: What differs from the run before. None: there is none.
        before: The run before.
    """
    facts = run_facts(run, out)
    parts = [facts_text(_facts(run, facts)), _nodes(run)]
    if facts.metrics:
        parts.append(_metrics(facts))
    if changes is not None and before is not None:
        parts.append(_changed(changes, before, run))
    return "\n\n".join(parts)


def _facts(run: Run, facts: RunFacts) -> list[tuple[str, str | None]]:
    losses = [f"{k} {facts.losses[k]:.3f}" for k in _SHOWN_LOSSES if k in facts.losses]
    process = run.process
    return [
        ("run", f"{run.number}" + (f"  {run.name}" if run.name else "")),
        ("id", run.id),
        ("pipeline", run.pipeline),
        ("state", state_text(run)),
        ("error", run.error),
        ("started", when(run.started)),
        ("took", playing_time(run.seconds)),
        ("process", f"{process.pid} on {process.host}" if process else None),
        ("data", _data(facts)),
        ("start", facts.started_from),
        ("training", _training(facts)),
        ("losses", ", ".join(losses)),
        ("health", facts.health),
        ("verdict", facts.verdict),
        ("model", facts.pushed_to or _not_pushed(facts)),
        ("size", data_size(facts.bytes or 0)),
        ("log", str(run.folder / LOG_FILE) if run.folder else None),
    ]


def _data(facts: RunFacts) -> str | None:
    if facts.data is None:
        return None
    counts = [
        amount(count, what)
        for count, what in ((facts.videos, "video"), (facts.clips, "clip"))
        if count is not None
    ]
    return ", ".join([facts.data, *counts])


def _training(facts: RunFacts) -> str | None:
    if facts.steps is None:
        return None
    return f"{amount(facts.steps, 'step')} in {playing_time(facts.seconds or 0.0)}"


def _not_pushed(facts: RunFacts) -> str | None:
    return f"not pushed, because {facts.not_pushed_because}" if facts.not_pushed_because else None


def _nodes(run: Run) -> str:
    rows = [
        [node.name, node.state, playing_time(node.seconds), str(node.execution), _outputs(node)]
        for node in run.nodes
    ]
    head = ("node", "state", "took", "execution", "artifacts")
    return aligned(head, rows, right=("execution",))


def _outputs(node: Node) -> str:
    if node.error:
        return node.error
    names = (
        f"{key} #{output.id}" + ("" if Path(output.uri).exists() else " (gone)")
        for key, outputs in node.outputs.items()
        for output in outputs
    )
    return ", ".join(names)


def _metrics(facts: RunFacts) -> str:
    rows = [
        [name, metric_text(metric), ABSENT if metric.real is None else f"{metric.real:.3g}"]
        for name, metric in facts.metrics.items()
    ]
    return aligned(("metric", "value (95 % interval)", "real clips"), rows)


def _changed(changes: list[Change], before: Run, run: Run) -> str:
    rows = []
    for part in ("config", "data", "code"):
        keys = [change.key for change in changes if change.part == part]
        rows.append((part, ", ".join(keys) or "unchanged"))
    title = f"changed since run {before.number} (mocogan runs diff {before.number} {run.number}):"
    return title + "\n" + facts_text(rows)
