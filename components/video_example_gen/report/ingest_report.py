"""The ingest report: the result for every file, and statistics of the accepted videos."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from apache_beam.io.filesystems import FileSystems

from mocogan.components.reports.readable_text import display_path, valid_unicode
from mocogan.components.video_example_gen.outcomes import MOTION_EDGES, VideoOutcome
from mocogan.components.video_example_gen.report.notes import notes_on
from mocogan.components.video_example_gen.report.page import render_ingest_page
from mocogan.components.video_example_gen.report.shown_videos import Place, Thumbnail
from mocogan.components.video_example_gen.report.statistics import DURATION_EDGES, IngestStatistics
from mocogan.data.atomic import write_file
from mocogan.data.config import IngestConfig

REPORT_FILE = "ingest_report.json"
PAGE_FILE = "ingest_report.html"

_REJECTIONS_IN_ERROR = 5
_RESOLUTIONS = 20


class NoVideos(ValueError):
    """The data folder holds no files."""


class NoUsableVideos(ValueError):
    """The data folder holds no video that gives a clip."""


class TooManyRejected(ValueError):
    """More files were rejected than `max_rejected_ratio` allows."""


def no_files(folder: str) -> NoVideos:
    """The error for a folder without any file."""
    return NoVideos(
        f"no files in {folder!r}. Put videos there, directly or in one subfolder per class"
    )


def no_accepted_video(folder: str, rejected: Sequence[VideoOutcome]) -> NoUsableVideos:
    """The error for a folder in which all files were rejected."""
    number = len(rejected)
    return NoUsableVideos(
        f"no usable video in {folder!r}: {number} of {number} files were rejected "
        f"({_first_rejections([_rejection(outcome) for outcome in rejected])}). Add longer or undamaged "
        "videos, or set ingest.num_frames, ingest.frame_stride or ingest.fps so that clips are shorter"
    )


def check_rejected(report: Mapping[str, Any], spec: IngestConfig) -> None:
    """Raises TooManyRejected when the ratio of rejected files is above `spec.max_rejected_ratio`."""
    found, rejected = report["videos"]["found"], report["videos"]["rejected"]
    if not rejected or len(rejected) / found <= spec.max_rejected_ratio:
        return
    codes = ", ".join(f"{code}: {number}" for code, number in report["rejected_by_code"].items())
    raise TooManyRejected(
        f"{len(rejected)} of {found} files in {report['source']!r} were rejected ({codes}). The ratio "
        f"{len(rejected) / found:.3g} is above ingest.max_rejected_ratio={spec.max_rejected_ratio:.3g}. "
        f"First rejections: {_first_rejections(rejected)}. Repair or remove these files, or raise the ratio"
    )


def ingest_report(
    statistics: IngestStatistics,
    spec: IngestConfig,
    source: str,
    notes: Sequence[str] = (),
    dataset: str = "",
) -> dict[str, Any]:
    """The content of REPORT_FILE: all rejected files of `source`, and statistics of the accepted videos.

    `dataset` says what was recognized. The report begins its notes with `notes`. Equal inputs give equal reports.
    """
    rejected = [_rejection(outcome) for outcome in statistics.rejected]
    return {
        "source": valid_unicode(source),
        "dataset": valid_unicode(dataset),
        "decoder": spec.decoder,
        "videos": {
            "found": statistics.found,
            "accepted": statistics.accepted,
            "decoded": statistics.decoded,
            "taken_over": statistics.taken_over,
            "seconds": statistics.seconds,
            "rejected": rejected,
        },
        "rejected_by_code": _most_frequent_first(statistics.rejected_by_code),
        "clips": sum(statistics.clips.values()),
        "static_clips": statistics.static_clips,
        "static_videos": _static_videos(statistics),
        "duplicates": _duplicates(statistics),
        "splits": {
            split: {"videos": videos, "clips": statistics.clips[split]}
            for split, videos in statistics.videos.items()
        },
        "labels": _by_name(statistics.clips_by_label),
        "label_videos": _by_name(sum(statistics.videos_by_label.values(), Counter())),
        **_histograms(statistics),
        "notes": [*notes, *notes_on(statistics)],
        "spec": spec.model_dump(mode="json"),
    }


def write_report(
    report: dict[str, Any], thumbnails: Mapping[Place, Sequence[Thumbnail]], folder: str
) -> None:
    """Writes PAGE_FILE, then REPORT_FILE, into a local or remote `folder`. Each write is atomic.

    `thumbnails` holds thumbnails of accepted videos by their place on the page, sorted by rank.
    """
    if not FileSystems.exists(folder):
        FileSystems.mkdirs(folder)
    page = render_ingest_page(report, thumbnails).encode("utf-8")
    write_file(FileSystems.join(folder, PAGE_FILE), page, mime_type="text/html")
    content = (json.dumps(report, indent=2) + "\n").encode("ascii")
    write_file(FileSystems.join(folder, REPORT_FILE), content, mime_type="application/json")


def _rejection(outcome: VideoOutcome) -> dict[str, str]:
    return {
        "path": display_path(outcome.video_id),
        "code": outcome.code,
        "message": valid_unicode(outcome.message),
    }


def _static_videos(statistics: IngestStatistics) -> dict[str, Any]:
    """The number of videos that have static clips, and the first ones by share of static clips."""
    return {
        "count": statistics.num_static_videos,
        "first": [
            {
                "path": display_path(outcome.video_id),
                "static_clips": outcome.static_clips,
                "clips": outcome.clips,
            }
            for outcome in statistics.static_videos
        ],
    }


def _duplicates(statistics: IngestStatistics) -> list[dict[str, Any]]:
    return [
        {"kept": display_path(original), "copies": [display_path(copy) for copy in copies]}
        for original, copies in statistics.copies
    ]


def _first_rejections(rejected: Sequence[Mapping[str, str]]) -> str:
    shown = "; ".join(
        f"{entry['path']}: {entry['code']}: {entry['message']}"
        for entry in rejected[:_REJECTIONS_IN_ERROR]
    )
    more = len(rejected) - _REJECTIONS_IN_ERROR
    return f"{shown}; and {more} more" if more > 0 else shown


def _histograms(statistics: IngestStatistics) -> dict[str, Any]:
    """Videos by duration (s), frame rate (1/s), resolution and format, and clips by motion (gray levels).

    Bin i covers values from edge i - 1 (included) to edge i (excluded). The last bin is open.
    """
    return {
        "durations": {
            "edges": list(DURATION_EDGES),
            "counts": list(statistics.durations),
            "unknown": statistics.unknown_durations,
        },
        "frame_rates": _frame_rates(statistics),
        "resolutions": _resolutions(statistics),
        "formats": _most_frequent_first(
            Counter(
                {
                    valid_unicode(f"{container}, {codec}"): number
                    for (container, codec), number in statistics.formats.items()
                }
            )
        ),
        "motion": {"edges": list(MOTION_EDGES), "counts": list(statistics.motion)},
    }


def _frame_rates(statistics: IngestStatistics) -> dict[str, Any]:
    """Videos by frame rate, rounded to integers, in increasing order."""
    rates = [rate for rate in statistics.frame_rates if rate is not None]
    return {
        "counts": {str(rate): statistics.frame_rates[rate] for rate in sorted(rates)},
        "unknown": statistics.frame_rates[None],
    }


def _resolutions(statistics: IngestStatistics) -> dict[str, Any]:
    counts = _most_frequent_first(
        Counter({f"{w}x{h}": number for (w, h), number in statistics.resolutions.items()})
    )
    shown = dict(list(counts.items())[:_RESOLUTIONS])
    return {"counts": shown, "others": sum(counts.values()) - sum(shown.values())}


def _most_frequent_first(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))


def _by_name(counts: Counter[bytes]) -> dict[str, int]:
    by_name: Counter[str] = Counter()
    for label, number in counts.items():
        by_name[display_path(label)] += number
    return dict(sorted(by_name.items()))
