"""A store of ML Metadata with many runs, as the local engine would leave it.

    python -m benchmarks.run_store OUT [--runs 1000] [--files] [--metadata ADDRESS]

Writes `OUT/tfx_metadata/metadata.db` and `OUT/runs`, in seconds, without TFX. With `--files`, the artifacts have small
files too. With `--metadata`, the store is in a database. The runs differ: new data, another configuration, other code,
nothing new, failed, killed.
"""

from __future__ import annotations

import argparse
import datetime
import functools
import gzip
import json
import random
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2 as pb

from benchmarks.store_copy import copy_store
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.rendering import to_yaml
from mocogan.pipeline.metadata.address import SQLITE
from mocogan.pipeline.metadata.server_store import ServerStore
from mocogan.pipeline.metadata.sqlite_store import SqliteStore
from mocogan.pipeline.metadata.store import Store
from mocogan.pipeline.metadata.stores import configured_store
from mocogan.pipeline.metadata.writer import set_value
from mocogan.pipeline.outputs.written_files import record_files
from mocogan.pipeline.runners.run_process import RunProcess, this_process, write_run_process

PIPELINE = "mocogan"
FIRST_RUN = datetime.datetime(2026, 1, 1)
# Type -> the file that an artifact must have, and its content.
_FILES = {
    "Examples": ("Split-train/data_tfrecord-00000-of-00001.gz", gzip.compress(b"")),
    "Model": ("Format-Serving/saved_model.pb", b"model" * 100),
    "TransformGraph": ("transform_fn/saved_model.pb", b"graph" * 100),
    "mocogan.IngestReport": ("ingest_report.json", b"{}"),
}
RUN_HOURS = 2.0  # from one run to the next


class _Node(NamedTuple):
    """A node of the pipeline, the artifacts that it reads as (node, key), and the types of its outputs by key."""

    name: str
    inputs: dict[str, tuple[str, str]]
    outputs: dict[str, str]
    seconds: float


_EXAMPLES, _MODEL = ("VideoExampleGen", "examples"), ("MoCoGanTrainer", "model")
_SCHEMA, _GRAPH = ("SchemaGen", "schema"), ("Transform", "transform_graph")
NODES = (
    _Node("SchemaGen", {}, {"schema": "Schema"}, 1),
    _Node(
        "VideoExampleGen", {}, {"examples": "Examples", "ingest_report": "mocogan.IngestReport"}, 60
    ),
    _Node("StatisticsGen", {"examples": _EXAMPLES}, {"statistics": "ExampleStatistics"}, 20),
    _Node(
        "ExampleValidator",
        {"statistics": ("StatisticsGen", "statistics"), "schema": _SCHEMA},
        {"anomalies": "ExampleAnomalies"},
        1,
    ),
    _Node(
        "Transform",
        {"examples": _EXAMPLES, "schema": _SCHEMA},
        {"transform_graph": "TransformGraph"},
        10,
    ),
    _Node(
        "MoCoGanTrainer",
        {"examples": _EXAMPLES, "transform_graph": _GRAPH, "schema": _SCHEMA},
        {"model": "Model", "model_run": "ModelRun", "checkpoints": "mocogan.GanCheckpoint"},
        3600,
    ),
    _Node("BaselineFinder", {"candidate": _MODEL}, {"baseline_model": "mocogan.BaselineModel"}, 1),
    _Node(
        "VideoEvaluator",
        {"examples": _EXAMPLES, "model": _MODEL},
        {"blessing": "ModelBlessing", "evaluation": "ModelEvaluation"},
        120,
    ),
    _Node("InfraValidator", {"model": _MODEL}, {"blessing": "InfraBlessing"}, 10),
    _Node(
        "Pusher",
        {"model": _MODEL, "model_blessing": ("VideoEvaluator", "blessing")},
        {"pushed_model": "PushedModel"},
        2,
    ),
)
_FIRST_NODE = {"data": "VideoExampleGen", "config": "MoCoGanTrainer", "code": "VideoEvaluator"}


class RecordedRun(NamedTuple):
    """What a run is like. Nodes before the first one that `changed` decides come from the cache."""

    changed: str = "data"  # data, config, code, nothing
    ended: str = (
        "done"  # done, failed (in the trainer), killed (in the trainer), running (in the trainer)
    )
    name: str | None = None
    steps: int = 20000
    blessed: bool = True
    distance: float = 1.0
    content: str = "0" * 64  # fingerprint of the videos
    code: str = "0" * 16


