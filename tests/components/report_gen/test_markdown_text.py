import pytest

from mocogan.components.report_gen.markdown_text import block, bullets, code, escaped, table


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, 52.9 clips (here).", "plain words, 52.9 clips (here)."),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("*bold* _x_ [a](b) `c`", r"\*bold\* \_x\_ \[a\](b) \`c\`"),
        ("a|b", r"a\|b"),
        ("# title", r"\# title"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("-0.5", "-0.5"),
        ("a\nb\u202e", r"a\\nb\\u202e"),
        ("\udcff", r"\\udcff"),
        ("&amp;", "&amp;amp;"),
    ],
)
def test_text_stays_text(text, shown):
    assert escaped(text) == shown


def test_long_text_is_shortened():
    assert len(escaped("x" * 5000)) == 1000


def test_code_has_a_longer_fence_than_the_text():
    assert code("a") == "`a`"
    assert code("a``b`") == "``` a``b` ```"


def test_a_table_keeps_its_columns():
    assert table(("a", "b"), [("x|y", r"x\|y")]) == (
        "| a | b |\n| --- | --- |\n" + r"| x\|y | x\|y |"
    )


def test_lists_and_blocks():
    assert bullets(["a", "b"]) == "- a\n- b"
    assert block("a\nb\x1b") == "    a\n    b\\x1b"
