from mocogan.components.reports.readable_text import (
    display_path,
    shortened,
    valid_unicode,
    visible,
)


def test_bytes_that_are_not_utf8_show_as_escapes():
    assert display_path(b"caf\xe9/\xc3\xbc.mp4") == r"caf\xe9/ü.mp4"


def test_lone_surrogates_become_escapes_so_that_any_text_can_be_written():
    assert valid_unicode("a\udcffb\ud800") == r"a\udcffb\ud800"
    assert valid_unicode("日本語 🎞") == "日本語 🎞"


def test_line_breaks_and_marks_that_turn_the_writing_around_are_made_visible():
    assert visible("a\nb\t\x1b[31m\u202egpj.exe\u2066") == r"a\nb\t\x1b[31m\u202egpj.exe\u2066"


def test_what_other_scripts_need_stays():
    for name in ("שלום.mp4", "नमस्\u200dते", "👩\u200d🚀 day 1", "naïve"):
        assert visible(name) == name


def test_a_long_text_keeps_its_beginning_and_its_end():
    assert shortened("a" * 200) == "a" * 200
    assert shortened("abcdefghij", 7) == "abc…hij"
    assert shortened("\n" * 150) == "\\n" * 49 + "\\" + "…" + "\\n" * 50  # escapes count
    assert shortened("\udcff") == r"\udcff"
