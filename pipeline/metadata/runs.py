"""The runs of an output folder: from ML Metadata, which knows nodes, and from the folders of the runs.

Executions, events and artifacts are read in bulk and joined here, because ml-metadata 1.21 has no `filter_query`, and
one query per execution would take a second for a few hundred runs.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2 as pb

from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.metadata.connection import connect
from mocogan.pipeline.metadata.properties import properties
from mocogan.pipeline.metadata.run_folders import (
    LOG_FILE,
    find_run_folders,
    newest_run_folders,
)
from mocogan.pipeline.metadata.stores import store_of
from mocogan.pipeline.metadata.writer import ERROR_KEY, REMOVED_KEY
from mocogan.pipeline.runners.run_process import (
    DONE,
    FAILED,
    KILLED,
    RUNNING,
    UNKNOWN,
    RunProcess,
    current_state,
)

RAN, CACHED = "ran", "cached"  # further states of a node

_OUTPUT_EVENTS = (pb.Event.OUTPUT, pb.Event.DECLARED_OUTPUT)
_OPEN_STATES = ("NEW", "RUNNING")
_FEW_EXECUTIONS = 60  # up to here, a query for each is faster than reading all


class NoSuchRun(ExpectedError):
    """The output folder has no such run. The message says which ones it has."""


@dataclass(frozen=True)
class Output:
    """An artifact that a node wrote, or took from the cache."""

    id: int
    type: str
    uri: str
    live: bool  # not marked as deleted or damaged
    properties: dict[str, Any]
    damaged: bool = False  # a run found it damaged, and marked it


@dataclass(frozen=True)
class Node:
    """A node in a run."""

    name: str
    execution: int
    state: str  # RAN, CACHED, FAILED, RUNNING, KILLED or UNKNOWN
    started: float  # seconds since 1970
    seconds: float
    parameters: dict[str, Any]
    inputs: tuple[int, ...] = ()  # ids of the artifacts that it read
    outputs: dict[str, tuple[Output, ...]] = field(default_factory=dict)  # by key

    @property
    def error(self) -> str | None:
        """The cause of a failure, one line."""
        return self.parameters.get(ERROR_KEY)


@dataclass(frozen=True)
class Run:
    """A pipeline run."""

    number: int  # from 1, in the order of their starts
    id: str  # in ML Metadata, such as 2026-11-30T18:13:43.275120
    pipeline: str
    state: str  # RUNNING, DONE, FAILED, KILLED or UNKNOWN
    started: float  # seconds since 1970
    seconds: float
    nodes: tuple[Node, ...]  # in the order of their starts
    folder: Path | None = None  # with the log and the configuration
    process: RunProcess | None = None
    removed: bool = False

    @property
    def name(self) -> str | None:
        """The name that the user gave it."""
        return self.process.name if self.process else None

    @property
    def error(self) -> str | None:
        """The cause of a failure, one line."""
        known = self.process.error if self.process else None
        return known or next((node.error for node in self.nodes if node.error), None)

    def output(self, key: str) -> Output | None:
        """The newest artifact with this output key. None: no node has written it."""
        return next(
            (node.outputs[key][-1] for node in reversed(self.nodes) if node.outputs.get(key)), None
        )

    def node(self, name: str) -> Node | None:
        """The node with this id. None: it has not started."""
        return next((node for node in reversed(self.nodes) if node.name == name), None)


class RunReader:
    """Reads the runs of an output folder.

    Raises:
        MetadataMissing: There is no store.
        StoreUnreadable: The store is damaged or out of reach.
    """

    def __init__(self, out: str | Path) -> None:
        self.out = Path(out).resolve()
        self._store = connect(store_of(out))
        contexts = self._store.get_contexts_by_type("pipeline_run")
        self._contexts = sorted(contexts, key=lambda context: context.id)
        self._numbers = {context.id: n for n, context in enumerate(self._contexts, start=1)}
        self._types: dict[int, str] = {}
        self._known_places: dict[int, tuple[str, str]] = {}  # execution -> pipeline and node

    def __len__(self) -> int:
        """Number of runs, also of removed ones."""
        return len(self._contexts)

    def newest(self, count: int | None = None, removed: bool = False) -> list[Run]:
        """The newest runs, newest first.

        Args:
            count: At most so many. None: all.
            removed: Whether removed runs count.
        """
        numbers = [
            number
            for number in range(len(self._contexts), 0, -1)
            if removed or not self.is_removed(number)
        ]
        return self._runs(numbers[:count])

    def find(self, text: str | None) -> Run:
        """Finds a run.

        Args:
            text: Its number, its name, its id in ML Metadata, or the name of its folder. None: the newest run.

        Raises:
            NoSuchRun: There is none.
        """
        if text is None:
            newest = self.newest(1)
            if not newest:
                raise NoSuchRun(f"{self.out} has no runs yet")
            return newest[0]
        number = self._number(text)
        if number is None:
            raise NoSuchRun(
                f"no run {text!r} in {self.out}. Runs have the numbers 1 to {len(self)}, and may have names: "
                "`mocogan runs` lists them"
            )
        return self._runs([number])[0]

    def before(self, run: Run) -> Run | None:
        """The run of the same pipeline before this one. None: it is the first."""
        for number in range(run.number - 1, 0, -1):
            if not self.is_removed(number):
                earlier = self._runs([number])[0]
                if earlier.pipeline == run.pipeline:
                    return earlier
        return None

    def open_runs(self) -> list[Run]:
        """The runs with an execution that is RUNNING in the store, whether a process runs it or not."""
        found = []
        for context in self._store.get_contexts_by_type("node"):
            for execution in self._store.get_executions_by_context(context.id):
                self._known_places[execution.id] = _place(context)
                if pb.Execution.State.Name(execution.last_known_state) in _OPEN_STATES:
                    found.append(self.run_number(execution.id))
        numbers = sorted({number for number in found if number is not None})
        return self._runs(numbers) if numbers else []

    def all_artifacts(self) -> list[Output]:
        """All artifacts of the store, also those marked as deleted, without their properties."""
        return [self._output(proto, with_properties=False) for proto in self._store.get_artifacts()]

    def outputs(self, artifact_ids: Sequence[int]) -> list[Output]:
        """The artifacts with these ids."""
        return [self._output(proto) for proto in self._store.get_artifacts_by_id(artifact_ids)]

    def writers(self, artifact_id: int) -> list[int]:
        """Ids of the executions that wrote an artifact. Those that took it from the cache do not count."""
        events = self._store.get_events_by_artifact_ids([artifact_id])
        ids = [event.execution_id for event in events if event.type in _OUTPUT_EVENTS]
        return [
            execution.id
            for execution in self._store.get_executions_by_id(ids)
            if execution.last_known_state != pb.Execution.CACHED
        ]

    def executions_with(self, artifact_id: int) -> list[int]:
        """Ids of the executions that read or wrote an artifact, newest first."""
        events = self._store.get_events_by_artifact_ids([artifact_id])
        return sorted({event.execution_id for event in events}, reverse=True)

    def run_number(self, execution_id: int) -> int | None:
        """Number of the run of an execution. None: it belongs to no run, such as a rollback."""
        with suppress(mlmd.errors.NotFoundError):
            for context in self._store.get_contexts_by_execution(execution_id):
                if context.id in self._numbers:
                    return self._numbers[context.id]
        return None

    def _number(self, text: str) -> int | None:
        if text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= len(self):
            return int(text)
        ids = {context.name: number for number, context in enumerate(self._contexts, start=1)}
        if text in ids:
            return ids[text]
        for folder, process in newest_run_folders(self.out):
            if process and process.pipeline_run in ids and text in (process.name, folder.name):
                return ids[process.pipeline_run]
        return None

    def is_removed(self, number: int) -> bool:
        """Whether the files of the run with this number were deleted."""
        return bool(self._contexts[number - 1].custom_properties[REMOVED_KEY].int_value)

    def _runs(self, numbers: Sequence[int]) -> list[Run]:
        executions = {
            number: self._store.get_executions_by_context(self._contexts[number - 1].id)
            for number in numbers
        }
        ids = [execution.id for found in executions.values() for execution in found]
        places = self._places(ids, min(numbers, default=1))
        inputs, outputs = self._artifacts(ids)
        folders = find_run_folders(
            self.out, [self._contexts[number - 1].name for number in numbers]
        )
        runs = []
        for number, found in executions.items():
            context = self._contexts[number - 1]
            folder, process = folders.get(context.name, (None, None))
            nodes = [
                _node(execution, places[execution.id][1], inputs, outputs)
                for execution in sorted(found, key=lambda execution: execution.id)
            ]
            pipeline = next((places[execution.id][0] for execution in found), "")
            run = _run(number, context, nodes, folder, process, newest=number == len(self))
            runs.append(replace(run, pipeline=pipeline, removed=self.is_removed(number)))
        return runs

    def _places(self, execution_ids: Iterable[int], oldest: int) -> dict[int, tuple[str, str]]:
        """Id of each execution -> pipeline and node. `oldest`: number of the oldest run that has one of them."""
        wanted = set(execution_ids)
        places = {i: self._known_places.get(i, ("", "")) for i in wanted}
        if all(node for _, node in places.values()):
            return places
        if len(wanted) <= _FEW_EXECUTIONS:
            for execution_id in wanted:
                for context in self._store.get_contexts_by_execution(execution_id):
                    if context.type == "node":
                        places[execution_id] = _place(context)
            return places
        # A run executes a node once at most, so these runs are among the newest executions of each node.
        for newest in (len(self) - oldest + 1, None):
            for context in self._store.get_contexts_by_type("node"):
                options = mlmd.ListOptions(newest, mlmd.OrderByField.ID, is_asc=False)
                for execution in self._store.get_executions_by_context(context.id, options):
                    if execution.id in wanted:
                        places[execution.id] = _place(context)
            if all(node for _, node in places.values()):
                break
        return places

    def _artifacts(
        self, execution_ids: list[int]
    ) -> tuple[dict[int, list[int]], dict[int, dict[str, list[Output]]]]:
        """Id of each execution -> ids of its inputs, and its outputs by key."""
        events = self._store.get_events_by_execution_ids(execution_ids) if execution_ids else []
        written = [event for event in events if event.type in _OUTPUT_EVENTS]
        ids = sorted({event.artifact_id for event in written})
        artifacts = {a.id: self._output(a) for a in self._store.get_artifacts_by_id(ids)}
        inputs: dict[int, list[int]] = {}
        outputs: dict[int, dict[str, list[Output]]] = {}
        for event in events:
            if event.type in _OUTPUT_EVENTS:
                keys = outputs.setdefault(event.execution_id, {})
                keys.setdefault(event.path.steps[0].key, []).append(artifacts[event.artifact_id])
            else:
                inputs.setdefault(event.execution_id, []).append(event.artifact_id)
        return inputs, outputs

    def _output(self, proto: pb.Artifact, with_properties: bool = True) -> Output:
        if not self._types:
            self._types = {kind.id: kind.name for kind in self._store.get_artifact_types()}
        kind = proto.type or self._types[proto.type_id]
        return Output(
            proto.id,
            kind,
            proto.uri,
            live=proto.state == pb.Artifact.LIVE,
            properties=properties(proto) if with_properties else {},
            damaged=proto.state == pb.Artifact.ABANDONED,
        )


def _place(context: pb.Context) -> tuple[str, str]:
    """Pipeline and node of a context such as `mocogan.Transform`."""
    pipeline, _, node = context.name.rpartition(".")
    return pipeline, node


def _node(
    execution: pb.Execution,
    name: str,
    inputs: dict[int, list[int]],
    outputs: dict[int, dict[str, list[Output]]],
) -> Node:
    started, ended = execution.create_time_since_epoch, execution.last_update_time_since_epoch
    return Node(
        name=name or execution.type.rpartition(".")[2],
        execution=execution.id,
        state=pb.Execution.State.Name(execution.last_known_state),
        started=started / 1000,
        seconds=(ended - started) / 1000,
        parameters=properties(execution),
        inputs=tuple(inputs.get(execution.id, ())),
        outputs={key: tuple(found) for key, found in outputs.get(execution.id, {}).items()},
    )


def _run(
    number: int,
    context: pb.Context,
    nodes: list[Node],
    folder: Path | None,
    process: RunProcess | None,
    newest: bool,
) -> Run:
    state = _state(nodes, process, newest)
    started = process.started if process else context.create_time_since_epoch / 1000
    return Run(
        number=number,
        id=context.name,
        pipeline=process.pipeline if process else "",
        state=state,
        started=started,
        seconds=max(_ended(state, nodes, folder, process) - started, 0.0),
        nodes=tuple(_with_state(node, state) for node in nodes),
        folder=folder,
        process=process,
    )


def _state(nodes: Iterable[Node], process: RunProcess | None, newest: bool) -> str:
    if process:
        return current_state(process)
    states = {node.state for node in nodes}
    if "FAILED" in states:
        return FAILED
    if not states & set(_OPEN_STATES):
        return DONE
    # An older version kept no record of its process. If another run has started since, this one has ended.
    return UNKNOWN if newest else KILLED


def _with_state(node: Node, run_state: str) -> Node:
    """The node with a state in words: one that is RUNNING in the store has ended if the run has."""
    words = {"COMPLETE": RAN, "CACHED": CACHED, "FAILED": FAILED, "CANCELED": FAILED}
    state = words.get(node.state, FAILED if run_state == DONE else run_state)
    seconds = time.time() - node.started if state == RUNNING else node.seconds
    return replace(node, state=state, seconds=seconds)


def _ended(
    state: str, nodes: Iterable[Node], folder: Path | None, process: RunProcess | None
) -> float:
    """Seconds since 1970. For a run that was killed: its last sign of life."""
    if state == RUNNING:
        return time.time()
    if process and process.ended:
        return process.ended
    last = max((node.started + node.seconds for node in nodes), default=0.0)
    log = folder / LOG_FILE if folder else None
    return max(last, log.stat().st_mtime) if state == KILLED and log and log.is_file() else last
