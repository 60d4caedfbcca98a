"""Converts file names and messages to text that is safe to display."""

from __future__ import annotations

_JOINERS = "\u200c\u200d"  # needed in Persian, Indic and emoji names, and harmless


def display_path(video_id: bytes) -> str:
    """A file's path as valid Unicode. Bytes that are not UTF-8 become backslash escapes."""
    return video_id.decode("utf-8", "backslashreplace")


def valid_unicode(text: str) -> str:
    """`text` as valid Unicode. Lone surrogates from os.fsdecode become backslash escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def visible(text: str) -> str:
    """`text` with backslash escapes for line breaks, control characters and writing direction marks."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character in _JOINERS else _escaped(character)
        for character in text
    )


def shortened(text: str, length: int = 80) -> str:
    """`text` with at most `length` characters. An ellipsis stands for the end of a longer text."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
