"""What a run resulted in: steps, metrics, verdict, pushed version, size on disk."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mocogan.components.video_evaluator.report_file import REPORT_FILE
from mocogan.pipeline.metadata.runs import RAN, Node, Run

# TFX names the folders of an execution <node>/<output>/<execution> and <node>/.system/executor_execution/<execution>.
SYSTEM_FOLDER = ".system"  # of TFX, in the folder of each node
_EXECUTORS = f"{SYSTEM_FOLDER}/executor_execution"
_LOSS = "loss_"  # how names of custom properties with losses begin


@dataclass(frozen=True)
class Metric:
    """A metric of the model. `low` and `high` are the ends of its 95 % interval."""

    value: float
    low: float | None = None
    high: float | None = None
    real: float | None = None  # the same metric of real clips


@dataclass(frozen=True)
class RunFacts:
    """Results of a run. What it did not reach is None or empty."""

    data: str | None = None  # folder of the videos
    data_fingerprint: str | None = None
    videos: int | None = None
    clips: int | None = None
    started_from: str | None = (
        None  # model and how much of it was taken. None: the training started anew
    )
    steps: int | None = None
    seconds: float | None = None  # of the training
    losses: dict[str, float] = field(default_factory=dict)
    health: str | None = None  # verdict of the training doctor
    metrics: dict[str, Metric] = field(default_factory=dict)
    blessed: bool | None = None
    verdict: str | None = None  # with its reason
    pushed: bool | None = None
    pushed_version: str | None = None  # also if this run found that it is pushed already
    pushed_to: str | None = None
    not_pushed_because: str | None = None
    code: dict[str, str] = field(default_factory=dict)  # node -> fingerprint of its code
    bytes: int | None = None  # of the files that this run wrote; None if they were not counted


def run_facts(run: Run, out: Path, with_size: bool = True) -> RunFacts:
    """Collects the results of a run.

    Args:
        run: The run.
        out: Its output folder.
        with_size: Whether to count the bytes, which takes as long as listing all files.
    """
    ingested, trained = _properties(run, "examples"), _properties(run, "model_run")
    evaluated, pushed = _properties(run, "evaluation"), _properties(run, "pushed_model")
    ingest = run.node("VideoExampleGen")
    parameters = ingest.parameters if ingest else {}
    blessed = evaluated.get("blessed")
    version = pushed.get("pushed_version")
    return RunFacts(
        data=parameters.get("input_base"),
        data_fingerprint=parameters.get("input_fingerprint"),
        videos=ingested.get("videos_accepted"),
        clips=ingested.get("clips"),
        started_from=trained.get("warm_start"),
        steps=trained.get("steps"),
        seconds=trained.get("seconds"),
        losses={k.removeprefix(_LOSS): v for k, v in trained.items() if k.startswith(_LOSS)},
        health=trained.get("verdict"),
        metrics=_metrics(run),
        blessed=None if blessed is None else bool(blessed),
        verdict=evaluated.get("reason"),
        pushed=bool(pushed.get("pushed")) if pushed else None,
        pushed_version=None if version is None else str(version),
        pushed_to=pushed.get("pushed_destination"),
        not_pushed_because=pushed.get("reason"),
        code={
            node.name: node.parameters["code_fingerprint"]
            for node in run.nodes
            if "code_fingerprint" in node.parameters
        },
        bytes=sum(map(folder_bytes, written_folders(run, out))) if with_size else None,
    )


def written_folders(run: Run, out: Path) -> list[Path]:
    """Folders that this run wrote and that exist: artifacts, leftovers of failed nodes, its log.

    Artifacts that it took from the cache are not among them, nor the pushed model, nor checkpoints.
    """
    folders = [path for node in run.nodes for path in _node_folders(node, out)]
    if run.folder:
        folders.append(run.folder)
    return list(dict.fromkeys(folders))


def _node_folders(node: Node, out: Path) -> list[Path]:
    if node.state == RAN:
        folders = [Path(output.uri) for outputs in node.outputs.values() for output in outputs]
        return [folder for folder in folders if folder.exists()]
    return leftover_folders(node.name, node.execution, out) if not node.outputs else []


def leftover_folders(node: str, execution: int, out: Path) -> list[Path]:
    """Folders of an execution that has no artifacts, because it failed or was killed."""
    root = Path(out, "tfx_pipeline_output", node)
    if not root.is_dir():
        return []
    keys = [child for child in root.iterdir() if child.name != SYSTEM_FOLDER]
    places = [*keys, root / _EXECUTORS]
    found = (place / str(execution) for place in places)
    return sorted(folder for folder in found if folder.is_dir())


def folder_bytes(folder: Path | str) -> int:
    """Bytes of all files in a folder and its subfolders, without following links."""
    total = 0
    waiting = [os.fspath(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as children:
                for child in children:
                    if child.is_dir(follow_symlinks=False):
                        waiting.append(child.path)
                    else:
                        total += child.stat(follow_symlinks=False).st_size
        except OSError:  # deleted meanwhile, or not readable
            continue
    return total


def _properties(run: Run, key: str) -> dict[str, Any]:
    output = run.output(key)
    return output.properties if output else {}


def _metrics(run: Run) -> dict[str, Metric]:
    """All metrics with their intervals. Empty if the file is gone: then the properties have no intervals either."""
    evaluation = run.output("evaluation")
    if evaluation is None:
        return {}
    try:
        content = json.loads(Path(evaluation.uri, REPORT_FILE).read_text(encoding="utf-8"))
        return dict(_measured(content["metrics"].items()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _measured(metrics: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, Metric]]:
    for name, metric in metrics:
        if metric.get("value") is not None:
            keys = ("value", "low", "high", "real")
            yield name, Metric(**{key: metric.get(key) for key in keys})
