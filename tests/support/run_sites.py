"""An output folder with runs, moving clips and hostile names, for tests of the site."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

from benchmarks.run_store.recorded_run import RecordedRun
from mocogan.pipeline.metadata.runs import RunReader
from tests.support.run_folders import write_runs

HOSTILE_NAME = "<script>document.title='run'</script>&\"'"


def write_runs_with_clips(out: Path) -> Path:
    """Writes the runs of `run_folders`, and run 7, which has a hostile name. Evaluations have clips and a seed."""
    write_runs(out, RecordedRun("config", name=HOSTILE_NAME, steps=7000, distance=0.8))
    for run in RunReader(out).newest():
        evaluation = run.output("evaluation")
        if evaluation:
            folder = Path(evaluation.uri)
            report = json.loads((folder / "evaluation.json").read_text())
            report["protocol"] = {"seed": 3}
            (folder / "evaluation.json").write_text(json.dumps(report))
            for name in ("generated", "real", "matrix"):
                write_gif(folder / "galleries" / f"{name}.gif")
        report_page = run.output("ingest_report")
        if report_page:
            Path(report_page.uri, "ingest_report.html").write_text(
                "<!DOCTYPE html><title>ingest</title>"
            )
    return out


def write_gif(path: Path) -> None:
    """Writes a GIF of two frames."""
    path.parent.mkdir(exist_ok=True)
    first, second = (Image.new("RGB", (32, 24), color) for color in ("#a03020", "#2030a0"))
    first.save(path, save_all=True, append_images=[second], duration=100, loop=0)
