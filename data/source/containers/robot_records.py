"""Videos in TFRecords of robot data, such as BAIR robot pushing.

Each record is a tf.train.Example with the frames of one video under keys such as 0/image_main/encoded, as raw RGB
pixels of a square, or as JPEG or PNG images. The videos are named FILE/000, FILE/001 and so on.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

from mocogan.data.decoding.images.image_file import image_format
from mocogan.data.records.example_proto import Example
from mocogan.data.records.tfrecord import masked_checksum
from mocogan.data.source.containers.part_content import open_input
from mocogan.data.source.containers.parts import part_path
from mocogan.data.source.data_set_error import DataSetError
from mocogan.data.source.folder_contents import FolderContents, FoundFile, Refusal

_HEADER = struct.Struct("<Q4s")  # length, masked checksum of the length
_KEY = re.compile(r"(\d+)/(image\w*)/encoded")
_DEFAULT = "image_aux1"  # the view that the papers on BAIR use
_ENDINGS = {"JPEG": ".jpg", "PNG": ".png"}
_LARGEST_RECORD = 256 * 2**20  # bytes; one of BAIR has 0.7 MB
_SHOWN_KEYS = 3


def with_robot_records(
    contents: FolderContents, view: str | None
) -> tuple[FolderContents, list[str]]:
    """Replaces each TFRecord file with its videos. Returns also a note on the view.

    Raises DataSetError if there is no such `view`.
    """
    files, refusals = [], list(contents.refusals)
    views: set[str] = set()
    for file in contents.files:
        if not re.search(rb"(?i)\.tfrecords?\Z", file.name):
            files.append(file)
            continue
        try:
            found = _Videos(file, view)
            files += found.files
            views |= found.views
        except OSError as error:
            refusals.append(Refusal(file.name, "bad_format", str(error)))
    notes = []
    if views:
        used = _chosen(views, view)
        notes.append(f"view {used} of {', '.join(sorted(views))}. ingest.view chooses another")
    return contents._replace(files=files, refusals=refusals), notes


class _Videos:
    """The videos of a TFRecord file. The form of the first record counts for all."""

    def __init__(self, file: FoundFile, view: str | None) -> None:
        """Raises OSError and DataSetError."""
        self.files: list[FoundFile] = []
        with open_input(file.path) as opened:
            spans = list(_records(opened))
            if not spans:
                raise OSError("the TFRecord file has no records")
            opened.seek(spans[0][0])
            features = _features(opened.read(spans[0][1]))
        frames = [found for key in features if (found := _KEY.fullmatch(key))]
        self.views = {found[2] for found in frames}
        if not frames:
            keys = ", ".join(sorted(features)[:_SHOWN_KEYS])
            raise OSError(
                "the TFRecord file has no frames under keys such as 0/image_main/encoded, "
                f"but {keys or 'nothing'}"
            )
        chosen = _chosen(self.views, view)
        numbers = sorted(int(found[1]) for found in frames if found[2] == chosen)
        first = b"".join(features[f"{numbers[0]}/{chosen}/encoded"].bytes_list.value[:1])
        ending = _ending(first)
        for number, (offset, length) in enumerate(spans):
            name = b"%s/%03d" % (file.name, number)
            record = part_path(file.path, "bytes", offset, length)
            if ending is None:
                path = part_path(record, "raw", f"/{chosen}/encoded")
                size = len(first) * len(numbers)
                self.files.append(FoundFile(name, path, size, file.modified))
                continue
            for frame in numbers:
                path = part_path(record, "feature", f"{frame}/{chosen}/encoded")
                image = b"%s/%05d%s" % (name, frame, ending.encode())
                self.files.append(FoundFile(image, path, len(first), file.modified))


def _chosen(views: set[str], view: str | None) -> str:
    if view is None:
        return _DEFAULT if _DEFAULT in views else min(views)
    for name in (view, f"image_{view}"):
        if name in views:
            return name
    raise DataSetError(
        f"ingest.view={view} is not among the views of these records. Use one of {', '.join(sorted(views))}"
    )


def _records(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Yields (offset, length) of the content of each record. Raises OSError."""
    offset = 0
    while True:
        file.seek(offset)
        header = file.read(_HEADER.size)
        if not header:
            return
        if len(header) < _HEADER.size:
            raise OSError("the TFRecord file is truncated")
        length, checksum = _HEADER.unpack(header)
        if masked_checksum(header[:8]) != checksum or length > _LARGEST_RECORD:
            raise OSError("the TFRecord file is damaged, or is no TFRecord file")
        yield offset + _HEADER.size, length
        offset += _HEADER.size + length + 4


def _features(record: bytes) -> Any:
    try:
        return Example.FromString(record).features.feature
    except Exception as error:  # protobuf's DecodeError is not the same class in all versions
        raise OSError(f"the first record is no tf.train.Example: {error}") from error


def _ending(frame: bytes) -> str | None:
    """Returns the extension of an encoded frame, or None for raw pixels. Raises OSError."""
    if form := image_format(frame[:16]):
        return _ENDINGS.get(form, "." + form.lower())
    side = math.isqrt(len(frame) // 3)
    if not side or side * side * 3 != len(frame):
        raise OSError(
            f"frames of {len(frame)} bytes are no images and no squares of raw RGB pixels"
        )
    return None