class RunStore:
    """Collects runs, and writes them at once, because ML Metadata takes milliseconds for each call."""

    def __init__(self, out: Path, files: bool = False, recorded: bool = False) -> None:
        """Use a folder.

        Args:
            out: The output folder.
            files: Whether artifacts have files.
            recorded: Whether the names and sizes of these files are recorded.
        """
        self.out, self._files, self._recorded = out.resolve(), files, recorded
        self._producers: list[int] = []  # number of the execution that wrote each artifact
        self._runs: list[RecordedRun] = []
        self._executions: list[tuple[pb.Execution, str, str, float, float]] = []
        self._artifacts: list[tuple[pb.Artifact, str]] = []  # and the type
        self._events: list[tuple[int, int, int, str]] = []  # execution, artifact, kind, key
        self._newest: dict[str, dict[str, int]] = {}  # node -> key -> number of the artifact

    def add(self, run: RecordedRun) -> str:
        """Adds a run after the others. Returns the id that TFX would give it."""
        start = FIRST_RUN + datetime.timedelta(hours=RUN_HOURS * len(self._runs))
        run_id = start.replace(microsecond=1 + len(self._runs)).isoformat()
        self._runs.append(run)
        seconds, state = start.timestamp(), "running"
        names = [node.name for node in NODES]
        new_from = len(NODES)
        if run.changed != "nothing":
            new_from = names.index(_FIRST_NODE[run.changed]) if self._newest else 0
        for number, node in enumerate(NODES):
            cached = number < new_from and node.name in self._newest and bool(node.outputs)
            state = "CACHED" if cached else "COMPLETE"
            if node.name == "MoCoGanTrainer" and not cached and run.ended != "done":
                state = "FAILED" if run.ended == "failed" else "RUNNING"
            ended = seconds + (0.01 if cached else node.seconds)
            self._execute(node, run, run_id, state, seconds, ended)
            seconds = ended
            if state in ("FAILED", "RUNNING"):
                break
        self._write_folder(run, run_id, start, seconds)
        return run_id

    def _execute(
        self, node: _Node, run: RecordedRun, run_id: str, state: str, start: float, end: float
    ) -> None:
        execution = pb.Execution(last_known_state=getattr(pb.Execution, state))
        for key, value in _parameters(node.name, run).items():
            set_value(execution.custom_properties[key], value)
        if state == "FAILED":
            set_value(
                execution.custom_properties["error"], "weights contain NaN or Inf after step 120"
            )
        number = len(self._executions)
        self._executions.append((execution, node.name, run_id, start, end))
        for key, (producer, output) in node.inputs.items():
            artifact = self._newest[producer][output]
            self._events.append((number, artifact, pb.Event.INPUT, key))
        if state in ("FAILED", "RUNNING"):
            return
        if state == "COMPLETE":
            outputs = {
                key: self._artifact(node.name, key, kind, number + 1, run)
                for key, kind in node.outputs.items()
            }
            self._newest[node.name] = outputs
            self._producers += [number] * len(outputs)
            if self._recorded:
                folders = {key: [self._artifacts[a][0].uri] for key, a in outputs.items()}
                record_files(folders, number + 1)
        for key, artifact in self._newest[node.name].items():
            self._events.append((number, artifact, pb.Event.OUTPUT, key))

    def _artifact(self, node: str, key: str, kind: str, execution: int, run: RecordedRun) -> int:
        uri = self.out / "tfx_pipeline_output" / node / key / str(execution)
        artifact = pb.Artifact(uri=str(uri), state=pb.Artifact.LIVE)
        facts = _facts(kind, run, self.out, execution)
        for name, value in facts.items():
            set_value(artifact.custom_properties[name], value)
        self._artifacts.append((artifact, kind))
        if self._files:
            _write_files(uri, kind, run)
        return len(self._artifacts) - 1

    def _write_folder(
        self, run: RecordedRun, run_id: str, start: datetime.datetime, end: float
    ) -> None:
        folder = self.out / "runs" / start.strftime("%Y-%m-%dT%H-%M-%S")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.yaml").write_text(
            _config_text(self.out, run.steps, run.name), encoding="utf-8"
        )
        process = this_process(PIPELINE, run.name)._asdict() | {
            "pipeline_run": run_id,
            "started": start.timestamp(),
        }
        if run.ended in ("done", "failed"):
            process |= {"state": run.ended, "ended": end}
        if run.ended == "failed":
            process |= {"error": "weights contain NaN or Inf after step 120"}
        if run.ended == "killed":
            process |= {"process_start": 1}  # another process
        write_run_process(folder, RunProcess(**process))

    def write(self, metadata: str = SQLITE) -> Store:
        """Writes the store, in a file or in the database that `metadata` names, as the option of the pipeline.

        A database gets the records of a file, in bulk: ML Metadata would take an hour for 1,000 runs.
        """
        place = configured_store(str(self.out), metadata)
        if isinstance(place, ServerStore):
            with tempfile.TemporaryDirectory() as folder:
                file = SqliteStore(Path(folder, "metadata.db"))
                self._write(file)
                copy_store(file, place, self.out)
        elif isinstance(place, SqliteStore):
            place.path.parent.mkdir(parents=True, exist_ok=True)
            self._write(place)
        return place

    def _write(self, place: SqliteStore) -> None:
        config = place.connection_config(write=True)
        config.sqlite.connection_mode = pb.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
        store = mlmd.MetadataStore(config)
        executions = self._put_executions(store)
        artifacts = self._put_artifacts(store)
        store.put_events(
            [_event(executions[e], artifacts[a], kind, key) for e, a, kind, key in self._events]
        )
        self._put_contexts(store, executions, artifacts)
        del store
        self._set_times(place.path, executions)

    def _put_executions(self, store: mlmd.MetadataStore) -> Sequence[int]:
        types = {
            node.name: store.put_execution_type(pb.ExecutionType(name=f"mocogan.{node.name}"))
            for node in NODES
        }
        for execution, node, *_ in self._executions:
            execution.type_id = types[node]
        ids: Sequence[int] = store.put_executions([e for e, *_ in self._executions])
        return ids

    def _put_artifacts(self, store: mlmd.MetadataStore) -> Sequence[int]:
        kinds = {kind for _, kind in self._artifacts}
        types = {k: store.put_artifact_type(pb.ArtifactType(name=k)) for k in sorted(kinds)}
        for artifact, kind in self._artifacts:
            artifact.type_id = types[kind]
        ids: Sequence[int] = store.put_artifacts([artifact for artifact, _ in self._artifacts])
        return ids

    def _put_contexts(
        self, store: mlmd.MetadataStore, executions: Sequence[int], artifacts: Sequence[int]
    ) -> None:
        names = [("pipeline", PIPELINE)]
        names += [("node", f"{PIPELINE}.{node.name}") for node in NODES]
        names += [("pipeline_run", run_id) for run_id in dict.fromkeys(self._run_ids())]
        types = {kind: store.put_context_type(pb.ContextType(name=kind)) for kind, _ in names}
        contexts = [pb.Context(type_id=types[kind], name=name) for kind, name in names]
        ids = dict(zip(names, store.put_contexts(contexts), strict=True))
        places = [
            [
                ids[context]
                for context in (
                    ("pipeline", PIPELINE),
                    ("node", f"{PIPELINE}.{node}"),
                    ("pipeline_run", run_id),
                )
            ]
            for _, node, run_id, *_ in self._executions
        ]
        associations = [
            pb.Association(execution_id=execution, context_id=context)
            for execution, found in zip(executions, places, strict=True)
            for context in found
        ]
        attributions = [
            pb.Attribution(artifact_id=artifact, context_id=context)
            for artifact, producer in zip(artifacts, self._producers, strict=True)
            for context in places[producer]
        ]
        store.put_attributions_and_associations(attributions, associations)

    def _run_ids(self) -> list[str]:
        return [run_id for _, _, run_id, *_ in self._executions]

    def _set_times(self, path: Path, executions: Sequence[int]) -> None:
        """Writes the times that the nodes would have had. ML Metadata's interface cannot."""
        times = [
            (int(start * 1000), int(end * 1000), execution)
            for execution, (*_, start, end) in zip(executions, self._executions, strict=True)
        ]
        with sqlite3.connect(path) as database:
            database.executemany(
                "UPDATE Execution SET create_time_since_epoch=?, last_update_time_since_epoch=? WHERE id=?",
                times,
            )
        database.close()


