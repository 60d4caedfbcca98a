from __future__ import annotations

import shutil

from mocogan.pipeline.site.contents import read_contents
from mocogan.pipeline.site.drawing.artifact_graph import (
    Lineage,
    ancestors,
    descendants,
    lineage_graphs,
)
from tests.support.recorded_pipeline import Store


def named(store: Store, lineage: Lineage) -> set[str]:
    names = {number: name for name, number in store.names.items()}
    return {names[number] for number in lineage.ids}


def test_ancestors_lead_to_the_sources_and_end_at_a_baseline(store: Store):
    found = ancestors(read_contents(store.out), store.names["pushed_model 2"])
    assert named(store, found) == {
        "pushed_model 2",
        "model 2",
        "blessing 2",
        "examples 2",
        "model 1",
    }
    roles = found.roles
    assert roles[store.names["model 1"], store.names["blessing 2"]] == "baseline_model"
    assert roles[store.names["model 2"], store.names["blessing 2"]] == "model"
    assert not found.more


def test_descendants_leave_out_what_was_only_compared(store: Store):
    found = descendants(read_contents(store.out), store.names["examples 1"])
    assert named(store, found) == {
        "examples 1",
        "model 1",
        "checkpoints 1",
        "blessing 1",
        "pushed_model 1",
    }


def test_boxes_name_the_role_and_link_to_the_other_artifacts(store: Store):
    contents, number = read_contents(store.out), store.names["blessing 2"]
    flat, upright = lineage_graphs(contents, number, ancestors(contents, number))
    boxes = {placed.box.key: placed.box for placed in flat.boxes}
    baseline = boxes[str(store.names["model 1"])]
    assert baseline.lines == ("baseline_model", "MoCoGanTrainer · run 2")  # run 1 is empty
    assert baseline.href == f"{store.names['model 1']}.html"
    assert (boxes[str(number)].kind, boxes[str(number)].href) == ("this", "")
    assert "compared" in [kind for _, kind in upright.paths]


def test_an_artifact_that_is_gone_is_marked(store: Store):
    examples = store.artifact("examples 1")

    shutil.rmtree(examples.uri)
    contents = read_contents(store.out)
    assert store.names["examples 1"] in contents.gone
    number = store.names["model 1"]
    flat, _ = lineage_graphs(contents, number, ancestors(contents, number))
    assert {placed.box.kind for placed in flat.boxes} == {"this", "gone"}


def test_an_artifact_alone_has_no_graph(store: Store):
    contents, number = read_contents(store.out), store.names["examples 1"]
    assert lineage_graphs(contents, number, ancestors(contents, number)) == []


def test_a_graph_that_is_too_wide_for_a_phone_is_drawn_once(store: Store):
    contents, number = read_contents(store.out), store.names["model 1"]
    others = [other for other in store.names.values() if other != number]
    star = Lineage((number, *others), {(number, other): "model" for other in others}, False)
    assert len(lineage_graphs(contents, number, star)) == 1
