"""The pipeline of a run as a graph: nodes colored by state, with the time of each."""

from __future__ import annotations

from collections.abc import Iterable

from mocogan.components.reports.quantities import playing_time
from mocogan.pipeline.metadata.runs import CACHED, RAN, Node, Run
from mocogan.pipeline.runners.run_process import FAILED, KILLED, RUNNING, UNKNOWN
from mocogan.pipeline.site.drawing.graph import Box, Drawing, Edge, draw

NOT_REACHED = "not reached"
MARKS = {
    RAN: "●",
    CACHED: "○",
    FAILED: "✕",
    KILLED: "✕",
    RUNNING: "▶",
    UNKNOWN: "?",
    NOT_REACHED: "·",
}
_SIZE, _UPRIGHT_SIZE = (148.0, 52.0), (126.0, 50.0)
_TIMED = (RAN, RUNNING, FAILED, KILLED)  # a killed node has no time, because nobody recorded it
_LONG_NAME = 17  # characters


def node_anchor(name: str) -> str:
    """Id of the section of a node in the page of its run."""
    return f"node-{name}"


def pipeline_graphs(run: Run, whole: Run) -> list[Drawing]:
    """The graph for wide windows, which leads to the right, and the one for phones, which leads down.

    Args:
        run: The run.
        whole: A run of the same pipeline that reached all nodes. Nodes that only it has were not reached.
    """
    nodes = {node.name: node for node in whole.nodes} | {node.name: node for node in run.nodes}
    reached = {node.name for node in run.nodes}
    seconds = sum(node.seconds for node in run.nodes if node.state != CACHED) or 1.0
    boxes = [_box(node, node.name in reached, seconds) for node in nodes.values()]
    edges = _edges((whole, run), nodes)
    return [
        draw(boxes, edges, _SIZE),
        draw(boxes, edges, _UPRIGHT_SIZE, upright=True, gap=(22.0, 7.0)),
    ]


def _box(node: Node, reached: bool, seconds: float) -> Box:
    state = node.state if reached else NOT_REACHED
    took = playing_time(node.seconds) if state in _TIMED and node.seconds else ""
    text = f"{MARKS[state]} {state}" + (f" · {took}" if took else "")
    share = node.seconds / seconds if took else 0.0
    return Box(
        key=node.name,
        title=_short(node.name),
        lines=(text,),
        kind=state.replace(" ", "-"),
        href=f"#{node_anchor(node.name)}" if reached else "",
        share=min(max(share, 0.0), 1.0),
        tip=f"{node.name}: {state}" + (f", {took}" if took else ""),
    )


def _edges(runs: Iterable[Run], nodes: Iterable[str]) -> list[Edge]:
    """From the node that wrote an artifact to the nodes that read it in the same run."""
    pairs: dict[tuple[str, str], None] = {}
    for run in runs:
        writers = {o.id: n.name for n in run.nodes for found in n.outputs.values() for o in found}
        order = {node.name: number for number, node in enumerate(run.nodes)}
        for node in run.nodes:
            for artifact in node.inputs:
                writer = writers.get(artifact)
                # A resolver outputs an artifact that another node wrote, so an edge must lead to a later node.
                if writer and order[writer] < order[node.name]:
                    pairs[writer, node.name] = None
    known = set(nodes)
    return [Edge(*pair) for pair in pairs if set(pair) <= known and pair[::-1] not in pairs]


def _short(name: str) -> str:
    return name if len(name) <= _LONG_NAME else f"{name[: _LONG_NAME - 1]}…"
