"""The lineage of an artifact: the executions and artifacts that it came from, or that came from it."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from mocogan.data.address import is_remote
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.metadata.reader import Artifact, Execution, Link, MetadataReader

BASELINE_ROLES = ("baseline_model",)  # inputs that an execution only compares with
WARM_START_ROLES = ("base_model",)  # inputs whose weights a training starts from
# Inputs that nothing of an output comes from: they only decide which model is found.
NO_ORIGIN_ROLES = ("candidate", "examples_to_train_on", "transform_to_train_with")
_ID_DIGITS = 18  # ids are int64
_CACHED = "CACHED"


class NoSuchArtifact(ExpectedError):
    """The store has no such artifact. The message names what it has."""


@dataclass(frozen=True)
class Lineage:
    """An artifact, and all that it came from or that came from it.

    Attributes:
        artifact: Where the lineage starts.
        down: Whether it leads to what came from the artifact. Otherwise it leads to its sources.
        artifacts: Id -> artifact, of all artifacts in the lineage.
        executions: Id -> execution, of all executions that wrote or read them. Executions that took their outputs from
            the cache are left out.
        links: What the executions read and wrote, by key of the component.
    """

    artifact: Artifact
    down: bool
    artifacts: dict[int, Artifact]
    executions: dict[int, Execution]
    links: tuple[Link, ...]

    def producer(self, artifact_id: int) -> tuple[Execution, str] | None:
        """The execution that wrote an artifact, and the key of its output. None if it is not in the lineage."""
        link = next((link for link in self._by_artifact[artifact_id] if link.written), None)
        return (self.executions[link.execution_id], link.role) if link else None

    def consumers(self, artifact_id: int) -> list[Link]:
        """How executions read an artifact, oldest execution first."""
        links = [link for link in self._by_artifact[artifact_id] if not link.written]
        return sorted(links, key=lambda link: link.execution_id)

    def inputs(self, execution_id: int) -> list[Link]:
        """What an execution read. The longest ancestry comes first, and baselines last."""
        links = [link for link in self._by_execution[execution_id] if not link.written]
        return sorted(
            links,
            key=lambda link: (
                link.role in BASELINE_ROLES,
                -self.depth(link.artifact_id),
                link.artifact_id,
            ),
        )

    def outputs(self, execution_id: int) -> list[Link]:
        """What an execution wrote."""
        links = [link for link in self._by_execution[execution_id] if link.written]
        return sorted(links, key=lambda link: link.artifact_id)

    def depth(self, artifact_id: int) -> int:
        """Number of executions on the longest path from a source to an artifact."""
        if artifact_id not in self._depths:
            written_by = self.producer(artifact_id)
            read = self._by_execution[written_by[0].id] if written_by else []
            parents = [self.depth(link.artifact_id) for link in read if not link.written]
            self._depths[artifact_id] = 1 + max(parents, default=0)
        return self._depths[artifact_id]

    @cached_property
    def _depths(self) -> dict[int, int]:
        return {}

    @cached_property
    def _by_artifact(self) -> dict[int, list[Link]]:
        return _grouped(self.links, lambda link: link.artifact_id)

    @cached_property
    def _by_execution(self) -> dict[int, list[Link]]:
        return _grouped(self.links, lambda link: link.execution_id)


def ancestry(reader: MetadataReader, artifact: Artifact) -> Lineage:
    """Finds all that an artifact came from.

    Args:
        reader: The ML Metadata store.
        artifact: An artifact of this store.

    Returns:
        The lineage back to the sources.
    """
    artifacts, executions = {artifact.id: artifact}, dict[int, Execution]()
    links: set[Link] = set()
    waiting = {artifact.id}
    while waiting:
        written_by = _producers(reader, waiting)
        new = {link.execution_id for link in written_by} - executions.keys()
        executions |= reader.executions(new)
        read = [link for link in reader.links_of_executions(new) if _is_origin(link)]
        links |= {*written_by, *read}
        waiting = {link.artifact_id for link in read} - artifacts.keys()
        artifacts |= reader.artifacts(waiting)
    return Lineage(artifact, False, artifacts, executions, _sorted(links))


def descendants(reader: MetadataReader, artifact: Artifact) -> Lineage:
    """Finds all that came from an artifact.

    Args:
        reader: The ML Metadata store.
        artifact: An artifact of this store.

    Returns:
        The lineage forward to all executions that read the artifact, or read what came from it, and their outputs.
    """
    artifacts, ran = {artifact.id: artifact}, set[int]()
    links: set[Link] = set()
    waiting = {artifact.id}
    while waiting:
        read = [link for link in reader.links_of_artifacts(waiting) if _is_origin(link)]
        new = reader.that_ran({link.execution_id for link in read} - ran)
        ran |= new
        written = [link for link in reader.links_of_executions(new) if link.written]
        links |= {link for link in [*read, *written] if link.execution_id in ran}
        waiting = {link.artifact_id for link in written} - artifacts.keys()
        artifacts |= reader.artifacts(waiting)
    return Lineage(artifact, True, artifacts, reader.executions(ran), _sorted(links))


def _is_origin(link: Link) -> bool:
    return not link.written and link.role not in NO_ORIGIN_ROLES


def _producers(reader: MetadataReader, artifact_ids: Iterable[int]) -> list[Link]:
    """The link of each artifact to the execution that wrote it. Executions that took it from the cache do not count."""
    candidates = _grouped(
        sorted(
            (link for link in reader.links_of_artifacts(artifact_ids) if link.written),
            key=lambda link: link.execution_id,
        ),
        lambda link: link.artifact_id,
    )
    # The execution that wrote an artifact is the first one, or nearly so when two pipelines run at once.
    first = {link.execution_id for links in candidates.values() for link in links[:3]}
    executions = reader.executions(first)
    wrote = [
        next((link for link in links[:3] if executions[link.execution_id].state != _CACHED), None)
        for links in candidates.values()
    ]
    return [link for link in wrote if link]


def _grouped(links: Iterable[Link], key: Callable[[Link], int]) -> dict[int, list[Link]]:
    groups: dict[int, list[Link]] = defaultdict(list)
    for link in links:
        groups[key(link)].append(link)
    return groups


def _sorted(links: set[Link]) -> tuple[Link, ...]:
    return tuple(sorted(links, key=lambda link: (link.execution_id, link.written, link.role)))


def is_gone(path: str) -> bool:
    """Whether a local path does not exist any more. Addresses such as gs://… are not looked at."""
    return not is_remote(path) and not os.path.exists(path)