@functools.cache
def _config_text(out: Path, steps: int, name: str | None) -> str:
    assignments = [f"trainer.run.steps={steps}", f"run_name={json.dumps(name)}"]
    return to_yaml(load_config(data="/videos", out=str(out), assignments=assignments))


@functools.cache
def _ingest_config() -> str:
    return load_config(data="/videos").ingest.model_dump_json()


def _parameters(node: str, run: RecordedRun) -> dict[str, Any]:
    parameters: dict[str, Any] = {"code_fingerprint": run.code}
    if node == "VideoExampleGen":
        return parameters | {
            "input_base": "/videos",
            "ingest_config": _ingest_config(),
            "input_fingerprint": run.content,
        }
    if node == "MoCoGanTrainer":
        return parameters | {"custom_config": _trainer_config(run)}
    return parameters


def _trainer_config(run: RecordedRun) -> str:
    return json.dumps({"trainer_config": {"run": {"steps": run.steps}}, "filler": "x" * 1200})


def _facts(kind: str, run: RecordedRun, out: Path, execution: int) -> Mapping[str, Any]:
    """The custom properties of an artifact."""
    common: dict[str, Any] = {"code_fingerprint": run.code, "tfx_version": "1.16.0"}
    if kind == "Examples":
        common |= {"clips": 4000, "videos_accepted": 1000, "videos_rejected": 3}
    elif kind in ("Model", "ModelRun", "mocogan.GanCheckpoint"):
        common |= {"steps": run.steps, "seconds": 3600.0, "verdict": "healthy", "device": "CPU"}
        common |= {"loss_d_loss": 0.86, "loss_g_loss": 2.3, "trainer_config": _trainer_config(run)}
    elif kind in ("ModelBlessing", "ModelEvaluation"):
        common |= {"blessed": int(run.blessed), "reason": _reason(run)}
        if kind == "ModelEvaluation":
            common |= {"clip_distance": run.distance, "content_consistency": run.distance / 4}
            common |= {f"metric_{number}": run.distance for number in range(20)}
    elif kind == "PushedModel" and run.blessed:
        folder = out / "serving_model" / PIPELINE / str(1_700_000_000 + execution)
        common |= {"pushed": 1, "pushed_destination": str(folder), "pushed_version": folder.name}
    elif kind == "PushedModel":
        common |= {"pushed": 0, "reason": "the model is not blessed"}
    return common


