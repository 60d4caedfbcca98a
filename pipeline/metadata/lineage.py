"""The lineage of an artifact: the tree of executions and artifacts back to the folder of videos."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.metadata.reader import Artifact, Execution, MetadataReader

_SHOWN_PROPERTIES = (
    "clips",
    "videos_accepted",
    "videos_rejected",
    "decoder",
    "clip_shape",
    "steps",
    "seconds",
    "device",
    "blessed",
    "pushed",
    "pushed_version",
    "code_fingerprint",
)


class NoSuchArtifact(ExpectedError):
    """The store has no such artifact. The message names what it has."""


@dataclass(frozen=True)
class Ancestry:
    """An artifact, the execution that wrote it, and the inputs of that execution, deepest ancestry first."""

    artifact: Artifact
    producer: Execution | None
    parents: tuple[Ancestry, ...]

    @property
    def depth(self) -> int:
        """Number of executions on the longest path to a source."""
        return 1 + max((parent.depth for parent in self.parents), default=0)


def ancestry(reader: MetadataReader, artifact: Artifact) -> Ancestry:
    """Finds all ancestors of an artifact.

    Args:
        reader: The ML Metadata store.
        artifact: An artifact of this store.

    Returns:
        The artifact with its producer and, recursively, the inputs of the producer.
    """
    return _ancestry(reader, artifact, {})


def _ancestry(reader: MetadataReader, artifact: Artifact, known: dict[int, Ancestry]) -> Ancestry:
    if artifact.id not in known:
        producer = reader.producer(artifact)
        inputs = reader.inputs(producer) if producer else []
        parents = sorted((_ancestry(reader, i, known) for i in inputs), key=lambda a: -a.depth)
        known[artifact.id] = Ancestry(artifact, producer, tuple(parents))
    return known[artifact.id]


def find_artifact(reader: MetadataReader, name: str | None) -> Artifact:
    """Finds an artifact by id or type.

    Args:
        reader: The ML Metadata store.
        name: An id such as "12", a type such as "Model" for the newest artifact of that type, or None for the newest
            pushed model.

    Returns:
        The artifact.

    Raises:
        NoSuchArtifact: the store has no such artifact.
    """
    if name is None:
        pushed = [a for a in reader.newest("PushedModel") if a.properties.get("pushed")]
        if not pushed:
            raise NoSuchArtifact(
                "no model has been pushed yet. Use --artifact Model for the newest trained model"
            )
        return pushed[0]
    if name.isdigit():
        try:
            return reader.artifact(int(name))
        except KeyError:
            raise NoSuchArtifact(f"no artifact has the id {name}") from None
    types = {known.rpartition(".")[2].lower(): known for known in reader.artifact_types()}
    type_name = types.get(name.rpartition(".")[2].lower())
    found = reader.newest(type_name) if type_name else []
    if not found:
        raise NoSuchArtifact(
            f"no artifact of type {name!r}. The store has the types {', '.join(types.values())}"
        )
    return found[0]


def render(tree: Ancestry, root: str) -> str:
    """Formats an ancestry as a tree with one artifact per line.

    Args:
        tree: The ancestry of an artifact.
        root: Output folder. URIs under it are shown relative to it.

    Returns:
        The text. An artifact is shown in full where it first appears, and then as "(above)".
    """
    lines: list[str] = []
    _render(tree, root, "", "", lines, set())
    return "\n".join(lines)


def _render(
    node: Ancestry, root: str, lead: str, indent: str, lines: list[str], seen: set[int]
) -> None:
    artifact = node.artifact
    name = f"{artifact.type.rpartition('.')[2]} #{artifact.id}"
    if artifact.id in seen:
        lines.append(f"{lead}{name} (above)")
        return
    seen.add(artifact.id)
    lines.append(f"{lead}{name}  {_short(artifact.uri, root)}{_shown_properties(artifact)}")
    if node.producer is None:
        return
    lines.append(f"{indent}└─ {_producer_text(node.producer)}")
    source = node.producer.properties.get("input_base")
    children = list(node.parents)
    for number, child in enumerate(children):
        last = number == len(children) - 1 and not source
        branch, below = ("└─ ", "   ") if last else ("├─ ", "│  ")
        _render(child, root, f"{indent}   {branch}", f"{indent}   {below}", lines, seen)
    if source:
        lines.append(f"{indent}   └─ source folder {source}")


def _short(uri: str, root: str) -> str:
    return uri.removeprefix(f"{root}/")


def _shown_properties(artifact: Artifact) -> str:
    values = {key: artifact.properties.get(key) for key in _SHOWN_PROPERTIES}
    shown = [
        f"{key}={value:.4g}" if isinstance(value, float) else f"{key}={value}"
        for key, value in values.items()
        if value is not None
    ]
    return f"  [{', '.join(shown)}]" if shown else ""


def _producer_text(execution: Execution) -> str:
    started = datetime.datetime.fromtimestamp(execution.started_seconds)
    return f"{execution.node} ({started:%Y-%m-%d %H:%M:%S}, {execution.seconds:.1f} s)"
