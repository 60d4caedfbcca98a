"""Whether a command can write its output. It is found out at the start, not after an hour of work."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.runners.full_disk import full_disk

_PROBE = b"\0" * 65536  # more than a full disk takes


class OutNotWritable(ExpectedError):
    """The output folder cannot be made or written."""


def check_writable(out: str | Path, work_folder: str | Path | None = None) -> None:
    """Checks that a local folder can be made and written. Leaves nothing behind.

    Args:
        out: Value of --out, for the message.
        work_folder: Folder that is written, if it is not `out`: it is renamed to `out` at the end.

    Raises:
        OutNotWritable: A file is in the way, the name is too long, the disk is full or read-only, or access is denied.
    """
    folder = Path(work_folder or out)
    made: list[Path] = []
    try:
        for part in reversed([folder, *folder.parents]):
            if not part.is_dir():
                part.mkdir()
                made.append(part)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(_PROBE)
            probe.flush()  # writes all of it, or raises
    except OSError as error:
        raise not_writable(out, error, folder) from error
    finally:
        with suppress(OSError):  # another process writes there by now
            for part in reversed(made):
                part.rmdir()


def not_writable(
    out: str | Path, error: OSError, folder: str | Path | None = None
) -> OutNotWritable:
    """The error that says why `out`, or `folder` in its place, cannot be written."""
    return OutNotWritable(f"--out {out} cannot be written: {_reason(error, Path(folder or out))}")


def _reason(error: OSError, folder: Path) -> str:
    for part in [folder, *folder.parents]:
        if isinstance(error, NotADirectoryError | FileExistsError) and part.is_file():
            return f"{part} is a file"
    return full_disk(error, [str(folder)]) or error.strerror or str(error)
