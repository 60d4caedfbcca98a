"""The run that a command made, as JSON."""

from __future__ import annotations

import json

from mocogan.pipeline.errors import ExpectedError


def echo_run(out: str, since: float) -> None:
    """Prints the newest run of an output folder as one JSON document, unless it started before.

    Args:
        out: Output folder of the runs.
        since: Seconds since 1970.
    """
    from mocogan.pipeline.metadata.runs import RunReader
    from mocogan.pipeline.runs.listing import run_json

    try:
        reader = RunReader(out)
        runs = reader.newest(1)
    except ExpectedError:  # no run has started
        return
    if runs and runs[0].process and runs[0].process.started >= since:
        print(json.dumps(run_json(runs[0], reader.out), indent=2), flush=True)
