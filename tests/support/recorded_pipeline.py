"""A real ML Metadata store with the records of two runs, and the folders of their artifacts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from mocogan.pipeline.metadata.reader import Artifact, MetadataReader
from mocogan.pipeline.metadata.sqlite_store import SqliteStore
from tests.support.metadata_store import Recorder

FIRST, SECOND = "2026-11-30T10:00:00.250000", "2026-11-30T11:00:00.500000"


@dataclass(frozen=True)
class Store:
    """An output folder with two runs.

    The second run ingests again after a video was added, and trains a model that is compared with the first one.
    """

    out: Path
    reader: MetadataReader
    names: dict[str, int]  # such as "model 2" -> id of the artifact

    def artifact(self, name: str) -> Artifact:
        return self.reader.artifact(self.names[name])


@pytest.fixture
def store(tmp_path: Path) -> Store:
    out = (tmp_path / "out").resolve()
    metadata = out / "tfx_metadata" / "metadata.db"
    metadata.parent.mkdir(parents=True)
    recorder = Recorder(metadata)
    names: dict[str, int] = {}

    def artifact(node: str, key: str, type_name: str, run: int, **properties: int | str) -> int:
        folder = out / "tfx_pipeline_output" / node / key / str(run)
        folder.mkdir(parents=True)
        (folder / "file").write_text(f"{key} of run {run}")
        names[f"{key} {run}"] = recorder.artifact(type_name, str(folder), **properties)
        return names[f"{key} {run}"]

    videos = tmp_path / "videos"
    videos.mkdir()
    for run, name in enumerate((FIRST, SECOND), start=1):
        recorder.new_run(name)
        folder = out / "runs" / name[:19].replace(":", "-")
        folder.mkdir(parents=True)
        (folder / "config.yaml").write_text(f"cache: true\nworkers: {run}\n")
        examples = artifact("VideoExampleGen", "examples", "Examples", run, clips=10 * run)
        report = artifact(
            "VideoExampleGen",
            "ingest_report",
            "mocogan.IngestReport",
            run,
            videos_accepted=run,
            videos_rejected=1,
        )
        _write_report(Path(recorder.store.get_artifacts_by_id([report])[0].uri), run)
        recorder.execute(
            "VideoExampleGen",
            {},
            {"examples": examples, "ingest_report": report},
            input_base=str(videos),
            input_fingerprint=f"fingerprint {run}",
            ingest_config='{"size":64}',
            code_fingerprint="c0de" * 4,
            cache_key=f"ingest {run}",
        )
        model = artifact("MoCoGanTrainer", "model", "Model", run, steps=500 * run)
        checkpoints = artifact("MoCoGanTrainer", "checkpoints", "mocogan.GanCheckpoint", run)
        recorder.execute(
            "MoCoGanTrainer",
            {"examples": examples},
            {"model": model, "checkpoints": checkpoints},
            custom_config=json.dumps({"trainer_config": {"run": {"batch_size": 8 * run}}}),
            code_fingerprint=f"code {run}",
            cache_key=f"train {run}",
        )
        blessing = artifact("VideoEvaluator", "blessing", "ModelBlessing", run, blessed=1)
        compared = {"model": model}
        if run == 2:
            compared = {"baseline_model": names["model 1"], "model": model}
        recorder.execute("VideoEvaluator", compared, {"blessing": blessing})
        version = out / "serving_model" / "mocogan" / str(100 * run)
        version.mkdir(parents=True)
        (version / "saved_model.pb").touch()
        pushed = artifact(
            "Pusher",
            "pushed_model",
            "PushedModel",
            run,
            pushed=1,
            pushed_version=str(100 * run),
            pushed_destination=str(version),
            model_sha256=f"sha {run}",
        )
        recorder.execute(
            "Pusher", {"model": model, "model_blessing": blessing}, {"pushed_model": pushed}
        )
    return Store(out, MetadataReader(SqliteStore(metadata)), names)


def _write_report(folder: Path, run: int) -> None:
    """Two videos in the first run, three in the second. One of them was changed."""
    names = ["a.mp4", "b.mp4", "c.mp4"][: run + 1]
    outcomes = [{"video_id": name, "label": "", "clips": 10, "code": ""} for name in names]
    lines = "".join(json.dumps(outcome) + "\n" for outcome in outcomes)
    (folder / "videos-00000-of-00001.jsonl").write_text(lines)
    sizes = {"a.mp4": 100, "b.mp4": 200 * run, "c.mp4": 300}
    files = "".join(json.dumps([name, sizes[name], 10**18]) + "\n" for name in names)
    (folder / "source_files.jsonl").write_text(files)
