"""What a worker looks at before the job. Imported on workers, so it imports little."""

from __future__ import annotations

import os
import platform
import re
import socket
import tempfile
from collections.abc import Sequence
from importlib import metadata
from typing import NamedTuple

# Runners wrap the message of a worker's exception in text of their own.
_BEGIN, _END = "[worker: ", " :worker]"
_MESSAGE = re.compile(re.escape(_BEGIN) + "(.*?)" + re.escape(_END), re.DOTALL)


class Expected(NamedTuple):
    """What a worker must find."""

    versions: dict[str, str]
    data: str
    names: Sequence[str]  # of entries of the local folder `data`; none for an address
    mark: str | None  # a file in the local output folder; None for an address


class WorkerUnfit(RuntimeError):
    """A worker is not fit for the job. `message_in` finds the message in the text of another error."""

    def __init__(self, message: str) -> None:
        super().__init__(f"{_BEGIN}{message}{_END}")


def message_in(text: str) -> str | None:
    """The message of a WorkerUnfit in the text of a runner's error, or None."""
    found = _MESSAGE.search(text)
    return " ".join(found.group(1).split()) if found else None


def versions() -> dict[str, str]:
    """Versions that must be the same here and on workers."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {
        "Python": python,
        "Apache Beam": metadata.version("apache-beam"),
        "mocogan-tfx": metadata.version("mocogan-tfx"),
    }


def look(_: int, expected: Expected) -> None:
    """Raises WorkerUnfit if this process has other versions, or does not see the folders."""
    host = socket.gethostname()
    for name, version in versions().items():
        if version != expected.versions[name]:
            raise WorkerUnfit(
                f"the worker on {host} has {name} {version}, and this environment has {expected.versions[name]}. "
                "Install the same version, or take an image of it"
            )
    _check_data(host, expected.data, expected.names)
    if expected.mark is not None:
        _check_out(host, expected.mark)


def _check_data(host: str, data: str, names: Sequence[str]) -> None:
    for name in names:
        if not os.path.lexists(os.path.join(data, name)):
            raise WorkerUnfit(
                f"the worker on {host} does not see data={data}: {name!r} is missing there. Use a folder that all "
                "workers mount under the same path, or an address such as gs://BUCKET/FOLDER"
            )


def _check_out(host: str, mark: str) -> None:
    out = os.path.dirname(mark)
    if not os.path.exists(mark):
        raise WorkerUnfit(
            f"the worker on {host} does not see out={out}. Use a folder that all workers mount under the same path, "
            "or an address such as gs://BUCKET/FOLDER"
        )
    try:
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise WorkerUnfit(
            f"the worker on {host} cannot write to out={out} ({error.strerror}). Give its user write access"
        ) from error
