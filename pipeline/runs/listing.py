"""The runs of an output folder as a table, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mocogan.components.reports.quantities import data_size, playing_time
from mocogan.components.reports.readable_text import visible
from mocogan.pipeline.metadata.run_facts import RunFacts, run_facts
from mocogan.pipeline.metadata.runs import CACHED, RAN, Run
from mocogan.pipeline.runners.run_process import DONE, KILLED, RUNNING, UNKNOWN
from mocogan.pipeline.runs.columns import (
    ABSENT,
    aligned,
    blessing_text,
    metric_text,
    number,
    when,
)

# The keys of evaluation.json. Their modules import NumPy, which takes as long as all else here.
KEY_METRICS = ("clip_distance", "content_consistency")

_HEAD = ("run", "name", "pipeline", "state", "started", "took", "nodes", "steps")
_HEAD_END = ("verdict", "pushed", "size")


def runs_table(runs: Sequence[Run], out: Path) -> str:
    """A row for each run, and under it the cause of its failure.

    Args:
        runs: Runs of one output folder.
        out: The output folder.
    """
    several = len({run.pipeline for run in runs}) > 1
    rows = [_row(run, run_facts(run, out), several) for run in runs]
    head = (*_HEAD, *KEY_METRICS, *_HEAD_END)
    table = aligned(head, rows, right=("run", "steps", "size")).splitlines()
    lines = table[:1]
    for run, line in zip(runs, table[1:], strict=True):
        lines += [line, *(f"     {visible(note)}" for note in _notes(run))]
    return "\n".join(lines)


def run_json(run: Run, out: Path) -> dict[str, Any]:
    """All that is known of a run, as JSON."""
    facts = asdict(run_facts(run, out))
    return {
        "run": run.number,
        "name": run.name,
        "pipeline": run.pipeline,
        "pipeline_run": run.id,
        "state": run.state,
        "started": run.started,
        "seconds": run.seconds,
        "error": run.error,
        "folder": str(run.folder) if run.folder else None,
        "process": run.process._asdict() if run.process else None,
        "nodes": [
            {
                "node": node.name,
                "state": node.state,
                "execution": node.execution,
                "started": node.started,
                "seconds": node.seconds,
                "error": node.error,
                "artifacts": {
                    key: [{"id": output.id, "uri": output.uri} for output in outputs]
                    for key, outputs in node.outputs.items()
                },
            }
            for node in run.nodes
        ],
        **facts,
    }


def nodes_text(run: Run) -> str:
    """How the nodes ended, such as "4 cached, 5 ran, MoCoGanTrainer failed"."""
    states = Counter(node.state for node in run.nodes)
    counted = [f"{states[state]} {state}" for state in (CACHED, RAN) if states[state]]
    named = [f"{n.name} {n.state}" for n in run.nodes if n.state not in (CACHED, RAN)]
    return ", ".join(counted + named) or ABSENT


def state_text(run: Run) -> str:
    """The state. For a run on another host: what is known."""
    if run.removed:
        return "removed"
    if run.state != UNKNOWN:
        return run.state
    return f"running on {run.process.host}?" if run.process else "running or killed?"


def _row(run: Run, facts: RunFacts, with_pipeline: bool) -> list[str]:
    return [
        str(run.number),
        run.name or "",
        run.pipeline if with_pipeline else "",
        state_text(run),
        when(run.started),
        playing_time(run.seconds),
        nodes_text(run),
        number(facts.steps),
        *(metric_text(facts.metrics.get(name)) for name in KEY_METRICS),
        blessing_text(facts.blessed),
        _pushed_text(facts),
        data_size(facts.bytes or 0),
    ]


def _pushed_text(facts: RunFacts) -> str:
    if facts.pushed is None:
        return ABSENT
    return facts.pushed_version or ABSENT


def _notes(run: Run) -> list[str]:
    if run.state == UNKNOWN and run.process:
        host, pid = run.process.host, run.process.pid
        return [f"running on {host} as process {pid}, or killed there: this host cannot tell"]
    if run.state == UNKNOWN:
        return [
            "running, or killed: this run was started by an older version, which kept no record"
        ]
    if run.state in (DONE, RUNNING) or not run.error:
        return ["killed: its process has ended without a word"] if run.state == KILLED else []
    return [run.error]
