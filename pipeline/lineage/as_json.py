"""A lineage as JSON."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict

from mocogan.pipeline.lineage.ancestry import Lineage, is_gone
from mocogan.pipeline.lineage.sources import Source
from mocogan.pipeline.lineage.tree import execution_code
from mocogan.pipeline.metadata.reader import Artifact, Execution, Link


def as_json(
    lineage: Lineage,
    sources: Mapping[int, Source],
    configs: Mapping[str, Path],
    videos: bool = False,
) -> str:
    """Formats a lineage as ASCII JSON.

    Args:
        lineage: The lineage of an artifact.
        sources: Id of an execution -> the videos that it read.
        configs: Name of a run -> its configuration file.
        videos: Whether to list the outcome of every source video.

    Returns:
        An object with `artifact` (an id), `direction`, and the lists `artifacts` and `executions`.
    """
    content = {
        "artifact": lineage.artifact.id,
        "direction": "down" if lineage.down else "up",
        "artifacts": [_artifact_fields(found) for _, found in sorted(lineage.artifacts.items())],
        "executions": [
            _execution_fields(lineage, execution, configs)
            | _source_fields(sources.get(execution.id), videos)
            for _, execution in sorted(lineage.executions.items())
        ],
    }
    return json.dumps(content, indent=2, default=MessageToDict)


def _artifact_fields(artifact: Artifact) -> dict[str, Any]:
    return {
        "id": artifact.id,
        "type": artifact.type,
        "uri": artifact.uri,
        "gone": is_gone(artifact.uri),
        "properties": parsed(artifact.properties),
    }


def _execution_fields(
    lineage: Lineage, execution: Execution, configs: Mapping[str, Path]
) -> dict[str, Any]:
    config = configs.get(execution.run)
    return {
        "id": execution.id,
        "node": execution.node,
        "state": execution.state,
        "run": execution.run,
        "started": utc(execution.started_seconds),
        "seconds": round(execution.seconds, 3),
        "code_fingerprint": execution_code(execution) or None,
        "configuration": str(config) if config else None,
        "parameters": parsed(execution.properties),
        "inputs": [_link_fields(link) for link in lineage.inputs(execution.id)],
        "outputs": [_link_fields(link) for link in lineage.outputs(execution.id)],
    }


def _link_fields(link: Link) -> dict[str, Any]:
    return {"role": link.role, "artifact": link.artifact_id}


def _source_fields(source: Source | None, videos: bool) -> dict[str, Any]:
    if source is None:
        return {}
    fields: dict[str, Any] = {
        "folder": source.folder,
        "gone": is_gone(source.folder),
        "fingerprint": source.fingerprint,
        "videos_accepted": source.accepted,
        "videos_rejected": source.rejected,
        "files": [str(path) for path in source.outcome_files],
    }
    if videos:
        fields["videos"] = list(source.videos())
    return {"source": fields}


def parsed(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties, with JSON objects and lists in place of the texts that hold them."""
    return {name: _parsed_value(value) for name, value in sorted(properties.items())}


def _parsed_value(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def utc(seconds: float) -> str:
    """A time in seconds since 1970 as ISO 8601, such as 2026-11-30T18:13:43.275Z."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
