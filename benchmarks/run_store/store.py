"""A store of ML Metadata and an output folder, as the local engine would leave them, without a run."""

from __future__ import annotations

import datetime
import hashlib
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from ml_metadata.proto import metadata_store_pb2 as pb

from benchmarks.run_store.artifacts import Pushed, properties, write_files
from benchmarks.run_store.nodes import NODES, Node, nodes_after
from benchmarks.run_store.recorded_run import ERROR, RecordedRun, config_text, parameters
from benchmarks.run_store.records import (
    PIPELINE,
    RecordedArtifact,
    RecordedEvent,
    RecordedExecution,
    Records,
    write_records,
)
from benchmarks.run_store.store_copy import copy_store
from mocogan.pipeline.metadata.servers.address import SQLITE
from mocogan.pipeline.metadata.servers.server_store import ServerStore
from mocogan.pipeline.metadata.sqlite_store import SqliteStore
from mocogan.pipeline.metadata.store import Store
from mocogan.pipeline.metadata.stores import configured_store
from mocogan.pipeline.metadata.writer import set_value
from mocogan.pipeline.outputs.written_files import record_files
from mocogan.pipeline.runners.run_process import RunProcess, this_process, write_run_process

FIRST_RUN = datetime.datetime(2026, 1, 1)
RUN_HOURS = 2.0  # from one run to the next
_CACHED_SECONDS = 0.01
_CHANGED_NODES = {"data": "VideoExampleGen", "config": "MoCoGanTrainer", "code": "VideoEvaluator"}
_STATES = {"failed": "FAILED", "killed": "RUNNING", "running": "RUNNING"}


class _Done(NamedTuple):
    """The newest execution of a node that ended well, which the cache repeats."""

    cache_key: str
    parameters: dict[str, Any]
    outputs: dict[str, int]  # key -> number of the artifact


