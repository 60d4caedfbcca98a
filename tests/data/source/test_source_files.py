from __future__ import annotations

import os
from pathlib import Path

from mocogan.data.source.folder_contents import FolderContents, FoundFile, Refusal
from mocogan.data.source.listing import list_videos
from mocogan.data.source.source_files import ChangedFile, changed_files, source_lines


def contents(*files: FoundFile, refusals: tuple[Refusal, ...] = ()) -> FolderContents:
    return FolderContents(list(files), list(refusals), 0, 0)


def test_a_file_is_known_by_name_size_and_time():
    found = contents(
        FoundFile(b"b.mp4", "/v/b.mp4", 20, 5),
        FoundFile(b"a\xff.mp4", "/v/a.mp4", 10, 10**18 + 7),
        refusals=(Refusal(b"pipe", "not_a_file", "a pipe"),),
    )
    assert list(source_lines(found)) == [
        '["a\\udcff.mp4", 10, 1000000000000000007]',
        '["b.mp4", 20, 5]',
        '["pipe", "not_a_file"]',
    ]


def test_added_removed_and_changed_files_are_told_apart():
    before = ['["a", 1, 0]', '["b", 2, 0]', '["c", 3, 0]']
    after = ['["b", 2, 1000000000000000007]', '["c", 3, 0]', '["d", "open_failed"]']
    assert changed_files(before, after) == [
        ChangedFile("a", "1 bytes, 1970-01-01T00:00:00.000000000Z", None),
        ChangedFile(
            "b",
            "2 bytes, 1970-01-01T00:00:00.000000000Z",
            "2 bytes, 2001-09-09T01:46:40.000000007Z",
        ),
        ChangedFile("d", None, "open_failed"),
    ]
    assert changed_files(after, after) == []


def test_the_list_changes_exactly_when_the_fingerprint_changes(tmp_path: Path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"video")
    first = list_videos(str(tmp_path))
    assert list(source_lines(first.contents)) == list(
        source_lines(list_videos(str(tmp_path)).contents)
    )
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
    second = list_videos(str(tmp_path))
    assert second.fingerprint != first.fingerprint
    (changed,) = changed_files(source_lines(first.contents), source_lines(second.contents))
    assert changed.name == "a.mp4"
