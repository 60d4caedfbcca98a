"""Executions as events of OpenLineage (https://openlineage.io/spec/2-0-2/OpenLineage.json)."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mocogan.components.reports.readable_text import valid_unicode
from mocogan.data.address import is_remote
from mocogan.pipeline.lineage.as_json import parsed, utc
from mocogan.pipeline.metadata.reader import Artifact, Execution, Link, MetadataReader

NAMESPACE_VARIABLE = "OPENLINEAGE_NAMESPACE"  # of jobs; as in OpenLineage's own clients
_DEFAULT_NAMESPACE = "mocogan"
_SPEC = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs"
_FACETS = "https://openlineage.io/spec/facets"
_END_EVENTS = {"COMPLETE": "COMPLETE", "CACHED": "COMPLETE", "FAILED": "FAIL", "CANCELED": "ABORT"}
_UNKNOWN_ERROR = "the node failed. The log of the run has the cause"

Event = dict[str, Any]


class RunEvents:
    """Makes the events of executions in an ML Metadata store.

    Ids of runs are made from the store's folder and the execution, so the same execution always has the same id.

    Args:
        reader: The ML Metadata store.
        out: Output folder of the runs, absolute.
    """

    def __init__(self, reader: MetadataReader, out: str) -> None:
        self._reader = reader
        self._out = out
        self._namespace = os.environ.get(NAMESPACE_VARIABLE) or _DEFAULT_NAMESPACE
        self._producer = f"urn:mocogan-tfx:{metadata.version('mocogan-tfx')}"

    def for_executions(self, executions: Iterable[Execution]) -> Iterator[Event]:
        """The start and the end of each execution, oldest first. A running execution has no end."""
        for execution in sorted(executions, key=lambda execution: execution.id):
            yield self.start(execution)
            if execution.state in _END_EVENTS:
                yield self.end(execution)

    def start(self, execution: Execution) -> Event:
        """The event that an execution starts, with its inputs."""
        return self._event("START", execution, execution.started_seconds, outputs=False)

    def end(self, execution: Execution, error: str | None = None, aborted: bool = False) -> Event:
        """The event that an execution has ended, with its inputs and outputs.

        Args:
            execution: The execution. It has failed if its state says so, or if there is an error.
            error: Why it failed. None: what the store says.
            aborted: Whether it was stopped from outside.
        """
        kind = "ABORT" if aborted else _END_EVENTS.get(execution.state, "FAIL")
        ended = execution.started_seconds + execution.seconds
        if execution.state == "RUNNING":  # it has not been told that it has ended
            ended = time.time()
        event = self._event(kind, execution, ended, outputs=True)
        if kind == "FAIL":
            message = error or str(execution.properties.get("error") or _UNKNOWN_ERROR)
            event["run"]["facets"]["errorMessage"] = self._facet(
                "1-0-1/ErrorMessageRunFacet.json",
                message=valid_unicode(message),
                programmingLanguage="PYTHON",
            )
        return event

    def _event(self, kind: str, execution: Execution, seconds: float, outputs: bool) -> Event:
        links = self._reader.links_of_executions([execution.id])
        artifacts = self._reader.artifacts({link.artifact_id for link in links})
        read = [link for link in links if not link.written]
        written = [link for link in links if link.written and outputs]
        return {
            "eventType": kind,
            "eventTime": utc(seconds),
            "run": {
                "runId": self._run_id("executions", execution.id, execution.started_seconds),
                "facets": self._run_facets(execution, artifacts),
            },
            "job": {
                "namespace": self._namespace,
                "name": ".".join(filter(None, (execution.pipeline, execution.node))),
                "facets": {
                    "jobType": self._facet(
                        "2-0-4/JobTypeJobFacet.json",
                        processingType="BATCH",
                        integration="TFX",
                        jobType="TASK",
                    )
                },
            },
            "inputs": [
                *self._source(execution),
                *(self._input(link, artifacts[link.artifact_id]) for link in read),
            ],
            "outputs": [self._output(link, artifacts[link.artifact_id]) for link in written],
            "producer": self._producer,
            "schemaURL": f"{_SPEC}/RunEvent",
        }

    def _run_facets(self, execution: Execution, artifacts: dict[int, Artifact]) -> Event:
        facets = {
            "mocogan_execution": self._own_facet(
                "RunFacet",
                id=execution.id,
                state=execution.state,
                parameters=_plain(execution.properties),
            )
        }
        if execution.run:
            facets["parent"] = self._facet(
                "1-2-0/ParentRunFacet.json",
                run={"runId": self._run_id("runs", execution.run)},
                job={"namespace": self._namespace, "name": execution.pipeline},
            )
        versions = {
            a.properties["tfx_version"] for a in artifacts.values() if "tfx_version" in a.properties
        }
        if versions:
            facets["processing_engine"] = self._facet(
                "1-1-1/ProcessingEngineRunFacet.json", name="TFX", version=max(versions)
            )
        return facets

    def _source(self, execution: Execution) -> list[Event]:
        """The data folder of VideoExampleGen as an input."""
        folder = execution.properties.get("input_base")
        if not folder:
            return []
        fingerprint = str(execution.properties.get("input_fingerprint", ""))
        return [
            {
                **_name(str(folder)),
                "facets": self._dataset_facets(str(folder), fingerprint, "FILE"),
            }
        ]

    def _input(self, link: Link, artifact: Artifact) -> Event:
        role = self._own_facet("InputDatasetFacet", role=link.role)
        return {**self._dataset(artifact), "inputFacets": {"mocogan_role": role}}

    def _output(self, link: Link, artifact: Artifact) -> Event:
        facets = {"mocogan_role": self._own_facet("OutputDatasetFacet", role=link.role)}
        if clips := artifact.properties.get("clips"):
            facets["outputStatistics"] = self._facet(
                "1-0-2/OutputStatisticsOutputDatasetFacet.json", rowCount=clips
            )
        return {**self._dataset(artifact), "outputFacets": facets}

    def _dataset(self, artifact: Artifact) -> Event:
        kind = "MODEL" if artifact.type in ("Model", "PushedModel") else "FILE"
        facets = self._dataset_facets(artifact.uri, str(artifact.id), kind)
        facets["mocogan_artifact"] = self._own_facet(
            "DatasetFacet",
            id=artifact.id,
            type=artifact.type,
            properties=_plain(artifact.properties),
        )
        return {**_name(artifact.uri), "facets": facets}

    def _dataset_facets(self, path: str, version: str, kind: str) -> Event:
        uri = quote(path, safe=":/") if is_remote(path) else Path(path).absolute().as_uri()
        facets = {
            "dataSource": self._facet(
                "1-0-1/DatasourceDatasetFacet.json", name=_name(path)["namespace"], uri=uri
            ),
            "datasetType": self._facet("1-0-1/DatasetTypeDatasetFacet.json", datasetType=kind),
        }
        if version:
            facets["version"] = self._facet(
                "1-0-1/DatasetVersionDatasetFacet.json", datasetVersion=version
            )
        return facets

    def _facet(self, schema: str, **fields: Any) -> Event:
        return {"_producer": self._producer, "_schemaURL": f"{_FACETS}/{schema}", **fields}

    def _own_facet(self, base: str, **fields: Any) -> Event:
        """A facet that OpenLineage does not define. Such a facet names its base as its schema."""
        return {"_producer": self._producer, "_schemaURL": f"{_SPEC}/{base}", **fields}

    def _run_id(self, *parts: object) -> str:
        name = "/".join(map(str, ("file:", self._out, *parts)))
        return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def _name(path: str) -> dict[str, str]:
    """The namespace and the name that OpenLineage gives a path or an address."""
    if not is_remote(path):
        return {"namespace": "file", "name": valid_unicode(path)}
    scheme, _, rest = path.partition("://")
    host, _, key = rest.partition("/")
    return {"namespace": f"{scheme}://{host}", "name": valid_unicode(key or "/")}


def _plain(properties: dict[str, Any]) -> dict[str, Any]:
    """Properties that JSON can hold."""
    return {
        name: value
        for name, value in parsed(properties).items()
        if isinstance(value, (str, int, float, list, dict))
    }
