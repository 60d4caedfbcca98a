"""The data of the page that compares two runs. The page's script loads the files of the two that are chosen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mocogan.components.reports.readable_text import shortened
from mocogan.pipeline.metadata.runs import Run
from mocogan.pipeline.runners.run_process import DONE
from mocogan.pipeline.runs.columns import when
from mocogan.pipeline.runs.listing import state_text
from mocogan.pipeline.site.files import SiteFiles
from mocogan.pipeline.site.run_page import newest_clips, sampling_seed, short_value

RUNS_FILE = "data/runs.js"
_SHOWN_VALUE = 300  # characters


def data_file(number: int) -> str:
    """Path of the data of a run in the site."""
    return f"data/{number}.js"


def runs_script(runs: Sequence[Run]) -> str:
    """The list of all runs, newest first, and whether each is done."""
    rows = [[run.number, _choice(run), run.state == DONE] for run in runs]
    return f"siteRuns({_json(rows)});\n"


def run_script(files: SiteFiles, run: Run, values: Mapping[str, Mapping[str, Any]]) -> str:
    """What is compared of a run."""
    content = {
        "number": run.number,
        "name": run.name,
        "state": state_text(run),
        "seed": sampling_seed(run),
        "clips": {clip.name: clip._asdict() for clip in newest_clips(files, run)},
        "values": {
            part: {key: short_value(value, _SHOWN_VALUE) for key, value in found.items()}
            for part, found in values.items()
        },
    }
    return f"siteRun({run.number}, {_json(content)});\n"


def _choice(run: Run) -> str:
    name = f" {shortened(run.name, 60)}" if run.name else ""
    return f"{run.number}{name}: {state_text(run)}, {when(run.started)}"


def _json(value: Any) -> str:
    """ASCII, so that no character ends a line of a script."""
    return json.dumps(value, separators=(",", ":"))
