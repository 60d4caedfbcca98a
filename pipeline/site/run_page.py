"""The page of a run: its pipeline, facts, metrics, what changed, and the artifacts of each node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mocogan.components.reports.quantities import amount, data_size, figure, playing_time
from mocogan.components.reports.readable_text import shortened
from mocogan.pipeline.lineage.ancestry import BASELINE_ROLES
from mocogan.pipeline.metadata.run_facts import Metric, RunFacts
from mocogan.pipeline.metadata.run_folders import CONFIG_FILE, LOG_FILE
from mocogan.pipeline.metadata.runs import CACHED, Node, Run
from mocogan.pipeline.runners.run_process import RUNNING
from mocogan.pipeline.runs.columns import ABSENT, when
from mocogan.pipeline.runs.differences import Change, changes, value_text
from mocogan.pipeline.runs.listing import state_text
from mocogan.pipeline.runs.watching import training_progress
from mocogan.pipeline.site.artifact_view import (
    ArtifactViews,
    Clip,
    artifact_clips,
    clip_of,
    evaluation_protocol,
)
from mocogan.pipeline.site.contents import Contents
from mocogan.pipeline.site.drawing.artifact_graph import artifact_page
from mocogan.pipeline.site.drawing.metric_chart import metric_words
from mocogan.pipeline.site.drawing.pipeline_graph import node_anchor, pipeline_graphs
from mocogan.pipeline.site.drawing.svg import graphs_html
from mocogan.pipeline.site.files import SiteFiles

Values = Mapping[str, Mapping[str, Any]]
_SHOWN_ERROR, _SHOWN_VALUE = 1000, 160  # characters
_GENERATED = "generated"
_RESULTS = ("metric", "result")  # parts of a difference that follow from the others


class Pair(NamedTuple):
    """The clips of two runs, side by side."""

    first: Clip
    second: Clip
    note: str


def run_page(number: int) -> str:
    """Path of the page of a run in the site."""
    return f"runs/{number}.html"


def run_content(
    views: ArtifactViews,
    run: Run,
    after: Run | None,
    values: Callable[[Run], Values],
) -> dict[str, Any]:
    """What the template `run.html` shows.

    Args:
        views: All runs, and what pages show of artifacts.
        run: The run.
        after: The next run of the same pipeline.
        values: Gives what is compared of a run.
    """
    contents, files = views.contents, views.files
    facts, before = contents.facts[run.number], contents.before(run)
    changed = changes(values(before), values(run)) if before else []
    pair = _pair(files, before, run) if before else None
    nodes = [_node(views, run, node) for node in run.nodes]
    running = running_samples(contents, files, run)
    return {
        "number": run.number,
        "name": run.name,
        "pipeline": run.pipeline,
        "state": run.state,
        "state_text": state_text(run),
        "error": shortened(run.error, _SHOWN_ERROR) if run.error else None,
        "failed_node": next((node.name for node in run.nodes if node.error), None),
        "verdict": facts.verdict,
        "progress": next((node["progress"] for node in nodes if node["progress"]), None),
        "sample": running,
        "graphs": graphs_html(
            pipeline_graphs(run, contents.whole_run(run.pipeline)), f"Pipeline of run {run.number}"
        ),
        "facts": _facts(files, run, facts),
        "metrics": [
            (name, metric_words(metric), ABSENT if metric.real is None else figure(metric.real))
            for name, metric in facts.metrics.items()
        ],
        "before_number": before.number if before else None,
        "before_name": before.name if before else None,
        "after_number": after.number if after else None,
        "pair": pair,
        "causes": [_shown(change) for change in changed if change.part not in _RESULTS],
        "results": [_shown(change) for change in changed if change.part in _RESULTS],
        "nodes": nodes,
        "has_clips": bool(pair or running)
        or any(v.clips for node in nodes for _, v in node["outputs"]),
    }


def newest_clips(files: SiteFiles, run: Run) -> list[Clip]:
    """The clips of a run that the first page and comparisons show: generated and real ones, or training samples."""
    for key in ("evaluation", "model_run"):
        output = run.output(key)
        clips = artifact_clips(files, output) if output else []
        if clips:
            return clips
    return []


def running_samples(contents: Contents, files: SiteFiles, run: Run) -> Clip | None:
    """The newest samples of a training that is running."""
    node = run.node("MoCoGanTrainer")
    if node is None or node.state != RUNNING:
        return None
    path = training_progress(node, run, contents.out).samples
    return clip_of(files, path.stem, path) if path else None


def sampling_seed(run: Run) -> int | None:
    """The seed of the clips that a run was evaluated with."""
    evaluation = run.output("evaluation")
    return evaluation_protocol(evaluation.uri).get("seed") if evaluation else None


def _pair(files: SiteFiles, before: Run, run: Run) -> Pair | None:
    outputs = before.output("evaluation"), run.output("evaluation")
    if None in outputs or outputs[0] == outputs[1]:
        return None
    clips = [
        next((clip for clip in newest_clips(files, one) if clip.name == _GENERATED), None)
        for one in (before, run)
    ]
    if clips[0] is None or clips[1] is None:
        return None
    seeds = sampling_seed(before), sampling_seed(run)
    same = seeds[0] is not None and seeds[0] == seeds[1]
    note = (
        f"Clips in the same order have the same seed ({seeds[0]})."
        if same
        else "The seeds of these runs differ, or are not known."
    )
    return Pair(clips[0], clips[1], note)


def _facts(files: SiteFiles, run: Run, facts: RunFacts) -> list[tuple[str, str, str | None]]:
    paths = {name: run.folder / name for name in (LOG_FILE, CONFIG_FILE) if run.folder}
    losses = ", ".join(f"{k} {v:.3f}" for k, v in facts.losses.items() if k in ("d_loss", "g_loss"))
    counts = [
        amount(count, what)
        for count, what in ((facts.videos, "video"), (facts.clips, "clip"))
        if count is not None
    ]
    process = run.process
    rows: list[tuple[str, str | None, str | None]] = [
        ("started", when(run.started), None),
        ("took", playing_time(run.seconds), None),
        ("data", ", ".join(filter(None, [facts.data, *counts])), None),
        ("training", _training(facts), None),
        ("losses", losses, None),
        ("health", facts.health, None),
        ("pushed", facts.pushed_to, None),
        ("not pushed", facts.not_pushed_because, None),
        ("size", data_size(facts.bytes or 0), None),
        ("process", f"{process.pid} on {process.host}" if process else None, None),
        ("id", run.id, None),
    ]
    for label, name in (("log", LOG_FILE), ("configuration", CONFIG_FILE)):
        if name in paths and (href := files.link(paths[name])):
            rows.append((label, str(paths[name]), f"../{href}"))
    return [(label, text, href) for label, text, href in rows if text]


def _training(facts: RunFacts) -> str | None:
    if facts.steps is None:
        return None
    return f"{amount(facts.steps, 'step')} in {playing_time(facts.seconds or 0.0)}"


def _node(views: ArtifactViews, run: Run, node: Node) -> dict[str, Any]:
    contents = views.contents
    took = "" if node.state == CACHED or not node.seconds else f", {playing_time(node.seconds)}"
    return {
        "name": node.name,
        "anchor": node_anchor(node.name),
        "state": node.state,
        "state_text": f"{node.state}{took}",
        "execution": node.execution,
        "error": shortened(node.error, _SHOWN_ERROR) if node.error else None,
        "progress": _progress(contents, run, node),
        "inputs": [
            _input(contents, run, artifact, role)
            for artifact, role in contents.inputs.get(node.execution, [])
            if artifact in contents.artifacts
        ],
        "outputs": [
            (role, views[output.id]) for role, outputs in node.outputs.items() for output in outputs
        ],
    }


def _input(contents: Contents, run: Run, artifact: int, role: str) -> dict[str, Any]:
    written = contents.written_by.get(artifact)
    return {
        "id": artifact,
        "role": role or contents.artifacts[artifact].type.rpartition(".")[2],
        "href": artifact_page(artifact),
        "from_run": written[0].run if written and written[0].run != run.number else None,
        "compared": role in BASELINE_ROLES,
    }


def _progress(contents: Contents, run: Run, node: Node) -> str | None:
    if node.state != RUNNING or node.name != "MoCoGanTrainer":
        return None
    progress = training_progress(node, run, contents.out)
    total = f" of {progress.steps:,}" if progress.steps and not progress.max_minutes else ""
    parts = [f"step {progress.step:,}{total}"] if progress.step is not None else []
    parts += [f"{name} {value:.3f}" for name, value in progress.losses.items()]
    return ", ".join(parts) or None


def _shown(change: Change) -> Change:
    first, second = (short_value(value, _SHOWN_VALUE) for value in (change.first, change.second))
    return change._replace(first=first, second=second)


def short_value(value: Any, limit: int) -> str:
    """A value that is compared, as text of at most `limit` characters."""
    return shortened(metric_words(value) if isinstance(value, Metric) else value_text(value), limit)
