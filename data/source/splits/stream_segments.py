"""Groups of files that are segments of one film: HLS segments and the parts of a DVD title.

Segments of one film in both splits would let the model be evaluated on films that it was trained on.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from mocogan.data.source.folder_contents import FoundFile
from mocogan.data.source.input_files import input_blocks
from mocogan.data.source.video_file import VideoFile

_PLAYLIST = (b".m3u8", b".m3u")
_LARGEST_PLAYLIST = 16 * 2**20
# seg_012.ts, video3.m4s, VTS_01_2.VOB: a text and the number of the segment.
_ENDINGS = (b".ts", b".m4s", b".vob")
_SEGMENT = re.compile(rb"(?i)(.*?)[_\-. ]?\d+\.(ts|m4s|vob)\Z", re.DOTALL)


def with_groups_of_segments(
    videos: list[VideoFile], files: Iterable[FoundFile]
) -> tuple[list[VideoFile], list[str]]:
    """Gives segments of one film a group, unless they have one.

    Playlists (.m3u8) name the segments. Without one, the names of .ts, .m4s and .VOB files tell: the same text
    with different numbers in one folder. Returns the videos and notes.
    """
    groups = _groups_of_playlists(files)
    by_name: dict[bytes, list[VideoFile]] = {}
    for video in videos:
        if not video.group and (group := groups.get(video.video_id) or _stem(video.video_id)):
            by_name.setdefault(group, []).append(video)
    grouped = {
        video.video_id: group
        for group, segments in by_name.items()
        if len(segments) > 1
        for video in segments
    }
    if not grouped:
        return videos, []
    films = len(set(grouped.values()))
    note = (
        f"{len(grouped)} files are segments of {films} film{'s' * (films > 1)}. Segments of a film stay in "
        "one split"
    )
    return [video._replace(group=grouped.get(video.video_id, video.group)) for video in videos], [
        note
    ]


def _stem(name: bytes) -> bytes:
    found = _SEGMENT.fullmatch(name) if name.lower().endswith(_ENDINGS) else None
    return found[1] + b"*." + found[2].lower() if found else b""


def _groups_of_playlists(files: Iterable[FoundFile]) -> dict[bytes, bytes]:
    """Maps each file that a playlist names to the film, which can have several playlists."""
    playlists = {
        file.name: _entries(file) for file in files if file.name.lower().endswith(_PLAYLIST)
    }
    masters = {
        entry: name
        for name, entries in sorted(playlists.items())
        for entry in entries
        if entry in playlists
    }
    return {
        entry: masters.get(name, name) for name, entries in playlists.items() for entry in entries
    }


def _entries(playlist: FoundFile) -> list[bytes]:
    """Returns the names of the files in a playlist, below the data folder."""
    if playlist.size > _LARGEST_PLAYLIST:
        return []
    try:
        content = b"".join(input_blocks(playlist.path))
    except OSError:  # the decoder reports it later
        return []
    folder = posixpath.dirname(playlist.name)
    lines = [line.strip() for line in content.splitlines()]
    return [
        posixpath.normpath(posixpath.join(folder, line.partition(b"?")[0]))
        for line in lines
        if line and not line.startswith(b"#")
    ]
