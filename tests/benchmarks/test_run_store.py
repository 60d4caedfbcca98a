from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.run_store import write_many_runs
from mocogan.pipeline.metadata.runs import RunReader


def test_many_runs_are_of_every_kind(tmp_path: Path):
    write_many_runs(tmp_path, 60)
    runs = RunReader(tmp_path).newest()
    states = Counter(run.state for run in runs)
    assert set(states) == {"done", "failed", "killed"}
    assert states["done"] > 40
    firsts = {next((node.name for node in run.nodes if node.state == "ran"), None) for run in runs}
    assert {"SchemaGen", "VideoExampleGen", "MoCoGanTrainer", "VideoEvaluator"} <= firsts
