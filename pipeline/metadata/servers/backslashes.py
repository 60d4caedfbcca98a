r"""Backslashes in PostgreSQL.

ML Metadata 1.14 to 1.21 makes a broken statement of each text that contains one: it takes the quotes off the literal
` E'a\\\\b'` of libpq as if it were `'a\\\\b'`. The rest of the text then is SQL, so a file name could be a command. So
no backslash reaches ML Metadata: a character of the private use area stands in for it, the one that Cygwin uses in
names of files. Source: EscapeString in ml_metadata/metadata_store/postgresql_metadata_source.cc.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, TypeVar

from google.protobuf.message import Message

_BACKSLASH, _STAND_IN = "\\", "\uf05c"
AnyMessage = TypeVar("AnyMessage", bound=Message)


def without_backslashes(message: AnyMessage) -> AnyMessage:
    """A message with the stand-in in all its texts. The message itself stays as it is."""
    content = message.SerializeToString()
    if _BACKSLASH.encode() not in content:
        return message
    copy = type(message).FromString(content)
    _replace(copy, _BACKSLASH, _STAND_IN)
    return copy


def restore_backslashes(message: Message) -> None:
    """Puts backslashes in place of the stand-in."""
    if _STAND_IN.encode() in message.SerializeToString():
        _replace(message, _STAND_IN, _BACKSLASH)


def without_backslash(text: str) -> str:
    """A text that is written past ML Metadata."""
    return text.replace(_BACKSLASH, _STAND_IN)


def with_backslashes(text: str) -> str:
    """A text that was read past ML Metadata."""
    return text.replace(_STAND_IN, _BACKSLASH)


def _replace(message: Message, old: str, new: str) -> None:
    """Replaces a character in all texts of a message, but not in the keys of its maps."""
    for field, value in message.ListFields():
        if isinstance(value, str):
            setattr(message, field.name, value.replace(old, new))
        elif isinstance(value, Message):
            _replace(value, old, new)
        elif isinstance(value, MutableMapping) or hasattr(value, "items"):
            _replace_in_map(value, old, new)
        elif field.type == field.TYPE_MESSAGE:
            for inner in value:
                _replace(inner, old, new)
        elif field.type == field.TYPE_STRING:
            value[:] = [text.replace(old, new) for text in value]


def _replace_in_map(values: Any, old: str, new: str) -> None:
    for key in values:
        value = values[key]
        if isinstance(value, Message):
            _replace(value, old, new)
        elif isinstance(value, str):
            values[key] = value.replace(old, new)
