"""File names and messages as text that every reader can show."""

from __future__ import annotations

_JOINERS = "\u200c\u200d"  # of Persian, Indic and emoji names; they move nothing


def display_path(video_id: bytes) -> str:
    """A file's path as valid Unicode; bytes that are not UTF-8 show as backslash escapes."""
    return video_id.decode("utf-8", "backslashreplace")


def valid_unicode(text: str) -> str:
    """`text` with the lone surrogates that os.fsdecode makes as backslash escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def visible(text: str) -> str:
    """`text` with line breaks, control characters and marks that change the writing direction as backslash escapes."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character in _JOINERS else _escaped(character)
        for character in text
    )


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