class RunStore:
    """Collects runs, and writes them at once.

    After a run that failed or was killed, data and configuration are as they were before it.
    """

    def __init__(self, out: Path, files: bool = False, recorded: bool = False) -> None:
        """Use a folder.

        Args:
            out: The output folder.
            files: Whether artifacts have files.
            recorded: Whether the names and sizes of these files are recorded.
        """
        self.out, self._files, self._recorded = out.resolve(), files, recorded
        self._records = Records()
        self._runs = 0
        self._done: dict[str, _Done] = {}  # by node
        self._pushed: list[tuple[int, Pushed]] = []  # and the number of the model, oldest first

    def add(self, run: RecordedRun) -> str:
        """Adds a run after the others. Returns the id that TFX would give it."""
        start = FIRST_RUN + datetime.timedelta(hours=RUN_HOURS * self._runs)
        run_id = start.replace(microsecond=1 + self._runs).isoformat()
        self._runs += 1
        before, seconds = dict(self._done), start.timestamp()
        changed = nodes_after(_CHANGED_NODES[run.changed]) if run.changed != "nothing" else set()
        for node in NODES:
            if node.name not in changed and node.name in self._done:
                self._take_from_cache(node, run_id, seconds)
                seconds += _CACHED_SECONDS
                continue
            stops = node.name == "MoCoGanTrainer" and run.ended != "done"
            self._execute(node, run, run_id, seconds, stops)
            seconds += node.seconds
            if stops:
                self._done = before
                break
        self._write_folder(run, run_id, start, seconds)
        return run_id

    def write(self, metadata: str = SQLITE) -> Store:
        """Writes the store, in a file or in the database that `metadata` names, as the option of the pipeline.

        A database gets the records of a file, in bulk, because ML Metadata writes rows one by one.
        """
        place = configured_store(str(self.out), metadata)
        if isinstance(place, ServerStore):
            with tempfile.TemporaryDirectory() as folder:
                file = SqliteStore(Path(folder, "metadata.db"))
                write_records(self._records, file)
                copy_store(file, place, self.out)
        elif isinstance(place, SqliteStore):
            place.path.parent.mkdir(parents=True, exist_ok=True)
            write_records(self._records, place)
        return place

    def _take_from_cache(self, node: Node, run_id: str, start: float) -> None:
        done = self._done[node.name]
        times = (start, start + _CACHED_SECONDS)
        self._record(node, run_id, "CACHED", done.parameters, done.cache_key, times)
        self._link_outputs(done.outputs)

    def _execute(
        self, node: Node, run: RecordedRun, run_id: str, start: float, stops: bool
    ) -> None:
        baseline = self._baseline() if node.name == "BaselineFinder" else None
        known = parameters(node.name, run, self.out, baseline.as_json() if baseline else "")
        state = _STATES[run.ended] if stops else "COMPLETE"
        error = {"error": ERROR} if state == "FAILED" else {}
        number = len(self._records.executions)
        key = None if stops else hashlib.sha256(f"{node.name} {number}".encode()).hexdigest()
        times = (start, start + node.seconds)
        self._record(node, run_id, state, known | error, key, times)
        if key is None:
            return
        outputs = {
            output: self._artifact(node.name, output, kind, run)
            for output, kind in node.outputs.items()
        }
        self._done[node.name] = _Done(key, known, outputs)
        self._link_outputs(outputs)
        if self._recorded:
            uris = {key: [self._records.artifacts[a].proto.uri] for key, a in outputs.items()}
            record_files(uris, number + 1)

    def _record(
        self,
        node: Node,
        run_id: str,
        state: str,
        known: dict[str, Any],
        cache_key: str | None,
        times: tuple[float, float],
    ) -> None:
        """Adds an execution and its inputs."""
        proto = pb.Execution(last_known_state=getattr(pb.Execution, state))
        for name, value in known.items():
            set_value(proto.custom_properties[name], value)
        number = len(self._records.executions)
        recorded = RecordedExecution(proto, node.name, run_id, cache_key, *times)
        self._records.executions.append(recorded)
        for key, (producer, output) in node.inputs.items():
            artifact = self._done[producer].outputs[output]
            self._records.events.append(RecordedEvent(number, artifact, pb.Event.INPUT, key))

    def _link_outputs(self, outputs: dict[str, int]) -> None:
        """Adds the outputs of the newest execution."""
        number = len(self._records.executions) - 1
        self._records.events += [
            RecordedEvent(number, artifact, pb.Event.OUTPUT, key)
            for key, artifact in outputs.items()
        ]

    def _artifact(self, node: str, key: str, kind: str, run: RecordedRun) -> int:
        """Adds an artifact of the newest execution. Returns its number."""
        producer, number = len(self._records.executions) - 1, len(self._records.artifacts)
        uri = self.out / "tfx_pipeline_output" / node / key / str(producer + 1)
        folder = self.out / "serving_model" / PIPELINE / str(1_700_000_000 + producer + 1)
        pushed = Pushed(str(folder), hashlib.sha256(str(folder).encode()).hexdigest())
        proto = pb.Artifact(uri=str(uri), state=pb.Artifact.LIVE)
        facts = properties(kind, node, run, self.out, pushed, self._baseline())
        for name, value in facts.items():
            set_value(proto.custom_properties[name], value)
        self._records.artifacts.append(RecordedArtifact(proto, kind, producer))
        if kind == "PushedModel" and run.blessed:
            self._pushed.append((self._model(), pushed))
        if self._files:
            write_files(uri, kind, run)
        return number

    def _model(self) -> int:
        """Number of the newest model."""
        return self._done["MoCoGanTrainer"].outputs["model"]

    def _baseline(self) -> Pushed | None:
        """The newest pushed version of another model."""
        if "MoCoGanTrainer" not in self._done:
            return None
        others = (pushed for model, pushed in reversed(self._pushed) if model != self._model())
        return next(others, None)

    def _write_folder(
        self, run: RecordedRun, run_id: str, start: datetime.datetime, end: float
    ) -> None:
        folder = self.out / "runs" / start.strftime("%Y-%m-%dT%H-%M-%S")
        folder.mkdir(parents=True, exist_ok=True)
        text = config_text(self.out, run.steps, run.name)
        (folder / "config.yaml").write_text(text, encoding="utf-8")
        process = this_process(PIPELINE, run.name)._asdict() | {
            "pipeline_run": run_id,
            "started": start.timestamp(),
        }
        if run.ended in ("done", "failed"):
            process |= {"state": run.ended, "ended": end}
        if run.ended == "failed":
            process |= {"error": ERROR}
        if run.ended == "killed":
            process |= {"process_start": 1}  # another process
        write_run_process(folder, RunProcess(**process))
