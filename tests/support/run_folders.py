"""An output folder with runs of every kind, as the local engine leaves it."""

from __future__ import annotations

from pathlib import Path

from benchmarks.run_store.recorded_run import RecordedRun
from benchmarks.run_store.store import RunStore

FIRST, LONGER, FAILED, KILLED, CODE, CACHED = range(1, 7)  # numbers of the runs

RUNS = (
    RecordedRun("data", name="first", steps=1000, distance=2.0),
    RecordedRun("config", name="longer", steps=5000, distance=1.0),
    RecordedRun("data", "failed", content="1" * 64),
    RecordedRun("config", "killed"),
    RecordedRun("code", steps=5000, distance=1.0, code="1" * 16, blessed=False),
    RecordedRun("nothing", steps=5000, distance=1.0, code="1" * 16, blessed=False),
)


def write_runs(out: Path, *more: RecordedRun, metadata: str = "sqlite") -> Path:
    """Writes RUNS and `more`, with small files. `metadata` is the option of the pipeline. Returns `out`."""
    store = RunStore(out, files=True)
    for run in (*RUNS, *more):
        store.add(run)
    store.write(metadata)
    return out
