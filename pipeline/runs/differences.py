"""What differs between two runs: configuration, data, code, nodes, metrics, verdict."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mocogan.pipeline.metadata.run_facts import Metric, RunFacts, run_facts
from mocogan.pipeline.metadata.runs import Node, Run
from mocogan.pipeline.runs.columns import ABSENT, aligned, blessing_text, metric_text
from mocogan.pipeline.runs.configuration import run_configuration

_NAME_OPTION = "run_name"  # differs by intention
_CODE_KEYS = ("code_fingerprint", "schema_fingerprint")
_HASH, _SHOWN_DIGITS = re.compile("[0-9a-f]{64}"), 16
_APART, _OVERLAP = "intervals apart", "intervals overlap"


class Change(NamedTuple):
    """A value that differs. None: the run has none."""

    part: str  # config, data, code, node, metric or result
    key: str
    first: Any
    second: Any
    remark: str = ""


def differences(first: Run, second: Run, out: Path) -> list[Change]:
    """All that differs between two runs of an output folder, in the order of the module's first line."""
    facts = run_facts(first, out, with_size=False), run_facts(second, out, with_size=False)
    return changes(compared_values(first, facts[0]), compared_values(second, facts[1]))


def compared_values(run: Run, facts: RunFacts) -> dict[str, Mapping[str, Any]]:
    """All that is compared of a run: part -> key -> value, in the order of the module's first line."""
    return {
        "config": _options(run),
        "data": _data(facts),
        "code": _code(run),
        "node": _states(run),
        "metric": facts.metrics,
        "result": _results(run, facts),
    }


def changes(
    first: Mapping[str, Mapping[str, Any]], second: Mapping[str, Mapping[str, Any]]
) -> list[Change]:
    """What differs between the values of two runs."""
    return [
        change
        for part, values in first.items()
        for change in (
            _metric_changes(values, second[part])
            if part == "metric"
            else _changes(part, values, second[part])
        )
    ]


def differences_text(first: Run, second: Run, found: list[Change]) -> str:
    """The changes as a table."""
    names = [
        f"run {run.number}" + (f" ({run.name})" if run.name else "") for run in (first, second)
    ]
    if not found:
        return f"{names[0]} and {names[1]} do not differ"
    rows = [
        [
            change.part,
            change.key,
            value_text(change.first),
            value_text(change.second),
            change.remark,
        ]
        for change in found
    ]
    return aligned(["", "", *names, ""], rows)


def code_of(node: Node) -> str | None:
    """Fingerprint of the code of a node. None for TFX's own components."""
    for key in _CODE_KEYS:
        if key in node.parameters:
            return str(node.parameters[key])
    try:
        return str(json.loads(node.parameters["custom_config"])[_CODE_KEYS[0]])
    except (KeyError, ValueError, TypeError):
        return None


def _changes(part: str, first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Change]:
    return [
        Change(part, key, first.get(key), second.get(key))
        for key in dict.fromkeys([*first, *second])
        if first.get(key) != second.get(key)
    ]


def _metric_changes(first: Mapping[str, Metric], second: Mapping[str, Metric]) -> list[Change]:
    return [
        change._replace(remark=_remark(change.first, change.second))
        for change in _changes("metric", first, second)
    ]


def _remark(first: Metric | None, second: Metric | None) -> str:
    if first is None or second is None:
        return ""
    ends = (first.low, first.high, second.low, second.high)
    if None in ends:
        return ""
    low, high, other_low, other_high = ends
    return _APART if high < other_low or other_high < low else _OVERLAP  # type: ignore[operator]


def _options(run: Run) -> dict[str, Any]:
    return {k: v for k, v in run_configuration(run).items() if k != _NAME_OPTION}


def _data(facts: RunFacts) -> dict[str, Any]:
    return {
        "folder": facts.data,
        "fingerprint": facts.data_fingerprint,
        "videos": facts.videos,
        "clips": facts.clips,
    }


def _code(run: Run) -> dict[str, str | None]:
    return {node.name: code for node in run.nodes if (code := code_of(node))}


def _states(run: Run) -> dict[str, str]:
    return {node.name: node.state for node in run.nodes}


def _results(run: Run, facts: RunFacts) -> dict[str, Any]:
    losses = {name: round(value, 4) for name, value in facts.losses.items()}
    return {
        "state": run.state,
        "error": run.error,
        "started from": facts.started_from,
        "steps": facts.steps,
        **losses,
        "health": facts.health,
        "verdict": blessing_text(facts.blessed),
        "reason": facts.verdict,
        "pushed version": facts.pushed_version,
    }


def value_text(value: Any) -> str:
    """A value that differs, as text. Of a hash, the first digits."""
    if isinstance(value, Metric):
        return metric_text(value)
    text = ABSENT if value is None else str(value)
    return f"{text[:_SHOWN_DIGITS]}…" if _HASH.fullmatch(text) else text
