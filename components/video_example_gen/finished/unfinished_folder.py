"""The folder of an ingest that is not finished. It stays when the ingest is killed, for the next one."""

from __future__ import annotations

import json
import re
import uuid

from apache_beam.io.filesystems import FileSystems

from mocogan.components.video_example_gen.finished.settings import ClipSettings
from mocogan.components.video_example_gen.output_folder.folders import (
    create_file,
    delete_trees,
    files_like,
    folders_like,
    make_folder,
)
from mocogan.data import atomic

_NAME = r"ingest-[0-9a-f]{32}" + re.escape(atomic.SUFFIX)
_SETTINGS = "settings.json"


def new_unfinished(parent: str, settings: ClipSettings) -> str:
    """Creates the folder of a new ingest with these settings. Returns its path."""
    folder = make_folder(parent, f"ingest-{uuid.uuid4().hex}{atomic.SUFFIX}")
    with create_file(FileSystems.join(folder, _SETTINGS)) as file:
        file.write(json.dumps(settings).encode("ascii"))
    return folder


def find_unfinished(parent: str) -> list[str]:
    """The folders that killed and failed ingests have left."""
    return folders_like(parent, _NAME)


def unfinished_settings(folder: str) -> ClipSettings | None:
    """The settings of an unfinished ingest. None if it was killed before they were written."""
    if not files_like(folder, re.escape(_SETTINGS)):
        return None
    with FileSystems.open(FileSystems.join(folder, _SETTINGS)) as file:
        try:
            settings = json.loads(file.read())
        except ValueError:
            return None
    return settings if isinstance(settings, dict) else None


def delete_unfinished(parent: str) -> None:
    """Deletes all folders that `find_unfinished` finds."""
    delete_trees(parent, _NAME)
