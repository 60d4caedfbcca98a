"""The password of the database with the ML Metadata store. It is read when it is needed, and written nowhere."""

from __future__ import annotations

import os
from pathlib import Path

from mocogan.pipeline.errors import ExpectedError

PASSWORD_VARIABLE = "MOCOGAN_METADATA_PASSWORD"
FILE_VARIABLE = "MOCOGAN_METADATA_PASSWORD_FILE"


class PasswordUnreadable(ExpectedError):
    """The file with the password cannot be read."""


def read_password() -> str | None:
    """The password from PASSWORD_VARIABLE, otherwise the first line of the file in FILE_VARIABLE. None: there is none.

    Raises PasswordUnreadable.
    """
    if password := os.environ.get(PASSWORD_VARIABLE):
        return password
    path = os.environ.get(FILE_VARIABLE)
    if not path:
        return None
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise PasswordUnreadable(f"cannot read {FILE_VARIABLE}={path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise PasswordUnreadable(f"{FILE_VARIABLE}={path} is not UTF-8 text") from None
    return text.partition("\n")[0].rstrip("\r") or None
