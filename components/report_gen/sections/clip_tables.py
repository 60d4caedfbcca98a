"""Galleries of clips as rows, pairs and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mocogan.components.report_gen.clip_images import ClipImages, ClipPicture
from mocogan.components.reports.readable_text import shortened
from mocogan.components.video_evaluator.galleries.names import GalleryClips, gallery_file

_MAX_COLUMNS = 8
_LENGTH = 60  # of names and captions
Galleries = Mapping[str, GalleryClips]


class ShownClip(NamedTuple):
    """A clip and the text beside it."""

    picture: ClipPicture
    caption: str


class ClipRow(NamedTuple):
    """Clips side by side."""

    title: str
    clips: Sequence[ShownClip]
    speed: str
    more: str  # what is not shown, or empty


class ClipPairs(NamedTuple):
    """Two rows whose clips belong together."""

    left: ClipRow
    right: ClipRow

    @property
    def has_captions(self) -> bool:
        return any(shown.caption for row in self for shown in row.clips)


class ClipTable(NamedTuple):
    """Clips in named rows and columns."""

    title: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[ClipPicture]]]
    speed: str
    more: str


def clip_row(
    galleries: Galleries, name: str, title: str, images: ClipImages, limit: int
) -> ClipRow | None:
    """The first clips of a gallery, at most `limit`. None: there is no such gallery, or no clip may be shown."""
    part = galleries.get(name)
    limit = min(limit, images.rendering.max_clips)
    if part is None or not len(part.clips) or not limit:
        return None
    clips = [
        ShownClip(
            images.clip(frames, part.gallery.fps, _alt(title, number, _text(part, number))),
            _text(part, number),
        )
        for number, frames in enumerate(part.clips[:limit])
    ]
    return ClipRow(
        title, clips, images.speed(part.gallery.fps), _more(name, len(part.clips), limit)
    )


def clip_pairs(
    galleries: Galleries,
    names: tuple[str, str],
    titles: tuple[str, str],
    images: ClipImages,
    limit: int,
) -> ClipPairs | None:
    """Two galleries side by side. None: one of them is missing."""
    if any(name not in galleries or not len(galleries[name].clips) for name in names):
        return None
    shortest = min(len(galleries[name].clips) for name in names)
    limit = min(limit, shortest, images.rendering.max_clips // 2)
    rows = [
        clip_row(galleries, name, title, images, limit)
        for name, title in zip(names, titles, strict=True)
    ]
    return ClipPairs(rows[0], rows[1]) if rows[0] and rows[1] else None


def clip_table(
    galleries: Galleries,
    name: str,
    title: str,
    images: ClipImages,
    words: tuple[str, str],
    max_rows: int,
) -> ClipTable | None:
    """A gallery as a table. `words` name unnamed rows and columns, such as ("content", "motion")."""
    part = galleries.get(name)
    if part is None or not len(part.clips) or not images.rendering.max_clips:
        return None
    gallery, clips = part
    width = max(1, gallery.columns)
    shown = min(width, _MAX_COLUMNS)
    max_rows = max(1, min(max_rows, images.rendering.max_clips // shown))
    height = -(-len(clips) // width)
    columns = [_name(gallery.column_names, n, words[1]) for n in range(shown)]
    rows = []
    for y in range(min(height, max_rows)):
        row = _name(gallery.row_names, y, words[0])
        numbers = range(y * width, min(y * width + shown, len(clips)))
        rows.append(
            (
                row,
                [
                    images.clip(clips[n], gallery.fps, f"{title}: {row}, {columns[n % width]}")
                    for n in numbers
                ],
            )
        )
    all_shown = shown == width and len(rows) == height
    more = "" if all_shown else _more(name, len(clips), sum(len(cells) for _, cells in rows))
    return ClipTable(title, columns, rows, images.speed(gallery.fps), more)


def _name(names: Sequence[str], number: int, word: str) -> str:
    return shortened(names[number], _LENGTH) if number < len(names) else f"{word} {number + 1}"


def _text(part: GalleryClips, number: int) -> str:
    captions = part.gallery.captions
    return shortened(captions[number], _LENGTH) if number < len(captions) else ""


def _alt(title: str, number: int, caption: str) -> str:
    return f"{title}, clip {number + 1}" + (f": {caption}" if caption else "")


def _more(name: str, number: int, shown: int) -> str:
    if number <= shown:
        return ""
    return f"{number - shown:,} more clips are in {gallery_file(name, '.png')} of the evaluation."
