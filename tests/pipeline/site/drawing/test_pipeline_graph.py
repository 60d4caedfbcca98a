from __future__ import annotations

from pathlib import Path

from mocogan.pipeline.metadata.runs import Run, RunReader
from mocogan.pipeline.site.drawing.graph import Box
from mocogan.pipeline.site.drawing.pipeline_graph import pipeline_graphs
from tests.support.run_folders import CODE, FAILED, FIRST, KILLED


def boxes(out: Path, number: int) -> dict[str, Box]:
    reader = RunReader(out)
    whole: Run = reader.find(str(FIRST))
    flat, upright = pipeline_graphs(reader.find(str(number)), whole)
    assert {p.box.key for p in flat.boxes} == {p.box.key for p in upright.boxes}
    return {placed.box.key: placed.box for placed in flat.boxes}


def test_nodes_have_the_color_of_their_state(out: Path):
    kinds = {key: box.kind for key, box in boxes(out, CODE).items()}
    assert kinds["MoCoGanTrainer"] == "cached"
    assert kinds["VideoEvaluator"] == "ran"


def test_nodes_that_a_failed_run_did_not_reach_are_shown(out: Path):
    found = boxes(out, FAILED)
    assert found["MoCoGanTrainer"].kind == "failed"
    assert found["Pusher"].kind == "not-reached"
    assert found["Pusher"].href == ""
    assert boxes(out, KILLED)["MoCoGanTrainer"].kind == "killed"


def test_the_bar_is_the_share_of_the_time(out: Path):
    found = boxes(out, FIRST)
    assert 0.9 < found["MoCoGanTrainer"].share < 1
    assert sum(box.share for box in found.values()) <= 1.0001
    assert "1 h" in found["MoCoGanTrainer"].lines[0]


def test_edges_lead_forward_only(out: Path):
    run = RunReader(out).find(str(FIRST))
    flat, _ = pipeline_graphs(run, run)
    at = {placed.box.key: placed.x for placed in flat.boxes}
    assert (
        at["VideoExampleGen"]
        < at["Transform"]
        < at["MoCoGanTrainer"]
        < at["VideoEvaluator"]
        < at["Pusher"]
    )
