"""The colors of the style sheet can be read in both themes (WCAG 2.2, level AA)."""

import re

import pytest

from mocogan.components.reports.page import TEMPLATES

STYLE = (TEMPLATES / "style.css").read_text("utf-8")
TEXT, GRAPHICS = 4.5, 3.0  # least contrast of small text, and of bars and focus outlines


def themes():
    """The colors of the light and the dark theme, by variable."""
    light, dark = (
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    )
    return {"light": light, "dark": light | dark}


def luminance(color):
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_what_it_is_written_on(theme):
    colors = themes()[theme]
    written = [(text, ground) for text in ("ink", "soft", "warn") for ground in ("paper", "card")]
    for text, ground in [*written, ("ink", "note")]:
        assert contrast(colors[text], colors[ground]) >= TEXT, (text, ground)
    assert contrast(colors["bar"], colors["paper"]) >= GRAPHICS


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_paper_is_light_and_the_themes_differ():
    """A dark theme on a screen must not print pale letters."""
    assert "@media screen and (prefers-color-scheme: dark)" in STYLE
    colors = themes()
    assert luminance(colors["light"]["paper"]) > 0.9
    assert luminance(colors["dark"]["paper"]) < 0.02


def test_keyboards_see_where_they_are():
    assert re.search(r":focus-visible \{ outline: 2px solid var\(--bar\)", STYLE)
    assert "outline: none" not in STYLE
    assert "outline: 0" not in STYLE
