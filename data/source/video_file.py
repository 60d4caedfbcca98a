"""The entries of a data folder after listing: videos and rejected files."""

from __future__ import annotations

from typing import NamedTuple

from mocogan.data.rejection import RejectionCode

# `video_id` when the data folder itself is one video.
WHOLE_FOLDER = b"."


class VideoFile(NamedTuple):
    """A possible video: a file, a folder of numbered images, or a part of a file. Names need not be UTF-8."""

    path: str  # made by os.fsdecode, or an address such as gs://…, or a part (see `parts`)
    video_id: bytes  # path below the data folder, "/" between its parts, or WHOLE_FOLDER
    label: bytes  # name of the class, or b""
    caption: bytes  # UTF-8, a caption a line, or b""
    size: int  # bytes; for a folder the sum
    modified: int  # nanoseconds since 1970, 0 if unknown; for a folder the newest frame
    split: str = ""  # TRAIN, EVAL, TEST, or "" if the data set does not say
    group: bytes = b""  # videos of one group stay in one split; b"" if the video is alone
    identity: str = (
        ""  # hash of what the listing knows of the content: names, sizes and times of its files
    )


class RejectedFile(NamedTuple):
    """An entry of the data folder or its manifest that is not read."""

    video_id: bytes
    label: bytes
    code: RejectionCode
    message: str
