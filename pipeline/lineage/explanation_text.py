"""Explanations as text and as JSON."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Sequence
from typing import Any

from google.protobuf.json_format import MessageToDict

from mocogan.components.reports.readable_text import valid_unicode, visible
from mocogan.data.source.source_files import ChangedFile
from mocogan.pipeline.lineage.as_json import utc
from mocogan.pipeline.lineage.explanation import Change, Explanation
from mocogan.pipeline.metadata.reader import Execution

_RESULTS = {"COMPLETE": "ran", "CACHED": "cached"}
_SHOWN_FILES = 20


def as_text(explanations: Sequence[Explanation]) -> str:
    """A line per node, and a line per change. Control characters are escaped."""
    run = explanations[0].execution.run
    lines = [f"run {run}", *(line for found in explanations for line in _lines(found))]
    return "\n".join(visible(valid_unicode(line)) for line in lines)


def as_json(explanations: Sequence[Explanation]) -> str:
    """All facts as ASCII JSON: an object with `run` and the list `nodes`."""
    content = {
        "run": explanations[0].execution.run,
        "nodes": [_fields(explanation) for explanation in explanations],
    }
    return json.dumps(content, indent=2, default=MessageToDict)


def _lines(explanation: Explanation) -> Iterator[str]:
    execution, compared = explanation.execution, explanation.compared
    relation = "from" if execution.state == "CACHED" else "compared with"
    since = f", {relation} {_named(compared)}" if compared else ""
    note = f": {explanation.note}" if explanation.note else ""
    yield f"{execution.node:<17} {_result(execution)}{since}{note}"
    for change in explanation.changes:
        yield f"  {change.kind} {change.name}: {_shown(change.before)} -> {_shown(change.after)}"
    for file in explanation.files[:_SHOWN_FILES]:
        yield f"    {_kind(file):<8} {file.name}{_difference(file)}"
    if (more := len(explanation.files) - _SHOWN_FILES) > 0:
        yield f"    … {more} more files. --json lists all"


def _named(execution: Execution) -> str:
    started = datetime.datetime.fromtimestamp(execution.started_seconds)
    return f"execution {execution.id} of {started:%Y-%m-%d %H:%M:%S}"


def _result(execution: Execution) -> str:
    return _RESULTS.get(execution.state, execution.state.lower())


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, default=MessageToDict)


def _kind(file: ChangedFile) -> str:
    if file.before is None:
        return "added"
    return "removed" if file.after is None else "changed"


def _difference(file: ChangedFile) -> str:
    return f": {file.before} -> {file.after}" if file.before and file.after else ""


def _fields(explanation: Explanation) -> dict[str, Any]:
    execution, compared = explanation.execution, explanation.compared
    return {
        "node": execution.node,
        "result": _result(execution),
        "execution": _execution_fields(execution),
        "compared_with": _execution_fields(compared) if compared else None,
        "note": explanation.note or None,
        "changes": [_change_fields(change) for change in explanation.changes],
        "files": [
            {"name": file.name, "change": _kind(file), "before": file.before, "after": file.after}
            for file in explanation.files
        ],
    }


def _execution_fields(execution: Execution) -> dict[str, Any]:
    return {
        "id": execution.id,
        "run": execution.run,
        "state": execution.state,
        "started": utc(execution.started_seconds),
    }


def _change_fields(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "name": change.name,
        "before": change.before,
        "after": change.after,
    }
