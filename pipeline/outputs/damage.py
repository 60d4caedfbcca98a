"""Whether the files of an artifact are whole."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from pathlib import Path

from mocogan.components.video_evaluator.report_file import REPORT_FILE
from mocogan.pipeline.metadata.runs import Output
from mocogan.pipeline.outputs.written_files import WrittenFiles

# Files that an artifact of a type must have.
_REQUIRED = {
    "Model": ("Format-Serving/saved_model.pb",),
    "ModelEvaluation": (REPORT_FILE,),
    "mocogan.IngestReport": ("ingest_report.json",),
    "TransformGraph": ("transform_fn/saved_model.pb",),
}
_DIGEST_BYTES = 32  # SHA-256 at the end of a checkpoint
_ZIP_END, _ZIP_END_BYTES = b"PK\x05\x06", 22  # the last record of an archive without a comment
_GZIP_START = b"\x1f\x8b"


def damage(output: Output, records: WrittenFiles, full: bool = False) -> str:
    """What is wrong with the files of an artifact, whose folder exists. Empty if nothing is.

    Args:
        output: The artifact.
        records: What executions wrote. Without a record, only the most important files are checked.
        full: Whether to read all records of clips and all checkpoints.

    Raises:
        OSError: A file cannot be read.
    """
    folder = output.uri.rstrip("/")
    different = records.difference(folder)
    if different or (different == "" and not full):
        return different
    return _damaged_content(output.type, folder, full)


def checkpoint_damage(path: Path, full: bool) -> bool:
    """Whether a checkpoint is truncated; with `full`, also whether its bytes do not match its checksum."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        tail = _ZIP_END_BYTES + _DIGEST_BYTES
        if size < tail:
            return True
        if not full:
            file.seek(size - tail)
            return file.read(len(_ZIP_END)) != _ZIP_END
        digest, left = hashlib.sha256(), size - _DIGEST_BYTES
        while left and (chunk := file.read(min(left, 1 << 20))):
            digest.update(chunk)
            left -= len(chunk)
        return digest.digest() != file.read()


def _damaged_content(kind: str, folder: str, full: bool) -> str:
    for required in _REQUIRED.get(kind, ()):
        try:
            is_empty = not os.stat(f"{folder}/{required}").st_size
        except FileNotFoundError:
            is_empty = True
        if is_empty:
            return f"{required} is missing or empty"
    if kind == "ModelEvaluation":
        try:
            with open(f"{folder}/{REPORT_FILE}", encoding="utf-8") as file:
                json.load(file)
        except ValueError as error:
            return f"{REPORT_FILE} is not valid: {error}"
    if kind == "Examples":
        return _records_damage(Path(folder), full)
    if kind == "mocogan.GanCheckpoint":
        paths = sorted(Path(folder).glob("*.npz"))
        return next((f"{p.name} is damaged" for p in paths if checkpoint_damage(p, full)), "")
    with os.scandir(folder) as children:
        return "" if next(children, None) else "the folder is empty"


def _records_damage(folder: Path, full: bool) -> str:
    files = sorted(folder.glob("Split-*/*.gz"))
    if not files:
        return "there are no record files"
    for path in files:
        with path.open("rb") as file:
            if file.read(len(_GZIP_START)) != _GZIP_START:
                return f"{path.name} is no gzip file"
        if full and not _is_whole_gzip(path):
            return f"{path.name} is truncated or damaged"
    return ""


def _is_whole_gzip(path: Path) -> bool:
    try:
        with gzip.open(path) as file:
            while file.read(1 << 20):
                pass
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return False
    return True