def find_artifact(reader: MetadataReader, name: str | None) -> Artifact:
    """Finds an artifact by id, type or version.

    Args:
        reader: The ML Metadata store.
        name: An id such as "12", a version of a pushed model such as "1795957208", a type such as "Model" for the
            newest artifact of that type, or None for the newest pushed model.

    Returns:
        The artifact.

    Raises:
        NoSuchArtifact: the store has no such artifact.
    """
    if name is None:
        pushed = [a for a in reader.newest("PushedModel") if a.properties.get("pushed")]
        if not pushed:
            raise NoSuchArtifact(
                "no model has been pushed yet. `mocogan lineage Model` shows the newest trained model"
            )
        return pushed[0]
    if name.isascii() and name.isdigit():
        return _artifact_of_number(reader, name)
    types = {known.rpartition(".")[2].lower(): known for known in reader.artifact_types()}
    type_name = types.get(name.rpartition(".")[2].lower())
    found = reader.newest(type_name) if type_name else []
    if not found:
        raise NoSuchArtifact(
            f"no path and no artifact has the name or type {name!r}. The store has the types "
            f"{', '.join(types.values())}"
        )
    return found[0]


def _artifact_of_number(reader: MetadataReader, number: str) -> Artifact:
    if len(number) <= _ID_DIGITS and (found := reader.artifacts([int(number)])):
        return found[int(number)]
    for pushed in reader.newest("PushedModel"):
        if pushed.properties.get("pushed") and pushed.properties.get("pushed_version") == number:
            return pushed
    raise NoSuchArtifact(f"no artifact has the id {number}, and no pushed model has this version")
