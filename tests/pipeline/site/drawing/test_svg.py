from __future__ import annotations

from mocogan.pipeline.site.drawing.graph import Box, Edge, draw
from mocogan.pipeline.site.drawing.svg import graphs_html
from tests.support.html_tags import Tags

HOSTILE = "<b onload='x'>\"\n"


def test_all_text_is_escaped():
    boxes = [Box("a", HOSTILE, (HOSTILE,), HOSTILE, HOSTILE, tip=HOSTILE), Box("b", "b", share=0.5)]
    page = Tags(str(graphs_html([draw(boxes, [Edge("a", "b", HOSTILE)], (100.0, 40.0))], HOSTILE)))
    names = [tag for tag, _ in page.tags]
    assert "b" not in names
    assert names.count("path") == 1
    assert "onload" not in {key for _, attributes in page.tags for key in attributes}
    assert page.text.count("<b onload='x'>\"\\n") == 3


def test_a_box_with_an_address_is_a_link_and_a_share_is_a_bar():
    drawing = draw([Box("a", "a", href="#there"), Box("b", "b", share=0.5)], [], (114.0, 40.0))
    page = Tags(str(graphs_html([drawing], "graph")))
    assert [attributes["href"] for tag, attributes in page.tags if tag == "a"] == ["#there"]
    bars = [a["width"] for tag, a in page.tags if tag == "rect" and a.get("class") == "share"]
    assert bars == ["50.0"]


def test_no_drawings_are_empty():
    assert not graphs_html([], "graph")
