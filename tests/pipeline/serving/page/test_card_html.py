"""A model card becomes HTML in which all text is text."""

from __future__ import annotations

from mocogan.pipeline.serving.page.card_html import card_sections
from tests.support.served import CARD

HOSTILE = """## <script>alert(1)</script>

<img src=x onerror=alert(1)> [click](javascript:alert(1)) [web](https://example.com/"onclick=x)

|---|

| `<b>` |
| --- |
| a\\|b | **bold _not_** |

```
<script>
## no heading
```
"""


def test_front_matter_and_title_are_left_out_and_sections_found() -> None:
    verdict, data = card_sections(CARD)
    assert (verdict.title, str(verdict.html)) == (
        "",
        "<p><strong>Blessed:</strong> 3 checks passed.</p>",
    )
    assert data.title == "Training data"
    assert "<td><code>&lt;b&gt;</code> a|b</td>" in data.html


def test_text_of_a_card_never_becomes_html() -> None:
    (section,) = card_sections(HOSTILE)
    assert section.title == "<script>alert(1)</script>"  # the template escapes it
    html = str(section.html)
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="https://example.com/&#34;onclick=x"' in html
    assert "<strong>bold <em>not</em></strong>" in html
    assert "## no heading" in html


def test_lists_headings_and_escapes() -> None:
    (section,) = card_sections("### Users\n\n- one\n- two \\*\\*\n\n> note &lt;b&gt;\n")
    assert str(section.html) == (
        "<h3>Users</h3><ul><li>one</li><li>two **</li></ul><p class=quote>note &lt;b&gt;</p>"
    )


def test_an_empty_card_has_no_sections() -> None:
    assert card_sections("") == []
