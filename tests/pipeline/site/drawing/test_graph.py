from __future__ import annotations

from itertools import combinations

import pytest

from mocogan.pipeline.site.drawing.graph import Box, Drawing, Edge, draw

SIZE = (100.0, 40.0)


def drawn(edges: str, upright: bool = False) -> Drawing:
    """`edges` such as "ab bc"."""
    keys = dict.fromkeys(edges.replace(" ", ""))
    return draw(
        [Box(key, key) for key in keys], [Edge(*pair) for pair in edges.split()], SIZE, upright
    )


def places(drawing: Drawing) -> dict[str, tuple[float, float]]:
    return {placed.box.key: (placed.x, placed.y) for placed in drawing.boxes}


@pytest.mark.parametrize("upright", [False, True])
def test_edges_lead_from_layer_to_layer(upright: bool):
    axis = 1 if upright else 0
    at = {key: place[axis] for key, place in places(drawn("ab bc ac", upright)).items()}
    assert at["a"] < at["b"] < at["c"]
    assert len(set(at.values())) == 3


def test_a_box_without_sources_stands_just_before_its_first_user():
    at = places(drawn("ab bc cd xd"))
    assert at["x"][0] == at["c"][0]


@pytest.mark.parametrize("edges", ["ab ac ad bd cd", "ab bc cd ad xd yd", "ae be ce de"])
@pytest.mark.parametrize("upright", [False, True])
def test_boxes_lie_apart_and_inside(edges: str, upright: bool):
    drawing = drawn(edges, upright)
    for x, y in places(drawing).values():
        assert 0 <= x <= drawing.width - SIZE[0]
        assert 0 <= y <= drawing.height - SIZE[1]
    for (x, y), (other_x, other_y) in combinations(places(drawing).values(), 2):
        assert abs(x - other_x) >= SIZE[0] or abs(y - other_y) >= SIZE[1]


def test_a_long_edge_bends_around_the_boxes_between():
    drawing = drawn("ab bc ac")
    y = places(drawing)["b"][1]
    path = dict(zip(["ab", "bc", "ac"], drawing.paths, strict=True))["ac"][0]
    lane = float(path.partition("L")[2].split("C")[0].split()[1])
    assert not y <= lane <= y + SIZE[1]


def test_a_single_box_and_no_box_can_be_drawn():
    assert draw([Box("a", "a")], [], SIZE).width == 108
    assert draw([], [], SIZE).boxes == ()
