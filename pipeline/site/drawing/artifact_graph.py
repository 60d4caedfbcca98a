"""The lineage of an artifact as graphs that lead from artifact to artifact."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from mocogan.pipeline.lineage.ancestry import BASELINE_ROLES, NO_ORIGIN_ROLES
from mocogan.pipeline.site.contents import Contents
from mocogan.pipeline.site.drawing.graph import Box, Drawing, Edge, draw

_MAX_BOXES = 24  # of a graph, so that it stays readable
_SIZE, _UPRIGHT_SIZE = (164.0, 54.0), (154.0, 54.0)
_MAX_UPRIGHT = 5.5 * _UPRIGHT_SIZE[0]
_SHOWN_TYPE = 20  # characters


class Lineage(NamedTuple):
    """Artifacts around an artifact. `roles`: (source, result) -> how the execution read the source."""

    ids: tuple[int, ...]
    roles: dict[tuple[int, int], str]
    more: bool  # there are too many to show


def artifact_page(artifact_id: int) -> str:
    """Path of the page of an artifact in the site."""
    return f"artifacts/{artifact_id}.html"


def ancestors(contents: Contents, artifact_id: int) -> Lineage:
    """What an artifact came from. A baseline has no ancestors here: the artifact was only compared with it."""

    def sources(result: int) -> Iterable[tuple[int, int, str]]:
        written = contents.written_by.get(result)
        for source, role in contents.inputs.get(written[0].execution, []) if written else []:
            if role not in NO_ORIGIN_ROLES:
                yield source, result, role

    return _walk(artifact_id, sources, lambda source, result, role: source, _MAX_BOXES)


def descendants(contents: Contents, artifact_id: int) -> Lineage:
    """What came from an artifact, the newest first."""

    def results(source: int) -> Iterable[tuple[int, int, str]]:
        for step, role in contents.readers.get(source, []):
            if role in (
                *BASELINE_ROLES,
                *NO_ORIGIN_ROLES,
            ):  # what came from it came from another model
                continue
            for result, _ in contents.outputs.get(step.execution, []):
                yield source, result, role

    return _walk(artifact_id, results, lambda source, result, role: result, _MAX_BOXES // 2)


def _walk(
    start: int,
    neighbors: Callable[[int], Iterable[tuple[int, int, str]]],
    next_id: Callable[[int, int, str], int],
    limit: int,
) -> Lineage:
    seen, waiting, more = {start: None}, deque([start]), False
    roles: dict[tuple[int, int], str] = {}
    while waiting:
        for source, result, role in neighbors(waiting.popleft()):
            found = next_id(source, result, role)
            if found not in seen:
                if len(seen) > limit:
                    more = True
                    break
                seen[found] = None
                if role not in BASELINE_ROLES:
                    waiting.append(found)
            roles.setdefault((source, result), role)
    return Lineage(tuple(seen), roles, more)


def lineage_graphs(contents: Contents, artifact_id: int, lineage: Lineage) -> list[Drawing]:
    """The graph for wide windows and the one for phones. Empty if there is only the artifact.

    A phone shows the same graph as a wide window if one that leads down would be much wider than the phone.
    """
    if len(lineage.ids) < 2:
        return []
    shown = set(lineage.ids)
    pairs = {pair: role for pair, role in lineage.roles.items() if shown.issuperset(pair)}
    edges = [
        Edge(f"{source}", f"{result}", "compared" if role in BASELINE_ROLES else "")
        for (source, result), role in pairs.items()
    ]
    boxes = [_box(contents, number, pairs, number == artifact_id) for number in lineage.ids]
    flat = draw(boxes, edges, _SIZE, gap=(30.0, 10.0))
    upright = draw(boxes, edges, _UPRIGHT_SIZE, upright=True, gap=(24.0, 8.0))
    return [flat] if upright.width > _MAX_UPRIGHT else [flat, upright]


def _box(contents: Contents, number: int, roles: dict[tuple[int, int], str], is_start: bool) -> Box:
    artifact, written = contents.artifacts[number], contents.written_by.get(number)
    used_as = sorted({role for (source, _), role in roles.items() if source == number and role})
    role = ", ".join(used_as) or (written[1] if written else "")
    kind = artifact.type.rpartition(".")[2]
    step = written[0] if written else None
    run = f" · run {step.run}" if step and step.run else ""
    gone = number in contents.gone
    return Box(
        key=f"{number}",
        title=_cut(f"{kind} #{number}"),
        lines=(_cut(role or "artifact", 24), _cut((step.node if step else "") + run, 26)),
        kind="this" if is_start else "gone" if gone else "artifact",
        href="" if is_start else f"{number}.html",
        tip=f"{kind} #{number}, as {role or 'artifact'}" + (" (gone)" if gone else ""),
    )


def _cut(text: str, limit: int = _SHOWN_TYPE) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
