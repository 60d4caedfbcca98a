"""The properties and the small files of the artifacts of a made store."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.run_store.recorded_run import (
    RecordedRun,
    code_of,
    ingest_config,
    trainer_config,
)

# Type -> the file that an artifact must have, and its content.
_FILES = {
    "Examples": ("Split-train/data_tfrecord-00000-of-00001.gz", gzip.compress(b"")),
    "Model": ("Format-Serving/saved_model.pb", b"model" * 100),
    "TransformGraph": ("transform_fn/saved_model.pb", b"graph" * 100),
    "mocogan.IngestReport": ("ingest_report.json", b"{}"),
    "mocogan.ModelReport": ("report.html", b"<!DOCTYPE html><title>report</title>"),
}
_TRAINED = ("Model", "ModelRun", "mocogan.GanCheckpoint")
_PLAIN = ("Schema", "ExampleStatistics", "ExampleAnomalies", "TransformGraph", "TransformCache")


class Pushed(NamedTuple):
    """A pushed version."""

    folder: str
    model_sha256: str

    def as_json(self) -> str:
        """The parameter of BaselineFinder."""
        return json.dumps(self._asdict(), sort_keys=True)


def properties(
    kind: str, node: str, run: RecordedRun, out: Path, pushed: Pushed, baseline: Pushed | None
) -> dict[str, Any]:
    """The custom properties of an artifact.

    Args:
        kind: Type of the artifact.
        node: Node that writes it.
        run: What the run is like.
        out: The output folder.
        pushed: The version that the run pushes, if its model is blessed.
        baseline: The version that its model is compared with.
    """
    known: dict[str, Any] = {"tfx_version": "1.16.0", "is_external": 0}
    if kind in _PLAIN:
        return known
    known |= {"code_fingerprint": code_of(node, run)}
    if kind in ("Examples", "mocogan.IngestReport"):
        known |= {"clips": 4000, "train_clips": 3600, "eval_clips": 400, "decoder": "pyav"}
        known |= {"videos_accepted": 1000, "videos_rejected": 3, "num_frames": 16}
        known |= {"ingest_config": ingest_config(), "input_fingerprint": run.content}
    elif kind in _TRAINED:
        known |= {"steps": run.steps, "seconds": 3600.0, "verdict": "healthy", "device": "CPU"}
        known |= {"clip_shape": "16x64x64x3", "parameters": 3_000_000, "rollbacks": 0}
        known |= {"loss_d_loss": 0.86, "loss_g_loss": 2.3}
        known |= {"trainer_config": trainer_config(out, run.steps)}
    elif kind == "mocogan.BaselineModel":
        known |= {"baseline": "found" if baseline else "none"}
        known |= _version(baseline) if baseline else {}
    elif kind == "InfraBlessing":
        known |= {"blessed": 1, "has_model": 0, "seconds": 4.5, "memory_mb": 900}
    elif kind in ("ModelBlessing", "ModelEvaluation"):
        known |= {"blessed": int(run.blessed), "reason": run.reason}
        if kind == "ModelEvaluation":
            known |= {"clip_distance": run.distance, "content_consistency": run.distance / 4}
            known |= {f"metric_{number}": run.distance for number in range(20)}
    elif kind == "PushedModel":
        known |= {"pushed": int(run.blessed)}
        known |= _version(pushed) if run.blessed else {"reason": "the model is not blessed"}
    return known


def _version(pushed: Pushed) -> dict[str, Any]:
    return {
        "pushed_destination": pushed.folder,
        "pushed_version": Path(pushed.folder).name,
        "model_sha256": pushed.model_sha256,
    }


def write_files(folder: Path, kind: str, run: RecordedRun) -> None:
    """Writes what an artifact of a type must have."""
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "ModelEvaluation":
        (folder / "evaluation.json").write_text(_evaluation(run), encoding="utf-8")
        return
    name, content = _FILES.get(kind, ("content", b"x" * 1000))
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def _evaluation(run: RecordedRun) -> str:
    values = {"low": run.distance * 0.9, "high": run.distance * 1.1, "real": 0.5}
    metrics = {
        "clip_distance": {"value": run.distance, **values},
        "content_consistency": {"value": run.distance / 4, "low": None, "high": None},
    }
    verdict = {"blessed": run.blessed, "reason": run.reason, "checks": []}
    return json.dumps({"verdict": verdict, "metrics": metrics})
