"""Writes a store of ML Metadata with many runs, in seconds and without TFX.

    python -m benchmarks.run_store.many_runs OUT [--runs 1000] [--files] [--metadata ADDRESS]

Writes `OUT/tfx_metadata/metadata.db` and `OUT/runs`. With `--files`, the artifacts have small files too. With
`--metadata`, the store is in a database. The runs differ: new data, another configuration, other code, nothing new,
failed, killed.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from benchmarks.run_store.recorded_run import RecordedRun
from benchmarks.run_store.store import RunStore
from mocogan.pipeline.metadata.servers.address import SQLITE
from mocogan.pipeline.metadata.store import Store

_KINDS = ("data", "config", "config", "code", "nothing")
_ENDINGS = ("done",) * 8 + ("failed", "killed")


def write_many_runs(out: Path, count: int, files: bool = False, metadata: str = SQLITE) -> Store:
    """Writes a store of `count` runs of all kinds. `metadata` is the option of the pipeline."""
    store, chance = RunStore(out, files, recorded=files), random.Random(0)
    code = 0
    for number in range(count):
        changed = "data" if number == 0 else chance.choice(_KINDS)
        ended = "done" if number == 0 or changed in ("code", "nothing") else chance.choice(_ENDINGS)
        code += changed == "code"
        run = RecordedRun(
            changed,
            ended,
            steps=chance.randrange(1, 40) * 1000,
            blessed=chance.random() < 0.7,
            distance=chance.uniform(0.5, 2),
            content=f"{number:064x}",
            code=f"{code:016x}",
        )
        store.add(run)
    return store.write(metadata)


def main() -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path, help="new output folder")
    parser.add_argument("--runs", type=int, default=1000, help="number of runs")
    parser.add_argument("--files", action="store_true", help="write small artifact files too")
    parser.add_argument("--metadata", default=SQLITE, help="database of the store")
    arguments = parser.parse_args()
    print(write_many_runs(arguments.out, arguments.runs, arguments.files, arguments.metadata))


if __name__ == "__main__":
    main()
