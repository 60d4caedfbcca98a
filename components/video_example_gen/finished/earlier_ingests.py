"""Finds what earlier ingests have finished: in the output folder, in unfinished ingests, and in other folders."""

from __future__ import annotations

import json
import os
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from apache_beam.io.filesystems import FileSystems

from mocogan.components.video_example_gen.finished.finished_videos import FinishedVideos
from mocogan.components.video_example_gen.finished.settings import ClipSettings, differences
from mocogan.components.video_example_gen.finished.unfinished_folder import (
    find_unfinished,
    unfinished_settings,
)
from mocogan.components.video_example_gen.output_folder.folders import files_like
from mocogan.components.video_example_gen.output_folder.publishing import OUTCOMES_FILE
from mocogan.components.video_example_gen.output_folder.settled_shards import SHARD_NAME
from mocogan.components.video_example_gen.output_folder.shards import JOURNAL_NAME
from mocogan.components.video_example_gen.report.ingest_report import REPORT_FILE
from mocogan.data import atomic
from mocogan.data.address import is_remote
from mocogan.data.records.keys import EVAL, TRAIN, split_folder

_NEWEST_FILE = "newest_ingests.json"  # in `resume_root`: [folder of the examples, folder of the report], newest first
_MOST_NOTED = 10
_MOST_SHOWN = 5  # of the settings that differ


def earlier_videos(
    examples: str,
    report_folder: str,
    resume_root: str | None,
    settings: ClipSettings,
    tell: Callable[[str], None],
) -> FinishedVideos:
    """Reads the outcomes of earlier ingests with these settings.

    Args:
        examples: Folder of the examples of this ingest.
        report_folder: Folder of its report.
        resume_root: Folder that several ingests share, or None.
        settings: Settings of this ingest.
        tell: Called with a line about what is found.
    """
    found = FinishedVideos()
    for folders in ((examples, report_folder), *_noted(resume_root)):
        if _add_finished(found, *folders, settings, tell):
            break
    published = len(found)
    for folder in find_unfinished(resume_root or examples):
        if unfinished_settings(folder) == settings:
            shards = _by_name(files_like(folder, r".*\.gz"))
            found.add(_lines(files_like(folder, JOURNAL_NAME)), shards)
    if len(found) > published:
        tell(f"continuing an unfinished ingest: {len(found) - published:,} videos are done")
    return found


def note_ingest(resume_root: str, examples: str, report_folder: str) -> None:
    """Notes a finished ingest for later ones with the same `resume_root`. Raises OSError."""
    new = (_relative(examples, resume_root), _relative(report_folder, resume_root))
    others = [folders for folders in _read_noted(resume_root) if folders != new]
    content = json.dumps([new, *others][:_MOST_NOTED]).encode("ascii")
    path = FileSystems.join(resume_root, _NEWEST_FILE)
    atomic.write_file(path, content, mime_type="application/json")


def _add_finished(
    found: FinishedVideos,
    examples: str,
    report_folder: str,
    settings: ClipSettings,
    tell: Callable[[str], None],
) -> bool:
    """Adds the outcomes of a finished ingest. Returns whether there is one with these settings."""
    report = _read_report(report_folder)
    if report is None:
        return False
    before = report.get("clip_settings") or {}
    if before != settings:
        changed = differences(before, settings)
        more = ", …" if len(changed) > _MOST_SHOWN else ""
        tell(
            f"not taking over the videos of {examples}, because settings have changed: "
            f"{', '.join(changed[:_MOST_SHOWN])}{more}"
            if before
            else f"not taking over the videos of {examples}, because an earlier version wrote them"
        )
        return False
    known = len(found)
    shards = {
        f"{split_folder(split)}/{name}": path
        for split in (TRAIN, EVAL)
        for name, path in _by_name(
            files_like(FileSystems.join(examples, split_folder(split)), SHARD_NAME)
        ).items()
    }
    found.add(_lines(files_like(report_folder, OUTCOMES_FILE)), shards)
    found.source = examples
    tell(f"taking over unchanged videos of an earlier ingest: {len(found) - known:,} are known")
    return True


def _noted(resume_root: str | None) -> Iterator[tuple[str, str]]:
    if resume_root:
        for examples, report_folder in _read_noted(resume_root):
            yield _joined(resume_root, examples), _joined(resume_root, report_folder)


def _read_noted(resume_root: str) -> list[tuple[str, str]]:
    content = _read_json(resume_root, _NEWEST_FILE)
    return [(examples, report) for examples, report in content or []]


def _read_report(folder: str) -> Mapping[str, Any] | None:
    content = _read_json(folder, REPORT_FILE)
    return content if isinstance(content, dict) else None


def _read_json(folder: str, name: str) -> Any:
    """The content of a file. None if it is missing or damaged."""
    if not files_like(folder, re.escape(name)):
        return None
    with FileSystems.open(FileSystems.join(folder, name)) as file:
        try:
            return json.loads(file.read())
        except ValueError:
            return None


def _relative(folder: str, root: str) -> str:
    """The folder as seen from `root`, so that both can be moved together."""
    return folder if is_remote(folder) else os.path.relpath(folder, root)


def _joined(root: str, folder: str) -> str:
    return folder if is_remote(folder) else posixpath.normpath(posixpath.join(root, folder))


def _by_name(paths: list[str]) -> dict[str, str]:
    return {FileSystems.split(path)[1]: path for path in paths}


def _lines(paths: list[str]) -> Iterator[str]:
    for path in paths:
        with FileSystems.open(path) as file:
            for line in file:
                yield line.decode("ascii", "replace")
