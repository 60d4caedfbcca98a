"""The files from which a Beam pipeline reads the listing. Its description is too small for a million names."""

from __future__ import annotations

import json
from collections.abc import Iterable

from apache_beam.io.filesystems import FileSystems

from mocogan.components.video_example_gen.finished.finished_videos import FinishedVideos
from mocogan.components.video_example_gen.outcomes import VideoOutcome
from mocogan.components.video_example_gen.output_folder.folders import create_file
from mocogan.components.video_example_gen.video import Video
from mocogan.data.config import IngestConfig
from mocogan.data.source.listing import Listing
from mocogan.data.source.video_file import VideoFile

LISTED_FILE = "listed-videos.jsonl"
REJECTED_FILE = "listed-rejected.jsonl"
ACCEPTED_FILE = "earlier-accepted.jsonl"


def write_listed(
    listing: Listing, earlier: FinishedVideos, config: IngestConfig, folder: str
) -> bool:
    """Writes the listing to `folder` for `IngestVideos`, with what is known about the videos from earlier ingests.

    Returns whether a video may have the content of an earlier one under another name or with another time.
    """
    named_by_content = config.clips_per_video is None or config.clip_placement != "random"
    sizes = earlier.sizes if named_by_content else frozenset()  # the name places random clips
    videos = [_with_earlier(file, earlier, config, sizes) for file in listing.videos]
    wanted = {video.size for video in videos if not video.earlier or video.compared}
    _write(folder, LISTED_FILE, (video.to_json() for video in videos))
    accepted = list(earlier.of_sizes(wanted & sizes))
    _write(folder, ACCEPTED_FILE, accepted)
    _write(
        folder,
        REJECTED_FILE,
        (
            VideoOutcome(file.video_id, file.label, code=file.code, message=file.message).to_json()
            for file in listing.rejected
        ),
    )
    return bool(accepted)


def _with_earlier(
    file: VideoFile, earlier: FinishedVideos, config: IngestConfig, sizes: frozenset[int]
) -> Video:
    video = Video.of(file)
    outcome = earlier.find(file.video_id, file.identity)
    if config.check == "content":
        return video._replace(earlier=outcome, compared=bool(outcome) or file.size in sizes)
    if outcome:
        return video._replace(earlier=outcome, digest=json.loads(outcome)["digest"])
    digest = earlier.digest(file.video_id, file.identity)
    return video._replace(digest=digest, compared=file.size in sizes)


def _write(folder: str, name: str, lines: Iterable[str]) -> None:
    with create_file(FileSystems.join(folder, name)) as file:
        for line in lines:
            file.write(line.encode("ascii") + b"\n")
