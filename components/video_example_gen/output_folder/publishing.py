"""Publishes an ingest: what it made replaces the output of the ingest before it, as a whole.

Everything is first put into one folder beside the output. From the moment when that folder is marked as ready, the new
ingest counts. Then its files are renamed. If that is interrupted, the next ingest completes it.
"""

from __future__ import annotations

import re
import uuid

from apache_beam.io.filesystems import FileSystems

from mocogan.components.video_example_gen.output_folder.folders import (
    OutputRefused,
    create_file,
    delete_files,
    delete_trees,
    files_like,
    folders_like,
    make_folder,
)
from mocogan.components.video_example_gen.output_folder.settled_shards import SHARD_NAME
from mocogan.components.video_example_gen.report.ingest_report import PAGE_FILE, REPORT_FILE
from mocogan.data import atomic
from mocogan.data.records.keys import EVAL, TRAIN, split_folder
from mocogan.data.source.source_files import SOURCE_FILES

OUTCOMES = "videos"  # start of the names of the files with one outcome per input file
OUTCOMES_FILE = re.escape(OUTCOMES) + r"-\d{5}-of-\d{5}\.jsonl"

_NAME = r"whole-[0-9a-f]{32}" + re.escape(atomic.SUFFIX)
_READY, _CLEARED = "ready", "cleared"
_SPLITS = (TRAIN, EVAL)


def check_output(examples: str) -> None:
    """Raises OutputRefused if a split's folder contains files that no ingest wrote."""
    for split in _SPLITS:
        folder = FileSystems.join(examples, split_folder(split))
        if foreign := set(files_like(folder, ".*")) - set(files_like(folder, SHARD_NAME)):
            raise OutputRefused(
                f"{min(foreign)!r} was not written by an ingest and would be used for training. Move it, or choose "
                "another output folder"
            )


def new_whole(examples: str) -> str:
    """Creates the folder for all that an ingest publishes: the folders of the splits, and the report's files."""
    return make_folder(examples, f"whole-{uuid.uuid4().hex}{atomic.SUFFIX}")


def publish(whole: str, examples: str, report_folder: str) -> None:
    """Replaces the output of an earlier ingest with the content of `whole`."""
    _mark(whole, _READY)
    _replace_output(whole, examples, report_folder)


def complete_publishing(examples: str, report_folder: str) -> None:
    """Completes what a killed ingest has begun to publish, and deletes what was not ready."""
    for whole in folders_like(examples, _NAME):
        if files_like(whole, _READY):
            _replace_output(whole, examples, report_folder)
    delete_trees(examples, _NAME)


def _replace_output(whole: str, examples: str, report_folder: str) -> None:
    if not files_like(whole, _CLEARED):
        _delete_output(examples, report_folder)
        _mark(whole, _CLEARED)
    for split in _SPLITS:
        place = FileSystems.join(examples, split_folder(split))
        if shards := files_like(FileSystems.join(whole, split_folder(split)), SHARD_NAME):
            make_folder(examples, split_folder(split))
            _rename(shards, place)
    report_files = (OUTCOMES_FILE, re.escape(SOURCE_FILES), re.escape(PAGE_FILE))
    for name in (*report_files, re.escape(REPORT_FILE)):  # a folder with a report is complete
        _rename(files_like(whole, name), report_folder)
    delete_files(whole, _READY)  # first: half deleted, it would count as ready and not cleared
    delete_trees(examples, re.escape(FileSystems.split(whole)[1]))


def _delete_output(examples: str, report_folder: str) -> None:
    for name in (REPORT_FILE, PAGE_FILE, SOURCE_FILES):
        delete_files(report_folder, re.escape(name))
    delete_files(report_folder, OUTCOMES_FILE)
    for split in _SPLITS:
        delete_files(FileSystems.join(examples, split_folder(split)), SHARD_NAME)


def _rename(paths: list[str], folder: str) -> None:
    if paths:
        names = [FileSystems.split(path)[1] for path in paths]
        FileSystems.rename(paths, [FileSystems.join(folder, name) for name in names])


def _mark(whole: str, name: str) -> None:
    create_file(FileSystems.join(whole, name)).close()
