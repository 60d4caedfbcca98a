"""Videos in .npy and .npz files, such as Moving MNIST.

The axes are guessed and noted. An array with one video keeps the name of its file. The videos of other arrays are
named FILE/00000, FILE/00001 and so on.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator

import numpy as np

from mocogan.data.source.archives.member import Member
from mocogan.data.source.archives.zip_members import zip_members
from mocogan.data.source.containers.array_axes import Meaning, guess_meaning
from mocogan.data.source.containers.part_content import open_input
from mocogan.data.source.containers.parts import part_path
from mocogan.data.source.containers.video_arrays import ArrayHeader, read_part
from mocogan.data.source.folder_contents import FolderContents, FoundFile, Refusal

_MOST_SPANS = 64 * 2**20  # bytes of a list of spans
# PredRNN's form of Moving MNIST: frames in a row, and the spans of the videos among them.
_FRAMES, _SPANS = b"input_raw_data.npy", b"clips.npy"
_FORMS = "Save videos as uint8 [N, T, H, W, C], with 1 or 3 channels C"


def with_arrays(contents: FolderContents) -> tuple[FolderContents, list[str]]:
    """Replaces each .npy and .npz file with its videos. Returns also notes on how arrays are read."""
    files, refusals, notes = [], list(contents.refusals), []
    for file in contents.files:
        if not file.name.lower().endswith((b".npy", b".npz")):
            files.append(file)
            continue
        try:
            arrays = list(_arrays(file))
        except OSError as error:
            refusals.append(Refusal(file.name, "bad_format", f"{error}. {_FORMS}"))
            continue
        for videos, note in arrays:
            files += videos
            notes.append(note)
    return contents._replace(files=files, refusals=refusals), notes


def _arrays(file: FoundFile) -> Iterator[tuple[list[FoundFile], str]]:
    """Yields the videos of each array in a file, and a note. Raises OSError if there is none."""
    if file.name.lower().endswith(b".npy"):
        yield _videos(file, file.name, file.path, file.size)
        return
    with open_input(file.path) as opened:
        members = [found for found in zip_members(opened, file.path) if isinstance(found, Member)]
    by_name = {member.name: member for member in members}
    if _FRAMES in by_name and _SPANS in by_name:
        yield _spans(file, by_name[_FRAMES], by_name[_SPANS])
        return
    found = 0
    for member in members:
        stem = os.path.splitext(member.name)[0]
        name = file.name if len(members) == 1 else file.name + b"/" + stem
        try:
            yield _videos(file, name, member.path, member.size)
        except OSError:  # labels, for example
            continue
        found += 1
    if not found:
        raise OSError(f"none of the {len(members)} arrays in this file can be videos")


def _videos(file: FoundFile, name: bytes, path: str, size: int) -> tuple[list[FoundFile], str]:
    header, meaning = _meaning(path, size)
    count = header.shape[meaning.axes.index("N")] if "N" in meaning.axes else 1
    video_bytes = math.prod(header.shape) * header.dtype.itemsize // count
    paths = [
        part_path(path, "array", meaning.axes, number if "N" in meaning.axes else "", meaning.scale)
        for number in range(count)
    ]
    names = [name] if "N" not in meaning.axes else [b"%s/%05d" % (name, n) for n in range(count)]
    videos = [
        FoundFile(video, where, video_bytes, file.modified)
        for video, where in zip(names, paths, strict=True)
    ]
    return videos, _note(name, header, meaning)


def _spans(file: FoundFile, frames: Member, spans: Member) -> tuple[list[FoundFile], str]:
    """The videos of PredRNN's form: for each, inputs and then outputs as (first frame, length)."""
    header, _ = _meaning(frames.path, frames.size)
    if spans.size > _MOST_SPANS:
        raise OSError("the list of clips is too large")
    with open_input(spans.path) as opened:
        spans_header = ArrayHeader(opened, spans.size)
        clips = read_part(opened, spans_header, [slice(0, size) for size in spans_header.shape])
    if clips.ndim != 3 or clips.shape[0] != 2 or clips.shape[2] != 2 or len(header.shape) != 4:
        raise OSError(f"clips of shape {clips.shape} are not (2, videos, 2)")
    with open_input(frames.path) as opened:
        sample = read_part(opened, header, [slice(0, 1), *(slice(0, n) for n in header.shape[1:])])
    scale = "unit" if sample.dtype.kind in "bf" and sample.max() <= 1 else "levels"
    videos = []
    for number, ((first, _), (start, length)) in enumerate(zip(*clips.tolist(), strict=True)):
        end = start + length
        if not 0 <= first < end <= header.shape[0]:
            raise OSError(f"clip {number} is not among the {header.shape[0]} frames")
        path = part_path(frames.path, "array", "TCHW", f"{first}-{end}", scale)
        size = (end - first) * math.prod(header.shape[1:]) * header.dtype.itemsize
        videos.append(FoundFile(b"%s/%05d" % (file.name, number), path, size, file.modified))
    return videos, _note(
        file.name, header, Meaning("TCHW", scale)
    ) + f", cut into {len(videos)} videos"


def _meaning(path: str, size: int) -> tuple[ArrayHeader, Meaning]:
    with open_input(path) as opened:
        header = ArrayHeader(opened, size)

        def look(place: tuple[int | slice, ...]) -> np.ndarray:
            spans = [slice(0, size) for size in header.shape]
            for axis, index in enumerate(place):
                if isinstance(index, int):
                    spans[axis] = slice(index, index + 1)
                elif index != slice(None):
                    spans[axis] = index
            part = read_part(opened, header, spans)
            fixed = tuple(axis for axis, index in enumerate(place) if isinstance(index, int))
            return part.squeeze(axis=fixed)

        meaning = guess_meaning(header.shape, header.dtype, look) if all(header.shape) else None
    if meaning is None:
        raise OSError(f"an array of shape {header.shape} is not a video")
    return header, meaning


_WORDS = {"N": "videos", "T": "frames", "H": "height", "W": "width", "C": "channels"}
_SCALES = {"levels": "0 to 255", "unit": "0 to 1", "signed": "-1 to 1"}


def _note(name: bytes, header: ArrayHeader, meaning: Meaning) -> str:
    axes = ", ".join(
        f"{size} {_WORDS[axis]}" for size, axis in zip(header.shape, meaning.axes, strict=True)
    )
    shown = name.decode("utf-8", "backslashreplace")
    return f"{shown}: axes taken for ({axes}), values for {_SCALES[meaning.scale]}"
