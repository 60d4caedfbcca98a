"""Converts file names and messages to text that is safe to display."""

from __future__ import annotations

_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
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


def shortened(text: str, limit: int = 200) -> str:
    """`text` as `visible` text of at most `limit` characters. Of a longer one, the middle is left out."""
    shown = visible(valid_unicode(text))
    if len(shown) <= limit:
        return shown
    end = limit // 2
    return shown[: limit - end - 1] + _ELLIPSIS + shown[-end:]


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
