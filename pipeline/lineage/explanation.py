"""Why each node of the last run ran or was taken from the cache: what changed since it last succeeded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mocogan.data.source.source_files import SOURCE_FILES, ChangedFile, changed_files
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.lineage.ancestry import is_gone
from mocogan.pipeline.lineage.as_json import parsed
from mocogan.pipeline.lineage.sources import Source, find_source
from mocogan.pipeline.metadata.reader import Artifact, Execution, MetadataReader
from mocogan.pipeline.metadata.run_folders import config_files

_SUCCEEDED = ("COMPLETE", "CACHED")
_FINGERPRINT = "input_fingerprint"
_OF_THE_DRIVER = (_FINGERPRINT, "span", "version", "start")  # not recorded if the execution failed
_NO_PARAMETERS = ("error",)
# Parameters of components -> the options that they come from.
_OPTIONS = {
    "VideoExampleGen": (("ingest_config.", "ingest."),),
    "Transform": (("custom_config.", "ingest."),),
    "WarmStartFinder": (
        ("training_options.", "trainer."),
        ("warm_start", "trainer.run.warm_start"),
    ),
    "MoCoGanTrainer": (
        ("custom_config.trainer_config.", "trainer."),
        ("train_args.num_steps", "trainer.run.steps"),
    ),
    "VideoEvaluator": (("config.", "evaluator."),),
    "InfraValidator": (("config.", "infra_validator."),),
    "Pusher": (("custom_config.", "pusher."),),
}
# Options that TFX compares as part of the executor, so no parameter records them.
_EXECUTOR_OPTIONS = ("beam", "beam_args", "workers")


class NothingToExplain(ExpectedError):
    """There is no run, or it has no such node."""


@dataclass(frozen=True)
class Change:
    """A difference between two executions.

    Attributes:
        kind: "input", "parameter", "code", "data" or "option".
        name: Key of the input, name of the option or parameter, or what else changed.
        before: Value in the earlier execution. None if it had none.
        after: Value in the later execution. None if it has none.
    """

    kind: str
    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Explanation:
    """Why a node ran or was cached.

    Attributes:
        execution: The node's execution in the last run.
        compared: The newest earlier execution of the node that succeeded. For a cached node, the execution whose
            outputs were used. None if it never succeeded before.
        changes: All differences to it.
        files: Source files that were added, removed or changed.
        note: A sentence if the changes are none, or not the whole reason. Empty otherwise.
    """

    execution: Execution
    compared: Execution | None
    changes: tuple[Change, ...] = ()
    files: tuple[ChangedFile, ...] = ()
    note: str = ""


def explain_last_run(
    reader: MetadataReader, out: str, node: str | None = None
) -> list[Explanation]:
    """Explains the nodes of the newest run.

    Args:
        reader: The ML Metadata store.
        out: Output folder of the runs, which has their configurations.
        node: Id of a node, in any case. None: all nodes.

    Returns:
        An explanation per node, in the order in which they ran.

    Raises:
        NothingToExplain: There is no run, or the newest run has no such node.
    """
    executions = next(filter(None, map(reader.executions_of_run, reader.runs())), None)
    if not executions:
        raise NothingToExplain("no pipeline has run here. Run `mocogan run --data DIR` first")
    chosen = [e for e in executions if node is None or e.node.lower() == node.lower()]
    if not chosen:
        names = ", ".join(execution.node for execution in executions)
        raise NothingToExplain(
            f"the last run, {executions[0].run}, has no node {node!r}. It has {names}"
        )
    explainer = _Explainer(reader, out)
    return [explainer.explain(execution) for execution in chosen]


class _Explainer:
    def __init__(self, reader: MetadataReader, out: str) -> None:
        self._reader = reader
        self._out = out

    def explain(self, execution: Execution) -> Explanation:
        same_key = self._reader.with_same_key(execution)
        if execution.state == "CACHED":
            return self._cached(execution, same_key or [])
        if execution.state == "COMPLETE" and same_key is None:
            return Explanation(execution, None, note="this node always runs")
        earlier = next((e for e in same_key or [] if e.state in _SUCCEEDED), None)
        if earlier and execution.state == "COMPLETE":
            earlier = self._origin(earlier)
            return Explanation(execution, earlier, note=self._why_not_cached(execution, earlier))
        compared = next(
            (e for e in self._reader.earlier_executions(execution) if e.state in _SUCCEEDED), None
        )
        if compared is None:
            return Explanation(execution, None, note="it never succeeded before")
        return self._compared(execution, self._origin(compared))

    def _cached(self, execution: Execution, same_key: list[Execution]) -> Explanation:
        used = next((e for e in same_key if e.state == "COMPLETE"), None)
        return Explanation(
            execution,
            used or self._origin(execution),
            note="nothing has changed",
        )

    def _origin(self, execution: Execution) -> Execution:
        """The execution that wrote the outputs of a cached one."""
        if execution.state != "CACHED":
            return execution
        for artifact in self._artifacts(execution, written=True):
            if producer := self._reader.producer(artifact):
                return producer
        return execution

    def _why_not_cached(self, execution: Execution, earlier: Execution) -> str:
        outputs = list(self._artifacts(earlier, written=True))
        if gone := [artifact.uri for artifact in outputs if is_gone(artifact.uri)]:
            return f"nothing has changed, but its earlier output is gone: {gone[0]}"
        if damaged := [artifact.uri for artifact in outputs if artifact.damaged]:
            return f"nothing has changed, but its earlier output is damaged: {damaged[0]}"
        if self._config(execution).get("cache") is False:
            return "nothing has changed, but the cache is off (cache=false)"
        return "nothing has changed. Its earlier outputs were not found, or the cache was off"

    def _compared(self, execution: Execution, compared: Execution) -> Explanation:
        files, note = self._changed_files(execution, compared)
        changes = [
            *_parameter_changes(execution, compared),
            *self._input_changes(execution, compared),
        ]
        if not changes:
            changes = self._executor_changes(execution, compared)
        if not changes:
            note = _unrecorded(execution)
        return Explanation(execution, compared, tuple(changes), tuple(files), note)

    def _input_changes(self, execution: Execution, compared: Execution) -> list[Change]:
        before, after = self._inputs(compared), self._inputs(execution)
        return [
            Change("input", role, before.get(role), after.get(role))
            for role in sorted(before.keys() | after.keys())
            if before.get(role) != after.get(role)
        ]

    def _inputs(self, execution: Execution) -> dict[str, str]:
        """Role -> names of the artifacts, such as "Examples #2"."""
        links = self._reader.links_of_executions([execution.id])
        read = sorted((link.role, link.artifact_id) for link in links if not link.written)
        artifacts = self._reader.artifacts({number for _, number in read})
        names: dict[str, list[str]] = defaultdict(list)
        for role, number in read:
            names[role].append(_name(artifacts[number]))
        return {role: ", ".join(found) for role, found in names.items()}

    def _artifacts(self, execution: Execution, written: bool) -> Iterable[Artifact]:
        links = self._reader.links_of_executions([execution.id])
        return self._reader.artifacts(
            {x.artifact_id for x in links if x.written == written}
        ).values()

    def _executor_changes(self, execution: Execution, compared: Execution) -> list[Change]:
        before, after = self._config(compared), self._config(execution)
        return [
            Change("option", name, before.get(name), after.get(name))
            for name in _EXECUTOR_OPTIONS
            if before.get(name) != after.get(name)
        ]

    def _config(self, execution: Execution) -> Mapping[str, Any]:
        import yaml

        path = config_files(self._out, [execution.run]).get(execution.run)
        try:
            values = yaml.safe_load(path.read_text("utf-8")) if path else None
        except (OSError, UnicodeDecodeError, yaml.YAMLError):
            return {}  # the file was changed by hand
        return values if isinstance(values, dict) else {}

    def _changed_files(
        self, execution: Execution, compared: Execution
    ) -> tuple[list[ChangedFile], str]:
        before, after = (
            compared.properties.get(_FINGERPRINT),
            execution.properties.get(_FINGERPRINT),
        )
        earlier, later = find_source(self._reader, compared), find_source(self._reader, execution)
        if before == after or not earlier or not later:
            return [], ""
        lists = _file_list(earlier), _file_list(later)
        if lists[0] is not None and lists[1] is not None:
            return changed_files(lists[0], lists[1]), ""
        note = (
            "a list of the source files is missing, so only the names of the videos were compared"
        )
        return _changed_names(earlier, later), note


def _name(artifact: Artifact) -> str:
    """Type and id, and the version of a model that was pushed."""
    name = f"{artifact.type.rpartition('.')[2]} #{artifact.id}"
    version = artifact.properties.get("pushed_version")
    return f"{name} (version {version})" if version else name


def _parameter_changes(execution: Execution, compared: Execution) -> list[Change]:
    before, after = _flat(parsed(compared.properties)), _flat(parsed(execution.properties))
    changes = []
    for name in sorted(before.keys() | after.keys()):
        known = name in before and name in after
        if before.get(name) == after.get(name) or (name in _OF_THE_DRIVER and not known):
            continue
        if name.startswith("__") or name in _NO_PARAMETERS:
            continue
        changes.append(_change(execution.node, name, before.get(name), after.get(name)))
    return changes


def _change(node: str, name: str, before: Any, after: Any) -> Change:
    if name.rpartition(".")[2] == "code_fingerprint":
        return Change("code", "fingerprint", before, after)
    if name == _FINGERPRINT:
        return Change("data", "fingerprint", before, after)
    for prefix, option in _OPTIONS.get(node, ()):
        if name.startswith(prefix):
            return Change("parameter", option + name.removeprefix(prefix), before, after)
    return Change("parameter", name, before, after)


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested values by dotted names. Lists are values."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict) and value:
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _unrecorded(execution: Execution) -> str:
    if execution.state != "COMPLETE":
        return "nothing that is recorded has changed"
    return (
        "something changed that the store does not record: the class of the executor, the flags of Beam, or a property "
        "of an input"
    )


def _file_list(source: Source) -> list[str] | None:
    try:
        return Path(source.report, SOURCE_FILES).read_text("ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return None  # of an earlier version, or the report is gone


def _changed_names(before: Source, after: Source) -> list[ChangedFile]:
    earlier = {str(video["video_id"]) for video in before.videos()}
    later = {str(video["video_id"]) for video in after.videos()}
    return [
        ChangedFile(
            name, "a video" if name in earlier else None, "a video" if name in later else None
        )
        for name in sorted(earlier ^ later)
    ]