def _reason(run: RecordedRun) -> str:
    return "blessed: 18 checks passed" if run.blessed else "not blessed: clip_distance is above 0.3"


def _write_files(folder: Path, kind: str, run: RecordedRun) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "ModelEvaluation":
        values = {"low": run.distance * 0.9, "high": run.distance * 1.1, "real": 0.5}
        metrics = {
            "clip_distance": {"value": run.distance, **values},
            "content_consistency": {"value": run.distance / 4, "low": None, "high": None},
        }
        verdict = {"blessed": run.blessed, "reason": _reason(run), "checks": []}
        text = json.dumps({"verdict": verdict, "metrics": metrics})
        (folder / "evaluation.json").write_text(text, encoding="utf-8")
    else:
        name, content = _FILES.get(kind, ("content", b"x" * 1000))
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


def _event(execution: int, artifact: int, kind: int, key: str) -> pb.Event:
    event = pb.Event(execution_id=execution, artifact_id=artifact, type=kind)
    event.path.steps.add().key = key
    return event


def write_many_runs(out: Path, count: int, files: bool = False, metadata: str = SQLITE) -> Store:
    """Writes a store of `count` runs of all kinds. `metadata` is the option of the pipeline."""
    store, chance = RunStore(out, files, recorded=files), random.Random(0)
    kinds = ("data", "config", "config", "code", "nothing")
    endings = ("done",) * 8 + ("failed", "killed")
    for number in range(count):
        changed = "data" if number == 0 else chance.choice(kinds)
        ended = "done" if number == 0 or changed in ("code", "nothing") else chance.choice(endings)
        run = RecordedRun(
            changed,
            ended,
            steps=chance.randrange(1, 40) * 1000,
            blessed=chance.random() < 0.7,
            distance=chance.uniform(0.5, 2),
            content=f"{number:064x}",
            code=f"{number // 50:016x}",
        )
        store.add(run)
    return store.write(metadata)


def main() -> None:
    parser = argparse.ArgumentParser(description="write a store with many runs")
    parser.add_argument("out", type=Path, help="new output folder")
    parser.add_argument("--runs", type=int, default=1000, help="number of runs")
    parser.add_argument("--files", action="store_true", help="write small artifact files too")
    parser.add_argument("--metadata", default=SQLITE, help="database of the store")
    arguments = parser.parse_args()
    print(write_many_runs(arguments.out, arguments.runs, arguments.files, arguments.metadata))


if __name__ == "__main__":
    main()
