"""What all pages share: the base template, and that a text can be nothing but text."""

import jinja2
import pytest

from mocogan.components.reports.page import TEMPLATES, environment, render_page
from tests.support.html_tags import Tags

ATTACK = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\n&amp;{{ 7 * 7 }}\udcff"
SHOWN = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>\\u202e\\n&amp;{{ 7 * 7 }}\\udcff"
PAGE = """
{% extends "base.html" %}
{% from "elements.html" import metric, section %}
{% block title %}{{ text }}{% endblock %}
{% block body %}
{% call section(text, text) %}<p title="{{ text }}">{{ text }}</p>{{ metric(text, text, text) }}{% endcall %}
{% endblock %}
{% block footer %}{{ text }}{% endblock %}
"""


@pytest.fixture(scope="module")
def attacked():
    return environment().from_string(PAGE).render(text=ATTACK)


def test_a_text_is_shown_as_it_is_and_makes_no_tag(attacked):
    page = Tags(attacked)
    assert page.text.split("\n")[1:-1] == [SHOWN] * 8
    assert [attributes for tag, attributes in page.tags if tag == "p"] == [
        {"class": "lead"},
        {"title": SHOWN},
    ]
    assert not {tag for tag, _ in page.tags} & {"script", "img"}


def test_a_page_is_valid_unicode_without_marks_that_turn_the_writing(attacked):
    attacked.encode("utf-8")
    assert "\u202e" not in attacked


def test_a_page_loads_nothing_and_forbids_it(attacked):
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    head = [attributes for tag, attributes in Tags(attacked).tags if tag == "meta"]
    assert {"http-equiv": "Content-Security-Policy", "content": policy} in head
    assert {"charset": "utf-8"} in head
    assert "color-scheme: light dark" in attacked  # the style sheet is in the page
    for loading in ("url(", "@import", "href="):
        assert loading not in attacked


def test_a_missing_value_is_an_error(tmp_path):
    with pytest.raises(jinja2.UndefinedError, match="'text' is undefined"):
        environment().from_string(PAGE).render(txt="a")
    (tmp_path / "page.html").write_text(PAGE)
    with pytest.raises(jinja2.UndefinedError):
        render_page(tmp_path, "page.html")


def test_a_page_needs_a_title_a_body_and_a_footer():
    with pytest.raises(jinja2.TemplateRuntimeError, match="Required block 'title' not found"):
        render_page(TEMPLATES, "base.html")


def test_a_figure_has_a_caption_and_a_still_picture_for_people_who_want_less_motion():
    template = (
        '{% from "elements.html" import figure %}'
        '{{ figure("data:a", "data:b", "clip", text, text, text) }}{{ figure("data:a", "", "frame", text) }}'
    )
    page = Tags(environment().from_string(template).render(text=ATTACK))
    assert [tag for tag in page.tags if tag[0] in ("img", "source", "figcaption")] == [
        ("source", {"media": "(prefers-reduced-motion: reduce)", "srcset": "data:b"}),
        ("img", {"src": "data:a", "alt": "clip"}),
        ("figcaption", {"title": SHOWN}),
        ("img", {"src": "data:a", "alt": "frame"}),
        ("figcaption", {"title": SHOWN}),
    ]
    assert page.text.split("\n")[1:-1] == [SHOWN] * 3
