"""The first page: all runs as a table, the newest samples, and metrics over runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from mocogan.components.reports.quantities import amount, data_size, figure, playing_time
from mocogan.pipeline.metadata.run_facts import Metric, RunFacts
from mocogan.pipeline.metadata.runs import CACHED, RAN, Run
from mocogan.pipeline.runners.run_process import DONE, FAILED, KILLED, RUNNING, UNKNOWN
from mocogan.pipeline.runs.columns import number as number_text
from mocogan.pipeline.runs.columns import when
from mocogan.pipeline.runs.listing import KEY_METRICS, nodes_text, state_text
from mocogan.pipeline.site.artifact_view import Clip
from mocogan.pipeline.site.contents import Contents
from mocogan.pipeline.site.drawing.metric_chart import Measured, MetricChart, metric_chart
from mocogan.pipeline.site.files import SiteFiles
from mocogan.pipeline.site.run_page import newest_clips, running_samples

_LETTERS = {RAN: "r", CACHED: "c", FAILED: "f", KILLED: "k", RUNNING: "g", UNKNOWN: "u"}
_COLUMNS = ("run", "state", "started", "took", "nodes", "steps")
_LABELED = ("steps", "pushed", "size")  # on phones, besides metrics
_COLUMNS_END = ("verdict", "pushed", "size")
_BLESSED, _NOT_BLESSED = "blessed", "not-blessed"
_SAMPLES = 4  # runs whose newest samples are shown
_LOOKED_AT = 40  # newest runs among which they are searched
_SHOWN_ROWS = 20  # before somebody asks for all
_CHARTED = 200  # runs
_CHARTS = 6


class Tile(NamedTuple):
    """One of the large numbers."""

    label: str
    value: str
    remark: str = ""


class Cell(NamedTuple):
    """A metric in the table."""

    value: str  # for sorting
    text: str
    interval: str


class Sample(NamedTuple):
    """The clips of a run."""

    number: int
    caption: str
    clip: Clip


def index_content(contents: Contents, files: SiteFiles) -> dict[str, Any]:
    """What the template `index.html` shows."""
    several = len({run.pipeline for run in contents.runs}) > 1
    keys = [key for key in KEY_METRICS if any(key in f.metrics for f in contents.facts.values())]
    rows = [_row(run, contents.facts[run.number], keys, several) for run in contents.runs]
    charts, charted, evaluated = _charts(contents)
    metrics = [key.replace("_", " ") for key in keys]
    return {
        "name": contents.out.name,
        "out": str(contents.out),
        "tiles": _tiles(contents),
        "rows": rows,
        "limit": _SHOWN_ROWS,
        "columns": (*_COLUMNS, *metrics, *_COLUMNS_END),
        "labeled": (*_LABELED, *metrics),
        "states": _counted(row["state"] for row in rows),
        "verdicts": _counted(row["verdict"] for row in rows if row["verdict"]),
        "samples": _samples(contents, files),
        "charts": charts,
        "shown": charted,
        "left_out": evaluated - charted,
        "radius": 4 if charted <= 40 else 2.5,
    }


def _row(run: Run, facts: RunFacts, keys: Sequence[str], with_pipeline: bool) -> dict[str, Any]:
    return {
        "number": run.number,
        "name": run.name or "",
        "pipeline": run.pipeline if with_pipeline else "",
        "state": run.state,
        "state_text": state_text(run),
        "error": run.error if run.state != DONE else None,
        "started": f"{run.started:.0f}",
        "when": when(run.started),
        "seconds": f"{run.seconds:.0f}",
        "took": playing_time(run.seconds),
        "ran": sum(node.state == RAN for node in run.nodes),
        "nodes": [_LETTERS[node.state] for node in run.nodes],
        "node_words": nodes_text(run),
        "steps": facts.steps,
        "steps_text": number_text(facts.steps) if facts.steps is not None else "",
        "metrics": [_cell(facts.metrics.get(key)) for key in keys],
        "verdict": {True: _BLESSED, False: _NOT_BLESSED, None: ""}[facts.blessed],
        "pushed": facts.pushed_version or "",
        "bytes": facts.bytes or 0,
        "size": data_size(facts.bytes or 0),
    }


def _cell(metric: Metric | None) -> Cell:
    if metric is None:
        return Cell("", "", "")
    interval = (
        ""
        if metric.low is None or metric.high is None
        else f"{figure(metric.low)} to {figure(metric.high)}"
    )
    return Cell(f"{metric.value:.6g}", figure(metric.value), interval)


def _counted(words: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(words).items())


def _tiles(contents: Contents) -> list[Tile]:
    states = Counter(run.state for run in contents.runs)
    others = ", ".join(f"{count} {state}" for state, count in states.items() if state != DONE)
    tiles = [Tile("runs", f"{len(contents.runs):,}", others)]
    facts = [(run, contents.facts[run.number]) for run in contents.runs]
    judged = next(((run, f) for run, f in facts if f.blessed is not None), None)
    if judged:
        word = "blessed" if judged[1].blessed else "not blessed"
        tiles.append(Tile("newest verdict", word, f"run {judged[0].number}"))
    pushed = next(((run, f) for run, f in facts if f.pushed), None)
    if pushed:
        tiles.append(
            Tile("newest pushed version", pushed[1].pushed_version or "", f"run {pushed[0].number}")
        )
    total = sum(f.bytes or 0 for _, f in facts)
    return [
        *tiles,
        Tile("size of the runs", data_size(total), amount(len(contents.artifacts), "artifact")),
    ]


def _samples(contents: Contents, files: SiteFiles) -> list[Sample]:
    """The clips of the newest models. The first run that has a model trained it."""
    samples: dict[int, Sample] = {}
    for run in contents.runs[:_LOOKED_AT]:
        model = run.output("model")
        key = model.id if model else -run.number
        clip = running_samples(contents, files, run) or next(iter(newest_clips(files, run)), None)
        if clip and (key in samples or len(samples) < _SAMPLES):
            name = f" {run.name}" if run.name else ""
            samples[key] = Sample(run.number, f"Run {run.number}{name}: {clip.title}", clip)
    return list(samples.values())


def _charts(contents: Contents) -> tuple[list[MetricChart], int, int]:
    """Charts, the number of runs in them, and the number of all evaluated runs."""
    evaluated = [run for run in reversed(contents.runs) if _is_evaluated(run, contents)]
    runs = evaluated[-_CHARTED:]
    names = dict.fromkeys(
        [*KEY_METRICS, *(name for run in runs[-1:] for name in contents.facts[run.number].metrics)]
    )
    charts = (metric_chart(name, _measured(runs, contents, name)) for name in names)
    return [chart for chart in charts if chart][:_CHARTS], len(runs), len(evaluated)


def _is_evaluated(run: Run, contents: Contents) -> bool:
    evaluator = run.node("VideoEvaluator")
    return bool(evaluator and evaluator.state == RAN and contents.facts[run.number].metrics)


def _measured(runs: Sequence[Run], contents: Contents, name: str) -> list[Measured]:
    found = ((run, contents.facts[run.number]) for run in runs)
    return [
        Measured(
            run.number,
            f"run {run.number}" + (f" {run.name}" if run.name else ""),
            facts.metrics[name],
            {True: _BLESSED, False: _NOT_BLESSED, None: ""}[facts.blessed],
        )
        for run, facts in found
        if name in facts.metrics
    ]
